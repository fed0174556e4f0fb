"""Security groups, network ACLs, routes: a Terraform block may allow several sources, CloudFormation's rule one."""

from __future__ import annotations

from collections.abc import Callable

from scanner.core.location import Location
from scanner.core.value import Absent, Choice, ListValue, MapValue, Reference, Scalar, Unknown, Value, text_of
from scanner.model.terraform.domain import settled
from scanner.model.terraform.drafts import Draft
from scanner.model.terraform.operators import as_boolean
from scanner.model.terraform.shape import Many, Shape
from scanner.model.terraform.transforms import transformed

_SOURCES = {
    "ingress": {"cidr_blocks": "CidrIp", "ipv6_cidr_blocks": "CidrIpv6", "prefix_list_ids": "SourcePrefixListId",
                "security_groups": "SourceSecurityGroupId", "source_security_group_id": "SourceSecurityGroupId"},
    "egress": {"cidr_blocks": "CidrIp", "ipv6_cidr_blocks": "CidrIpv6", "prefix_list_ids": "DestinationPrefixListId",
               "security_groups": "DestinationSecurityGroupId",
               "source_security_group_id": "DestinationSecurityGroupId"},
}
_COMMON = {"protocol": "IpProtocol", "from_port": "FromPort", "to_port": "ToPort", "description": "Description"}
_KINDS = {"ingress": "AWS::EC2::SecurityGroupIngress", "egress": "AWS::EC2::SecurityGroupEgress"}


def _group(draft: Draft) -> list[Draft]:
    """Inline rules, one item for every source; no egress block means that nothing may leave."""
    shape = draft.shape
    for direction, name in (("ingress", "SecurityGroupIngress"), ("egress", "SecurityGroupEgress")):
        value = draft.arguments.entries.get(direction)
        shape.fields.pop(name, None)
        if value is None and direction == "ingress":
            continue
        many = Many(value.at if value is not None else draft.at)
        if isinstance(value, ListValue):
            many.rest = value.rest
            for item in value.items:
                many.items += _rules(item, direction, draft.address)
        elif isinstance(value, Unknown):
            many.rest = value
        elif isinstance(value, (Choice, MapValue)):
            many.items += _rules(value, direction, draft.address)
        shape.fields[name] = many
        shape.keys_at[name] = draft.arguments.key_at(direction) if value is not None else draft.at
    return [draft]


def _rules(item: Value, direction: str, address: str) -> list[Shape | Value]:
    """Return the rules of one block: one for every source it names."""
    if isinstance(item, Choice):
        absent = Absent(item.at)
        found: list[Shape | Value] = []
        for holds, side in ((True, item.then), (False, item.otherwise)):
            inner = side.items if isinstance(side, ListValue) else (side,)
            for rule in (rule for part in inner for rule in _rules(part, direction, address)):
                value = rule.freeze({}, str) if isinstance(rule, Shape) else rule
                found.append(Choice(item.question, value if holds else absent, absent if holds else value, item.at))
        return found
    if not isinstance(item, MapValue):
        return [] if isinstance(item, Absent) else [item]
    return [*exploded(item, direction, address)]


def exploded(item: MapValue, direction: str, address: str) -> list[Shape]:
    """Return one rule for every source in a block's lists."""
    rules: list[Shape] = []
    for name, target in _SOURCES[direction].items():
        value = item.entries.get(name)
        if value is None:
            continue
        for source in _sources(settled(value)):
            rules.append(_rule(item, target, source, item.key_at(name)))
    itself = item.entries.get("self")
    if itself is not None and as_boolean(itself) is not False:
        own = "SourceSecurityGroupId" if direction == "ingress" else "DestinationSecurityGroupId"
        reference = Unknown(f"{address}.id is known after it is applied", itself.at, refers=Reference(address, "id"))
        rules.append(_rule(item, own, reference, item.key_at("self")))
    return rules or [_rule(item, "", Absent(item.at), item.at)]


def _sources(value: Value) -> list[Value]:
    if isinstance(value, ListValue):
        return [*value.items, *([value.rest] if value.rest is not None else [])]
    if isinstance(value, Choice):
        return [
            Choice(value.question, one if holds else Absent(value.at), Absent(value.at) if holds else one, value.at)
            for holds, side in ((True, value.then), (False, value.otherwise)) for one in _sources(side)]
    return [] if isinstance(value, Absent) else [value]


def _rule(item: MapValue, target: str, source: Value, at: Location) -> Shape:
    shape = Shape(item.at)
    for name, key in _COMMON.items():
        value = item.entries.get(name)
        if value is not None:
            if name == "protocol":
                value = transformed(value, "protocol")
            shape.put(key, settled(value), item.key_at(name))
    if target:
        shape.put(target, source, at)
    return shape


