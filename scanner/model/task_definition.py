"""The task definition dialect: ECS JSON (register-task-definition, describe) -> AWS::ECS::TaskDefinition."""

from __future__ import annotations

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.subject import Resource
from scanner.core.value import MapValue, text_of
from scanner.model.documents import header, mapping, respelled
from scanner.model.workspace import Workspace

DIALECT = "task-definition"
NAMES = {
    "efsVolumeConfiguration": "EFSVolumeConfiguration", "iam": "IAM", "fileSystemId": "FilesystemId",
    "fsxWindowsFileServerVolumeConfiguration": "FSxWindowsFileServerVolumeConfiguration",
}


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State every task definition among the artifacts."""
    from scanner.model.values import value_of

    for artifact in artifacts:
        for node in workspace.nodes(artifact)[:1]:
            document = mapping(value_of(node))
            inner = document.get("taskDefinition")
            task_definition(workspace, inner if isinstance(inner, MapValue) else document, artifact.path, header(node))


def task_definition(workspace: Workspace, declared: MapValue, scope: str, at: Location) -> Resource:
    """State a task definition from its API shape."""
    family = declared.get("family")
    properties = mapping(respelled(declared, NAMES, free=_free))
    made = Resource(
        "AWS::ECS::TaskDefinition", text_of(family) or scope, family.at if text_of(family) else at, properties, scope,
        dialect=DIALECT,
    )
    workspace.inventory.add(made)
    return made


def _free(route: tuple[str, ...]) -> bool:
    """Tell where keys are the user's own: log options, docker labels, driver options."""
    return bool(route) and route[-1] in ("options", "dockerLabels", "driverOpts", "labels")
