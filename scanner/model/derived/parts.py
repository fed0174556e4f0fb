"""Parts of documents as subjects of their own, so that each is judged: hooks, actions, containers ...

AppSpecHook (Event, Location, Timeout, RunAs, Os)              AppSpec
PipelineStage, PipelineAction (StageName, StageIndex)          AWS::CodePipeline::Pipeline
PipelineTrigger                                                AWS::CodePipeline::Pipeline
Container (the container definition)                           AWS::ECS::TaskDefinition
WebhookFilterGroup (Filters, Events)                           AWS::CodeBuild::Project
BuildspecPhase (Name), BatchTask (Batch)                       Buildspec
CachePath (Path), RuntimeVersion (Name, Version)               Buildspec
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from scanner.core.projection import alternatives
from scanner.core.subject import Resource
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Unknown, Value, text_of
from scanner.core.world import Guard
from scanner.model.documents import items, mapping
from scanner.model.workspace import Workspace

KINDS = (
    "AppSpec", "AWS::CodePipeline::Pipeline", "AWS::ECS::TaskDefinition", "AWS::CodeBuild::Project", "Buildspec",
    "Dockerfile",
)


def derive(workspace: Workspace) -> None:
    """State the parts of every document that has some."""
    makers = {
        "AppSpec": _hooks,
        "AWS::CodePipeline::Pipeline": _pipeline,
        "AWS::ECS::TaskDefinition": _containers,
        "AWS::CodeBuild::Project": _filter_groups,
        "Buildspec": _buildspec,
        "Dockerfile": _instructions,
    }
    for kind in KINDS:
        for holder in list(workspace.inventory.of_kind(kind)):
            if isinstance(holder, Resource):
                for part in makers[kind](workspace, holder):
                    workspace.inventory.add(part)
                    workspace.inventory.link(holder, "part", part)


def _part(
    holder: Resource, kind: str, address: str, value: Value, more: dict[str, Value], guard: Guard = ()
) -> Resource:
    """Return a part with the properties of `value` and `more`; its header is the value's first line."""
    known = mapping(value)
    at = next(iter(known.keys_at.values()), value.at)
    name = known.entries.get("Name") or known.entries.get("name") or known.entries.get("identifier")
    if name is not None and text_of(name):
        at = name.at
    rest = value if isinstance(value, Unknown) else known.rest
    properties = MapValue({**known.entries, **more}, value.at, known.keys_at, rest, known.unmapped)
    prefix = "" if holder.address == holder.scope else f"{holder.address}."
    return Resource(
        kind,
        prefix + address,
        at,
        properties,
        holder.scope,
        holder=holder,
        when=(*holder.when, *guard),
        dialect=holder.dialect,
        environment=holder.environment,
        related=holder.related,
    )


def _entries(value: Value) -> Iterator[tuple[Guard, Value]]:
    """Yield the items of a list in all its conditional shapes, each with the conditions it exists under."""
    for outer, known in alternatives(value):
        for item in items(known):
            for guard, inner in alternatives(item):
                if not isinstance(inner, Absent):
                    yield (*outer, *guard), inner


def _hooks(workspace: Workspace, holder: Resource) -> Iterator[Resource]:
    platform = text_of(holder.attributes.get("Platform")) or "server"
    system = holder.properties.get("os")
    for event, entries in mapping(holder.properties.get("hooks")).entries.items():
        at = mapping(holder.properties.get("hooks")).key_at(event)
        for index, entry in enumerate(items(entries) if platform == "server" else ()):
            if isinstance(entry, MapValue):
                yield _part(
                    holder,
                    "AppSpecHook",
                    f"hooks.{event}[{index}]",
                    entry,
                    {
                        "Event": Scalar(event, at),
                        "Os": system,
                        "Location": entry.get("location"),
                        "RunAs": entry.get("runas"),
                        "Timeout": entry.get("timeout"),
                        "Found": _found(workspace, holder, entry.get("location")),
                    },
                )


def _found(workspace: Workspace, holder: Resource, location: Value) -> Value:
    """Return whether a hook's script is in the repository; unknown when nothing but the AppSpec is there."""
    text = text_of(location)
    if text is None or text.startswith("/") or ".." in text:
        return Absent(location.at)
    folder = posixpath.dirname(holder.scope)
    path = posixpath.normpath(posixpath.join(folder, text.replace("\\", "/")))
    if workspace.artifact(path) is not None:
        return Scalar(True, location.at)
    if [found for found in workspace.files.below(folder) if found != holder.scope]:
        return Scalar(False, location.at)
    return Unknown("only the AppSpec is there, without its revision", location.at)


