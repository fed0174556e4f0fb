"""`make bench`: start-up, hook, projects, rules, growth, text and memory, as Markdown on standard output.

    python benchmarks/run.py [--peers] [--projects FOLDER] [--only NAME ...] [-n ROUNDS] [--large]

`--peers` compares with checkov and detect-secrets (installed into an environment of their own the first time;
LEFTGATE_PEERS names one that exists). LEFTGATE names the program to measure: that of an installed wheel is what a user
runs, that of a checkout also looks at the times of all rule files. `--projects` is a folder with terragoat, cfngoat,
terraform-aws-eks; without it the example service is scanned.
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path

from generated import both_languages
from measure import Command, Measure, environment, machine, once, seconds, table, together

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LEFTGATE = os.environ.get("LEFTGATE", str(BIN / "leftgate"))
TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Stage: {Type: String, Default: test}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "reports-${Stage}"
      VersioningConfiguration: {Status: Enabled}
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}
  Reader:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: s3:GetObject, Resource: !Sub "${Bucket.Arn}/*"}
"""
COMMIT = {
    "template.yaml": TEMPLATE,
    "main.tf": """\
resource "aws_s3_bucket" "reports" {
  bucket = "reports"
}

resource "aws_security_group" "web" {
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
""",
    "buildspec.yml": """\
version: 0.2
phases:
  build:
    commands:
      - make test
      - docker build -t app .
""",
    "Dockerfile": "FROM python:3.11-slim\nRUN pip install --no-cache-dir flask==3.0.0\nUSER app\n",
    "app.py": "import os\n\n\ndef table():\n    return os.environ[\"TABLE\"]\n",
}
"""The files of a commit, each of another language, so that the hook has to load every reader."""


def peers() -> Path:
    """Return the environment of the peers, made when it is missing."""
    folder = Path(os.environ.get("LEFTGATE_PEERS", ROOT / "build" / "peers"))
    if not (folder / "bin" / "checkov").exists():
        print(f"installing checkov and detect-secrets into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", "checkov", "detect-secrets"], check=True)
    return folder / "bin"


def compiled(*folders: Path) -> None:
    """Compile bytecode on every side, or start-up reads twice as slow for whoever lacks it."""
    for folder in folders:
        compileall.compile_dir(folder, quiet=2, workers=1)


def scan_of(folder: Path) -> tuple[str, ...]:
    """Return the words of a whole scan with the built-in policy and without a result cache."""
    return (LEFTGATE, "scan", str(folder), "--no-config", "--no-cache", "--format", "json")


def startup(n: int) -> str:
    """Return `--version` and `explain` against the bare interpreter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = together([
            Command("bare interpreter", (sys.executable, "-c", "pass"), folder),
            Command("leftgate --version", (LEFTGATE, "--version"), folder),
            Command("leftgate explain", (LEFTGATE, "explain", "rds-instance-unencrypted"), folder),
            Command("leftgate rules list", (LEFTGATE, "rules", "list"), folder),
        ], n)
    processor, wall = found[1].processor - found[0].processor, found[1].wall - found[0].wall
    return (
        f"{table(found)}\n\n`--version` takes {processor * 1000:.1f} ms of processor time more than the bare "
        f"interpreter ({wall * 1000:.1f} ms of wall time)."
    )


def hook(n: int, peer: Path | None) -> str:
    """Return the hook in a fresh git repository, everything on, no result cache: one template, and five files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in COMMIT.items():
            (folder / file).write_text(content)
        for words in (["init", "-q"], ["add", "."]):
            subprocess.run(["git", *words], cwd=folder, check=True)
        secrets_hook = (peer or BIN) / "detect-secrets-hook"
        commands = []
        for label, files in (("one template", ("template.yaml",)), ("five files", tuple(COMMIT))):
            commands.append(Command(f"leftgate hook, {label}", (LEFTGATE, "hook", "--", *files), folder))
            if secrets_hook.exists():
                commands.append(Command(f"detect-secrets-hook, {label}", (str(secrets_hook), *files), folder))
        found = together(commands, n)
    half = len(found) // 2
    return f"{table(found[:half], found[0].label)}\n\n{table(found[half:], found[half].label)}"


def projects(n: int, peer: Path | None, folder: Path | None) -> str:
    """Return scans of whole projects, each against checkov when peers are asked for."""
    known = ("terragoat", "cfngoat", "terraform-aws-eks")
    names = [name for name in known if folder and (folder / name).is_dir()]
    parts = []
    for name in names or ["examples"]:
        target = (folder / name) if folder and names else ROOT / "examples"
        slow = "eks" in name
        rounds = 1 if slow and peer else min(n, 3 if peer else 5)
        commands = [Command(f"leftgate scan {name}", scan_of(target), target, (0, 1, 3))]
        if peer:
            words = (str(peer / "checkov"), "-d", str(target), "--skip-download", "--quiet", "--compact", "-o", "json")
            commands.append(Command(f"checkov -d {name}", words, target))
        parts.append(table(together(commands, rounds, warm=not (slow and peer)), commands[0].label))
    return "\n\n".join(parts)


