"""Dockerfile text -> instructions with words, heredocs and exact places."""

from __future__ import annotations

import re
from typing import NamedTuple

from scanner.core.artifact import Artifact
from scanner.core.location import Location, Piece, TextMap

MAX_INSTRUCTIONS = 20_000
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\1")
_FLAG = re.compile(r"--([a-z-]+)(?:=(\S*))?\s+")


class Instruction(NamedTuple):
    """One instruction: upper-case `name`, `text` with continuation lines joined by their line feeds, and its map.

    `flags` are the leading `--name=value` options, `heredoc` the bodies of here-documents; `at` is its first line.
    """

    name: str
    text: str
    text_map: TextMap
    at: Location
    flags: tuple[tuple[str, str], ...] = ()
    heredoc: tuple[str, TextMap] | None = None


def instructions(artifact: Artifact) -> list[Instruction]:
    """Return the instructions of a Dockerfile in order; comments and blank lines are dropped."""
    lines = re.split(r"\r\n|\r|\n", artifact.text.lstrip("\ufeff"))
    escape = _escape_character(lines)
    found: list[Instruction] = []
    number = 0
    while number < len(lines) and len(found) < MAX_INSTRUCTIONS:
        line = lines[number]
        if not line.strip() or line.lstrip().startswith("#"):
            number += 1
            continue
        made, number = _instruction(artifact.path, lines, number, escape)
        found.append(made)
    return found


def _escape_character(lines: list[str]) -> str:
    for line in lines[:5]:
        match = re.match(r"#\s*escape\s*=\s*([\\`])\s*$", line)
        if match:
            return match.group(1)
    return "\\"


def _instruction(path: str, lines: list[str], number: int, escape: str) -> tuple[Instruction, int]:
    """Read one instruction that starts on line index `number`; return it and the next line index."""
    first = number
    match = re.match(r"\s*([A-Za-z]+)\s*", lines[number])
    start = match.end() if match else 0
    name = match.group(1).upper() if match else ""
    pieces: list[Piece] = []
    texts: list[str] = []
    offset, column = 0, start
    flags: list[tuple[str, str]] = []
    while number < len(lines):
        line = lines[number][column:]
        if texts and line.lstrip().startswith("#"):
            number += 1
            column = 0
            continue
        if not texts:
            column, line = _without_flags(line, column, flags)
        stripped = line.rstrip()
        more = stripped.endswith(escape)
        text = (stripped[:-1] + "\\" if more else line) if escape == "\\" or not more else stripped[:-1] + "\\"
        pieces.append(Piece(offset, path, number + 1, column + 1))
        texts.append(text)
        offset += len(text) + 1
        number += 1
        column = 0
        if not more:
            break
    text = "\n".join(texts)
    heredoc = None
    if name in ("RUN", "COPY", "ADD"):
        heredoc, number = _heredoc(path, lines, number, text)
    at = Location(path, first + 1, (match.start(1) if match else 0) + 1, first + 1, len(lines[first].rstrip()) + 1)
    return Instruction(name, text, TextMap(tuple(pieces)), at, tuple(flags), heredoc), number


def _without_flags(line: str, column: int, flags: list[tuple[str, str]]) -> tuple[int, str]:
    """Take leading `--flag=value` options off a line."""
    while True:
        match = _FLAG.match(line)
        if match is None:
            return column, line
        flags.append((match.group(1), match.group(2) or ""))
        column += match.end()
        line = line[match.end() :]


def _heredoc(path: str, lines: list[str], number: int, text: str) -> tuple[tuple[str, TextMap] | None, int]:
    """Read the body of the here-document that the instruction opens, if any."""
    match = _HEREDOC.search(text)
    if match is None or match.group(2) not in [line.strip() for line in lines[number:]]:
        return None, number
    pieces: list[Piece] = []
    body: list[str] = []
    offset = 0
    while number < len(lines) and lines[number].strip() != match.group(2):
        pieces.append(Piece(offset, path, number + 1, 1))
        body.append(lines[number])
        offset += len(lines[number]) + 1
        number += 1
    return (("\n".join(body), TextMap(tuple(pieces))) if body else None), number + 1
