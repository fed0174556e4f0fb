"""JSON inside Terraform: texts that know their structure, and structures read out of texts with places kept."""

from __future__ import annotations

from collections.abc import Callable

from scanner.core.errors import SyntaxFault
from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.value import Absent, Choice, ListValue, MapValue, Scalar, Unknown, Value
from scanner.model.terraform.domain import (
    Encoded,
    EncodedUnknown,
    Failure,
    Lazy,
    first_unknown,
    settled,
)
from scanner.model.terraform.encoded_text import json_of, written
from scanner.model.values import structure_in
from scanner.parse.embedded import embedded_documents

_FIRST, _LAST = 0xE000, 0xF8FF


def encoded(value: Value, at: Location) -> Value:
    """Return `jsonencode(value)`: a text that keeps the structure it was made of."""
    return encoded_as("json", json_of, value, at)


def encoded_as(encoding: str, write: Callable[[object], str], value: Value, at: Location) -> Value:
    """Return what `write` makes of the value in plain data: a text that keeps the structure it was made of."""
    if isinstance(value, Choice):
        then = encoded_as(encoding, write, value.then, at)
        return Choice(value.question, then, encoded_as(encoding, write, value.otherwise, at), at)
    if isinstance(value, Failure):
        return value
    unknown = first_unknown(value)
    try:
        found = written(write, nulls_kept(value), at)
    except (ValueError, RecursionError):
        found = None
    if unknown is not None:
        return EncodedUnknown(unknown.reason, at, value, encoding, found)
    if found is None:
        return Unknown("the structure is not fully known", at, present=True)
    return Encoded("".join(str(part) for part in found.parts), at, value, encoding, found.text_map)


def nulls_kept(value: Value) -> Value:
    """Return the value with lazy objects resolved; nulls stay."""
    if isinstance(value, Lazy):
        return nulls_kept(value.whole())
    if isinstance(value, Absent):
        return Scalar(None, value.at)
    if isinstance(value, ListValue):
        return ListValue(tuple(nulls_kept(item) for item in value.items), value.at, value.rest)
    if isinstance(value, MapValue):
        entries = {key: nulls_kept(entry) for key, entry in value.entries.items()}
        return MapValue(entries, value.at, value.keys_at, value.rest)
    return value


def structure_of(value: Value) -> Value:
    """Return the structure of a JSON text: what jsonencode was given, or the text parsed with places in the source.

    A partly known text is parsed with its unknown pieces in place. What cannot be read is an Unknown.
    """
    if isinstance(value, Choice):
        return Choice(value.question, structure_of(value.then), structure_of(value.otherwise), value.at)
    if isinstance(value, (Encoded, EncodedUnknown)) and value.encoding == "json":
        return settled(value.inner)
    if isinstance(value, Scalar):
        return _parsed(value, ()) if isinstance(value.content, str) else value
    if isinstance(value, Unknown) and value.parts:
        return _partly(value)
    return value


def document_of(value: Value) -> Value:
    """Return the structure of a text that may be JSON or YAML."""
    if isinstance(value, Choice):
        return Choice(value.question, document_of(value.then), document_of(value.otherwise), value.at)
    if isinstance(value, (Encoded, EncodedUnknown)) and value.encoding == "yaml":
        return settled(value.inner)
    found = structure_of(value)
    return found if isinstance(found, (MapValue, ListValue)) else structure_in(value)


def _partly(value: Unknown) -> Value:
    """Parse a partly known text, one private-use character for each unknown piece."""
    words: list[str] = []
    unknowns: list[Unknown] = []
    for part in value.parts:
        if isinstance(part, str):
            words.append(part)
        elif len(unknowns) < _LAST - _FIRST:
            words.append(chr(_FIRST + len(unknowns)))
            unknowns.append(part)
    text = "".join(words)
    if len(value.parts) == 1:
        return value
    bare, quoted = _quoted_holes(text)
    maps = getattr(value, "piece_map", None)
    stand_in = Scalar(bare, value.at, (lambda: maps(quoted)) if maps is not None else None)
    return _parsed(stand_in, tuple(unknowns))


def _quoted_holes(text: str) -> tuple[str, tuple[int, ...]]:
    """Put quotes around holes that stand outside of strings; returns the text and the offsets of added characters."""
    out: list[str] = []
    added: list[int] = []
    inside = escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\" and inside:
            escaped = True
        elif character == '"':
            inside = not inside
        elif not inside and _FIRST <= ord(character) <= _LAST:
            added += (len(out), len(out) + 2)
            out += ('"', character, '"')
            continue
        out.append(character)
    return "".join(out), tuple(added)


def _parsed(value: Scalar, unknowns: tuple[Unknown, ...]) -> Value:
    try:
        nodes = embedded_documents(value, "json")
    except SyntaxFault as fault:
        nodes = fault.partial
        if not nodes or any(node.cut for node in nodes):
            return Unknown(f"the text is no JSON: {fault.message}", value.at, present=True)
    if not nodes:
        return Unknown("the text is empty", value.at, present=True)
    return _value_of(nodes[0], unknowns)


def _value_of(node: Node, unknowns: tuple[Unknown, ...]) -> Value:
    if node.kind == "sequence":
        return ListValue(tuple(_value_of(item, unknowns) for item in node.items), node.at)
    if node.kind == "mapping":
        entries = {_key_text(key.text, unknowns): _value_of(value, unknowns) for key, value in node.pairs}
        return MapValue(entries, node.at, {_key_text(key.text, unknowns): key.at for key, _ in node.pairs})
    content = node.content
    if isinstance(content, str) and unknowns and any(_FIRST <= ord(c) <= _LAST for c in content):
        return _with_holes(content, unknowns, node)
    return Scalar(content, node.at, node.text_map, quoted=isinstance(content, str))


def _key_text(text: str, unknowns: tuple[Unknown, ...]) -> str:
    return "".join("${...}" if unknowns and _FIRST <= ord(c) <= _LAST else c for c in text)


def _with_holes(content: str, unknowns: tuple[Unknown, ...], node: Node) -> Value:
    parts: list[str | Unknown] = []
    for character in content:
        position = ord(character) - _FIRST
        if 0 <= position < len(unknowns):
            parts.append(unknowns[position])
        elif parts and isinstance(parts[-1], str):
            parts[-1] += character
        else:
            parts.append(character)
    if len(parts) == 1 and isinstance(parts[0], Unknown):
        only = parts[0]
        return Unknown(only.reason, node.at, refers=only.refers, parts=only.parts, present=only.present)
    reason = next(part.reason for part in parts if isinstance(part, Unknown))
    return Unknown(reason, node.at, parts=tuple(parts), present=True)
