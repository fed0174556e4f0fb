"""The text that jsonencode and yamlencode write, with the way back from each piece of it to the source."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple

from scanner.core.location import Location, Piece, TextMap
from scanner.core.value import ListValue, MapValue, Scalar, Unknown, Value, plain

_HTML = "<>&\u2028\u2029"
_GAP = "\ue000"


class Written(NamedTuple):
    """An encoded text: known pieces and unknown ones in order, and the map from its rendering to the source."""

    parts: tuple[str | Unknown, ...]
    text_map: Callable[[], TextMap]


def json_of(data: object) -> str:
    """Return plain data as Terraform writes JSON: keys sorted, no blanks, `<>&` escaped."""
    text = json.dumps(data, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    for character in _HTML:
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def written(write: Callable[[object], str], value: Value, at: Location) -> Written | None:
    """Return what `write` makes of a value; None when more than single entries of it is unknown.

    Raises ValueError for what the encoding cannot hold.
    """
    gaps: list[Unknown] = []
    filled = _filled(value, gaps)
    if filled is None:
        return None
    text = write(plain(filled))
    pieces = text.split(_GAP)
    if len(pieces) != len(gaps) + 1:
        return None
    parts: list[str | Unknown] = []
    for index, piece in enumerate(pieces):
        parts += [piece] if piece else []
        parts += [gaps[index]] if index < len(gaps) else []
    return Written(tuple(parts), lambda: TextMap(tuple(_pieces(text, filled, at))))


def _filled(value: Value, gaps: list[Unknown]) -> Value | None:
    """Return the value with a gap in place of each unknown entry, in the order of the text; None when it cannot be."""
    if isinstance(value, Unknown):
        gaps.append(value)
        return Scalar(_GAP, value.at)
    if isinstance(value, ListValue):
        items = [_filled(item, gaps) for item in value.items]
        known = [item for item in items if item is not None]
        return None if value.rest is not None or len(known) < len(items) else ListValue(tuple(known), value.at)
    if isinstance(value, MapValue):
        entries = {key: _filled(value.entries[key], gaps) for key in sorted(value.entries)}
        found = {key: entry for key, entry in entries.items() if entry is not None}
        return None if value.rest is not None or len(found) < len(entries) else MapValue(found, value.at, value.keys_at)
    return value if isinstance(value, Scalar) else None


def _pieces(text: str, value: Value, at: Location) -> Iterator[Piece]:
    """Yield the pieces of the map: every key and scalar is looked up where it must come next.

    Texts stand there in quotes with JSON's escapes, or line by line in a YAML block.
    """
    yield Piece(0, at.path, at.start_line, at.start_column)
    cursor = 0
    for content, place, source in _leaves(value):
        quoted = min((here for form in _quoted(content) if (here := text.find(form, cursor)) >= 0), default=-1)
        if quoted >= 0:
            yield Piece(quoted, place.path, place.start_line, place.start_column)
            last = yield from _characters(text, quoted + 1, content, 0, source)
            cursor = last + 1  # after the closing quote: with a colon and the next quote it would look like a text
            continue
        start = 0
        for line in content.split("\n"):
            found = text.find(line, cursor) if line else -1
            if found >= 0:
                cursor = yield from _characters(text, found, line, start, source)
            start += len(line) + 1


def _quoted(content: str) -> tuple[str, str]:
    return json.dumps(content, ensure_ascii=False), json_of(content)


def _characters(text: str, cursor: int, line: str, start: int, source: TextMap) -> Generator[Piece, None, int]:
    """Yield the pieces of one line of a text that is written at `cursor`; returns where it ends there."""
    following: Piece | None = None
    for offset, character in enumerate(line, start):
        here = Piece(cursor, *source.position(offset))
        if here != following:
            yield here
        width = next((len(form) - 2 for form in _quoted(character) if text.startswith(form[1:-1], cursor)), 1)
        cursor += width
        following = Piece(cursor, here.path, here.line, here.column + 1)
        if width > 1:
            yield following
    return cursor


def _leaves(value: Value) -> Iterator[tuple[str, Location, TextMap]]:
    """Yield (text, place, map) of every key and scalar in the order of the written text."""
    if isinstance(value, MapValue):
        for key in sorted(value.entries):
            at = value.key_at(key)
            quoted = at.end_line == at.start_line and at.end_column - at.start_column == len(key) + 2
            yield key, at, TextMap((Piece(0, at.path, at.start_line, at.start_column + quoted),))
            yield from _leaves(value.entries[key])
    elif isinstance(value, ListValue):
        for item in value.items:
            yield from _leaves(item)
    elif isinstance(value, Scalar):
        text = value.content if isinstance(value.content, str) else json.dumps(value.content)
        yield text, value.at, value.text_map
