"""Privilege escalation: does a policy, all statements and denials together, grant every action of a path?"""

from __future__ import annotations

from typing import NamedTuple

from scanner.analysis.iam.actions import names_action
from scanner.analysis.iam.conditions import HARMLESS_KEYS
from scanner.analysis.iam.grants import Grant
from scanner.analysis.iam.scope import any_resource, reaches_all
from scanner.core.location import Location
from scanner.facts.iam import FACTS
from scanner.facts.iam.escalation import EscalationPath

PASS_ROLE = "iam:passrole"


class Held(NamedTuple):
    """Whether an action is granted without limits, why not known, and the entry that grants it."""

    holds: bool | None
    why: str = ""
    at: Location | None = None


def held(grants: list[Grant], action: str, passed_to: tuple[str, ...] = ()) -> Held:
    """Tell whether the statements together grant a lower-case action on everything it can be used on."""
    best = Held(False)
    for grant in grants:
        if grant.effect != "allow":
            continue
        answer = _granted(grant, action, passed_to)
        if answer.holds:
            best = answer
            break
        if answer.holds is None:
            best = answer
    if best.holds is False:
        return best
    denied = _denied(grants, action)
    if denied is True:
        return Held(False)
    return Held(None, "a denial depends on a condition", best.at) if denied is None else best


def _granted(grant: Grant, action: str, passed_to: tuple[str, ...]) -> Held:
    named = names_action(grant, action)
    if named is False:
        return Held(False)
    reach = reaches_all(grant, spelled(action))
    if reach is False:
        return Held(False)
    at = _entry(grant, action)
    conditioned = _condition(grant, action, passed_to)
    if conditioned is False:
        return Held(False)
    if named is None or reach is None:
        return Held(None, "actions or resources of a statement are not known", at)
    if conditioned is None:
        return Held(None, f"{spelled(action)} is granted under a condition", at)
    return Held(True, "", at)


def _condition(grant: Grant, action: str, passed_to: tuple[str, ...]) -> bool | None:
    """Tell whether the statement's conditions leave the action as wide as it is; None when they may not."""
    unsure = bool(grant.condition_open)
    for test in grant.condition:
        if test.key == "iam:passedtoservice" and action == PASS_ROLE:
            texts = [text.lower() for text in test.values.texts]
            if test.operator in ("stringequals", "stringlike", "stringequalsignorecase") and not test.values.open:
                if not passed_to or not any(_service(text, passed_to) for text in texts):
                    return False
            else:
                unsure = True
        elif test.key.split("/")[0] not in HARMLESS_KEYS:
            unsure = True
    return None if unsure else True


def _service(text: str, passed_to: tuple[str, ...]) -> bool:
    from scanner.analysis.globs import matches

    return any(matches(text, service) for service in passed_to)


def _denied(grants: list[Grant], action: str) -> bool | None:
    """Tell whether an unconditional denial takes the action away everywhere; None when a condition decides."""
    unsure = False
    for grant in grants:
        if grant.effect != "deny" or not names_action(grant, action) or not any_resource(grant):
            continue
        if grant.not_resource.stated:
            unsure = True
        elif not grant.condition and not grant.condition_open:
            return True
        elif any(test.key.split("/")[0] not in HARMLESS_KEYS for test in grant.condition):
            unsure = True
    return None if unsure else False


def _entry(grant: Grant, action: str) -> Location:
    from scanner.analysis.globs import matches

    for item in grant.action.items:
        if matches(item.text, action):
            return item.at
    return grant.statement.not_action.at if grant.not_action.stated else grant.at


def spelled(action: str) -> str:
    """Return a lower-case action as AWS spells it; unknown ones stay."""
    prefix, _, name = action.partition(":")
    service = FACTS.service(prefix)
    return f"{prefix}:{service.spelling(name) or name}" if service is not None else action


def open_path(grants: list[Grant], path: EscalationPath) -> Held:
    """Tell whether every action of the path is granted."""
    place: Location | None = None
    unsure = Held(True)
    for action in path.actions:
        answer = held(grants, action, path.passed_to)
        if answer.holds is False:
            return Held(False)
        if answer.holds is None and unsure.holds:
            unsure = answer
        place = place or answer.at
    if unsure.holds is None:
        return Held(None, unsure.why, place)
    return Held(True, " with ".join(spelled(action) for action in path.actions), place)