def rules(resources: int) -> str:
    """Return a scan of a generated project in both languages, and what one rule on one subject costs in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        both_languages(folder, resources)
        found = together([Command(f"leftgate scan, {resources:,} resources", scan_of(folder), folder, (0, 1, 3))], 1,
                         warm=False)
        timed = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("evaluations.py")), str(folder)],
            capture_output=True, text=True, check=True, env=environment(),
        )
    return f"{table(found)}\n\n{timed.stdout.strip()}"


def growth(n: int) -> str:
    """Return scans of 1, 4 and 16 copies of the example service: time has to grow with the bytes."""
    with tempfile.TemporaryDirectory() as name:
        commands = []
        for copies in (1, 4, 16):
            folder = Path(name) / str(copies)
            for index in range(copies):
                shutil.copytree(ROOT / "examples" / "parcel-service", folder / f"copy-{index}")
            commands.append(Command(f"{copies} x example", scan_of(folder), folder))
        found = together(commands, min(n, 5))
    slope = (found[2].wall - found[0].wall) / 15
    return f"{table(found)}\n\n{seconds(slope)} for each further copy."


def text_tree(n: int) -> str:
    """Return a scan of the interpreter's own library: text in which there is next to nothing to find."""
    source = Path(sysconfig.get_path("stdlib"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "library"
        left_out = shutil.ignore_patterns("site-packages", "__pycache__", "*.pyc", "*.so", "lib2to3", "config-*")
        shutil.copytree(source, folder, ignore=left_out)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        files = sum(1 for path in folder.rglob("*") if path.is_file())
        found = together([Command("leftgate scan", scan_of(folder), folder, (0, 1, 3))], min(n, 3))
    return (
        f"{table(found)}\n\n{files:,} files, {size / 1e6:.1f} MB: {size / 1e6 / found[0].wall:.1f} MB/s "
        "for everything (Python is parsed too, not only matched against the secrets rules)."
    )


def memory(large: bool) -> str:
    """Return the peak memory of a scan of many small files."""
    lines = ["| files | wall | peak memory |", "|---|---|---|"]
    for count in (1_000, 10_000, 100_000) if large else (1_000, 5_000):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for index in range(count):
                if index % 500 == 0:
                    (folder / f"part-{index // 500}").mkdir()
                content = TEMPLATE if index % 50 == 0 else f"# note {index}\nvalue = {index}\n"
                suffix = "yaml" if index % 50 == 0 else "txt"
                (folder / f"part-{index // 500}" / f"file-{index}.{suffix}").write_text(content)
            wall, _, peak, status = once(Command("scan", scan_of(folder), folder))
        if status not in (0, 1):
            raise SystemExit(f"scan of {count} files: exit status {status}")
        lines.append(f"| {count:,} | {seconds(wall)} | {peak:.0f} MiB |")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Measure what is asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", action="store_true", help="compare with checkov and detect-secrets")
    parser.add_argument("--projects", type=Path, help="folder with terragoat, cfngoat, terraform-aws-eks")
    parser.add_argument("--only", nargs="+", default=[], help="startup hook projects rules growth text memory")
    parser.add_argument("-n", type=int, default=7, help="rounds (default 7)")
    parser.add_argument("--resources", type=int, default=10_000, help="size of the generated project")
    parser.add_argument("--large", action="store_true", help="memory with up to 100,000 files")
    options = parser.parse_args(arguments)
    peer = peers() if options.peers else None
    theirs = list(peer.parent.glob("lib/python*/site-packages")) if peer else []
    trees = options.projects.resolve() if options.projects else None
    compiled(ROOT / "scanner", Path(sysconfig.get_path("purelib")), *theirs)
    once(Command("warm the pack index", (LEFTGATE, "rules", "list"), ROOT))
    sections: dict[str, tuple[str, Callable[[], str]]] = {
        "startup": ("Start-up", lambda: startup(max(options.n, 11))),
        "hook": ("The hook", lambda: hook(max(options.n, 11), peer)),
        "projects": ("Projects, cold", lambda: projects(options.n, peer, trees)),
        "rules": ("All rules on a generated project", lambda: rules(options.resources)),
        "growth": ("Growth", lambda: growth(options.n)),
        "text": ("A large tree of text", lambda: text_tree(options.n)),
        "memory": ("Memory", lambda: memory(options.large)),
    }
    print(machine())
    for name, (title, measure) in sections.items():
        if not options.only or name in options.only:
            print(f"\n## {title}\n\n{measure()}", flush=True)
    print(f"\nAt the end: {machine().partition('; ')[2]}")
    return 0


__all__ = ["Measure", "main"]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
