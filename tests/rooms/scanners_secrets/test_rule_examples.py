"""Every rule answers its own examples, with that rule alone."""

from __future__ import annotations

import pytest

from scanner.core.artifact import Artifact
from scanner.scanners.secrets.checks import CHECKS
from scanner.scanners.secrets.engine import Engine
from scanner.scanners.secrets.rules import BOUNDARIES
from scanner.scanners.secrets.run import scan_artifact
from scanner.scanners.secrets.samples import expanded
from tests.rooms.scanners_secrets.made_up import rows, rules

PATHS = {
    "netrc-password": ".netrc", "pgpass-password": ".pgpass", "kubernetes-secret-manifest": "secret.yaml", "kubernetes-secret-data-first": "secret.yaml",
    "terraform-password": "main.tf", "freemius-secret-key": "a.php", "nuget-config-password": "nuget.config",
}
HALVES = ("aws-access-key-id", "aws-secret-access-key")


def test_there_are_enough_token_formats() -> None:
    assert len(rows()) >= 220


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["rule"])
def test_examples(row: dict) -> None:
    rule = rules()[row["rule"]]
    needed = [rule, *(rules()[name] for name in HALVES)] if rule.shape == "pair" else [rule]
    engine = Engine(needed)
    for verdict, examples in row["examples"].items():
        for example in examples:
            text = expanded(example["text"], rule, rules())
            marked = [number for number, line in enumerate(text.splitlines(), 1) if "# finding" in line]
            artifact = Artifact(PATHS.get(rule.rule, "example.txt"), text.replace("  # finding", "").encode())
            lines = [r.at.start_line for r in scan_artifact(engine, artifact, low=True) if r.rule == rule.rule]
            assert lines == (marked if verdict == "non_compliant" else []), text


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["rule"])
def test_rule_is_well_made(row: dict) -> None:
    rule = rules()[row["rule"]]
    assert row["category"] == "secrets"
    assert row["subject"] == "Text"
    assert bool(rule.anchors) + bool(rule.named) + bool(rule.shape) == 1
    assert all(literal == literal.lower() for literal in (*rule.anchors, *rule.named))
    assert set(rule.checks) <= set(CHECKS)
    assert rule.boundary in {*BOUNDARIES, "none"}
    if rule.pattern:
        assert rule.regex.groups >= rule.group
