"""checkov as a program: what it gets to see, what becomes of what it writes, and every way in which it can fail."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import textwrap
import time
from datetime import date
from pathlib import Path

import pytest

from scanner import flow
from scanner.core.report import Report
from scanner.scanners import checkov

MODULE = 'resource "aws_s3_bucket" "logs" {\n  bucket = "logs-of-ours"\n}\n'
TEMPLATE = "Resources:\n  Store:\n    Type: AWS::S3::Bucket\n"
REAL = shutil.which("checkov")


def scan(folder: Path, **more: object) -> Report:
    request = {"search_policy": False, "scanners": ("rules", "checkov"), **more}
    return flow.run(flow.Request((".",), str(folder), date(2026, 11, 21), **request))  # type: ignore[arg-type]


def failed(check: str, resource: str, path: str, line: int = 1, **more: object) -> dict[str, object]:
    return {"check_id": check, "check_name": f"Ensure {check}", "resource": resource, "file_path": path,
            "file_line_range": [line, line + 1], "severity": None, "check_result": {"result": "FAILED"}, **more}


def report(*failures: object, **more: object) -> str:
    return json.dumps({"check_type": "terraform", "results": {"failed_checks": list(failures), **more}})


@pytest.fixture
def program(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch):
    """Return a function that puts a program of our own on PATH under checkov's name."""

    def install(body: str) -> Path:
        folder = tmp_path_factory.mktemp("bin")
        file = folder / "checkov"
        file.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{textwrap.dedent(body)}")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return folder

    return install


def prints(text: str, status: int = 1) -> str:
    return f"sys.stdout.write({text!r})\nsys.exit({status})\n"


def errors(found: Report) -> list[str]:
    return [note.message for note in found.notifications if note.level == "error"]


def of_checkov(found: Report) -> list[object]:
    return [result for result in found.results if result.scanner == "checkov"]


def test_a_failed_check_stands_at_the_header_of_our_subject(tmp_path, program) -> None:
    (tmp_path / "main.tf").write_text("\n\n" + MODULE)
    program(prints(report(failed("CKV_AWS_9999", "aws_s3_bucket.logs", "/modules/main.tf", 3))))
    found = scan(tmp_path)
    (result,) = of_checkov(found)
    assert (result.rule, result.address, result.compliance) == ("checkov-ckv-aws-9999", "aws_s3_bucket.logs", "NON_COMPLIANT")
    assert (result.at.path, result.at.start_line, result.at.start_column, result.at.end_line) == ("main.tf", 3, 1, 3)
    assert result.controls == {"checkov": ("CKV_AWS_9999",)}
    assert (result.severity, result.confidence) == ("medium", "medium")
    assert result.message == "Ensure CKV_AWS_9999 (checkov CKV_AWS_9999)"
    assert errors(found) == []


def test_an_address_we_do_not_know_keeps_its_first_line_within_the_file(tmp_path, program) -> None:
    (tmp_path / "main.tf").write_text(MODULE)
    program(prints(report(
        failed("CKV_AWS_9998", "data.other.x", "/modules/main.tf", 2), failed("CKV_AWS_9999", "y", "/modules/main.tf", 10**8))))
    assert [(r.rule, r.address, r.at.start_line) for r in of_checkov(scan(tmp_path))] == [
        ("checkov-ckv-aws-9998", "data.other.x", 2), ("checkov-ckv-aws-9999", "y", 4)]


def test_templates_come_back_under_their_own_path_and_logical_id(tmp_path, program) -> None:
    (tmp_path / "store.yaml").write_text(TEMPLATE)
    program('''
        tree = sys.argv[sys.argv.index("--directory") + 1]
        (name,) = os.listdir(tree + "/documents")
        check = {"check_id": "CKV_AWS_9999", "resource": "AWS::S3::Bucket.Store", "file_path": "/documents/" + name, "severity": "HIGH"}
        print(json.dumps([{"check_type": "x", "results": {"failed_checks": [check]}}, {"passed": 0}]))
    ''')
    (result,) = of_checkov(scan(tmp_path))
    assert (result.address, result.at.path, result.at.start_line, result.severity) == ("Store", "store.yaml", 2, "high")


@pytest.mark.parametrize("every", [False, True])
def test_what_our_rule_judged_is_said_once(tmp_path, program, every) -> None:
    (tmp_path / "main.tf").write_text(MODULE)
    program(prints(report(failed("CKV_AWS_21", "aws_s3_bucket.logs", "/modules/main.tf"))))
    found = scan(tmp_path, all_results=every)
    assert of_checkov(found) == []
    assert [r.address for r in found.results if r.rule == "s3-bucket-unversioned"] == ["aws_s3_bucket.logs"]
    assert any(r.compliance == "COMPLIANT" for r in found.results) is every