def _pipeline(workspace: Workspace, holder: Resource) -> Iterator[Resource]:
    for number, (guard, stage) in enumerate(_entries(holder.properties.get("Stages"))):
        name = text_of(stage.get("Name")) or str(number)
        at = stage.get("Name").at if text_of(stage.get("Name")) else stage.at
        place: dict[str, Value] = {"StageIndex": Scalar(number, at)}
        yield _part(holder, "PipelineStage", name, stage, place, guard)
        for index, (inner, action) in enumerate(_entries(stage.get("Actions"))):
            title = text_of(action.get("Name")) or str(index)
            more: dict[str, Value] = {"StageName": Scalar(name, at), "StageIndex": Scalar(number, at)}
            yield _part(holder, "PipelineAction", f"{name}.{title}", action, more, (*guard, *inner))
    for index, (guard, trigger) in enumerate(_entries(holder.properties.get("Triggers"))):
        yield _part(holder, "PipelineTrigger", f"Triggers[{index}]", trigger, {}, guard)


def _containers(workspace: Workspace, holder: Resource) -> Iterator[Resource]:
    shared: dict[str, Value] = {
        "TaskNetworkMode": holder.properties.get("NetworkMode"),
        "TaskCompatibilities": holder.properties.get("RequiresCompatibilities"),
    }
    for index, (guard, container) in enumerate(_entries(holder.properties.get("ContainerDefinitions"))):
        name = text_of(container.get("Name")) or f"ContainerDefinitions[{index}]"
        yield _part(holder, "Container", name, container, shared, guard)


def _filter_groups(workspace: Workspace, holder: Resource) -> Iterator[Resource]:
    triggers = holder.properties.get("Triggers")
    for index, (guard, group) in enumerate(_entries(triggers.get("FilterGroups"))):
        if isinstance(group, MapValue) and isinstance(group.get("Filter"), (ListValue, MapValue)):
            group = group.get("Filter")
        filters = group if isinstance(group, ListValue) else ListValue((group,), group.at)
        events = [
            event.strip()
            for found in items(filters)
            if text_of(found.get("Type")) == "EVENT"
            for event in (text_of(found.get("Pattern")) or "").split(",")
            if event.strip()
        ]
        made = _part(
            holder,
            "WebhookFilterGroup",
            f"FilterGroups[{index}]",
            MapValue({}, group.at),
            {"Filters": filters, "Events": ListValue(tuple(Scalar(event, group.at) for event in events), group.at)},
            guard,
        )
        first = next(iter(items(filters)), None)
        if isinstance(first, MapValue) and first.keys_at:
            made.at = next(iter(first.keys_at.values()))
        yield made


def _buildspec(workspace: Workspace, holder: Resource) -> Iterator[Resource]:
    phases = mapping(holder.properties.get("phases"))
    for name, phase in phases.entries.items():
        if isinstance(phase, MapValue):
            made = _part(holder, "BuildspecPhase", f"phases.{name}", phase, {"Name": Scalar(name, phases.key_at(name))})
            made.at = phases.key_at(name)
            yield made
    batch = mapping(holder.properties.get("batch"))
    for kind in ("build-graph", "build-list"):
        for index, task in enumerate(items(batch.get(kind))):
            title = text_of(task.get("identifier")) or str(index)
            yield _part(holder, "BatchTask", f"batch.{kind}.{title}", task, {"Batch": Scalar(kind, batch.key_at(kind))})
    for kind in ("build-matrix", "build-fanout"):
        body = batch.get(kind).get("static") if kind == "build-matrix" else batch.get(kind)
        if isinstance(body, MapValue):
            yield _part(holder, "BatchTask", f"batch.{kind}", body, {"Batch": Scalar(kind, batch.key_at(kind))})
    cache = holder.properties.get("cache").get("paths")
    for index, path in enumerate(items(cache)):
        yield _part(holder, "CachePath", f"cache.paths[{index}]", MapValue({}, path.at), {"Path": path})
    runtimes = mapping(phases.get("install").get("runtime-versions"))
    for name, version in runtimes.entries.items():
        made = _part(
            holder,
            "RuntimeVersion",
            f"runtime-versions.{name}",
            MapValue({}, version.at),
            {"Name": Scalar(name, runtimes.key_at(name)), "Version": version},
        )
        made.at = runtimes.key_at(name)
        yield made


def _instructions(workspace: Workspace, holder: Resource) -> Iterator[Resource]:
    last = holder.properties.get("FinalStage")
    for index, entry in enumerate(items(holder.properties.get("Instructions"))):
        name = text_of(entry.get("Instruction")) or ""
        made = _part(holder, "DockerInstruction", f"{name}[{index}]", entry, {"FinalStage": last})
        made.at = entry.at
        yield made
