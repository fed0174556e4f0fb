"""Scripts of the repository that other scripts run: stated when nobody stated them, and linked to their callers."""

from __future__ import annotations

import posixpath
import re

from scanner.core.subject import Command, Script
from scanner.model.workspace import Workspace

MAX_CALL_DEPTH = 8
_SCRIPT_NAME = re.compile(r"[^\s$*?]+\.(?:sh|bash|ps1|bat|cmd)")
POWERSHELLS = frozenset({"pwsh", "powershell"})
RUNNERS = frozenset({"sh", "bash", "dash", "zsh", "ksh", "source", ".", *POWERSHELLS})
_WINDOWS_PATH = re.compile(r"(?i)\\[^/]*\.(?:ps1|bat|cmd)$")
_ROOT = re.compile(
    r"(?i)^(?:\$\{?(?:env:)?(?:CODEBUILD_SRC_DIR|PWD|PSScriptRoot)\}?|%(?:CODEBUILD_SRC_DIR|CD)%|%~dp0)/?"
)


def derive(workspace: Workspace) -> None:
    """Follow scripts of the repository that commands run, and link caller to called script."""
    waiting = [(found, 0) for found in workspace.inventory.of_kind("Script") if isinstance(found, Script)]
    seen: set[int] = set()
    while waiting:
        caller, depth = waiting.pop()
        if id(caller) in seen or depth > MAX_CALL_DEPTH:
            continue
        seen.add(id(caller))
        for command in caller.commands:
            called = _called(workspace, caller, command)
            if called is not None and called is not caller:
                workspace.inventory.link(caller, "calls", called)
                waiting.append((called, depth + 1))


def _called(workspace: Workspace, caller: Script, command: Command) -> Script | None:
    """Return the script file of the repository that a command runs."""
    path = called_path(command)
    if path is None:
        return None
    from scanner.model.shell_script import is_shell, shell_file

    folder = posixpath.dirname(caller.at.path)
    for candidate in (posixpath.normpath(path), posixpath.normpath(posixpath.join(folder, path))):
        if candidate.startswith(("..", "/")):
            continue
        artifact = workspace.artifact(candidate)
        if artifact is not None and is_shell(artifact):
            return shell_file(artifact, workspace)
    return None


def called_path(command: Command) -> str | None:
    """Return the relative path of the script that a command runs, or None."""
    words = command.words
    if command.name in RUNNERS:
        words = tuple(word for word in words[1:] if not word.text.startswith("-"))
    if command.name in POWERSHELLS:  # `powershell -ExecutionPolicy Bypass -File x.ps1`
        words = tuple(word for word in words if word.text.lower().endswith(".ps1"))
    if not words:
        return None
    text = _ROOT.sub("", words[0].text.replace("\\", "/") if _WINDOWS_PATH.search(words[0].text) else words[0].text)
    return text if _SCRIPT_NAME.fullmatch(text) and not re.match(r"[/~]|[A-Za-z]:", text) else None