@pytest.mark.parametrize("every", [False, True])
def test_our_compliant_wins_whatever_the_report_shows(tmp_path, program, every) -> None:
    versioned = 'resource "aws_s3_bucket_versioning" "v" {\n  bucket = aws_s3_bucket.logs.id\n' \
                '  versioning_configuration {\n    status = "Enabled"\n  }\n}\n'
    (tmp_path / "main.tf").write_text(MODULE + versioned)
    program(prints(report(failed("CKV_AWS_21", "aws_s3_bucket.logs", "/modules/main.tf"))))
    assert of_checkov(scan(tmp_path, all_results=every)) == []


def test_a_rule_of_ours_that_did_not_run_answers_nothing_but_lends_its_severity(tmp_path, program) -> None:
    (tmp_path / "main.tf").write_text(MODULE)
    program(prints(report(failed("CKV_AWS_21", "aws_s3_bucket.logs", "/modules/main.tf"))))
    ours = next(r for r in scan(tmp_path).results if r.rule == "s3-bucket-unversioned")
    (result,) = of_checkov(scan(tmp_path, scanners=("checkov",)))
    assert (result.rule, result.severity) == ("checkov-ckv-aws-21", ours.severity)


def test_a_check_that_a_mark_skipped_is_unknown_and_suppressed(tmp_path, program) -> None:
    (tmp_path / "main.tf").write_text(MODULE)
    skipped = failed("CKV_AWS_9999", "aws_s3_bucket.logs", "/modules/main.tf", check_result={"suppress_comment": "a\x1b[31m\nreason"})
    program(prints(report(skipped_checks=[skipped]), 0))
    (result,) = of_checkov(scan(tmp_path))
    assert result.compliance == "INSUFFICIENT_DATA"
    assert [(mark.kind, mark.reason) for mark in result.suppressions] == [("peer", "a [31m reason")]


def test_a_missing_program_makes_the_run_incomplete(tmp_path, monkeypatch) -> None:
    (tmp_path / "main.tf").write_text(MODULE)
    monkeypatch.setattr(checkov, "_program", lambda path: None)
    found = scan(tmp_path)
    assert found.decision.exit_status == 3
    assert [(n.kind, n.hint) for n in found.notifications if n.level == "error"] == [("scanner-missing", checkov.INSTALL)]


@pytest.mark.parametrize(("body", "said"), [
    (prints("not json", 1), "did not write the JSON"),
    (prints("", 0), "did not write the JSON"),
    (prints("[" * 100_000, 1), "did not write the JSON"),
    (prints('{"error": 1}', 1), "no report of its own"),
    (prints('[{"passed": 0}, 7]', 0), "no report of its own"),
    ("sys.stderr.write('first\\nModuleNotFoundError: no module\\n')\nsys.exit(2)", "status 2: ModuleNotFoundError: no module"),
    ("os.kill(os.getpid(), 9)", "status -9"),
])
def test_bad_ends_make_the_run_incomplete(tmp_path, program, body, said) -> None:
    (tmp_path / "main.tf").write_text(MODULE)
    program(body)
    found = scan(tmp_path)
    assert found.decision.exit_status == 3
    (message,) = errors(found)
    assert said in message


