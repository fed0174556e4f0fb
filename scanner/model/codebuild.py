"""The CodeBuild dialect: project JSON of the API (create-project, batch-get-projects) -> AWS::CodeBuild::Project."""

from __future__ import annotations

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.subject import Resource
from scanner.core.value import MapValue, Scalar, Value, text_of
from scanner.model.documents import header, items, mapping, respelled
from scanner.model.workspace import Workspace

DIALECT = "codebuild"
NAMES = {"buildspec": "BuildSpec", "projectVisibility": "Visibility", "resourceAccessRole": "ResourceAccessRole"}


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State every project among the artifacts."""
    from scanner.model.values import value_of

    for artifact in artifacts:
        for node in workspace.nodes(artifact)[:1]:
            document = mapping(value_of(node))
            projects = items(document.get("projects")) or (document.get("project"),)
            for found in projects:
                inner = found if isinstance(found, MapValue) else document
                project(workspace, inner, artifact.path, header(node))


def project(workspace: Workspace, declared: MapValue, scope: str, at: Location) -> Resource:
    """State a project from its API shape; a webhook becomes the project's Triggers."""
    properties = mapping(respelled(declared, NAMES))
    webhook = properties.entries.pop("Webhook", None)
    if isinstance(webhook, MapValue):
        entries: dict[str, Value] = {"Webhook": Scalar(True, webhook.at), **webhook.entries}
        properties.entries["Triggers"] = MapValue(entries, webhook.at, webhook.keys_at)
    name = declared.get("name")
    made = Resource(
        "AWS::CodeBuild::Project",
        text_of(name) or scope,
        name.at if text_of(name) else at,
        properties,
        scope,
        dialect=DIALECT,
    )
    workspace.inventory.add(made)
    return made
