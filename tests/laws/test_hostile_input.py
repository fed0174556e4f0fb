"""Whatever stands in one file, every other file is still scanned, and nothing is skipped in silence.

Each case lies next to a template with a known finding. The run has to find it, name the broken file when it is broken,
end in time with a documented exit status, and show no traceback.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Open:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: open
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}
"""
HEAD = 'AWSTemplateFormatVersion: "2010-09-09"\n'

# name -> (file, content); the file is broken or too much, and the report has to say so
BROKEN: dict[str, tuple[str, bytes]] = {
    "yaml-tab": ("broken.yaml", HEAD.encode() + b"Resources:\n\tBucket:\n\t\tType: AWS::S3::Bucket\n"),
    "yaml-truncated": ("broken.yaml", HEAD.encode() + b"Resources:\n  Bucket: {Type: AWS::S3::Bucket\n"),
    "yaml-deep": ("broken.yaml", HEAD.encode() + b"Resources: " + b"[" * 100_000),
    "yaml-aliases": ("broken.yaml", HEAD.encode() + b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n" % (c, c, *([c - 1] * 9)) for c in range(98, 112)) + b"Resources: *o\n"),
    "json-comma": ("broken.json", b'{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"B": {"Type": "AWS::S3::Bucket"},}}'),
    "json-truncated": ("broken.json", b'{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"B": {"Type": "AWS::S3'),
    "json-deep": ("broken.json", b'{"AWSTemplateFormatVersion": "2010-09-09", "Resources": ' + b"[" * 100_000),
    "policy-comma": ("policy.json", b'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"},]}'),
    "hcl-truncated": ("broken.tf", b'resource "aws_s3_bucket" "b" {\n  bucket = "x"\n'),
    "hcl-deep": ("broken.tf", b"locals { a = " + b"[" * 50_000 + b"]" * 50_000 + b" }\n"),
    "buildspec-tab": ("buildspec.yml", b"version: 0.2\nphases:\n\tbuild:\n\t\tcommands: [make]\n"),
}
# name -> (file, content); unusual but no reason to complain, or left to the reader: only has to survive
HARMLESS: dict[str, tuple[str, bytes]] = {
    "empty": ("empty.yaml", b""),
    "spaces": ("spaces.yaml", b"   \n\n"),
    "binary": ("binary.yaml", bytes(range(256)) * 64),
    "nul": ("nul.json", b"{\0}"),
    "latin-1": ("latin.yaml", HEAD.encode() + "Description: Prüfung\n".encode("latin-1")),
    "utf-16": ("wide.yaml", (HEAD + "Description: wide\n").encode("utf-16")),
    "bom": ("mark.yaml", b"\xef\xbb\xbf" + HEAD.encode()),
    "only-carriage-returns": ("mac.yaml", HEAD.replace("\n", "\r").encode()),
    "expression-that-runs-away": ("local.tf", b'locals { a = regex("(a|aa)+c", "' + b"a" * 200 + b'!") }\n'),
    "expressions-in-a-loop": ("loop.tf", b'locals { a = [for n in range(5000): regexall("(a?){500}a{500}c", "' + b"a" * 2000 + b'")] }\n'),
    "file-pattern-that-runs-away": ("file.tf", b'locals { a = fileset(".", "' + b"*o" * 60 + b'b") }\n'),
    "ignore-pattern-that-runs-away": (".gitignore", b"*o" * 30 + b"b\n"),
    "settings-that-run-away": (".gitleaks.toml", b'[[rules]]\nid = "x"\nregex = "(o|oo)+c"\nkeywords = ["o"]\npath = "(o|oo)+b"\n'
                               b"[allowlist]\npaths = ['(o|oo)+b']\nregexTarget = 'line'\nregexes = ['(o|oo)+b']\n"),
    "one-long-line": ("long.js", b"var a = 1;" * 200_000),
    "type-is-a-mapping": ("module.yaml", HEAD.encode() + b"Resources:\n  M:\n    Type: {Rain: module}\n    Properties: {A: 1}\n"),
    "resources-is-a-list": ("list.yaml", HEAD.encode() + b"Resources:\n  - Type: AWS::S3::Bucket\n"),
    "properties-is-text": ("text.yaml", HEAD.encode() + b"Resources:\n  B: {Type: AWS::S3::Bucket, Properties: hello}\n"),
    "null-everywhere": ("null.yaml", HEAD.encode() + b"Parameters:\nConditions:\nMappings:\nResources:\n  B:\n  C: {Type: }\n"),
    "intrinsic-circle": ("circle.yaml", HEAD.encode() + b"Conditions:\n  A: !Condition B\n  B: !Condition A\nResources:\n"
                         b"  B:\n    Type: AWS::S3::Bucket\n    Condition: A\n    Properties: {BucketName: !Ref B}\n"),
    "terraform-circle": ("circle.tf", b'locals {\n  a = local.b\n  b = local.a\n}\nmodule "m" {\n  source = "./"\n}\n'),
    "kubernetes": ("deployment.yaml", b"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {}\n"),
    "package-json": ("package.json", b'{"name": "x", "version": "1.0.0", "scripts": {"build": "make"}}'),
    "json-duplicate-keys": ("twice.json", b'{"Resources": {}, "Resources": {"B": {"Type": "AWS::S3::Bucket"}}}'),
    "shell-unclosed": ("open.sh", b"#!/bin/bash\nif true; then echo 'never closed\n"),
    "powershell-unclosed": ("buildspec.yml", b"version: 0.2\nenv: {shell: powershell.exe}\nphases:\n  build:\n    commands:\n"
                            b"      - |\n        if ($x) { iex \"$(a 'never closed\n        checkov -d .\n"),
    "powershell-deep": ("buildspec.yml", b"version: 0.2\nenv: {shell: pwsh}\nphases:\n  build:\n    commands:\n"
                        b"      - |\n        " + b'iex \"$(@{a=(' * 20_000 + b"\n"),
    "python-broken": ("broken.py", b"import boto3\ndef f(:\n  pass\n"),
    "python-deep": ("deep.py", b"import boto3\nx = " + b"(" * 5_000 + b"1" + b")" * 5_000 + b"\n"),
    "dockerfile-broken": ("Dockerfile", b"FRM x\nRUN \\\n\\\n"),
    "terminal-escapes": ("escape.yaml", HEAD.encode() + b"Description: \"\\x1b[2J\\x1b]0;owned\\x07\"\n"),
    "regex-bait": ("bait.txt", b"password = " + b"a" * 100_000 + b"!\n" + b"AKIA" * 20_000),
}


def run(folder: Path, *more: str, timeout: float = 60) -> tuple[int, dict, str]:
    """Return (exit status, JSON report, standard error) of a scan."""
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "scan", str(folder), "--no-config", "--no-cache", "--format", "json", *more],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=timeout,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1, 3), f"exit status {done.returncode}\n{done.stderr[-2000:]}"
    return done.returncode, json.loads(done.stdout), done.stderr


