"""Faults of policy documents: what IAM refuses, ignores or understands otherwise than its author.

Each fault has a name that rules use; a function yields (place, sentence) for every occurrence in one policy. Unknown
texts are no faults. Sources: the IAM policy grammar and element reference, and the action table in `scanner.facts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from scanner.analysis.iam.grants import Grant, grants_of
from scanner.analysis.iam.principals import FEDERATED, INVALID, principals_of
from scanner.core.location import Location
from scanner.core.subject import Policy, Subject
from scanner.core.value import HOLE, Absent, ListValue, MapValue, Scalar, Unknown, Value
from scanner.core.view import NO, Answer, View

Fault = tuple[Location, str]

_VERSIONS = ("2012-10-17", "2008-10-17")
_TOP = frozenset(("Version", "Id", "Statement"))
_ELEMENTS = frozenset((
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
))
_PAIRS = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))
_SID = r"[0-9A-Za-z]*"
_LOOSE_SID = r"[0-9A-Za-z _.,:/+=@-]*"
_PROVIDER = (
    r"arn:[^:]*:iam::[^:]*:(saml|oidc)-provider/.+|cognito-identity\.amazonaws\.com|www\.amazon\.com|"
    r"graph\.facebook\.com|accounts\.google\.com|appstream\.amazonaws\.com|\*")
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc", "*")


class Reading(NamedTuple):
    """A policy as the fault functions see it."""

    policy: Policy
    document: Value
    grants: list[Grant]
    view: View

    def elements(self) -> Iterator[MapValue]:
        """Yield the statements that are readable."""
        for grant in self.grants:
            element = self.view.seen(grant.statement.element)
            if isinstance(element, MapValue):
                yield element


def policy_fault(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a policy has the fault named by `fault`; the place is that of the first occurrence."""
    if not isinstance(subject, Policy):
        return NO
    from scanner.analysis.iam import semantics

    check = FAULTS.get(str(arguments["fault"])) or semantics.FAULTS[str(arguments["fault"])]
    document = view.seen(subject.document)
    if isinstance(document, Unknown):
        return Answer(None, subject.at, document.reason)
    found = list(check(Reading(subject, document, grants_of(subject, view), view)))
    if not found:
        return NO
    at, why = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    related = tuple((also, place) for place, also in found[1:4])
    return Answer(True, at if at.path else subject.at, why + more, related)


def _entries(value: Value) -> tuple[Value, ...]:
    if isinstance(value, Absent):
        return ()
    return value.items if isinstance(value, ListValue) else (value,)


def malformed(reading: Reading) -> Iterator[Fault]:
    """Yield what makes IAM refuse the document: wrong shape, missing, unknown or contradicting elements."""
    document, policy = reading.document, reading.policy
    if not isinstance(document, MapValue):
        yield policy.at, "the document is not an object"
        return
    for key in document.entries:
        if key not in _TOP:
            yield document.key_at(key), f"unknown element {key}"
    if "Statement" not in document.entries and document.rest is None:
        yield policy.at, "there is no Statement"
    for item in _entries(reading.view.seen(document.get("Statement"))):
        if isinstance(item, MapValue):
            yield from _malformed_statement(item, policy.role)
        elif not isinstance(item, Unknown):
            yield item.at, "a statement is not an object"


def _malformed_statement(element: MapValue, role: str) -> Iterator[Fault]:
    at = element.at
    for key in element.entries:
        if key not in _ELEMENTS:
            yield element.key_at(key), f"unknown element {key}"
    if element.rest is not None:
        return
    effect = element.get("Effect")
    if isinstance(effect, Absent):
        yield at, "there is no Effect"
    elif isinstance(effect, Scalar) and effect.content not in ("Allow", "Deny"):
        yield effect.at, f"Effect is {effect.content!r}; only Allow and Deny exist"
    if "Action" not in element.entries and "NotAction" not in element.entries:
        yield at, "there is neither Action nor NotAction"
    for one, other in _PAIRS:
        if one in element.entries and other in element.entries:
            yield element.key_at(other), f"{one} and {other} stand in one statement"
    yield from _malformed_by_role(element, role)


def _malformed_by_role(element: MapValue, role: str) -> Iterator[Fault]:
    has_resource = "Resource" in element.entries or "NotResource" in element.entries
    has_principal = "Principal" in element.entries or "NotPrincipal" in element.entries
    if role in ("identity", "boundary", "scp") and has_principal:
        yield element.key_at("Principal"), "an identity policy has no Principal"
    if role in ("resource", "trust") and not has_principal:
        yield element.at, "there is no Principal"
    if role == "trust" and has_resource:
        yield element.key_at("Resource"), "a trust policy has no Resource"
    if role in ("identity", "boundary") and not has_resource:
        yield element.at, "there is neither Resource nor NotResource"
    condition = element.get("Condition")
    if isinstance(condition, (Scalar, ListValue)):
        yield condition.at, "Condition is not an object"


