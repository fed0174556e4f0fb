"""Shell text with a map to its source -> a Script subject with its Commands."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from scanner.core.location import Location, Piece, TextMap
from scanner.core.subject import Command, Script, Subject, Word
from scanner.core.value import HOLE, Choice, ListValue, Scalar, Unknown, Value
from scanner.core.world import Guard
from scanner.model.workspace import Workspace
from scanner.parse.shell import MAX_CHARACTERS, MAX_POWERSHELL, CommandSyntax, Parsed
from scanner.parse.shell_words import WordSyntax

_POWERSHELL = re.compile(
    r"(?i)\$env:|\b[a-z]:\\|\b(?:get|set|new|invoke|write|remove|start|copy|import|expand)-[a-z]+\b"
)
_CMD = re.compile(r"(?i)%[a-z_]+%|\berrorlevel\b|^@echo off", re.MULTILINE)
"""What PowerShell and cmd text looks like; asked only where the text is no shell text."""


class Chunk(NamedTuple):
    """Text that the shell reads as one piece, where its characters stand, and the spans nobody knows."""

    text: str
    text_map: TextMap
    holes: tuple[tuple[int, int], ...] = ()


def chunks(value: Value) -> list[Chunk]:
    """Return the text of a command or of a list of commands, item by item; what is no text is left out."""
    if isinstance(value, ListValue):
        return [chunk for item in value.items for chunk in chunks(item)]
    if isinstance(value, Choice):
        return [*chunks(value.then), *chunks(value.otherwise)]
    if isinstance(value, Scalar):
        if value.content is None:
            return []
        if isinstance(value.content, bool):
            return [Chunk(str(value.content).lower(), value.text_map)]
        return [Chunk(str(value.content), value.text_map)]
    if isinstance(value, Unknown) and (value.parts or value.present):
        text = value.rendering
        holes = tuple((index, index + 1) for index, character in enumerate(text) if character == HOLE)
        return [Chunk(text, value.text_map or _guessed_map(text, value.at), holes)]
    return []


def _guessed_map(text: str, at: Location) -> TextMap:
    """Return a map by lines for a text whose exact map is not known: a block, or a literal over as many lines."""
    lines = text.rstrip("\n").count("\n") + 1
    height = at.end_line - at.start_line - (1 if at.end_column == 1 else 0) + 1
    if lines == 1 or height < lines:
        return TextMap((Piece(0, at.path, at.start_line, at.start_column),))
    first = at.start_line + (1 if height > lines else 0)
    pieces, offset = [], 0
    for index, line in enumerate(text.split("\n")):
        pieces.append(Piece(offset, at.path, min(first + index, at.end_line), 1))
        offset += len(line) + 1
    return TextMap(tuple(pieces))


def joined(parts: list[Chunk]) -> Chunk:
    """Return the chunks as one text, joined by line feeds."""
    if len(parts) == 1:
        return parts[0]
    pieces: list[Piece] = []
    holes: list[tuple[int, int]] = []
    offset = 0
    for part in parts:
        pieces.extend(Piece(piece.offset + offset, *piece[1:]) for piece in part.text_map.pieces)
        holes.extend((start + offset, end + offset) for start, end in part.holes)
        offset += len(part.text) + 1
    return Chunk("\n".join(part.text for part in parts), TextMap(tuple(pieces)), tuple(holes))


def script(
    workspace: Workspace,
    value: Value,
    address: str,
    stage: str,
    scope: str,
    *,
    shell: str = "sh",
    user: str = "",
    options: frozenset[str] = frozenset(),
    one_shell: bool = True,
    holder: Subject | None = None,
    when: Guard = (),
    dialect: str = "",
) -> Script | None:
    """State the Script and its Commands for a command text or list; None when there is no text.

    `one_shell` is False where every item runs in a shell of its own, so that options do not carry over.
    """
    parts = [part for part in chunks(value) if part.text.strip()]
    if not parts:
        return None
    whole = joined(parts)
    longest = _longest(shell)
    if len(whole.text) > longest:
        workspace.note(
            "error", "shell-too-long", f"only the first {longest} characters of this shell text were read",
            value.at,
            "split the script, or exclude the file if it is generated",
        )
    at = whole.text_map.span(0, len(whole.text.split("\n", 1)[0]))
    made = Script(address, at, stage, shell, scope, user=user, holder=holder, when=when, dialect=dialect)
    made.text = Scalar(whole.text, value.at, whole.text_map)
    found: list[Command] = []
    made.shell, results = _parsed(parts, whole, shell, options, one_shell)
    for chunk, parsed in results:
        found.extend(_commands(made, chunk, parsed.commands))
        _note_faults(workspace, chunk, parsed, made.shell)
    made.commands = tuple(found)
    workspace.inventory.add(made)
    for command in made.commands:
        workspace.inventory.add(command)
    return made


def _parsed(
    parts: list[Chunk], whole: Chunk, shell: str, options: frozenset[str], one_shell: bool
) -> tuple[str, list[tuple[Chunk, Parsed]]]:
    """Return the shell, and what it reads: all items at once, or item by item where the whole does not parse."""
    if one_shell:
        shell, parsed = _whole(whole, shell, options)
        if not parsed.faults or len(parts) == 1:
            return shell, [(whole, parsed)]
    read = _reader(shell)
    results = []
    for part in parts:
        parsed = read(part.text, options, part.holes)
        if one_shell:
            options = parsed.options
        results.append((part, parsed))
    return shell, results


def _whole(whole: Chunk, shell: str, options: frozenset[str]) -> tuple[str, Parsed]:
    """Read a text at once; one that is no shell text may be PowerShell or cmd: a build on Windows names no shell."""
    parsed = _reader(shell)(whole.text, options, whole.holes)
    if not parsed.faults or _language(shell) != "sh":
        return shell, parsed
    for name, looks in (("powershell", _POWERSHELL), ("cmd", _CMD)):
        if len(whole.text) <= _longest(name) and looks.search(whole.text):
            other = _reader(name)(whole.text, options, whole.holes)
            if not other.faults:
                return name, other
    return shell, parsed


def _language(shell: str) -> str:
    name = shell.rsplit("/", 1)[-1].lower().removesuffix(".exe")
    return name if name in ("pwsh", "powershell", "cmd") else "sh"


def _longest(shell: str) -> int:
    return MAX_POWERSHELL if _language(shell) in ("pwsh", "powershell") else MAX_CHARACTERS


def _reader(shell: str) -> Callable[[str, frozenset[str], tuple[tuple[int, int], ...]], Parsed]:
    language = _language(shell)
    if language == "cmd":
        from scanner.parse.cmd import commands as read_cmd

        return read_cmd
    if language != "sh":
        from scanner.parse.powershell import commands as read_powershell

        return read_powershell
    from scanner.parse.shell import commands as read_shell

    return read_shell


def _note_faults(workspace: Workspace, chunk: Chunk, parsed: Parsed, shell: str) -> None:
    """Say once a chunk where shell text could not be read; the commands around it were."""
    if parsed.refused:
        at = chunk.text_map.span(0, min(len(chunk.text), 80))
        message = "one statement of this shell text has too many operators or brackets to be read"
        workspace.note("error", "shell-too-tangled", message, at, "split the statement, or exclude the file")
        return
    for start, end in parsed.faults[:1]:
        at = chunk.text_map.span(start, min(end, start + 80))
        message = f"this part of the {shell or 'shell'} text could not be read as commands"
        hint = "check the quoting and the syntax there; the other commands were read"
        workspace.note("note", "shell-partly-read", message, at, hint)


def _commands(made: Script, chunk: Chunk, found: list[CommandSyntax]) -> list[Command]:
    """Return the subjects for parsed commands, with neighbours linked."""
    span = chunk.text_map.span
    subjects: dict[int, Command] = {}
    for syntax in found:
        words = tuple(_word(word, chunk) for word in syntax.words)
        command = Command(
            made, syntax.name, words, span(syntax.start, syntax.end), holder=made, when=made.when, dialect=made.dialect
        )
        command.assignments = tuple((name, _word(word, chunk)) for name, word in syntax.assignments)
        command.redirects = tuple((operator, _word(word, chunk)) for operator, word in syntax.redirects)
        command.connector = syntax.connector
        command.inside = syntax.inside
        command.options = syntax.options
        command.wrappers = syntax.wrappers
        subjects[id(syntax)] = command
    for syntax in found:
        command = subjects[id(syntax)]
        command.upstream = subjects.get(id(syntax.upstream))
        command.downstream = subjects.get(id(syntax.downstream))
        command.outer = subjects.get(id(syntax.outer))
        command.rescue = subjects.get(id(syntax.rescue))
    return [subjects[id(syntax)] for syntax in found]


def _word(syntax: WordSyntax, chunk: Chunk) -> Word:
    return Word(syntax.text, syntax.parts, chunk.text_map.span(syntax.start, max(syntax.end, syntax.start + 1)))
