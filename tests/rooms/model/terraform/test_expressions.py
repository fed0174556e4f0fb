"""A recorded table of expressions and their values; the real console is asked too where it is installed."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.core.value import Unknown, plain
from scanner.model.terraform.domain import Failure
from scanner.model.terraform.evaluate import Scope, evaluate
from scanner.model.terraform.functions import NAMES
from scanner.model.terraform.json_text import nulls_kept
from scanner.model.terraform.module import ModuleInstance
from scanner.model.terraform.run import Run
from scanner.parse.hcl import Fault, parse_expression
from tests.rooms.model.terraform.conftest import workspace_of

FIXTURES = Path(__file__).parents[3] / "fixtures" / "terraform"
NOT_IN_TABLE = {
    "base64gzip", "filesha1", "filesha512", "filebase64sha512", "rsadecrypt", "urldecode", "cidrcontains",
    "issensitive", "ephemeralasnull", "type", "defaults", "templatestring",
}


def table() -> list[tuple[str, str]]:
    lines = (FIXTURES / "expressions.txt").read_text(encoding="utf-8").splitlines()
    return [tuple(line.split(" ==> ")) for line in lines if line and not line.startswith("#")]


ROWS = table()


@pytest.fixture(scope="module")
def scope():
    files = {path.relative_to(FIXTURES / "files").as_posix(): path.read_text() for path in (FIXTURES / "files").rglob("*.t*")}
    workspace = workspace_of({**files, "main.tf": ""})
    run = Run([workspace.artifact("main.tf")], workspace)
    module = ModuleInstance(run, run.configuration(""), "")
    return Scope(module, workspace.artifact("main.tf"))


def value_of(expression: str, scope: Scope) -> object:
    from scanner.core.artifact import Artifact

    node = parse_expression(expression)
    assert not isinstance(node, Fault), node
    value = evaluate(node, Scope(scope.module, Artifact("expression", expression.encode())))
    if isinstance(value, Failure):
        return "ERROR"
    return "UNKNOWN" if isinstance(value, Unknown) else plain(nulls_kept(value))


@pytest.mark.parametrize(("expression", "expected"), ROWS, ids=[row[0][:60] for row in ROWS])
def test_value(expression: str, expected: str, scope: Scope) -> None:
    found = value_of(expression, scope)
    if expected in ("ERROR", "UNKNOWN"):
        assert found == expected
        return
    wanted = json.loads(expected)
    if "fileset" in expression:
        wanted = sorted(wanted)
    if isinstance(wanted, float):
        assert math.isclose(found, wanted, rel_tol=1e-9)
    else:
        assert found == wanted
        assert type(found) is type(wanted)


def test_a_capital_does_not_hide_what_a_switch_says(scope: Scope) -> None:
    assert value_of("True", scope) is True
    assert value_of("False", scope) is False
    assert value_of("Yes", scope) == "ERROR"


def test_table_is_large_and_names_every_function() -> None:
    assert len(ROWS) >= 400
    text = "\n".join(row[0] for row in ROWS)
    assert [name for name in sorted(NAMES - NOT_IN_TABLE) if f"{name}(" not in text] == []


def console(expressions: list[str]) -> list[object]:
    """Return the values of expressions as the real console works them out, all in one line."""
    run = subprocess.run(
        ["terraform", "console"], input=f"jsonencode([{', '.join(expressions)}])\n", capture_output=True, text=True,
        cwd=FIXTURES / "files", check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return json.loads(json.loads(run.stdout))


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_console_agrees() -> None:
    left_out = ("provider::", "sensitive(")  # need a provider; hide their value
    rows = [row for row in ROWS if row[1] not in ("ERROR", "UNKNOWN") and not row[0].startswith(left_out)]
    values = console([row[0] for row in rows])
    wrong = [
        (expression, expected, value) for (expression, expected), value in zip(rows, values, strict=True)
        if not same(value, json.loads(expected))]
    assert wrong == []


def same(found: object, expected: object) -> bool:
    if isinstance(expected, float) and isinstance(found, (int, float)):
        return math.isclose(found, expected, rel_tol=1e-9)
    return found == expected


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_console_rejects_what_we_reject() -> None:
    rejected = [row[0] for row in ROWS if row[1] == "ERROR"]
    answers = console([f"can({one})" for one in rejected])
    assert [one for one, holds in zip(rejected, answers, strict=True) if holds] == []


def test_an_expression_is_unknown_where_re2_is_missing(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    for call in ('can(regex("^a", "abc"))', 'replace("abc", "/b/", "")', 'fileset(".", "*.txt")'):
        assert value_of(call, scope) == "UNKNOWN", call
    assert value_of('replace("abc", "b", "")', scope) == "ac"
