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
        'keywords = ["acme"]\n[[rules]]\nid = "bad"\nregex = "(a"\nkeywords = ["a"]\n'
        "[allowlist]\npaths = ['''^vendor/''']\nregexes = ['''letmepass''']\nstopwords = [\"quux\"]\n"
    )
    assert [rule.rule for rule in settings.rules] == ["gitleaks-acme-key"]
    assert len(settings.faults) == 1
    hit, = Engine(list(settings.rules)).hits(b"x ACME_k7Jq2mZx9Wb4Tn8Rv3ab y\n", "a.txt")
    assert (hit.start, hit.end) == (7, 27)
    assert settings.allows((), "vendor/a", "", "k")
    assert settings.allows((), "a", "", "letmepass1")
    assert not settings.allows((), "a", "say letmepass", "k")
    assert settings.allows((), "a", "", "xquuxx")
    assert not settings.allows((), "src/vendor/a", "", "k")
    assert settings_of("= broken").faults


def test_gitleaks_lists_of_one_rule_and_rules_switched_off() -> None:
    settings = settings_of(
        '[extend]\ndisabledRules = ["npm-access-token"]\n'
        '[[rules]]\nid = "github-pat"\n'
        "[[rules.allowlists]]\ncondition = \"AND\"\npaths = ['''^old/''']\nregexTarget = \"line\"\nregexes = ['''known''']\n"
    )
    assert settings.allows(("github-pat",), "old/a", "a known key", "k")
    assert not settings.allows(("github-pat",), "new/a", "a known key", "k")
    assert not settings.allows(("github-pat",), "old/a", "a key", "known")
    assert not settings.allows(("other",), "old/a", "a known key", "k")
    assert settings.allows(("npm-access-token",), "a", "", "k")
    assert not settings.faults


def test_gitleaks_list_for_one_commit_lets_nothing_pass() -> None:
    settings = settings_of("[[allowlists]]\ncondition = \"AND\"\ncommits = [\"abc\"]\nstopwords = [\"k\"]\n")
    assert not settings.allows((), "a", "", "k")
    assert len(settings.faults) == 1


@pytest.mark.parametrize(("more", "fault"), [
    ('regex = "a(b)c"\nsecretGroup = 2', "there is no group 2"),
    ('regex = "abc"\nsecretGroup = -1', "there is no group -1"),
    ('regex = "a(?=b)"', "invalid perl operator"),
    ('regex = "abc"\npath = "("', "missing )"),
    ('path = "x"', "rules about paths alone"),
])
def test_gitleaks_rule_that_cannot_run_is_named(more: str, fault: str) -> None:
    settings = settings_of(f'[[rules]]\nid = "x"\nkeywords = ["a"]\n{more}\n')
    assert not settings.rules
    assert fault in " ".join(settings.faults)


@pytest.mark.parametrize("more", ['secretGroup = "two"', 'entropy = "high"', "description = 7", "tags = 1"])
def test_gitleaks_rule_with_values_of_another_type_still_runs(more: str) -> None:
    settings = settings_of(f'[[rules]]\nid = "x"\nregex = "acme(x|(y+))"\nkeywords = ["acme"]\n{more}\n')
    hit, = Engine(list(settings.rules)).hits(b"k acmeyy9\n", "a.txt")
    assert (hit.start, hit.end) == (6, 8)


def test_gitleaks_rule_for_some_paths() -> None:
    settings = settings_of('[[rules]]\nid = "x"\nregex = "acme[0-9]+"\nkeywords = ["acme"]\npath = "\\\\.conf$"\n')
    found = Engine(list(settings.rules))
    assert len(found.hits(b"acme7391", "a.conf")) == 1
    assert not found.hits(b"acme7391", "a.txt")


RUNAWAY = ["key = \"(a|aa)+c", "key = \"(a|a)*c", "key = \"((a+))+c", "key = \"(a+)+c", "key = \"(?:a{1,9}b?){1,60}c", "key.*.*.*.*.*.*.*c"]


@pytest.mark.parametrize("regex", RUNAWAY)
def test_no_expression_of_a_stranger_runs_away(regex: str) -> None:
    text = f"[[rules]]\nid = \"x\"\nregex = '''{regex}'''\nkeywords = [\"key\"]\npath = '''(x|xx)+y'''\n"
    text += f"[allowlist]\nregexTarget = \"line\"\nregexes = ['''{regex}''']\npaths = ['''(x|xx)+z''']\n"
    settings = settings_of(text)
    assert not settings.faults
    path, line = "x" * 80 + "y", 'key = "' + "a" * 900 + '!"'
    assert not Engine(list(settings.rules)).hits(f"{line}\n{line}c\n".encode() * 100, path)
    assert not settings.allows((), path, line, "s")


def test_what_a_file_of_settings_may_cost_is_bounded() -> None:
    settings = settings_of('[[rules]]\nid = "x"\nregex = "key(?:a?){500}a{500}c"\nkeywords = ["key"]\n', steps=500_000)
    Engine(list(settings.rules)).hits(b"key" + b"a" * 900 + b"\nkey" * 9, "a.txt")
    assert settings.budget.spent
    assert not settings.allows((), "a", "", "k")
