"""The PowerShell reader: words, neighbours, surroundings, what is in force, and exact offsets."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.parse.powershell import commands
from scanner.parse.shell import CommandSyntax


def read(text: str) -> list[CommandSyntax]:
    parsed = commands(text)
    assert not parsed.faults
    return parsed.commands


def texts(command: CommandSyntax) -> list[str]:
    return [word.text for word in command.words]


def words(text: str) -> list[list[str]]:
    """Return the words of the commands that have any: assignments and plain values have none."""
    return [texts(command) for command in read(text) if command.words]


def named(text: str) -> dict[str, CommandSyntax]:
    return {command.name: command for command in read(text) if command.name}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("aws s3 cp a.zip s3://b/ # note", [["aws", "s3", "cp", "a.zip", "s3://b/"]], id="plain words and a comment"),
        pytest.param("a 'b ''c''' \"d `\"e`\" $F\" g`;h", [["a", "b 'c'", 'd "e" $F', "g;h"]], id="quotes and escapes"),
        pytest.param("a `\n  -b c", [["a", "-b", "c"]], id="continued line"),
        pytest.param("a <# one\ntwo #> b", [["a", "b"]], id="block comment"),
        pytest.param("docker build --build-arg A=$env:B -t r/x:1 .", [["docker", "build", "--build-arg", "A=$env:B", "-t", "r/x:1", "."]],
                     id="options of programs"),
        pytest.param('git log --format="%h %s" --since=1.day origin/main..HEAD', [["git", "log", "--format=%h %s", "--since=1.day", "origin/main..HEAD"]],
                     id="options with a value behind an equals sign"),
        pytest.param('& "C:\\Program Files\\tool.exe" -a', [["C:\\Program Files\\tool.exe", "-a"]], id="call of a quoted name"),
        pytest.param(". .\\functions.ps1", [[".", ".\\functions.ps1"]], id="dot-sourcing"),
        pytest.param("Get-X @params -Y:$true", [["Get-X", "@params", "-Y:$true"]], id="splatting and a value behind a colon"),
        pytest.param("start msiexec -Args '/i', \"$x.msi\" -Wait", [["start", "msiexec", "-Args", "/i, $x.msi", "-Wait"]], id="a list is one word"),
        pytest.param("a $(b c) (d e).f[0]", [["a", "$(b c)", "(d e).f[0]"], ["b", "c"], ["d", "e"]], id="substitutions"),
        pytest.param("if (a) { b } elseif (c) { d } else { e }", [["a"], ["b"], ["c"], ["d"], ["e"]], id="branches"),
        pytest.param("foreach ($i in list x) { y $i }\nfor ($i = 0; $i -lt (z); $i++) { q }", [["list", "x"], ["y", "$i"], ["z"], ["q"]], id="loops"),
        pytest.param("do { a } while (b)\nwhile ($true) { c; break }", [["a"], ["b"], ["c"], ["break"]], id="do and while"),
        pytest.param('switch -Regex ($x) { "a" { b } default { c; d } }', [["b"], ["c"], ["d"]], id="switch"),
        pytest.param("function Foo { param([string]$A = (x), [switch]$B) begin { b } process { c } }", [["x"], ["b"], ["c"]], id="function with param"),
        pytest.param("[CmdletBinding()]\nparam(\n  [Parameter(Mandatory=$true)]\n  [string]$Name\n)\na $Name", [["a", "$Name"]], id="param of a script"),
        pytest.param("class A : B {\n [int] $x = 1\n [void] Run([string]$y) { z $y }\n}\nenum C { D; E }\nf", [["z", "$y"], ["f"]], id="class and enum"),
        pytest.param("using namespace System.IO\na", [["a"]], id="using"),
        pytest.param("$h = @{ A = b c; 'D' = 1\n E = @(f; g) }", [["b", "c"], ["f"], ["g"]], id="table and list"),
        pytest.param("@'\n$(not a command)\n'@ | a", [["a"]], id="verbatim here-string"),
        pytest.param('$t = @"\n  "quoted" $x $(b c)\n"@\nd', [["b", "c"], ["d"]], id="here-string with a substitution"),
        pytest.param("a --% b \"c | d", [["a", "--%", "b", '"c'], ["d"]], id="verbatim arguments"),
        pytest.param("& { a; & { b { c } } }", [["{}"], ["a"], ["{}"], ["b", "{}"], ["c"]], id="nested script blocks"),
        pytest.param("echo ${{ github.event['x'] }} #{A.b}", [["echo", "${{ github.event['x'] }}", "#{A.b}"]], id="text filled in before"),
        pytest.param("powershell -NoProfile -Command \"a | b\"", [["powershell", "-NoProfile", "-Command", "a | b"], ["a"], ["b"]], id="string of a shell"),
        pytest.param('pwsh -c { a }; cmd /c "b && c"', [["pwsh", "-c", "{}"], ["a"], ["cmd", "/c", "b && c"], ["b"], ["c"]], id="block and cmd string"),
        pytest.param("7z x a.zip -oC:\\b\n1..3 | % { c }", [["7z", "x", "a.zip", "-oC:\\b"], ["%", "{}"], ["c"]], id="digits in front"),
        pytest.param("0x1F\n:top foreach ($i in 1) { a; break :top }", [["a"], ["break"]], id="hexadecimal number and label"),
        pytest.param("a |\n  b\n  | c", [["a"], ["b"], ["c"]], id="pipe at either side of a line feed"),
        pytest.param("exit 1\nthrow \"x $y\"\nreturn (a)", [["exit", "1"], ["throw", "x $y"], ["return", "(a)"], ["a"]], id="flow"),
        pytest.param("if (!(Test-Path x)) { a } # b\nelse { c }", [["Test-Path", "x"], ["a"], ["c"]], id="negation and else on its own line"),
        pytest.param("$a.b.C(1, \"d e\").F($g) | h", [["h"]], id="methods"),
    ],
)
def test_words(text: str, expected: list[list[str]]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [("INVOKE-webrequest x", "Invoke-WebRequest"), ("IWR x", "iwr"), ("C:\\a\\Trivy.EXE fs", "trivy"), ("./checkov -d .", "checkov"),
     ("& 'a b\\npm.cmd' ci", "npm"), ("& $tool x", ""), ("& \"$dir\\x.exe\"", ""), ("${{ matrix.tool }} x", ""), ("pip-audit -r x", "pip-audit")],
)
def test_names_do_not_depend_on_case_folder_and_suffix(text: str, name: str) -> None:
    assert read(text)[0].name == name


def test_pieces_of_a_word() -> None:
    command, = read('a "x $env:TOKEN ${b}-$($c) #{D.e}"')
    assert [(part.kind, part.text, part.quoted) for part in command.words[1].parts] == [
        ("literal", "x ", True), ("variable", "TOKEN", True), ("literal", " ", True), ("variable", "b", True), ("literal", "-", True),
        ("substitution", "$($c)", True), ("literal", " ", True), ("template", "#{D.e}", True),
    ]


def test_pipeline_neighbours() -> None:
    value, fetch, run = read("(iwr u).Content | iex > out 2>&1")
    assert fetch.outer is value
    assert fetch.downstream is run
    assert run.upstream is fetch
    assert [(operator, word.text) for operator, word in run.redirects] == [(">", "out"), ("2>&", "1")]


def test_connectors_and_rescue() -> None:
    first, second, third, fourth, fifth = read("a && b || $true; d &\ne")
    assert [command.connector for command in (first, second, third, fourth, fifth)] == ["&&", "||", ";", "&", ""]
    assert first.rescue is third
    assert second.rescue is third
    assert third.rescue is None
    assert third.assignments[0][1].text == "$true"


def test_catch_is_the_rescue_of_what_is_tried() -> None:
    tried, catch, rescuer, last = read("try { a } catch [X], [Y] { b } finally { c }")
    assert tried.rescue is catch
    assert tried.inside == ("try",)
    assert texts(catch) == ["catch"]
    assert rescuer.outer is catch
    assert rescuer.inside == ("catch",)
    assert last.inside == ("finally",)


@pytest.mark.parametrize(
    ("text", "name", "inside"),
    [
        ("function F { a }", "a", ("function:F",)), ("if (a) {}", "a", ("if-condition",)), ("if (1) { if (2) { a } }", "a", ("if-body", "if-body")),
        ("x $(a)", "a", ("substitution",)), ("y | % { a }", "a", ("loop",)), ("Invoke-Command { a }", "a", ("script-block",)),
        ("iex 'a b'", "a", ("shell-string",)), ('iex "a $b"', "a", ("expanded-shell-string",)),
    ],
)
def test_inside(text: str, name: str, inside: tuple[str, ...]) -> None:
    assert named(text)[name].inside == inside


def test_assignments() -> None:
    found = read('$env:A = "b"; [string]$c = "d"; $e, $f = g h; $x.y = 1; $script:z += 2')
    assert [[(name, word.text) for name, word in command.assignments] for command in found] == [
        [("A", "b")], [("c", "d")], [("e", "g h"), ("f", "g h")], [], [("x.y", "1")], [("z", "2")],
    ]
    assert found[3].outer is found[2]
    assert found[3].inside == ("substitution",)


@pytest.mark.parametrize("text", [
    "iex (New-Object Net.WebClient).DownloadString('https://a.example/x.ps1')",
    "Invoke-Expression ((New-Object System.Net.WebClient).DownloadString('https://a.example/x.ps1'))",
])
def test_a_method_that_fetches_is_a_command(text: str) -> None:
    run, _client, fetch = read(text)
    assert texts(fetch) == ["DownloadString", "https://a.example/x.ps1"]
    assert fetch.outer is run
    assert fetch.inside == ("substitution",)


def test_substitutions_in_a_string_that_runs_are_read_once() -> None:
    assert [command.name for command in read('iex "& { $(irm https://a.example) } -b"') if command.name] == ["iex", "irm"]


def test_stop_is_errexit_for_cmdlets() -> None:
    text = "Get-A\n$ErrorActionPreference = 'Stop'\nGet-B; tool\nGet-C -ErrorAction SilentlyContinue\nGet-D -ea:Continue\n" \
           "$PSNativeCommandUseErrorActionPreference = $true\ntool2\n$ErrorActionPreference = 'Continue'\nGet-E\nGet-F -ea Stop"
    assert {name for name, command in named(text).items() if "errexit" in command.options} == {"Get-B", "tool2", "Get-F"}


def test_options_go_on_in_the_next_text_and_end_with_a_function() -> None:
    assert "errexit" in commands("$ErrorActionPreference = [System.Management.Automation.ActionPreference]::Stop").options
    assert "errexit" in commands("Get-A", frozenset({"errexit"})).commands[0].options
    assert "errexit" not in named("function F { $ErrorActionPreference = 'Stop'; Get-A }\nGet-B")["Get-B"].options


@pytest.mark.parametrize(
    ("text", "place", "still"),
    [
        pytest.param('a\necho "open\nb', '"open', ["a", "echo", "b"], id="double quotation mark"),
        pytest.param("a\necho 'open\nb", "'open", ["a", "echo", "b"], id="single quotation mark"),
        pytest.param("if (x) { a\nb", "{", ["x", "a", "b"], id="brace"),
        pytest.param("a (b c\nd", "(", ["a", "b", "d"], id="bracket"),
        pytest.param("a\n}\nb", "}", ["a", "b"], id="stray brace"),
        pytest.param("a\n<# open\nb", "<# open", ["a", "b"], id="comment"),
        pytest.param("$x = @'\nopen", "@'\n", [], id="here-string"),
        pytest.param("try { a }\nif (b) c", " ", ["a", "b", "c"], id="no block"),
    ],
)
def test_a_fault_has_its_place_and_the_rest_is_read(text: str, place: str, still: list[str]) -> None:
    parsed = commands(text)
    assert place in [text[start:end] for start, end in parsed.faults]
    assert [command.name for command in parsed.commands if command.name] == still


@pytest.mark.parametrize("opening", ["$(", "(", "@(", "@{a=", "{", "if (1) {", "$a[", "\"$(", "$a = ", "switch(do{]powershell -c \""])
def test_deep_nesting_is_a_fault_and_no_error(opening: str) -> None:
    assert commands(opening * 400 + "x").faults


def test_commands_that_run_the_rest_of_their_words_end() -> None:
    assert commands("powershell -c " * 5000 + "x").commands


@pytest.mark.parametrize("unit", [
    "a | ", "a |\n", "(", "{", "$(", "\"$(", "@(", "@{a=", "@\"\n", "@'\n", "'\n", "\"\n", "a;", "a || ", "a && ", "a,", "$a.b(", "<#", "`\n", "try { a } catch {",
    "iex \"${a", "${{ x", "switch(do{]powershell -c \"", "if (a) {", "elseif", "1,", "\"a\"+", "$a = ", "a &", "-not ", "[", "}", ")", "a `", "#{",
])
def test_time_grows_with_the_length(unit: str) -> None:
    started = time.perf_counter()
    commands(unit * 1000)
    short = time.perf_counter() - started
    started = time.perf_counter()
    commands(unit * 8000)
    assert time.perf_counter() - started < 25 * short + 0.5


@given(st.text(alphabet="ab $'\"\\|&;()<>{}#\n=é🔑`@,.-[]%", max_size=60))
@settings(max_examples=200, deadline=None)
def test_spans_lie_inside_the_text(text: str) -> None:
    parsed = commands(text)
    for command in parsed.commands:
        assert 0 <= command.start <= command.end <= len(text)
        for word in [*command.words, *(word for _, word in [*command.assignments, *command.redirects])]:
            assert 0 <= word.start <= word.end <= len(text)
    assert all(0 <= start <= end <= len(text) for start, end in parsed.faults)


PIECES = ["a", " ", "\n", "$x", '"', "'", "$(", "@(", "@{", "{", "(", ")", "}", "]", "[", "|", "||", "&&", ";", "=", "if (", "try {", "catch {", "function f {",
          "switch (", "foreach ($a in ", "param(", "@'\n", "\n'@", '@"\n', '\n"@', "`", "<#", "#>", "iex ", "powershell -c ", "cmd /c ", "2>&1", ".DownloadString(",
          "${{ x }}", "${{", "#{a.b}", "-not ", "return ", "class A {", "é🔑"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@settings(max_examples=300, deadline=None)
def test_no_text_is_an_error(text: str) -> None:
    for command in commands(text).commands:
        assert 0 <= command.start <= command.end <= len(text)


@given(st.lists(st.text(alphabet="abcxyz019./:=-_é", min_size=1, max_size=8).filter(lambda t: t[0] not in "-=" and "=" not in t), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_plain_words_are_cut_out_of_the_text(arguments: list[str]) -> None:
    text = "run " + "  ".join(arguments)
    found = read(text)[0]
    assert texts(found) == ["run", *arguments]
    assert [text[word.start : word.end] for word in found.words] == ["run", *arguments]
