"""Says which dialects an artifact speaks, from its path and its first bytes; it never parses."""

from __future__ import annotations

from scanner.classify.by_content import by_content
from scanner.classify.by_name import by_interpreter, by_name, may_hold_data, names_policy
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
        if not content and _is_no_json(artifact.data) and names_policy(artifact.path):
            content = "iam-policy"  # its rules say that it is malformed; JSON of another meaning stays unread
        return (content,) if content else ()
    return ()


def _is_no_json(data: bytes) -> bool:
    """Tell whether text cannot be a JSON document of any use: it begins with neither a mapping nor a list."""
    head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return head not in (b"", b"{", b"[", b"\xff", b"\xfe")
