"""Parameter values from outside a template: files of the AWS CLI, of CodePipeline and of SAM.

- a list of `{"ParameterKey": ..., "ParameterValue": ...}`, or of `"Key=Value"` (AWS CLI)
- a mapping with `Parameters: {Key: Value}` (CodePipeline template configuration), or just `{Key: Value}`
- `samconfig.toml` / `.yaml`: `parameter_overrides` of each environment's deploy command

Each file is an environment named after it; each environment of a samconfig is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import basename
from typing import Any, NamedTuple

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.patterns import Pattern
from scanner.core.value import ListValue, Scalar, Value
from scanner.model.values import scalar_of, value_of
from scanner.model.workspace import Workspace

_PAIR = Pattern(r"""([A-Za-z0-9]+)=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s]*)""")
_CLI_PAIR = Pattern(r"ParameterKey=([A-Za-z0-9]+),ParameterValue=(\"[^\"]*\"|'[^']*'|[^\s]*)")


class ParameterSet(NamedTuple):
    """The values that one environment gives to parameters."""

    environment: str
    values: Mapping[str, Value]


def parameter_sets(workspace: Workspace) -> Iterator[ParameterSet]:
    """Yield the sets of all parameter files of the run; what cannot be read is noted."""
    for path in workspace.settings.parameter_files:
        artifact = workspace.artifact(path)
        if artifact is None:
            workspace.note("error", "parameter-file-missing", f"the parameter file {path} cannot be read", None,
                           "give a path below the scanned root")
            continue
        found = list(_sets_of(artifact, workspace))
        if not found:
            workspace.note("error", "parameter-file-shape", f"{path} holds no parameters",
                           Location(path, 1, 1, 1, 1),
                           "expected a list of ParameterKey/ParameterValue, a Parameters mapping, or a samconfig")
        yield from found


def _sets_of(artifact: Artifact, workspace: Workspace) -> Iterator[ParameterSet]:
    name = basename(artifact.path).rsplit(".", 1)[0]
    if artifact.path.endswith(".toml"):
        yield from _from_toml(artifact, workspace)
        return
    for root in workspace.nodes(artifact):
        if root.kind == "sequence":
            values = _from_list(root)
        elif root.get("Parameters") is not None:
            values = _from_mapping(root.get("Parameters"))
        elif any(child.get("deploy") is not None or child.get("global") is not None for _, child in root.pairs):
            yield from _from_samconfig(artifact, _plain(root))
            continue
        else:
            values = _from_mapping(root)
        if values:
            yield ParameterSet(name, values)


def _from_list(root: Node) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for item in root.items:
        key, value = item.get("ParameterKey"), item.get("ParameterValue")
        if key is not None and value is not None:
            values[key.text] = value_of(value)
        elif item.kind == "scalar" and "=" in item.text:
            name, _, text = item.text.partition("=")
            values[name.strip()] = Scalar(text, item.at)
    return values


def _from_mapping(node: Node | None) -> dict[str, Value]:
    if node is None or node.kind != "mapping":
        return {}
    values: dict[str, Value] = {}
    for key, value in node.pairs:
        if value.kind == "scalar" and value.content is not None:
            values[key.text] = scalar_of(value)
        elif value.kind == "sequence":
            converted = value_of(value)
            if isinstance(converted, ListValue):
                values[key.text] = converted
    return values


def _from_toml(artifact: Artifact, workspace: Workspace) -> Iterator[ParameterSet]:
    import tomllib

    try:
        content = tomllib.loads(artifact.text)
    except tomllib.TOMLDecodeError as error:
        workspace.note("error", "toml-syntax", f"not valid TOML: {error}", Location(artifact.path, 1, 1, 1, 1),
                       "correct the file")
        return
    yield from _from_samconfig(artifact, content)


def _from_samconfig(artifact: Artifact, content: Mapping[str, Any]) -> Iterator[ParameterSet]:
    shared = _overrides(content.get("default", {}), "global") | _overrides(content.get("default", {}), "deploy")
    for environment, commands in content.items():
        if not isinstance(commands, dict):
            continue
        texts = {**shared, **_overrides(commands, "global"), **_overrides(commands, "deploy")}
        if texts:
            yield ParameterSet(environment, {
                name: Scalar(text, _line_of(artifact, text)) for name, text in texts.items()})


def _overrides(commands: Any, command: str) -> dict[str, str]:
    """Return the parameter overrides of one command of a samconfig environment."""
    section = commands.get(command) if isinstance(commands, dict) else None
    parameters = section.get("parameters") if isinstance(section, dict) else None
    given = parameters.get("parameter_overrides") if isinstance(parameters, dict) else None
    if isinstance(given, dict):
        return {str(name): str(value) for name, value in given.items()}
    text = " ".join(str(item) for item in given) if isinstance(given, list) else given
    if not isinstance(text, str):
        return {}
    pairs = list(_CLI_PAIR.finditer(text)) or _PAIR.finditer(text)
    return {pair[1]: pair[2].strip("\"'") for pair in pairs}


def _line_of(artifact: Artifact, text: str) -> Location:
    """Return the first place of a text in a file, else its beginning."""
    at = artifact.text.find(text) if text else -1
    return artifact.span(at, at + len(text)) if at >= 0 else Location(artifact.path, 1, 1, 1, 1)


def _plain(node: Node) -> Any:
    if node.kind == "scalar":
        return node.content
    if node.kind == "sequence":
        return [_plain(item) for item in node.items]
    return {key.text: _plain(value) for key, value in node.pairs}
