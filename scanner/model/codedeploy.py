"""The CodeDeploy dialect: API input that names a revision (create-deployment) -> AWS::CodeDeploy::Deployment.

The AppSpec that such a revision may hold as text is stated by `scanner.model.derived.appspecs`.
"""

from __future__ import annotations

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.subject import Resource
from scanner.core.value import MapValue, text_of
from scanner.model.documents import header, mapping, respelled
from scanner.model.workspace import Workspace

DIALECT = "codedeploy"
KIND = "AWS::CodeDeploy::Deployment"


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State every deployment among the artifacts."""
    from scanner.model.values import value_of

    for artifact in artifacts:
        for node in workspace.nodes(artifact)[:1]:
            document = mapping(value_of(node))
            inner = document.get("deploymentInfo")  # as get-deployment answers
            deployment(workspace, inner if isinstance(inner, MapValue) else document, artifact.path, header(node))


def deployment(workspace: Workspace, declared: MapValue, scope: str, at: Location) -> Resource:
    """State a deployment from its API shape; a revision alone (`--revision file://`) is one too."""
    if "revision" not in declared.entries and "revisionType" in declared.entries:
        declared = MapValue({"revision": declared}, declared.at, {"revision": at}, declared.rest)
    group = declared.get("deploymentGroupName")
    made = Resource(
        KIND, text_of(group) or scope, group.at if text_of(group) else at, mapping(respelled(declared)), scope,
        dialect=DIALECT,
    )
    workspace.inventory.add(made)
    return made
