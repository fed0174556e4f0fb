"""JSON to nodes: values, places, limits and faults."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core.artifact import Artifact
from scanner.core.errors import SyntaxFault
from scanner.core.location import TextMap
from scanner.core.node import Node
from scanner.parse.json import MAX_DEPTH, documents


def parse(text: str) -> list[Node]:
    return documents(Artifact("t.json", text.encode("utf-8", "surrogatepass")))


def plain(node: Node):
    if node.kind == "scalar":
        return node.content
    if node.kind == "sequence":
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.pairs}


def fault_of(text: str) -> SyntaxFault | None:
    try:
        parse(text)
    except SyntaxFault as fault:
        return fault
    return None


def cut(text: str, at: tuple) -> str:
    lines = text.split("\n")
    _, line, column, last_line, last_column = at
    if line == last_line:
        return lines[line - 1][column - 1:last_column - 1]
    inner = lines[line:last_line - 1]
    return "\n".join([lines[line - 1][column - 1:], *inner, lines[last_line - 1][:last_column - 1]])


def every(node: Node):
    yield node
    for key, value in node.pairs:
        yield key
        yield from every(value)
    for item in node.items:
        yield from every(item)


TEXT = st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=10)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-10**9, 10**9) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12)


@settings(max_examples=300, deadline=None)
@given(VALUES, st.sampled_from([None, 1, 4]), st.booleans())
def test_values_and_regions_agree_with_the_standard_library(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    if "\r" in text or "\x85" in text:
        return
    root = parse(text)[0]
    assert plain(root) == value
    for node in every(root):
        assert json.loads(cut(text, node.at)) == plain(node)
        if node.kind == "scalar" and isinstance(node.content, str):
            check_map(text, node)


def check_map(text: str, node: Node) -> None:
    text_map: TextMap | None = node.text_map() if callable(node.text_map) else node.text_map
    for offset, character in enumerate(node.text):
        if text_map is None:
            line, column = node.at[1], node.at[2] + 1 + offset
        else:
            _, line, column = text_map.position(offset)
        source = text.split("\n")[line - 1][column - 1:]
        if source[:1] == "\\":
            size = 2 if source[1] != "u" else (12 if ord(character) > 0xFFFF else 6)
            assert json.loads(f'"{source[:size]}"') == character
        else:
            assert source[:1] == character


@pytest.mark.parametrize(("text", "line", "column", "word"), [
    ('{"a": 1,\n}', 1, 8, "trailing comma"),
    ('[1, 2,]', 1, 6, "trailing comma"),
    ('{"a": 1\n "b": 2}', 2, 2, "missing comma"),
    ("{'a': 1}", 1, 2, "double quotes"),
    ('{"a": \'x\'}', 1, 7, "single quotes"),
    ('{"a" 1}', 1, 6, "colon"),
    ('{"a": True}', 1, 7, "lower case"),
    ('{"a": "open}', 1, 7, "never closed"),
    ('{"a": "\\q"}', 1, 8, "backslash"),
    ('{"a": [1, 2', 1, 12, "line 1 opens"),
    ('{"a": 1} x', 1, 10, "after the end"),
    ('{"a": }', 1, 7, "value is expected"),
    ('{"a": 01}', 1, 8, "expected"),
], ids=lambda value: value if isinstance(value, str) and " " in value else "")
def test_faults_name_place_and_reason(text, line, column, word):
    with pytest.raises(SyntaxFault) as raised:
        parse(text)
    fault = raised.value
    assert word in f"{fault.message} {fault.hint}"
    assert (fault.at.start_line, fault.at.start_column) == (line, column)
    assert fault.partial


def test_a_trailing_comma_loses_nothing():
    with pytest.raises(SyntaxFault) as raised:
        parse('{"a": [1, 2,], "b": {"c": 3,},}')
    assert plain(raised.value.partial[0]) == {"a": [1, 2], "b": {"c": 3}}


def test_what_was_open_at_a_fault_is_cut():
    with pytest.raises(SyntaxFault) as raised:
        parse('{"a": {"x": 1}, "b": {"y": 2, "z": [3, }')
    root = raised.value.partial[0]
    assert plain(root) == {"a": {"x": 1}, "b": {"y": 2, "z": [3]}}
    assert root.cut
    assert not root.get("a").cut
    assert root.get("b").get("z").cut


def test_comments_are_read_over_with_one_warning():
    artifact = Artifact("t.json", b'{ // one\n "a": 1, /* two\n */ "b": 2 # three\n}')
    assert plain(documents(artifact)[0]) == {"a": 1, "b": 2}
    assert [(note.level, note.kind, note.at.start_line) for note in artifact.notes] == [("warning", "json-comment", 1)]


def test_raw_line_ends_in_strings_are_read_with_a_warning():
    artifact = Artifact("t.json", b'{"a": "x\ny", "b": 2}')
    root = documents(artifact)[0]
    assert root.get("a").text == "x\ny"
    assert root.get("a").text_map().position(2) == ("t.json", 2, 1)
    assert root.get("b").at[1:] == (2, 10, 2, 11)
    assert artifact.notes[0].kind == "json-control-character"


def test_duplicates_byte_order_mark_and_emptiness():
    root = parse('\ufeff{"a": 1, "a": 2}')[0]
    assert root.keys() == ["a", "a"]
    assert root.get("a").at[1:] == (1, 16, 1, 17)
    assert parse("  \n ") == []


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * (MAX_DEPTH + 1)], ids=["enormous", "mapping"])
def test_depth_is_bounded(text):
    with pytest.raises(SyntaxFault, match="deeper than"):
        parse(text)


def test_numbers_beyond_reason_stay_text():
    assert parse("9" * 5000)[0].content == "9" * 5000


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet='{}[]",:\\ntrue0.-e/*# \n\x00é', max_size=40))
def test_any_text_gives_nodes_or_a_fault(text):
    fault = fault_of(text)
    assert fault is None or (fault.at.start_line >= 1 and fault.at.start_column >= 1 and fault.hint)


def test_large_documents_are_read_on_demand_and_alike(monkeypatch):
    value = {"list": [{"name": f"n{n}", "values": [n, None, {"deep": "x\ty"}]} for n in range(300)], "empty": {}, "none": []}
    text = json.dumps(value, indent=1)
    monkeypatch.setattr("scanner.parse.json.LARGE", 100)
    monkeypatch.setattr("scanner.parse.json.WHOLE", 40)
    root = parse(text)[0]
    assert plain(root) == value
    for node in every(root):
        assert json.loads(cut(text, node.at)) == plain(node)


def test_large_documents_that_are_wrong_get_precise_faults(monkeypatch):
    monkeypatch.setattr("scanner.parse.json.LARGE", 10)
    with pytest.raises(SyntaxFault, match="trailing comma") as raised:
        parse('{"a": [1, 2, 3, 4],\n "b": [1,]}')
    assert raised.value.at.start_line == 2
    with pytest.raises(SyntaxFault, match="deeper than"):
        parse("[" * 100_000)
