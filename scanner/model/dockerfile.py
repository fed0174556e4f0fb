"""The Dockerfile dialect: a Dockerfile -> a Dockerfile resource with its instructions by stage, and a Script per RUN.

`Instructions` is a list of {Instruction, Value, Stage, StageName, Flags, ...}: FROM has Image, Platform and As;
ENV, ARG and LABEL have Pairs [{Name, Value}]; EXPOSE has Ports; COPY and ADD have Sources and Destination; USER has
User. Words are known strings, or unknown where a build argument decides. `FinalStage` is the number (0-based) of the
last stage.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from scanner.core.artifact import Artifact
from scanner.core.location import Location, TextMap
from scanner.core.subject import Resource
from scanner.core.value import ListValue, MapValue, Scalar, Unknown, Value
from scanner.model.scripts import script
from scanner.model.workspace import Workspace
from scanner.parse.dockerfile import Instruction, instructions

DIALECT = "dockerfile"
_TOKEN = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\[^\n]|[^\s"'\\])+""", re.DOTALL)
_PAIR = re.compile(r"""([A-Za-z_][A-Za-z0-9_.-]*)=((?:"(?:[^"\\]|\\.)*"|'[^']*'|\\[^\n]|[^\s"'\\])*)""", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::?[-+]([^}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))")


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State every Dockerfile among the artifacts."""
    for artifact in artifacts:
        found = workspace.parsed(artifact, "dockerfile", instructions)
        if isinstance(found, list) and found:
            _state_file(workspace, artifact, found)


def _state_file(workspace: Workspace, artifact: Artifact, found: list[Instruction]) -> None:
    at = found[0].at
    made = Resource("Dockerfile", artifact.path, at, MapValue({}, at), artifact.path, dialect=DIALECT)
    workspace.inventory.add(made)
    reader = _Reader(workspace, made)
    for instruction in found:
        reader.instruction(instruction)
    made.properties = MapValue(
        {"Instructions": ListValue(tuple(reader.entries), at), "FinalStage": Scalar(max(reader.stage, 0), at)}, at
    )


class _Reader:
    """Follows stages, users, shells and build arguments through one Dockerfile."""

    def __init__(self, workspace: Workspace, made: Resource) -> None:
        self.workspace = workspace
        self.made = made
        self.entries: list[Value] = []
        self.stage = -1
        self.stage_name = ""
        self.user = ""
        self.shell = "sh"
        self.variables: dict[str, str] = {}
        self.runs = 0

    def instruction(self, instruction: Instruction) -> None:
        """Add the entry of one instruction."""
        at = instruction.at
        if instruction.name == "FROM":
            self.stage += 1
            self.stage_name, self.user, self.shell = "", "", "sh"
        details: dict[str, Value] = dict(self._details(instruction))
        entries: dict[str, Value] = {
            "Instruction": Scalar(instruction.name, at),
            "Value": Scalar(instruction.text, self._whole(instruction), instruction.text_map),
            "Stage": Scalar(self.stage, at),
            "StageName": Scalar(self.stage_name, at),
            "Flags": MapValue({name: Scalar(text, at) for name, text in instruction.flags}, at),
            **details,
        }
        self.entries.append(MapValue(entries, at))
        if instruction.name == "RUN":
            self._run(instruction)

    def _whole(self, instruction: Instruction) -> Location:
        text = instruction.text.split("\n", 1)[0]
        return instruction.text_map.span(0, max(len(text.rstrip("\\ ")), 1))

    def _details(self, instruction: Instruction) -> Iterator[tuple[str, Value]]:
        """Yield what an instruction says beyond its text."""
        name = instruction.name
        if name == "FROM":
            yield from self._from(instruction)
        elif name in ("ENV", "ARG", "LABEL"):
            yield "Pairs", self._pairs(instruction)
        elif name == "EXPOSE":
            yield "Ports", ListValue(tuple(self._words(instruction)), instruction.at)
        elif name in ("COPY", "ADD"):
            words = self._words(instruction)
            yield "Sources", ListValue(tuple(words[:-1]), instruction.at)
            if words:
                yield "Destination", words[-1]
        elif name == "USER":
            for word in self._words(instruction)[:1]:
                self.user = str(word.content) if isinstance(word, Scalar) else ""
                yield "User", word
        elif name == "SHELL":
            self.shell = _exec_form(instruction.text)[0] if _exec_form(instruction.text) else self.shell
        elif name in ("CMD", "ENTRYPOINT"):
            yield (
                "Words",
                ListValue(
                    tuple(Scalar(word, instruction.at) for word in _exec_form(instruction.text))
                    or tuple(self._words(instruction)),
                    instruction.at,
                ),
            )

    def _from(self, instruction: Instruction) -> Iterator[tuple[str, Value]]:
        words = self._words(instruction)
        if words:
            yield "Image", words[0]
        if len(words) > 2 and isinstance(words[1], Scalar) and str(words[1].content).lower() == "as":
            self.stage_name = str(words[2].content) if isinstance(words[2], Scalar) else ""
            yield "As", words[2]
        for flag, text in instruction.flags:
            if flag == "platform":
                yield "Platform", Scalar(text, instruction.at)

    def _words(self, instruction: Instruction) -> list[Value]:
        """Return the words of an instruction, quotes removed and build arguments filled in where known."""
        form = _exec_form(instruction.text)
        if form:
            return [Scalar(word, self._whole(instruction)) for word in form]
        return [
            self.filled(match.group(), instruction.text_map, match.start(), match.end())
            for match in _TOKEN.finditer(instruction.text.replace("\\\n", " \n"))
        ]

    def _pairs(self, instruction: Instruction) -> Value:
        """Return the name and value pairs of ENV, ARG and LABEL; an ARG without value has none."""
        text = instruction.text
        pairs: list[Value] = []
        matches = list(_PAIR.finditer(text))
        if not matches:
            first = re.match(r"\s*([A-Za-z_][A-Za-z0-9_.-]*)(?:\s+(.*\S))?\s*$", text, re.DOTALL)
            if first is None:
                return ListValue((), instruction.at)
            name_at = instruction.text_map.span(*first.span(1))
            entries: dict[str, Value] = {"Name": Scalar(first.group(1), name_at)}
            if first.group(2) is not None and instruction.name != "ARG":
                entries["Value"] = self.filled(first.group(2), instruction.text_map, *first.span(2))
            return ListValue((MapValue(entries, name_at),), instruction.at)
        for match in matches:
            name = match.group(1)
            value = self.filled(match.group(2), instruction.text_map, *match.span(2))
            if isinstance(value, Scalar):
                self.variables[name] = str(value.content)
            else:
                self.variables.pop(name, None)
            at = instruction.text_map.span(*match.span(1))
            pairs.append(MapValue({"Name": Scalar(name, at), "Value": value}, instruction.text_map.span(*match.span())))
        return ListValue(tuple(pairs), instruction.at)

    def filled(self, word: str, text_map: TextMap, start: int, end: int) -> Value:
        """Return a word without quotes; unknown where a variable has no known value."""
        at = text_map.span(start, max(end, start + 1))
        quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "'\""
        inner = word[1:-1] if quoted else word
        offset = start + (1 if quoted else 0)
        if "$" not in inner or word[:1] == "'":
            first = text_map.span(offset, offset + 1)
            piece = ((0, first.path, first.start_line, first.start_column),)
            from scanner.core.location import Piece

            return Scalar(inner, at, TextMap((Piece(*piece[0]),)), quoted=quoted)
        missing: list[str] = []

        def fill(match: re.Match[str]) -> str:
            name = match.group(1) or match.group(3)
            known = self.variables.get(name, match.group(2))
            if known is None:
                missing.append(name)
            return known or ""

        text = _VARIABLE.sub(fill, inner)
        if not missing:
            return Scalar(text, at, quoted=quoted)
        return Unknown(f"build argument {missing[0]} has no default", at, parts=_parts(inner, self.variables, at))

    def _run(self, instruction: Instruction) -> None:
        """State the Script of a RUN instruction."""
        self.runs += 1
        text, text_map = instruction.text, instruction.text_map
        form = _exec_form(text)
        if form:
            text = " ".join("'" + word.replace("'", "'\\''") + "'" for word in form)
            text_map = TextMap((text_map.pieces[0],))
        elif instruction.heredoc is not None and text.strip().startswith("<<"):
            text, text_map = instruction.heredoc
        stated = script(
            self.workspace,
            Scalar(text, instruction.at, text_map),
            f"RUN[{self.runs}]",
            "RUN",
            self.made.scope,
            shell=self.shell,
            user=self.user,
            holder=self.made,
            dialect=DIALECT,
        )
        if stated is not None:
            self.workspace.inventory.link(self.made, "script", stated)


def _parts(text: str, variables: dict[str, str], at: Location) -> tuple[str | Unknown, ...]:
    parts: list[str | Unknown] = []
    cursor = 0
    for match in _VARIABLE.finditer(text):
        if match.start() > cursor:
            parts.append(text[cursor : match.start()])
        name = match.group(1) or match.group(3)
        known = variables.get(name, match.group(2))
        parts.append(known if known is not None else Unknown(f"build argument {name} has no default", at))
        cursor = match.end()
    if cursor < len(text):
        parts.append(text[cursor:])
    return tuple(part for part in parts if part != "")


def _exec_form(text: str) -> list[str]:
    """Return the words of `["a", "b"]`, or an empty list for the shell form."""
    stripped = text.strip()
    if not stripped.startswith("["):
        return []
    try:
        words = json.loads(stripped.replace("\\\n", "\n"))
    except ValueError:
        return []
    return [word for word in words if isinstance(word, str)] if isinstance(words, list) else []
