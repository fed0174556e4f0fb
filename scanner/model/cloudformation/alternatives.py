"""Functions over values that may depend on open conditions: each reachable combination is computed once."""

from __future__ import annotations

from collections.abc import Callable

from scanner.core.location import Location
from scanner.core.value import Choice, Scalar, Unknown, Value
from scanner.core.world import Question, World

MAX_ALTERNATIVES = 64
"""Combinations of open conditions that one value may have; beyond, it is unknown and says so."""

EMPTY = World()


class TooMany(Exception):
    """More combinations than are looked at."""


class _Budget:
    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_ALTERNATIVES


def combined(values: list[Value], function: Callable[[list[Value]], Value], at: Location) -> Value:
    """Return `function(values)` with every Choice among `values` lifted out of it."""
    if not any(isinstance(value, Choice) for value in values):
        return function(values)
    try:
        return _combined(values, function, at, EMPTY, _Budget())
    except TooMany:
        return Unknown(f"depends on more than {MAX_ALTERNATIVES} combinations of conditions", at)


def _combined(
    values: list[Value], function: Callable[[list[Value]], Value], at: Location, world: World, budget: _Budget
) -> Value:
    index = next((number for number, value in enumerate(values) if isinstance(value, Choice)), -1)
    value = values[index] if index >= 0 else None
    if not isinstance(value, Choice):
        budget.left -= 1
        if budget.left < 0:
            raise TooMany
        return function(values)
    sides: list[Value] = []
    for holds, branch in ((True, value.then), (False, value.otherwise)):
        assumed = world.assume(value.question, holds)
        if assumed is None:
            continue
        sides.append(_combined([*values[:index], branch, *values[index + 1:]], function, at, assumed, budget))
    if len(sides) == 1:
        return sides[0]
    return choice(value.question, sides[0], sides[1], at)


def choice(question: Question, then: Value, otherwise: Value, at: Location) -> Value:
    """Return a Choice, or the value itself when both branches are the same known scalar."""
    if then is otherwise:
        return then
    if isinstance(then, Scalar) and isinstance(otherwise, Scalar) and _same(then, otherwise):
        return then
    return Choice(question, then, otherwise, at)


def _same(one: Scalar, other: Scalar) -> bool:
    return type(one.content) is type(other.content) and one.content == other.content


def chosen(truth: Value, then: Value, otherwise: Value, at: Location) -> Value:
    """Return `then` where the truth tree says true and `otherwise` where it says false.

    A truth tree is a Scalar with a boolean, or a Choice of truth trees.
    """
    if isinstance(truth, Choice):
        return choice(truth.question, chosen(truth.then, then, otherwise, at),
                      chosen(truth.otherwise, then, otherwise, at), at)
    return then if isinstance(truth, Scalar) and truth.content is True else otherwise


def worlds_of(truth: Value) -> list[World]:
    """Return the consistent worlds in which a truth tree is true, at most MAX_ALTERNATIVES + 1."""
    found: list[World] = []
    stack: list[tuple[Value, World]] = [(truth, EMPTY)]
    while stack and len(found) <= MAX_ALTERNATIVES:
        current, world = stack.pop()
        if isinstance(current, Choice):
            for holds, branch in ((False, current.otherwise), (True, current.then)):
                assumed = world.assume(current.question, holds)
                if assumed is not None:
                    stack.append((branch, assumed))
        elif isinstance(current, Scalar) and current.content is True:
            found.append(world)
    return found


def size_of(truth: Value) -> int:
    """Return how many leaves a truth tree has."""
    if isinstance(truth, Choice):
        return size_of(truth.then) + size_of(truth.otherwise)
    return 1
