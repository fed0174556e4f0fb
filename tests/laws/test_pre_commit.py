"""The hooks under the real pre-commit, in a fresh git repository.

pre-commit would install a clone of ours from the network; here the same hook entries run from this environment
(`language: system`), so that filtering, batching, file names and exit statuses are real. `tools/check_hooks.py` does it
with the installation.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent
GOOD = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web servers
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 192.0.2.0/24, Description: office}
"""
BAD = GOOD.replace("192.0.2.0/24", "0.0.0.0/0")


def git(folder: Path, *words: str, expected: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Run git without the settings of the person or machine."""
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
             "PRE_COMMIT_HOME": str(folder.parent / "cache"), "PYTHONPATH": str(ROOT)},
    )
    if expected is not None:
        assert done.returncode == expected, done.stdout + done.stderr
    return done


def repository(folder: Path, hook: str) -> Path:
    """Return a repository whose pre-commit hook is one of ours, installed."""
    entry = next(h for h in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()) if h["id"] == hook)
    words = entry["entry"].split()
    program = {"leftgate": "-m scanner", "leftgate-staged": "-m scanner hook --staged"}[words[0]]
    local = {**entry, "language": "system", "entry": " ".join([sys.executable, program, *words[1:]])}
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": [local]}]}))
    subprocess.run([str(BIN / "pre-commit"), "install"], cwd=folder, check=True, capture_output=True,
                   env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "PRE_COMMIT_HOME": str(folder.parent / "cache")})
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "hook", "--no-verify")
    return folder


@pytest.mark.parametrize("hook", ["leftgate", "leftgate-staged"])
def test_bad_commit_is_blocked_and_good_one_passes(tmp_path: Path, hook: str) -> None:
    folder = repository(tmp_path / "project", hook)
    (folder / "web.yaml").write_text(BAD)
    git(folder, "add", ".")
    blocked = git(folder, "commit", "-m", "open ssh", expected=1)
    assert "web.yaml" in blocked.stdout + blocked.stderr
    (folder / "web.yaml").write_text(GOOD)
    git(folder, "add", ".")
    git(folder, "commit", "-m", "office only")


@pytest.mark.parametrize("hook", ["leftgate", "leftgate-staged"])
def test_what_is_not_staged_does_not_count(tmp_path: Path, hook: str) -> None:
    folder = repository(tmp_path / "project", hook)
    (folder / "web.yaml").write_text(GOOD)
    git(folder, "add", ".")
    (folder / "web.yaml").write_text(BAD)
    git(folder, "commit", "-m", "staged is good")


def test_all_files_with_many_and_odd_names(tmp_path: Path) -> None:
    folder = repository(tmp_path / "project", "leftgate")
    for index in range(300):
        (folder / f"note {index} ü.txt").write_text("nothing\n")
    (folder / "--help.yaml").write_text(GOOD)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "notes")
    run = [sys.executable, "-m", "pre_commit", "run", "--all-files"]
    environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    clean = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    assert clean.returncode == 0, clean.stdout + clean.stderr
    (folder / "--help.yaml").write_text(BAD)
    git(folder, "add", ".")
    closed = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    assert closed.returncode == 1
    assert "--help.yaml" in closed.stdout
