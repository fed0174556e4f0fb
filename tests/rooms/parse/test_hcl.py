"""HCL: structure, exact places, faults that leave the rest alone, and agreement with python-hcl2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.parse.hcl import Fault, parse, parse_expression, parse_template, tree

CORPUS = Path("/work/shared/corpus")


def body_of(text: str) -> tree.Body:
    document = parse(text)
    assert document.faults == ()
    return document.body


def test_blocks_labels_and_arguments() -> None:
    body = body_of('resource "aws_s3_bucket" "b" {\n  bucket = "x" # why\n  nested { a = 1 }\n}\nlocals { b = 2 }\n')
    block = body.blocks[0]
    assert (block.name, block.labels) == ("resource", ("aws_s3_bucket", "b"))
    assert list(block.body.arguments) == ["bucket"]
    assert block.body.blocks[0].body.arguments["a"].expression.content == 1
    assert body.blocks[1].body.arguments["b"].expression.content == 2


def test_spans_cut_the_source() -> None:
    text = 'a "l" {\n  key = [1, "é", f(x)]\n}\n'
    block = body_of(text).blocks[0]
    assert text[block.start : block.header_end] == 'a "l"'
    argument = block.body.arguments["key"]
    assert text[argument.start : argument.end] == "key"
    assert text[argument.expression.start : argument.expression.end] == '[1, "é", f(x)]'
    assert [text[item.start : item.end] for item in argument.expression.items] == ["1", '"é"', "f(x)"]


@pytest.mark.parametrize(("source", "content"), [
    ("<<EOT\na\n  b\nEOT", "a\n  b\n"),
    ("<<-EOT\n    a\n      b\n    EOT", "a\n  b\n"),
    ("<<-EOT\n    a\n\n    b\n  EOT", "a\n\nb\n"),
    ("<<EOT\nEOT", ""),
    ("<<EOT\n$${a} %%{b}\nEOT", "${a} %{b}\n"),
    ("<<EOT\nback\\n\nEOT", "back\\n\n"),
    ("<<EOT\nEOTX\nEOT", "EOTX\n"),
    ("<<EOT\r\na\r\nEOT", "a\r\n"),
], ids=["plain", "indented", "blank-line", "empty", "escapes", "no-backslash", "longer-word", "crlf"])
def test_heredocs(source: str, content: str) -> None:
    expression = body_of(f"x = {source}\n").arguments["x"].expression
    assert isinstance(expression, tree.Literal)
    assert expression.content == content


def test_heredoc_pieces_lead_to_the_source() -> None:
    text = "x = <<-EOT\n    one\n      two\n    EOT\n"
    expression = body_of(text).arguments["x"].expression
    offset = str(expression.content).index("two")
    piece = [piece for piece in expression.pieces if piece[0] <= offset][-1]
    assert text[piece[1] + offset - piece[0] :].startswith("two")


@pytest.mark.parametrize(("text", "line", "message"), [
    ("a = = 1\n", 1, 'expected an expression, found "="'),
    ("a {\n  b = [1,\n}\n", 3, 'expected an expression, found "}"'),
    ('a = "x\n', 1, "the string does not end on its line"),
    ("a = <<EOT\nx\n", 1, 'no line "EOT" ends the heredoc'),
    ("a b c\n", 1, 'expected "=" or "{", found the end of the line'),
    ("a = 1 2\n", 1, 'expected a new line, found "2"'),
    ("a = f(1\n", 2, 'expected ")", found the end of the file'),
    ("a = 1\na = 2\n", 2, 'the argument "a" is set twice; the first one counts'),
    ("a = " + "[" * 200 + "\n", 1, "nested deeper than 90 levels"),
], ids=["double-equals", "list", "string", "heredoc", "bare", "two-values", "call", "twice", "deep"])
def test_faults_name_place_and_reason(text: str, line: int, message: str) -> None:
    fault = parse(text).faults[0]
    assert (text.count("\n", 0, fault.start) + 1, fault.message) == (line, message)


def test_the_next_block_is_read_after_a_fault() -> None:
    document = parse('resource "a" "b" {\n  x = \n\nresource "c" "d" {\n  y = 1\n}\n')
    assert [block.labels for block in document.body.blocks] == [("c", "d")]
    assert len(document.faults) == 1


def test_byte_order_mark_and_unicode_names() -> None:
    assert list(body_of("\ufeffgröße = 1\n").arguments) == ["größe"]


# --- properties -----------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "var", "local_x", "x-y", "größe", "if1"])
TEXTS = st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)
SCALARS = st.one_of(
    st.integers(0, 10**9).map(str), st.just("true"), st.just("null"),
    TEXTS.map(lambda text: json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{").replace("\\/", "/")))


def collections(inner):
    return st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
        st.lists(st.tuples(NAMES, inner), max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{name} = {value}" for name, value in pairs) + "}"),
        st.tuples(NAMES, st.lists(inner, max_size=2)).map(lambda call: f"{call[0]}({', '.join(call[1])})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} == {pair[1]})"),
        st.tuples(inner, inner, inner).map(lambda three: f"({three[0]} ? {three[1]} : {three[2]})"),
        inner.map(lambda one: f'"x${{{one}}}y"'),
    )


EXPRESSIONS = st.recursive(SCALARS, collections, max_leaves=12)


def nodes_of(node: object):
    if isinstance(node, (list, tuple)):
        for part in node:
            yield from nodes_of(part)
    elif isinstance(node, tree.Node):
        yield node
        for name in type(node).__slots__:
            yield from nodes_of(getattr(node, name))


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS)
def test_every_span_parses_back_to_its_node(source: str) -> None:
    node = parse_expression(source)
    assert not isinstance(node, Fault), node
    for inner in nodes_of(node):
        if type(inner).__name__ in ("Interpolation", "Name") or (isinstance(inner, tree.Literal) and not inner.quoted):
            continue
        again = parse_expression(source[inner.start : inner.end])
        assert type(again) is type(inner)
        if isinstance(inner, tree.Literal):
            assert again.content == inner.content


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='ab "{}[]()=<-EOT\n\\$%~.,?:!#/*0é', max_size=60))
def test_nothing_raises(text: str) -> None:
    for result in (parse(text), parse_expression(text), parse_template(text)):
        assert result is not None


# --- the corpus -----------------------------------------------------------------------------------


def corpus() -> list[tuple[str, str]]:
    found = [(str(path), path.read_text(encoding="utf-8", errors="replace"))
             for path in sorted((CORPUS / "projects").rglob("*.tf"))]
    for name in ("checkov_terraform", "checkov_terraform_graph", "trivy"):
        for line in (CORPUS / "dev" / f"{name}.jsonl").read_text().splitlines():
            case = json.loads(line)
            found += [(f"{case['id']}:{path}", text) for path, text in case["files"].items() if path.endswith(".tf")]
    return found


def shape(body: tree.Body, text: str) -> list[object]:
    """Return arguments and blocks with their lines, in order."""
    items: list[tuple[int, object]] = [
        (one.start, ("argument", one.name, text.count("\n", 0, one.start) + 1)) for one in body.arguments.values()]
    items += [
        (one.start, ("block", one.name, list(one.labels), text.count("\n", 0, one.start) + 1, shape(one.body, text)))
        for one in body.blocks]
    return [item for _, item in sorted(items, key=lambda pair: pair[0])]


def oracle_shape(body) -> list[object]:
    from hcl2.rules.base import AttributeRule, BlockRule

    found: list[object] = []
    for child in body.children:
        if isinstance(child, AttributeRule):
            found.append(("argument", child.identifier.serialize(), child._meta.line))
        elif isinstance(child, BlockRule):
            name, *labels = [str(label.serialize()).strip('"') for label in child.labels]
            found.append(("block", name, labels, child._meta.line, oracle_shape(child.body)))
    return found


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_same_structure_as_python_hcl2() -> None:
    hcl2 = pytest.importorskip("hcl2")
    compared, rejected = 0, []
    for name, text in corpus():
        if len(text) > 6_000:
            continue  # the oracle takes seconds for a large file
        document = parse(text)
        try:
            start = hcl2.parses(text)
        except Exception:  # whatever the oracle raises, it has no answer
            rejected.append(name)
            continue
        if document.faults:
            pytest.fail(f"{name}: {document.faults[0].message}, python-hcl2 reads it")
        assert shape(document.body, text) == oracle_shape(start.body), name
        compared += 1
    assert compared >= 380
    assert len(rejected) <= 12
