"""Worlds: consistent sets of assumptions about conditions that a template leaves open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Question(NamedTuple):
    """An open question: does `variable` have the value `constant`?

    `variable` is unique in a run and reads well (`Env`, `var.create`); when two scopes use the same
    name, `scope` tells them apart. `domain` lists all values the variable can take, when that is known:
    if all but one are excluded, the last one holds. A question that is no comparison uses constant True.
    """

    variable: str
    constant: str | bool = True
    domain: tuple[str, ...] = ()
    scope: str = ""

    def phrase(self, holds: bool) -> str:
        """Return words for a message: `Env is "prod"`, `IsProd is false`."""
        if self.constant is True:
            return f"{self.variable} is {'true' if holds else 'false'}"
        return f'{self.variable} is {"" if holds else "not "}"{self.constant}"'


Guard = tuple[tuple[Question, bool], ...]
"""Assumptions under which a subject or value exists: all must hold."""


class World:
    """What is assumed so far. Immutable; `assume` returns a larger world, or None for a contradiction."""

    __slots__ = ("assumptions",)

    def __init__(self, assumptions: Guard = ()) -> None:
        """Take the assumptions made so far, in the order in which they were made."""
        self.assumptions = assumptions

    def decide(self, question: Question) -> bool | None:
        """Return what the assumptions say about the question, or None when they leave it open."""
        excluded = set()
        for known, holds in self.assumptions:
            if known.variable != question.variable or known.scope != question.scope:
                continue
            if known.constant == question.constant:
                return holds
            if holds:
                return False
            excluded.add(known.constant)
        if question.domain:
            if question.constant is not True and question.constant not in question.domain:
                return False
            if all(other in excluded for other in question.domain if other != question.constant):
                return True
        return None

    def assume(self, question: Question, holds: bool) -> World | None:
        """Return this world with one more assumption; None when it contradicts what is assumed."""
        known = self.decide(question)
        if known is not None:
            return self if known is holds else None
        return World((*self.assumptions, (question, holds)))

    def assume_all(self, guard: Iterable[tuple[Question, bool]]) -> World | None:
        """Return this world with all assumptions of the guard; None when they contradict."""
        world: World | None = self
        for question, holds in guard:
            if world is None:
                return None
            world = world.assume(question, holds)
        return world

    def phrase(self) -> str:
        """Return words for a message: `Env is "prod" and Encrypt is false`; empty without assumptions."""
        return " and ".join(question.phrase(holds) for question, holds in self.assumptions)
