"""The content of an SSM document as a structure, where a template gives it as text in JSON or YAML."""

from __future__ import annotations

from scanner.core.subject import Resource
from scanner.core.value import MapValue
from scanner.model.values import structure_in
from scanner.model.workspace import Workspace

KIND = "AWS::SSM::Document"


def derive(workspace: Workspace) -> None:
    """Replace every text by what it states; places stay those of the text."""
    for document in workspace.inventory.of_kind(KIND):
        if not isinstance(document, Resource):
            continue
        stated = document.properties
        content = stated.entries.get("Content")
        if content is not None:
            entries = {**stated.entries, "Content": structure_in(content)}
            document.properties = MapValue(entries, stated.at, stated.keys_at, stated.rest, stated.unmapped)