def test_one_that_takes_too_long_is_stopped_with_its_children(tmp_path, program) -> None:
    (tmp_path / "main.tf").write_text(MODULE)
    mark = tmp_path.parent / "child-of-checkov"
    program(f'''
        import subprocess
        child = subprocess.Popen(["sleep", "60"])
        open({str(mark)!r}, "w").write(str(child.pid))
        time.sleep(60)
    ''')
    found = scan(tmp_path, options={"checkov_seconds": 1.5})
    assert errors(found) == ["checkov took longer than 1.5 seconds and was stopped"]
    deadline = time.monotonic() + 10
    while _runs(mark.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(mark.read_text())


def _runs(process: str) -> bool:
    """Tell whether a process is there and not just waiting to be collected."""
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_one_that_writes_too_much_is_stopped(tmp_path, program, monkeypatch) -> None:
    (tmp_path / "main.tf").write_text(MODULE)
    monkeypatch.setattr(checkov, "LARGEST_OUTPUT", 1 << 20)
    program("while True: sys.stdout.write('x' * 65536)")
    assert errors(scan(tmp_path)) == ["checkov wrote more than 1 MB and was stopped"]


def test_files_that_it_could_not_parse_are_named(tmp_path, program) -> None:
    (tmp_path / "main.tf").write_text(MODULE)
    program('''
        tree = sys.argv[sys.argv.index("--directory") + 1]
        print(json.dumps({"check_type": "x", "results": {"parsing_errors": [tree + "/modules/main.tf", "/etc/passwd", 3]}}))
    ''')
    found = scan(tmp_path)
    assert [n.at.path for n in found.notifications if n.message == "checkov could not parse the file"] == ["main.tf"]
    assert found.decision.exit_status == 3


@pytest.mark.parametrize("check", [
    failed("CKV_AWS_1", "x", "/../../etc/passwd"), failed("CKV_AWS_1", "x", "/modules/other.tf"), failed("nonsense", "x", "/modules/main.tf"),
    failed("CKV_AWS_1; rm", "x", "/modules/main.tf"), 7, {}, {"check_id": ["CKV_AWS_1"]},
])
def test_strange_results_are_counted_not_believed(tmp_path, program, check) -> None:
    (tmp_path / "main.tf").write_text(MODULE)
    program(prints(report(check)))
    found = scan(tmp_path)
    assert of_checkov(found) == []
    assert [n.kind for n in found.notifications] == ["scanner-output"]


def test_nothing_of_the_tree_or_the_environment_reaches_it(tmp_path, program, monkeypatch) -> None:
    """What a pull request or a runner could use to change it: settings, checks, links, keys, switches."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "main.tf").write_text(MODULE)
    (tmp_path / "sub" / "a.auto.tfvars").write_text("x = 1\n")
    (tmp_path / ".checkov.yaml").write_text("external-checks-dir: [checks]\nskip-check: [CKV_AWS_21]\n" + TEMPLATE)
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "__init__.py").write_text("raise SystemExit\n")
    (tmp_path / "link.tf").symlink_to("/etc/hostname")
    monkeypatch.setenv("CKV_SKIP_CHECK", "CKV_AWS_21")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "k")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    seen = tmp_path.parent / "seen.json"
    program(f'''
        tree = sys.argv[sys.argv.index("--directory") + 1]
        files = sorted(os.path.relpath(os.path.join(at, name), tree) for at, _, names in os.walk(tree) for name in names)
        json.dump([sys.argv[1:], files, dict(os.environ), os.getcwd(), os.listdir()], open({str(seen)!r}, "w"))
        print('{{"passed": 0}}')
    ''')
    assert errors(scan(tmp_path)) == []
    arguments, files, environment, cwd, there = json.loads(seen.read_text())
    assert [file for file in files if not file.startswith("documents/")] == ["modules/sub/a.auto.tfvars", "modules/sub/main.tf"]
    assert not any("checkov" in file for file in files)
    assert not {"CKV_SKIP_CHECK", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH"} & set(environment)
    assert environment["HOME"] == os.path.realpath(cwd) or environment["HOME"] == cwd
    assert there == []
    assert not cwd.startswith(str(tmp_path))
    assert "--skip-download" in arguments
    assert arguments[arguments.index("--download-external-modules") + 1] == "false"


def test_a_relative_folder_on_path_is_not_searched(tmp_path, monkeypatch) -> None:
    (tmp_path / "checkov").write_text("#!/bin/sh\ntouch ran\n")
    (tmp_path / "checkov").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", "/nowhere"]))
    assert all(os.path.isabs(folder) for folder in checkov._search_path().split(os.pathsep))
    program = checkov._program(checkov._search_path())
    assert program is None or not program.startswith(str(tmp_path))


def test_a_run_without_infrastructure_starts_nothing(tmp_path, program) -> None:
    (tmp_path / "a.sh").write_text("echo\n")
    program(prints("broken", 2))
    assert errors(scan(tmp_path)) == []


@pytest.mark.skipif(REAL is None, reason="no checkov on PATH")
def test_the_real_one(tmp_path) -> None:
    (tmp_path / "main.tf").write_text(MODULE)
    (tmp_path / "store.yaml").write_text(TEMPLATE)
    (tmp_path / ".checkov.yaml").write_text("skip-check: [CKV_AWS_18]\n")
    alone = scan(tmp_path, scanners=("checkov",))
    assert errors(alone) == []
    places = {(r.rule, r.address, r.at.path, r.at.start_line) for r in of_checkov(alone)}
    assert ("checkov-ckv-aws-18", "aws_s3_bucket.logs", "main.tf", 1) in places
    assert ("checkov-ckv-aws-18", "Store", "store.yaml", 2) in places
    together = scan(tmp_path)
    assert not [r for r in of_checkov(together) if r.rule == "checkov-ckv-aws-21"]
    assert {r.address for r in together.results if r.rule == "s3-bucket-unversioned"} == {"aws_s3_bucket.logs", "Store"}
