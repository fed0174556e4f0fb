"""Other tools' suppression marks in a template: resource metadata, and comments."""

from __future__ import annotations

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.patterns import Pattern
from scanner.core.subject import PeerSuppression

_COMMENT = Pattern(
    r"#\s*(?:checkov:skip=(?P<checkov>[A-Za-z0-9_]+)(?::(?P<why>[^\r\n]*))?"
    r"|(?P<family>tfsec|trivy):ignore:(?P<rule>[A-Za-z0-9_.*-]+))")
_HINTS = (b"checkov:skip", b"tfsec:ignore", b"trivy:ignore")


class Marks:
    """The marks of one template file."""

    def __init__(self, artifact: Artifact, metadata: Node | None) -> None:
        """Take the file, for its comments, and the template's own Metadata, which speaks for all resources."""
        self.general = tuple(_from_metadata(metadata, ("cdk_nag",))) if metadata is not None else ()
        self.comments: list[PeerSuppression] = []
        if any(hint in artifact.data for hint in _HINTS):
            self.comments = list(_from_comments(artifact))

    def of(self, body: Node, header: Location) -> tuple[PeerSuppression, ...]:
        """Return the marks of a resource: its metadata, comments inside it or right above its name."""
        metadata = body.get("Metadata")
        found: list[PeerSuppression] = []
        if metadata is not None and metadata.kind == "mapping":
            found += _from_metadata(metadata, ("guard", "cfn_nag", "checkov", "cdk_nag", "leftgate"))
        for mark in self.comments:
            if header.start_line - 1 <= mark.at.start_line <= body.at.end_line:
                found.append(mark)
        return (*self.general, *found)


def _from_metadata(metadata: Node, tools: tuple[str, ...]) -> list[PeerSuppression]:
    found: list[PeerSuppression] = []
    for tool in tools:
        section = metadata.get(tool)
        if section is None or section.kind != "mapping":
            continue
        key, words = _LISTS[tool]
        listed = section.get(key)
        if listed is None or listed.kind != "sequence":
            continue
        for item in listed.items:
            marks = _marks(item, tool.replace("_", "-"), words)
            found += marks
            if tool == "guard":  # the guard rules registry names its rules as AWS Config does
                found += [mark._replace(family="aws-config") for mark in marks]
    return found


_LISTS = {
    # tool -> (key of the list, key of the reason)
    "guard": ("SuppressedRules", "reason"),
    "cfn_nag": ("rules_to_suppress", "reason"),
    "checkov": ("skip", "comment"),
    "cdk_nag": ("rules_to_suppress", "reason"),
    "leftgate": ("ignore", "reason"),  # our own ignores, for templates that cannot hold comments
}


def _marks(item: Node, family: str, reason: str) -> list[PeerSuppression]:
    """Return the marks of one list entry: a rule id, a mapping with id and reason, or (guard) ids with reasons."""
    if item.kind == "scalar":
        return [PeerSuppression(family, item.text, "", item.at)] if item.text else []
    identifier = item.get("id")
    if identifier is None:
        return [PeerSuppression(family, key.text, why.text, key.at) for key, why in item.pairs if family == "guard"]
    why = item.get(reason)
    return [PeerSuppression(family, identifier.text, why.text if why is not None else "", identifier.at)]


def _from_comments(artifact: Artifact) -> list[PeerSuppression]:
    found: list[PeerSuppression] = []
    for match in _COMMENT.finditer(artifact.text):
        at = artifact.span(match.start(), match.end())
        if match["checkov"]:
            found.append(PeerSuppression("checkov", match["checkov"], (match["why"] or "").strip(), at))
        else:
            found.append(PeerSuppression(match["family"], match["rule"], "", at))
    return found
