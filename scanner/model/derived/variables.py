"""Variables: environment variables that artifacts set, from every carrier that has some.

`source` is plaintext, parameter-store, secrets-manager, or unknown when the kind itself is computed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from scanner.core.projection import alternatives
from scanner.core.subject import Command, Resource, Subject, Variable
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Unknown, Value, text_of
from scanner.core.world import Guard
from scanner.model.workspace import Workspace

PLAINTEXT, PARAMETER, SECRET, UNSURE = "plaintext", "parameter-store", "secrets-manager", "unknown"

_TYPES = {"PLAINTEXT": PLAINTEXT, "PARAMETER_STORE": PARAMETER, "SECRETS_MANAGER": SECRET}
_SECTIONS = {"variables": PLAINTEXT, "parameter-store": PARAMETER, "secrets-manager": SECRET}


class Entry(NamedTuple):
    """One variable as a carrier states it."""

    name: str
    value: Value
    source: str
    guard: Guard


def derive(workspace: Workspace) -> None:
    """Add a Variable for every environment variable that a subject of the run sets."""
    for kind, (carrier, read) in _CARRIERS.items():
        for subject in list(workspace.inventory.of_kind(kind)):
            if isinstance(subject, Resource):
                for entry in read(subject):
                    _add(workspace, subject, entry, carrier)
    for command in list(workspace.inventory.of_kind("Command")):
        if isinstance(command, Command):
            for entry in _shell(command):
                _add(workspace, command, entry, "shell")


def _add(workspace: Workspace, holder: Subject, entry: Entry, carrier: str) -> None:
    at = entry.value.at if entry.value.at.path else holder.at
    made = Variable(
        holder.address, at, entry.name, entry.value, entry.source, carrier, holder.scope, holder=holder,
        when=entry.guard, related=((f"{holder.kind} {holder.address}", holder.at), *holder.related),
        dialect=holder.dialect, environment=holder.environment,
    )
    made.existence = holder.existence
    workspace.inventory.add(made)


def _opened(value: Value, guard: Guard) -> Iterator[tuple[Guard, Value]]:
    """Yield (guard, item) of a list under its conditions; a single item counts as a list of one."""
    for under, leaf in alternatives(value, guard):
        for item in leaf.items if isinstance(leaf, ListValue) else (leaf,):
            yield from ((deeper, inner) for deeper, inner in alternatives(item, under) if not isinstance(inner, Absent))


def _mapping(value: Value, source: str, guard: Guard) -> Iterator[Entry]:
    """Yield the entries of a mapping of names to values."""
    for under, found in alternatives(value, guard):
        if isinstance(found, MapValue):
            for name, entry in found.entries.items():
                for deeper, leaf in alternatives(entry, under):
                    if not isinstance(leaf, Absent):
                        yield Entry(name, leaf, source, deeper)


def _pairs(value: Value, guard: Guard, key: str = "Name", content: str = "Value", source: str = "") -> Iterator[Entry]:
    """Yield the entries of a list of {Name, Value, Type}; a missing Type is plain text."""
    for under, item in _opened(value, guard):
        if not isinstance(item, MapValue):
            continue
        name = text_of(item.get(key))
        if name is None:
            continue
        for deeper, leaf in alternatives(item.get(content), under):
            if not isinstance(leaf, Absent):
                yield Entry(name, leaf, source or _source(item.get("Type")), deeper)


def _source(kind: Value) -> str:
    if isinstance(kind, Absent):
        return PLAINTEXT
    text = text_of(kind)
    return _TYPES.get(text.upper(), UNSURE) if text is not None else UNSURE


def _buildspec(spec: Resource) -> Iterator[Entry]:
    for section, source in _SECTIONS.items():
        yield from _mapping(spec.get("env").get(section), source, spec.when)
    for key in ("build-list", "build-graph"):
        for guard, task in _opened(spec.get("batch").get(key), spec.when):
            yield from _mapping(task.get("env").get("variables"), PLAINTEXT, guard)


def _project(project: Resource) -> Iterator[Entry]:
    for guard, environment in alternatives(project.get("Environment"), project.when):
        yield from _pairs(environment.get("EnvironmentVariables"), guard)


def _pipeline(pipeline: Resource) -> Iterator[Entry]:
    """Yield the variables that actions hand to their builds: JSON text in the action's configuration."""
    for guard, stage in _opened(pipeline.get("Stages"), pipeline.when):
        for under, action in _opened(stage.get("Actions"), guard):
            for deeper, text in alternatives(action.get("Configuration").get("EnvironmentVariables"), under):
                for document in _json(text):
                    yield from _pairs(document, deeper, "name", "value", "")
            yield from _pairs(action.get("EnvironmentVariables"), under)


def _json(value: Value) -> list[Value]:
    from scanner.core.errors import SyntaxFault
    from scanner.model.values import embedded_values

    if isinstance(value, (ListValue, MapValue)):
        return [value]
    try:
        found = embedded_values(value, "json")
    except SyntaxFault:
        return []
    return [_upper_types(document) for document in found]


def _upper_types(document: Value) -> Value:
    """Return a list of {name, value, type} with `type` under the name that `_pairs` reads."""
    if isinstance(document, ListValue):
        return ListValue(tuple(_upper_types(item) for item in document.items), document.at, document.rest)
    if isinstance(document, MapValue) and "type" in document.entries:
        return MapValue({**document.entries, "Type": document.entries["type"]}, document.at, document.keys_at)
    return document


