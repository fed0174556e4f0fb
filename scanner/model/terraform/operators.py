"""Operators and conversions between primitive values, for operands without top-level Choices."""

from __future__ import annotations

from collections.abc import Callable

from scanner.core.location import Location
from scanner.core.value import ListValue, MapValue, Scalar, Unknown, Value
from scanner.model.terraform.domain import Failure, Lazy, failure, first_unknown

Number = int | float
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def number_text(value: Number) -> str:
    """Return a number as Terraform writes it: no exponent for what fits, no trailing zeros."""
    if isinstance(value, int):
        return str(value)
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = repr(value)
    return f"{value:f}".rstrip("0") if "e-" in text and abs(value) > 1e-7 else text


def as_text(value: Value) -> str | None:
    """Return a known primitive as text, as a template shows it; None for null, unknowns and collections."""
    if not isinstance(value, Scalar):
        return None
    content = value.content
    if isinstance(content, str):
        return content
    if isinstance(content, bool):
        return "true" if content else "false"
    return number_text(content) if content is not None else None


def as_number(value: Value) -> Number | None:
    """Return a known number, or a text that spells one."""
    if not isinstance(value, Scalar) or isinstance(value.content, bool):
        return None
    content = value.content
    if isinstance(content, str):
        return number_of(content)
    return content


def number_of(text: str) -> Number | None:
    """Return the number a text spells, None when it spells none."""
    try:
        return int(text) if text.lstrip("-").isdigit() and len(text) < 400 else exact(float(text))
    except ValueError:
        return None


def exact(value: Number) -> Number:
    """Return a float without fraction as an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def as_boolean(value: Value) -> bool | None:
    """Return a known boolean, or a text that spells one: true, false, 1, 0."""
    if isinstance(value, Scalar):
        if isinstance(value.content, bool):
            return value.content
        return _BOOLEANS.get(value.content) if isinstance(value.content, str) else None
    return None


def negation(operator: str, value: Value, at: Location) -> Value:
    """Return `-value` or `!value`."""
    if isinstance(value, Unknown):
        return Failure(value.reason, at) if isinstance(value, Failure) else Unknown(value.reason, at)
    if operator == "!":
        truth = as_boolean(value)
        return failure("! needs a boolean", at) if truth is None else Scalar(not truth, at)
    amount = as_number(value)
    return failure("- needs a number", at) if amount is None else Scalar(-amount, at)


def binary(operator: str, left: Value, right: Value, at: Location) -> Value:
    """Return `left operator right`."""
    if operator in ("&&", "||"):
        return _logical(operator, left, right, at)
    if operator in ("==", "!="):
        same = equal(left, right)
        if same is None:
            return unknown_of((left, right), at)
        return Scalar(same == (operator == "=="), at)
    for operand in (left, right):
        if isinstance(operand, Unknown):
            return unknown_of((operand,), at)
    first, second = as_number(left), as_number(right)
    if first is None or second is None:
        return failure(f"{operator} needs numbers", at)
    return _arithmetic(operator, first, second, at)


def _logical(operator: str, left: Value, right: Value, at: Location) -> Value:
    deciding = operator == "||"
    first, second = as_boolean(left), as_boolean(right)
    if first is deciding or second is deciding:
        return Scalar(deciding, at)
    if first is None or second is None:
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return unknown_of((left, right), at)
        return failure(f"{operator} needs booleans", at)
    return Scalar(not deciding, at)


def _arithmetic(operator: str, left: Number, right: Number, at: Location) -> Value:
    if operator in ("/", "%") and right == 0:
        return failure("division by zero", at)
    try:
        return Scalar(_OPERATIONS[operator](left, right), at)
    except OverflowError:
        return failure("the number is too large", at)


def _divide(left: Number, right: Number) -> Number:
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return exact(left / right)


def _remainder(left: Number, right: Number) -> Number:
    result = abs(left) % abs(right)
    return exact(-result if left < 0 else result)


_OPERATIONS: dict[str, Callable[[Number, Number], Number]] = {
    "+": lambda a, b: exact(a + b),
    "-": lambda a, b: exact(a - b),
    "*": lambda a, b: exact(a * b),
    "/": _divide,
    "%": _remainder,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def unknown_of(values: tuple[Value, ...], at: Location) -> Value:
    """Return an unknown with the reason of the first unknown among the values; a failure stays one."""
    for value in values:
        found = first_unknown(value)
        if found is not None:
            return Failure(found.reason, at) if isinstance(found, Failure) else Unknown(found.reason, at)
    return Unknown("cannot be known before it is applied", at)


def equal(left: Value, right: Value) -> bool | None:
    """Return whether two values are equal; None when that cannot be known."""
    left, right = _resolved(left), _resolved(right)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _equal_unknown(left, right)
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        first, second = left.content, right.content
        if isinstance(first, bool) or isinstance(second, bool):
            return first is second
        return first == second
    if isinstance(left, ListValue) and isinstance(right, ListValue):
        return _all_equal(left, right)
    if isinstance(left, MapValue) and isinstance(right, MapValue):
        return _entries_equal(left, right)
    return None if left.conditional or right.conditional else False


def _resolved(value: Value) -> Value:
    return value.whole() if isinstance(value, Lazy) else value


def _equal_unknown(left: Value, right: Value) -> bool | None:
    """Compare where one side is unknown: what is certainly set differs from null."""
    unknown, other = (left, right) if isinstance(left, Unknown) else (right, left)
    if isinstance(other, Scalar) and other.content is None and isinstance(unknown, Unknown) and unknown.present:
        return False
    return None


def _entries_equal(left: MapValue, right: MapValue) -> bool | None:
    if left.rest is not None or right.rest is not None:
        return None
    if left.entries.keys() != right.entries.keys():
        return False
    return _conjunction([equal(entry, right.entries[key]) for key, entry in left.entries.items()])


def _all_equal(left: ListValue, right: ListValue) -> bool | None:
    if left.rest is not None or right.rest is not None:
        return None
    if len(left.items) != len(right.items):
        return False
    return _conjunction([equal(first, second) for first, second in zip(left.items, right.items, strict=True)])


def _conjunction(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True