def good_finding(report: dict) -> bool:
    """Tell whether the fault of the good template was found."""
    return any(
        r["compliance"] == "NON_COMPLIANT" and r["category"] == "network" and r["location"]["path"] == "good.yaml"
        and r["location"]["start_line"] == 8 for r in report["results"]
    )


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_is_named_and_the_others_are_scanned(tmp_path: Path, name: str) -> None:
    file, content = BROKEN[name]
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / file).write_bytes(content)
    status, report, _ = run(tmp_path)
    assert good_finding(report)
    about = [n for n in report["notifications"] if (n.get("location") or {}).get("path") == file]
    assert about, f"nothing says that {file} could not be read: {report['notifications']}"
    assert about[0]["message"]
    assert status in (1, 3)


@pytest.mark.parametrize("name", HARMLESS)
def test_unusual_file_does_not_disturb_the_others(tmp_path: Path, name: str) -> None:
    file, content = HARMLESS[name]
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / ("o" * 200)).write_text("o" * 200)
    (tmp_path / file).write_bytes(content)
    status, report, _ = run(tmp_path)
    assert good_finding(report)
    assert status in (1, 3)


def test_text_report_lets_no_escape_sequence_through(tmp_path: Path) -> None:
    (tmp_path / "bad\x1b[31mname.yaml").write_text(GOOD.replace("Open:", '"O\\x1b[2Jpen":'))
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "scan", str(tmp_path), "--no-config", "--no-cache", "--format", "text"],
        capture_output=True, check=False, cwd=ROOT)
    assert b"\x1b" not in done.stdout + done.stderr


def link_loop(folder: Path) -> None:
    (folder / "loop").symlink_to(folder)


def link_outside(folder: Path) -> None:
    (folder / "outside.yaml").symlink_to("/etc/passwd")


def dangling_link(folder: Path) -> None:
    (folder / "nowhere.yaml").symlink_to(folder / "missing")


def named_pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")


def deep_folders(folder: Path) -> None:
    at = folder
    for _ in range(200):
        at = at / "d"
        at.mkdir()
    (at / "x.yaml").write_text(HEAD)


@pytest.mark.parametrize("make", [link_loop, link_outside, dangling_link, named_pipe, deep_folders], ids=lambda f: f.__name__)
def test_odd_folders_end_and_are_survived(tmp_path: Path, make: Callable[[Path], None]) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    make(tmp_path)
    _, report, _ = run(tmp_path)
    assert good_finding(report)
    assert "root:x:0" not in json.dumps(report)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "closed.yaml").write_text(GOOD)
    (tmp_path / "closed.yaml").chmod(0)
    status, report, _ = run(tmp_path)
    assert good_finding(report)
    assert any("closed.yaml" in json.dumps(n) for n in report["notifications"])
    assert status in (1, 3)


def test_nothing_to_scan_is_not_a_clean_scan(tmp_path: Path) -> None:
    status, report, _ = run(tmp_path)
    assert status == 3
    assert report["decision"]["outcome"] == "INCOMPLETE"
    assert report["decision"]["reasons"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scan", "no-such-folder"], "no-such-folder"),
        (["scan", ".", "--fromat", "json"], "--format"),
        (["scan", ".", "--format", "yaml"], "format"),
        (["scna", "."], "scan"),
        (["scan", ".", "--policy", "missing.yaml"], "missing.yaml"),
        (["scan", ".", "--policy", "broken.yaml"], "broken.yaml"),
        (["explain", "rds-instance-unencrypte"], "rds-instance-unencrypted"),
        ([], "scan"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_of_the_user_is_explained(tmp_path: Path, arguments: list[str], says: str) -> None:
    """Exit status 2, and a message that names what is wrong or what was probably meant."""
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "broken.yaml").write_text("policy: x\nblokc: high\n")
    done = subprocess.run(
        [sys.executable, "-m", "scanner", *arguments], capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 2, done.stdout[-500:] + done.stderr[-500:]
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
