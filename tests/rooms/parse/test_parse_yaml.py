"""YAML to nodes: values, places, limits and faults."""

import string

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core.artifact import Artifact
from scanner.core.errors import SyntaxFault
from scanner.core.location import TextMap
from scanner.core.node import Node
from scanner.parse.yaml import MAX_DEPTH, documents


def parse(text: str, path: str = "t.yaml") -> list[Node]:
    return documents(Artifact(path, text.encode("utf-8", "surrogatepass")))


def map_of(node: Node) -> TextMap | None:
    return node.text_map() if callable(node.text_map) else node.text_map


def lines_of(text: str) -> list[str]:
    """The source's lines with their ends, split at CR, LF and CRLF only."""
    lines, current, index = [], "", 0
    while index < len(text):
        character = text[index]
        current += character
        if character == "\r" and text[index + 1:index + 2] == "\n":
            current += "\n"
            index += 1
        if character in "\r\n":
            lines.append(current)
            current = ""
        index += 1
    return [*lines, current]


def fault_of(text: str) -> SyntaxFault | None:
    try:
        parse(text)
    except SyntaxFault as fault:
        return fault
    return None


def cut(text: str, at: tuple) -> str:
    _, line, column, last_line, last_column = at
    lines = lines_of(text)
    if line == last_line:
        return lines[line - 1][column - 1:last_column - 1]
    middle = lines[line:last_line - 1]
    return lines[line - 1][column - 1:] + "".join(middle) + lines[last_line - 1][:last_column - 1]


def scalars(node: Node):
    if node.kind == "scalar":
        yield node
    for key, value in node.pairs:
        yield from scalars(key)
        yield from scalars(value)
    for item in node.items:
        yield from scalars(item)


def check_places(text: str, root: Node) -> None:
    """Every scalar's region parses back to its text; every mapped character stands where the map says."""
    lines = lines_of(text)
    for node in scalars(root):
        token = cut(text, node.at)
        if node.style in ("|", ">"):
            assert token[:1] == node.style
        elif node.style:
            assert yaml.safe_load(token) == node.text
        elif node.text and "\n" not in token and "\r" not in token:
            assert token == node.text
        text_map = map_of(node)
        quoted = node.style in ("'", '"')
        for offset, character in enumerate(node.text):
            if text_map is None:
                line, column = node.at[1], node.at[2] + offset + (1 if quoted else 0)
            else:
                _, line, column = text_map.position(offset)
            source = lines[line - 1][column - 1:column]
            if source == "\\" or (character in "\n " and source in "\r\n") or (source in "\x85\u2028\u2029"):
                continue
            assert source == character, (node.text, offset, line, column, source)


WORDS = st.text(alphabet=string.ascii_letters + " #:'\"\\äß€😀\t-{}[]!&*%@`|>,?", max_size=12)
LINES = st.lists(WORDS, min_size=0, max_size=5).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(LINES, st.sampled_from(["'", '"', "|", ">", None]), st.integers(20, 80), st.sampled_from(["\n", "\r\n", "\r"]))
def test_regions_and_maps_lead_back_to_the_source(value, style, width, line_end):
    text = yaml.dump({"key": [value, {"inner": value}]}, default_style=style, width=width, allow_unicode=True,
                     line_break=line_end)
    root = parse(text)[0]
    assert root.pairs[0][1].items[0].text == yaml.safe_load(text)["key"][0] == value
    check_places(text, root)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), WORDS), min_size=1, max_size=6),
       st.sampled_from(["|", ">", "|-", ">-", "|+", ">+", "|2", ">2-"]), st.sampled_from(["\n", "\r\n"]))
def test_block_scalars_map_each_character(rows, header, line_end):
    body = line_end.join("  " + " " * indent + words if words.strip() else "" for indent, words in rows)
    text = f"key: {header}{line_end}{body}{line_end}next: 1{line_end}"
    try:
        expected = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return
    root = parse(text)[0]
    assert root.pairs[0][1].text == expected["key"]
    check_places(text, root)


JUNK = st.text(alphabet="ab:- \n\t'\"[]{}#&*!|>%,?\\~\x00\x0b\u2028é", max_size=60)


@settings(max_examples=500, deadline=None)
@given(JUNK)
def test_any_text_gives_nodes_or_a_fault(text):
    fault = fault_of(text)
    assert fault is None or (fault.at.start_line >= 1 and fault.at.start_column >= 1 and fault.hint)


