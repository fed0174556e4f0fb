"""Statements as plain patterns: one `Grant` a statement, read in one world.

A text that is known in part keeps a HOLE for each gap, so that `arn:aws:s3:::${Bucket}/*` is certainly neither
`*` nor a bare bucket. What is not known at all makes the part `open`, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from scanner.analysis.globs import is_glob
from scanner.core.location import Location
from scanner.core.subject import ActionGrant, Policy, Statement, Subject
from scanner.core.value import HOLE, Absent, ListValue, MapValue, Scalar, Unknown, Value
from scanner.core.view import View


class Item(NamedTuple):
    """One entry of an element: its text (with a HOLE for each gap) and the value it was read from."""

    text: str
    value: Value

    @property
    def at(self) -> Location:
        """Return where the entry stands."""
        return self.value.at


class Part(NamedTuple):
    """An element of a statement: its entries; `open` is the reason when more may be in it; `stated` if it is there.

    For actions, `exact` are the texts without wildcards and `globs` the others, so that long lists compare fast.
    """

    items: tuple[Item, ...] = ()
    open: str = ""
    stated: bool = False
    exact: frozenset[str] = frozenset()
    globs: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Return the texts of the entries."""
        return tuple(item.text for item in self.items)


class Test(NamedTuple):
    """One line of a condition block: operator without qualifier, key, entries; names in lower case."""

    operator: str
    qualifier: str
    if_exists: bool
    key: str
    values: Part
    at: Location


class Grant(NamedTuple):
    """A statement in one world. `effect` is allow, deny, or empty when it is not known or not valid."""

    statement: Statement
    effect: str
    action: Part
    not_action: Part
    resource: Part
    not_resource: Part
    condition: tuple[Test, ...]
    condition_open: str
    at: Location

    @property
    def statement_open(self) -> str:
        """Return the reason when the statement is not readable at all, or it is not known whether it allows."""
        element, effect = self.statement.element, self.statement.effect
        if isinstance(element, Unknown):
            return element.reason
        return effect.reason if isinstance(effect, Unknown) else ""


def text_with_holes(value: Value) -> str | None:
    """Return a string value's text with a HOLE for each unknown piece; None when nothing of it is known."""
    if isinstance(value, Scalar):
        content = value.content
        if isinstance(content, bool):
            return "true" if content else "false"
        return None if content is None else str(content)
    if isinstance(value, Unknown):
        if value.parts:
            return "".join(part if isinstance(part, str) else HOLE for part in value.parts)
        if value.refers is not None or value.label.startswith("AWS::"):
            return HOLE    # a resource, or a pseudo parameter such as AWS::AccountId: one definite name
    return None


def part_of(value: Value, view: View) -> Part:
    """Return the entries of an element that is one value or a list of them."""
    value = view.seen(value)
    if isinstance(value, Absent):
        return Part()
    values: tuple[Value, ...] = value.items if isinstance(value, ListValue) else (value,)
    items, reason = [], ""
    if isinstance(value, ListValue) and value.rest is not None:
        reason = value.rest.reason
    for entry in values:
        text = text_with_holes(entry)
        if text is not None:
            items.append(Item(text, entry))
        elif isinstance(entry, Unknown):
            reason = entry.reason
    return Part(tuple(items), reason, True)


_QUALIFIERS = ("forallvalues", "foranyvalue", "foranyvalues")


def tests_of(value: Value, view: View) -> tuple[tuple[Test, ...], str]:
    """Return the lines of a condition block, and why more may be in it (empty when all is known)."""
    block = view.seen(value)
    if isinstance(block, Unknown):
        return (), block.reason
    if not isinstance(block, MapValue):
        return (), ""
    tests, reason = [], block.rest.reason if block.rest is not None else ""
    for operator, keys in block.entries.items():
        if isinstance(keys, Unknown):
            reason = keys.reason
        if not isinstance(keys, MapValue):
            continue
        if keys.rest is not None:
            reason = keys.rest.reason
        qualifier, colon, name = operator.lower().partition(":")
        if not colon or qualifier not in _QUALIFIERS:
            qualifier, name = "", operator.lower()
        if_exists = name.endswith("ifexists")
        for key, wanted in keys.entries.items():
            tests.append(Test(
                name.removesuffix("ifexists"), qualifier, if_exists, key.lower(), part_of(wanted, view),
                keys.key_at(key),
            ))
    return tuple(tests), reason


def grant_of(statement: Statement, view: View) -> Grant:
    """Return the statement as patterns; action texts are lower case."""
    element = view.seen(statement.element)
    effect_value = view.seen(element.get("Effect"))
    effect = str(effect_value.content).lower() if isinstance(effect_value, Scalar) else ""
    tests, reason = tests_of(element.get("Condition"), view)
    return Grant(
        statement, effect if effect in ("allow", "deny") else "",
        lowered(part_of(element.get("Action"), view)), lowered(part_of(element.get("NotAction"), view)),
        part_of(element.get("Resource"), view), part_of(element.get("NotResource"), view), tests, reason,
        statement.at,
    )


def lowered(part: Part) -> Part:
    """Return the part with its texts in lower case, as action names are compared."""
    items = tuple(Item(item.text.lower(), item.value) for item in part.items)
    texts = [item.text for item in items]
    globs = tuple(text for text in texts if is_glob(text) or HOLE in text)
    return Part(items, part.open, part.stated, frozenset(texts).difference(globs), globs)


def grants_of(subject: Subject, view: View) -> list[Grant]:
    """Return the grants of a statement (one), a policy (its statements in this world), a resource (its policies)."""
    if isinstance(subject, ActionGrant):
        return grants_of(subject.statement, view)
    if isinstance(subject, Statement):
        if subject.element.conditional:
            return [grant_of(subject, view)]
        if subject.memo is None:
            subject.memo = grant_of(subject, view)
        return [subject.memo] if isinstance(subject.memo, Grant) else []
    if isinstance(subject, Policy):
        held = [statement for statement in subject.statements if view.exists(statement)]
        return [grant for statement in held for grant in grants_of(statement, view)]
    policies = view.inventory.linked(subject, "document")
    return [grant for policy in policies if view.exists(policy) for grant in grants_of(policy, view)]


def allows(grants: list[Grant]) -> Iterator[Grant]:
    """Yield the grants that allow."""
    return (grant for grant in grants if grant.effect == "allow")
