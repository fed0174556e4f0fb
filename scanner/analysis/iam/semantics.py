"""Faults that need the table of AWS actions: names that do not exist, keys and resources that never meet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from scanner.analysis.globs import is_glob, overlaps
from scanner.analysis.iam.actions import names_in, services_of
from scanner.analysis.iam.conditions import OPERATORS, demands, key_type, limited, same_key
from scanner.analysis.iam.grants import Grant, Item, Test
from scanner.analysis.iam.scope import covers_type, fits_type, is_star
from scanner.analysis.network.addresses import parse
from scanner.core.location import Location
from scanner.core.value import HOLE
from scanner.facts.iam import FACTS, Action

if TYPE_CHECKING:
    from scanner.analysis.iam.grammar import Reading

Fault = tuple[Location, str]

_DATE = r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?|\d{9,13}"
_NUMBER = r"[+-]?\d+(\.\d+)?"
MAX_EXPANDED = 400
"""Actions of one pattern that are looked at one by one; wider patterns are taken as meant."""


def _actions(grant: Grant) -> Iterator[Item]:
    yield from grant.action.items
    yield from grant.not_action.items


def unknown_prefix(reading: Reading) -> Iterator[Fault]:
    """Yield actions of a service that does not exist."""
    for grant in reading.grants:
        for item in _actions(grant):
            prefix = item.text.partition(":")[0]
            if item.text == "*" or HOLE in prefix or is_glob(prefix):
                continue
            if FACTS.service(prefix) is None and ":" in item.text:
                yield item.at, f"no service has the prefix {prefix!r}"


def unknown_action(reading: Reading) -> Iterator[Fault]:
    """Yield actions that match nothing: misspelt, retired, or without a prefix."""
    for grant in reading.grants:
        for item in _actions(grant):
            prefix, colon, name = item.text.partition(":")
            if (item.text and not item.text.strip("*")) or HOLE in item.text:
                continue
            if not colon:
                yield item.at, f"{item.text!r} has no service prefix"
                continue
            service = None if is_glob(prefix) else FACTS.service(prefix)
            if service is not None and not names_in(service, name):
                yield item.at, f"no action of {prefix} matches {item.text!r}"


def _expanded(item: Item) -> list[Action]:
    """Return the actions of a pattern, none when it is as wide as a whole service."""
    if HOLE in item.text or item.text == "*" or item.text.endswith(":*"):
        return []
    found = []
    for service, glob in services_of(item.text):
        for name in names_in(service, glob):
            action = service.action(name)
            if action is not None:
                found.append(action)
            if len(found) > MAX_EXPANDED:
                return []
    return found


def resource_mismatch(reading: Reading) -> Iterator[Fault]:
    """Yield actions that none of the statement's resources can be meant for."""
    if reading.policy.role not in ("identity", "boundary", ""):
        return
    for grant in reading.grants:
        if not grant.resource.items or grant.resource.open or any(is_star(text) for text in grant.resource.texts):
            continue
        for item in grant.action.items:
            for action in _expanded(item):
                if not _fits(action, grant):
                    wanted = ", ".join(action.resources) or "*"
                    yield item.at, f"{action.full} needs a resource of type {wanted}"
                    break


def _fits(action: Action, grant: Grant) -> bool:
    service = FACTS.service(action.service)
    if service is None:
        return True
    patterns = [service.arns[kind] for kind in action.resources if kind in service.arns]
    return any(fits_type(text, arn) for text in grant.resource.texts for arn in patterns)


def resource_star(reading: Reading) -> Iterator[Fault]:
    """Yield Resource `*` for actions that can be limited to resources, where no condition limits them either."""
    for grant in reading.grants:
        star = next((item for item in grant.resource.items if is_star(item.text)), None)
        if grant.effect != "allow" or star is None or limited(grant):
            continue
        limitable = next((action for item in grant.action.items for action in _wide(item) if action.resources), None)
        if limitable is not None:
            yield star.at, f"{limitable.full} could be limited to resources"


def _wide(item: Item) -> Iterator[Action]:
    for service, glob in services_of(item.text):
        for name in names_in(service, glob):
            action = service.action(name)
            if action is not None:
                yield action


