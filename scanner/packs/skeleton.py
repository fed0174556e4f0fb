"""Writes the first version of a rule file."""

from __future__ import annotations

import re

from scanner.core.errors import UsageError
from scanner.packs.schema import RULE_ID

_HOMES = {
    "Exposure": "network", "Statement": "iam", "Policy": "iam", "Attachment": "iam", "Command": "shell",
    "Script": "shell", "Code": "code", "ApiCall": "code",
}
_TEXT = """\
rule: {rule}
title: {noun} ... says the fault in a few words
category: {category}
severity: medium
confidence: high
controls: {{}}
rationale: >
  What an attacker or an auditor gains from it.
remediation: >
  The concrete change that mends it.
references: []
subject: {subject}
require: {{{path}: {{equals: true}}}}
message: "{{address}} does not set {path} to true"
examples:
  non_compliant:
    - {dialect}: |
{wrong}
  compliant:
    - {dialect}: |
{right}
"""


def skeleton(rule: str, subject: str) -> str:
    """Return the text of a new rule file; raises UsageError for an id that is not in kebab-case."""
    if not RULE_ID.match(rule):
        raise UsageError(f"{rule!r} is no rule id\nexpected: kebab-case that names the fault, such as {_kebab(rule)!r}")
    resource = subject.startswith("AWS::")
    path = "SomeProperty" if resource else "field"
    if resource:
        lines = ["Resources:", "  Example:", f"    Type: {subject}", "    Properties:"]
        wrong = [*lines, f"      {path}: false  # finding"]
        right = [*lines, f"      {path}: true"]
    else:
        wrong, right = ["something wrong  # finding"], ["something right"]
    return _TEXT.format(
        rule=rule, subject=subject, path=path, noun=subject.rsplit("::", 1)[-1],
        category="resources" if resource else _HOMES.get(subject, "pipeline").replace("shell", "pipeline"),
        dialect="cloudformation" if resource else "text",
        wrong="\n".join("        " + line for line in wrong), right="\n".join("        " + line for line in right),
    )


def place_for(rule: str, subject: str, own: bool) -> str:
    """Return the path of a new rule below the rules folder; `own` is a user's folder, which is flat."""
    if own:
        return f"{rule}.yaml"
    parts = subject.split("::")
    folder = f"aws/{parts[1].lower()}" if len(parts) == 3 else _HOMES.get(subject, "pipeline")
    return f"{folder}/{rule}.yaml"


def _kebab(text: str) -> str:
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text).lower())
    return "-".join(words) or "s3-bucket-unversioned"
