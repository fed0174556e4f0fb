"""What the predicates about commands share: who is asked, and how the answer names its place."""

from __future__ import annotations

from scanner.core.location import Location
from scanner.core.subject import Command, Script, Subject, Word
from scanner.core.value import MapValue, Value, text_of
from scanner.core.view import NO, Answer


def yes(at: Location, why: str) -> Answer:
    """Return a finding at a place."""
    return Answer(True, at, why)


def command_of(subject: Subject) -> Command | None:
    """Return the subject as a command, or None."""
    return subject if isinstance(subject, Command) else None


def buildspec_of(command: Command) -> Subject | None:
    """Return the Buildspec that the command's script belongs to, or None."""
    holder = command.script.holder
    return holder if holder is not None and holder.kind == "Buildspec" else None


def phase_of(command: Command) -> tuple[Value, str, str]:
    """Return (phase mapping, phase name, part) for a buildspec's command; part is commands or finally."""
    holder = buildspec_of(command)
    name, _, rest = command.stage.partition(".")
    if holder is None:
        return MapValue({}, command.at), "", ""
    return holder.get("phases").get(name), name, "finally" if rest == "finally" else "commands"


def secret_names(script: Script) -> dict[str, str]:
    """Return the variables of a script's buildspec that hold secrets: name -> secrets-manager or parameter-store."""
    holder = script.holder
    found: dict[str, str] = {}
    if holder is None or holder.kind != "Buildspec":
        return found
    env = holder.get("env")
    for source in ("parameter-store", "secrets-manager"):
        entries = env.get(source)
        if isinstance(entries, MapValue):
            found.update(dict.fromkeys(entries.entries, source))
    return found


def variables_in(word: Word) -> list[str]:
    """Return the names of the variables that a word expands."""
    return [part.text for part in word.parts if part.kind == "variable"]


def shell_of(command: Command) -> str:
    """Return the base name of the shell that runs the command."""
    return command.script.shell.rsplit("/", 1)[-1]


__all__ = [
    "NO",
    "Answer",
    "buildspec_of",
    "command_of",
    "phase_of",
    "secret_names",
    "shell_of",
    "text_of",
    "variables_in",
    "yes",
]
