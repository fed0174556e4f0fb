"""PowerShell and cmd commands: parameters, and whether the failure of a program still counts."""

from __future__ import annotations

import re

from scanner.analysis.shell.answers import buildspec_of, shell_of
from scanner.analysis.shell.words import arguments
from scanner.core.subject import Command, Word

STATUS = frozenset({"lastexitcode", "?", "errorlevel"})
LOOK_AHEAD = 24
"""Commands behind a check in which its exit status is looked for."""


def language_of(command: Command) -> str:
    """Return what language a command is in: powershell, cmd, or sh for every Unix shell."""
    name = shell_of(command).lower().removesuffix(".exe")
    return {"pwsh": "powershell", "powershell": "powershell", "cmd": "cmd"}.get(name, "sh")


def base_name(text: str) -> str:
    """Return the last part of a path in the spelling of Unix or Windows."""
    return re.split(r"[\\/]", text)[-1]


def parameter(command: Command, *names: str) -> Word | None:
    """Return the word of a cmdlet's parameter: case does not count, and a beginning of three letters is enough."""
    for word in arguments(command):
        text = word.text.split(":", 1)[0].lower()
        if text in names or (len(text) > 3 and any(name.startswith(text) for name in names)):
            return word
    return None


def parameter_value(command: Command, *names: str) -> str:
    """Return the value of a cmdlet's parameter, behind a blank or a colon; empty when it is not given."""
    found = parameter(command, *names)
    if found is None:
        return ""
    if ":" in found.text:
        return found.text.split(":", 1)[1]
    words = arguments(command)
    index = words.index(found)
    return words[index + 1].text if index + 1 < len(words) else ""


def plain_value(command: Command) -> bool:
    """Tell whether a command is only a value (`$true`, `"text"`), which cannot fail."""
    if command.words or len(command.assignments) != 1 or command.assignments[0][0]:
        return False
    return all(part.kind not in ("substitution", "block") for part in command.assignments[0][1].parts)


def leaves_with(command: Command) -> str:
    """Return the status that `exit` hands on, as written; empty for every other command and for `exit` alone."""
    if command.name != "exit":
        return ""
    words = [word.text for word in arguments(command) if word.text.lower() != "/b"]
    return words[0] if words else ""


def status_lost(command: Command, after: list[Command]) -> str:
    """Return why the failure of a program is lost in PowerShell or cmd text, or an empty string.

    A failing program ends neither of them: its status waits in `$LASTEXITCODE` or `%ERRORLEVEL%`, and the place that
    runs the script looks at the last one. So it counts unless the script leaves with 0, sets the status to 0, or
    catches what a look at it throws. `after` are the commands behind it.
    """
    catch = command.rescue if command.rescue is not None and command.rescue.name == "catch" else None
    swallowed = catch is not None and _swallows(catch, after)
    place = command
    while place.outer is not None and not place.outer.words:  # in `$x = checkov`, what follows stands beside `$x`
        place = place.outer
    for index, later in enumerate(after[:LOOK_AHEAD]):
        if _looks_at_status(later):
            thrown = next((found for found in after[index + 1 : index + 5] if found.name in ("throw", "exit")), None)
            caught = thrown is not None and thrown.name == "throw" and thrown.rescue is catch and swallowed
            return "the `catch` behind it lets the build go on" if caught else ""
        if later.inside == place.inside[: len(later.inside)] and later.outer is place.outer:
            if leaves_with(later) == "0" and _one_item(place):
                return "`exit 0` after it hides its exit status"
            if any(name.lower() == "lastexitcode" and word.text == "0" for name, word in later.assignments):
                return "`$LASTEXITCODE = 0` after it hides its exit status"
    return "the `catch` behind it lets the build go on" if swallowed else ""


def _one_item(command: Command) -> bool:
    """Tell whether the commands of a script are certain to run on after one fails: a buildspec stops between items."""
    return buildspec_of(command) is None or command.connector == ";"


def _looks_at_status(command: Command) -> bool:
    words = [*command.words, *(word for _, word in command.assignments)]
    return any(part.kind == "variable" and part.text.lower() in STATUS for word in words for part in word.parts)


def _swallows(catch: Command, after: list[Command]) -> bool:
    """Tell whether a `catch` goes on as if nothing had happened: it neither throws nor leaves with a failure."""
    for later in after:
        if later.outer is catch and (
            later.name in ("throw", "Write-Error") or (later.name == "exit" and leaves_with(later) not in ("", "0"))
        ):
            return False
    return True
