"""All templates of a run together: roots and nested stacks, environments, exports and imports."""

from __future__ import annotations

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.value import Value
from scanner.model.cloudformation.template import Stack, Template
from scanner.model.workspace import Workspace


class Deployment:
    """Reads templates, and answers what one template asks about another."""

    def __init__(self, workspace: Workspace) -> None:
        """Take the workspace of the run."""
        self.workspace = workspace
        self.templates: dict[str, Template | None] = {}

    def run(self, artifacts: list[Artifact]) -> None:
        """State the subjects of all templates."""
        for artifact in artifacts:
            template = self.template(artifact)
            if template is None:
                continue
            stack = Stack(template, template.path)
            self.state(stack)

    def state(self, stack: Stack) -> None:
        """Put the subjects of a stack into the inventory."""
        for resource in (*stack.resources(), *stack.declarations()):
            self.workspace.inventory.add(resource)

    def template(self, artifact: Artifact) -> Template | None:
        """Return the template in a file, None when there is none; read once."""
        if artifact.path not in self.templates:
            self.templates[artifact.path] = self._read(artifact)
        return self.templates[artifact.path]

    def _read(self, artifact: Artifact) -> Template | None:
        roots = self.workspace.nodes(artifact, partial=True)
        found = [root for root in roots if is_template(root)]
        if len(found) > 1:
            self.note("warning", "several-documents", "a second template in the same file is not read", found[1].at,
                      "CloudFormation takes one document a file; split them")
        return Template(artifact, found[0], self.note) if found else None

    def note(self, level: str, kind: str, message: str, at: Location, hint: str) -> None:
        """Record what could not be done."""
        self.workspace.note(level, kind, message, at, hint)


def is_template(root: Node) -> bool:
    """Tell whether a document is a template: by its version, or by resources with types."""
    if root.kind != "mapping":
        return False
    if root.get("AWSTemplateFormatVersion") is not None:
        return True
    resources = root.get("Resources")
    return resources is not None and resources.kind == "mapping"


__all__ = ["Deployment", "Value", "is_template"]
