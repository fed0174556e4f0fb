"""The grammar of `${...}`: where variables stand in a text, and what each one asks for, in order.

Source: the variables guide of the Serverless Framework (`${source:address, fallback}`), and the form of versions before
3 in which a fallback may be written without `${}`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_START = re.compile(r"\$\{(?=\s*(?:[A-Za-z][\w-]*(?:\([^{}]*\))?:(?!:)|(?:file|strToBool)\())")
_SOURCE = re.compile(r"\s*(?P<name>[A-Za-z][\w-]*)(?:\((?P<argument>.*?)\))?(?::(?P<address>.*))?", re.DOTALL)
MAX_NESTING = 12


class Place(NamedTuple):
    """A variable in a text: content[start:end] is `${inside}`."""

    start: int
    end: int
    inside: str


class Source(NamedTuple):
    """One source that a variable asks: `file(a.yml):key` is ("file", "a.yml", "key")."""

    name: str
    argument: str
    address: str


def places_in(text: str) -> list[Place]:
    """Return the outermost variables of a text, from left to right; one that does not end is text."""
    found: list[Place] = []
    start = 0
    while (match := _START.search(text, start)) is not None:
        end = _end(text, match.end())
        if end < 0:
            break
        found.append(Place(match.start(), end, text[match.end():end - 1]))
        start = end
    return found


def _end(text: str, start: int) -> int:
    """Return the offset behind the brace that closes a variable whose inside begins at `start`, -1 without one."""
    depth = 1
    for offset in range(start, len(text)):
        character = text[offset]
        if character == "{":
            depth += 1
            if depth > MAX_NESTING:
                return -1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return offset + 1
    return -1


def alternatives_of(inside: str) -> list[str]:
    """Return the comma-separated alternatives of a variable; commas in quotes, braces and brackets do not count."""
    found: list[str] = []
    depth, quote, start = 0, "", 0
    for offset, character in enumerate(inside):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "{(":
            depth += 1
        elif character in "})":
            depth -= 1
        elif character == "," and depth == 0:
            found.append(inside[start:offset].strip())
            start = offset + 1
    found.append(inside[start:].strip())
    return found


def source_of(alternative: str) -> Source | None:
    """Return what `source:address` asks for, None for a literal."""
    match = _SOURCE.fullmatch(alternative)
    if match is None or (match["argument"] is None and match["address"] is None):
        return None
    return Source(match["name"], (match["argument"] or "").strip(), (match["address"] or "").strip())


def literal_of(alternative: str) -> tuple[bool, str | int | float | bool | None]:
    """Return (whether it is a literal, its content) of an alternative: a quoted text, a number, true, false, null."""
    if len(alternative) >= 2 and alternative[0] in "'\"" and alternative[-1] == alternative[0]:
        return True, alternative[1:-1]
    named = {"true": True, "false": False, "null": None}
    if alternative in named:
        return True, named[alternative]
    if re.fullmatch(r"-?\d{1,18}", alternative):
        return True, int(alternative)
    if re.fullmatch(r"-?\d{1,18}\.\d{1,18}", alternative):
        return True, float(alternative)
    return False, None


__all__ = ["Place", "Source", "alternatives_of", "literal_of", "places_in", "source_of"]
