"""Other tools' suppression comments in Terraform: `checkov:skip=`, `tfsec:ignore:`, `trivy:ignore:`.

A mark counts for the block it stands in, and for the block right below it. Marks with an expiry date (`:exp:`) or a
workspace (`:ws:`) do not count: they hang on things outside of the file.
"""

from __future__ import annotations

import re

from scanner.core.artifact import Artifact
from scanner.core.subject import PeerSuppression
from scanner.parse.hcl import tree

_COMMENT = re.compile(r"(?:#|//|/\*)([^\r\n]*(?:checkov:skip=|tfsec:ignore:|trivy:ignore:)[^\r\n]*)")
_MARK = re.compile(
    r"checkov:skip=(?P<checkov>[A-Za-z0-9_]+)(?::(?P<why>[^\r\n]*))?"
    r"|(?P<family>tfsec|trivy):ignore:(?P<rule>[A-Za-z0-9_*-]+)(?P<more>(?::[^\s]+)?)")
_HINTS = (b"checkov:skip", b"tfsec:ignore", b"trivy:ignore")


class Marks:
    """The marks of all files of a run, read once a file."""

    def __init__(self) -> None:
        self._files: dict[str, list[PeerSuppression]] = {}

    def of(self, artifact: Artifact | None, block: tree.Block | None) -> tuple[PeerSuppression, ...]:
        """Return the marks that count for a block."""
        if artifact is None or block is None or not any(hint in artifact.data for hint in _HINTS):
            return ()
        if artifact.path not in self._files:
            self._files[artifact.path] = marks_in(artifact)
        marks = self._files[artifact.path]
        first, last = artifact.position(block.start)[0], artifact.position(max(block.start, block.end - 1))[0]
        above = first - 1
        lines = {mark.at.start_line for mark in marks}
        while above - 1 in lines and above in lines:  # several comment lines above one another
            above -= 1
        return tuple(mark for mark in marks if above <= mark.at.start_line <= last)


def marks_in(artifact: Artifact) -> list[PeerSuppression]:
    """Return every mark in a file's comments, in order."""
    found: list[PeerSuppression] = []
    for comment in _COMMENT.finditer(artifact.text):
        for match in _MARK.finditer(artifact.text, comment.start(1), comment.end(1)):
            at = artifact.span(match.start(), match.end())
            if match["checkov"]:
                found.append(PeerSuppression("checkov", match["checkov"], (match["why"] or "").strip(), at))
            elif not match["more"]:
                found.append(PeerSuppression(match["family"], match["rule"], "", at))
    return found
