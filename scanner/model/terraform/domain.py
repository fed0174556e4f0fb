"""What Terraform expressions evaluate to: core values, and the few kinds that only evaluation needs.

`settled` turns the kinds of this module into core values before they reach a subject.
"""

from __future__ import annotations

from collections.abc import Callable

from scanner.core.location import Location, TextMap
from scanner.core.value import (
    Absent,
    Choice,
    Content,
    ListValue,
    MapValue,
    Reference,
    Scalar,
    Unknown,
    Value,
)
from scanner.core.world import Question
from scanner.model.terraform.encoded_text import Written

LIFT_LIMIT = 6


class Failure(Unknown):
    """The expression is an error in Terraform: `try` and `can` look at it, everyone else sees an unknown."""

    __slots__ = ()


class Open(Unknown):
    """An unknown that conditions can ask about by name: an input variable without a value.

    `question` is the name (`var.create`), `question_scope` the module instance it belongs to.
    """

    __slots__ = ("question", "question_scope")

    def __init__(
        self, reason: str, at: Location, question: str, question_scope: str, present: bool | None = None
    ) -> None:
        super().__init__(reason, at, present=present)
        self.question = question
        self.question_scope = question_scope


class Traced(Scalar):
    """A known string that was read out of another resource's arguments."""

    __slots__ = ("refers",)
    refers: Reference

    def __init__(self, source: Scalar, at: Location, refers: Reference) -> None:
        super().__init__(source.content, at, source._text_map, quoted=False, defaulted=source.defaulted)
        self.refers = refers


class Encoded(Scalar):
    """A text that was made of `inner` by jsonencode ("json"), yamlencode ("yaml") or base64encode ("base64")."""

    __slots__ = ("encoding", "inner", "written")

    def __init__(
        self, content: str, at: Location, inner: Value, encoding: str, text_map: Callable[[], TextMap] | None = None
    ) -> None:
        super().__init__(content, at, text_map)
        self.written = text_map
        self.inner = inner
        self.encoding = encoding


class EncodedUnknown(Unknown):
    """The same with an `inner` that is not fully known."""

    __slots__ = ("encoding", "inner", "written")

    def __init__(
        self, reason: str, at: Location, inner: Value, encoding: str, written: Written | None = None
    ) -> None:
        parts, text_map = written or ((), None)
        super().__init__(reason, at, parts=parts, present=True, text_map=text_map)
        self.written = written
        self.inner = inner
        self.encoding = encoding


class PartlyText(Unknown):
    """A text with unknown pieces that knows where the known ones stand.

    `piece_map(added)` leads from offsets of the text with one character for each unknown piece to the source,
    when characters were put in at the offsets `added`.
    """

    __slots__ = ("piece_map",)

    def __init__(
        self, reason: str, at: Location, parts: tuple[str | Unknown, ...],
        piece_map: Callable[[tuple[int, ...]], TextMap], refers: Reference | None = None,
    ) -> None:
        super().__init__(reason, at, refers=refers, parts=parts, present=True, text_map=lambda: piece_map(()))
        self.piece_map = piece_map


class Lazy(Value):
    """Something whose attributes are worked out when asked: a resource, data source or module instance."""

    __slots__ = ()

    def get(self, key: str) -> Value:
        """Return the attribute."""
        raise NotImplementedError

    def whole(self) -> Value:
        """Return it as an unknown that refers to the thing itself, or as a mapping."""
        raise NotImplementedError


def known(content: Content, at: Location) -> Scalar:
    """Return a scalar that was computed, and so has no source text of its own."""
    return Scalar(content, at)


def failure(reason: str, at: Location) -> Failure:
    """Return an evaluation error."""
    return Failure(reason, at)


def moved(value: Value, at: Location) -> Value:
    """Return a scalar or unknown as used at another place; collections stay where they are written."""
    if isinstance(value, Scalar):
        if isinstance(value, Encoded):
            return Encoded(str(value.content), at, value.inner, value.encoding, value.written)
        if isinstance(value, Traced):
            return Traced(value, at, value.refers)
        text_map = value._text_map or ((lambda: value.text_map) if isinstance(value.content, str) else None)
        return Scalar(value.content, at, text_map, defaulted=value.defaulted)
    if isinstance(value, Unknown):
        return _moved_unknown(value, at)
    if isinstance(value, Choice):
        return Choice(value.question, moved(value.then, at), moved(value.otherwise, at), at)
    return value


