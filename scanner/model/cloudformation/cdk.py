"""CDK output: which construct a resource comes from, and which source line made it.

A synthesised template stands in a cloud assembly next to `manifest.json`, whose metadata maps construct paths to
logical ids, with a stack trace when the app was synthesised with traces on.
"""

from __future__ import annotations

from posixpath import basename, dirname, join

from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.patterns import Pattern
from scanner.model.cloudformation.template import Template
from scanner.model.workspace import Workspace

Places = tuple[tuple[str, Location], ...]
_FRAME = Pattern(r"([^\s()]+?):(\d+):(\d+)\)?$")
_FOREIGN = ("node_modules/", "site-packages/", "node:internal")


def constructs_of(template: Template, workspace: Workspace) -> dict[str, Places]:
    """Return, by logical id, the construct path and the source line as related places; {} outside an assembly."""
    if not template.path.endswith(".template.json"):
        return {}
    folder = dirname(template.path)
    manifest = workspace.artifact(join(folder, "manifest.json"))
    roots = workspace.nodes(manifest) if manifest is not None else []
    artifacts = roots[0].get("artifacts") if roots else None
    found: dict[str, Places] = {}
    for _, entry in artifacts.pairs if artifacts is not None else ():
        properties = entry.get("properties")
        file = properties.get("templateFile") if properties is not None else None
        metadata = entry.get("metadata")
        if file is not None and file.text == basename(template.path) and metadata is not None:
            for path, records in metadata.pairs:
                _collect(path, records, workspace, found)
    return found


def _collect(path: Node, records: Node, workspace: Workspace, found: dict[str, Places]) -> None:
    for record in records.items:
        kind, data = record.get("type"), record.get("data")
        if kind is None or data is None or kind.text != "aws:cdk:logicalId":
            continue
        construct = path.text.lstrip("/")
        trace = record.get("trace")
        source = _source_line(trace, workspace) if trace is not None else None
        places: list[tuple[str, Location]] = []
        if source is not None:
            places.append((f"construct {construct} is made here", source))
        places.append((f"construct {construct}", path.at))
        found[data.text] = tuple(places)


def _source_line(trace: Node, workspace: Workspace) -> Location | None:
    """Return the first frame of a stack trace that lies in a file of the repository."""
    for item in trace.items[:40]:
        match = _FRAME.search(item.text.strip())
        if match is None or any(word in match[1] for word in _FOREIGN):
            continue
        parts = match[1].replace("\\", "/").lstrip("/").split("/")
        for start in range(max(0, len(parts) - 6), len(parts)):
            path = "/".join(parts[start:])
            if ".." not in parts and workspace.artifact(path) is not None:
                line, column = int(match[2]), int(match[3])
                return Location(path, line, column, line, column + 1)
    return None
