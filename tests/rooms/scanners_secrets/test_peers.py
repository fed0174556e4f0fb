"""Other tools' comments, ignore files, baselines and settings."""

from __future__ import annotations

import json
from hashlib import sha1

import pytest

from scanner.core.artifact import Artifact
from scanner.core.result import Result
from scanner.scanners.secrets.engine import Engine
from scanner.scanners.secrets.gitleaks_settings import settings_of
from scanner.scanners.secrets.peers import fingerprints_of, hashes_of, marks_in
from scanner.scanners.secrets.run import scan_artifact
from scanner.scanners.secrets.samples import token
from tests.rooms.scanners_secrets.made_up import engine, rules

VALUE = token(rules()["github-personal-access-token"], 3)


def scanned(text: str, *others: Artifact) -> list[Result]:
    artifact = Artifact("a.py", text.encode())
    return list(scan_artifact(engine(), artifact, low=False, marks=marks_in((artifact, *others))))


@pytest.mark.parametrize("text", [
    'x = "{}"  # pragma: allowlist secret', 'x = "{}"  # pragma: whitelist secret', 'x = "{}" // gitleaks:allow',
    '# pragma: allowlist nextline secret\nx = "{}"', 'x = "{}"  # trufflehog:ignore', 'x = "{}"  # ggignore',
])
def test_comment_suppresses_its_line(text: str) -> None:
    result, = scanned(text.format(VALUE) + "\n")
    assert [s.kind for s in result.suppressions] == ["peer"]


@pytest.mark.parametrize("text", ['# gitleaks:allow\nx = "{}"', 'x = "{}"\n# pragma: allowlist nextline secret'])
def test_comment_elsewhere_does_not(text: str) -> None:
    result, = scanned(text.format(VALUE) + "\n")
    assert not result.suppressions


def test_gitleaks_ignore_file() -> None:
    listed = Artifact(".gitleaksignore", b"# known\n" + b"0" * 40 + b":a.py:github-pat:2\n")
    assert fingerprints_of(listed.text) == {("a.py", "github-pat", 2)}
    first, second = scanned(f'x = "{VALUE}"\nx = "{VALUE}"\n', listed)
    assert (bool(first.suppressions), bool(second.suppressions)) == (False, True)


def test_detect_secrets_baseline() -> None:
    digest = sha1(VALUE.encode(), usedforsecurity=False).hexdigest()
    content = {"results": {"a.py": [{"type": "x", "hashed_secret": digest, "line_number": 9}]}}
    listed = Artifact(".secrets.baseline", json.dumps(content).encode())
    result, = scanned(f'x = "{VALUE}"\n', listed)
    assert [s.kind for s in result.suppressions] == ["baseline"]
    assert hashes_of("[1") == {}


def test_gitleaks_settings() -> None:
    settings = settings_of(
        '[[rules]]\nid = "Acme key"\ndescription = "Acme"\nregex = \'\'\'(?i)acme[-_](\\w{20})\'\'\'\nsecretGroup = 1\n'
        'keywords = ["acme"]\n[[rules]]\nid = "bad"\nregex = "(a+)+$"\nkeywords = ["a"]\n'
        "[allowlist]\npaths = ['''^vendor/''']\nregexes = ['''letmepass''']\nstopwords = [\"quux\"]\n"
    )
    assert [rule.rule for rule in settings.rules] == ["gitleaks-acme-key"]
    assert len(settings.faults) == 1
    hit, = Engine(list(settings.rules)).hits(b"x ACME_k7Jq2mZx9Wb4Tn8Rv3ab y\n", "a.txt")
    assert (hit.start, hit.end) == (7, 27)
    assert settings.allows("vendor/a", "", "k")
    assert settings.allows("a", "say letmepass", "k")
    assert settings.allows("a", "", "xquuxx")
    assert not settings.allows("src/vendor/a", "", "k")
    assert settings_of("= broken").faults
