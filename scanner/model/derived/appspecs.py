"""AppSpecs in the text of a deployment, and what an AppSpec deploys, linked: task definition, functions, hooks."""

from __future__ import annotations

from scanner.core.projection import alternatives
from scanner.core.subject import Resource
from scanner.core.value import Absent, text_of
from scanner.model.appspec import inline_appspec
from scanner.model.derived.links import named
from scanner.model.documents import items, mapping
from scanner.model.workspace import Workspace


def derive(workspace: Workspace) -> None:
    """State the AppSpecs that deployments hold; link every AppSpec to the task definitions and functions it names."""
    for deployment in list(workspace.inventory.of_kind("AWS::CodeDeploy::Deployment")):
        if isinstance(deployment, Resource):
            _inline(workspace, deployment)
    for made in workspace.inventory.of_kind("AppSpec"):
        if isinstance(made, Resource):
            _link(workspace, made)


def _inline(workspace: Workspace, deployment: Resource) -> None:
    """State the AppSpec that a revision holds as text; `String` is the older spelling, for Lambda."""
    revision = deployment.properties.get("Revision")
    for form in ("AppSpecContent", "String"):
        for _, text in alternatives(revision.get(form).get("Content")):
            if isinstance(text, Absent):
                continue
            found = inline_appspec(workspace, text, f"{deployment.address}.{form}", deployment)
            if found is not None:
                workspace.inventory.link(deployment, "appspec", found)


def _link(workspace: Workspace, made: Resource) -> None:
    for resource in items(made.properties.get("resources")):
        properties = resource.get("Properties")
        for target in named(workspace, "AWS::ECS::TaskDefinition", text_of(properties.get("TaskDefinition")) or ""):
            workspace.inventory.link(made, "task-definition", target)
        for target in named(workspace, "AWS::Lambda::Function", text_of(properties.get("Name")) or ""):
            workspace.inventory.link(made, "function", target)
    if isinstance(made.properties.get("resources"), type(made.properties.get("hooks"))):
        return
    for function in mapping(made.properties.get("hooks")).entries.values():
        for target in named(workspace, "AWS::Lambda::Function", text_of(function) or ""):
            workspace.inventory.link(made, "hook-function", target)
