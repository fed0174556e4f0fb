"""Images: container images that something builds on, pulls or runs, split into registry, repository, tag and digest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from scanner.core.projection import alternatives
from scanner.core.subject import Command, Image, Resource, Subject
from scanner.core.value import HOLE, Absent, ListValue, MapValue, Scalar, Unknown, Value, text_of
from scanner.core.world import Guard
from scanner.model.workspace import Workspace

_OPTIONS_WITHOUT_VALUE = frozenset((
    "--rm", "--detach", "--interactive", "--tty", "--privileged", "--init", "--read-only", "--all-tags", "--quiet",
    "--no-healthcheck", "--publish-all", "--oom-kill-disable", "--sig-proxy", "--disable-content-trust",
))


class Reference(NamedTuple):
    """An image reference taken apart; what is not stated is empty."""

    registry: str
    repository: str
    tag: str
    digest: str


def reference_of(text: str) -> Reference:
    """Return the parts of an image reference: `host:5000/team/app:1.2@sha256:...`."""
    name, _, digest = text.partition("@")
    head, slash, tail = name.partition("/")
    registry = ""
    if slash and ("." in head or ":" in head or head == "localhost" or HOLE in head):
        registry, name = head, tail
    last = name.rfind("/")
    colon = name.find(":", last + 1)
    tag = name[colon + 1 :] if colon >= 0 else ""
    return Reference(registry, name[:colon] if colon >= 0 else name, tag, digest)


def derive(workspace: Workspace) -> None:
    """Add an Image for every image that a subject of the run names."""
    for kind, (use, read) in _USES.items():
        for subject in list(workspace.inventory.of_kind(kind)):
            if isinstance(subject, Resource):
                for guard, value in read(subject):
                    _add(workspace, subject, value, use, guard)
    for command in list(workspace.inventory.of_kind("Command")):
        if isinstance(command, Command):
            for use, value in _of_command(command):
                _add(workspace, command, value, use, command.when)


def _add(workspace: Workspace, holder: Subject, value: Value, use: str, guard: Guard) -> None:
    text = _text(value)
    if text is None and not isinstance(value, Unknown):
        return
    parts = reference_of(text) if text is not None else Reference("", "", "", "")
    at = value.at if value.at.path else holder.at
    made = Image(
        holder.address, at, value, use, *parts, holder.scope, holder=holder, when=guard,
        related=((f"{holder.kind} {holder.address}", holder.at), *holder.related), dialect=holder.dialect,
        environment=holder.environment,
    )
    made.existence = holder.existence
    workspace.inventory.add(made)


def _text(value: Value) -> str | None:
    if isinstance(value, Unknown) and value.parts:
        return value.rendering
    return text_of(value) or None


def _opened(value: Value, guard: Guard) -> Iterator[tuple[Guard, Value]]:
    for under, leaf in alternatives(value, guard):
        for item in leaf.items if isinstance(leaf, ListValue) else (leaf,):
            yield from ((deeper, inner) for deeper, inner in alternatives(item, under) if not isinstance(inner, Absent))


def _at(path: str) -> Callable[[Resource], Iterator[tuple[Guard, Value]]]:
    """Return a reader of the value at a dotted path; `[]` after a name crosses a list."""

    def walk(value: Value, names: list[str], guard: Guard) -> Iterator[tuple[Guard, Value]]:
        if not names:
            yield from _opened(value, guard)
            return
        for under, found in alternatives(value.get(names[0].removesuffix("[]")), guard):
            if names[0].endswith("[]"):
                for deeper, item in _opened(found, under):
                    yield from walk(item, names[1:], deeper)
            else:
                yield from walk(found, names[1:], under)

    return lambda resource: walk(resource.properties, path.split("."), resource.when)


def _dockerfile(dockerfile: Resource) -> Iterator[tuple[Guard, Value]]:
    """Yield the images that stages start from; earlier stages and `scratch` are none."""
    stages: set[str] = set()
    for _, instruction in _opened(dockerfile.get("Instructions"), dockerfile.when):
        if text_of(instruction.get("Instruction")) == "FROM":
            image = instruction.get("Image")
            name = text_of(image)
            if not isinstance(image, Absent) and name != "scratch" and (name or "").lower() not in stages:
                yield dockerfile.when, image
            stages.add((text_of(instruction.get("As")) or "").lower())


def _batch(spec: Resource) -> Iterator[tuple[Guard, Value]]:
    for key in ("build-list", "build-graph"):
        for guard, task in _opened(spec.get("batch").get(key), spec.when):
            yield from _opened(task.get("env").get("image"), guard)
    matrix = spec.get("batch").get("build-matrix")
    yield from _opened(matrix.get("static").get("env").get("image"), spec.when)
    yield from _opened(matrix.get("dynamic").get("env").get("image"), spec.when)


def _workflow(workflow: Resource) -> Iterator[tuple[Guard, Value]]:
    jobs = workflow.get("jobs")
    for job in jobs.entries.values() if isinstance(jobs, MapValue) else ():
        container = job.get("container")
        yield from _opened(container.get("image") if isinstance(container, MapValue) else container, workflow.when)
        services = job.get("services")
        for service in services.entries.values() if isinstance(services, MapValue) else ():
            yield from _opened(service.get("image"), workflow.when)
        for guard, step in _opened(job.get("steps"), workflow.when):
            uses = step.get("uses")
            text = text_of(uses) or ""
            if text.startswith("docker://") and isinstance(uses, Scalar):
                yield guard, Scalar(text[len("docker://") :], uses.span(len("docker://"), len(text)))


def _gitlab(pipeline: Resource) -> Iterator[tuple[Guard, Value]]:
    for job in (pipeline.properties, *pipeline.properties.entries.values()):
        if not isinstance(job, MapValue):
            continue
        for holder in (job.get("image"), job.get("services")):
            for guard, item in _opened(holder, pipeline.when):
                yield from _opened(item.get("name") if isinstance(item, MapValue) else item, guard)


_USES: dict[str, tuple[str, Callable[[Resource], Iterator[tuple[Guard, Value]]]]] = {
    "AWS::CodeBuild::Project": ("build-environment", _at("Environment.Image")),
    "Buildspec": ("build-environment", _batch),
    "AWS::ECS::TaskDefinition": ("container", _at("ContainerDefinitions[].Image")),
    "AWS::Batch::JobDefinition": ("container", _at("ContainerProperties.Image")),
    "AWS::Lambda::Function": ("container", _at("Code.ImageUri")),
    "AWS::AppRunner::Service": ("container", _at("SourceConfiguration.ImageRepository.ImageIdentifier")),
    "AWS::SageMaker::Model": ("container", _at("PrimaryContainer.Image")),
    "Dockerfile": ("base", _dockerfile),
    "GitHubWorkflow": ("container", _workflow),
    "GitLabPipeline": ("container", _gitlab),
}


def _of_command(command: Command) -> Iterator[tuple[str, Value]]:
    """Yield the images of `docker pull`, `run`, `create`, `build -t`, `push` and their twins."""
    if command.name not in ("docker", "podman", "nerdctl", "finch") or len(command.words) < 2:
        return
    words = [word for word in command.words[1:] if word.text not in ("container", "image", "buildx")]
    if not words:
        return
    verb, rest = words[0].text, words[1:]
    from scanner.model.derived.cli_values import word_value

    if verb in ("pull", "run", "create"):
        index = _first_plain([word.text for word in rest])
        if index is not None:
            yield ("pull" if verb == "pull" else "run"), word_value(rest[index])
    elif verb == "push":
        index = _first_plain([word.text for word in rest])
        if index is not None:
            yield "build-output", word_value(rest[index])
    elif verb == "build":
        for position, word in enumerate(rest[:-1]):
            if word.text in ("-t", "--tag"):
                yield "build-output", word_value(rest[position + 1])


def _first_plain(texts: list[str]) -> int | None:
    """Return the index of the first word that is neither an option nor an option's value."""
    skip = False
    for index, text in enumerate(texts):
        if skip:
            skip = False
        elif text.startswith("--"):
            skip = "=" not in text and text not in _OPTIONS_WITHOUT_VALUE
        elif text.startswith("-") and len(text) > 1:
            skip = text[-1] not in "ditPqa" and len(text) == 2
        else:
            return index
    return None
