"""The reader of cmd text: words, neighbours, surroundings, what follows a failure."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.parse.cmd import commands
from scanner.parse.shell import CommandSyntax


def read(text: str) -> list[CommandSyntax]:
    parsed = commands(text)
    assert not parsed.faults
    return parsed.commands


def texts(text: str) -> list[list[str]]:
    return [[word.text for word in command.words] for command in read(text) if command.words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("@echo off\naws s3 ls", [["echo", "off"], ["aws", "s3", "ls"]], id="lines"),
        pytest.param("rem a & b\n:: c | d\n:label\n@REM e\nf", [["f"]], id="comments and labels"),
        pytest.param('"C:\\Program Files\\a.exe" "b c" d"e f"g', [["C:\\Program Files\\a.exe", "b c", "de fg"]], id="quotes"),
        pytest.param("a ^\n  b ^& c", [["a", "b", "&", "c"]], id="continued line and escape"),
        pytest.param("if exist x (\n  a\n) else (\n  b\n)", [["a"], ["b"]], id="branches"),
        pytest.param('if /i not "%A%"=="x y" a', [["a"]], id="comparison"),
        pytest.param("for /r %%f in (*.x) do @a %%f", [["a", "%%f"]], id="loop"),
        pytest.param("call x.bat 1\ncall :sub", [["x.bat", "1"], ["call", ":sub"]], id="call"),
        pytest.param("a > x 2>&1", [["a"]], id="redirections are no words"),
    ],
)
def test_words(text: str, expected: list[list[str]]) -> None:
    assert texts(text) == expected


def test_neighbours_connectors_and_rescue() -> None:
    first, second, third, fourth = read("a | b && c || exit /b 0 & d")[:4]
    assert first.downstream is second
    assert (second.connector, third.connector, fourth.connector) == ("&&", "||", ";")
    assert second.rescue is fourth
    assert third.rescue is fourth


def test_assignments_and_variables() -> None:
    plain, quoted = read('set A=b c\nset "D=%A%;x" & e')[:2]
    assert [(name, word.text) for name, word in plain.assignments] == [("A", "b c")]
    assert [(part.kind, part.text) for part in quoted.assignments[0][1].parts] == [("variable", "A"), ("literal", ";x")]


def test_inside() -> None:
    condition, leave, looped = read("if errorlevel 1 exit /b 1\nfor %%i in (1) do a")
    assert condition.inside == ("if-condition",)
    assert [part.text for part in condition.assignments[0][1].parts] == ["ERRORLEVEL"]
    assert leave.inside == ("if-body",)
    assert looped.inside == ("loop",)


def test_names() -> None:
    assert [command.name for command in read("C:\\x\\Trivy.EXE a\n%TOOL% b\nNpm.cmd ci")] == ["trivy", "", "npm"]


@pytest.mark.parametrize(("text", "place"), [("(\nb", "("), (")\nb", ")"), ('a "open\nb', '"open')])
def test_what_is_left_open_is_a_fault(text: str, place: str) -> None:
    parsed = commands(text)
    assert place in [text[start:end] for start, end in parsed.faults]
    assert parsed.commands[-1].name == "b"


@pytest.mark.parametrize("unit", ["(", ")", "a & ", "a |", "a ||", "set ", "set \"", "if a", "if \"", "%a", "!a", "for %%i in (", "^\n", '"', "a\n", "||if [${{ x"])
def test_time_grows_with_the_length(unit: str) -> None:
    started = time.perf_counter()
    commands(unit * 1000)
    short = time.perf_counter() - started
    started = time.perf_counter()
    commands(unit * 8000)
    assert time.perf_counter() - started < 25 * short + 0.5


PIECES = ["a", " ", "\n", '"', "(", ")", "&", "&&", "|", "||", "^", "%A%", "!B!", "%%i", "set ", 'set "A=', "if errorlevel 1 ", 'if "a"=="b" ', "else", "rem ", "::",
          "for %%i in (a) do ", "@", "call ", "2>&1", "> x", "${{ x }}", "é🔑"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@settings(max_examples=200, deadline=None)
def test_no_text_is_an_error_and_spans_lie_inside(text: str) -> None:
    parsed = commands(text)
    for command in parsed.commands:
        assert 0 <= command.start <= command.end <= len(text)
        for word in [*command.words, *(word for _, word in [*command.assignments, *command.redirects])]:
            assert 0 <= word.start <= word.end <= len(text)
    assert all(0 <= start <= end <= len(text) for start, end in parsed.faults)
