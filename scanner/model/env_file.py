"""The env-file dialect: `.env` files -> an EnvFile resource whose Variables are the names and values set there."""

from __future__ import annotations

import re

from scanner.core.artifact import Artifact
from scanner.core.location import Location, Piece, TextMap
from scanner.core.subject import Resource
from scanner.core.value import ListValue, MapValue, Scalar, Value
from scanner.model.workspace import Workspace

DIALECT = "env-file"
MAX_LINES = 50_000
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(.*?)\s*$")


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State every env file among the artifacts."""
    for artifact in artifacts:
        at = Location(artifact.path, 1, 1, 1, 2)
        pairs = [
            pair for number, line in enumerate(re.split(r"\r\n|\r|\n", artifact.text)[:MAX_LINES], 1)
            if (pair := _pair(artifact.path, number, line)) is not None
        ]
        properties = MapValue({"Variables": ListValue(tuple(pairs), at)}, at)
        workspace.inventory.add(Resource("EnvFile", artifact.path, at, properties, artifact.path, dialect=DIALECT))


def _pair(path: str, number: int, line: str) -> Value | None:
    """Return {Name, Value} for a line `NAME=value`, quotes and a trailing comment removed."""
    match = _LINE.match(line)
    if match is None or line.lstrip().startswith("#"):
        return None
    name_at = Location(path, number, match.start(1) + 1, number, match.end(1) + 1)
    text, start = match.group(2), match.start(2)
    quoted = len(text) > 1 and text[0] in "'\"" and text[0] in text[1:]
    if quoted:
        text, start = text[1 : text.index(text[0], 1)], start + 1
    else:
        text = re.sub(r"\s+#.*$", "", text)
    value_at = Location(path, number, start + 1, number, start + 1 + max(len(text), 1))
    value = Scalar(text, value_at, TextMap((Piece(0, path, number, start + 1),)))
    return MapValue({"Name": Scalar(match.group(1), name_at), "Value": value}, name_at)
