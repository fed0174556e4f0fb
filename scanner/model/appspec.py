"""The AppSpec dialect: a deployment specification -> an AppSpec resource, file grants, and the hook scripts it runs."""

from __future__ import annotations

import posixpath
import re

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.subject import FileGrant, Resource, Subject
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Value, text_of
from scanner.model.documents import header, inline_document, items, mapping, root_of
from scanner.model.workspace import Workspace

DIALECT = "appspec"
TOP_KEYS = ("version", "os", "files", "file_exists_behavior", "permissions", "hooks", "resources")


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State every AppSpec file among the artifacts."""
    from scanner.model.values import value_of

    for artifact in artifacts:
        node = root_of(
            workspace, artifact, DIALECT, "an AppSpec is a mapping with `version: 0.0`",
            "compare with the CodeDeploy AppSpec file reference",
        )
        if node is not None:
            appspec(workspace, node, mapping(value_of(node)), artifact.path, artifact.path)


def inline_appspec(workspace: Workspace, text: Value, address: str, holder: Subject) -> Resource | None:
    """State the AppSpec in a string value (the revision of a deployment); places lead to the outer file."""
    found = inline_document(workspace, text, f"inline AppSpec of {holder.address}")
    return appspec(workspace, found[0], mapping(found[1]), holder.scope, address, holder) if found else None


def appspec(
    workspace: Workspace, node: Node, value: MapValue, scope: str, address: str, holder: Subject | None = None
) -> Resource:
    """State one AppSpec; keys of the top level and of resource properties get their documented case."""
    from scanner.model.appspec_format import faults_of, platform_of
    from scanner.model.format_check import state_faults

    platform = platform_of(node)
    document = _canonical(value, platform)
    dialect = DIALECT if holder is None else holder.dialect
    made = Resource(
        "AppSpec", address, header(node), document, scope, holder=holder, when=holder.when if holder else (),
        dialect=dialect,
    )
    made.attributes = MapValue({"Platform": Scalar(platform, made.at)}, made.at)
    workspace.inventory.add(made)
    state_faults(workspace, faults_of(node), "appspec", scope, made, dialect)
    if platform == "server" and holder is None:  # a call of the API carries none for servers
        _state_grants(workspace, made, node)
        _state_hooks(workspace, made, posixpath.dirname(scope))
    return made


# -- spelling ---------------------------------------------------------------------------------------


def _canonical(value: MapValue, platform: str) -> MapValue:
    """Return the document with lower-case top-level keys; Lambda and ECS properties in one spelling."""
    entries: dict[str, Value] = {}
    keys_at: dict[str, Location] = {}
    for key, entry in value.entries.items():
        name = key.lower() if key.lower() in TOP_KEYS else key
        if name == "resources" and platform != "server":
            entry = _resources(entry)
        elif name == "hooks" and platform != "server":
            entry = _merged_hooks(entry)
        entries[name] = entry
        keys_at[name] = value.key_at(key)
    return MapValue(entries, value.at, keys_at, value.rest)


_PROPERTY_NAMES = {
    name.lower(): name
    for name in (
        "Type",
        "Properties",
        "TaskDefinition",
        "LoadBalancerInfo",
        "ContainerName",
        "ContainerPort",
        "PlatformVersion",
        "NetworkConfiguration",
        "AwsvpcConfiguration",
        "Subnets",
        "SecurityGroups",
        "AssignPublicIp",
        "CapacityProviderStrategy",
        "CapacityProvider",
        "Base",
        "Weight",
        "Name",
        "Alias",
        "CurrentVersion",
        "TargetVersion",
    )
}


def _resources(value: Value) -> Value:
    """Return the resources as a list of {LogicalName, Type, Properties}."""
    found: list[Value] = []
    for item in items(value):
        if isinstance(item, MapValue):
            for name, resource in item.entries.items():
                inner = _spelled(resource)
                if isinstance(inner, MapValue):
                    entries: dict[str, Value] = {"LogicalName": Scalar(name, item.key_at(name)), **inner.entries}
                    inner = MapValue(entries, inner.at, inner.keys_at, inner.rest)
                found.append(inner)
    return ListValue(tuple(found), value.at)


def _spelled(value: Value) -> Value:
    if isinstance(value, ListValue):
        return ListValue(tuple(_spelled(item) for item in value.items), value.at, value.rest)
    if not isinstance(value, MapValue):
        return value
    entries = {_PROPERTY_NAMES.get(key.lower(), key): _spelled(entry) for key, entry in value.entries.items()}
    keys_at = {_PROPERTY_NAMES.get(key.lower(), key): value.key_at(key) for key in value.entries}
    return MapValue(entries, value.at, keys_at, value.rest)


def _merged_hooks(value: Value) -> Value:
    """Return the list of {event: function} as one mapping."""
    if not isinstance(value, ListValue):
        return value
    entries: dict[str, Value] = {}
    keys_at: dict[str, Location] = {}
    for item in value.items:
        for key, entry in mapping(item).entries.items():
            entries[key] = entry
            keys_at[key] = mapping(item).key_at(key)
    return MapValue(entries, value.at, keys_at, value.rest)


# -- files and permissions --------------------------------------------------------------------------


def _state_grants(workspace: Workspace, made: Resource, node: Node) -> None:
    """State a FileGrant for each entry of `files` and `permissions`."""
    for index, entry in enumerate(items(made.properties.get("files"))):
        destination = entry.get("destination")
        at = destination.at if not isinstance(destination, Absent) else entry.at
        workspace.inventory.add(
            FileGrant(
                f"files[{index}]",
                at,
                destination,
                source=entry.get("source"),
                scope=made.scope,
                holder=made,
                dialect=DIALECT,
            )
        )
    permissions = node.get("permissions")
    nodes = permissions.items if permissions is not None and permissions.kind == "sequence" else []
    for index, entry in enumerate(items(made.properties.get("permissions"))):
        mode_node = nodes[index].get("mode") if index < len(nodes) and nodes[index].kind == "mapping" else None
        mode: Value = entry.get("mode")
        if mode_node is not None and mode_node.kind == "scalar":
            mode = Scalar(mode_node.text, mode_node.at, quoted=mode_node.style in ("'", '"'))
        target = entry.get("object")
        workspace.inventory.add(
            FileGrant(
                f"permissions[{index}]",
                mode.at if mode_node is not None else entry.at,
                target,
                grant="permission",
                mode=mode,
                owner=entry.get("owner"),
                group=entry.get("group"),
                pattern=entry.get("pattern"),
                acls=entry.get("acls"),
                context=entry.get("context"),
                types=entry.get("type"),
                octal_trap=mode_node is not None and octal_trap(mode_node),
                scope=made.scope,
                holder=made,
                dialect=DIALECT,
            )
        )


def octal_trap(node: Node) -> bool:
    """Tell whether a mode is written so that YAML 1.1 reads an octal number: no quotes and a leading zero."""
    return node.style not in ("'", '"') and re.fullmatch(r"0[0-7]+", node.text) is not None


# -- hooks ------------------------------------------------------------------------------------------


def _state_hooks(workspace: Workspace, made: Resource, folder: str) -> None:
    """State the scripts of every event; what is missing or outside the root becomes a link-less fact."""
    for event, entries in mapping(made.properties.get("hooks")).entries.items():
        for entry in items(entries):
            location = entry.get("location")
            written = text_of(location)
            if written is None:
                continue
            path = posixpath.normpath(posixpath.join(folder, written))
            if written.startswith("/") or path.startswith("../") or ("\\" in written and ".." in written):
                continue
            artifact = workspace.artifact(path.replace("\\", "/"))
            if artifact is not None:
                _state_hook(workspace, made, artifact, event, text_of(entry.get("runas")) or "")


def _state_hook(workspace: Workspace, made: Resource, artifact: Artifact, event: str, user: str) -> None:
    """State a hook script once for each event it runs at, and link it."""
    from scanner.model.shell_script import is_shell, shell_file

    if not is_shell(artifact):
        return
    found = shell_file(artifact, workspace, stage=event, user=user)
    if found is not None:
        workspace.inventory.link(made, "script", found)
