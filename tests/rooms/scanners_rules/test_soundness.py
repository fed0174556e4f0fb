"""What is said in spite of an unknown stays true whatever the unknown turns out to be."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core.inventory import Inventory
from scanner.core.subject import Resource
from scanner.core.value import Absent, Choice, ListValue, MapValue, Scalar, Unknown, Value
from scanner.core.world import Question
from scanner.packs.grammar import Grammar
from scanner.packs.reading import Document
from scanner.scanners.rules.conditions import Scope, compile_condition
from scanner.scanners.rules.view import WorldView
from tests.rooms.scanners_rules.making import at, pack_of, run

HERE = at(3)
CONTENTS = st.sampled_from(["x", "y", "xy", "arn:x", "7", "true", "", 7, 8, True, False])
BARE = [
    "present", "absent", {"equals": "x"}, {"equals": "xy"}, {"equals": "7"}, {"equals": True}, {"not_equals": "x"}, {"in": ["x", "arn:x"]},
    {"not_in": ["y", 7]}, {"equals_ignoring_case": "X"}, {"matches": "x"}, {"matches": "^x"}, {"matches": "^arn:x"}, {"matches": "y$"},
    {"not_matches": "^y"}, {"starts_with": "x"}, {"starts_with": "arn:x"}, {"ends_with": "y"}, {"ends_with": "xy"}, {"at_least": 7},
    {"below": 8}, {"empty": True}, {"not_empty": True}, {"contains": "x"}, {"contains_all": ["x", "y"]}, {"contains_any": ["x", "7"]},
    {"count": {"at_least": 2}}, {"count": {"equals": 1}}, {"keys": {"contains": "x"}}, {"keys": {"each": {"equals": "x"}}},
]
TESTS = st.recursive(
    st.sampled_from(BARE),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"each": inner}), st.fixed_dictionaries({"some": inner}), st.fixed_dictionaries({"no": inner}),
        st.fixed_dictionaries({"not": inner}), st.fixed_dictionaries({"any_of": st.lists(inner, min_size=1, max_size=2)}),
    ),
    max_leaves=2,
)
CONDITIONS = st.recursive(
    st.one_of(st.fixed_dictionaries({"A": TESTS}), st.fixed_dictionaries({"B": TESTS})),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"none": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"not": inner}), st.fixed_dictionaries({"if": inner, "then": inner}),
    ),
    max_leaves=5,
)


def known(content: object) -> Value:
    if content is None:
        return Absent(HERE)
    if isinstance(content, list):
        return ListValue(tuple(known(item) for item in content), HERE)
    if isinstance(content, dict):
        return MapValue({key: known(item) for key, item in content.items()}, HERE)
    return Scalar(content, HERE)  # type: ignore[arg-type]


SCALARS = CONTENTS
PLAIN = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(st.sampled_from(["x", "y"]), SCALARS, max_size=2), st.none())


def answer(condition: object, first: Value, second: Value) -> bool | None:
    document = Document("t.yaml", "a: 1")
    tree = Grammar(document).condition(condition, {}, None)
    judge = compile_condition(tree, Scope({}, {}, lambda kind: {}, lambda name: None))  # type: ignore[arg-type, return-value]
    entries = {name: value for name, value in (("A", first), ("B", second)) if not isinstance(value, Absent)}
    subject = Resource("K", "R", HERE, MapValue(entries, HERE))
    view = WorldView(Inventory())
    view.subject = subject
    quick = judge(subject, view).holds
    view.explains = True
    assert judge(subject, view).holds is quick
    return quick


@settings(max_examples=400, deadline=None)
@given(CONDITIONS, PLAIN, PLAIN)
def test_a_wholly_unknown_property(condition: object, content: object, other: object) -> None:
    said = answer(condition, Unknown("open", HERE), known(other))
    if said is not None:
        assert answer(condition, known(content), known(other)) is said


@settings(max_examples=600, deadline=None)
@given(CONDITIONS, st.sampled_from(["", "x", "y"]), st.sampled_from(["", "x", "arn:x", "7"]), st.sampled_from(["", "y", "xy"]), PLAIN)
def test_a_partly_known_string(condition: object, middle: str, start: str, end: str, other: object) -> None:
    value = Unknown("open", HERE, parts=(start, Unknown("open", HERE), end))
    said = answer(condition, value, known(other))
    if said is not None:
        assert answer(condition, known(start + middle + end), known(other)) is said


@settings(max_examples=300, deadline=None)
@given(CONDITIONS, st.lists(SCALARS, max_size=2), st.lists(SCALARS, max_size=2), PLAIN)
def test_a_list_with_items_that_we_cannot_see(condition: object, seen: list[object], unseen: list[object], other: object) -> None:
    value = ListValue(tuple(known(item) for item in seen), HERE, Unknown("more", HERE))
    said = answer(condition, value, known(other))
    if said is not None:
        assert answer(condition, known([*seen, *unseen]), known(other)) is said


@settings(max_examples=150, deadline=None)
@given(CONDITIONS, PLAIN, PLAIN, PLAIN)
def test_the_verdict_over_worlds_is_that_of_the_worst_world(condition: object, then: object, otherwise: object, other: object) -> None:
    import json

    choice = Choice(Question("Q"), known(then), known(otherwise), HERE)
    entries = {"A": choice} if other is None else {"A": choice, "B": known(other)}
    pack = pack_of(f"subject: K\nrequire: {json.dumps(condition)}\n")
    (result,), notes = run(pack, Resource("K", "R", HERE, MapValue(entries, HERE)))
    assert notes == []
    answers = {answer(condition, known(then), known(other)), answer(condition, known(otherwise), known(other))}
    expected = "NON_COMPLIANT" if False in answers else "INSUFFICIENT_DATA" if None in answers else "COMPLIANT"
    assert result.compliance == expected


@pytest.mark.parametrize("test", BARE, ids=str)
def test_every_test_on_partly_known_strings(test: object) -> None:
    pieces = ["", "x", "y", "arn:x", "7"]
    for start, end in itertools.product(pieces, pieces):
        said = answer({"A": test}, Unknown("open", HERE, parts=(start, Unknown("open", HERE), end)), Absent(HERE))
        if said is not None:
            outcomes = {answer({"A": test}, known(start + middle + end), Absent(HERE)) for middle in pieces}
            assert outcomes == {said}, (start, end)
