"""Secrets in git's history: each content once, named after its commit, with the fingerprint of the work tree."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scanner.core.artifact import Artifact
from scanner.core.errors import UsageError
from scanner.core.result import Result
from scanner.discover.history import introduced, versions
from scanner.evaluate.fingerprints import fingerprinted
from scanner.scanners.secrets.past import scan_versions
from scanner.scanners.secrets.run import scan_artifact
from scanner.scanners.secrets.samples import token
from tests.rooms.scanners_secrets.made_up import engine, rules

OLD = token(rules()["github-personal-access-token"], 21)
KEPT = token(rules()["stripe-secret-key"], 21)


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.test", "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def marks(results: list[Result], artifact: Artifact) -> list[Result]:
    return fingerprinted(results, lambda path: artifact.text)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "app.py").write_text(f'a = "{OLD}"\nb = "{KEPT}"\n')
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "one")
    (tmp_path / "sub" / "app.py").write_text(f'# moved\nb = "{KEPT}"\n')
    (tmp_path / "copy.py").write_text(f'b = "{KEPT}"\n')
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\0" + OLD.encode())
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "two")
    return tmp_path


def test_history(repository: Path) -> None:
    found = scan_versions(versions(str(repository)), None, marks)
    first, second = git(repository, "log", "--reverse", "--format=%H").split()
    told = {(r.rule, r.at.path): r.message for r in found}
    assert set(told) == {
        ("github-personal-access-token", "sub/app.py"), ("stripe-secret-key", "sub/app.py"), ("stripe-secret-key", "copy.py"),
    }
    assert "no longer in HEAD" in told["github-personal-access-token", "sub/app.py"]
    assert first[:12] in told["github-personal-access-token", "sub/app.py"]
    assert "still in HEAD" in told["stripe-secret-key", "sub/app.py"]
    assert second[:12] in told["stripe-secret-key", "copy.py"]
    assert "Ann <ann@example.test>" in told["stripe-secret-key", "copy.py"]
    assert OLD not in str(found)


def test_fingerprint_is_that_of_the_work_tree(repository: Path) -> None:
    artifact = Artifact("sub/app.py", (repository / "sub" / "app.py").read_bytes())
    now, = marks(list(scan_artifact(engine(False), artifact, low=False)), artifact)
    past = scan_versions(versions(str(repository)), None, marks)
    assert now.fingerprint in {r.fingerprint for r in past}


def test_each_content_once(repository: Path) -> None:
    git(repository, "mv", "copy.py", "moved.py")
    git(repository, "commit", "-qm", "three")
    found = introduced(str(repository))
    assert len({entry.identity for entry in found}) == len(found) == 4
    assert [entry.path for entry in introduced(str(repository), "HEAD~1..HEAD")] == ["moved.py"]


@pytest.mark.parametrize("revisions", ["--output=/tmp/x", "nothing-of-this-name", "HEAD --all", ""])
def test_wrong_range(repository: Path, revisions: str) -> None:
    with pytest.raises(UsageError):
        introduced(str(repository), revisions)
