"""Policy files: what they may say, and how wrong ones are refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scanner.core.errors import UsageError
from scanner.evaluate.policy import BUILT_IN, Override, policy_from, stale_names, threshold

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_shipped_files_say_what_is_built_in(name: str) -> None:
    path = ROOT / "policies" / f"{name}.yaml"
    made = policy_from("built in", path.read_text())
    assert made == BUILT_IN[name]


def test_every_shipped_file_is_built_in() -> None:
    assert {path.stem for path in (ROOT / "policies").glob("*.yaml")} == set(BUILT_IN)


def test_an_empty_file_is_the_default_policy() -> None:
    assert policy_from("x.yaml", "# nothing\n") == BUILT_IN["default"]._replace(source="x.yaml")


def test_a_whole_policy() -> None:
    policy = policy_from("p.yaml", """\
policy: payments
extends: strict
block: {medium: never, high: medium}
unknown: block
inline-ignores: false
frameworks: [aws-config, security-hub]
limits: {file-size: 2 MiB}
exclude: [vendor/]
rules:
  rule-a: false
  rule-b: low
  rule-c: {severity: critical, parameters: {minimum: 14}}
  rule-d: {run: true}
paths:
  - match: examples/
    block: never
  - match: [infra/prod/]
    rules: {rule-b: high}
waivers:
  - rule: rule-e
    path: app/
    address: Bucket
    reason: public on purpose
    owner: web team
    expires: 2027-01-31
""")
    assert (policy.name, policy.profile, policy.unknown, policy.incomplete) == ("payments", "strict", "block", "block")
    assert policy.block == {"critical": "low", "high": "medium", "medium": "never", "low": "never", "info": "never"}
    assert policy.file_size == 2 << 20
    assert policy.frameworks == ("aws-config", "security-hub")
    assert policy.rules == {
        "rule-a": Override(run=False), "rule-b": Override(severity="low"),
        "rule-c": Override(severity="critical", parameters={"minimum": 14}), "rule-d": Override(run=True),
    }
    assert [section.match for section in policy.sections] == [("examples/",), ("infra/prod/",)]
    assert policy.sections[0].block == threshold("never")
    (waiver,) = policy.waivers
    assert (waiver.expires, waiver.owner, waiver.at.path, waiver.at.start_line) == (date(2027, 1, 31), "web team", "p.yaml", 20)


WRONG = {
    "not-yaml": ("block: }\n", 1, "YAML"),
    "no-mapping": ("- a\n", 1, "a mapping"),
    "unknown-key": ("policy: x\nblok: high\n", 2, "'block'"),
    "unknown-key-far": ("policy: x\nzzz: 1\n", 2, "one of policy, extends"),
    "severity": ("block: hihg\n", 1, "critical"),
    "severity-key": ("block:\n  critical: medium\n  hi: low\n", 3, "'high'"),
    "confidence": ("block:\n  high: sometimes\n", 2, "one of low, medium, high, never"),
    "profile": ("\nprofile: wild\n", 2, "default, strict, audit"),
    "size": ("limits:\n  file-size: large\n", 2, "a size such as"),
    "no-size": ("limits:\n  file-size: 0\n", 2, "a size such as"),
    "truth": ("inline-ignores: maybe\n", 1, "true or false"),
    "override": ("rules:\n  a: sometimes\n", 2, "false, one of"),
    "override-key": ("rules:\n  a:\n    sevrity: low\n", 3, "'severity'"),
    "section-without-match": ("paths:\n  - block: high\n", 2, "match:"),
    "section-with-parameters": ("paths:\n  - match: a/\n    rules:\n      a: {parameters: {n: 1}}\n", 4, "no parameters"),
    "paths": ("paths: infra/\n", 1, "a list"),
    "waiver-without-reason": ("waivers:\n  - rule: a\n    owner: me\n    path: x\n", 2, "reason:"),
    "waiver-without-owner": ("waivers:\n  - rule: a\n    reason: b\n    path: x\n", 2, "owner:"),
    "waiver-empty-reason": ("waivers:\n  - rule: a\n    reason: ''\n    owner: me\n    path: x\n", 3, "reason: a text"),
    "waiver-about-everything": ("waivers:\n  - rule: a\n    reason: b\n    owner: me\n", 2, "path, address or fingerprint"),
    "waiver-day": ("waivers:\n  - rule: a\n    reason: b\n    owner: me\n    path: x\n    expires: soon\n", 6, "a day such as"),
    "double-key": ("policy: a\npolicy: b\n", 2, "each key once"),
    "bare-word": ("rules:\n  a: off\n", 2, "quotes"),
    "alias": ("policy: &a x\nextends: *a\n", 2, "alias"),
    "deep": ("exclude: " + "[" * 200 + "]" * 200 + "\n", 1, "levels"),
    "frameworks": ("frameworks: [[a]]\n", 1, "a list of texts"),
}


@pytest.mark.parametrize(("text", "line", "expected"), WRONG.values(), ids=WRONG)
def test_wrong_policies_name_file_line_and_what_was_expected(text: str, line: int, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        policy_from("some/policy.yaml", text)
    message = str(caught.value)
    assert message.startswith(f"some/policy.yaml:{line}: expected ")
    assert expected in message
    assert "; found " in message


def test_rules_that_do_not_exist_are_named() -> None:
    policy = policy_from("p.yaml", "rules: {bucket-opne: low}\nwaivers:\n  - {rule: gone, reason: a, owner: b, path: c}\n")
    notes = stale_names(policy, frozenset({"bucket-open"}))
    assert [(note.level, note.at and note.at.start_line, note.hint) for note in notes] == [
        ("warning", 1, "did you mean bucket-open?"), ("warning", 3, "`leftgate rules list` shows all rules")]
