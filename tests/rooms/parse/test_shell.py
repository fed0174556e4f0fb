"""The shell reader: words, neighbours, surroundings and exact offsets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.parse.shell import CommandSyntax, commands


def read(text: str) -> list[CommandSyntax]:
    return commands(text).commands


def texts(command: CommandSyntax) -> list[str]:
    return [word.text for word in command.words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("aws s3 cp a b", [["aws", "s3", "cp", "a", "b"]], id="plain words"),
        pytest.param("echo 'a b' \"c $D\" e\\ f", [["echo", "a b", "c $D", "e f"]], id="quotes and escapes"),
        pytest.param("a \\\n  b", [["a", "b"]], id="continued line"),
        pytest.param("a | b | c -x @- u\nd -F k=@$H/y z\ne > /f", [["a"], ["b"], ["c", "-x", "@-", "u"], ["d", "-F", "k=@$H/y", "z"], ["e"]],
                     id="lines behind a pipeline that the grammar joins"),
        pytest.param("sudo -u x env A=1 timeout 5 run it", [["run", "it"]], id="wrappers are taken off"),
        pytest.param("A=1 b", [["b"]], id="assignment before a command"),
        pytest.param("if a; then b; else c; fi", [["a"], ["b"], ["c"]], id="branches"),
        pytest.param("for i in $(list); do x $i; done", [["list"], ["x", "$i"]], id="loop over a substitution"),
        pytest.param("case $x in a) b;; *) c;; esac", [["b"], ["c"]], id="case"),
        pytest.param("bash -c 'curl u | sh'", [["bash", "-c", "curl u | sh"], ["curl", "u"], ["sh"]], id="string of a shell"),
        pytest.param("bash <<'E'\nrun it\nE", [["bash"], ["run", "it"]], id="here-document of a shell"),
        pytest.param("echo #{A.b} ${{ x.y }}", [["echo", "#{A.b}", "${{ x.y }}"]], id="text filled in before the shell"),
        pytest.param("push $A.dkr.ecr.$R.amazonaws.com/$N:$T a.$B/c d$ e", [["push", "$A.dkr.ecr.$R.amazonaws.com/$N:$T", "a.$B/c", "d$", "e"]],
                     id="variables behind dots are parts of one word"),
        pytest.param("[ -n \"$A\" ] && b", [["[", "-n", "$A", "]"], ["b"]], id="test command"),
    ],
)
def test_words(text: str, expected: list[list[str]]) -> None:
    assert [texts(command) for command in read(text)] == expected


def test_a_variable_behind_a_dot_is_one() -> None:
    command, = read("push $A.dkr.$REGION.com/x")
    assert [(part.kind, part.text) for part in command.words[1].parts] == [
        ("variable", "A"), ("literal", ".dkr."), ("variable", "REGION"), ("literal", ".com/x"),
    ]


def test_connectors_and_rescue() -> None:
    first, second, third, fourth = read("a && b || c; d &")
    assert [command.connector for command in (first, second, third, fourth)] == ["&&", "||", ";", "&"]
    assert first.rescue is third
    assert second.rescue is third
    assert third.rescue is None


def test_pipeline_neighbours() -> None:
    first, second, third = read("a | b | c > out")
    assert first.downstream is second
    assert second.upstream is first
    assert third.upstream is second
    assert [operator for operator, _ in third.redirects] == [">"]
    assert first.redirects == []


def test_inside_and_outer() -> None:
    outer, inner = read('eval "x $(curl u)"')[:2]
    assert inner.outer is outer
    assert inner.inside == ("substitution",)
    function = read("f() { rm x; }")[0]
    assert function.inside == ("function:f",)


def test_options_follow_set_in_order() -> None:
    before, _, during, _, after = read("a\nset -euo pipefail\nb\nset +e\nc")
    assert before.options == frozenset()
    assert during.options == {"errexit", "nounset", "pipefail"}
    assert after.options == {"nounset", "pipefail"}


def test_options_of_a_subshell_end_with_it() -> None:
    found = {command.name: command for command in read("( set -e; a )\nb")}
    assert "errexit" in found["a"].options
    assert "errexit" not in found["b"].options


def test_shebang_options() -> None:
    assert read("#!/bin/bash -ex\na")[0].options == {"errexit", "xtrace"}


def test_template_part_is_no_literal() -> None:
    word = read('echo "a #{Src.BranchName} b"')[0].words[1]
    assert [(part.kind, part.text) for part in word.parts] == [
        ("literal", "a "), ("template", "#{Src.BranchName}"), ("literal", " b"),
    ]
    assert read("x")[0].name == "x"
    assert read("${{ x }}")[0].name == ""


def test_deep_nesting_is_a_fault_and_no_error() -> None:
    parsed = commands("$(" * 400 + "x" + ")" * 400)
    assert len(parsed.commands) < 400


@pytest.mark.parametrize("text", ["echo 'open", "if a; then", "cat <<E\nno end", "a | | b", ")", "\x00\x01", "é" * 50 + " | ü"])
def test_broken_text_is_read_without_an_error(text: str) -> None:
    commands(text)


@given(st.text(alphabet="ab $'\"\\|&;()<>{}#\n=é🔑`", max_size=60))
@settings(max_examples=150, deadline=None)
def test_spans_lie_inside_the_text(text: str) -> None:
    for command in read(text):
        assert 0 <= command.start <= command.end <= len(text)
        for word in command.words:
            assert 0 <= word.start <= word.end <= len(text)


@given(st.lists(st.text(alphabet="abcxyz019./:=-_é", min_size=1, max_size=8).filter(lambda t: t[0] not in "-=" and "=" not in t), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_plain_words_are_cut_out_of_the_text(words: list[str]) -> None:
    text = "run " + "  ".join(words)
    found = read(text)[0]
    assert texts(found) == ["run", *words]
    assert [text[word.start : word.end] for word in found.words] == ["run", *words]


@pytest.mark.parametrize("text", ["a | " * 5000, "a |\n" * 5000, "a=(\n" * 5000, '"' * 50001, "$(" * 50000])
def test_runaway_texts_are_refused_and_said_so(text: str) -> None:
    parsed = commands(text)
    assert parsed.refused
    assert parsed.faults


def test_long_ordinary_scripts_are_not_refused() -> None:
    parsed = commands("if a | b && c; then\n  echo \"$X\" | tee -a log\nfi\n" * 400)
    assert not parsed.refused
    assert len(parsed.commands) == 400 * 5
