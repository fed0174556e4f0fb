"""The GitLab CI dialect: `.gitlab-ci.yml` -> a GitLabPipeline resource and a Script per list of commands."""

from __future__ import annotations

from scanner.core.artifact import Artifact
from scanner.core.subject import Resource
from scanner.core.value import MapValue
from scanner.model.documents import header, mapping
from scanner.model.scripts import script
from scanner.model.workspace import Workspace

DIALECT = "gitlab-ci"
PARTS = ("before_script", "script", "after_script")
NOT_JOBS = frozenset({"image", "services", "stages", "variables", "cache", "include", "workflow", "spec"})


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State every GitLab pipeline among the artifacts."""
    from scanner.model.values import value_of

    for artifact in artifacts:
        for node in workspace.nodes(artifact, partial=True)[:2]:
            if node.kind != "mapping":
                continue
            document = mapping(value_of(node))
            made = Resource("GitLabPipeline", artifact.path, header(node), document, artifact.path, dialect=DIALECT)
            workspace.inventory.add(made)
            for name, job in {"": document, **document.entries}.items():
                if isinstance(job, MapValue) and name not in NOT_JOBS:
                    _state_job(workspace, made, job, name)


def _state_job(workspace: Workspace, made: Resource, job: MapValue, name: str) -> None:
    for part in PARTS:
        stated = script(
            workspace, job.get(part), f"{name}.{part}".lstrip("."), name or part, made.scope, shell="sh",
            options=frozenset({"errexit", "pipefail"}), holder=made, dialect=DIALECT,
        )
        if stated is not None:
            workspace.inventory.link(made, "script", stated)
