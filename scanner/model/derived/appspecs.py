"""What an AppSpec deploys, linked: its task definition, its Lambda functions and hook functions."""

from __future__ import annotations

from scanner.core.subject import Resource
from scanner.core.value import text_of
from scanner.model.derived.links import named
from scanner.model.documents import items, mapping
from scanner.model.workspace import Workspace


def derive(workspace: Workspace) -> None:
    """Link every AppSpec to the task definitions and functions that it names."""
    for made in workspace.inventory.of_kind("AppSpec"):
        if not isinstance(made, Resource):
            continue
        for resource in items(made.properties.get("resources")):
            properties = resource.get("Properties")
            for target in named(workspace, "AWS::ECS::TaskDefinition", text_of(properties.get("TaskDefinition")) or ""):
                workspace.inventory.link(made, "task-definition", target)
            for target in named(workspace, "AWS::Lambda::Function", text_of(properties.get("Name")) or ""):
                workspace.inventory.link(made, "function", target)
        if isinstance(made.properties.get("resources"), type(made.properties.get("hooks"))):
            continue
        for function in mapping(made.properties.get("hooks")).entries.values():
            for target in named(workspace, "AWS::Lambda::Function", text_of(function) or ""):
                workspace.inventory.link(made, "hook-function", target)
