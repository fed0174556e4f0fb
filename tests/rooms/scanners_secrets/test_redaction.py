"""No output, cache or log of a scan holds a planted secret."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scanner import plugins
from scanner.scanners.secrets.samples import token
from tests.rooms.scanners_secrets.made_up import rules


def planted() -> dict[str, str]:
    names = ("github-personal-access-token", "stripe-secret-key", "slack-bot-token", "aws-secret-access-key", "gitlab-personal-token")
    made = {name: token(rules()[name], 11) for name in names}
    made["password"] = "Tr0mbone" + "-maker9"
    return made


@pytest.fixture
def project(tmp_path: Path) -> Path:
    secrets = planted()
    folder = tmp_path / "project"
    folder.mkdir()
    encoded = base64.b64encode(f"#!/bin/sh\nexport SLACK_TOKEN={secrets['slack-bot-token']}\n".encode()).decode()
    stripe = secrets["stripe-secret-key"]
    (folder / "app.py").write_text(f'import os\nTOKEN = "{secrets["github-personal-access-token"]}"\n')
    (folder / "template.yaml").write_text(
        "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  I:\n    Type: AWS::EC2::Instance\n    Properties:\n"
        f"      UserData: {encoded}\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment:\n        Variables:\n"
        f'          STRIPE: !Join ["", ["{stripe[:12]}", "{stripe[12:]}"]]\n          DB_PASSWORD: {secrets["password"]}\n'
    )
    (folder / "buildspec.yml").write_text(
        "version: 0.2\nphases:\n  build:\n    commands:\n"
        f"      - mysql -p{secrets['password']} -e 'select 1'\n      - echo {secrets['gitlab-personal-token']}\n"
    )
    (folder / "broken.json").write_text(f'{{"Resources": {{"token": "{secrets["gitlab-personal-token"]}"\n')
    (folder / "credentials").write_text(f"aws_secret_access_key = {secrets['aws-secret-access-key']}\n")
    return folder


def test_nothing_that_a_scan_writes_holds_a_secret(project: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "TMPDIR": str(home)}
    written = []
    for number, name in enumerate(sorted(plugins.REPORTERS)):
        output = home / f"report-{number}"
        done = subprocess.run(
            [sys.executable, "-m", "scanner", "scan", str(project), "--format", name, "-o", str(output), "--profile", "audit",
             "--results", "all"],
            capture_output=True, env=environment, check=False, cwd=Path(__file__).parents[3],
        )
        assert done.returncode in (0, 1, 3), done.stderr.decode()
        assert output.stat().st_size > 0
        written += [done.stdout, done.stderr]
    written += [file.read_bytes() for file in home.rglob("*") if file.is_file()]
    assert any(b"github-personal-access-token" in text for text in written)
    for name, secret in planted().items():
        parts = (secret, secret[:12] if name == "stripe-secret-key" else secret, secret[-10:])
        for text in written:
            for part in parts:
                assert part.encode() not in text, name
