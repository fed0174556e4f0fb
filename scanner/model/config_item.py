"""AWS Config's recorded configuration items: what is deployed, as resources in CloudFormation's shape.

Read are configuration snapshots and history (`configurationItems`), single items, notifications
(`configurationItem`) and answers of `select-resource-config` (`Results`, each a JSON text). An item's address is its
ARN. What our spelling data does not cover is Unmapped, never absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scanner.core.artifact import Artifact
from scanner.core.errors import SyntaxFault
from scanner.core.location import Location
from scanner.core.subject import Resource
from scanner.core.value import ListValue, MapValue, Scalar, Value, text_of
from scanner.model.config_item_spelling import (
    AS_BOOLEAN,
    ENABLED_WORDS,
    NAMES,
    PROPERTIES,
    TYPES,
)
from scanner.model.values import embedded_values, value_of
from scanner.model.workspace import Workspace

DELETED = ("ResourceDeleted", "ResourceDeletedNotRecorded", "ResourceNotRecorded")


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State one resource for each recorded item, and a policy resource where an item carries one."""
    for artifact in artifacts:
        for node in workspace.nodes(artifact):
            for item in _items(value_of(node), workspace):
                _state_item(item, artifact, workspace)


def _items(root: Value, workspace: Workspace) -> Iterator[MapValue]:
    """Yield the items of a document."""
    if isinstance(root, ListValue):
        for inner in root.items:
            yield from _items(inner, workspace)
        return
    if not isinstance(root, MapValue):
        return
    listed = root.get("configurationItems")
    if isinstance(listed, ListValue):
        yield from (item for item in listed.items if isinstance(item, MapValue))
        return
    results = root.get("Results")
    if isinstance(results, ListValue):
        for text in results.items:
            found = _opened(text, workspace)
            if isinstance(found, MapValue):
                yield found
        return
    single = root.get("configurationItem")
    if isinstance(single, MapValue):
        yield single
    elif "resourceType" in root.entries:
        yield root


def _opened(value: Value, workspace: Workspace) -> Value:
    """Return the content of a JSON text; other values, and texts that do not parse, stay as they are."""
    text = text_of(value)
    if text is None or text.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return next(iter(embedded_values(value, "json")), value)
    except SyntaxFault as fault:
        workspace.note("warning", fault.kind, fault.message, fault.at, fault.hint)
        return value


def _state_item(item: MapValue, artifact: Artifact, workspace: Workspace) -> None:
    recorded = text_of(item.get("resourceType"))
    status = text_of(item.get("configurationItemStatus"))
    if recorded is None or status in DELETED:
        return
    kind = TYPES.get(recorded, recorded)
    at = item.key_at("resourceType")
    configuration = _opened(item.get("configuration"), workspace)
    extra = _opened(item.get("supplementaryConfiguration"), workspace)
    address = (text_of(item.get("ARN")) or text_of(item.get("arn")) or text_of(item.get("resourceId")) or "item")
    entries = _properties(kind, configuration, extra, workspace)
    name = NAMES.get(kind)
    if name and name not in entries:
        own = item.get("resourceName" if text_of(item.get("resourceName")) else "resourceId")
        if isinstance(own, Scalar):
            entries[name] = own
    tags = item.get("tags")
    if isinstance(tags, MapValue):
        entries["Tags"] = _tags(tags)
    made = Resource(kind, address, at, MapValue(entries, at, unmapped=_gap(kind)), artifact.path, dialect="config-item")
    workspace.inventory.add(made)
    _policy_of(kind, made, extra, workspace)


def _gap(kind: str) -> Callable[[str], str | None]:
    """Return what answers for properties that an item does not show: those we look for are absent, others unmapped."""
    known = {path.split(".")[0] for path in PROPERTIES.get(kind, {}).values()} | {"Tags"}
    reason = f"of {kind} is not part of what a recorded item is known to say"
    return lambda key: None if key in known else f"{key} {reason}"


def _properties(kind: str, configuration: Value, extra: Value, workspace: Workspace) -> dict[str, Value]:
    """Return the properties in CloudFormation's spelling."""
    entries: dict[str, Value] = {}
    spelling = PROPERTIES.get(kind, {})
    covered = {source.split(".")[0] for source in spelling}
    if isinstance(configuration, MapValue):
        for key, value in configuration.entries.items():
            if key not in covered and not _unset(value):
                entries[_spelled(key)] = _converted(value)
    for source, path in spelling.items():
        root = extra if source[:1] == "+" else configuration
        found = _lookup(root, source.lstrip("+"), workspace)
        if found is None or _unset(found):
            continue
        shaped = _shaped(kind, path, found, workspace)
        if shaped is not None:
            _put(entries, path.split("."), shaped)
    return entries


def _unset(value: Value) -> bool:
    return isinstance(value, Scalar) and value.content is None


def _lookup(root: Value, path: str, workspace: Workspace) -> Value | None:
    """Return the value at a dotted path of the record, JSON texts on the way opened."""
    current = root
    for name in path.split("."):
        current = _opened(current, workspace)
        if not isinstance(current, MapValue) or name not in current.entries:
            return None
        current = current.entries[name]
    return _opened(current, workspace)


