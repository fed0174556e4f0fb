"""Templates to text: known pieces joined with a map back to the source, unknown ones kept in their place."""

from __future__ import annotations

from collections.abc import Callable

from scanner.core.location import Location, Piece, TextMap
from scanner.core.value import Choice, Scalar, Unknown, Value
from scanner.model.terraform.domain import LIFT_LIMIT, Failure, PartlyText, branch, choice, failure
from scanner.model.terraform.evaluate import (
    MAX_ITEMS,
    Scope,
    as_condition,
    evaluate,
    pairs_of,
    truth,
)
from scanner.model.terraform.operators import as_text
from scanner.parse.hcl import tree
from scanner.parse.hcl.template import Interpolation

_EXACT = 300


class _Piece:
    """A run of the text: what it says, where it stands, and for a literal the map into it."""

    __slots__ = ("at", "maps", "value")

    def __init__(self, value: Value, at: Location, maps: Callable[[], TextMap] | None) -> None:
        self.value = value
        self.at = at
        self.maps = maps


def rendered(parts: list[tree.Node], scope: Scope, at: Location) -> Value:
    """Return a scalar when everything is known, a Choice over open conditions, else an unknown with its parts."""
    pieces: list[_Piece] = []
    trouble = _gather(parts, scope, pieces)
    if trouble is not None:
        return trouble
    return _opened(pieces, at, LIFT_LIMIT)


def _opened(pieces: list[_Piece], at: Location, left: int) -> Value:
    for piece in pieces:
        if isinstance(piece.value, Choice):
            if left == 0:
                return Unknown("depends on too many open conditions", at)
            question = piece.value.question
            sides = [
                _opened([_Piece(branch(p.value, question, holds), p.at, p.maps) for p in pieces], at, left - 1)
                for holds in (True, False)
            ]
            return choice(question, sides[0], sides[1], at)
    return _text(pieces, at)


def _gather(parts: list[tree.Node], scope: Scope, pieces: list[_Piece]) -> Value | None:
    """Append the pieces of the parts; returns a failure or an unknown that spoils the whole text."""
    for part in parts:
        if isinstance(part, tree.Literal):
            at = scope.at(part)
            pieces.append(_Piece(Scalar(part.content, at), at, scope.piece_map(part.pieces)))
            continue
        if isinstance(part, tree.TemplateIf):
            trouble = _branch(part, scope, pieces)
        elif isinstance(part, tree.TemplateFor):
            trouble = _loop(part, scope, pieces)
        else:
            inner = part.inner if isinstance(part, Interpolation) else part
            value = evaluate(inner, scope)
            trouble = value if isinstance(value, Failure) else None
            pieces.append(_Piece(value, scope.at(part), None))
        if trouble is not None:
            return trouble
    return None


def _branch(part: tree.TemplateIf, scope: Scope, pieces: list[_Piece]) -> Value | None:
    condition = as_condition(evaluate(part.condition, scope), part.condition, scope)
    holds = truth(condition)
    if holds is not None:
        return _gather(part.then if holds else part.otherwise, scope, pieces)
    if not isinstance(condition, Choice):
        return failure("the condition of a directive is no boolean", scope.at(part))
    at = scope.at(part)

    def side(value: Value) -> Value:
        if isinstance(value, Choice):
            return choice(value.question, side(value.then), side(value.otherwise), at)
        return rendered(part.then if truth(value) else part.otherwise, scope, at)

    pieces.append(_Piece(side(condition), at, None))
    return None


def _loop(part: tree.TemplateFor, scope: Scope, pieces: list[_Piece]) -> Value | None:
    collection = evaluate(part.collection, scope)
    found = pairs_of(collection)
    at = scope.at(part)
    if found is None or found[1] is not None:
        if isinstance(collection, Failure):
            return collection
        reason = collection.reason if isinstance(collection, Unknown) else "the collection is not fully known"
        pieces.append(_Piece(Unknown(reason, at), at, None))
        return None
    if len(found[0]) > MAX_ITEMS or not scope.module.run.spend(len(found[0])):
        return Unknown("the loop is longer than we evaluate", at)
    for key, item in found[0]:
        names = {part.value: item, part.key: key} if part.key else {part.value: item}
        trouble = _gather(part.parts, scope.within(names), pieces)
        if trouble is not None:
            return trouble
    return None


def _text(pieces: list[_Piece], at: Location) -> Value:
    """Join pieces without Choices."""
    words: list[str | Unknown] = []
    unknown: Unknown | None = None
    for piece in pieces:
        value = piece.value
        text = as_text(value)
        if text is not None:
            words.append(text)
        elif isinstance(value, Failure):
            return value
        elif isinstance(value, Unknown):
            unknown = unknown or value
            words.extend(value.parts or (value,))
        else:
            return failure("only a primitive value can stand in a template", at)
    if unknown is None:
        content = "".join(str(word) for word in words)
        return Scalar(content, at, lambda: _joined_map(pieces, at))
    return PartlyText(unknown.reason, at, _merged(words), lambda added: _shifted(_joined_map(pieces, at), added))


def _merged(words: list[str | Unknown]) -> tuple[str | Unknown, ...]:
    """Return the words with neighbouring texts joined and empty ones left out."""
    merged: list[str | Unknown] = []
    for word in words:
        if isinstance(word, str) and merged and isinstance(merged[-1], str):
            merged[-1] += word
        elif word != "":
            merged.append(word)
    return tuple(merged)


def _joined_map(pieces: list[_Piece], at: Location) -> TextMap:
    """Return the map of the whole text; every character of a computed piece leads to the piece's start."""
    placed: list[Piece] = [Piece(0, at.path, at.start_line, at.start_column)]
    offset = 0
    for piece in pieces:
        text = as_text(piece.value)
        if text is None:
            text = _holes(piece.value)
        if piece.maps is not None:
            placed += [Piece(offset + inner.offset, *inner[1:]) for inner in piece.maps().pieces]
        else:
            start = Piece(0, piece.at.path, piece.at.start_line, piece.at.start_column)
            placed += [start._replace(offset=offset + index) for index in range(min(len(text), _EXACT))]
        offset += len(text)
    return TextMap(tuple(placed))


def _holes(value: Value) -> str:
    """Return an unknown piece with one character for each unknown part."""
    if isinstance(value, Unknown) and value.parts:
        return "".join(part if isinstance(part, str) else "?" for part in value.parts)
    return "?"


def _shifted(text_map: TextMap, added: tuple[int, ...]) -> TextMap:
    """Return the map for a text into which characters were put at the offsets `added` (of the new text)."""
    if not added:
        return text_map
    pieces = []
    for piece in text_map.pieces:
        offset = piece.offset
        for position in added:
            if position > offset:
                break
            offset += 1
        pieces.append(piece._replace(offset=offset))
    return TextMap(tuple(pieces))
