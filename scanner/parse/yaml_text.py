"""Where each character of a decoded YAML scalar stands in its source.

PyYAML decodes scalars but does not say where their characters come from. Each function here decodes a token again,
keeping for every character of the value the source offset it came from.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from scanner.core.location import Piece, TextMap, line_starts

_PROPERTY = re.compile(r"[!&][^\s]*")
_GAP = re.compile(r"(?:[ \t]|(?:(?<=[ \t\n\r])#[^\r\n]*)?(?:\r\n|\r|\n))+")
_SIMPLE_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}
_HEX_LENGTHS = {"x": 2, "u": 4, "U": 8}
Offsets = list[tuple[str, int]]


def token_start(source: str, index: int, line: int, column: int, filled: bool) -> tuple[int, int, int]:
    """Return (offset, line, column) of a scalar's own token, after its tag and anchor.

    `filled` is False for an empty value: its place is then right after the tag.
    """
    at = index
    while True:
        match = _PROPERTY.match(source, at)
        if match is None:
            break
        after = match.end()
        gap = _GAP.match(source, after)
        if gap is None:
            at = after
            break
        following = source[gap.end():gap.end() + 1]
        if not filled and following not in ("!", "&"):
            at = after
            break
        at = gap.end()
    starts = line_starts(source[index:at])
    if len(starts) == 1:
        return at, line, column + at - index
    return at, line + len(starts) - 1, at - index - starts[-1] + 1


def text_map_of(
    path: str, source: str, start: int, end: int, style: str, value: str, first: tuple[int, int], one_line: bool
) -> Callable[[], TextMap] | None:
    """Return a function that makes the map of a scalar's value, or None when the value starts right at its place.

    `source[start:end]` is the token, `first` its 1-based (line, column).
    """
    if one_line and style in ("'", '"') and end - start == len(value) + 2:
        return None

    def make() -> TextMap:
        token = source[start:end]
        if style == '"':
            pairs = _double_quoted(token)
        elif style == "'":
            pairs = _single_quoted(token)
        elif style in ("|", ">"):
            pairs = _block(token, value, style == ">")
        else:
            pairs = _folded_lines(token, 0, len(token))
        if "".join(character for character, _ in pairs) != value:
            return TextMap((Piece(0, path, first[0], first[1]),))
        return _map_of(path, token, pairs, first)

    return make


def _map_of(path: str, token: str, pairs: Offsets, first: tuple[int, int]) -> TextMap:
    """Compress (character, source offset) pairs into pieces."""
    starts = line_starts(token)
    pieces: list[Piece] = []
    row = 0
    expected = -1
    for offset, (_, origin) in enumerate(pairs):
        moved = False
        while row + 1 < len(starts) and starts[row + 1] <= origin:
            row += 1
            moved = True
        if moved or origin != expected:
            column = origin - starts[row] + (first[1] if row == 0 else 1)
            pieces.append(Piece(offset, path, first[0] + row, column))
        expected = origin + 1
    if not pieces:
        pieces.append(Piece(0, path, first[0], first[1] + (1 if token[:1] in ("'", '"') else 0)))
    return TextMap(tuple(pieces))


def _double_quoted(token: str) -> Offsets:
    """Decode a double-quoted token."""
    pairs: Offsets = []
    at, last = 1, len(token) - 1
    while at < last:
        character = token[at]
        if character == "\\":
            following = token[at + 1:at + 2]
            if following in ("\r", "\n"):
                after = at + (3 if token[at + 1:at + 3] == "\r\n" else 2)
                at = _blank_lines(token, after, last, pairs)
                continue
            if following in _HEX_LENGTHS:
                size = _HEX_LENGTHS[following]
                pairs.append((chr(int(token[at + 2:at + 2 + size], 16)), at))
                at += 2 + size
                continue
            pairs.append((_SIMPLE_ESCAPES.get(following, following), at))
            at += 2
        elif character in "\r\n \t":
            at = _fold(token, at, last, pairs)
        else:
            pairs.append((character, at))
            at += 1
    return pairs


def _single_quoted(token: str) -> Offsets:
    """Decode a single-quoted token."""
    pairs: Offsets = []
    at, last = 1, len(token) - 1
    while at < last:
        character = token[at]
        if character == "'":
            pairs.append(("'", at))
            at += 2
        elif character in "\r\n \t":
            at = _fold(token, at, last, pairs)
        else:
            pairs.append((character, at))
            at += 1
    return pairs


def _folded_lines(token: str, at: int, last: int) -> Offsets:
    """Decode a plain token that runs over several lines."""
    pairs: Offsets = []
    while at < last:
        if token[at] in "\r\n \t":
            at = _fold(token, at, last, pairs)
        else:
            pairs.append((token[at], at))
            at += 1
    return pairs


def _fold(token: str, at: int, last: int, pairs: Offsets) -> int:
    """Take white space: kept inside a line; with line ends one becomes a space, more become one less."""
    begin = at
    while at < last and token[at] in " \t":
        at += 1
    if at >= last or token[at] not in "\r\n":
        pairs.extend((token[offset], offset) for offset in range(begin, at))
        return at
    fold = at
    at += 2 if token[at:at + 2] == "\r\n" else 1
    size = len(pairs)
    at = _blank_lines(token, at, last, pairs)
    if len(pairs) == size:
        pairs.append((" ", fold))
    return at


def _blank_lines(token: str, at: int, last: int, pairs: Offsets) -> int:
    """Skip the indentation of a continuation line; every further line end is a line feed of the value."""
    while True:
        while at < last and token[at] in " \t":
            at += 1
        if at >= last or token[at] not in "\r\n":
            return at
        pairs.append(("\n", at))
        at += 2 if token[at:at + 2] == "\r\n" else 1


def _block(token: str, value: str, folded: bool) -> Offsets:
    """Decode a block scalar: header, then lines under a common indentation."""
    starts = line_starts(token)
    header = token[:starts[1]] if len(starts) > 1 else token
    chomping = header.split("#")[0]
    lines = [(start, token[start:(starts[row + 2] if row + 2 < len(starts) else len(token))])
             for row, start in enumerate(starts[1:])]
    indent = _indent_of([text for _, text in lines], value)
    pairs: Offsets = []
    held: Offsets = []       # line ends not yet known to matter, first one from a content line
    previous_blank = True    # the line before starts with white space, or there is none
    started = False
    for start, text in lines:
        body = text.rstrip("\r\n")
        ending = start + len(body)
        if len(body) <= indent and not body.strip(" "):
            if len(text) > len(body):
                held.append(("\n", ending))
            continue
        if len(body) < indent:
            break
        blank = body[indent:indent + 1] in (" ", "\t")
        if folded and started and not previous_blank and not blank and held:
            held = [(" ", held[0][1])] if len(held) == 1 else held[1:]
        pairs.extend(held)
        pairs.extend((body[offset], start + offset) for offset in range(indent, len(body)))
        held = [("\n", ending)] if len(text) > len(body) else []
        started, previous_blank = True, blank
    if "-" not in chomping:
        keep = held if "+" in chomping else (held[:1] if started else [])
        pairs.extend(keep)
    return pairs


def _indent_of(lines: list[str], value: str) -> int:
    """Return the indentation that was taken off: source column against value column of the first written line."""
    written = next((line for line in lines if line.strip(" \r\n")), "")
    shown = next((line for line in value.split("\n") if line.strip(" ")), "")
    if not shown:
        return max((len(line.rstrip("\r\n")) for line in lines), default=0)
    return (len(written) - len(written.lstrip(" "))) - (len(shown) - len(shown.lstrip(" ")))
