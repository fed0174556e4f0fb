"""What the readers of documents without functions (buildspec, AppSpec, pipeline JSON) share: keys, lists, headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.value import Choice, ListValue, MapValue, Scalar, Value


def respelled(
    value: Value,
    names: Mapping[str, str] | None = None,
    free: Callable[[tuple[str, ...]], bool] = lambda route: False,
    route: tuple[str, ...] = (),
) -> Value:
    """Return a value in camelCase as CloudFormation spells it.

    `names` holds the keys whose CloudFormation name is not just the first letter raised; `free(route)` tells that the
    keys of the mapping at that route (of original keys) are the user's own and stay.
    """
    if isinstance(value, ListValue):
        return ListValue(tuple(respelled(item, names, free, route) for item in value.items), value.at, value.rest)
    if isinstance(value, Choice):
        then = respelled(value.then, names, free, route)
        return Choice(value.question, then, respelled(value.otherwise, names, free, route), value.at)
    if not isinstance(value, MapValue):
        return value
    keeps = free(route)
    entries: dict[str, Value] = {}
    keys_at: dict[str, Location] = {}
    for key, entry in value.entries.items():
        name = key if keeps else (names or {}).get(key) or key[:1].upper() + key[1:]
        entries[name] = respelled(entry, names, free, (*route, key))
        keys_at[name] = value.key_at(key)
    return MapValue(entries, value.at, keys_at, value.rest)


def mapping(value: Value) -> MapValue:
    """Return the value when it is a mapping, else an empty mapping at its place."""
    return value if isinstance(value, MapValue) else MapValue({}, value.at)


def items(value: Value) -> tuple[Value, ...]:
    """Return the items of a list; a single known value counts as a list of one, anything else as none."""
    if isinstance(value, ListValue):
        return value.items
    if isinstance(value, (Scalar, MapValue)) and not (isinstance(value, Scalar) and value.content is None):
        return (value,)
    return ()


def header(node: Node) -> Location:
    """Return the place that stands for a whole document: its first line's first key, or the document."""
    if node.kind == "mapping" and node.pairs:
        return node.pairs[0][0].at
    return Location(
        node.at.path, node.at.start_line, node.at.start_column, node.at.start_line, node.at.start_column + 1
    )
