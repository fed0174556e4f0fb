"""Graph rules on whole repositories: the vulnerable one is found at its line, its fixed twin is silent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scanner.core.report import Report
from scanner.flow import Request, run

ROOT = Path(__file__).parents[3] / "fixtures" / "graph"
CASES = sorted(path.name for path in ROOT.iterdir())
WITH_PATH = {
    "pull-request-reaches-production", "deployed-image-can-be-replaced", "deployment-passes-failed-check",
    "workflow-gives-role-to-pull-request", "pull-request-may-assume-deployment-role",
}


def scanned(folder: Path) -> Report:
    return run(Request((".",), str(folder), date(2026, 11, 21), search_policy=False, profile="audit", scanners=("rules",)))


def marks(folder: Path) -> set[tuple[str, str, int]]:
    """Return (rule, path, line) of every `# finding: rule` in a repository."""
    return {
        (line.split("# finding:")[1].strip(), path.relative_to(folder).as_posix(), number)
        for path in folder.rglob("*") if path.is_file()
        for number, line in enumerate(path.read_text().splitlines(), 1) if "# finding:" in line
    }


@pytest.mark.parametrize("case", CASES)
def test_vulnerable_repository_is_found_at_its_line(case: str) -> None:
    folder = ROOT / case / "vulnerable"
    report = scanned(folder)
    found = {(r.rule, r.at.path, r.at.start_line) for r in report.results if r.compliance == "NON_COMPLIANT" and r.rule == case}
    prefixless = {(rule, path.split(f"{case}/vulnerable/")[-1], line) for rule, path, line in found}
    assert prefixless == marks(folder)
    assert marks(folder)


@pytest.mark.parametrize("case", CASES)
def test_fixed_twin_is_silent(case: str) -> None:
    folder = ROOT / case / "fixed"
    assert not marks(folder)
    assert [r for r in scanned(folder).results if r.compliance == "NON_COMPLIANT" and r.rule in CASES] == []


@pytest.mark.parametrize("case", sorted(WITH_PATH))
def test_results_carry_the_path(case: str) -> None:
    result = next(r for r in scanned(ROOT / case / "vulnerable").results if r.rule == case and r.compliance == "NON_COMPLIANT")
    assert len(result.path) >= 2
    assert len({step.at for step in result.path}) == len(result.path)
