"""Regular expressions that strangers write: matched by RE2, in time linear in the text.

Python's engine can be made to run for years by an expression of ten characters, and a look at the expression does
not tell which ones. Those that we read from scanned files (Terraform's, gitleaks') were written for RE2 anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

LONGEST = 5_000
"""Characters of an expression."""
MEMORY = 4 << 20
"""Bytes that RE2 may use for one expression; it then gets slower, but stays linear."""


class Match(Protocol):
    """What RE2 gives for a match; offsets are in characters, or in bytes when bytes were searched."""

    def __getitem__(self, group: int) -> Any:
        """Return the text of a group, or None."""

    def groups(self) -> tuple[Any, ...]:
        """Return the texts of all groups."""

    def groupdict(self) -> dict[str, Any]:
        """Return the texts of the named groups."""

    def span(self, group: int = 0) -> tuple[int, int]:
        """Return start and end (exclusive) of a group; -1 and -1 for one that took no part."""


class NotMatched(Exception):
    """Nobody can say whether the expression matches: RE2 is not installed, or a bound is passed."""


class UntrustedPattern:
    """An expression in RE2's syntax, which is Go's; `size` is the number of its instructions."""

    __slots__ = ("_regex", "size")

    def __init__(self, text: str) -> None:
        """Compile; raises ValueError with RE2's words for what is no expression, NotMatched without RE2."""
        if len(text) > LONGEST:
            raise ValueError(f"the expression is longer than {LONGEST} characters")
        try:
            import re2
        except ImportError as error:
            raise NotMatched("regular expressions in scanned files need the package google-re2") from error
        options = re2.Options()
        options.log_errors = False
        options.max_mem = MEMORY
        try:
            self._regex = re2.compile(text, options)
        except re2.error as error:
            said = error.args[0] if error.args else "no regular expression"
            raise ValueError(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from error
        self.size: int = self._regex.programsize

    @property
    def groups(self) -> int:
        """Return the number of capturing groups."""
        return int(self._regex.groups)

    @property
    def names(self) -> dict[str, int]:
        """Return the named groups with their numbers."""
        return dict(self._regex.groupindex)

    def search(self, text: str | bytes, start: int = 0, end: int | None = None) -> Match | None:
        """Return the first match between two offsets (end exclusive)."""
        found: Match | None = self._regex.search(text, start, end)
        return found

    def fullmatch(self, text: str) -> Match | None:
        """Match the whole text."""
        found: Match | None = self._regex.fullmatch(text)
        return found

    def all(self, text: str) -> Iterator[Match]:
        """Yield the matches as Go counts them: an empty one right after another match is none."""
        last = -1
        for match in self._regex.finditer(text):
            start, end = match.span()
            if start == end == last:
                continue
            last = end
            yield match
