"""The GitHub Actions dialect: workflows and composite actions -> GitHubWorkflow subjects, a Script per `run` step."""

from __future__ import annotations

from scanner.core.artifact import Artifact
from scanner.core.subject import Resource
from scanner.core.value import MapValue, Value, text_of
from scanner.model.documents import header, items, mapping
from scanner.model.scripts import script
from scanner.model.workspace import Workspace

DIALECT = "github-actions"


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State every workflow and action among the artifacts."""
    from scanner.model.values import value_of

    for artifact in artifacts:
        for node in workspace.nodes(artifact, partial=True)[:1]:
            if node.kind != "mapping":
                continue
            document = mapping(value_of(node))
            kind = "GitHubWorkflow" if "jobs" in document.entries else "GitHubAction"
            made = Resource(kind, artifact.path, header(node), document, artifact.path, dialect=DIALECT)
            workspace.inventory.add(made)
            _state_jobs(workspace, made, document)
            _state_steps(workspace, made, document.get("runs"), "runs", "")


def _state_jobs(workspace: Workspace, made: Resource, document: MapValue) -> None:
    outer = text_of(document.get("defaults").get("run").get("shell")) or ""
    for name, job in mapping(document.get("jobs")).entries.items():
        shell = text_of(job.get("defaults").get("run").get("shell")) or outer
        if not shell and (text_of(job.get("runs-on")) or "").startswith("windows-"):
            shell = "pwsh"
        _state_steps(workspace, made, job, f"jobs.{name}", shell)


def _state_steps(workspace: Workspace, made: Resource, holder: Value, address: str, default_shell: str) -> None:
    """State a Script for each `run`; without a `shell`, GitHub runs bash with -e, and pwsh on Windows.

    It starts both in a way that errors end the script: `$ErrorActionPreference` is `stop` in PowerShell.
    """
    for index, step in enumerate(items(holder.get("steps"))):
        text = step.get("run")
        shell = text_of(step.get("shell")) or default_shell
        options = {"errexit"} | ({"pipefail"} if shell == "bash" else set())
        stated = script(
            workspace, text, f"{address}.steps[{index}]", address, made.scope, shell=(shell.split() or ["bash"])[0],
            options=frozenset(options), holder=made, dialect=DIALECT,
        )
        if stated is not None:
            workspace.inventory.link(made, "script", stated)
