"""The CodePipeline dialect: pipeline JSON of the API (get-pipeline, create-pipeline) -> AWS::CodePipeline::Pipeline."""

from __future__ import annotations

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.subject import Resource
from scanner.core.value import ListValue, MapValue, Scalar, Value, text_of
from scanner.model.documents import header, items, mapping, respelled
from scanner.model.workspace import Workspace

DIALECT = "codepipeline"
NAMES = {"id": "Id", "s3": "S3"}


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State every pipeline among the artifacts."""
    from scanner.model.values import value_of

    for artifact in artifacts:
        for node in workspace.nodes(artifact)[:1]:
            inner = node.get("pipeline") or node.get("Pipeline") if node.kind == "mapping" else None
            declared = inner if inner is not None and inner.kind == "mapping" else node
            if declared.kind != "mapping":
                workspace.note(
                    "error",
                    "pipeline-no-mapping",
                    "a pipeline declaration is a mapping",
                    node.at,
                    "compare with the output of `aws codepipeline get-pipeline`",
                )
                continue
            pipeline(workspace, mapping(value_of(declared)), artifact.path, header(declared))


def pipeline(workspace: Workspace, declaration: MapValue, scope: str, at: Location) -> Resource:
    """State a pipeline from a declaration in the API's shape."""
    name = declaration.get("name")
    properties = mapping(respelled(declaration, NAMES, free=_free))
    stores = properties.get("ArtifactStores")
    if isinstance(stores, MapValue):
        properties.entries["ArtifactStores"] = _store_list(stores)
    made = Resource(
        "AWS::CodePipeline::Pipeline",
        text_of(name) or scope,
        name.at if text_of(name) else at,
        properties,
        scope,
        dialect=DIALECT,
    )
    workspace.inventory.add(made)
    return made


def _free(route: tuple[str, ...]) -> bool:
    """Tell where keys are the provider's own: an action's or a rule's configuration, stores by region."""
    return bool(route) and route[-1] in ("configuration", "artifactStores")


def _store_list(stores: MapValue) -> Value:
    """Return stores by region as the list that CloudFormation has."""
    found = []
    for region, store in stores.entries.items():
        at = stores.key_at(region)
        found.append(MapValue({"Region": Scalar(region, at), "ArtifactStore": store}, store.at, {"Region": at}))
    return ListValue(tuple(found), stores.at)


def actions(properties: Value) -> list[tuple[Value, Value]]:
    """Return (stage, action) for every action of a pipeline, in order."""
    return [(stage, action) for stage in items(properties.get("Stages")) for action in items(stage.get("Actions"))]