def _containers(task: Resource) -> Iterator[Entry]:
    for guard, container in _opened(task.get("ContainerDefinitions"), task.when):
        yield from _pairs(container.get("Environment"), guard, source=PLAINTEXT)
        for entry in _pairs(container.get("Secrets"), guard, content="ValueFrom", source=SECRET):
            stored = PARAMETER if ":ssm:" in (text_of(entry.value) or "") else SECRET
            yield entry._replace(source=stored)


def _function(function: Resource) -> Iterator[Entry]:
    yield from _mapping(function.get("Environment").get("Variables"), PLAINTEXT, function.when)


def _at(path: str, source: str = PLAINTEXT) -> Callable[[Resource], Iterator[Entry]]:
    """Return a reader of a mapping at a dotted path."""

    def read(resource: Resource) -> Iterator[Entry]:
        value: Value = resource.properties
        for name in path.split("."):
            value = value.get(name)
        yield from _mapping(value, source, resource.when)

    return read


def _pairs_at(path: str) -> Callable[[Resource], Iterator[Entry]]:
    """Return a reader of a list of {Name, Value} at a dotted path."""

    def read(resource: Resource) -> Iterator[Entry]:
        value: Value = resource.properties
        for name in path.split("."):
            value = value.get(name)
        yield from _pairs(value, resource.when, source=PLAINTEXT)

    return read


def _dockerfile(dockerfile: Resource) -> Iterator[Entry]:
    for _, instruction in _opened(dockerfile.get("Instructions"), dockerfile.when):
        if text_of(instruction.get("Instruction")) in ("ENV", "ARG"):
            yield from _pairs(instruction.get("Pairs"), dockerfile.when, source=PLAINTEXT)


def _workflow(workflow: Resource) -> Iterator[Entry]:
    yield from _mapping(workflow.get("env"), PLAINTEXT, workflow.when)
    jobs = workflow.get("jobs")
    for job in jobs.entries.values() if isinstance(jobs, MapValue) else ():
        yield from _mapping(job.get("env"), PLAINTEXT, workflow.when)
        yield from _mapping(job.get("container").get("env"), PLAINTEXT, workflow.when)
        for guard, step in _opened(job.get("steps"), workflow.when):
            yield from _mapping(step.get("env"), PLAINTEXT, guard)


def _gitlab(pipeline: Resource) -> Iterator[Entry]:
    for job in (pipeline.properties, *pipeline.properties.entries.values()):
        if isinstance(job, MapValue):
            yield from _mapping(job.get("variables"), PLAINTEXT, pipeline.when)


def _shell(command: Command) -> Iterator[Entry]:
    """Yield assignments: `NAME=x`, and the words of `export`, `declare` and `readonly`."""
    from scanner.model.derived.cli_values import word_value

    for name, word in command.assignments:
        if not name or re.search(r"[.\[\]]", name):  # PowerShell: a value that stands alone, a property of an object
            continue
        yield Entry(name, word_value(word), PLAINTEXT, command.when)
    if command.name in ("export", "declare", "readonly", "setx"):
        for word in command.words[1:]:
            name, equals, _ = word.text.partition("=")
            if equals and name.isidentifier():
                value = word_value(word)
                yield Entry(name, _after(value, len(name) + 1), PLAINTEXT, command.when)


def _after(value: Value, cut: int) -> Value:
    """Return a string value without its first characters."""
    if isinstance(value, Scalar) and isinstance(value.content, str):
        text = value.content[cut:]
        return Scalar(text, value.span(cut, len(value.content)) if text else value.at)
    if isinstance(value, Unknown) and value.parts and isinstance(value.parts[0], str):
        parts = (value.parts[0][cut:], *value.parts[1:])
        kept = tuple(part for part in parts if part != "")
        return Unknown(value.reason, value.at, parts=kept, present=True)
    return value


_APP_RUNNER = "SourceConfiguration.ImageRepository.ImageConfiguration.RuntimeEnvironmentVariables"

_CARRIERS: dict[str, tuple[str, Callable[[Resource], Iterator[Entry]]]] = {
    "Buildspec": ("buildspec", _buildspec),
    "AWS::CodeBuild::Project": ("build-project", _project),
    "AWS::CodePipeline::Pipeline": ("pipeline-action", _pipeline),
    "AWS::ECS::TaskDefinition": ("task-definition", _containers),
    "AWS::Lambda::Function": ("function", _function),
    "AWS::Batch::JobDefinition": ("task-definition", _pairs_at("ContainerProperties.Environment")),
    "AWS::Amplify::App": ("build-project", _pairs_at("EnvironmentVariables")),
    "AWS::Amplify::Branch": ("build-project", _pairs_at("EnvironmentVariables")),
    "AWS::AppRunner::Service": ("task-definition", _pairs_at(_APP_RUNNER)),
    "AWS::SageMaker::Model": ("task-definition", _at("PrimaryContainer.Environment")),
    "AWS::Glue::Job": ("function", _at("DefaultArguments")),
    "AWS::Synthetics::Canary": ("function", _at("RunConfig.EnvironmentVariables")),
    "Dockerfile": ("image", _dockerfile),
    "EnvFile": ("env-file", lambda file: _pairs(file.get("Variables"), file.when, source=PLAINTEXT)),
    "GitHubWorkflow": ("workflow", _workflow),
    "GitLabPipeline": ("workflow", _gitlab),
}
