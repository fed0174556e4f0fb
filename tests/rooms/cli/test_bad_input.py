"""Bad input, end to end: a notification or usage error that says where and what to do; every other file still scanned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
GOOD = "Resources:\n  Good:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      StorageEncrypted: false\n"
ENVIRONMENT = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "LANG": "C", "HOME": "/nonexistent"}


def leftgate(*arguments: str, cwd: Path, text: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scanner", *arguments], capture_output=True, check=False, cwd=cwd, text=text, timeout=120,
        env={**ENVIRONMENT, **more}, encoding="utf-8" if text else None,
    )


def scan(folder: Path, *more: str) -> tuple[int, dict]:
    done = leftgate("scan", str(folder), "--format", "json", "--no-config", "--no-cache", *more, cwd=folder)
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)


DEEP = 20_000
BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
HEAD = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n"
# name -> (file, content, kind of notification must contain, line or None)
FAULTS: dict[str, tuple[str, bytes, int | None]] = {
    "truncated-yaml": ("bad.yaml", (HEAD + "    Properties: {BucketName: [a, \n").encode(), 5),
    "yaml-with-tabs": ("bad.yaml", (HEAD + "\t  Properties: {}\n").encode(), 4),
    "truncated-json": ("bad.json", b'{"Resources": {"B": {"Type": "AWS::S3::Bucket", ', 1),
    "trailing-comma": ("bad.json", b'{"Resources": {\n "B": {"Type": "AWS::S3::Bucket",}\n}}\n', 2),
    "deep-json": ("bad.json", b'{"Resources": {"B": {"Type": "AWS::S3::Bucket", "P": ' + b"[" * DEEP + b"]" * DEEP + b"}}}", 1),
    "deep-yaml": ("bad.yaml", HEAD.encode() + b"    Properties: {T: " + b"[" * DEEP + b"]" * DEEP + b"}\n", 4),
    "alias-bomb": ("bad.yaml", (HEAD + BOMB).encode(), None),
    "binary": ("bad.yaml", b"Resources:\0\1\2", 1),
    "wrong-encoding": ("bad.yaml", "Resources:\n  B:\n    Type: AWS::S3::Bucket # größer\n".encode("utf-16-le"), 1),
    "broken-terraform": ("bad.tf", b'resource "aws_s3_bucket" "b" {\n  bucket = \n', None),
    "truncated-buildspec": ("buildspec.yml", b"version: 0.2\nphases:\n  build:\n    commands: [make,\n", None),
    "buildspec-of-another-kind": ("buildspec.yml", b"- 1\n- 2\n", 1),
    "broken-appspec": ("appspec.yml", b"version: 0.0\nos: linux\nfiles: {\n", None),
    "broken-policy": ("iam.json", b'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*"', None),
}


@pytest.mark.parametrize(("name", "content", "line"), FAULTS.values(), ids=FAULTS)
def test_a_bad_file_is_named_and_the_others_are_scanned(tmp_path: Path, name: str, content: bytes, line: int | None) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / name).write_bytes(content)
    status, report = scan(tmp_path)
    assert status == 1  # the finding in good.yaml closes the gate, and the reasons name the gap
    assert any(found["rule"] == "rds-instance-unencrypted" and found["location"]["path"] == "good.yaml" for found in report["results"])
    named = [note for note in report["notifications"] if (note["location"] or {}).get("path") == name]
    assert named, report["notifications"]
    assert named[0]["level"] == "error"
    assert named[0]["message"]
    assert named[0]["hint"]
    if line is not None:
        assert named[0]["location"]["start_line"] == line
    assert any("could not be looked at" in reason for reason in report["decision"]["reasons"])


APPSPEC = "version: 0.0\nos: linux\nfiles:\n  - source: app\n    destination: /srv/app\n"
PIPELINE = '{\n "pipeline": {\n  "name": "release",\n  "roleArn": "arn:aws:iam::111122223333:role/p",\n  "stages": [\n'
# name -> (file, content, line, words of the finding or notification there)
PIPELINES: dict[str, tuple[str, bytes, int, str]] = {
    "buildspec-with-tabs": ("buildspec.yml", b"version: 0.2\nphases:\n\tbuild:\n\t\tcommands: [make]\n", 3, "a tab where YAML expects spaces"),
    "buildspec-with-json-comments": (
        "buildspec.yml", b'{\n  // format\n  "version": 0.2,\n  "phases": {"build": {"commands": ["make"]}}\n}\n', 2, "comments are not JSON"),
    "buildspec-of-unknown-version": (
        "buildspec.yml", b"version: 0.3\nphases: {build: {commands: [make]}}\n", 1, "`version` must be 0.2 (or 0.1), found `0.3`"),
    "buildspec-with-an-unknown-key": (
        "buildspec.yml", b"version: 0.2\nphases:\n  build:\n    script: [make]\n", 4,
        "has no key `script`; it knows `commands`, `finally`, `on-failure`, `run-as`"),
    "buildspec-that-is-empty": ("buildspec.yml", b"", 1, "the buildspec is empty"),
    "buildspec-that-is-binary": ("buildspec.yml", bytes(range(256)), 1, "holds binary data"),
    "appspec-with-a-boolean": ("appspec.yml", APPSPEC.replace("app\n", "yes\n", 1).encode(), 4, "YAML reads `yes` as a boolean"),
    "appspec-with-an-octal-mode": (
        "appspec.yml", f"{APPSPEC}permissions:\n  - object: /srv/app\n    mode: 0644\n".encode(), 8, "YAML takes it as octal"),
    "appspec-with-a-mode-of-yaml-1.2": (
        "appspec.yml", f"{APPSPEC}permissions:\n  - object: /srv/app\n    mode: 0o644\n".encode(), 8, "must be an octal number"),
    "appspec-without-its-script": (
        "appspec.yml", f"{APPSPEC}hooks:\n  AfterInstall:\n    - location: gone.sh\n".encode(), 8, "`gone.sh` is not in the revision"),
    "appspec-with-a-script-outside": (
        "appspec.yml", f"{APPSPEC}hooks:\n  AfterInstall:\n    - location: ../x.sh\n".encode(), 8, "`../x.sh` lies outside the revision"),
    "appspec-that-is-empty": ("appspec.yml", b"\n", 1, "the AppSpec is empty"),
    "pipeline-cut-in-half": ("pipeline.json", PIPELINE.encode(), 6, "the document ends where a value is expected"),
}


@pytest.mark.parametrize(("name", "content", "line", "words"), PIPELINES.values(), ids=PIPELINES)
def test_a_bad_pipeline_file_is_named_at_its_line(tmp_path: Path, name: str, content: bytes, line: int, words: str) -> None:
    (tmp_path / "read.me").write_text("without another file, a revision may be put together elsewhere\n")
    (tmp_path / name).write_bytes(content)
    _status, report = scan(tmp_path)
    said = [found for found in (*report["results"], *report["notifications"]) if words in found["message"]]
    assert [(found["location"]["path"], found["location"]["start_line"]) for found in said] == [(name, line)]


def test_a_bad_file_alone_is_an_incomplete_run(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("Resources:\n  B: {Type: AWS::S3::Bucket\n")
    status, report = scan(tmp_path)
    assert status == 3
    assert report["decision"]["outcome"] == "INCOMPLETE"


HARMLESS: dict[str, tuple[str, bytes]] = {
    "empty": ("t.yaml", b""),
    "only-comments": ("t.yaml", b"# nothing\n"),
    "empty-json": ("t.json", b""),
    "empty-terraform": ("main.tf", b""),
    "empty-script": ("a.sh", b""),
    "empty-dockerfile": ("Dockerfile", b""),
    "not-ours": ("values.yaml", b"{{ if x }}\n"),
    "latin-1-text": ("notes.txt", "größer".encode("latin-1")),
    "one-long-line": ("min.js", b"a" * 3_000_000),
    "type-is-a-mapping": ("t.yaml", b"Resources:\n  B:\n    Type: {a: b}\n  C:\n    Type: AWS::S3::Bucket\n"),
    "type-is-a-list": ("t.json", b'{"Resources": {"B": {"Type": []}, "C": {"Type": "AWS::S3::Bucket"}}}'),
    "type-is-missing": ("t.yaml", b"Resources:\n  B: {}\n  C:\n    Type: AWS::S3::Bucket\n"),
    "resource-is-a-list": ("t.yaml", b"Resources:\n  B: [1]\n  C:\n    Type: AWS::S3::Bucket\n"),
    "properties-are-a-text": ("t.yaml", b"Resources:\n  C:\n    Type: AWS::S3::Bucket\n    Properties: hello\n"),
    "odd-line-ends": ("t.yaml", "Resources:\r  B:\r    Type: AWS::S3::Bucket\r    Properties: {N: '\u2028\x85'}\r".encode()),
    "python-that-does-not-parse": ("a.py", b"def f(:\n"),
    "shell-that-does-not-parse": ("a.sh", b"if then (((\n"),
}


@pytest.mark.parametrize(("name", "content"), HARMLESS.values(), ids=HARMLESS)
def test_odd_files_end_no_run(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / name).write_bytes(content)
    status, report = scan(tmp_path)
    assert status == 1
    assert any(found["location"]["path"] == "good.yaml" for found in report["results"])


def test_an_enormous_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "big.yaml").write_bytes(b"# " + b"x" * (11 << 20))
    status, report = scan(tmp_path)
    assert status == 1
    assert [(note["kind"], note["location"]["path"]) for note in report["notifications"] if note["level"] == "error"] == [
        ("file-too-large", "big.yaml")]


def test_loops_of_symbolic_links(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to("self")
    status, report = scan(tmp_path)
    assert status == 1
    assert report["coverage"]["artifacts"] == 1
    assert report["coverage"]["skipped"] == {"symbolic link": 2}


def test_an_empty_folder_is_not_a_clean_one(tmp_path: Path) -> None:
    status, report = scan(tmp_path)
    assert status == 3
    assert "no file was looked at" in report["decision"]["reasons"][0]


USAGE: dict[str, tuple[list[str], list[str]]] = {
    "unknown-option": (["scan", ".", "--polcy", "x"], ["'--polcy' is no option", "did you mean '--policy'?"]),
    "unknown-option-far": (["scan", ".", "--xyzzy"], ["'--xyzzy' is no option", "--help"]),
    "unknown-format": (["scan", ".", "--format", "jsn"], ["'jsn' is no format", "did you mean json?"]),
    "unknown-output-format": (["scan", ".", "--output", "jnit=x"], ["'jnit' is no format", "junit"]),
    "output-without-file": (["scan", ".", "--output", "json"], ["expected FORMAT=FILE"]),
    "unknown-command": (["scna", "."], ["'scna' is no command", "did you mean 'scan'?"]),
    "a-path-as-command": (["good.yaml"], ["'good.yaml' is no command", "leftgate scan good.yaml"]),
    "no-path": (["scan"], ["PATH"]),
    "missing-path": (["scan", "nowhere"], ["nowhere: no such file or folder"]),
    "missing-policy": (["scan", ".", "--policy", "gone.yaml"], ["gone.yaml: No such file", "expected"]),
    "broken-policy": (["scan", ".", "--policy", "broken.yaml"], ["broken.yaml:2: expected", "found 'wild'"]),
    "policy-that-is-no-text": (["scan", ".", "--policy", "bytes.yaml"], ["bytes.yaml:1: expected UTF-8"]),
    "broken-policy-check": (["policy", "check", "broken.yaml"], ["broken.yaml:2: expected"]),
    "broken-rule": (["scan", ".", "--rules", "rules"], ["rules/r.yaml:1: expected"]),
    "missing-rules": (["scan", ".", "--rules", "norules"], ["norules: expected a folder"]),
    "unknown-scanner": (["scan", ".", "--scanner", "magic"], ["no scanner is called 'magic'", "secrets"]),
    "missing-baseline": (["scan", ".", "--baseline", "gone.jsonl"], ["gone.jsonl: No such file"]),
    "broken-baseline": (["scan", ".", "--baseline", "broken.yaml"], ["broken.yaml:1: expected a JSON object"]),
    "unwritable-report": (["scan", ".", "-o", "no/such/folder/x"], ["no/such/folder/x: No such file"]),
    "no-repository": (["scan", ".", "--policy-from", "main"], ["is in no git repository"]),
    "no-repository-diff": (["scan", ".", "--diff", "main"], ["names no commit"]),
    "bad-variable": (["scan", ".", "--var", "x"], ["expected NAME=VALUE"]),
    "bad-choice": (["scan", ".", "--fail-on", "hgih"], ["--fail-on", "high"]),
}


@pytest.mark.parametrize(("arguments", "expected"), USAGE.values(), ids=USAGE)
def test_usage_errors_say_what_to_do(tmp_path: Path, arguments: list[str], expected: list[str]) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "broken.yaml").write_text("policy: x\nprofile: wild\n")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/r.yaml").write_text("rul: r\n")
    done = leftgate(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("leftgate: ")
    assert "Traceback" not in done.stderr
    for part in expected:
        assert part in done.stderr


@pytest.mark.parametrize("form", ["text", "json", "sarif", "sarif-github", "junit"])
@pytest.mark.parametrize(("content", "status"), [
    (GOOD, 1), (GOOD.replace("StorageEncrypted: false", "StorageEncrypted: true"), None), ("Resources: {B: {Type: AWS::S3::Bucket\n", 3)])
def test_the_exit_status_is_the_same_in_every_format(tmp_path: Path, form: str, content: str, status: int | None) -> None:
    (tmp_path / "t.yaml").write_text(content)
    done = leftgate("scan", "t.yaml", "--format", form, cwd=tmp_path)
    if status is None:
        status = leftgate("scan", "t.yaml", "--format", "json", cwd=tmp_path).returncode
    assert done.returncode == status
    assert done.stdout
    assert "Traceback" not in done.stderr
