"""Documents inside strings: every place leads to the outer file."""

import json

import pytest

from scanner.core.artifact import Artifact
from scanner.core.errors import SyntaxFault
from scanner.core.value import HOLE, Scalar, Unknown
from scanner.model.values import embedded_values, value_of
from scanner.parse.embedded import embedded_documents
from scanner.parse.yaml import documents


def outer(text: str):
    return value_of(documents(Artifact("t.yaml", text.encode()))[0])


def scalars(node):
    if node.kind == "scalar":
        yield node
    for key, value in node.pairs:
        yield from scalars(key)
        yield from scalars(value)
    for item in node.items:
        yield from scalars(item)


def test_yaml_in_a_block_scalar():
    text = "a:\n  b: |\n    version: 0.2\n    phases:\n      - echo one\n      - 'two  x'\n"
    root = embedded_documents(outer(text).get("a").get("b"))[0]
    assert {node.text: node.at[1:] for node in scalars(root)} == {
        "version": (3, 5, 3, 12), "0.2": (3, 14, 3, 17), "phases": (4, 5, 4, 11), "echo one": (5, 9, 5, 17),
        "two  x": (6, 9, 6, 17),
    }


def test_json_in_a_quoted_string_keeps_each_character():
    inner = json.dumps({"Statement": [{"Action": "s3:*", "Sid": "a\"b\\c"}]})
    text = "policy: " + json.dumps(inner) + "\n"
    node = next(node for node in scalars(embedded_documents(outer(text).get("policy"))[0]) if node.text == "a\"b\\c")
    line = text.split("\n")[0]
    places = [node.text_map().position(offset)[2] for offset in range(len(node.text))]
    assert [line[place - 1] for place in places] == ["a", "\\", "b", "\\", "c"]


def test_a_fault_inside_stands_in_the_outer_file():
    with pytest.raises(SyntaxFault) as raised:
        embedded_documents(outer("a:\n  b: |\n    x: [1\n    y: 2\n").get("a").get("b"))
    assert raised.value.at.start_line == 4


def test_gaps_come_back_as_the_unknowns_they_are():
    whole = outer("b: '{\"a\": \"x?y\", \"c\": \"?\", \"d\": 1}'\n").get("b")
    text = whole.content
    first, second = Unknown("one", whole.at), Unknown("two", whole.at)
    pieces = text.split("?")
    value = Unknown("one", whole.at, parts=(pieces[0], first, pieces[1], second, pieces[2]), text_map=whole.text_map)
    assert value.rendering.count(HOLE) == 2
    found = embedded_values(value, "json")[0]
    a, c, d = (found.get(name) for name in "acd")
    assert isinstance(a, Unknown)
    assert a.parts == ("x", first, "y")
    assert c is second
    assert isinstance(d, Scalar)
    assert d.at[1:] == (1, 33, 1, 34)
