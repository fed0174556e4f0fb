"""The example service: every file shows something, every detector speaks, and no report repeats a planted secret."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from scanner.plugins import REPORTERS

ROOT = Path(__file__).resolve().parent.parent.parent
SERVICE = ROOT / "examples" / "parcel-service"
# planted, typed at random, valid nowhere; each stands in exactly one file
SECRETS = (
    "AKIA4XQ7ZV2LMN6PTR5W", "uD7-qLx92vRt", "kV3-pTz81mQw", "Rt6-wLz94kXe", "AKIA6PWT3NYQ5KJ7LD2R", "Mz8-vKq73nLt", "Wq5-zNt28bKv",
    "7c1f0b9ad3e84f6f8d52b6e0947a1c3d5e8f2a60", "Lp4-xVm67tQz", "Xn9-rTb35wKf", "Gz2-mXt84vLp", "Jt7-kWv52nRz",
    "r8Kq2VwZ7nTfY4mLx0BsHd6JpCg3eNaU9iQoR1tM", "b7Yw2Kq9ZtLm4XvR8nPc", "AKIA7TZL2QWX4MR6VN3P", "Hk3-vTq96zWm", "Rb6-nZk41xTv",
)


@cache
def scan(form: str, *more: str) -> tuple[int, bytes, bytes]:
    """Return (exit status, report, standard error) of a scan of the service."""
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "scan", str(SERVICE), "--no-config", "--no-cache", "--format", form, *more],
        capture_output=True, check=False, cwd=ROOT)
    return done.returncode, done.stdout, done.stderr


@cache
def findings() -> list[dict]:
    return [r for r in json.loads(scan("json")[1])["results"] if r["compliance"] == "NON_COMPLIANT"]


def test_the_gate_closes_and_says_why() -> None:
    status, report, errors = scan("json")
    decision = json.loads(report)["decision"]
    assert (status, decision["outcome"]) == (1, "FAILED"), errors.decode()
    assert decision["reasons"]


def test_everything_was_read() -> None:
    assert not [n for n in json.loads(scan("json")[1])["notifications"] if n["level"] != "note"]


def test_every_detector_speaks() -> None:
    assert {"secrets", "network", "iam", "resources", "pipeline"} <= {r["category"] for r in findings()}


@pytest.mark.parametrize(
    "path",
    [p.relative_to(SERVICE).as_posix() for p in sorted(SERVICE.rglob("*"))
     if p.is_file() and p.name not in {"variables.tf", "stop.sh", "start.sh"}],
)
def test_every_file_shows_something(path: str) -> None:
    assert [r for r in findings() if r["location"]["path"] == path], f"nothing found in {path}"


@pytest.mark.parametrize("secret", SECRETS)
def test_planted_secret_is_found_on_its_line(secret: str) -> None:
    places = [
        (path.relative_to(SERVICE).as_posix(), number)
        for path in SERVICE.rglob("*") if path.is_file()
        for number, line in enumerate(path.read_text().splitlines(), 1) if secret in line
    ]
    assert len(places) == 1
    found = [r for r in findings() if r["category"] == "secrets" and (r["location"]["path"], r["location"]["start_line"]) == places[0]]
    assert found, f"no secrets finding at {places[0]}"


@pytest.mark.parametrize("form", sorted(REPORTERS))
def test_no_report_repeats_a_secret(form: str) -> None:
    for more in ((), ("--results", "all")):
        _, report, errors = scan(form, *more)
        assert report
        for secret in SECRETS:
            assert secret.encode() not in report + errors, f"{form} shows a secret"
            # nor the larger part of it
            assert not re.search(re.escape(secret[: len(secret) * 3 // 4]).encode(), report), f"{form} shows most of a secret"
