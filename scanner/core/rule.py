"""What a rule says about itself, and the scales it uses."""

from __future__ import annotations

from typing import NamedTuple

SEVERITIES = ("info", "low", "medium", "high", "critical")
CONFIDENCES = ("low", "medium", "high")
PROFILES = ("default", "strict", "audit")
CATEGORIES = ("secrets", "network", "iam", "resources", "pipeline", "code")


class Rule(NamedTuple):
    """The facts of a rule that results, policies and reports need.

    `profile` is the smallest profile that runs it (default < strict < audit). `controls` maps a family
    (`aws-config`, `checkov`, ...) to identifiers. The long texts (`rationale`, `remediation`,
    `references`) are empty in the compiled index of a scan and filled by `packs.describe`.
    """

    rule: str
    title: str
    category: str
    severity: str
    confidence: str
    profile: str = "default"
    controls: dict[str, tuple[str, ...]] = {}
    rationale: str = ""
    remediation: str = ""
    references: tuple[str, ...] = ()
    limitations: str = ""
    stage: str = "stable"


def rank(scale: tuple[str, ...], name: str) -> int:
    """Return the position on a scale, lowest 0; raises ValueError for a name that is not on it."""
    return scale.index(name)


def lowered(severity: str) -> str:
    """Return the severity one step lower; `info` stays."""
    return SEVERITIES[max(0, SEVERITIES.index(severity) - 1)]
