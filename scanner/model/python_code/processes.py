"""Processes that Python starts -> a Script with its Commands: `os.system`, `subprocess.run` and the like.

A text for the shell is read as the shell reads it; a list of words is one command whose words nobody splits again.
"""

from __future__ import annotations

import ast
import shlex

from scanner.core.location import Location, Piece, TextMap
from scanner.core.subject import Code
from scanner.core.value import HOLE, ListValue, Scalar, Unknown, Value, text_of
from scanner.model.python_code.expressions import Names, Reader
from scanner.model.scripts import script
from scanner.model.workspace import Workspace

SHELLS = frozenset((
    "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "asyncio.create_subprocess_shell",
))
"""Functions that hand their first argument to a shell."""
STARTERS = frozenset((
    "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen",
))
"""Functions that start a program from a list of words, or with `shell=True` a text."""
MODULES = ("os", "subprocess", "asyncio")
MAX_PROCESSES = 2_000


def state_processes(code: Code, workspace: Workspace) -> None:
    """Add a Script for each call in the module that starts a process whose words can be read."""
    tree = code.tree
    if not isinstance(tree, ast.Module):
        return
    nodes = list(ast.walk(tree))
    known = _imported(nodes)
    calls = [(node, name) for node in nodes if isinstance(node, ast.Call) and (name := _full_name(node.func, known))]
    calls = [(node, name) for node, name in calls if name in SHELLS or name in STARTERS]
    if not calls:
        return
    names = Names(tree)
    reader = Reader(code.artifact, names)
    for node, name in calls[:MAX_PROCESSES]:
        value = _command(node, name, reader)
        if value is None:
            continue
        function = getattr(names.function_of(node), "name", "")
        address = f"{code.artifact.path}:{function}" if function else code.artifact.path
        stated = script(workspace, value, address, "process", code.scope, holder=code, dialect=code.dialect)
        if stated is not None:
            workspace.inventory.link(code, "script", stated)
    if len(calls) > MAX_PROCESSES:
        message = f"more than {MAX_PROCESSES} started processes in {code.artifact.path}"
        workspace.note("warning", "too-many-processes", message, code.at)


def _imported(nodes: list[ast.AST]) -> dict[str, str]:
    """Return the local names of the modules and functions that start processes: name -> full name."""
    found: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in MODULES:
                    found[alias.asname or alias.name] = alias.name
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def _full_name(function: ast.expr, known: dict[str, str]) -> str:
    if isinstance(function, ast.Name):
        return known.get(function.id, "")
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        module = known.get(function.value.id, "")
        return f"{module}.{function.attr}" if module else ""
    return ""


def _command(node: ast.Call, name: str, reader: Reader) -> Value | None:
    """Return the text that a shell would read for a call; None when the call starts nothing that can be read."""
    first = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg in ("args", "cmd")), None)
    if first is None:
        return None
    value = reader.value(first)
    shell = next((k.value for k in node.keywords if k.arg == "shell"), None)
    if name in SHELLS or (isinstance(shell, ast.Constant) and shell.value is True):
        return value if text_of(value) is not None or (isinstance(value, Unknown) and value.parts) else None
    if isinstance(value, ListValue) and value.items and not _starts_open(first):
        return _words(value)
    return _words(ListValue((value,), value.at)) if text_of(value) is not None else None


def _starts_open(node: ast.expr) -> bool:
    """Tell whether nobody knows the first word of a list."""
    return isinstance(node, (ast.List, ast.Tuple)) and isinstance(node.elts[0], ast.Starred)


def _words(words: ListValue) -> Value:
    """Return a list of words as a text for the shell, quoted so that each stays one word."""
    parts: list[str | Unknown] = []
    pieces: list[Piece] = []
    offset = 0

    def add(part: str | Unknown, at: Location | None) -> None:
        nonlocal offset
        if at is not None:
            pieces.append(Piece(offset, at.path, at.start_line, at.start_column))
        parts.append(part)
        offset += len(part) if isinstance(part, str) else len(HOLE)

    for index, word in enumerate(words.items):
        if index:
            add(" ", None)
        if isinstance(word, Scalar):
            text = str(word.content)
            quoted = shlex.quote(text)
            path, line, column = word.text_map.position(0)
            shift = 1 if quoted != text else 0
            add(quoted, Location(path, line, max(1, column - shift), line, column))
        elif isinstance(word, Unknown):
            add('"', word.at)
            for part in word.parts or (word,):
                add(part.replace('"', "'") if isinstance(part, str) else part, None)
            add('"', None)
    text_map = TextMap(tuple(pieces))
    if all(isinstance(part, str) for part in parts):
        return Scalar("".join(str(part) for part in parts), words.at, text_map)
    return Unknown("a word is not known without running the program", words.at, parts=tuple(parts), text_map=text_map)
