"""A script that is longer than its reader goes says so; what is in reach is read."""

from __future__ import annotations

import pytest

from scanner.core.artifact import Artifact
from scanner.core.subject import Script
from scanner.flow import inventory_of
from scanner.parse.shell import MAX_CHARACTERS, MAX_POWERSHELL


class NoFiles:
    """A root without further files."""

    def read(self, path: str) -> Artifact | None:
        return None

    def below(self, folder: str) -> list[str]:
        return []


@pytest.mark.parametrize(("name", "longest"), [("a.ps1", MAX_POWERSHELL), ("a.sh", MAX_CHARACTERS)])
@pytest.mark.parametrize("more", [0, 1])
def test_longer_than_the_reader_goes(name: str, longest: int, more: int) -> None:
    text = "aws s3 ls\n".ljust(longest + more, "#")
    workspace = inventory_of([Artifact(name, text.encode())], NoFiles())
    [script] = workspace.inventory.of_kind("Script")
    assert isinstance(script, Script)
    assert [word.text for word in script.commands[0].words] == ["aws", "s3", "ls"]
    assert [note.kind for note in workspace.notifications] == ["shell-too-long"] * more
