"""Which paths are left out of a run: patterns in gitignore's language, and folders that are never ours.

Facts: gitignore(5). A pattern with a slash before its end is anchored at the folder of its file; `*` and
`?` stop at a slash, `**` does not; a final slash means folders only; `!` takes back; the last match wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

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
    anchored = "/" in text
    body = _translated(text.lstrip("/"))
    prefix = "" if anchored else "(?:.*/)?"
    return Pattern(re.compile(f"{prefix}{body}", re.DOTALL), negated, folders_only)


def _translated(glob: str) -> str:
    """Return the glob as a regular expression without anchors."""
    out: list[str] = []
    index = 0
    while index < len(glob):
        if glob.startswith("**/", index) and (index == 0 or glob[index - 1] == "/"):
            out.append("(?:.*/)?")
            index += 3
        elif glob.startswith("**", index):
            out.append(".*")
            index += 2
        elif glob[index] == "[" and (end := glob.find("]", index + 2)) > 0:
            inside = glob[index + 1:end].replace("\\", "\\\\").replace("[", "\\[")
            out.append(f"[^{inside[1:]}]" if inside[0] in "!^" else f"[{inside}]")
            index = end + 1
        else:
            character = glob[index]
            if character == "\\" and index + 1 < len(glob):
                index += 1
                out.append(re.escape(glob[index]))
            else:
                out.append({"*": "[^/]*", "?": "[^/]"}.get(character) or re.escape(character))
            index += 1
    return "".join(out)


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
