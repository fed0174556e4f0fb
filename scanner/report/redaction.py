"""Keeps secrets out of every output: what a secrets result points at is masked wherever its text occurs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scanner.core.artifact import Notification
from scanner.core.location import Location, line_starts
from scanner.core.result import NON_COMPLIANT, Result

MASK = "*"
WORD_MASK = "****"
SHORTEST_WORD = 6
"""A shorter secret is masked at its place only: masking `a1` in every message would make a report unreadable."""
TELLING = 16
"""A secret of this length occurs nowhere by chance: it is masked in all files and messages, not only in those that
have to do with its own file."""


GIVE_AWAY = (
    "plaintext", "plain-text", "in-clear", "on-command-line", "holds-secret", "with-credentials", "token-in-template",
    "password-in",
)


def points_at_secret(result: Result) -> bool:
    """Tell whether a secret stands at the location of a finding.

    Other rules see by a name (`DB_PASSWORD`) what the secrets scanner, which looks at values, may take for harmless;
    what their names say is enough to mask the value.
    """
    return result.category == "secrets" or any(word in result.rule for word in GIVE_AWAY)


class Redactor:
    """Masks file texts and messages. Collects all secrets of a run first, so one result cannot show another's."""

    def __init__(self, results: Iterable[Result], source: Callable[[str], str | None]) -> None:
        """Take all results of the run (suppressed ones too) and the reader of original texts."""
        self._source = source
        self._spans: dict[str, list[Location]] = {}
        self._masked: dict[str, str | None] = {}
        self._own: dict[str, list[str]] = {}
        self._telling: dict[str, list[str]] = {}
        for result in results:
            if result.compliance == NON_COMPLIANT and points_at_secret(result):
                self._spans.setdefault(result.at.path, []).append(result.at)
        for path in sorted(self._spans):
            self._collect(path)
        self._spaced = any(len(beginning.split()) > 1 for beginning in self._telling)

    def _collect(self, path: str) -> None:
        """Learn the secrets of one file, longest first."""
        text = self._source(path) or ""
        starts = line_starts(text)
        words = set()
        for at in self._spans[path]:
            begin, end = _offsets(at, text, starts)
            for line in text[begin:end].splitlines():
                words.add(line.strip("\"' \t,;"))
        long_enough = (word for word in words if len(word) >= SHORTEST_WORD)
        self._own[path] = sorted(long_enough, key=lambda word: (-len(word), word))
        for word in self._own[path]:
            if len(word) >= TELLING:
                known = self._telling.setdefault(word[:TELLING], [])
                if word not in known:
                    known.append(word)
                    known.sort(key=len, reverse=True)

    def text(self, path: str) -> str | None:
        """Return the text of a file with every secret masked, character by character, so that columns stay."""
        if path not in self._masked:
            text = self._source(path)
            self._masked[path] = text if text is None else self._mask(path, text)
        return self._masked[path]

    def words(self, text: str, paths: Iterable[str] = ()) -> str:
        """Return a message with every telling secret masked, and those of the files it has to do with."""
        for path in paths:
            for word in self._own.get(path, ()):
                if word in text:
                    text = text.replace(word, WORD_MASK)
        return self._without_telling(text, lambda word: WORD_MASK)

    def result(self, result: Result) -> Result:
        """Return the result with its words masked."""
        if not self._spans:
            return result
        paths = {result.at.path, *(at.path for _, at in result.related), *(step.at.path for step in result.path)}
        return result._replace(
            message=self.words(result.message, paths), address=self.words(result.address),
            related=tuple((self.words(label, paths), at) for label, at in result.related),
            path=tuple(step._replace(message=self.words(step.message, paths)) for step in result.path),
        )

    def notification(self, note: Notification) -> Notification:
        """Return the notification with its words masked."""
        paths = (note.at.path,) if note.at is not None else tuple(self._spans)
        return note._replace(message=self.words(note.message, paths), hint=self.words(note.hint, paths))

    def _mask(self, path: str, text: str) -> str:
        """Return the text with the spans of this file, and every known secret, masked."""
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
        for word in self._own.get(path, ()):
            text = text.replace(word, MASK * len(word))
        return self._without_telling(text, lambda word: MASK * len(word))

    def _without_telling(self, text: str, mask: Callable[[str], str]) -> str:
        """Return the text without the long secrets; one look at each place, however many secrets there are."""
        if not self._telling or len(text) < TELLING:
            return text
        if not self._spaced and max(map(len, text.split()), default=0) < TELLING:
            return text
        telling = self._telling
        out: list[str] = []
        done = 0
        for place in [at for at in range(len(text) - TELLING + 1) if text[at:at + TELLING] in telling]:
            if place >= done:
                for word in telling[text[place:place + TELLING]]:
                    if text.startswith(word, place):
                        out += [text[done:place], mask(word)]
                        done = place + len(word)
                        break
        return "".join([*out, text[done:]]) if out else text


def _offsets(at: Location, text: str, starts: list[int]) -> tuple[int, int]:
    """Return the offsets of a location in a text, whatever the location says."""
    if not 1 <= at.start_line <= len(starts):
        return 0, 0
    begin = starts[at.start_line - 1] + at.start_column - 1
    end = starts[min(at.end_line, len(starts)) - 1] + at.end_column - 1
    return min(begin, len(text)), min(max(begin, end), len(text))
