from __future__ import annotations

import pytest

from scanner.core.errors import UsageError
from scanner.packs.load import rules_in
from scanner.packs.reading import Document

GOOD = """\
rule: some-rule
title: Something is wrong
category: resources
severity: high
confidence: high
rationale: because
remediation: mend it
subject: AWS::S3::Bucket
require: {A: present}
message: "{address} has no A"
"""

REFUSED = [
    ("a: 1\na: 2\n", 2, "each key once"),
    ("a: yes\n", 1, "found a bare yes"),
    ("a:\n  - off\n", 2, "found a bare off"),
    ("a: 0777\n", 1, "leading zero"),
    ("a: &x [1]\nb: *x\n", 2, "alias"),
    ("a: !tag x\n", 1, "tag"),
    ("a: [1\n", 2, "expected YAML"),
    ("a: 1\n---\nb: 2\n", 1, "one document"),
    ("[a, b]: 1\n", 1, "plain key"),
    ("a: " + "[" * 80 + "]" * 80 + "\n", 1, "levels"),
]


@pytest.mark.parametrize(("text", "line", "words"), REFUSED, ids=[words for _, _, words in REFUSED])
def test_a_file_that_is_not_plain_yaml_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(UsageError, match=rf"r\.yaml:{line}: .*{words}"):
        Document("r.yaml", text)


def test_plain_scalars_keep_their_types_and_quoted_ones_are_text() -> None:
    content = Document("r.yaml", 'a: [1, 1.5, true, ~, "yes", 2012-10-17, 1.2.3, "1"]\nno: x\n').content
    assert content == {"a": [1, 1.5, True, None, "yes", "2012-10-17", "1.2.3", "1"], "no": "x"}


WRONG = [
    ("severity: high", "severity: grave", 4, "one of info, low, medium, high, critical; found 'grave'"),
    ("rationale: because\n", "", 1, "the section `rationale`"),
    ("title:", "titel:", 2, "a section of a rule"),
    ("{A: present}", "{A: presnt}", 9, "a test such as present"),
    ("{A: present}", "{A: {equls: 1}}", 9, "a test, one of .*found 'equls'"),
    ("{A: present}", "{A: {at_least: many}}", 9, "a number; found 'many'"),
    ("{A: present}", "{A: {matches: '('}}", 9, "a regular expression"),
    ("{A: present}", "{A: {in: x}}", 9, "a list under `in`"),
    ("{A: present}", "{A: {equals: {parameter: least}}}", 9, "a parameter of the rule .none is declared."),
    ("{A: present}", "{if: {A: present}}", 9, "`then` beside `if`"),
    ("{A: present}", "{any: {A: present}}", 9, "a list of conditions under `any`"),
    ("{A: present}", "{related: {of: x}}", 9, "one of count, from"),
    ("{A: present}", "{related: {from: {kind: K, by: B}, quantifier: all}}", 9, "one of some, each, none"),
    ("{A: present}", "{A: present}\nforbid: {A: absent}", 1, "exactly one of the sections"),
    ("rule: some-rule", "rule: other-rule", 1, "the file name 'some-rule'"),
    ("subject:", "parameters: {least: {type: integer, default: x}}\nsubject:", 8, "a default of type integer"),
]


@pytest.mark.parametrize(("old", "new", "line", "words"), WRONG, ids=[new.replace("\n", " ") or old for old, new, _, _ in WRONG])
def test_a_wrong_rule_is_refused_with_line_expected_and_found(old: str, new: str, line: int, words: str) -> None:
    assert old in GOOD
    with pytest.raises(UsageError, match=rf"some-rule\.yaml:{line}: expected .*{words}"):
        rules_in(Document("some-rule.yaml", GOOD.replace(old, new, 1)))


def test_a_family_writes_a_rule_for_each_member() -> None:
    text = (
        GOOD.replace("rule: some-rule", 'family: unnamed\nrule: "{name}-unnamed"').replace("AWS::S3::Bucket", '"{type}"')
        .replace("{A: present}", '{"{path}": {at_least: "{least}"}}').replace("{address} has no A", "{address} has no {path} ${path}")
        + "examples:\n  compliant:\n    - cloudformation: |\n        R:\n          {body}\n"
        + "members:\n  - {name: a, type: AWS::S3::Bucket, path: Name, least: 3, body: \"x: 1\\ny: 2\"}\n"
        + "  - {name: b, type: AWS::SNS::Topic, path: TopicName, least: 4, body: z, examples: {compliant: [{text: '{path}'}]}}\n"
    )
    first, second = rules_in(Document("unnamed.yaml", text))
    assert (first.facts.rule, second.facts.rule) == ("a-unnamed", "b-unnamed")
    assert first.compiled.condition == ["at", ["Name"], ["at_least", 3]]
    assert second.compiled.subjects == ("AWS::SNS::Topic",)
    assert first.compiled.message == "{address} has no Name ${path}"
    assert first.examples["compliant"][0]["cloudformation"] == "R:\n  x: 1\n  y: 2\n"
    assert second.examples["compliant"][1] == {"text": "TopicName"}


def test_a_family_member_without_a_column_is_named_by_its_line() -> None:
    text = GOOD.replace("rule: some-rule", 'family: f\nrule: "{name}-f"').replace("because", '"{why}"')
    with pytest.raises(UsageError, match=r"f\.yaml:14: expected the column 'why'"):
        list(rules_in(Document("f.yaml", text + "members:\n  - {name: a, why: x}\n  - {name: b}\n")))
