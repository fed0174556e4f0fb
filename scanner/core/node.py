"""Nodes: what a data syntax (YAML, JSON) says, before any dialect gives it a meaning."""

from __future__ import annotations

from collections.abc import Callable

from scanner.core.location import Location, TextMap


class Node:
    """A scalar, mapping or sequence with its place.

    `kind` is "scalar", "mapping" or "sequence". `tag` is an explicit YAML tag (`!Ref`) or empty. A
    scalar's `content` is its resolved value (str, int, float, bool, None) and `text` its decoded text as
    written (`0777`, `yes`, `2012-10-17` keep their spelling); `style` is "", "'", '"', "|" or ">". A
    mapping's `pairs` are (key node, value node) in source order, duplicates included; a sequence's `items`
    are nodes. `cut` is True for a collection whose end was not reached because of a fault.
    `text_map` as in `scanner.core.value.Scalar`.
    """

    __slots__ = ("at", "content", "cut", "items", "kind", "pairs", "style", "tag", "text", "text_map")

    def __init__(
        self,
        kind: str,
        at: Location,
        *,
        content: str | int | float | bool | None = None,
        text: str = "",
        style: str = "",
        tag: str = "",
        pairs: list[tuple[Node, Node]] | None = None,
        items: list[Node] | None = None,
        text_map: TextMap | Callable[[], TextMap] | None = None,
    ) -> None:
        """Take what the kind needs; the parser appends to `pairs` and `items`."""
        self.kind = kind
        self.at = at
        self.content = content
        self.text = text
        self.style = style
        self.tag = tag
        self.pairs: list[tuple[Node, Node]] = pairs if pairs is not None else []
        self.items: list[Node] = items if items is not None else []
        self.text_map = text_map
        self.cut = False

    def get(self, key: str) -> Node | None:
        """Return the value of the last pair whose key has this text, or None."""
        for name, value in reversed(self.pairs):
            if name.text == key:
                return value
        return None

    def keys(self) -> list[str]:
        """Return the keys' texts in source order."""
        return [name.text for name, _ in self.pairs]

    def __repr__(self) -> str:
        inside = self.content if self.kind == "scalar" else (self.pairs or self.items)
        return f"Node({self.kind}, {self.tag}{inside!r})"
