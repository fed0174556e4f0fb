"""The shell dialect: script files (sh, bash, PowerShell, cmd) -> one Script with its Commands."""

from __future__ import annotations

import re

from scanner.core.artifact import Artifact
from scanner.core.location import Piece, TextMap, line_starts
from scanner.core.subject import Script
from scanner.core.value import Scalar
from scanner.model.scripts import script
from scanner.model.workspace import Workspace

DIALECT = "shell"
POWERSHELL_NAMES = (".ps1", ".psm1")
CMD_NAMES = (".bat", ".cmd")
OTHER_NAMES = (".py", ".rb", ".js", ".pl", ".php", ".exe", ".jar", ".json", ".yml", ".yaml")
_SHEBANG = re.compile(rb"#![^\n]*?\b(sh|bash|dash|ksh|zsh|ash|pwsh)\b")


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State every script file among the artifacts; files that another dialect stated already stay as they are."""
    for artifact in artifacts:
        shell_file(artifact, workspace)


def is_shell(artifact: Artifact) -> bool:
    """Tell whether the file is a script this dialect reads: by its first line, else by its name."""
    head = artifact.data[:200]
    if head.startswith(b"#!"):
        return _SHEBANG.match(head) is not None
    return b"\0" not in head and not artifact.path.lower().endswith(OTHER_NAMES)


def shell_file(artifact: Artifact, workspace: Workspace, *, stage: str = "script", user: str = "") -> Script | None:
    """State one script file; the first statement of a file stays. None when it has no text."""
    made = workspace.parsed(artifact, "script-subject", lambda found: _stated(found, workspace, stage, user))
    return made if isinstance(made, Script) else None


def _stated(artifact: Artifact, workspace: Workspace, stage: str, user: str) -> Script | None:
    text = artifact.text
    value = Scalar(text.replace("\r\n", "\n"), artifact.span(0, len(text)), lambda: _map(artifact))
    return script(
        workspace, value, artifact.path, stage, artifact.path, shell=_shell_of(artifact), user=user, dialect=DIALECT
    )


def _map(artifact: Artifact) -> TextMap:
    text = artifact.text.replace("\r\n", "\n")
    starts = line_starts(text)
    return TextMap(tuple(Piece(start, artifact.path, line, 1) for line, start in enumerate(starts, 1)))


def _shell_of(artifact: Artifact) -> str:
    lower = artifact.path.lower()
    if lower.endswith(POWERSHELL_NAMES):
        return "powershell"
    if lower.endswith(CMD_NAMES):
        return "cmd"
    match = _SHEBANG.match(artifact.data[:200])
    return match.group(1).decode() if match else "sh"
