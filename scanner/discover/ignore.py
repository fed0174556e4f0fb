"""Which paths are left out of a run: patterns in gitignore's language, and folders that are never ours.

Facts: gitignore(5). A pattern with a slash before its end is anchored at the folder of its file; `*` and
`?` stop at a slash, `**` does not; a final slash means folders only; `!` takes back; the last match wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from scanner.core.path_globs import expression

IGNORE_FILES = (".gitignore", ".leftgateignore")

MACHINE_FOLDERS = frozenset({
    ".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", ".aws-sam", ".serverless", ".venv", ".tox", ".nox",
    "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".leftgate-cache",
})
"""Folders that tools fill; nobody edits what is in them. Skipped in a plain walk; in a repository git says it."""


class Pattern(NamedTuple):
    """One line of an ignore file; `regex` matches a path relative to the folder of that file."""

    regex: re.Pattern[str]
    negated: bool
    folders_only: bool


def pattern_of(line: str) -> Pattern | None:
    """Return the pattern a line states, or None for blank lines and comments."""
    text = line.rstrip("\r\n")
    if not text.endswith("\\ "):
        text = text.rstrip(" ")
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    if negated:
        text = text[1:]
    folders_only = text.endswith("/")
    text = text.rstrip("/")
    if not text:
        return None
    glob = text.lstrip("/") if "/" in text else f"**/{text}"
    return Pattern(re.compile(expression(glob), re.DOTALL), negated, folders_only)


class Ignored:
    """The patterns in force below one folder; a child folder adds its own file's patterns with `below`."""

    __slots__ = ("_levels",)

    def __init__(self, levels: tuple[tuple[str, tuple[Pattern, ...]], ...] = ()) -> None:
        """Take (folder, patterns) pairs, outermost first; folders are relative to the root, "" is the root."""
        self._levels = levels

    def below(self, folder: str, lines: Iterable[str]) -> Ignored:
        """Return these patterns and those of an ignore file that stands in `folder`."""
        patterns = tuple(found for found in map(_lenient, lines) if found is not None)
        return Ignored((*self._levels, (folder, patterns))) if patterns else self

    def covers(self, path: str, is_folder: bool) -> bool:
        """Tell whether the path, relative to the root, is left out; its parents are assumed not to be."""
        for folder, patterns in reversed(self._levels):
            inner = path[len(folder) + 1:] if folder else path
            for pattern in reversed(patterns):
                if (is_folder or not pattern.folders_only) and pattern.regex.fullmatch(inner):
                    return not pattern.negated
        return False

    def covers_any_part(self, path: str) -> bool:
        """Tell whether the path or one of its folders is left out; a path that ends with a slash is a folder."""
        if not self._levels:
            return False
        at = path.find("/")
        while at >= 0:
            if self.covers(path[:at], True):
                return True
            at = path.find("/", at + 1)
        return not path.endswith("/") and self.covers(path, False)


def _lenient(line: str) -> Pattern | None:
    """Return the pattern of a line; a pattern that is no glob at all (`[z-a]`) matches nothing, as in git."""
    try:
        return pattern_of(line)
    except re.error:
        return None
