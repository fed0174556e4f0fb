"""The tests of the rule language on one known, absent or unknown value: True, False or None for unknown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from scanner.core.value import Absent, ListValue, MapValue, Scalar, Unknown, Value, plain
from scanner.scanners.rules.view import WorldView, references_in

Test = Callable[[Value, WorldView], "bool | None"]
# Patterns are compiled when they are first used: a run that meets no such value does not pay for them.
_PLAIN_START = r"\^((?:[A-Za-z0-9_/:@, -](?![*?{+])|\\[./:-](?![*?{+]))+)"
_ALIAS = re.compile(r"(?:^|:)alias/")
_EDGES = r"[$^]|\\[AZbB]|\(\?"


def number_of(content: object) -> float | None:
    """Return a number or numeric string as a number, else None."""
    if isinstance(content, bool):
        return None
    if isinstance(content, (int, float)):
        return content
    if isinstance(content, str) and content.lstrip("+-").replace(".", "", 1).isdecimal():
        try:
            return float(content)
        except ValueError:
            return None
    return None


def same(content: object, operand: object) -> bool:
    """Tell whether a scalar is the operand: "true" is true and "22" is 22, but "1.10" is not "1.1"."""
    if type(content) is type(operand):
        return content == operand
    if isinstance(content, bool) or isinstance(operand, bool):
        texts = isinstance(content, str) or isinstance(operand, str)
        return texts and str(content).lower() == str(operand).lower()
    left, right = number_of(content), number_of(operand)
    return left is not None and left == right


def _edges(value: Unknown) -> tuple[str, str]:
    """Return the known beginning and end of a partly known string."""
    start = end = ""
    for part in value.parts:
        if not isinstance(part, str):
            break
        start += part
    for part in reversed(value.parts):
        if not isinstance(part, str):
            break
        end = part + end
    return start, end


def may_equal(value: Unknown, operand: object) -> bool | None:
    """Return False when the known pieces exclude that the unknown is the operand, else None."""
    if value.parts and isinstance(operand, str):
        start, end = _edges(value)
        known = sum(len(part) for part in value.parts if isinstance(part, str))
        if not operand.startswith(start) or not operand.endswith(end) or len(operand) < known:
            return False
    return None


def _equals_one(operand: object, ignoring_case: bool = False) -> Test:
    if isinstance(operand, (dict, list)):
        return lambda value, view: _structure_equals(view.seen(value), operand)
    if ignoring_case:
        wanted = str(operand).lower()

        def fold(value: Value, view: WorldView) -> bool | None:
            if isinstance(value, Scalar):
                return str(value.content).lower() == wanted
            return None if isinstance(value, Unknown) else False

        return fold

    def equals(value: Value, view: WorldView) -> bool | None:
        if type(value) is Scalar:
            content = value.content
            return content == operand if type(content) is type(operand) else same(content, operand)
        if isinstance(value, Unknown):
            return may_equal(value, operand)
        return False

    return equals


def _structure_equals(value: Value, operand: object) -> bool | None:
    if isinstance(value, Unknown):
        return None
    try:
        return plain(value) == operand
    except ValueError:
        if isinstance(value, ListValue) and isinstance(operand, list):
            return None
        return None if isinstance(value, MapValue) and isinstance(operand, dict) else False


def either(tests: list[Test]) -> Test:
    """Return the test that passes when one of `tests` does."""

    def any_of(value: Value, view: WorldView) -> bool | None:
        answer: bool | None = False
        for test in tests:
            found = test(value, view)
            if found:
                return True
            if found is None:
                answer = None
        return answer

    return any_of


def every(tests: list[Test]) -> Test:
    """Return the test that passes when all of `tests` do."""

    def all_of(value: Value, view: WorldView) -> bool | None:
        answer: bool | None = True
        for test in tests:
            found = test(value, view)
            if found is False:
                return False
            if found is None:
                answer = None
        return answer

    return all_of


def negated(test: Test) -> Test:
    """Return the opposite test; unknown stays unknown."""

    def opposite(value: Value, view: WorldView) -> bool | None:
        found = test(value, view)
        return None if found is None else not found

    return opposite


def _among(operand: list[object], ignoring_case: bool = False) -> Test:
    texts = frozenset(item for item in operand if isinstance(item, str))
    slow = either([_equals_one(item, ignoring_case) for item in operand])
    if ignoring_case or len(texts) != len(operand):
        return slow

    def among(value: Value, view: WorldView) -> bool | None:
        if type(value) is Scalar and type(value.content) is str:
            return value.content in texts
        return slow(value, view)

    return among


def _allowed_by(operand: list[object]) -> Test:
    if not operand:
        return _anything
    among = _among(operand)
    names = [item for item in operand if isinstance(item, str)]

    def allowed(value: Value, view: WorldView) -> bool | None:
        answer = among(value, view)
        if answer is False and isinstance(value, Scalar) and isinstance(value.content, str):
            given = value.content
            if any(_ends_arn(given, item) or _ends_arn(item, given) for item in names):
                return True
            if _ALIAS.search(given) and not all(_ALIAS.search(item) for item in names):
                return None   # an alias may stand for any of the keys
        return answer

    return allowed


def _ends_arn(name: str, arn: str) -> bool:
    """Tell whether a name or an id is what an ARN ends with."""
    if not name or name.startswith("arn:") or not arn.startswith("arn:"):
        return False
    return arn.endswith((f":{name}", f"/{name}"))


def _written(value: Scalar) -> str | None:
    """Return a string, or the text of a number (`EngineVersion: 5.7`); None for anything else."""
    content = value.content
    return str(content) if isinstance(content, (str, int, float)) and not isinstance(content, bool) else None


def _matches(pattern: str) -> Test:
    compiled: list[re.Pattern[str]] = []

    def matches(value: Value, view: WorldView) -> bool | None:
        if isinstance(value, Scalar):
            if not compiled:
                compiled.append(re.compile(pattern))
            text = _written(value)
            return text is not None and compiled[0].search(text) is not None
        return _may_match(pattern, value) if isinstance(value, Unknown) else False

    return matches


def _may_match(pattern: str, value: Unknown) -> bool | None:
    """Return what the known pieces of a string decide about a pattern, else None."""
    if not value.parts:
        return None
    free = not re.search(_EDGES, pattern)
    if free and any(isinstance(part, str) and re.search(pattern, part) for part in value.parts):
        return True
    plain_start = re.match(_PLAIN_START, pattern)
    if plain_start and "|" not in pattern:
        wanted, start = plain_start[1].replace("\\", ""), _edges(value)[0]
        size = min(len(start), len(wanted))
        if start[:size] != wanted[:size]:
            return False
    return None


def _starts(operand: str) -> Test:
    def starts(value: Value, view: WorldView) -> bool | None:
        if isinstance(value, Scalar):
            return (_written(value) or "").startswith(operand)
        if not isinstance(value, Unknown):
            return False
        start = _edges(value)[0]
        if len(start) >= len(operand):
            return start.startswith(operand)
        return None if operand.startswith(start) else False

    return starts


def _ends(operand: str) -> Test:
    def ends(value: Value, view: WorldView) -> bool | None:
        if isinstance(value, Scalar):
            return (_written(value) or "").endswith(operand)
        if not isinstance(value, Unknown):
            return False
        end = _edges(value)[1]
        if len(end) >= len(operand):
            return end.endswith(operand)
        return None if operand.endswith(end) else False

    return ends


def _compared(holds: Callable[[float, float], bool], operand: float) -> Test:
    def compares(value: Value, view: WorldView) -> bool | None:
        if isinstance(value, Scalar):
            content = value.content
            number = content if type(content) is int else number_of(content)
            return number is not None and holds(number, operand)
        return None if isinstance(value, Unknown) else False

    return compares


def _contains(operand: object) -> Test:
    one = _equals_one(operand)

    def contains(value: Value, view: WorldView) -> bool | None:
        if not isinstance(value, ListValue):
            return one(value, view)
        answer: bool | None = False if value.rest is None else None
        for item in value.items:
            found = one(view.opened(item) if item.conditional else item, view)
            if found:
                return True
            if found is None:
                answer = None
        return answer

    return contains


def _anything(value: Value, view: WorldView) -> bool | None:
    return True


def _present(value: Value, view: WorldView) -> bool | None:
    if isinstance(value, Absent):
        return False
    return value.present if isinstance(value, Unknown) else True


def _literal(value: Value, view: WorldView) -> bool | None:
    """Tell whether the value is written out; a reference is not, whatever it turns out to be."""
    return isinstance(value, Scalar) and value.content not in (None, "") and not value.defaulted


def _shown(value: Value, view: WorldView) -> bool | None:
    """Tell whether the value is not known here, but is shown to everyone who may look at the deployment."""
    return isinstance(value, Unknown) and value.secret is False


def _empty(value: Value, view: WorldView) -> bool | None:
    if isinstance(value, Absent):
        return True
    if isinstance(value, Scalar):
        return value.content is None or value.content == ""
    if isinstance(value, ListValue):
        if value.conditional:
            value = view.seen(value)
            assert isinstance(value, ListValue)
        return False if value.items else (True if value.rest is None else None)
    if isinstance(value, MapValue):
        if value.conditional:
            value = view.seen(value)
            assert isinstance(value, MapValue)
        return False if value.entries else (True if value.rest is None else None)
    if isinstance(value, Unknown) and (value.refers is not None or any(isinstance(p, str) and p for p in value.parts)):
        return False
    return None


def _refers_to(kinds: list[str]) -> Test:
    def refers(value: Value, view: WorldView) -> bool | None:
        value = view.seen(value)
        if isinstance(value, Scalar) and isinstance(value.content, str):
            return any(view.named(kind, value.content) for kind in kinds)
        open_ends = isinstance(value, Unknown)
        subject = view.subject
        for reference in references_in(value):
            target = view.inventory.target(subject, reference) if subject is not None else None
            if target is None:
                continue
            open_ends = False
            if target.kind in kinds and view.exists(target):
                return True
        return None if open_ends else False

    return refers


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "at_least": lambda left, right: left >= right,
    "at_most": lambda left, right: left <= right,
    "above": lambda left, right: left > right,
    "below": lambda left, right: left < right,
}
_MAKERS: dict[str, Callable[[Any], Test]] = {
    "present": lambda _: _present,
    "absent": lambda _: negated(_present),
    "empty": lambda _: _empty,
    "not_empty": lambda _: negated(_empty),
    "literal": lambda _: _literal,
    "shown": lambda _: _shown,
    "equals": _equals_one,
    "not_equals": lambda operand: negated(_equals_one(operand)),
    "equals_ignoring_case": lambda operand: _equals_one(operand, ignoring_case=True),
    "in": _among,
    "not_in": lambda operand: negated(_among(operand)),
    "in_ignoring_case": lambda operand: _among(operand, ignoring_case=True),
    "allowed_by": _allowed_by,
    "matches": _matches,
    "not_matches": lambda operand: negated(_matches(operand)),
    "starts_with": _starts,
    "ends_with": _ends,
    "contains": _contains,
    "contains_any": lambda operand: either([_contains(item) for item in operand]),
    "contains_all": lambda operand: every([_contains(item) for item in operand]),
    "refers_to": _refers_to,
}


def simple_test(word: str, operand: Any) -> Test | None:
    """Return the test function of an operator without inner conditions, or None when it has some."""
    comparison = _COMPARISONS.get(word)
    if comparison is not None:
        return _compared(comparison, operand)
    maker = _MAKERS.get(word)
    return maker(operand) if maker else None
