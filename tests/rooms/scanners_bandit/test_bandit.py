"""Bandit on request: the curated tests, places in characters, marks, and what happens without it."""

import builtins
from datetime import date

import pytest

from scanner import flow
from scanner.cli.rule_examples import MemoryFiles
from scanner.core.artifact import Artifact
from scanner.core.context import Context
from scanner.scanners.bandit import scan

TEXT = '''import subprocess, pickle
assert True
subprocess.call("ls " + x, shell=True)
é = pickle.loads(data)
pickle.loads(data)  # nosec B301
pickle.loads(data)  # nosec B999
'''


def found(text, **options):
    artifacts = [Artifact("a.py", text.encode())]
    workspace = flow.inventory_of(artifacts, MemoryFiles(artifacts))
    context = Context(workspace.inventory, tuple(artifacts), None, "default", date(2026, 1, 1), workspace.note, True, options)
    return list(scan(context)), workspace.notifications


def test_curated_tests_with_places():
    results, _ = found(TEXT)
    assert [(r.rule, r.at.start_line, bool(r.suppressions)) for r in results] == [
        ("bandit-b602", 3, False), ("bandit-b301", 4, False), ("bandit-b301", 5, True), ("bandit-b301", 6, False),
    ]
    at = results[1].at
    assert TEXT.split("\n")[3][at.start_column - 1 : at.end_column - 1] == "pickle.loads(data)"
    assert results[0].controls == {"bandit": ("B602",)}


def test_all_tests_when_asked():
    assert "bandit-b101" in {r.rule for r in found(TEXT, bandit_tests="all")[0]}


def test_a_module_without_anything_to_say_is_not_walked(monkeypatch):
    real = builtins.__import__

    def refuse(name, *arguments, **keywords):
        assert not name.startswith("bandit")
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", refuse)
    assert found("x = 1\n") == ([], [])


@pytest.mark.parametrize("text", ["print 'x'; eval(1)\n", "eval(\n"])
def test_what_does_not_parse_is_a_note(text):
    results, notes = found(text)
    assert results == []
    assert [note.kind for note in notes] == ["python-syntax"]


def test_a_missing_bandit_makes_the_run_incomplete(monkeypatch):
    real = builtins.__import__

    def missing(name, *arguments, **keywords):
        if name.startswith("bandit"):
            raise ImportError(name)
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", missing)
    results, notes = found("eval(x)\n")
    assert results == []
    assert [(note.level, note.kind) for note in notes] == [("error", "scanner-missing")]
