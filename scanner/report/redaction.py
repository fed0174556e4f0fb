"""Keeps secrets out of every output: what a secrets result points at is masked wherever its text occurs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from scanner.core.artifact import Notification
from scanner.core.location import Location, line_starts
from scanner.core.result import Result

MASK = "*"
SHORTEST_WORD = 6
"""A shorter secret is masked at its place only: masking `a1` everywhere would make a report unreadable."""


class Redactor:
    """Masks file texts and messages. Collects all secrets of a run first, so one result cannot show another's."""

    def __init__(self, results: Iterable[Result], source: Callable[[str], str | None]) -> None:
        """Take all results of the run (suppressed ones too) and the reader of original texts."""
        self._source = source
        self._spans: dict[str, list[Location]] = {}
        self._masked: dict[str, str | None] = {}
        words: set[str] = set()
        for result in results:
            if result.category == "secrets":
                self._spans.setdefault(result.at.path, []).append(result.at)
        for path, spans in self._spans.items():
            text = source(path) or ""
            starts = line_starts(text)
            for at in spans:
                begin, end = _offsets(at, text, starts)
                words.update(
                    part for part in re.split(r"[\r\n]+", text[begin:end].strip("\"' \t\r\n"))
                    if len(part.strip()) >= SHORTEST_WORD
                )
        longest_first = sorted(words, key=lambda word: (-len(word), word))
        self._words = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, path: str) -> str | None:
        """Return the text of a file with every secret masked, character by character, so that columns stay."""
        if path not in self._masked:
            text = self._source(path)
            self._masked[path] = text if text is None else self._mask(path, text)
        return self._masked[path]

    def words(self, text: str) -> str:
        """Return a message with every secret masked."""
        return self._words.sub("****", text) if self._words is not None else text

    def result(self, result: Result) -> Result:
        """Return the result with its words masked."""
        if self._words is None:
            return result
        return result._replace(
            message=self.words(result.message), address=self.words(result.address),
            related=tuple((self.words(label), at) for label, at in result.related),
            path=tuple(step._replace(message=self.words(step.message)) for step in result.path),
        )

    def notification(self, note: Notification) -> Notification:
        """Return the notification with its words masked."""
        return note._replace(message=self.words(note.message), hint=self.words(note.hint))

    def _mask(self, path: str, text: str) -> str:
        """Return the text with the spans of this file, and every known secret word, masked."""
        spans = self._spans.get(path)
        if spans:
            starts = line_starts(text)
            pieces = list(text)
            for at in spans:
                begin, end = _offsets(at, text, starts)
                for offset in range(begin, end):
                    if pieces[offset] not in "\r\n":
                        pieces[offset] = MASK
            text = "".join(pieces)
        if self._words is not None:
            text = self._words.sub(lambda match: MASK * len(match[0]), text)
        return text


def _offsets(at: Location, text: str, starts: list[int]) -> tuple[int, int]:
    """Return the offsets of a location in a text, whatever the location says."""
    if not 1 <= at.start_line <= len(starts):
        return 0, 0
    begin = starts[at.start_line - 1] + at.start_column - 1
    end = starts[min(at.end_line, len(starts)) - 1] + at.end_column - 1
    return min(begin, len(text)), min(max(begin, end), len(text))
