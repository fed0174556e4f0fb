"""`leftgate rules` and `leftgate explain` as a user calls them."""

from __future__ import annotations

import json

import pytest

from scanner.__main__ import main


def test_list_as_json_carries_what_the_scorer_and_others_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "list", "--format", "json"]) == 0
    rules = json.loads(capsys.readouterr().out)
    row = next(rule for rule in rules if rule["rule"] == "kms-key-without-rotation")
    assert (row["category"], row["severity"], row["confidence"]) == ("resources", "medium", "high")
    assert "CKV_AWS_7" in row["controls"]["checkov"]
    assert [rule["rule"] for rule in rules] == sorted(rule["rule"] for rule in rules)


def test_list_of_one_category(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "list", "--category", "network"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(" network " in line for line in lines[:-1])
    assert lines[-1] == f"{len(lines) - 1} rules"


def test_explain_tells_why_and_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "kms-key-without-rotation"]) == 0
    out = capsys.readouterr().out
    for heading in ("Why it matters", "What to do", "What it looks at", "An example that fails", "An example that passes"):
        assert heading in out


def test_explain_finds_the_rule_that_answers_another_tools_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "CKV_AWS_7"]) == 0
    assert "kms-key-without-rotation" in capsys.readouterr().out


def test_explain_suggests_what_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "kms-key-without-rotatoin"]) == 2
    assert "did you mean kms-key-without-rotation" in capsys.readouterr().err


def test_a_name_that_is_no_rule_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "test", "no-such-rule"]) == 2
    assert "'no-such-rule' is no rule" in capsys.readouterr().err


def test_a_member_of_a_family_is_found_by_its_own_name(capsys: pytest.CaptureFixture[str]) -> None:
    main(["rules", "list", "--format", "json"])
    rules = json.loads(capsys.readouterr().out)
    member = next(rule["rule"] for rule in rules if rule["file"].endswith("/untagged.yaml"))
    assert main(["rules", "test", member]) == 0
    assert capsys.readouterr().out.startswith("1 rules, ")
