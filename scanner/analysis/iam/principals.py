"""Principals: who a statement speaks to."""

from __future__ import annotations

import re
from typing import NamedTuple

from scanner.analysis.iam.grants import Part, part_of
from scanner.core.location import Location
from scanner.core.value import HOLE, Absent, MapValue, Unknown, Value
from scanner.core.view import View

ANY, ACCOUNT, IDENTITY, SERVICE, FEDERATED, CANONICAL, UNKNOWN, INVALID = (
    "any", "account", "identity", "service", "federated", "canonical", "unknown", "invalid",
)
KEYS = ("AWS", "Service", "Federated", "CanonicalUser")

_ACCOUNT = re.compile(r"\d{12}")
_ARN = re.compile(r"arn:[^:]*:(iam|sts)::([^:]*):(.+)")
_UNIQUE = re.compile(r"(AIDA|AROA|AGPA|ANPA)[A-Z0-9]{12,}")
_SERVICE = re.compile(r"[a-z0-9.*-]+\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)", re.IGNORECASE)
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
    if _ACCOUNT.fullmatch(text):
        return ACCOUNT, text, text
    arn = _ARN.fullmatch(text)
    if arn:
        account = arn.group(2)
        if HOLE in account:
            account = "own" if own_account(value) else HOLE
        elif not account.strip("*?"):
            return ANY if arn.group(3) in ("root", "*") else INVALID, text, ""
        return ACCOUNT if arn.group(3) == "root" else IDENTITY, text, account
    if text.startswith("arn:") and text.endswith(":iam::*"):
        return ANY, text, ""
    if HOLE in text:
        own = own_account(value)
        return (ACCOUNT if own else UNKNOWN), text, "own" if own else HOLE
    if _SERVICE.fullmatch(text):
        return SERVICE, text, ""
    if _UNIQUE.fullmatch(text):
        return IDENTITY, text, ""
    return INVALID, text, ""


def own_account(value: Value) -> bool:
    """Tell whether a partly known principal is built from the account's own number or from a resource of the run."""
    if not isinstance(value, Unknown):
        return False
    gaps = [part for part in value.parts if isinstance(part, Unknown)] or [value]
    return any(gap.label.endswith(OWN_ACCOUNT) or gap.refers is not None for gap in gaps)