def _put(entries: dict[str, Value], path: list[str], value: Value) -> None:
    """Set a value at a path, making the mappings on the way."""
    if len(path) == 1:
        entries[path[0]] = value
        return
    inner = entries.get(path[0])
    known = dict(inner.entries) if isinstance(inner, MapValue) else {}
    _put(known, path[1:], value)
    entries[path[0]] = MapValue(known, value.at)


def _spelled(key: str) -> str:
    return key[:1].upper() + key[1:]


def _converted(value: Value) -> Value:
    """Return a recorded value with its keys capitalised."""
    if isinstance(value, MapValue):
        entries = {_spelled(key): _converted(entry) for key, entry in value.entries.items() if not _unset(entry)}
        return MapValue(entries, value.at, {_spelled(key): at for key, at in value.keys_at.items()})
    if isinstance(value, ListValue):
        return ListValue(tuple(_converted(item) for item in value.items), value.at, value.rest)
    return value


def _shaped(kind: str, path: str, value: Value, workspace: Workspace) -> Value | None:
    """Return a value in the shape that the property has in CloudFormation; None when it says "not set"."""
    if path in AS_BOOLEAN:
        return Scalar(text_of(value) in ENABLED_WORDS, value.at)
    if path.endswith("VersioningConfiguration.Status"):
        return None if text_of(value) in ("Off", None) else value
    if path in ("SecurityGroupIngress", "SecurityGroupEgress"):
        return ListValue(tuple(_traffic(value)), value.at)
    if path in ("AssumeRolePolicyDocument", "KeyPolicy"):
        return _document(value, workspace)
    if path == "Policies":
        return _inline_policies(value, workspace)
    if path == "ManagedPolicyArns" and isinstance(value, ListValue):
        return ListValue(tuple(item.get("policyArn") for item in value.items), value.at)
    if path == "PolicyDocument" and isinstance(value, ListValue):
        return _current_version(value, workspace)
    return _converted(value)


def _traffic(value: Value) -> Iterator[Value]:
    """Yield one rule for each range of each recorded permission."""
    for permission in value.items if isinstance(value, ListValue) else ():
        common = {name: permission.get(source) for name, source in (
            ("IpProtocol", "ipProtocol"), ("FromPort", "fromPort"), ("ToPort", "toPort"))}
        known = {name: entry for name, entry in common.items() if isinstance(entry, Scalar)}
        for source, inner, name in (
            ("ipv4Ranges", "cidrIp", "CidrIp"), ("ipRanges", "cidrIp", "CidrIp"),
            ("ipv6Ranges", "cidrIpv6", "CidrIpv6"), ("userIdGroupPairs", "groupId", "SourceSecurityGroupId"),
            ("prefixListIds", "prefixListId", "SourcePrefixListId"),
        ):
            ranges = permission.get(source)
            if source == "ipRanges" and isinstance(permission.get("ipv4Ranges"), ListValue):
                continue  # the older spelling of the same ranges
            for item in ranges.items if isinstance(ranges, ListValue) else ():
                peer = item if isinstance(item, Scalar) else item.get(inner)
                yield MapValue({**known, name: peer}, item.at)


def _document(value: Value, workspace: Workspace) -> Value:
    """Return a policy document: a mapping, JSON text, or JSON text in URL encoding as IAM records it."""
    text = text_of(value)
    if text is None or not text.startswith("%7B"):
        return _opened(value, workspace)
    from urllib.parse import unquote

    decoded = Scalar(unquote(text), value.at)
    opened = _opened(decoded, workspace)
    return _standing_at(opened, value.at)


def _standing_at(value: Value, at: Location) -> Value:
    """Return a value all of which stands at one place: decoded text has no places of its own."""
    if isinstance(value, MapValue):
        return MapValue({key: _standing_at(entry, at) for key, entry in value.entries.items()}, at)
    if isinstance(value, ListValue):
        return ListValue(tuple(_standing_at(item, at) for item in value.items), at, value.rest)
    return Scalar(value.content, at) if isinstance(value, Scalar) else value


def _inline_policies(value: Value, workspace: Workspace) -> Value:
    items = value.items if isinstance(value, ListValue) else ()
    return ListValue(tuple(MapValue({
        "PolicyName": item.get("policyName"), "PolicyDocument": _document(item.get("policyDocument"), workspace),
    }, item.at) for item in items), value.at)


def _current_version(value: ListValue, workspace: Workspace) -> Value | None:
    for item in value.items:
        chosen = item.get("isDefaultVersion")
        if isinstance(chosen, Scalar) and chosen.content is True:
            return _document(item.get("document"), workspace)
    return None


def _tags(tags: MapValue) -> Value:
    return ListValue(tuple(
        MapValue({"Key": Scalar(key, tags.key_at(key)), "Value": value}, value.at)
        for key, value in tags.entries.items()), tags.at)


def _policy_of(kind: str, made: Resource, extra: Value, workspace: Workspace) -> None:
    """State the bucket policy that a bucket's record carries as a resource of its own."""
    if kind != "AWS::S3::Bucket":
        return
    text = _lookup(extra, "BucketPolicy.policyText", workspace)
    if not isinstance(text, MapValue):
        return
    properties = MapValue({"Bucket": made.properties.get("BucketName"), "PolicyDocument": text}, text.at)
    workspace.inventory.add(Resource(
        "AWS::S3::BucketPolicy", f"{made.address}/policy", text.at, properties, made.scope, dialect="config-item"))