def effectively_star(reading: Reading) -> Iterator[Fault]:
    """Yield resources that are written out but take in everything of a kind (`arn:aws:s3:::*`)."""
    for grant in reading.grants:
        if grant.effect != "allow":
            continue
        for item in grant.resource.items:
            if not is_star(item.text) and "*" in item.text and _covers_all(item, grant):
                yield item.at, f"{item.text.replace(HOLE, '...')} takes in everything"


def _covers_all(item: Item, grant: Grant) -> bool:
    if item.text.split(":", 5)[-1].strip("*/") != "" and not item.text.endswith("*"):
        return False
    for pattern in grant.action.items:
        for action in _wide(pattern):
            service = FACTS.service(action.service)
            arns = [service.arns.get(kind, "") for kind in action.resources] if service is not None else []
            if any(covers_type(item.text, arn) for arn in arns):
                return True
            break
    return False


def unknown_operator(reading: Reading) -> Iterator[Fault]:
    """Yield condition operators that do not exist."""
    for grant in reading.grants:
        for test in grant.condition:
            if test.operator not in OPERATORS:
                yield test.at, f"no condition operator is called {test.operator!r}"


def unknown_condition(reading: Reading) -> Iterator[Fault]:
    """Yield condition keys that none of the statement's actions knows: the condition never or always holds."""
    for grant in reading.grants:
        actions = [action for item in grant.action.items for action in _expanded(item)]
        wide = [item for item in grant.action.items if not _expanded(item)]
        if grant.not_action.stated or wide or not actions or reading.policy.role == "trust":
            continue
        for test in grant.condition:
            if HOLE in test.key or FACTS.global_key_type(test.key) is not None:
                continue
            stranger = next((action for action in actions if not _knows(action, test.key)), None)
            if stranger is not None:
                yield test.at, f"{stranger.full} does not know the condition key {test.key}"


def _knows(action: Action, key: str) -> bool:
    return any(same_key(key, known) for known in action.keys)


def _typed(reading: Reading) -> Iterator[tuple[Test, str, str | None]]:
    """Yield (line, operator type, key type) of all condition lines; types are empty or None where unknown."""
    for grant in reading.grants:
        services = sorted({item.text.partition(":")[0] for item in grant.action.items if ":" in item.text})
        for test in grant.condition:
            kind = key_type(test.key, services)
            yield test, OPERATORS.get(test.operator, ""), kind.removeprefix("ArrayOf") if kind else None


def mismatched_type(reading: Reading) -> Iterator[Fault]:
    """Yield condition lines whose operator or operand cannot fit the key: they never hold."""
    for test, operator, kind in _typed(reading):
        if not operator:
            yield test.at, f"{test.operator} has no type to compare {test.key} by"
        elif test.operator == "null":
            continue
        elif kind is not None and not _comparable(operator, kind) and not test.key.startswith("kms:encryptioncontext"):
            yield test.at, f"{test.key} is {kind}, the operator compares {operator}"
        else:
            wanted = kind if operator == "String" and kind in ("Numeric", "Date", "Bool") else operator
            for item in test.values.items:
                if not fits(item.text, wanted or operator):
                    yield item.at, f"{item.text!r} is not of type {wanted}"


def usable_mismatch(reading: Reading) -> Iterator[Fault]:
    """Yield condition lines that compare ARNs or addresses as plain text: they work, but case and wildcards differ."""
    for test, operator, kind in _typed(reading):
        if operator == "String" and kind in ("ARN", "Bool") and test.operator != "null":
            yield test.at, f"{test.key} is {kind}, the operator compares String"


def null_mismatch(reading: Reading) -> Iterator[Fault]:
    """Yield Null conditions whose operand is neither true nor false."""
    for test, _, _ in _typed(reading):
        if test.operator == "null":
            for item in test.values.items:
                if HOLE not in item.text and item.text.lower() not in ("true", "false"):
                    yield item.at, f"Null takes true or false, not {item.text!r}"


def _comparable(operator: str, kind: str) -> bool:
    if operator == kind:
        return True
    return operator in ("String", "Binary") and kind in ("ARN", "Bool", "String", "Binary")


