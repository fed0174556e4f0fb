"""Artifacts: the files of a run, read once, and the notes about what could not be done with them."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple, Protocol

from scanner.core.location import Location, line_starts


class Artifact:
    """One file: its path relative to the scanned root (forward slashes), its bytes, its text.

    `focus` is False for a file that was only loaded because another one refers to it; results in
    it are reported, but it does not count as asked for. `notes` are what parsers had to remark without giving up
    (comments in JSON); the workspace hands them on.
    """

    __slots__ = ("_starts", "_text", "data", "dialects", "focus", "notes", "path")

    def __init__(self, path: str, data: bytes, *, focus: bool = True) -> None:
        """Take the path relative to the root and the raw bytes."""
        self.path = path
        self.data = data
        self.focus = focus
        self.dialects: tuple[str, ...] = ()
        self.notes: list[Notification] = []
        self._text: str | None = None
        self._starts: list[int] | None = None

    @property
    def text(self) -> str:
        """Return the decoded text: UTF-8 or marked UTF-16, byte-order mark kept, bad bytes as U+FFFD."""
        if self._text is None:
            data = self.data
            if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
                self._text = data.decode("utf-16", "replace")
            else:
                self._text = data.decode("utf-8", "replace")
        return self._text

    def position(self, offset: int) -> tuple[int, int]:
        """Return (line, column), both 1-based, of a 0-based code point offset into `text`."""
        if self._starts is None:
            self._starts = line_starts(self.text)
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int = 1) -> int:
        """Return the 0-based code point offset into `text` of a line and column, both 1-based; bounded by the text."""
        if self._starts is None:
            self._starts = line_starts(self.text)
        return min(len(self.text), self._starts[min(line, len(self._starts)) - 1] + column - 1)

    def span(self, start: int, end: int) -> Location:
        """Return the location of code points `start` up to, not including, `end`, of `text`."""
        if self._starts is None:
            self._starts = line_starts(self.text)
        starts = self._starts
        line = last = bisect_right(starts, start)
        if line < len(starts) and end >= starts[line]:  # most spans end on their first line: one search is enough
            last = bisect_right(starts, end)
        return Location(self.path, line, start - starts[line - 1] + 1, last, end - starts[last - 1] + 1)

    def whole_line(self, line: int) -> Location:
        """Return the location of one line without its line end."""
        if self._starts is None:
            self._starts = line_starts(self.text)
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        body = self.text[start:end].rstrip("\r\n")
        return Location(self.path, line, 1, line, len(body) + 1)


class Version(NamedTuple):
    """One content that git remembers: the file, the oldest commit that has it, and whether HEAD still has it.

    `date` is the author's, ISO 8601.
    """

    artifact: Artifact
    commit: str
    author: str
    date: str
    in_head: bool


class Notification(NamedTuple):
    """Something we could not do, in one sentence a person can act on.

    `level` is `error` (the run is INCOMPLETE), `warning` or `note`; `kind` is a short kebab-case
    name (`yaml-syntax`, `file-too-large`, `rule-crashed`); `hint` says what to do.
    """

    level: str
    kind: str
    message: str
    at: Location | None = None
    hint: str = ""


class Files(Protocol):
    """Reads further files of the scanned root on demand; `discover` implements it."""

    def read(self, path: str) -> Artifact | None:
        """Return the file at `path` relative to the root, or None when missing or outside the root."""

    def below(self, folder: str) -> list[str]:
        """Return the sorted paths, relative to the root, of the files below `folder` (bounded)."""
