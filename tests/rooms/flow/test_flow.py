"""The flow as a function: inventories, focus, faults of readers."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from scanner import flow, plugins
from scanner.core.artifact import Artifact
from scanner.core.errors import UsageError
from scanner.core.report import Report
from scanner.discover.walk import Limits, RootFiles
from scanner.model.workspace import Workspace

TEMPLATE = "Resources:\n  Db:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      PubliclyAccessible: true\n"


def run(folder: Path, *paths: str, **more: object) -> Report:
    return flow.run(flow.Request(paths or (".",), str(folder), date(2026, 11, 21), **more))  # type: ignore[arg-type]


def test_inventory_of_classifies_and_states(tmp_path: Path) -> None:
    files = RootFiles(os.path.realpath(tmp_path), Limits())
    workspace = flow.inventory_of([Artifact("t.yaml", TEMPLATE.encode()), Artifact("notes.txt", b"x")], files)
    assert [subject.address for subject in workspace.inventory.of_kind("AWS::RDS::DBInstance")] == ["Db"]
    assert [subject.address for subject in workspace.inventory.of_kind("Text")] == ["t.yaml", "notes.txt"]


def test_a_dialect_that_is_set_is_kept(tmp_path: Path) -> None:
    artifact = Artifact("rule-example", TEMPLATE.encode())
    artifact.dialects = ("cloudformation",)
    workspace = flow.inventory_of([artifact], RootFiles(os.path.realpath(tmp_path), Limits()))
    assert workspace.inventory.of_kind("AWS::RDS::DBInstance")


def test_a_reader_that_recurses_too_deep_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bottomless(artifacts: list[Artifact], workspace: Workspace) -> None:
        bottomless(artifacts, workspace)

    real = plugins.resolve
    reference = plugins.DIALECTS["cloudformation"]
    monkeypatch.setattr(plugins, "resolve", lambda name: bottomless if name == reference else real(name))
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    (tmp_path / "a.env").write_text("x=1\n")
    report = run(tmp_path)
    assert "nested-too-deeply" in [note.kind for note in report.notifications if note.level == "error"]
    assert report.decision.exit_status == 3


def test_progress_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    told: list[str] = []
    run(tmp_path, progress=lambda stage, done, total: told.append(stage))
    assert told[0] == "finding files"
    assert "reading cloudformation" in told
    assert told[-2:] == ["scanning: secrets", ""]


def test_coverage_counts_what_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    (tmp_path / "x.txt").write_text("abc")
    (tmp_path / "x.png").write_bytes(b"\0")
    coverage = run(tmp_path).coverage
    assert (coverage.artifacts, coverage.bytes) == (2, len(TEMPLATE) + 3)
    assert coverage.dialects == (("cloudformation", 1), ("text", 1))
    assert coverage.skipped == (("binary", 1),)
    assert dict(coverage.subjects)["Text"] == 2


def test_results_are_sorted_and_told_apart(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(TEMPLATE)
    (tmp_path / "a.yaml").write_text(TEMPLATE + TEMPLATE.partition("\n")[2].replace("Db", "Db2"))
    results = run(tmp_path, all_results=True).results
    keys = [(one.at, one.rule) for one in results]
    assert keys == sorted(keys)
    prints = [one.fingerprint for one in results]
    assert len(set(prints)) == len(prints)


def test_the_source_that_reporters_see_is_masked(tmp_path: Path) -> None:
    word = "gu3ss-" + "me-9Xk2-plain"
    (tmp_path / "app.py").write_text(f"password = '{word}'\n")
    report = run(tmp_path)
    assert report.findings()
    assert word not in (report.source("app.py") or "")
    assert word in (report.original("app.py") or "")


def test_frameworks_keep_the_rules_that_answer_them(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    (tmp_path / "leftgate.yaml").write_text("frameworks: [aws-config]\n")
    results = run(tmp_path).results
    assert results
    assert all("aws-config" in one.controls for one in results)


def test_an_unknown_scanner_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    with pytest.raises(UsageError, match="no scanner is called 'x'"):
        run(tmp_path, scanners=("x",))
