"""`Fn::ForEach`: loops over lists, unrolled wherever they may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from scanner.core.node import Node
from scanner.core.patterns import Pattern
from scanner.core.value import ListValue, Scalar, Value

if TYPE_CHECKING:
    from scanner.model.cloudformation.resolver import Resolver

MAX_ITERATIONS = 1000
"""Copies that the loops of one mapping may make."""

PREFIX = "Fn::ForEach::"
_VARIABLE = Pattern(r"[$&]\{([A-Za-z0-9]+)\}")

Entry = tuple[Node, Node | None, dict[str, str]]
"""(key, value, loop variables in force); a value of None says that the rest is unknown, the key's text why."""


def substituted(text: str, bindings: Mapping[str, str]) -> str:
    """Return the text with `${Variable}` and `&{Variable}` of loops filled in; other names stay."""
    if "{" not in text:
        return text

    def fill(match: re.Match[str]) -> str:
        value = bindings.get(match.group(1))
        if value is None:
            return match.group()
        return value if match.group()[0] == "$" else re.sub(r"[^A-Za-z0-9]", "", value)

    return _VARIABLE.sub(fill, text)


def expanded(node: Node, resolver: Resolver) -> Iterator[Entry]:
    """Yield the entries of a mapping node, loops unrolled, in source order."""
    if not any(key.text.startswith(PREFIX) for key, _ in node.pairs):
        bindings = resolver.bindings
        for key, value in node.pairs:
            yield key, value, bindings
        return
    yield from _unrolled(node, resolver, resolver.bindings, [MAX_ITERATIONS])


def _unrolled(node: Node, resolver: Resolver, bindings: dict[str, str], left: list[int]) -> Iterator[Entry]:
    for key, value in node.pairs:
        if not key.text.startswith(PREFIX):
            yield key, value, bindings
            continue
        loop = _loop_of(value)
        if loop is None:
            resolver.misshapen("Fn::ForEach", key.at, "[variable, [values], {key: value}]")
            continue
        variable, collection, body = loop
        values = _collection(collection, resolver, bindings)
        if values is None:
            resolver.note("warning", "cfn-unknown-loop", f"the values that {key.text} runs over are not known", key.at,
                          "give the parameter a default, or a parameter file")
            yield Node("scalar", key.at, text=f"{key.text} runs over values that are not known"), None, bindings
            continue
        for item in values:
            left[0] -= 1
            if left[0] < 0:
                resolver.note("error", "cfn-loop-limit", f"loops make more than {MAX_ITERATIONS} entries", key.at,
                              "split the loop")
                return
            yield from _unrolled(body, resolver, {**bindings, variable: item}, left)


def _loop_of(node: Node) -> tuple[str, Node, Node] | None:
    """Return (variable, collection, body) of a loop's argument."""
    if node.kind != "sequence" or len(node.items) != 3:
        return None
    variable, collection, body = node.items
    if variable.kind != "scalar" or body.kind != "mapping":
        return None
    return variable.text, collection, body


def _collection(node: Node, resolver: Resolver, bindings: dict[str, str]) -> list[str] | None:
    """Return the values that a loop runs over, None when they are not known."""
    before, resolver.bindings = resolver.bindings, bindings
    try:
        value: Value = resolver.value(node)
    finally:
        resolver.bindings = before
    if not isinstance(value, ListValue) or value.rest is not None:
        return None
    found: list[str] = []
    for item in value.items:
        if isinstance(item, Scalar):
            found.append(str(item.content))
        elif isinstance(item, ListValue) and all(isinstance(inner, Scalar) for inner in item.items):
            found += [str(inner.content) for inner in item.items if isinstance(inner, Scalar)]
        else:
            return None
    return found
