"""CloudFormation, SAM and CDK output: templates to resources in the inventory.

`state` is the dialect's front door. A template is read once per environment (parameter file); its nested stacks
with local templates are read in the scope of their parent, with the parameters it passes.
"""

from __future__ import annotations

from scanner.core.artifact import Artifact
from scanner.model.workspace import Workspace


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State the resources, parameters and outputs of every template among the artifacts."""
    from scanner.model.cloudformation.deployment import Deployment

    Deployment(workspace).run(artifacts)


__all__ = ["state"]
