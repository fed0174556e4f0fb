"""JSON nodes that work out their place, and in large documents their content, when someone asks.

Most nodes of a large document (a plan, a snapshot) are never reported on: keeping two offsets instead of a location
halves the time and the memory of a parse.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scanner.core.artifact import Artifact
from scanner.core.location import Location, TextMap
from scanner.core.node import Node

Content = str | int | float | bool | None
_PAIRS: Any = vars(Node)["pairs"]  # the slots of Node, below the properties of LaterNode
_ITEMS: Any = vars(Node)["items"]
NO_NODES: list[Node] = []
NO_PAIRS: list[tuple[Node, Node]] = []


class JsonNode(Node):
    """A node at `text[start:end]` of an artifact."""

    __slots__ = ("artifact", "end", "placed", "start")
    artifact: Artifact
    start: int
    end: int
    placed: Location  # set when it is first asked for

    @property
    def at(self) -> Location:  # a slot of Node, worked out late here
        """Return the node's location."""
        try:
            return self.placed
        except AttributeError:
            self.placed = self.artifact.span(self.start, self.end)
            return self.placed

    @at.setter
    def at(self, place: Location) -> None:
        self.placed = place


class ScalarNode(JsonNode):
    """A string, number, boolean or null; what all scalars share stands on the class."""

    __slots__ = ()
    kind = "scalar"
    tag = ""
    cut = False
    pairs = NO_PAIRS
    items = NO_NODES


class LaterNode(JsonNode):
    """A collection of a large document whose entries are read when someone asks for them."""

    __slots__ = ("_read",)
    _read: Callable[[LaterNode], tuple[list[tuple[Node, Node]], list[Node]]] | None

    def _fill(self) -> None:
        read = self._read
        if read is not None:
            self._read = None
            pairs, items = read(self)
            _PAIRS.__set__(self, pairs)
            _ITEMS.__set__(self, items)

    @property
    def pairs(self) -> list[tuple[Node, Node]]:
        """Return the entries of a mapping."""
        self._fill()
        found: list[tuple[Node, Node]] = _PAIRS.__get__(self)
        return found

    @pairs.setter
    def pairs(self, pairs: list[tuple[Node, Node]]) -> None:
        self._fill()
        _PAIRS.__set__(self, pairs)

    @property
    def items(self) -> list[Node]:
        """Return the items of a sequence."""
        self._fill()
        found: list[Node] = _ITEMS.__get__(self)
        return found

    @items.setter
    def items(self, items: list[Node]) -> None:
        self._fill()
        _ITEMS.__set__(self, items)


def leaf(
    artifact: Artifact, start: int, end: int, content: Content, text: str, style: str,
    text_map: Callable[[], TextMap] | None,
) -> JsonNode:
    """Return a scalar node."""
    node: ScalarNode = ScalarNode.__new__(ScalarNode)
    node.content = content
    node.text = text
    node.style = style
    node.text_map = text_map
    node.artifact = artifact
    node.start = start
    node.end = end
    return node


def collection(artifact: Artifact, kind: str, start: int, end: int) -> JsonNode:
    """Return an empty collection node, to be filled."""
    node: JsonNode = JsonNode.__new__(JsonNode)
    _prepare(node, artifact, kind, start, end)
    node.pairs = [] if kind == "mapping" else NO_PAIRS
    node.items = [] if kind == "sequence" else NO_NODES
    return node


def later(
    artifact: Artifact, kind: str, start: int, end: int,
    read: Callable[[LaterNode], tuple[list[tuple[Node, Node]], list[Node]]],
) -> LaterNode:
    """Return a collection node whose entries `read` gives when they are asked for."""
    node: LaterNode = LaterNode.__new__(LaterNode)
    _prepare(node, artifact, kind, start, end)
    node._read = read
    return node


def _prepare(node: JsonNode, artifact: Artifact, kind: str, start: int, end: int) -> None:
    node.kind, node.content, node.text, node.style, node.tag = kind, None, "", "", ""
    node.text_map, node.cut = None, False
    node.artifact, node.start, node.end = artifact, start, end
