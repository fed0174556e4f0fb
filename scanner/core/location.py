"""Places in files. Lines and columns are 1-based, columns count Unicode code points, ends are exclusive."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple


class Location(NamedTuple):
    """A span of an artifact: from (start_line, start_column) up to, not including, the end."""

    path: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int


class Piece(NamedTuple):
    """From `offset` in a decoded text on, characters stand one by one from (line, column) of `path`."""

    offset: int
    path: str
    line: int
    column: int


class TextMap:
    """Where each character of a decoded text stands in its source.

    A decoded text differs from its source by escapes, folding, indentation and joins. The map is a
    sorted run of pieces; inside a piece, columns grow by one a character and a line feed is a piece
    border. Build one with `TextMap(pieces)`; `position` answers any offset of the decoded text.
    """

    __slots__ = ("_offsets", "pieces")

    def __init__(self, pieces: tuple[Piece, ...]) -> None:
        """Take at least one piece; the first starts at offset 0, offsets ascend."""
        self.pieces = pieces
        self._offsets = [piece.offset for piece in pieces]

    def position(self, offset: int) -> tuple[str, int, int]:
        """Return (path, line, column) of the character at `offset` (0-based) of the decoded text."""
        piece = self.pieces[max(0, bisect_right(self._offsets, offset) - 1)]
        return piece.path, piece.line, piece.column + max(0, offset - piece.offset)

    def span(self, start: int, end: int) -> Location:
        """Return the location of decoded characters `start` up to, not including, `end`."""
        path, line, column = self.position(start)
        _, last_line, last_column = self.position(max(start, end - 1))
        return Location(path, line, column, last_line, last_column + (1 if end > start else 0))


def line_starts(text: str) -> list[int]:
    """Return the offset of each line's first character; only CR, LF and CRLF end a line."""
    starts = [0]
    find = text.find
    if "\r" not in text:
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts
    index, size = 0, len(text)
    while index < size:
        character = text[index]
        index += 1
        if character == "\r":
            if index < size and text[index] == "\n":
                index += 1
            starts.append(index)
        elif character == "\n":
            starts.append(index)
    return starts
