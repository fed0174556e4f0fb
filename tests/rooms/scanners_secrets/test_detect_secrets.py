"""detect-secrets as a scanner: its plug-ins, our results; its absence is said."""

from __future__ import annotations

import sys
from datetime import date

import pytest

from scanner.core.artifact import Artifact
from scanner.core.context import Context
from scanner.core.inventory import Inventory
from scanner.scanners.detect_secrets import scan
from scanner.scanners.secrets.samples import token
from tests.rooms.scanners_secrets.made_up import rules


def context(artifact: Artifact, notes: list[tuple[object, ...]], **options: object) -> Context:
    return Context(Inventory(), (artifact,), None, "default", date(2026, 1, 1), lambda *n: notes.append(n), True, options)


def test_findings_have_places_and_no_secret() -> None:
    pytest.importorskip("detect_secrets")
    value = token(rules()["github-personal-access-token"], 4)
    artifact = Artifact("a.py", f'import x\nkey = "{value}"\n'.encode())
    found = list(scan(context(artifact, [], detect_secrets_plugins=("GitHubTokenDetector",))))
    assert [r.rule for r in found] == ["detect-secrets-github-token"]
    assert (found[0].at.start_line, found[0].at.start_column, found[0].at.end_column) == (2, 8, 8 + len(value))
    assert value not in str(found)


def test_missing_detect_secrets_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "detect_secrets"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "detect_secrets", None)
    notes: list[tuple[object, ...]] = []
    assert not list(scan(context(Artifact("a.py", b""), notes)))
    assert [note[:2] for note in notes] == [("error", "scanner-missing")]
