"""Projection: values as they are in one world."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.core.value import Absent, Choice, ListValue, MapValue, Value
from scanner.core.world import Guard, Question, World


class Undecided(Exception):
    """Raised by `project` when the world leaves a question open that the value depends on."""

    def __init__(self, question: Question) -> None:
        """Take the open question."""
        super().__init__(question)
        self.question = question


def project(value: Value, world: World) -> Value:
    """Return `value` without any Choice, as it is in `world`; raises Undecided for an open question.

    Absent branches leave lists and mappings: that is what `AWS::NoValue` and `null` mean.
    """
    if not value.conditional:
        return value
    if isinstance(value, Choice):
        holds = world.decide(value.question)
        if holds is None:
            raise Undecided(value.question)
        return project(value.then if holds else value.otherwise, world)
    if isinstance(value, ListValue):
        kept = [project(item, world) for item in value.items]
        items = tuple(item for item in kept if not isinstance(item, Absent))
        return ListValue(items, value.at, value.rest)
    if isinstance(value, MapValue):
        entries = {key: project(entry, world) for key, entry in value.entries.items()}
        kept_entries = {key: entry for key, entry in entries.items() if not isinstance(entry, Absent)}
        return MapValue(kept_entries, value.at, value.keys_at, value.rest, value.unmapped)
    return value


def alternatives(value: Value, guard: Guard = (), limit: int = 64) -> Iterator[tuple[Guard, Value]]:
    """Yield (guard, value) for every reachable leaf of the Choices at the top of `value`, at most `limit`.

    Only top-level Choices are opened; what lies inside lists and mappings stays as it is.
    """
    stack: list[tuple[World, Value]] = [(World(guard), value)]
    count = 0
    while stack and count < limit:
        world, current = stack.pop()
        if isinstance(current, Choice):
            for holds, branch in ((False, current.otherwise), (True, current.then)):
                assumed = world.assume(current.question, holds)
                if assumed is not None:
                    stack.append((assumed, branch))
        else:
            count += 1
            yield world.assumptions, current
