"""Numeric functions over Python numbers."""

from __future__ import annotations

import math

from scanner.model.terraform.operators import exact, number_of

Number = int | float


def _number(value: object) -> Number:
    if isinstance(value, str):
        found = number_of(value)
        if found is not None:
            return found
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("a number is required")
    return value


def tf_abs(value: object) -> Number:
    """Return the absolute value."""
    return abs(_number(value))


def tf_ceil(value: object) -> Number:
    """Return the next whole number above."""
    return math.ceil(_number(value))


def tf_floor(value: object) -> Number:
    """Return the next whole number below."""
    return math.floor(_number(value))


def tf_log(value: object, base: object) -> Number:
    """Return the logarithm."""
    return exact(math.log(_number(value)) / math.log(_number(base)))


def tf_max(*values: object) -> Number:
    """Return the largest number."""
    return max(_number(value) for value in values)


def tf_min(*values: object) -> Number:
    """Return the smallest number."""
    return min(_number(value) for value in values)


def tf_parseint(text: object, base: object) -> int:
    """Return a whole number spelled in a base from 2 to 62."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    word, radix = str(text), int(_number(base))
    if not 2 <= radix <= 62:
        raise ValueError("the base must be from 2 to 62")
    if radix <= 36:
        word = word.lower()
    sign = -1 if word.startswith("-") else 1
    result = 0
    body = word.lstrip("+-")
    if not body:
        raise ValueError("no digits")
    for character in body:
        position = digits.index(character)
        if position >= radix:
            raise ValueError(f'"{character}" is no digit of base {radix}')
        result = result * radix + position
    return sign * result


def tf_pow(value: object, power: object) -> Number:
    """Return the power; results beyond what is useful are errors."""
    first, second = _number(value), _number(power)
    if abs(second) > 1000:
        raise ValueError("the power is too large")
    result = first**second
    if isinstance(result, complex):
        raise ValueError("no real result")
    return exact(result)


def tf_signum(value: object) -> int:
    """Return -1, 0 or 1."""
    number = _number(value)
    return (number > 0) - (number < 0)
