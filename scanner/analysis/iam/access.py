"""Access: is a resource open to anyone, to another account, to a confused deputy?"""

from __future__ import annotations

from typing import NamedTuple

from scanner.analysis.iam.conditions import CALLER_KEYS, POSITIVE, caller_pinned
from scanner.analysis.iam.grants import Grant
from scanner.analysis.iam.principals import ACCOUNT, ANY, FEDERATED, IDENTITY, SERVICE, Principal, principals_of
from scanner.core.location import Location
from scanner.core.value import HOLE, Absent
from scanner.core.view import View


class Opening(NamedTuple):
    """What was found: `holds` three-valued, in words, and where."""

    holds: bool | None
    why: str = ""
    at: Location | None = None


CLOSED = Opening(False)


def anyone(grant: Grant, view: View) -> Opening:
    """Tell whether an allowing statement names everyone (`*`, or NotPrincipal), whatever its conditions say."""
    if grant.statement_open:
        return Opening(None, grant.statement_open)
    if grant.effect != "allow":
        return CLOSED
    if not isinstance(view.seen(grant.statement.not_principal), Absent):
        return Opening(True, "everyone but the principals of NotPrincipal", grant.statement.not_principal.at)
    found, reason = principals_of(grant.statement.principal, view)
    for principal in found:
        if principal.kind == ANY:
            return Opening(True, "any principal", principal.at)
    return Opening(None, f"the principal is not known: {reason}") if reason else CLOSED


def named_everyone(grant: Grant, view: View) -> bool | None:
    """Tell whether a statement's Principal is everyone, whether it allows or denies."""
    found, reason = principals_of(grant.statement.principal, view)
    if any(principal.kind == ANY for principal in found):
        return True
    return None if reason else False


def public(grant: Grant, view: View) -> Opening:
    """Tell whether a statement lets anyone in: everyone is named and no condition narrows the callers."""
    opening = anyone(grant, view)
    if opening.holds is False:
        return CLOSED
    narrowed = caller_pinned(grant)
    if narrowed:
        return CLOSED
    if narrowed is None and opening.holds:
        return Opening(None, f"the condition is not known: {grant.condition_open or 'a value in it is not known'}")
    return opening


def accounts_in_conditions(grant: Grant) -> tuple[set[str], bool]:
    """Return the account numbers that conditions on the caller name, and whether such a condition exists at all."""
    accounts: set[str] = set()
    exists = False
    for test in grant.condition:
        if test.operator not in POSITIVE or test.if_exists:
            continue
        if test.key in ("aws:sourceaccount", "aws:principalaccount", "kms:calleraccount", "aws:sourceowner"):
            exists = True
            accounts.update(test.values.texts)
        elif test.key in ("aws:sourcearn", "aws:principalarn"):
            exists = True
            for text in test.values.texts:
                fields = text.split(":")
                accounts.add(fields[4] if len(fields) > 4 and fields[4] else text)
    return {account for account in accounts if account.strip("*?")}, exists


def organisation_pinned(grant: Grant) -> bool:
    """Tell whether a condition line demands one's organisation."""
    keys = ("aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths")
    return any(test.key in keys and test.operator in POSITIVE and not test.if_exists for test in grant.condition)


def foreign(grant: Grant, view: View, trusted: frozenset[str], federated: bool = True) -> Opening:
    """Tell whether a statement lets a named account in that is neither the own one nor trusted.

    `federated`: an identity provider with the number of another account counts too.
    """
    if grant.statement_open:
        return Opening(None, grant.statement_open)
    if grant.effect != "allow":
        return CLOSED
    found, reason = principals_of(grant.statement.principal, view)
    unsure = reason
    for principal in found:
        if principal.kind in (ACCOUNT, IDENTITY) and principal.account not in ("own", "", "cloudfront"):
            if principal.account == HOLE:
                unsure = unsure or "the account of a principal is not known"
            elif principal.account not in trusted and principal.text not in trusted:
                return Opening(True, f"account {principal.account}", principal.at)
        elif federated and principal.kind == FEDERATED and principal.text not in trusted:
            opening = _foreign_provider(principal, trusted)
            if opening.holds:
                return opening
    return Opening(None, unsure) if unsure else CLOSED


def _foreign_provider(principal: Principal, trusted: frozenset[str]) -> Opening:
    fields = principal.text.split(":")
    if len(fields) < 6:
        return CLOSED
    account = fields[4]
    if HOLE in account or account in trusted:
        return CLOSED
    return Opening(True, f"the identity provider of account {account}", principal.at)


SOURCE_KEYS = frozenset((
    "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:principalorgid",
    "aws:sourceowner", "aws:principalaccount", "aws:principalarn", "kms:calleraccount", "kms:viaservice",
    "kms:encryptioncontext",
))


def confused_deputy(grant: Grant, view: View, services: frozenset[str]) -> Opening:
    """Tell whether a statement trusts a service that acts for many customers without saying for whom.

    `services` are service names (`sns`, `s3`); empty means any service.
    """
    if grant.effect != "allow":
        return CLOSED
    found, _ = principals_of(grant.statement.principal, view)
    if any(test.key in SOURCE_KEYS or test.key.startswith("kms:encryptioncontext") for test in grant.condition):
        return CLOSED
    for principal in found:
        if principal.kind == SERVICE and (not services or principal.text.split(".")[0] in services):
            if grant.condition_open:
                return Opening(None, grant.condition_open)
            return Opening(True, principal.text, principal.at)
    return CLOSED


_ARN_ACCOUNT_FIELD = 4


def beyond(grant: Grant, view: View, trusted: frozenset[str]) -> Opening:
    """Tell whether a statement lets anyone in whom the list of trusted ids does not name.

    Trusted are account numbers, principals, organisations, VPCs and endpoints. Among everyone (`*`) only conditions
    whose operands are all trusted confine the callers; the own account, computed, is always trusted.
    """
    opening = foreign(grant, view, trusted)
    if opening.holds or grant.effect != "allow":
        return opening
    wide = anyone(grant, view)
    if wide.holds is not True:
        return opening if wide.holds is False else wide
    confined = False
    for test in grant.condition:
        if test.key not in CALLER_KEYS or test.operator not in POSITIVE:
            continue
        if test.values.open:
            return Opening(None, test.values.open)
        strange = [text for text in test.values.texts if not _trusted(text, trusted)]
        if strange:
            return Opening(True, f"{strange[0]} by a condition", test.at)
        confined = True
    return CLOSED if confined else wide


def _trusted(text: str, trusted: frozenset[str]) -> bool:
    fields = text.split(":")
    account = fields[_ARN_ACCOUNT_FIELD] if len(fields) > _ARN_ACCOUNT_FIELD else text
    return text in trusted or account in trusted or HOLE in account
