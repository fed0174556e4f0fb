"""Exposures from resources: security groups in every spelling, network ACLs, task ports, API calls.

One exposure is one source (a CIDR, a security group, a prefix list) that one rule lets through; it stands where the
source is written and carries the address of the resource that lets it through. A rule list that is not known
makes one exposure whose fields are unknown, so that a rule answers INSUFFICIENT_DATA instead of nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from scanner.core.location import Location
from scanner.core.projection import alternatives
from scanner.core.subject import ApiCall, Exposure, Resource, Subject
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Unknown, Value, text_of
from scanner.core.world import Guard
from scanner.model.workspace import Workspace


class Spelling(NamedTuple):
    """How one kind of rule spells its parts; `sources` are (key, kind) of everything that names a source."""

    protocol: str
    from_port: str
    to_port: str
    sources: tuple[tuple[str, str], ...]


GROUP_IN = Spelling("IpProtocol", "FromPort", "ToPort", (
    ("CidrIp", "cidr"), ("CidrIpv6", "cidr"), ("SourcePrefixListId", "prefix-list"),
    ("SourceSecurityGroupId", "security-group"), ("SourceSecurityGroupName", "security-group"),
))
GROUP_OUT = Spelling("IpProtocol", "FromPort", "ToPort", (
    ("CidrIp", "cidr"), ("CidrIpv6", "cidr"), ("DestinationPrefixListId", "prefix-list"),
    ("DestinationSecurityGroupId", "security-group"),
))
CLASSIC = Spelling("IpProtocol", "FromPort", "ToPort", (
    ("CIDRIP", "cidr"), ("EC2SecurityGroupName", "security-group"), ("EC2SecurityGroupId", "security-group"),
    ("CacheSecurityGroupName", "security-group"),
))
LIGHTSAIL = Spelling("Protocol", "FromPort", "ToPort", (("Cidrs", "cidr"), ("Ipv6Cidrs", "cidr")))
API_RANGES = (
    ("IpRanges", "CidrIp", "cidr"), ("Ipv6Ranges", "CidrIpv6", "cidr"),
    ("PrefixListIds", "PrefixListId", "prefix-list"), ("UserIdGroupPairs", "GroupId", "security-group"),
)


def derive(workspace: Workspace) -> None:
    """Add the exposures of all resources and API calls to the inventory."""
    inventory = workspace.inventory
    for kind, make in _MAKERS.items():
        for subject in list(inventory.of_kind(kind)):
            if isinstance(subject, Resource):
                for exposure in make(subject, workspace):
                    inventory.add(exposure)
    for subject in list(inventory.of_kind("ApiCall")):
        if isinstance(subject, ApiCall):
            for exposure in _api_exposures(subject, workspace):
                inventory.add(exposure)


def opened(value: Value, guard: Guard) -> Iterator[tuple[Guard, Value]]:
    """Yield (guard, item) for a list, a single item in place of a list, or what is not known; nothing when absent."""
    for under, leaf in alternatives(value, guard):
        if isinstance(leaf, ListValue):
            for item in leaf.items:
                yield from alternatives(item, under)
            if leaf.rest is not None:
                yield under, leaf.rest
        elif not isinstance(leaf, Absent) and not (isinstance(leaf, Scalar) and leaf.content in (None, "")):
            yield under, leaf


def _exposure(
    holder: Subject, reach: str, source: Value, kind: str, guard: Guard, *, protocol: Value, first: Value, last: Value,
    direction: str = "ingress", action: str | Value = "allow",
) -> Exposure:
    at = source.at if source.at.path and not isinstance(source, Absent) else holder.at
    made = Exposure(
        _declared_at(holder, at), at, reach=reach, protocol=protocol, from_port=first, to_port=last, source=source,
        source_kind=kind, direction=direction, action=action, scope=holder.scope, holder=holder, when=guard,
        related=((f"{holder.kind} {holder.address}", holder.at), *holder.related), dialect=holder.dialect,
        environment=holder.environment,
    )
    made.existence, made.peer_suppressions = holder.existence, holder.peer_suppressions
    return made


def _declared_at(holder: Subject, at: Location) -> str:
    return holder.declared_at(at) if isinstance(holder, Resource) else holder.address


def _unknown(holder: Subject, reach: str, value: Unknown, guard: Guard, direction: str) -> Exposure:
    return _exposure(holder, reach, value, "cidr", guard, protocol=value, first=value, last=value, direction=direction)


def _sources(rule: MapValue, spelling: Spelling, guard: Guard, workspace: Workspace, holder: Subject) -> Iterator[
    tuple[Guard, Value, str]
]:
    """Yield (guard, source, kind) for everything a rule names as its source."""
    for key, kind in spelling.sources:
        for under, source in opened(rule.get(key), guard):
            if isinstance(source, Unknown) and rule.rest is source:
                continue
            if kind == "prefix-list":
                yield from _prefix_list(source, under, workspace, holder)
            else:
                yield under, source, kind
    if rule.rest is not None and not any(key in rule.entries for key, _ in spelling.sources):
        yield guard, rule.rest, "cidr"


def _prefix_list(source: Value, guard: Guard, workspace: Workspace, holder: Subject) -> Iterator[
    tuple[Guard, Value, str]
]:
    """Yield the entries of a prefix list of the run, else the list itself."""
    known = False
    if isinstance(source, Unknown):
        for reference in source.references():
            target = workspace.inventory.target(holder, reference)
            if isinstance(target, Resource) and target.kind == "AWS::EC2::PrefixList":
                for under, entry in opened(target.get("Entries"), guard):
                    known = True
                    yield under, entry.get("Cidr") if isinstance(entry, MapValue) else entry, "cidr"
    if not known:
        yield guard, source, "prefix-list"


def _rule(
    holder: Subject, value: Value, spelling: Spelling, guard: Guard, workspace: Workspace, reach: str, direction: str,
) -> Iterator[Exposure]:
    """Yield the exposures of one rule."""
    if isinstance(value, Unknown):
        yield _unknown(holder, reach, value, guard, direction)
        return
    if not isinstance(value, MapValue):
        return
    for under, source, kind in _sources(value, spelling, guard, workspace, holder):
        yield _exposure(
            holder, reach, source, kind, under, protocol=value.get(spelling.protocol),
            first=value.get(spelling.from_port), last=value.get(spelling.to_port), direction=direction,
        )


def _rules(
    holder: Resource, path: str, spelling: Spelling, workspace: Workspace, reach: str, direction: str,
) -> Iterator[Exposure]:
    for guard, item in opened(holder.get(path), holder.when):
        yield from _rule(holder, item, spelling, guard, workspace, reach, direction)


def _security_group(group: Resource, workspace: Workspace) -> Iterator[Exposure]:
    yield from _rules(group, "SecurityGroupIngress", GROUP_IN, workspace, "security-group", "ingress")
    yield from _rules(group, "SecurityGroupEgress", GROUP_OUT, workspace, "security-group", "egress")


def _standalone(spelling: Spelling, direction: str) -> Callable[[Resource, Workspace], Iterator[Exposure]]:
    def make(rule: Resource, workspace: Workspace) -> Iterator[Exposure]:
        yield from _rule(rule, rule.properties, spelling, rule.when, workspace, "security-group", direction)

    return make


def _classic_group(group: Resource, workspace: Workspace) -> Iterator[Exposure]:
    yield from _rules(group, "DBSecurityGroupIngress", CLASSIC, workspace, "database", "ingress")


def _classic_rule(rule: Resource, workspace: Workspace) -> Iterator[Exposure]:
    yield from _rule(rule, rule.properties, CLASSIC, rule.when, workspace, "database", "ingress")


def _acl_entry(entry: Resource, workspace: Workspace) -> Iterator[Exposure]:
    """Yield the exposures of a network ACL entry; without a port range it means all ports."""
    ports = entry.get("PortRange")
    for guard, egress in alternatives(entry.get("Egress"), entry.when):
        direction = "egress" if isinstance(egress, Scalar) and str(egress.content).lower() == "true" else "ingress"
        for under, action in alternatives(entry.get("RuleAction"), guard):
            for key in ("CidrBlock", "Ipv6CidrBlock"):
                for deeper, source in opened(entry.get(key), under):
                    yield _exposure(
                        entry, "network-acl", source, "cidr", deeper, protocol=entry.get("Protocol"),
                        first=ports.get("From"), last=ports.get("To"), direction=direction,
                        action=_action(action),
                    )


def _action(value: Value) -> str | Value:
    """Return what an entry of a network ACL does: allow or deny, or the value that leaves it open."""
    return value if isinstance(value, Unknown) else (text_of(value) or "allow").lower()


def _lightsail(instance: Resource, workspace: Workspace) -> Iterator[Exposure]:
    """Yield the exposures of a Lightsail instance; a port without CIDRs is open to everyone."""
    for guard, port in opened(instance.get("Networking").get("Ports"), instance.when):
        if not isinstance(port, MapValue):
            continue
        everyone = (text_of(port.get("AccessFrom")) or "").lower().startswith("anywhere")
        stated = [key for key in ("Cidrs", "Ipv6Cidrs", "CidrListAliases", "AccessFrom") if key in port.entries]
        if stated and not everyone:
            yield from _rule(instance, port, LIGHTSAIL, guard, workspace, "host-port", "ingress")
        else:
            yield _exposure(
                instance, "host-port", Scalar("0.0.0.0/0", port.at, defaulted=True), "cidr", guard,
                protocol=port.get("Protocol"), first=port.get("FromPort"), last=port.get("ToPort"),
            )


def _task_ports(task: Resource, workspace: Workspace) -> Iterator[Exposure]:
    """Yield the ports that a task's containers publish; who reaches them is the security group's business."""
    for guard, container in opened(task.get("ContainerDefinitions"), task.when):
        if not isinstance(container, MapValue):
            continue
        for under, mapping in opened(container.get("PortMappings"), guard):
            if isinstance(mapping, MapValue):
                host = mapping.get("HostPort")
                port = mapping.get("ContainerPort") if isinstance(host, Absent) else host
                yield _exposure(
                    task, "task-port" if isinstance(host, Absent) else "host-port", Absent(mapping.at), "unstated",
                    under, protocol=mapping.get("Protocol"), first=port, last=port,
                )


def _listener(listener: Resource, workspace: Workspace) -> Iterator[Exposure]:
    """Yield the port of a load balancer's listener; who reaches it is the security group's business."""
    port = listener.get("Port")
    yield _exposure(
        listener, "listener", Absent(listener.at), "unstated", listener.when, protocol=listener.get("Protocol"),
        first=port, last=port,
    )


def _image_ports(dockerfile: Resource, workspace: Workspace) -> Iterator[Exposure]:
    """Yield the ports that an image declares with EXPOSE (`22`, `8000-8010`, `53/udp`)."""
    for guard, instruction in opened(dockerfile.get("Instructions"), dockerfile.when):
        if text_of(instruction.get("Instruction")) != "EXPOSE":
            continue
        for under, port in opened(instruction.get("Ports"), guard):
            text = str(port.content) if isinstance(port, Scalar) else ""
            numbers, _, protocol = text.partition("/")
            first, dash, last = numbers.partition("-")
            known = bool(text)
            exposure = _exposure(
                dockerfile, "image-port", Absent(port.at), "unstated", under,
                protocol=Scalar(protocol or "tcp", port.at),
                first=Scalar(first, port.at) if known else port,
                last=Scalar(last if dash else first, port.at) if known else port,
            )
            exposure.at = port.at
            yield exposure


_MAKERS: dict[str, Callable[[Resource, Workspace], Iterator[Exposure]]] = {
    "AWS::EC2::SecurityGroup": _security_group,
    "AWS::EC2::DefaultSecurityGroup": _security_group,
    "AWS::EC2::SecurityGroupIngress": _standalone(GROUP_IN, "ingress"),
    "AWS::EC2::SecurityGroupEgress": _standalone(GROUP_OUT, "egress"),
    "AWS::EC2::NetworkAclEntry": _acl_entry,
    "AWS::RDS::DBSecurityGroup": _classic_group,
    "AWS::RDS::DBSecurityGroupIngress": _classic_rule,
    "AWS::Redshift::ClusterSecurityGroupIngress": _classic_rule,
    "AWS::ElastiCache::SecurityGroupIngress": _classic_rule,
    "AWS::Lightsail::Instance": _lightsail,
    "AWS::ECS::TaskDefinition": _task_ports,
    "AWS::ElasticLoadBalancingV2::Listener": _listener,
    "Dockerfile": _image_ports,
}

_API_DIRECTION = {
    "AuthorizeSecurityGroupIngress": "ingress", "AuthorizeSecurityGroupEgress": "egress",
    "UpdateSecurityGroupRuleDescriptionsIngress": "", "ModifySecurityGroupRules": "ingress",
}


def _api_exposures(call: ApiCall, workspace: Workspace) -> Iterator[Exposure]:
    reach = "command" if call.via == "cli" else "sdk-call"
    direction = _API_DIRECTION.get(call.operation, "")
    if call.service == "ec2" and direction:
        yield from _permissions(call, call.parameters, reach, direction, workspace)
    elif call.service == "ec2" and call.operation in ("CreateNetworkAclEntry", "ReplaceNetworkAclEntry"):
        yield from _api_acl_entry(call)
    elif call.service == "lightsail" and call.operation in ("OpenInstancePublicPorts", "PutInstancePublicPorts"):
        yield from _api_lightsail(call, reach, workspace)
    elif call.operation in ("AuthorizeDBSecurityGroupIngress", "AuthorizeClusterSecurityGroupIngress"):
        yield from _rule(call, call.parameters, CLASSIC, call.when, workspace, reach, "ingress")


def _permissions(
    call: ApiCall, parameters: MapValue, reach: str, direction: str, workspace: Workspace,
) -> Iterator[Exposure]:
    """Yield the exposures of an authorize call: flat parameters, IpPermissions, or rule requests."""
    yield from _rule(call, parameters, GROUP_IN, call.when, workspace, reach, direction)
    for guard, permission in opened(parameters.get("IpPermissions"), call.when):
        if isinstance(permission, Unknown):
            yield _unknown(call, reach, permission, guard, direction)
        elif isinstance(permission, MapValue):
            yield from _permission(call, permission, guard, reach, direction)
    for guard, item in opened(parameters.get("SecurityGroupRules"), call.when):
        if isinstance(item, MapValue):
            request = Spelling("IpProtocol", "FromPort", "ToPort", (("CidrIpv4", "cidr"), ("CidrIpv6", "cidr")))
            yield from _rule(call, item.get("SecurityGroupRule"), request, guard, workspace, reach, direction)


def _permission(call: ApiCall, permission: MapValue, guard: Guard, reach: str, direction: str) -> Iterator[Exposure]:
    for key, inner, kind in API_RANGES:
        for under, item in opened(permission.get(key), guard):
            source = item.get(inner) if isinstance(item, MapValue) else item
            if isinstance(source, Unknown) and permission.rest is source:
                continue
            yield _exposure(
                call, reach, source, kind, under, protocol=permission.get("IpProtocol"),
                first=permission.get("FromPort"), last=permission.get("ToPort"), direction=direction,
            )


def _api_acl_entry(call: ApiCall) -> Iterator[Exposure]:
    parameters = call.parameters
    egress = parameters.get("Egress")
    out = isinstance(egress, Scalar) and str(egress.content).lower() == "true"
    for key in ("CidrBlock", "Ipv6CidrBlock"):
        for guard, source in opened(parameters.get(key), call.when):
            yield _exposure(
                call, "network-acl", source, "cidr", guard, protocol=parameters.get("Protocol"),
                first=parameters.get("PortRange").get("From"), last=parameters.get("PortRange").get("To"),
                direction="egress" if out else "ingress",
                action=_action(parameters.get("RuleAction")),
            )


def _api_lightsail(call: ApiCall, reach: str, workspace: Workspace) -> Iterator[Exposure]:
    lower = Spelling("protocol", "fromPort", "toPort", (("cidrs", "cidr"), ("ipv6Cidrs", "cidr")))
    for key in ("portInfo", "portInfos", "PortInfo", "PortInfos"):
        for guard, info in opened(call.parameters.get(key), call.when):
            if not isinstance(info, MapValue):
                continue
            if "cidrs" in info.entries or "ipv6Cidrs" in info.entries:
                yield from _rule(call, info, lower, guard, workspace, reach, "ingress")
            elif info.rest is None:
                yield _exposure(
                    call, reach, Scalar("0.0.0.0/0", info.at, defaulted=True), "cidr", guard,
                    protocol=info.get("protocol"), first=info.get("fromPort"), last=info.get("toPort"),
                )
