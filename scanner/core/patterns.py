"""Regexes that are compiled when they are first used: a start-up pays for none of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import AnyStr, Generic


class Pattern(Generic[AnyStr]):
    """A regex with the methods of `re.Pattern` that we use; `compiled` is the real one."""

    __slots__ = ("_compiled", "flags", "text")

    text: AnyStr

    def __init__(self, text: AnyStr, flags: int = 0) -> None:
        """Take the pattern and the flags of `re.compile`."""
        self.text = text
        self.flags = flags
        self._compiled: re.Pattern[AnyStr] | None = None

    @property
    def compiled(self) -> re.Pattern[AnyStr]:
        """Return the compiled pattern."""
        if self._compiled is None:
            self._compiled = re.compile(self.text, self.flags)
        return self._compiled

    def match(self, text: AnyStr, start: int = 0, end: int = 2**62) -> re.Match[AnyStr] | None:
        """Match at `start`."""
        return self.compiled.match(text, start, end)

    def search(self, text: AnyStr, start: int = 0, end: int = 2**62) -> re.Match[AnyStr] | None:
        """Return the first match from `start` on."""
        return self.compiled.search(text, start, end)

    def fullmatch(self, text: AnyStr) -> re.Match[AnyStr] | None:
        """Match the whole text."""
        return self.compiled.fullmatch(text)

    def finditer(self, text: AnyStr, start: int = 0, end: int = 2**62) -> Iterator[re.Match[AnyStr]]:
        """Yield all matches."""
        return self.compiled.finditer(text, start, end)

    def sub(self, new: AnyStr | Callable[[re.Match[AnyStr]], AnyStr], text: AnyStr) -> AnyStr:
        """Replace all matches."""
        return self.compiled.sub(new, text)

    def findall(self, text: AnyStr) -> list[AnyStr]:
        """Return the texts of all matches of a pattern without groups."""
        return self.compiled.findall(text)