def _moved_unknown(value: Unknown, at: Location) -> Unknown:
    if isinstance(value, Open):
        return Open(value.reason, at, value.question, value.question_scope, value.present)
    if isinstance(value, EncodedUnknown):
        return EncodedUnknown(value.reason, at, value.inner, value.encoding, value.written)
    if isinstance(value, Failure):
        return Failure(value.reason, at)
    if value.parts:
        return value
    return Unknown(value.reason, at, refers=value.refers, present=value.present)


def lifted(values: tuple[Value, ...], at: Location, apply: Callable[[tuple[Value, ...]], Value]) -> Value:
    """Return `apply(values)` with the Choices among `values` opened: a Choice of the answers.

    More than LIFT_LIMIT open conditions make the answer unknown.
    """
    for value in values:
        if isinstance(value, Choice):
            return _lifted(values, at, apply, LIFT_LIMIT)
    return apply(values)


def _lifted(
    values: tuple[Value, ...], at: Location, apply: Callable[[tuple[Value, ...]], Value], left: int
) -> Value:
    for value in values:
        if isinstance(value, Choice):
            if left == 0:
                return Unknown("depends on too many open conditions", at)
            question = value.question
            then = _lifted(tuple(branch(v, question, True) for v in values), at, apply, left - 1)
            otherwise = _lifted(tuple(branch(v, question, False) for v in values), at, apply, left - 1)
            return choice(question, then, otherwise, at)
    return apply(values)


def branch(value: Value, question: Question, holds: bool) -> Value:
    """Return the value when the question is answered; values that ask something else stay."""
    while isinstance(value, Choice) and value.question == question:
        value = value.then if holds else value.otherwise
    return value


def choice(question: Question, then: Value, otherwise: Value, at: Location) -> Value:
    """Return a Choice, or the branch itself when both are the same plain scalar."""
    if isinstance(then, Scalar) and isinstance(otherwise, Scalar) and type(then) is type(otherwise) is Scalar \
            and then.content == otherwise.content and type(then.content) is type(otherwise.content):
        return then
    return Choice(question, branch(then, question, True), branch(otherwise, question, False), at)


def first_unknown(value: Value) -> Unknown | None:
    """Return the first unknown inside the value, or None when it is fully known."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, ListValue):
        if value.rest is not None:
            return value.rest
        return next((found for item in value.items if (found := first_unknown(item)) is not None), None)
    if isinstance(value, MapValue):
        if value.rest is not None:
            return value.rest
        return next((found for item in value.entries.values() if (found := first_unknown(item)) is not None), None)
    if isinstance(value, Choice):
        return Unknown("depends on an open condition", value.at)
    if isinstance(value, Lazy):
        whole = value.whole()
        return whole if isinstance(whole, Unknown) else first_unknown(whole)
    return None


def is_null(value: Value) -> bool:
    """Tell whether the value is null (or absent, as an unset argument of a resource is)."""
    return (isinstance(value, Scalar) and value.content is None) or isinstance(value, Absent)


def of_python(content: object, at: Location) -> Value:
    """Return a value for a Python object of strings, numbers, booleans, None, lists and dicts."""
    if isinstance(content, (list, tuple)):
        return ListValue(tuple(of_python(item, at) for item in content), at)
    if isinstance(content, dict):
        return MapValue({str(key): of_python(entry, at) for key, entry in content.items()}, at)
    if content is None or isinstance(content, (str, int, float, bool)):
        return Scalar(content, at)
    raise TypeError(f"no value for {type(content).__name__}")


def settled(value: Value, depth: int = 60) -> Value:
    """Return the value in core kinds only; null becomes Absent inside mappings and at the top."""
    if isinstance(value, Scalar):
        return Absent(value.at) if value.content is None else value
    if isinstance(value, (Unknown, Absent)):
        return value
    if depth == 0:
        return Unknown("nested too deeply", value.at)
    if isinstance(value, ListValue):
        items = tuple(settled(item, depth - 1) for item in value.items)
        return ListValue(tuple(item for item in items if not isinstance(item, Absent)), value.at, value.rest)
    if isinstance(value, MapValue):
        entries = {key: settled(entry, depth - 1) for key, entry in value.entries.items()}
        kept = {key: entry for key, entry in entries.items() if not isinstance(entry, Absent)}
        return MapValue(kept, value.at, value.keys_at, value.rest, value.unmapped)
    if isinstance(value, Choice):
        then, otherwise = settled(value.then, depth - 1), settled(value.otherwise, depth - 1)
        if isinstance(otherwise, Failure):  # Terraform stops there, so the other answer is the one that holds
            return then
        return otherwise if isinstance(then, Failure) else Choice(value.question, then, otherwise, value.at)
    if isinstance(value, Lazy):
        return settled(value.whole(), depth - 1)
    return value
