from __future__ import annotations

import pytest

from scanner.packs.lint import Linter
from scanner.packs.load import rules_in
from scanner.packs.reading import Document

BASE = """\
rule: some-rule
title: Bucket keeps no versions
category: resources
severity: low
confidence: high
controls:
  checkov: [CKV_AWS_21]
rationale: because
remediation: mend it
subject: AWS::S3::Bucket
require: {VersioningConfiguration.Status: {equals: Enabled}}
message: "{address} keeps no versions"
examples:
  non_compliant:
    - cloudformation: |
        a: 1  # finding
    - terraform: |
        a = 1 # finding
  compliant:
    - cloudformation: "a: 2"
    - terraform: "a = 2"
"""

WRONG = [
    ("VersioningConfiguration.Status", "VersioningConfiguration.State", 11, "has no property VersioningConfiguration.State; did you mean Status?"),
    ("{equals: Enabled}", "{equals: enabled}", 11, "'enabled' is no value of AWS::S3::Bucket VersioningConfiguration.Status"),
    ("{VersioningConfiguration.Status: {equals: Enabled}}", "{CorsConfiguration.CorsRules: {some: {MaxAges: present}}}", 11, r"has no property CorsConfiguration.CorsRules.\[\].MaxAges"),
    ("{VersioningConfiguration.Status: {equals: Enabled}}", "{predicate: no-such-thing}", 11, "unknown predicate 'no-such-thing'"),
    ("CKV_AWS_21", "CKV_AWS_99999", 6, "checkov has no control 'CKV_AWS_99999'"),
    ("checkov:", "checkhov:", 6, "unknown control family 'checkhov'"),
    ("Bucket keeps no versions\ncat", "Ensure versions\ncat", 2, "a title names the fault"),
    ("{address} keeps", "Terraform {address} keeps", 12, "names a dialect .Terraform."),
    ("{address} keeps", "{adress} keeps", 12, "unknown placeholder {adress}"),
    ("equals: Enabled", 'equals: "2025-01-01"', 11, "the date 2025-01-01"),
    ("a: 1  # finding", "a: 1", 13, "has no `# finding` mark"),
    ("    - terraform: |\n        a = 1 # finding\n", "", 13, ""),
    ("compliant:\n    - cloudformation: \"a: 2\"\n    - terraform: \"a = 2\"\n", "not_applicable:\n    - terraform: x\n", 13, "no compliant example"),
    ("    - terraform", "    - basic", 13, "expected a dialect"),
]


@pytest.fixture(scope="module")
def linter() -> Linter:
    pytest.importorskip("cfnlint")
    return Linter()


def problems(linter: Linter, text: str) -> list[str]:
    return [problem for source in rules_in(Document("some-rule.yaml", text)) for problem in linter.problems(source)]


def test_a_good_rule_has_no_problems(linter: Linter) -> None:
    assert problems(linter, BASE) == []


@pytest.mark.parametrize(("old", "new", "line", "words"), WRONG, ids=[words or old.strip() for old, _, _, words in WRONG])
def test_what_the_linter_refuses(linter: Linter, old: str, new: str, line: int, words: str) -> None:
    import re

    assert old in BASE
    found = problems(linter, BASE.replace(old, new, 1))
    if not words:
        assert found == []  # one dialect fewer in one verdict is fine as long as the rule has two
        return
    assert any(re.search(rf"^some-rule\.yaml:{line}: some-rule: .*{words}", problem) for problem in found), found


def test_examples_in_one_dialect_need_a_reason(linter: Linter) -> None:
    one = BASE.replace("    - terraform: |\n        a = 1 # finding\n", "").replace('    - terraform: "a = 2"\n', "")
    assert any("examples in one dialect only (cloudformation)" in problem for problem in problems(linter, one))
    said = one.replace("subject:", "dialects: [cloudformation]\nreason: only there\nsubject:")
    assert problems(linter, said) == []


def test_parameters_are_named_as_aws_config_names_them(linter: Linter) -> None:
    text = BASE.replace("checkov: [CKV_AWS_21]", "aws-config: [ACCESS_KEYS_ROTATED]")
    good = text.replace("require:", "parameters: {days: {type: integer, default: 90, config: maxAccessKeyAge}}\nrequire:")
    assert problems(linter, good) == []
    assert any("have no parameter 'maxAge', but maxAccessKeyAge" in p for p in problems(linter, good.replace("maxAccessKeyAge", "maxAge")))


def test_fields_of_words_are_checked_too(linter: Linter) -> None:
    text = BASE.replace("AWS::S3::Bucket", "Exposure").replace("VersioningConfiguration.Status: {equals: Enabled}", "form_port: present")
    assert any("Exposure has no field form_port" in problem for problem in problems(linter, text))
