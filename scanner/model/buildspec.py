"""The buildspec dialect: a build specification -> a Buildspec resource, its Scripts and Commands, its format faults."""

from __future__ import annotations

from scanner.core.artifact import Artifact
from scanner.core.node import Node
from scanner.core.subject import Resource, Subject
from scanner.core.value import MapValue, Value, text_of
from scanner.core.world import Guard
from scanner.model.documents import header, inline_document, mapping, root_of
from scanner.model.scripts import script
from scanner.model.workspace import Workspace

DIALECT = "buildspec"


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State every buildspec file among the artifacts."""
    for artifact in artifacts:
        buildspec_file(artifact, workspace)


def buildspec_file(artifact: Artifact, workspace: Workspace) -> Resource | None:
    """State one buildspec file; stating it twice returns the first subject. None when it has no document."""
    made = workspace.parsed(artifact, "buildspec-subject", lambda found: _stated(found, workspace))
    return made if isinstance(made, Resource) else None


def _stated(artifact: Artifact, workspace: Workspace) -> Resource | None:
    from scanner.model.values import value_of

    node = root_of(
        workspace, artifact, DIALECT, "a buildspec is a mapping with `version` and `phases`",
        "compare with the CodeBuild build specification reference",
    )
    return buildspec(workspace, node, value_of(node), artifact.path, artifact.path) if node is not None else None


def inline_buildspec(
    workspace: Workspace, text: Value, scope: str, address: str, *, holder: Subject, dialect: str = DIALECT
) -> Resource | None:
    """State the buildspec in a string value (a project's BuildSpec property); places lead to the outer file."""
    found = inline_document(workspace, text, f"inline buildspec of {holder.address}")
    return buildspec(workspace, *found, scope, address, holder=holder, dialect=dialect) if found else None


def buildspec(
    workspace: Workspace,
    node: Node | None,
    value: Value,
    scope: str,
    address: str,
    *,
    holder: Subject | None = None,
    dialect: str = DIALECT,
) -> Resource:
    """State a buildspec from its value; `node` (where there is one) is checked against the format."""
    document = mapping(value)
    when: Guard = holder.when if holder is not None else ()
    made = Resource(
        "Buildspec",
        address,
        header(node) if node is not None else value.at,
        document,
        scope,
        holder=holder,
        when=when,
        dialect=dialect,
    )
    workspace.inventory.add(made)
    if node is not None:
        from scanner.model.buildspec_format import faults_of
        from scanner.model.format_check import state_faults

        state_faults(workspace, faults_of(node), "buildspec", scope, made, dialect)
    _state_scripts(workspace, made, document)
    return made


def _state_scripts(workspace: Workspace, made: Resource, document: MapValue) -> None:
    """State one Script for each list of commands; in version 0.1 every command has a shell of its own."""
    version = document.get("version")
    content = getattr(version, "content", None)
    shell = text_of(document.get("env").get("shell")) or "sh"
    user = text_of(document.get("run-as")) or ""
    prefix = "" if made.address == made.scope else f"{made.address}."
    phases = mapping(document.get("phases"))
    places = [(name, phase) for name, phase in phases.entries.items()]
    from scanner.model.buildspec_format import PHASES

    places += [(name, document.get(name)) for name in PHASES if name in document.entries]
    for name, phase in places:
        if not isinstance(phase, MapValue):
            continue
        for part, stage in (("commands", name), ("finally", f"{name}.finally")):
            stated = script(
                workspace,
                phase.get(part),
                f"{prefix}phases.{name}.{part}",
                stage,
                made.scope,
                shell=shell,
                user=text_of(phase.get("run-as")) or user,
                one_shell=str(content) != "0.1",
                holder=made,
                when=made.when,
                dialect=made.dialect,
            )
            if stated is not None:
                workspace.inventory.link(made, "script", stated)
