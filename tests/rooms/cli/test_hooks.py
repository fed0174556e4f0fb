"""The hooks under the real pre-commit, and what `leftgate hook` shows of a commit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
BAD = "Resources:\n  Db:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      PubliclyAccessible: true\n"
GOOD = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      KmsMasterKeyId: alias/own\n"


def run(folder: Path, *command: str, status: int | None = 0, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    environment.update({
        "PATH": f"{BIN}{os.pathsep}{environment['PATH']}", "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.org",
        "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@example.org", "GIT_CONFIG_GLOBAL": os.devnull,
        "PRE_COMMIT_HOME": str(folder.parent / "pre-commit-home"), "PYTHONPATH": str(ROOT), **more,
    })
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment, timeout=300)
    assert status is None or done.returncode == status, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    run(folder, "git", "init", "-q", "-b", "main")
    return folder


def configure(folder: Path, *hooks: str) -> None:
    """Use our hook file as pre-commit would, but with the program that is under test instead of an installation."""
    import yaml

    known = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    chosen = [{**known[name], "language": "unsupported"} for name in hooks]
    for hook in chosen:
        hook.pop("description")
    config = {"repos": [{"repo": "local", "hooks": chosen}]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    run(folder, "pre-commit", "install")
    run(folder, "git", "add", ".pre-commit-config.yaml")


def test_the_hook_file_is_what_pre_commit_expects() -> None:
    done = run(ROOT, "pre-commit", "validate-manifest", ".pre-commit-hooks.yaml")
    assert done.stdout == ""


@pytest.mark.parametrize("hook", ["leftgate", "leftgate-staged"])
def test_a_bad_commit_is_blocked_and_a_good_one_passes(repository: Path, hook: str) -> None:
    configure(repository, hook)
    (repository / "db.yaml").write_text(BAD)
    run(repository, "git", "add", "db.yaml")
    blocked = run(repository, "git", "commit", "-m", "bad", status=1)
    assert "rds-instance-public" in blocked.stdout + blocked.stderr
    assert "db.yaml" in blocked.stdout + blocked.stderr
    run(repository, "git", "rm", "-q", "-f", "db.yaml")
    (repository / "topic.yaml").write_text(GOOD)
    (repository / "notes.txt").write_text("nothing\n")
    run(repository, "git", "add", ".")
    run(repository, "git", "commit", "-m", "good")


def test_the_staged_hook_reads_the_index(repository: Path) -> None:
    configure(repository, "leftgate-staged")
    (repository / "db.yaml").write_text(BAD)
    run(repository, "git", "add", "db.yaml")
    (repository / "db.yaml").write_text(GOOD)
    done = run(repository, "leftgate-staged", status=1)
    assert "rds-instance-public" in done.stdout
    (repository / "db.yaml").write_text(BAD + "# more\n")
    run(repository, "git", "reset", "-q")
    assert "looked at nothing" in run(repository, "leftgate-staged").stdout


def test_partial_commits_read_the_index_of_the_commit(repository: Path) -> None:
    """`git commit FILE` works with an index of its own, which the environment names."""
    configure(repository, "leftgate-staged")
    (repository / "topic.yaml").write_text(GOOD)
    run(repository, "git", "add", ".")
    run(repository, "git", "commit", "-m", "start")
    (repository / "topic.yaml").write_text(GOOD + "# changed\n")
    (repository / "db.yaml").write_text(BAD)
    run(repository, "git", "add", "db.yaml")
    run(repository, "git", "commit", "-m", "only the topic", "topic.yaml")


def test_all_files_of_a_larger_repository(repository: Path) -> None:
    configure(repository, "leftgate")
    for number in range(3000):
        folder = repository / f"a-folder-with-a-rather-long-name-{number % 50}"
        folder.mkdir(exist_ok=True)
        (folder / f"a-file-with-a-rather-long-name-{number}.txt").write_text("text\n")
    (repository / "db.yaml").write_text(BAD)
    run(repository, "git", "add", ".")
    done = run(repository, "pre-commit", "run", "--all-files", status=1)
    assert done.stdout.count("looked at ") >= 2  # the command line was split
    assert "rds-instance-public" in done.stdout


def report(folder: Path, *arguments: str) -> dict:
    done = run(folder, "leftgate", "hook", "--format", "json", *arguments, status=None)
    assert done.returncode in (0, 1, 3), done.stderr
    return json.loads(done.stdout)


def test_findings_in_files_around_are_not_the_commit_s(repository: Path) -> None:
    (repository / "old.tf").write_text('resource "aws_db_instance" "old" {\n  publicly_accessible = true\n}\n')
    (repository / "new.tf").write_text('resource "aws_db_instance" "new" {\n  publicly_accessible = var.public\n}\n')
    (repository / "vars.tf").write_text('variable "public" {\n  default = true\n}\n')
    found = report(repository, "--", "new.tf")
    assert {one["location"]["path"] for one in found["results"]} == {"new.tf"}
    assert any(one["rule"] == "rds-instance-public" for one in found["results"])
    assert found["coverage"]["artifacts"] == 1


def test_no_files_is_nothing_to_say(repository: Path) -> None:
    done = run(repository, "leftgate", "hook", "--")
    assert (done.stdout, done.stderr) == ("", "")


def test_file_names_that_look_like_options(repository: Path) -> None:
    (repository / "--polcy.yaml").write_text(BAD)
    assert report(repository, "--", "--polcy.yaml")["results"]


def test_a_deleted_file_is_a_usage_error(repository: Path) -> None:
    done = run(repository, "leftgate", "hook", "--", "gone.yaml", status=2)
    assert "gone.yaml: no such file" in done.stderr
