"""Scripts that machines run when they start: user data in every spelling, cloud-config commands, cfn-init commands."""

from __future__ import annotations

import base64
import binascii
import re

from scanner.core.errors import SyntaxFault
from scanner.core.location import Piece, TextMap
from scanner.core.projection import alternatives
from scanner.core.subject import Resource
from scanner.core.value import HOLE, ListValue, Scalar, Unknown, Value, text_of
from scanner.model.documents import items, mapping
from scanner.model.scripts import chunks, script
from scanner.model.workspace import Workspace

PLACES = {
    # kind -> route of the user data
    "AWS::EC2::Instance": ("UserData",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", "UserData"),
    "AWS::AutoScaling::LaunchConfiguration": ("UserData",),
    "AWS::EC2::SpotFleet": ("SpotFleetRequestConfigData", "LaunchSpecifications", "UserData"),
}
_SHEBANG = re.compile(r"^[ \t]*#!", re.MULTILINE)
_POWERSHELL = re.compile(r"<powershell>(.*?)(?:</powershell>|\Z)", re.DOTALL | re.IGNORECASE)


def derive(workspace: Workspace) -> None:
    """State a Script for the user data and cfn-init commands of every machine."""
    for kind, route in PLACES.items():
        for made in workspace.inventory.of_kind(kind):
            if isinstance(made, Resource):
                value: Value = made.properties
                for name in route:
                    value = value.get(name)
                for index, (_, text) in enumerate(alternatives(value)):
                    _user_data(workspace, made, text, f"{made.address}.UserData" + (f"[{index}]" if index else ""))
                _init_commands(workspace, made)


def _user_data(workspace: Workspace, made: Resource, value: Value, address: str) -> None:
    """State what one user data value runs."""
    text = _text(value)
    if text is None:
        return
    path = text.text_map.pieces[-1].path
    for found in workspace.inventory.of_kind("Script") if path != made.at.path else ():
        if found.address == found.scope == path:
            workspace.inventory.link(made, "script", found)
            return
    start = text.content if isinstance(text.content, str) else ""
    windows = _POWERSHELL.search(start)
    if windows:
        _state(workspace, made, _slice(text, windows.start(1), windows.end(1)), address, "powershell")
    elif start.lstrip().startswith("#cloud-config"):
        _cloud_config(workspace, made, text, address)
    else:
        match = _SHEBANG.search(start)
        if match:
            _state(workspace, made, _slice(text, match.start(), len(start)), address, "bash")


def _state(workspace: Workspace, made: Resource, value: Value, address: str, shell: str) -> None:
    stated = script(
        workspace,
        value,
        address,
        "user-data",
        made.scope,
        shell=shell,
        user="root",
        holder=made,
        when=made.when,
        dialect=made.dialect,
    )
    if stated is not None:
        workspace.inventory.link(made, "script", stated)


def _text(value: Value) -> Scalar | None:
    """Return the text of user data with HOLEs for unknown pieces; base64 text is decoded."""
    found = chunks(value)
    if len(found) != 1:
        return None
    text, text_map, _ = found[0]
    if "#" not in text and "<" not in text and len(text) > 16 and HOLE not in text:
        try:
            decoded = base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            return None
        at = text_map.span(0, 1)
        return Scalar(decoded, value.at, TextMap((Piece(0, at.path, at.start_line, at.start_column),)))
    return Scalar(text, value.at, text_map)


def _slice(text: Scalar, start: int, end: int) -> Scalar:
    """Return a part of a text with its map."""
    content = str(text.content)[start:end]
    path, line, column = text.text_map.position(start)
    pieces = [Piece(0, path, line, column)]
    pieces += [Piece(p.offset - start, *p[1:]) for p in text.text_map.pieces if start < p.offset < end]
    return Scalar(content, text.at, TextMap(tuple(pieces)))


def _cloud_config(workspace: Workspace, made: Resource, text: Scalar, address: str) -> None:
    """State the `runcmd` and `bootcmd` lists of a cloud-config document."""
    from scanner.model.values import embedded_values

    try:
        documents = embedded_values(text, "yaml")
    except SyntaxFault as fault:
        workspace.note(
            "warning", "cloud-config-syntax", f"cloud-config of {made.address}: {fault.message}", fault.at, fault.hint
        )
        return
    for document in documents[:1]:
        for part in ("bootcmd", "runcmd"):
            lines = tuple(_line(item) for item in items(document.get(part)))
            if lines:
                _state(workspace, made, ListValue(lines, document.at), f"{address}.{part}", "sh")


def _line(item: Value) -> Value:
    """Return a command of cloud-config: a string, or a list of words as a quoted line."""
    if not isinstance(item, ListValue):
        return item
    words = [text_of(word) for word in item.items]
    line = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words if word is not None)
    return Scalar(line, item.at)


def _init_commands(workspace: Workspace, made: Resource) -> None:
    """State the commands of AWS::CloudFormation::Init metadata."""
    init = mapping(made.attributes.get("Metadata")).get("AWS::CloudFormation::Init")
    for name, config in mapping(init).entries.items():
        for key, entry in mapping(config.get("commands")).entries.items():
            command = entry.get("command")
            if isinstance(command, (Scalar, Unknown)):
                _state(workspace, made, command, f"{made.address}.Init.{name}.{key}", "sh")
            elif isinstance(command, ListValue):
                _state(workspace, made, _line(command), f"{made.address}.Init.{name}.{key}", "sh")
