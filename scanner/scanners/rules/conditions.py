"""Compiles condition trees into closures that answer in three values, with the evidence for a report.

A judge is called with the holder (a subject, or an item of a list) and the view, and returns an Answer:
whether the condition holds, and the value and place that decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from scanner.core.location import Location
from scanner.core.subject import Subject
from scanner.core.value import Absent, Content, ListValue, MapValue, Scalar, Unknown, Value
from scanner.core.view import Answer
from scanner.scanners.rules.operators import Test, either, every, negated, simple_test
from scanner.scanners.rules.view import WorldView, place_of

Judge = Callable[["Subject | Value", WorldView], Answer]
Evidence = Callable[[Value, WorldView], Answer]
NO_DEFAULT = object()
MOST_UNSEEN = 200
"""How many items more than we see a list may have, when a count is judged in spite of them."""


class Scope(NamedTuple):
    """What a condition is compiled in: parameter values, defaults by path, and the path of the item so far.

    `defaults_of(kind)` answers for related subjects; `predicate(name)` resolves a predicate.
    """

    parameters: Mapping[str, Any]
    defaults: Mapping[str, Any]
    defaults_of: Callable[[str], Mapping[str, Any]]
    predicate: Callable[[str], Callable[..., Answer]]
    prefix: str = ""

    def below(self, path: list[str]) -> Scope:
        """Return the scope of the items of a list at `path`."""
        joined = ".".join(path)
        parts = f"{self.prefix}.{joined}".strip(".") if joined else self.prefix
        return self._replace(prefix=parts + "[]")

    def operand(self, operand: Any) -> Any:
        """Return an operand with parameters filled in."""
        if isinstance(operand, dict) and set(operand) == {"parameter"}:
            return self.parameters[operand["parameter"]]
        return operand

    def default(self, path: list[str], missing: int) -> object:
        """Return the default of a path whose first `missing` names lead to the first thing that is not there.

        The default of an absent parent counts before that of the member: a whole block that is absent may mean
        something else than a block without the member.
        """
        for size in range(missing, len(path) + 1):
            full = ".".join([self.prefix, *path[:size]]).strip(".")
            found = self.defaults.get(full, NO_DEFAULT)
            if found is not NO_DEFAULT:
                for name in path[size:]:
                    if not isinstance(found, dict) or name not in found:
                        return NO_DEFAULT
                    found = found[name]
                return found
        return NO_DEFAULT


def compile_condition(tree: list[Any], scope: Scope) -> Judge:
    """Return the judge of a condition tree that `packs.grammar` made."""
    word = tree[0]
    if word == "at":
        return _at(tree[1], tree[2], scope)
    if word == "all":
        return _all([compile_condition(part, scope) for part in tree[1]])
    if word == "any":
        return _any([compile_condition(part, scope) for part in tree[1]])
    if word == "none":
        return _not(_any([compile_condition(part, scope) for part in tree[1]]))
    if word == "not":
        return _not(compile_condition(tree[1], scope))
    if word == "if":
        return _if(compile_condition(tree[1], scope), compile_condition(tree[2], scope))
    if word == "predicate":
        return _predicate(tree[1], tree[2], scope)
    if word in ("always", "undecided"):
        fixed = Answer(True) if word == "always" else Answer(None, None, tree[1])
        return lambda holder, view: fixed
    from scanner.scanners.rules.related import compile_related

    return compile_related(tree[1], scope)


def _all(parts: list[Judge]) -> Judge:
    def judge(holder: Subject | Value, view: WorldView) -> Answer:
        unknown = last = None
        by_default = False
        for part in parts:
            answer = part(holder, view)
            if answer.holds:
                by_default = by_default or answer.by_default
                last = answer
            elif answer.holds is False:
                return answer
            elif unknown is None:
                unknown = answer
        if unknown is not None:
            return unknown
        assert last is not None
        return last if last.by_default is by_default else last._replace(by_default=by_default)

    return judge


def _any(parts: list[Judge]) -> Judge:
    def judge(holder: Subject | Value, view: WorldView) -> Answer:
        unknown = by_default = failed = None
        for part in parts:
            answer = part(holder, view)
            if answer.holds:
                if not answer.by_default:
                    return answer
                by_default = by_default or answer
            elif answer.holds is None:
                unknown = unknown or answer
            elif failed is None or (view.explains and _tangible(answer) > _tangible(failed)):
                failed = answer
        if by_default is not None and unknown is not None:
            # somebody wrote another alternative whose value is not known: that this hangs on the default is not either
            return by_default._replace(by_default=False)
        chosen = by_default or unknown or failed
        assert chosen is not None
        if chosen is failed and len(parts) > 1 and not view.explains:
            # which one to show is seen only when all are asked for their places
            return Answer(False, None, "", (), (), failed.by_default, failed.value)
        return chosen

    return judge


def _tangible(answer: Answer) -> int:
    """Rank the evidence of a failure: a written scalar is easier to mend than a block, a block than what is missing."""
    if answer.by_default or answer.value is None or isinstance(answer.value, Absent):
        return 0
    return 2 if isinstance(answer.value, Scalar) else 1


def _not(part: Judge) -> Judge:
    def judge(holder: Subject | Value, view: WorldView) -> Answer:
        return flipped(part(holder, view))

    return judge


def flipped(answer: Answer) -> Answer:
    """Return the opposite answer on the same evidence; unknown stays unknown."""
    return answer if answer.holds is None else Answer(not answer.holds, *answer[1:])


def _if(condition: Judge, then: Judge) -> Judge:
    def judge(holder: Subject | Value, view: WorldView) -> Answer:
        premise = condition(holder, view)
        if premise.holds is False:
            return flipped(premise)
        answer = then(holder, view)
        if premise.holds is None and answer.holds is not True:
            return premise
        return answer

    return judge


def _predicate(name: str, arguments: Mapping[str, Any], scope: Scope) -> Judge:
    function = scope.predicate(name)
    filled = {key: scope.operand(argument) for key, argument in arguments.items()}

    def judge(holder: Subject | Value, view: WorldView) -> Answer:
        subject = holder if isinstance(holder, Subject) else view.subject
        return function(subject, filled, view)

    return judge


def _at(path: list[str], tree: list[Any], scope: Scope) -> Judge:
    if tree[0] in ("any_of", "all_of", "not") and _asks_presence(tree):
        # what is written and what holds by default are two readings of one path: each test makes its own
        if tree[0] == "not":
            return _not(_at(path, tree[1], scope))
        parts = [_at(path, part, scope) for part in tree[1]]
        return (_any if tree[0] == "any_of" else _all)(parts)
    defaults = [scope.default(path, missing) for missing in range(len(path) + 1)]
    if tree[0] in ("present", "absent"):
        defaults = [NO_DEFAULT] * (len(path) + 1)
    test = _simple(tree, scope)
    evidence = None if test is not None else _evidence(tree, scope.below(path), scope)

    def judge(holder: Subject | Value, view: WorldView) -> Answer:
        value, place, by_default = _read(path, defaults, holder, view)
        if test is not None:
            holds = test(value, view)
            return Answer(holds, place, value.reason if holds is None and isinstance(value, Unknown) else "",
                          (), (), by_default, value)
        assert evidence is not None
        answer = evidence(value, view)
        if answer.at is None or by_default or answer.at.start_line != answer.at.end_line:
            if place is None and answer.at is None and not by_default:
                return answer
            answer = answer._replace(at=place, by_default=by_default or answer.by_default)
        return answer

    return judge


def _asks_presence(tree: list[Any]) -> bool:
    """Tell whether a test asks for presence or absence of the very value it judges."""
    if tree[0] in ("any_of", "all_of"):
        return any(_asks_presence(part) for part in tree[1])
    return _asks_presence(tree[1]) if tree[0] == "not" else tree[0] in ("present", "absent")


def _read(
    path: list[str], defaults: list[object], holder: Subject | Value, view: WorldView
) -> tuple[Value, Location | None, bool]:
    """Return the value at a path (null is absent), its place, and whether it is a default.

    The place of anything but a scalar takes time to find: it is None unless the view explains.
    """
    value: Any = holder
    missing = len(path)
    for size, name in enumerate(path, 1):
        value = value.get(name)
        if value.conditional:
            value = view.opened(value)
        if missing > size and type(value) is Absent:
            missing = size
    place: Location | None = None
    if type(value) is Scalar:
        place = value.at
        if value.content is not None:
            return value, place, value.defaulted
        value = Absent(place)
    elif view.explains:
        place = place_of(value, parents_of(path, holder, view))
    if type(value) is Absent:
        default = defaults[missing]
        if default is not NO_DEFAULT:
            return value_of(default, place or value.at, defaulted=True), place, True
        if place is not None:
            value = Absent(place)
    return value, place, False


def parents_of(path: Iterable[str], holder: Subject | Value, view: WorldView) -> list[tuple[Any, str]]:
    """Return the (holder, name) pairs on the way along a path; raises Undecided."""
    parents: list[tuple[Any, str]] = []
    value: Any = holder
    for name in path:
        parents.append((value, name))
        value = view.opened(value.get(name))
    return parents


def _simple(tree: list[Any], scope: Scope) -> Test | None:
    """Return a plain test function where no inner condition needs evidence of its own, else None."""
    word = tree[0]
    if word == "not":
        inner = _simple(tree[1], scope)
        return negated(inner) if inner else None
    if word in ("any_of", "all_of"):
        tests = [_simple(part, scope) for part in tree[1]]
        known = [test for test in tests if test is not None]
        if len(known) != len(tests):
            return None
        return either(known) if word == "any_of" else every(known)
    return simple_test(word, scope.operand(tree[1]) if len(tree) > 1 else None)


def _evidence(tree: list[Any], items: Scope, scope: Scope) -> Evidence:
    """Return the function for a test with inner conditions; it says which item decided."""
    word = tree[0]
    simple = _simple(tree, scope)
    if simple is not None:
        return _plainly(simple)
    if word in ("each", "some", "no"):
        parts = tree[1][1] if tree[1][0] == "all" else [tree[1]]
        return _over_items(word, [compile_condition(part, items) for part in parts])
    if word == "json":
        return _json(compile_condition(tree[1], scope._replace(defaults={})))
    if word in ("count", "keys"):
        return _measured(word, _evidence(tree[1], items, scope))
    if word == "not":
        inner = _evidence(tree[1], items, scope)
        return lambda value, view: flipped(inner(value, view))
    parts = [_evidence(part, items, scope) for part in tree[1]]
    return (_any if word == "any_of" else _all)(parts)


def _plainly(test: Test) -> Evidence:
    def evidence(value: Value, view: WorldView) -> Answer:
        holds = test(value, view)
        why = value.reason if holds is None and isinstance(value, Unknown) else ""
        return Answer(holds, None, why, (), (), False, value)

    return evidence


def items_of(value: Value, view: WorldView) -> tuple[list[Value], Unknown | None] | None:
    """Return the items that `each` and its kin look at, and what may follow; None for an unknown value."""
    if isinstance(value, Unknown):
        return None
    if isinstance(value, ListValue):
        found, rest = list(value.items), value.rest
    elif isinstance(value, MapValue):
        found, rest = list(value.entries.values()), value.rest
    else:
        return ([] if isinstance(value, Absent) else [value]), None
    if value.conditional:
        found = [item for item in map(view.opened, found) if not isinstance(item, Absent)]
    return found, rest


def _over_items(word: str, parts: list[Judge]) -> Evidence:
    """Return the function of each, some or no: `some` looks for an item that passes, the others for a culprit."""
    culprit = word != "each"
    judge = parts[0] if len(parts) == 1 else _all(parts)

    def evidence(value: Value, view: WorldView) -> Answer:
        opened = items_of(value, view)
        if opened is None:
            assert isinstance(value, Unknown)
            return Answer(None, value.at, value.reason, (), (), False, value)
        items, rest = opened
        unknown: Answer | None = None
        by_default = False
        for item in items:
            answer = judge(item, view)
            if answer.holds is culprit:
                found = answer if answer.at is not None or not view.explains else answer._replace(at=item.at)
                return found if word == "some" else found._replace(holds=False)
            if answer.holds is None:
                unknown = unknown or answer
            by_default = by_default or answer.by_default
        if unknown is None and rest is not None:
            unknown = Answer(None, rest.at, rest.reason, (), (), False, rest)
        if unknown is not None:
            return unknown
        if word == "some" and items and view.explains:
            return _nearest_miss(items, parts, value, view)
        return Answer(word != "some", None, "", (), (), by_default, value)

    return evidence


def _nearest_miss(items: list[Value], parts: list[Judge], value: Value, view: WorldView) -> Answer:
    """Return the failure of the one item that a person would mend: the only one, or the one that got furthest.

    A name with its value is no such item when it is another name: what is asked for is missing beside it.
    """
    alone = len(items) == 1 and not (len(parts) > 1 and _names_a_value(items[0]))
    best, furthest = None, -1 if alone else 0
    for item in items:
        for number, part in enumerate(parts):
            answer = part(item, view)
            if not answer.holds:
                if number > furthest:
                    best, furthest = answer, number
                break
    return best if best is not None else Answer(False, None, "", (), (), False, value)


def _names_a_value(item: Value) -> bool:
    """Tell whether an item is like `Key` and `Value`, or `ParameterName` and `ParameterValue`."""
    names = item.entries if isinstance(item, MapValue) else ()
    return any(name.endswith("Value") for name in names) and any(name.endswith(("Key", "Name")) for name in names)


def _measured(word: str, inner: Evidence) -> Evidence:
    def evidence(value: Value, view: WorldView) -> Answer:
        if word == "keys":
            if isinstance(value, MapValue):
                present = [
                    key for key, entry in value.entries.items()
                    if not isinstance(view.opened(entry) if entry.conditional else entry, Absent)
                ]
                keys = tuple(Scalar(key, value.key_at(key)) for key in present)
                return inner(ListValue(keys, value.at, value.rest), view)
            if isinstance(value, Unknown):
                return Answer(None, value.at, value.reason, (), (), False, value)
            return Answer(False, None, "", (), (), False, value)
        opened = items_of(value, view)
        if opened is None:
            assert isinstance(value, Unknown)
            return Answer(None, value.at, value.reason, (), (), False, value)
        items, rest = opened
        answer = inner(Scalar(len(items), value.at), view)
        if rest is None:
            return answer._replace(value=value) if isinstance(value, Absent) else answer
        sizes = (*range(len(items) + 1, len(items) + MOST_UNSEEN), 1_000_000)
        if all(inner(Scalar(size, value.at), view).holds is answer.holds for size in sizes):
            return answer
        return Answer(None, rest.at, rest.reason, (), (), False, rest)

    return evidence


def _json(judge: Judge) -> Evidence:
    def evidence(value: Value, view: WorldView) -> Answer:
        if isinstance(value, Unknown):
            return Answer(None, value.at, value.reason, (), (), False, value)
        content = value
        if isinstance(value, Scalar):
            import json

            try:
                content = value_of(json.loads(str(value.content)), value.at)
            except (ValueError, RecursionError):
                return Answer(False, value.at, "not JSON", (), (), False, value)
        elif isinstance(value, Absent):
            return Answer(False, None, "", (), (), False, value)
        return judge(content, view)

    return evidence


def value_of(content: Any, at: Any, *, defaulted: bool = False) -> Value:
    """Return plain data as a value that stands at one place."""
    if isinstance(content, dict):
        return MapValue({str(key): value_of(entry, at, defaulted=defaulted) for key, entry in content.items()}, at)
    if isinstance(content, list):
        return ListValue(tuple(value_of(item, at, defaulted=defaulted) for item in content), at)
    scalar: Content = content
    return Scalar(scalar, at, defaulted=defaulted)
