"""Says which dialects an artifact speaks, from its path and its first bytes; it never parses."""

from __future__ import annotations

from scanner.classify.by_content import by_content
from scanner.classify.by_name import by_interpreter, by_name, may_hold_data
from scanner.core.artifact import Artifact

__all__ = ["classify"]

OVERRULED = {"buildspec", "appspec", "gitlab-ci", "github-actions"}
"""Names that a template may carry too (`buildspec.yml` that is a CloudFormation template): content wins."""


def classify(artifact: Artifact) -> tuple[str, ...]:
    """Return the dialects of an artifact, () for text that is none of ours."""
    named = by_name(artifact.path)
    if named and named not in OVERRULED:
        return (named,)
    if named:
        content = by_content(artifact.data)
        return (content if content == "cloudformation" else named,)
    script = by_interpreter(artifact.data[:256])
    if script:
        return (script,)
    if may_hold_data(artifact.path):
        content = by_content(artifact.data)
        return (content,) if content else ()
    return ()
