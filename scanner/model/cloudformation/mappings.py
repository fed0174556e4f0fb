"""`Fn::FindInMap`: look-ups in the Mappings section, also with keys that are only known at deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.value import ListValue, Scalar, Unknown, Value
from scanner.core.world import Question
from scanner.model.cloudformation.alternatives import choice, combined
from scanner.model.cloudformation.strings import text_form
from scanner.model.values import value_of

if TYPE_CHECKING:
    from scanner.model.cloudformation.resolver import Resolver

MAX_KEYS = 40
"""Keys that an unknown key may stand for; beyond, the entry is unknown."""


def find_in_map(resolver: Resolver, argument: Node, at: Location) -> Value:
    """Return the entry; an unknown key gives a choice over the map's keys, or the entry that all keys share."""
    if argument.kind != "sequence" or len(argument.items) not in (3, 4):
        return resolver.misshapen("Fn::FindInMap", at, "[map, key, second key]")
    default: Value | None = None
    if len(argument.items) == 4:
        option = argument.items[3].get("DefaultValue")
        default = resolver.value(option) if option is not None else None
    keys = [resolver.value(item) for item in argument.items[:3]]
    return combined(keys, lambda known: _entry(resolver, known, default, at), at)


def _entry(resolver: Resolver, keys: list[Value], default: Value | None, at: Location) -> Value:
    name = keys[0]
    if not isinstance(name, Scalar):
        return default or Unknown("the map's name is not known", at, present=True)
    table = resolver.mappings.get(text_form(name.content)) if resolver.mappings is not None else None
    if table is None or table.kind != "mapping":
        if default is None:
            resolver.note("warning", "cfn-unknown-map", f"the map {name.content} is not declared", at,
                          "declare it under Mappings, or correct the name")
        return default or Unknown(f"the map {name.content} is not declared", at)
    return _within(resolver, table, keys[1:], str(name.content), default, at)


def _within(
    resolver: Resolver, node: Node, keys: list[Value], route: str, default: Value | None, at: Location
) -> Value:
    if not keys:
        return _placed(value_of(node), at)
    key, rest = keys[0], keys[1:]
    if isinstance(key, Scalar):
        text = text_form(key.content)
        found = node.get(text)
        if found is None:
            if default is None:
                resolver.note("warning", "cfn-unknown-map", f"the map {route} has no key {text}", at,
                              "add the key, or correct the name")
            return default or Unknown(f"the map {route} has no key {text}", at)
        return _within(resolver, found, rest, f"{route}.{text}", default, at)
    names = list(dict.fromkeys(node.keys()))
    if not isinstance(key, Unknown) or key.parts or not names or len(names) > MAX_KEYS:
        return Unknown(f"the key into the map {route} is not known", at, present=True)
    entries = [_within(resolver, child, rest, f"{route}.{name}", default, at)
               for name in names if (child := node.get(name)) is not None]
    return _cases(resolver, key, names, entries, default, route, at)


def _cases(
    resolver: Resolver, key: Unknown, names: list[str], entries: list[Value], default: Value | None, route: str,
    at: Location,
) -> Value:
    """Return one choice for each key that the unknown key may be; equal entries fall together."""
    if not key.label:
        known = {entry.content for entry in entries if isinstance(entry, Scalar)}
        if len(known) == 1 and default is None and all(isinstance(entry, Scalar) for entry in entries):
            return entries[0]
        return Unknown(f"the key into the map {route} is not known", at, present=True)
    domain = tuple(names) if default is None else ()
    result = default if default is not None else entries[-1]
    cases = list(zip(names, entries, strict=True))
    for name, entry in reversed(cases if default is not None else cases[:-1]):
        result = choice(Question(key.label, name, domain, resolver.scope), entry, result, at)
    return result


def _placed(value: Value, at: Location) -> Value:
    """Return a scalar as it stands at the place of the look-up; its text map still leads to the map."""
    if isinstance(value, Scalar):
        return Scalar(value.content, at, lambda: value.text_map, quoted=value.quoted)
    if isinstance(value, ListValue):
        return ListValue(tuple(_placed(item, at) for item in value.items), at, value.rest)
    return value
