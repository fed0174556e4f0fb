"""How predicates look at subjects, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from scanner.core.inventory import Inventory
from scanner.core.location import Location
from scanner.core.result import Step
from scanner.core.subject import Subject
from scanner.core.value import ListValue, Unknown, Value


class Answer(NamedTuple):
    """A three-valued answer with its evidence.

    `holds` is None when it cannot be known, and `why` then says what is missing. `at` is the smallest
    span that decides (the value to edit); `why` fills `{why}` in a rule's message. `by_default` tells
    that the answer hangs on a default nobody wrote. `value` is the deciding value, for `{value}`.
    """

    holds: bool | None
    at: Location | None = None
    why: str = ""
    related: tuple[tuple[str, Location], ...] = ()
    path: tuple[Step, ...] = ()
    by_default: bool = False
    value: Value | None = None


YES = Answer(True)
NO = Answer(False)


def unless_unknown(*values: Value) -> Answer:
    """Return NO, or the answer that nobody knows when one of these values would have decided and is not known."""
    for value in values:
        unknown = value.rest if isinstance(value, ListValue) else value
        if isinstance(unknown, Unknown):
            return Answer(None, unknown.at, unknown.reason)
    return NO


class View(Protocol):
    """The inventory as it is in one world; the engine implements it.

    A predicate is a pure function `name(subject, arguments, view) -> Answer` listed in
    `scanner.plugins.PREDICATES`. It reads values only through the view, so it never meets a Choice.
    """

    inventory: Inventory
    today: str
    """The day of the run, as YYYY-MM-DD: what a table of dates is compared with."""

    def value(self, subject: Subject, path: str) -> Value:
        """Return the value at a dotted path of the subject; no lists on the way."""

    def seen(self, value: Value) -> Value:
        """Return a value that was reached by other means, as it is in this world."""

    def targets(self, subject: Subject, value: Value) -> list[Subject]:
        """Return the existing subjects that references inside `value` point at."""

    def exists(self, subject: Subject) -> bool:
        """Tell whether the subject exists in this world."""


class Predicate(Protocol):
    """A named condition for rules that need more than the language has."""

    def __call__(self, subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
        """Answer for one subject; `arguments` are the rule's `with:` entries, parameters filled in."""