def no_version(reading: Reading) -> Iterator[Fault]:
    """Yield a document without Version: IAM then reads it by the rules of 2008, without policy variables."""
    if isinstance(reading.document, MapValue) and isinstance(reading.document.get("Version"), Absent):
        # where Version would stand: before the first key
        yield next(iter(reading.document.keys_at.values()), reading.policy.at), "there is no Version"


def old_version(reading: Reading) -> Iterator[Fault]:
    """Yield Version 2008-10-17."""
    version = reading.view.seen(reading.document.get("Version"))
    if isinstance(version, Scalar) and str(version.content) == "2008-10-17":
        yield version.at, "Version is 2008-10-17"


def invalid_version(reading: Reading) -> Iterator[Fault]:
    """Yield a Version that does not exist."""
    version = reading.view.seen(reading.document.get("Version"))
    if isinstance(version, Scalar) and str(version.content) not in _VERSIONS:
        yield version.at, f"Version {version.content} does not exist"


def duplicate_sid(reading: Reading) -> Iterator[Fault]:
    """Yield a Sid that a statement above has already."""
    seen: set[str] = set()
    for element in reading.elements():
        sid = element.get("Sid")
        if isinstance(sid, Scalar) and isinstance(sid.content, str) and sid.content:
            if sid.content in seen:
                yield sid.at, f"Sid {sid.content} stands twice"
            seen.add(sid.content)


def invalid_sid(reading: Reading) -> Iterator[Fault]:
    """Yield a Sid with characters that are not allowed; resource policies take a few more."""
    pattern = _LOOSE_SID if reading.policy.role in ("resource", "endpoint") else _SID
    for element in reading.elements():
        sid = element.get("Sid")
        if isinstance(sid, Scalar) and sid.content is not None and not re.fullmatch(pattern, str(sid.content)):
            yield sid.at, f"Sid {sid.content!r} has characters beyond letters and digits"


def invalid_arn(reading: Reading) -> Iterator[Fault]:
    """Yield resources that are neither `*` nor an ARN of six fields."""
    for element in reading.elements():
        for key in ("Resource", "NotResource"):
            for item in _entries(element.get(key)):
                if isinstance(item, MapValue):
                    yield item.at, f"{key} holds an object, not an ARN"
                elif isinstance(item, Scalar):
                    why = arn_fault(str(item.content))
                    if why:
                        yield item.at, why


def arn_fault(text: str) -> str:
    """Return what is wrong with a resource pattern, or nothing."""
    if not text.strip("*?") or HOLE in text:
        return "" if text else "a resource is empty"
    fields = text.split(":", 5)
    if text.startswith("${"):
        return ""
    if len(fields) < 6:
        open_end = text.startswith("arn:") and "*" in fields[-1] and "/" not in fields[-1]
        return "" if open_end else f"{text!r} is not an ARN: it has fewer than six fields"
    if fields[0] != "arn":
        return f"{text!r} is not an ARN: it does not start with arn:"
    if fields[1] not in _PARTITIONS and "*" not in fields[1] and "$" not in fields[1]:
        return f"{fields[1]!r} is not a partition"
    if fields[4].strip("*?") and "$" not in fields[4] and not _account(fields[4]):
        return f"{fields[4]!r} is not an account number"
    if fields[4] and fields[2] == "s3" and "/" not in fields[5] and not fields[3]:
        return "the ARN of a bucket has no account"
    return ""


def _account(text: str) -> bool:
    from_service = text in ("aws", "cloudfront", "aws-managed", "third-party")
    digits = text.replace("*", "").replace("?", "")
    return from_service or (digits.isdigit() and (len(text) == 12 or digits != text))


def unknown_principal(reading: Reading) -> Iterator[Fault]:
    """Yield principals that are no account, identity, service or provider."""
    for grant in reading.grants:
        for value in (grant.statement.principal, grant.statement.not_principal):
            for principal in principals_of(value, reading.view)[0]:
                if principal.kind == INVALID and not principal.text.startswith("${"):
                    yield principal.at, f"{principal.text!r} is no principal"


def unknown_federation(reading: Reading) -> Iterator[Fault]:
    """Yield federated principals that are no identity provider."""
    for grant in reading.grants:
        for principal in principals_of(grant.statement.principal, reading.view)[0]:
            if principal.kind != FEDERATED or HOLE in principal.text:
                continue
            if not re.fullmatch(_PROVIDER, principal.text):
                yield principal.at, f"{principal.text!r} is no identity provider"


FAULTS: dict[str, Callable[[Reading], Iterator[Fault]]] = {
    "malformed": malformed, "no-version": no_version, "old-version": old_version, "invalid-version": invalid_version,
    "duplicate-sid": duplicate_sid, "invalid-sid": invalid_sid, "invalid-arn": invalid_arn,
    "unknown-principal": unknown_principal, "unknown-federation": unknown_federation,
}
