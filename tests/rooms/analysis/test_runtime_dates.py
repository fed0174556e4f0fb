"""Dates of runtimes: compared with the day of the run, not with the day on which the table was made."""

from __future__ import annotations

import pytest

from scanner.facts.lambda_runtimes import deprecated_since
from scanner.facts.runtimes import ended


@pytest.mark.parametrize(("name", "today", "expected"), [
    ("nodejs22.x", "2027-04-29", ""), ("nodejs22.x", "2027-04-30", "2027-04-30"), ("python3.10", "2026-11-21", "2026-10-31"),
    ("java17", "2026-11-21", ""), ("nodejs99.x", "2026-11-21", None),
])
def test_lambda_runtimes(name: str, today: str, expected: str | None) -> None:
    assert deprecated_since(name, today) == expected


@pytest.mark.parametrize(("name", "version", "today", "expected"), [
    ("python", "3.11", "2026-11-21", ""), ("python", "3.11", "2027-11-01", "2027-10-31"),
    ("dotnet", "8.0", "2026-11-21", "2026-11-10"), ("java", "corretto8", "2026-11-21", ""),
    ("java", "openjdk8", "2026-11-21", "2022-06-30"), ("go", "1.24", "2026-11-21", "2026-02-11"),
    ("nodejs", "20.x", "2026-11-21", "2026-04-30"),
])
def test_build_runtimes(name: str, version: str, today: str, expected: str) -> None:
    assert ended(name, version, today) == expected
