"""What the role of a resource lacks: actions that it needs and none of its policies allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scanner.analysis.iam.actions import names_action
from scanner.analysis.iam.grants import Grant, allows, grants_of
from scanner.core.subject import Policy, Subject
from scanner.core.value import Absent, ListValue, Unknown, Value, text_of
from scanner.core.view import NO, Answer, View


def role_lacks(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the role at `path` of a resource allows not all of `actions`, on whatever resource.

    `managed` names policies of AWS that allow them. Unknown where the role, or a policy it holds, is not in the run.
    """
    value = view.seen(subject.get(str(arguments["path"])))
    roles = [role for role in view.inventory.linked(subject, "role") if view.exists(role)]
    if not roles:
        return NO if isinstance(value, Absent) else Answer(None, value.at, "its role is not among the scanned files")
    for role in roles:
        grants = list(_grants(role, view))
        missing = [action for action in _words(arguments["actions"]) if not _allowed(grants, action)]
        held, reason = _held(role, view)
        if not missing or {_name_of(item) for item in held}.intersection(_words(arguments["managed"])):
            continue
        doubt = reason or _open_grant(grants, missing) or _unseen(role, held, view)
        if doubt:
            return Answer(None, value.at, doubt)
        return Answer(True, value.at, f"{role.address} does not allow {' and '.join(missing)}")
    return NO


def _words(argument: object) -> list[str]:
    return [str(entry) for entry in argument] if isinstance(argument, (list, tuple)) else [str(argument)]


def _grants(role: Subject, view: View) -> Iterator[Grant]:
    for policy in view.inventory.linked(role, "policy"):
        if isinstance(policy, Policy) and view.exists(policy):
            yield from grants_of(policy, view)


def _allowed(grants: list[Grant], action: str) -> bool:
    return any(names_action(grant, action.lower()) for grant in allows(grants))


def _held(role: Subject, view: View) -> tuple[tuple[Value, ...], str]:
    """Return the managed policies that a role holds, and why more policies may be there."""
    items: tuple[Value, ...] = ()
    reason = ""
    for name in ("Policies", "ManagedPolicyArns"):
        value = view.seen(role.get(name))
        if isinstance(value, Unknown):
            reason = value.reason
        elif isinstance(value, ListValue):
            reason = value.rest.reason if value.rest is not None else reason
            items = value.items if name == "ManagedPolicyArns" else items
    return items, reason


def _open_grant(grants: list[Grant], missing: list[str]) -> str:
    """Return why a statement may allow what is missing; empty when none may."""
    for grant in grants:
        if grant.statement_open:
            return grant.statement_open
        if grant.effect != "deny" and None in [names_action(grant, action.lower()) for action in missing]:
            return grant.action.open or "an action is not known"
    return ""


def _unseen(role: Subject, held: tuple[Value, ...], view: View) -> str:
    """Return that a managed policy lies outside the run; empty when all of them were read."""
    for item in held:
        references = list(item.references()) if isinstance(item, Unknown) else []
        if not any(view.inventory.target(role, reference) is not None for reference in references):
            return f"what {_name_of(item) or 'a managed policy'} allows is not known"
    return ""


def _name_of(item: Value) -> str:
    """Return the name in the ARN of a managed policy, as far as it is written."""
    text = text_of(item) or (item.rendering if isinstance(item, Unknown) and item.parts else "")
    return text.rsplit("/", 1)[-1]
