"""What the Terraform tests share: a workspace in memory."""

from __future__ import annotations

import pytest

from scanner.core.artifact import Artifact
from scanner.model.terraform import state
from scanner.model.workspace import Settings, Workspace


class MemoryFiles:
    """Files of a test, by path."""

    def __init__(self, artifacts: dict[str, Artifact]) -> None:
        self.artifacts = artifacts

    def read(self, path: str) -> Artifact | None:
        return self.artifacts.get(path)

    def below(self, folder: str) -> list[str]:
        prefix = f"{folder}/" if folder not in ("", ".") else ""
        return sorted(path for path in self.artifacts if path.startswith(prefix))


def workspace_of(files: dict[str, str], settings: Settings | None = None) -> Workspace:
    artifacts = {path: Artifact(path, text.encode()) for path, text in files.items()}
    return Workspace(MemoryFiles(artifacts), list(artifacts.values()), settings)


def stated(files: dict[str, str], settings: Settings | None = None) -> Workspace:
    """Return the workspace after the Terraform of `files` was stated."""
    workspace = workspace_of(files, settings)
    suffixes = (".tf", ".tofu", ".tf.json", ".tofu.json")
    state([workspace.artifact(path) for path in files if path.endswith(suffixes)], workspace)
    return workspace


@pytest.fixture
def resources():
    """Return a function: files (or one text) -> {address: resource}."""

    def make(files: dict[str, str] | str, settings: Settings | None = None):
        given = {"main.tf": files} if isinstance(files, str) else files
        return {subject.address: subject for subject in stated(given, settings).inventory}

    return make
