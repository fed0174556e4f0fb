"""Conditions: operators, keys and their types, and what a condition does to the reach of a grant."""

from __future__ import annotations

from scanner.analysis.iam.grants import Grant, Test
from scanner.analysis.network.addresses import is_world, parse
from scanner.core.value import HOLE
from scanner.facts.iam import FACTS

OPERATORS: dict[str, str] = {
    # operator in lower case, without IfExists -> type of its operands
    "stringequals": "String", "stringnotequals": "String", "stringequalsignorecase": "String",
    "stringnotequalsignorecase": "String", "stringlike": "String", "stringnotlike": "String",
    "numericequals": "Numeric", "numericnotequals": "Numeric", "numericlessthan": "Numeric",
    "numericlessthanequals": "Numeric", "numericgreaterthan": "Numeric", "numericgreaterthanequals": "Numeric",
    "dateequals": "Date", "datenotequals": "Date", "datelessthan": "Date", "datelessthanequals": "Date",
    "dategreaterthan": "Date", "dategreaterthanequals": "Date", "bool": "Bool", "binaryequals": "Binary",
    "ipaddress": "IPAddress", "notipaddress": "IPAddress", "arnequals": "ARN", "arnlike": "ARN",
    "arnnotequals": "ARN", "arnnotlike": "ARN", "null": "Bool",
}

POSITIVE = frozenset(("stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"))
"""Operators that name what is let in (their negations name what is kept out)."""

CALLER_KEYS = frozenset((
    "aws:principalorgid", "aws:principalorgpaths", "aws:principalarn", "aws:principalaccount",
    "aws:principalservicename", "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths",
    "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpcesourceip",
    "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths", "aws:sourceip", "aws:userid", "aws:username",
    "aws:principaltype", "kms:calleraccount", "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
    "s3:accesspointnetworkorigin", "lambda:functionurlauthtype", "elasticfilesystem:accesspointarn",
    "elasticfilesystem:accessedviamounttarget", "lambda:eventsourcetoken", "sts:externalid", "kms:viaservice",
    "sns:endpoint", "codestar-connections:providertype",
))
"""Keys whose value tells who calls, or from where."""

_PRESENT_FOR_ANYONE = frozenset(("kms:viaservice", "lambda:functionurlauthtype", "sts:externalid", "aws:principaltype"))

HARMLESS_KEYS = frozenset((
    "aws:securetransport", "aws:requestedregion", "aws:multifactorauthpresent", "aws:multifactorauthage",
    "aws:currenttime", "aws:epochtime", "aws:useragent", "aws:referer", "aws:tokenissuetime", "s3:tlsversion",
    "s3:signatureversion",
))
"""Keys that limit where and when an identity may use a grant, but not what the grant reaches."""


def limited(grant: Grant) -> bool:
    """Tell whether a condition limits what a grant reaches; the service a role is passed to does not."""
    return bool(grant.condition_open) or any(
        test.key.split("/")[0] not in HARMLESS_KEYS and test.key != "iam:passedtoservice" for test in grant.condition
    )


def pinned(test: Test, demanded: frozenset[str] = frozenset()) -> bool | None:
    """Tell whether a condition line narrows the callers to chosen ones; None when its value is not known.

    Lines that an anonymous request passes (IfExists, ForAllValues, negations, wildcards over accounts) do not. A
    request without the key passes IfExists and ForAllValues, unless another line demands the key (`demanded`).
    """
    if test.operator == "bool":
        return _pinned_bool(test)
    if test.operator not in POSITIVE or test.key not in CALLER_KEYS or test.key in _PRESENT_FOR_ANYONE:
        return False
    if (test.if_exists or test.qualifier == "forallvalues") and test.key not in demanded:
        return False
    if any(not _names_someone(test, text) for text in test.values.texts):
        return False
    if test.values.open:
        return None
    return bool(test.values.items)


def _pinned_bool(test: Test) -> bool:
    """Tell whether a boolean line shuts out everyone but an AWS service or a mount target."""
    true = any(text.lower() == "true" for text in test.values.texts)
    return test.key in ("aws:principalisawsservice", "elasticfilesystem:accessedviamounttarget") and true


def _names_someone(test: Test, text: str) -> bool:
    """Tell whether one operand chooses: no bare wildcard, no wildcard account, no world-wide range."""
    if not text.strip("*?"):
        return False
    if test.key in ("aws:sourceip", "aws:vpcesourceip"):
        found = parse(text)
        return found is None or not is_world(found)
    if test.key == "aws:userid":
        return not text.startswith("*")
    if text.startswith("arn:") and test.operator in ("stringlike", "arnlike", "arnequals"):
        fields = text.split(":", 5)
        account = fields[4] if len(fields) > 4 else ""
        if account.strip("*?") == "" and account:
            return False
        return not (account == "" and len(fields) > 5 and not fields[5].strip("*?"))
    if test.key.endswith(("orgid", "account", "owner")):
        return "*" not in text.replace(HOLE, "")
    return True


def demands(test: Test) -> bool:
    """Tell whether a line holds only when the request has its key: `Null` that is false."""
    values = test.values
    return test.operator == "null" and not values.open and [text.lower() for text in values.texts] == ["false"]


def caller_pinned(grant: Grant) -> bool | None:
    """Tell whether some condition line narrows the callers of a statement; lines must all hold, so one is enough."""
    demanded = frozenset(test.key for test in grant.condition if demands(test))
    answers = [pinned(test, demanded) for test in grant.condition]
    if any(answers):
        return True
    return None if grant.condition_open or None in answers else False


def key_type(key: str, services: list[str]) -> str | None:
    """Return the type of a condition key, global or of one of the services; None when nobody knows it."""
    prefix = key.split(":", 1)[0].lower()
    if prefix == "aws":
        return FACTS.global_key_type(key)
    for name in (prefix, *services):
        service = FACTS.service(name)
        if service is not None:
            for known, kind in service.key_types.items():
                if same_key(key, known):
                    return kind
    return None


def same_key(written: str, known: str) -> bool:
    """Tell whether a written key is the known one; `${TagKey}` and `<key>` in the known one stand for any name."""
    written, known = written.lower(), known.lower()
    if written == known:
        return True
    for opening in ("${", "<", "tag-key"):
        at = known.find(opening)
        if at > 0:
            return written.startswith(known[:at]) and len(written) > at
    return False
