"""Documents inside string values: an inline buildspec, a policy as JSON text, user data.

The inner text is parsed as a file of its own; then every place in it is led back to the outer file through the
string's text map, so that a finding points at the line a person would edit.
"""

from __future__ import annotations

from collections.abc import Callable

from scanner.core.artifact import Artifact
from scanner.core.errors import SyntaxFault
from scanner.core.location import Location, Piece, TextMap, line_starts
from scanner.core.node import Node
from scanner.core.value import Scalar, Unknown, Value


def embedded_text(value: Value) -> tuple[str, TextMap] | None:
    """Return the text of a string value and its map; a partly known one has a HOLE for each gap; else None."""
    if isinstance(value, Scalar):
        return (value.content, value.text_map) if isinstance(value.content, str) else None
    if isinstance(value, Unknown) and value.parts:
        known = value.text_map
        return value.rendering, known or TextMap((Piece(0, value.at.path, value.at[1], value.at[2]),))
    return None


def embedded_documents(value: Value, syntax: str = "") -> list[Node]:
    """Return the documents in a string value, with all regions in the outer file.

    `syntax` is "yaml" or "json"; empty means: JSON when the text starts with a bracket. Raises SyntaxFault, its
    place in the outer file, when the text does not parse; returns [] for a value that is no (partly) known string.
    """
    found = embedded_text(value)
    if found is None:
        return []
    text, text_map = found
    inner = Artifact(value.at.path, text.encode("utf-8", "replace"))
    if not syntax:
        syntax = "json" if text.lstrip(" \t\r\n\ufeff")[:1] in ("{", "[") else "yaml"
    if syntax == "json":
        from scanner.parse.json import documents
    else:
        from scanner.parse.yaml import documents
    move = _Relocation(text, text_map)
    try:
        roots = documents(inner)
    except SyntaxFault as fault:
        fault.at = move.location(fault.at)
        for root in fault.partial:
            move.node(root)
        raise
    for root in roots:
        move.node(root)
    return roots


class _Relocation:
    """Leads places in the inner text to the outer file."""

    def __init__(self, text: str, text_map: TextMap) -> None:
        self.text = text
        self.starts = line_starts(text)
        self.text_map = text_map
        self.moved: set[int] = set()

    def offset(self, line: int, column: int) -> int:
        """Return the offset in the inner text of an inner place."""
        start = self.starts[line - 1] if line <= len(self.starts) else len(self.text)
        return min(start + column - 1, len(self.text))

    def location(self, at: Location) -> Location:
        """Return the outer location of an inner one."""
        start, end = self.offset(at.start_line, at.start_column), self.offset(at.end_line, at.end_column)
        span = self.text_map.span(start, end)
        if start < end < len(self.text):
            # where the next character stands: the last one may be an escape of several characters
            path, line, column = self.text_map.position(end)
            if (path, line) == (span.path, span.end_line) and column > span.end_column:
                return Location(path, span.start_line, span.start_column, line, column)
        return span

    def node(self, root: Node) -> None:
        """Move a node and all below it; nodes that aliases share are moved once."""
        stack = [root]
        while stack:
            node = stack.pop()
            if id(node) in self.moved:
                continue
            self.moved.add(id(node))
            if node.kind == "scalar":
                node.text_map = self.composed(node)
            node.at = self.location(node.at)
            for key, value in node.pairs:
                stack += (key, value)
            stack += node.items

    def composed(self, node: Node) -> Callable[[], TextMap]:
        """Return a function that makes the map from the node's content to the outer file."""
        inner, at, size = node.text_map, node.at, len(node.text)
        quoted = node.style in ("'", '"')

        def make() -> TextMap:
            if callable(inner):
                pieces = inner().pieces
            elif inner is not None:
                pieces = inner.pieces
            else:
                pieces = (Piece(0, at.path, at.start_line, at.start_column + (1 if quoted else 0)),)
            return compose(pieces, self.offset, self.text_map, size)

        return make


def compose(
    pieces: tuple[Piece, ...], offset_of: Callable[[int, int], int], outer: TextMap, size: int
) -> TextMap:
    """Return the map of an inner string of `size` characters: its pieces, then the outer map, run by run."""
    result: list[Piece] = []
    for index, piece in enumerate(pieces):
        end = pieces[index + 1].offset if index + 1 < len(pieces) else max(size, piece.offset + 1)
        start = offset_of(piece.line, piece.column)
        path, line, column = outer.position(start)
        result.append(Piece(piece.offset, path, line, column))
        for other in outer.pieces:
            if start < other.offset < start + end - piece.offset:
                result.append(Piece(piece.offset + other.offset - start, other.path, other.line, other.column))
    return TextMap(tuple(result))
