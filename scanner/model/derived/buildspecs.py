"""Buildspecs that other subjects hold or name: a project's inline text or path, batch tasks, pipeline commands."""

from __future__ import annotations

import posixpath
import re

from scanner.core.projection import alternatives
from scanner.core.subject import Resource
from scanner.core.value import Absent, ListValue, Scalar, Unknown, Value, text_of, walk
from scanner.model.buildspec import buildspec_file, inline_buildspec
from scanner.model.documents import items
from scanner.model.scripts import script
from scanner.model.workspace import Workspace

DEFAULT_FILE = "buildspec.yml"
_PATH = re.compile(r"[^\s:{}\[\]]+")
MAX_FOLLOWED = 200


def derive(workspace: Workspace) -> None:
    """State inline buildspecs, link projects and batches to their files, and state the commands of pipelines."""
    for project in workspace.inventory.of_kind("AWS::CodeBuild::Project"):
        if isinstance(project, Resource):
            _project(workspace, project)
    for pipeline in workspace.inventory.of_kind("AWS::CodePipeline::Pipeline"):
        if isinstance(pipeline, Resource):
            _pipeline(workspace, pipeline)
    for made in list(workspace.inventory.of_kind("Buildspec"))[:MAX_FOLLOWED]:
        if isinstance(made, Resource):
            _batch(workspace, made)


def _project(workspace: Workspace, project: Resource) -> None:
    source = project.properties.get("Source")
    for _, inner in alternatives(source):
        for _, text in alternatives(inner.get("BuildSpec")):
            found = _stated(workspace, project, text, f"{project.address}.BuildSpec", text_of(inner.get("Type")) or "")
            if found is not None:
                workspace.inventory.link(project, "buildspec", found)


def _stated(workspace: Workspace, holder: Resource, text: Value, address: str, source_type: str) -> Resource | None:
    """Return the buildspec that a value holds or names."""
    if isinstance(text, Absent) or text_of(text) == "":
        if source_type == "NO_SOURCE":
            return None
        return _file(workspace, holder, DEFAULT_FILE)
    stated = _stated_file(workspace, text)
    if stated is not None:
        return stated
    known = text_of(text)
    if known is not None and is_path(known):
        return _file(workspace, holder, known)
    if known is not None or (isinstance(text, Unknown) and text.parts and _is_document(text.rendering)):
        return inline_buildspec(workspace, text, holder.scope, address, holder=holder, dialect=holder.dialect)
    return None


def _stated_file(workspace: Workspace, text: Value) -> Resource | None:
    """Return the Buildspec of the file that a text was read from (`file()`, `templatefile()`), when it was stated."""
    if isinstance(text, Scalar) and isinstance(text.content, str):
        path = text.text_map.pieces[-1].path
    elif isinstance(text, Unknown) and text.parts:
        path = text.text_map.pieces[-1].path if text.text_map is not None else text.at.path
    else:
        return None
    for found in workspace.inventory.of_kind("Buildspec"):
        if found.scope == path and found.address == path and isinstance(found, Resource):
            return found
    return None


def _is_document(rendering: str) -> bool:
    """Tell whether a partly known text is a buildspec: it has lines, or is JSON."""
    return "\n" in rendering or rendering.lstrip().startswith("{")


def is_path(text: str) -> bool:
    """Tell whether a BuildSpec value names a file instead of holding the text."""
    stripped = text.strip()
    return bool(_PATH.fullmatch(stripped.removeprefix("arn:aws:s3:::"))) or stripped.startswith("arn:")


def _file(workspace: Workspace, holder: Resource, path: str) -> Resource | None:
    """Return the Buildspec of a file of the repository: from its root, else beside the file that names it."""
    if path.startswith("arn:") or path.startswith("s3://"):
        return None
    path = re.sub(r"^\$\{?CODEBUILD_SRC_DIR\}?/", "", path.strip()).lstrip("/")
    folder = posixpath.dirname(holder.at.path)
    for candidate in (posixpath.normpath(path), posixpath.normpath(posixpath.join(folder, path))):
        if candidate.startswith(".."):
            continue
        artifact = workspace.artifact(candidate)
        if artifact is not None:
            return buildspec_file(artifact, workspace)
    return None


def _batch(workspace: Workspace, made: Resource) -> None:
    """Link a batch to the files its tasks build with."""
    for route, value in walk(made.properties.get("batch")):
        if route and (route[-1] == "buildspec" or route[-2:-1] == ("buildspec",)):
            path = text_of(value)
            if path and is_path(path):
                found = _file(workspace, made, path)
                if found is not None and found is not made:
                    workspace.inventory.link(made, "batch-buildspec", found)


def _pipeline(workspace: Workspace, pipeline: Resource) -> None:
    """State a Script for the commands of each Commands action, and the buildspecs that actions put in place."""
    for stage in items(pipeline.properties.get("Stages")):
        for index, action in enumerate(items(stage.get("Actions"))):
            name = text_of(action.get("Name")) or str(index)
            stage_name = text_of(stage.get("Name")) or "stage"
            commands = action.get("Commands")
            if isinstance(commands, ListValue):
                stated = script(
                    workspace,
                    commands,
                    f"{pipeline.address}.{stage_name}.{name}",
                    f"{stage_name}.{name}",
                    pipeline.scope,
                    holder=pipeline,
                    when=pipeline.when,
                    dialect=pipeline.dialect,
                )
                if stated is not None:
                    workspace.inventory.link(pipeline, "script", stated)
            override = action.get("Configuration").get("BuildspecOverride")
            if isinstance(override, (Scalar, Unknown)):
                found = _stated(workspace, pipeline, override, f"{pipeline.address}.{stage_name}.{name}.BuildSpec", "")
                if found is not None:
                    workspace.inventory.link(pipeline, "buildspec", found)