def _group_rule(draft: Draft) -> list[Draft]:
    """aws_security_group_rule: a rule resource for every source."""
    direction = text_of(draft.arguments.get("type"))
    if direction not in _KINDS:
        direction = "ingress"
    made = []
    group = draft.arguments.get("security_group_id")
    for rule in exploded(draft.arguments, direction, ""):
        one = draft.copy(_KINDS[direction])
        one.attributes = draft.attributes
        one.shape = rule
        if not isinstance(group, Absent):
            rule.put("GroupId", settled(group), draft.arguments.key_at("security_group_id"))
        own = rule.fields.get("SourceSecurityGroupId") or rule.fields.get("DestinationSecurityGroupId")
        if isinstance(own, Unknown) and own.refers is not None and own.refers.address == "":
            name = "SourceSecurityGroupId" if direction == "ingress" else "DestinationSecurityGroupId"
            rule.fields[name] = settled(group)
        made.append(one)
    return made


def _routes(draft: Draft) -> list[Draft]:
    """aws_route_table with inline routes: a route resource for every block."""
    found = [draft]
    value = draft.arguments.entries.get("route")
    for item in value.items if isinstance(value, ListValue) else ():
        if isinstance(item, MapValue):
            one = draft.copy("AWS::EC2::Route")
            one.at = item.at
            one.shape = Shape(item.at)
            one.shape.put("RouteTableId", Unknown(f"{draft.address}.id is known after it is applied", item.at,
                                                  refers=Reference(draft.address, "id")), item.at)
            for name, key in _ROUTE.items():
                if name in item.entries and text_of(item.entries[name]) != "":
                    one.shape.put(key, settled(item.entries[name]), item.key_at(name))
            found.append(one)
    return found


_ROUTE = {
    "cidr_block": "DestinationCidrBlock", "ipv6_cidr_block": "DestinationIpv6CidrBlock", "gateway_id": "GatewayId",
    "nat_gateway_id": "NatGatewayId", "transit_gateway_id": "TransitGatewayId", "vpc_endpoint_id": "VpcEndpointId",
    "vpc_peering_connection_id": "VpcPeeringConnectionId", "network_interface_id": "NetworkInterfaceId",
    "egress_only_gateway_id": "EgressOnlyInternetGatewayId", "destination_prefix_list_id": "DestinationPrefixListId",
    "instance_id": "InstanceId", "carrier_gateway_id": "CarrierGatewayId", "local_gateway_id": "LocalGatewayId",
}
_PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "all": -1}


def _acl(draft: Draft) -> list[Draft]:
    """aws_network_acl with inline rules: an entry resource for every block."""
    found = [draft]
    for direction in ("ingress", "egress"):
        value = draft.arguments.entries.get(direction)
        for item in value.items if isinstance(value, ListValue) else ():
            if isinstance(item, MapValue):
                one = draft.copy("AWS::EC2::NetworkAclEntry")
                one.at = item.at
                one.shape = acl_entry(item, direction == "egress", item.at)
                one.shape.put("NetworkAclId", Unknown(f"{draft.address}.id is known after it is applied", item.at,
                                                      refers=Reference(draft.address, "id")), item.at)
                found.append(one)
    return found


_ENTRY = {
    "rule_no": "RuleNumber", "rule_number": "RuleNumber", "action": "RuleAction", "rule_action": "RuleAction",
    "cidr_block": "CidrBlock", "ipv6_cidr_block": "Ipv6CidrBlock", "from_port": "PortRange.From",
    "to_port": "PortRange.To", "icmp_type": "Icmp.Type", "icmp_code": "Icmp.Code", "network_acl_id": "NetworkAclId",
}


def acl_entry(item: MapValue, egress: bool, at: Location) -> Shape:
    """Return a network ACL entry of a block's arguments."""
    shape = Shape(at)
    for name, key in _ENTRY.items():
        value = item.entries.get(name)
        if value is not None and text_of(value) != "":
            shape.put(key, settled(value), item.key_at(name))
    protocol = item.entries.get("protocol")
    if protocol is not None:
        text = text_of(protocol)
        value = Scalar(_PROTOCOLS[text.lower()], protocol.at) if text and text.lower() in _PROTOCOLS else protocol
        shape.put("Protocol", settled(value), item.key_at("protocol"))
    shape.put("Egress", item.entries.get("egress", Scalar(egress, at)), at)
    return shape


def _acl_rule(draft: Draft) -> list[Draft]:
    draft.shape = acl_entry(draft.arguments, False, draft.at)
    return [draft]


NETWORKS: dict[str, Callable[[Draft], list[Draft]]] = {
    "aws_security_group": _group, "aws_default_security_group": _group, "aws_security_group_rule": _group_rule,
    "aws_route_table": _routes, "aws_default_route_table": _routes, "aws_network_acl": _acl,
    "aws_default_network_acl": _acl, "aws_network_acl_rule": _acl_rule,
}