def fits(text: str, kind: str) -> bool:
    """Tell whether an operand may be of a type; policy variables and unknown pieces fit everywhere."""
    if HOLE in text or "${" in text:
        return True
    if kind == "Numeric":
        return bool(re.fullmatch(_NUMBER, text))
    if kind == "Date":
        return bool(re.fullmatch(_DATE, text))
    if kind == "Bool":
        return text.lower() in ("true", "false")
    if kind == "IPAddress":
        return parse(text) is not None
    if kind == "ARN":
        return not text.strip("*") or text.startswith("arn:") or text.startswith("*")
    return True


def bad_mfa(reading: Reading) -> Iterator[Fault]:
    """Yield MFA conditions that do not ask for MFA: allowed when it is absent, or denied only when the key is there."""
    for grant in reading.grants:
        for test in grant.condition:
            if test.key != "aws:multifactorauthpresent" or test.operator != "bool":
                continue
            values = {text.lower() for text in test.values.texts}
            if grant.effect == "allow" and "false" in values:
                yield test.at, "the statement allows without MFA"
            elif grant.effect == "allow" and test.if_exists and "true" in values:
                yield test.at, "the condition also holds for requests with access keys, which say nothing about MFA"
            elif grant.effect == "deny" and not test.if_exists and "false" in values:
                yield test.at, "requests with access keys do not carry the key, so the denial misses them"


def single_value_set(reading: Reading) -> Iterator[Fault]:
    """Yield ForAllValues on a key with one value in an allowing statement: it also holds when the key is missing."""
    for grant in reading.grants:
        if grant.effect != "allow":
            continue
        services = sorted({item.text.partition(":")[0] for item in grant.action.items if ":" in item.text})
        demanded = {test.key for test in grant.condition if demands(test)}
        for test in grant.condition:
            kind = None if test.key in demanded else key_type(test.key, services)
            if test.qualifier == "forallvalues" and kind is not None and not kind.startswith("ArrayOf"):
                yield test.at, f"ForAllValues on {test.key} also holds when the key is missing"


_BUCKET_CONTROL = ("s3:putbucketpolicy", "s3:putbucketacl", "s3:putbucketpublicaccessblock")


def bucket_self_escalation(reading: Reading) -> Iterator[Fault]:
    """Yield a right to rewrite a bucket's own policy beside limited rights on its objects."""
    from scanner.analysis.iam.actions import covered

    for grant in reading.grants:
        if grant.effect != "allow":
            continue
        control = next((action for action in _BUCKET_CONTROL if covered(grant.action, action)), None)
        if control is None:
            continue
        for item in grant.resource.items:
            if is_star(item.text) or "/" in item.text:
                continue
            if _object_rights(reading.grants, item.text):
                yield item.at, f"{control} lets the holder rewrite the policy that limits its own rights"


def _object_rights(grants: list[Grant], bucket: str) -> bool:
    """Tell whether the statements grant some, but not all, of the actions on objects of a bucket."""
    from scanner.analysis.iam.actions import covered

    service = FACTS.service("s3")
    if service is None:
        return False
    missing = {f"s3:{action.name.lower()}" for action in service.actions() if "object" in action.resources}
    touched = False
    for grant in grants:
        if grant.effect == "allow" and any(overlaps(text, f"{bucket}/*") for text in grant.resource.texts):
            touched = True
            missing -= {action for action in missing if covered(grant.action, action)}
    return touched and bool(missing)


FAULTS: dict[str, Callable[[Reading], Iterator[Fault]]] = {
    "unknown-prefix": unknown_prefix, "unknown-action": unknown_action, "resource-mismatch": resource_mismatch,
    "resource-star": resource_star, "effectively-star": effectively_star, "unknown-operator": unknown_operator,
    "unknown-condition": unknown_condition, "mismatched-type": mismatched_type, "usable-mismatch": usable_mismatch,
    "null-mismatch": null_mismatch, "bad-mfa": bad_mfa, "single-value-set": single_value_set,
    "bucket-self-escalation": bucket_self_escalation,
}