@pytest.mark.parametrize(("source", "content", "text"), [
    ("yes", True, "yes"), ("Off", False, "Off"), ("n", "n", "n"), ("~", None, "~"), ("", None, ""),
    ("0777", 511, "0777"), ("0x1F", 31, "0x1F"), ("1_000", 1000, "1_000"), ("3.10", 3.1, "3.10"), ("1e3", 1000.0, "1e3"),
    ("22:22", "22:22", "22:22"), ("2012-10-17", "2012-10-17", "2012-10-17"), (".inf", ".inf", ".inf"),
    ("012345678901", "012345678901", "012345678901"), ("!!str 12", "12", "12"), ("'yes'", "yes", "yes"), ("-5", -5, "-5"),
], ids=lambda value: repr(value))
def test_plain_scalars_resolve_and_keep_their_spelling(source, content, text):
    node = parse(f"a: {source}\n")[0].get("a")
    assert (node.content, node.text, type(node.content)) == (content, text, type(content))


def test_tagged_scalars_stand_at_their_own_token():
    root = parse("a: !Sub 'x'\nb: !Ref &q Y\nc: !Sub |\n  t\nd: !Join\n  - ''\nf: !GetAZs ''\n")[0]
    assert root.get("a").at[1:] == (1, 9, 1, 12)
    assert root.get("b").at[1:] == (2, 12, 2, 13)
    assert root.get("c").at[1:3] == (3, 9)
    assert root.get("d").at[1:3] == (5, 4)
    assert (root.get("f").tag, root.get("f").at[1:]) == ("!GetAZs", (7, 12, 7, 14))


def test_a_block_mapping_ends_with_its_last_value():
    root = parse("a:\n  b: 1\n\n# remark\nc: 2\n")[0]
    assert root.get("a").at[1:] == (2, 3, 2, 7)


def test_byte_order_mark_and_unicode_line_separators_do_not_move_lines():
    root = parse("\ufeffa: 1\nb: 'x\u2028y'\nc: 3\n")[0]
    assert root.pairs[0][0].at[1:] == (1, 2, 1, 3)
    assert root.get("c").at[1:] == (3, 4, 3, 5)


def test_control_characters_keep_columns():
    assert parse("a: x\x01y\nb: 2\n")[0].get("a").text == "x y"


def test_duplicate_keys_are_kept_and_merge_keys_applied():
    root = parse("x: &x {k: 1, m: 2}\ny:\n  <<: *x\n  m: 3\nz: 1\nz: 2\n")[0]
    assert root.keys() == ["x", "y", "z", "z"]
    assert [(key.text, value.content) for key, value in root.get("y").pairs] == [("k", 1), ("m", 3)]
    assert root.get("z").content == 2


def test_several_documents():
    assert [node.get("a").content for node in parse("a: 1\n---\na: 2\n")] == [1, 2]
    assert parse("") == []
    assert parse("# only a remark\n") == []


@pytest.mark.parametrize(("text", "line", "column", "word"), [
    ("a:\n\tb: 1\n", 2, 1, "tab"),
    ("a: b: c\n", 1, 5, "colon"),
    ("a: 'open\nb: 1\n", 3, 1, "quote"),
    ("a: [1, 2\nb: 3\n", 2, 2, "bracket"),
    ("a: *nowhere\n", 1, 4, "anchor"),
    ("a: &a [*a]\n", 1, 8, "inside its own anchor"),
    ("a: @b\n", 1, 4, "start a value"),
    ("a: 1\n b: 2\n", 2, 3, "colon"),
], ids=["tab", "colon", "quote", "bracket", "alias", "circle", "indicator", "indentation"])
def test_faults_name_place_and_reason(text, line, column, word):
    with pytest.raises(SyntaxFault) as raised:
        parse(text)
    fault = raised.value
    assert (fault.at.start_line, fault.at.start_column) == (line, column), fault.message
    assert word in fault.message + fault.hint
    assert fault.hint


def test_a_fault_keeps_what_was_read_and_marks_what_was_cut():
    with pytest.raises(SyntaxFault) as raised:
        parse("Resources:\n  A:\n    Type: X\n  B:\n    Type: Y\n    P:\n\t  q: 1\n")
    root = raised.value.partial[0]
    resources = root.get("Resources")
    assert root.cut
    assert resources.cut
    assert not resources.get("A").cut
    assert resources.get("B").cut
    assert resources.get("B").get("Type").text == "Y"


@pytest.mark.parametrize("text", [
    "[" * (MAX_DEPTH + 1), "{a: " * (MAX_DEPTH + 1), "- " * (MAX_DEPTH + 1) + "x", "[" * 100_000,
], ids=["sequence", "mapping", "block", "enormous"])
def test_depth_is_bounded(text):
    with pytest.raises(SyntaxFault, match="deeper than"):
        parse(text)


def test_alias_bombs_are_refused():
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(SyntaxFault, match="aliases expand"):
        parse("\n".join(rows))


def test_deep_alias_chains_are_refused():
    rows = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [[*a{n - 1}]]" for n in range(1, 150)]
    with pytest.raises(SyntaxFault, match="nest deeper"):
        parse("\n".join(rows))
