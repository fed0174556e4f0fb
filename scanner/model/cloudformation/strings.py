"""Strings that functions put together: known, partly known or unknown, with each character's place."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from scanner.core.location import Location, Piece, TextMap
from scanner.core.value import HOLE, Content, ListValue, MapValue, Scalar, Unknown, Value

DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:(ssm-secure|ssm|secretsmanager):[^{}]*(?:\{[^{}]*\}[^{}]*)?\}\}")
MAX_MAPPED = 400
"""Characters of a substituted text that are mapped one by one onto the place of the substitution."""


class Run(NamedTuple):
    """A stretch of a string: its known text and unknown pieces, and where its characters stand.

    `origin` is the text map of the value that it was cut from at `start`; with `place` all characters stand there.
    """

    parts: tuple[str | Unknown, ...]
    origin: Callable[[], TextMap | None] | None
    start: int
    place: Location

    @property
    def rendering(self) -> str:
        """Return the text with a HOLE for each unknown piece."""
        return "".join(part if isinstance(part, str) else HOLE for part in self.parts)


def text_form(content: Content) -> str:
    """Return how CloudFormation writes a scalar inside a string."""
    if content is True:
        return "true"
    if content is False:
        return "false"
    return "" if content is None else str(content)


def run_of(value: Value, place: Location | None = None) -> Run | None:
    """Return a value as a stretch of text; None for lists, mappings and absent values.

    With `place`, its characters are said to stand there (the `${Name}` of a substitution).
    """
    if isinstance(value, Scalar):
        own = value.content if isinstance(value.content, str) else None
        shown = text_form(value.content)
        return Run((shown,) if shown else (), (lambda: value.text_map) if own and place is None else None, 0,
                   place or value.at)
    if isinstance(value, Unknown):
        if not value.parts:
            return Run((value,), None, 0, place or value.at)
        return Run(value.parts, (lambda: value.text_map) if place is None else None, 0, place or value.at)
    if isinstance(value, (MapValue, ListValue)):
        written = json_text(value)
        return Run((written,), None, 0, place or value.at) if written is not None else None
    return None


def slice_of(scalar: Scalar, start: int, end: int) -> Run:
    """Return a stretch of a known string."""
    text = str(scalar.content)[start:end]
    return Run((text,) if text else (), lambda: scalar.text_map, start, scalar.at)


def assembled(runs: list[Run], at: Location) -> Value:
    """Return the string that the runs make; dynamic references in it become unknown."""
    parts: list[str | Unknown] = []
    for run in runs:
        for part in run.parts:
            if isinstance(part, str) and parts and isinstance(parts[-1], str):
                parts[-1] += part
            else:
                parts.append(part)
    text_map = _lazy_map(runs, at)
    value: Value
    if all(isinstance(part, str) for part in parts):
        value = Scalar("".join(str(part) for part in parts), at, text_map)
    elif len(parts) == 1 and isinstance(parts[0], Unknown):
        only = parts[0]
        value = Unknown(only.reason, at, refers=only.refers, parts=only.parts, present=only.present,
                        label=only.label, secret=only.secret)
    else:
        reason = next(part.reason for part in parts if isinstance(part, Unknown))
        value = Unknown(reason, at, parts=tuple(parts), text_map=text_map)
    return with_dynamic_references(value)


def _lazy_map(runs: list[Run], at: Location) -> Callable[[], TextMap]:
    def make() -> TextMap:
        pieces: list[Piece] = []
        offset = 0
        for run in runs:
            size = len(run.rendering)
            if size:
                pieces += _pieces(run, offset, size)
            offset += size
        return TextMap(tuple(pieces) or (Piece(0, at.path, at.start_line, at.start_column),))

    return make


def _pieces(run: Run, offset: int, size: int) -> list[Piece]:
    """Return the pieces of one run that starts at `offset` of the whole."""
    origin = run.origin() if run.origin is not None else None
    if origin is None:
        place = run.place
        return [Piece(offset + step, place.path, place.start_line, place.start_column)
                for step in range(min(size, MAX_MAPPED))]
    path, line, column = origin.position(run.start)
    pieces = [Piece(offset, path, line, column)]
    for piece in origin.pieces:
        if run.start < piece.offset < run.start + size:
            pieces.append(Piece(offset + piece.offset - run.start, piece.path, piece.line, piece.column))
    return pieces


def with_dynamic_references(value: Value) -> Value:
    """Return the value; a string that holds `{{resolve:...}}` becomes unknown where it does.

    The reference's text is the `label`; one to Secrets Manager or a secure parameter is marked `secret`.
    """
    if isinstance(value, Scalar):
        text = value.content
        if not isinstance(text, str) or "{{resolve:" not in text:
            return value
        whole: tuple[str | Unknown, ...] = (text,)
    elif isinstance(value, Unknown) and value.parts:
        whole, text = value.parts, value.rendering
        if "{{resolve:" not in text:
            return value
    else:
        return value
    found = list(DYNAMIC_REFERENCE.finditer(text))
    if not found:
        return value
    parts: list[str | Unknown] = []
    at = 0
    for match in found:
        parts += _cut(whole, at, match.start())
        parts.append(_dynamic(match, value.at))
        at = match.end()
    parts += _cut(whole, at, len(text))
    only = parts[0]
    if len(parts) == 1 and isinstance(only, Unknown):
        return only
    reason = next(part.reason for part in parts if isinstance(part, Unknown))
    return Unknown(reason, value.at, parts=tuple(parts))


def _dynamic(match: re.Match[str], at: Location) -> Unknown:
    service = match.group(1)
    store = "Secrets Manager" if service == "secretsmanager" else "the parameter store"
    label = match.group().replace(HOLE, "*")
    return Unknown(f"{label} is read from {store} at deployment", at, present=True, label=label,
                   secret=service != "ssm")


def _cut(parts: tuple[str | Unknown, ...], start: int, end: int) -> list[str | Unknown]:
    """Return the parts between two offsets of the rendering."""
    kept: list[str | Unknown] = []
    offset = 0
    for part in parts:
        size = len(part) if isinstance(part, str) else 1
        low, high = max(start - offset, 0), min(end - offset, size)
        if low < high:
            kept.append(part[low:high] if isinstance(part, str) else part)
        offset += size
    return kept


def split_string(value: Value, delimiter: str, at: Location) -> Value:
    """Return what `Fn::Split` gives; of a partly known string the items before the first gap.

    A piece of a resource's attribute still refers to the resource.
    """
    if not delimiter:
        return Unknown("Fn::Split with an empty delimiter", at)
    if isinstance(value, Unknown) and value.parts and isinstance(value.parts[0], str):
        first = Scalar(value.parts[0], value.at, value.text_map)
        items = _split(first, delimiter)[:-1]
        return ListValue(tuple(items), at, Unknown(value.reason, at, present=True))
    if isinstance(value, Unknown):
        return Unknown(value.reason, at, refers=value.refers, present=True)
    if not isinstance(value, Scalar):
        return Unknown("Fn::Split of something that is no string", at)
    whole = value if isinstance(value.content, str) else Scalar(text_form(value.content), value.at)
    return ListValue(tuple(_split(whole, delimiter)), at)


def _split(scalar: Scalar, delimiter: str) -> list[Value]:
    items: list[Value] = []
    start = 0
    for text in str(scalar.content).split(delimiter):
        items.append(assembled([slice_of(scalar, start, start + len(text))], scalar.at))
        start += len(text) + len(delimiter)
    return items


def json_text(value: Value) -> str | None:
    """Return a fully known structure as compact JSON text, as `Fn::ToJsonString` writes it; else None."""
    from scanner.core.value import plain

    try:
        content = plain(value)
    except ValueError:
        return None
    from json import dumps

    return dumps(content, separators=(",", ":"), ensure_ascii=False)
