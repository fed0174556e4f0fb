"""Principals: who a statement speaks to."""

from __future__ import annotations

from typing import NamedTuple

from scanner.analysis.iam.grants import Part, part_of
from scanner.core.location import Location
from scanner.core.value import HOLE, Absent, MapValue, Unknown, Value
from scanner.core.view import View

ANY, ACCOUNT, IDENTITY, SERVICE, FEDERATED, CANONICAL, UNKNOWN, INVALID = (
    "any", "account", "identity", "service", "federated", "canonical", "unknown", "invalid",
)
KEYS = ("AWS", "Service", "Federated", "CanonicalUser")

ACCOUNT_DIGITS = 12
_SERVICES = (".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".aws.internal")
_UNIQUE = ("AIDA", "AROA", "AGPA", "ANPA")
OWN_ACCOUNT = ("AWS::AccountId", "account_id")


class Principal(NamedTuple):
    """One principal: its kind, its text with a HOLE for unknown pieces, its account when one is written or own."""

    kind: str
    text: str
    account: str
    at: Location
    value: Value


def principals_of(value: Value, view: View) -> tuple[list[Principal], str]:
    """Return the principals of an element, and why more may be in it (empty when all are known)."""
    element = view.seen(value)
    if isinstance(element, Absent):
        return [], ""
    if isinstance(element, MapValue):
        found, reason = [], element.rest.reason if element.rest is not None else ""
        for key, entry in element.entries.items():
            part = part_of(entry, view)
            found += _classified(part, key)
            reason = reason or part.open
        return found, reason
    if isinstance(element, Unknown) and not element.parts and element.refers is None:
        return [], element.reason
    part = part_of(element, view)
    return _classified(part, ""), part.open


def _classified(part: Part, key: str) -> list[Principal]:
    return [Principal(*_kind(item.text, key, item.value), item.at, item.value) for item in part.items]


def _kind(text: str, key: str, value: Value) -> tuple[str, str, str]:
    """Return (kind, text, account) of one principal under a key of the Principal element."""
    if text == "*" and key in ("", "AWS"):
        return ANY, text, ""
    if key == "Service":
        return SERVICE, text, ""
    if key == "Federated":
        return FEDERATED, text, ""
    if key == "CanonicalUser":
        return CANONICAL, text, ""
    if key not in ("", "AWS"):
        return INVALID, text, ""
    return _aws_kind(text, value)


def _aws_kind(text: str, value: Value) -> tuple[str, str, str]:
    if len(text) == ACCOUNT_DIGITS and text.isdigit():
        return ACCOUNT, text, text
    fields = text.split(":", 5)
    if len(fields) == 6 and fields[0] == "arn" and fields[2] in ("iam", "sts") and not fields[3]:
        return _arn_kind(text, fields[4], fields[5], value)
    if text.startswith("arn:") and text.endswith(":iam::*"):
        return ANY, text, ""
    if HOLE in text:
        own = own_account(value)
        return (ACCOUNT if own else UNKNOWN), text, "own" if own else HOLE
    if text.lower().endswith(_SERVICES):
        return SERVICE, text, ""
    if text.startswith(_UNIQUE) and text.isalnum() and len(text) >= 16:
        return IDENTITY, text, ""
    return INVALID, text, ""


def _arn_kind(text: str, account: str, name: str, value: Value) -> tuple[str, str, str]:
    if HOLE in account:
        account = "own" if own_account(value) else HOLE
    elif not account.strip("*?"):
        return ANY if name in ("root", "*") else INVALID, text, ""
    return ACCOUNT if name == "root" else IDENTITY, text, account


def own_account(value: Value) -> bool:
    """Tell whether a partly known principal is built from the account's own number or from a resource of the run."""
    if not isinstance(value, Unknown):
        return False
    gaps = [part for part in value.parts if isinstance(part, Unknown)] or [value]
    return any(gap.label.endswith(OWN_ACCOUNT) or gap.refers is not None for gap in gaps)
