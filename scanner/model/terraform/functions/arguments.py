"""Arguments of Terraform's functions: the forms a function asks for, and what a call is whose argument is unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from scanner.analysis.untrusted import NotMatched, UntrustedPattern
from scanner.core.location import Location
from scanner.core.value import Absent, Choice, ListValue, MapValue, Unknown, Value
from scanner.model.terraform.domain import Failure, Lazy, first_unknown
from scanner.model.terraform.evaluate import Scope
from scanner.model.terraform.operators import as_number, as_text

Arguments = tuple[Value, ...]
Function = Callable[[Arguments, Scope, Location], Value]
Kind = TypeVar("Kind", ListValue, MapValue)


class NotKnown(Exception):
    """Raised while a function runs when an argument is unknown as a whole; `unknown` says why."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown


def answering(function: Function) -> Function:
    """Turn NotKnown into the unknown it carries."""

    def wrapped(arguments: Arguments, scope: Scope, at: Location) -> Value:
        try:
            return function(arguments, scope, at)
        except NotKnown as stop:
            unknown = stop.unknown
            return Failure(unknown.reason, at) if isinstance(unknown, Failure) else Unknown(
                unknown.reason, at, present=unknown.present)

    wrapped.__doc__ = function.__doc__
    return wrapped


def list_of(value: Value) -> ListValue:
    """Return a list argument; raises NotKnown for an unknown one, ValueError for anything else."""
    return _of_kind(value, ListValue, "a list is required")


def map_of(value: Value) -> MapValue:
    """Return a mapping argument; raises NotKnown for an unknown one, ValueError for anything else."""
    return _of_kind(value, MapValue, "a map is required")


def _of_kind(value: Value, kind: type[Kind], complaint: str) -> Kind:
    if isinstance(value, Lazy):
        value = value.whole()
    if isinstance(value, kind):
        return value
    if isinstance(value, Unknown):
        raise NotKnown(value)
    raise ValueError(complaint)


def complete(value: ListValue) -> tuple[Value, ...]:
    """Return the items of a list; raises NotKnown when its length is not known."""
    if value.rest is not None:
        raise NotKnown(value.rest)
    if any(isinstance(item, Choice) and _optional(item) for item in value.items):
        raise NotKnown(Unknown("the list depends on an open condition", value.at))
    return value.items


def _optional(item: Choice) -> bool:
    return any(isinstance(side, Absent) or (isinstance(side, Choice) and _optional(side))
               for side in (item.then, item.otherwise))


def whole_number(value: Value) -> int:
    """Return a whole number argument; raises NotKnown for an unknown one, ValueError for anything else."""
    if isinstance(value, Unknown):
        raise NotKnown(value)
    number = as_number(value)
    if number is None or number != int(number):
        raise ValueError("a whole number is required")
    return int(number)


def text_argument(value: Value) -> str:
    """Return a text argument; raises NotKnown for one that is not fully known, ValueError for anything else."""
    text = as_text(value)
    if text is None:
        unknown = first_unknown(value)
        if unknown is not None:
            raise NotKnown(unknown)
        raise ValueError("a text is required")
    return text


def pattern_argument(expression: str, at: Location) -> UntrustedPattern:
    """Return a compiled regular expression; raises ValueError for what is none, NotKnown where nobody can match it."""
    try:
        return UntrustedPattern(expression)
    except NotMatched as error:
        raise NotKnown(Unknown(str(error), at)) from error
