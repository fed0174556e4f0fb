"""Bodies of blocks to values in Terraform's own shape: arguments, nested blocks as lists, dynamic blocks unfolded."""

from __future__ import annotations

from scanner.core.location import Location
from scanner.core.projection import alternatives
from scanner.core.value import Absent, Choice, ListValue, MapValue, Unknown, Value
from scanner.core.world import Guard
from scanner.model.terraform.domain import Lazy, is_null
from scanner.model.terraform.evaluate import MAX_ITEMS, Scope, evaluate, pairs_of
from scanner.parse.hcl import tree

META = frozenset({"count", "for_each", "depends_on", "provider", "lifecycle", "connection", "provisioner", "providers"})


def body_value(body: tree.Body, scope: Scope, at: Location, skip: frozenset[str] = frozenset()) -> MapValue:
    """Return a body's arguments and blocks; null arguments are left out."""
    entries: dict[str, Value] = {}
    keys_at: dict[str, Location] = {}
    for name, argument in body.arguments.items():
        if name in skip:
            continue
        own = scope.of(argument)
        value = evaluate(argument.expression, own)
        if not is_null(value):
            entries[name] = value
            keys_at[name] = own.at(argument)
    for name in dict.fromkeys(block.labels[0] if _dynamic(block) else block.name for block in body.blocks):
        if name in skip or name in entries:
            continue
        value = blocks_value(body, name, scope)
        if isinstance(value, ListValue) and not value.items and value.rest is None:
            continue
        entries[name] = value
        keys_at[name] = value.at
    return MapValue(entries, at, keys_at)


def _dynamic(block: tree.Block) -> bool:
    return block.name == "dynamic" and len(block.labels) == 1


def header_at(block: tree.Block, scope: Scope) -> Location:
    """Return the place of a block's header."""
    place = scope.module.place
    return place if place is not None else scope.artifact.span(block.start, block.header_end)


def blocks_value(body: tree.Body, name: str, scope: Scope) -> ListValue:
    """Return all blocks of one type, dynamic ones unfolded, as a list."""
    items: list[Value] = []
    rest: Unknown | None = None
    at: Location | None = None
    for block in body.blocks:
        own = scope.of(block)
        if block.name == name and not _dynamic(block):
            place = header_at(block, own)
            at = at or place
            items.append(body_value(block.body, own, place))
        elif _dynamic(block) and block.labels[0] == name:
            at = at or header_at(block, own)
            found, more = _unfolded(block, own)
            items += found
            rest = rest or more
    assert at is not None
    return ListValue(tuple(items), at, rest)


def _unfolded(block: tree.Block, scope: Scope) -> tuple[list[Value], Unknown | None]:
    """Return the blocks that a dynamic block makes, and an unknown when there may be more."""
    at = header_at(block, scope)
    arguments = block.body.arguments
    content = next((inner for inner in block.body.blocks if inner.name == "content"), None)
    if content is None or "for_each" not in arguments:
        return [], Unknown("the dynamic block has no content or for_each", at)
    iterator = block.labels[0]
    named = arguments.get("iterator")
    if named is not None and isinstance(named.expression, tree.Name):
        iterator = named.expression.name
    items: list[Value] = []
    rest: Unknown | None = None
    for guard, collection in alternatives(evaluate(arguments["for_each"].expression, scope)):
        if isinstance(collection, Lazy):
            collection = collection.whole()
        found = pairs_of(collection)
        if found is None:
            if isinstance(collection, Unknown):
                rest = rest or Unknown(collection.reason, at)
            continue
        pairs, more = found
        if len(pairs) > MAX_ITEMS or not scope.module.run.spend(len(pairs)):
            return items, Unknown("more blocks than we evaluate", at)
        rest = rest or (Unknown(more.reason, at) if more is not None else None)
        for key, item in pairs:
            items += _guarded_items(content, scope, iterator, key, item, guard)
    return items, rest


def _guarded_items(
    content: tree.Block, scope: Scope, iterator: str, key: Value, item: Value, guard: Guard
) -> list[Value]:
    """Return the content block for one item, once for every condition it exists under."""
    made: list[Value] = []
    at = header_at(content, scope)
    for more, case in alternatives(item) if _optional(item) else [((), item)]:
        if isinstance(case, Absent):
            continue
        names: dict[str, Value] = {iterator: MapValue({"key": key, "value": case}, case.at)}
        made.append(guarded(body_value(content.body, scope.within(names), at), (*guard, *more), at))
    return made


def _optional(item: Value) -> bool:
    return isinstance(item, Choice) and any(isinstance(case, Absent) for _, case in alternatives(item))


def guarded(value: Value, guard: Guard, at: Location) -> Value:
    """Return the value under conditions: absent when one of them does not hold."""
    for question, holds in reversed(guard):
        absent = Absent(at)
        value = Choice(question, value, absent, at) if holds else Choice(question, absent, value, at)
    return value


