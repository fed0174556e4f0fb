"""CDK constructs that open ports or grant rights, as the API calls they amount to."""

from __future__ import annotations

import ast

from scanner.core.value import ListValue, MapValue, Scalar, Unknown, Value
from scanner.model.python_code.expressions import Reader

Found = tuple[str, str, MapValue | None]

_WORLD = {"any_ipv4": ("CidrIp", "0.0.0.0/0"), "any_ipv6": ("CidrIpv6", "::/0")}
_GIVEN = {
    "ipv4": "CidrIp", "ipv6": "CidrIpv6", "prefix_list": "SourcePrefixListId",
    "security_group_id": "SourceSecurityGroupId",
}
_PORTS = {
    "SSH": 22, "HTTP": 80, "HTTPS": 443, "RDP": 3389, "MYSQL_AURORA": 3306, "POSTGRES": 5432, "MSSQL": 1433,
    "ORACLE_RDS": 1521, "NFS": 2049, "SMTP": 25, "DNS_TCP": 53, "LDAP": 389, "REDIS": 6379, "MONGO": 27017,
}
_EFFECTS = {"ALLOW": "Allow", "DENY": "Deny"}


def construct_calls(node: ast.Call, reader: Reader) -> list[Found]:
    """Return the calls that a CDK call amounts to; an empty list for any other call."""
    name = _name(node.func)
    if name in ("add_ingress_rule", "add_egress_rule"):
        peer, port = _argument(node, 0, "peer"), _argument(node, 1, "connection")
        return _rule(node, reader, name == "add_ingress_rule", peer, port)
    if name == "allow_from":
        return _rule(node, reader, True, _argument(node, 0, "other"), _argument(node, 1, "port_range"))
    if name in ("allow_from_any_ipv4", "allow_default_port_from_any_ipv4"):
        known = _argument(node, 0, "port_range") if name == "allow_from_any_ipv4" else None
        source = Scalar("0.0.0.0/0", reader.at(node.func))
        return [_authorize(True, {"CidrIp": source, **_port(known, reader)}, reader, node)]
    if name == "PolicyStatement":
        return [("cdk", "PolicyStatement", _statement(node, reader))]
    if name == "from_aws_managed_policy_name":
        given = _argument(node, 0, "managed_policy_name")
        return [("cdk", "AttachManagedPolicy", MapValue(
            {"PolicyArn": reader.value(given) if given is not None else reader.unknown(node)}, reader.at(node)))]
    return []


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _argument(node: ast.Call, index: int, keyword: str) -> ast.expr | None:
    for given in node.keywords:
        if given.arg == keyword:
            return given.value
    return node.args[index] if index < len(node.args) else None


def _authorize(ingress: bool, entries: dict[str, Value], reader: Reader, node: ast.Call) -> Found:
    operation = "AuthorizeSecurityGroupIngress" if ingress else "AuthorizeSecurityGroupEgress"
    return "ec2", operation, MapValue(entries, reader.at(node))


def _rule(
    node: ast.Call, reader: Reader, ingress: bool, peer: ast.expr | None, port: ast.expr | None
) -> list[Found]:
    if peer is None:
        return []
    return [_authorize(ingress, {**_peer(peer, reader), **_port(port, reader)}, reader, node)]


def _resolved(node: ast.expr, reader: Reader) -> ast.expr:
    """Return the one expression a name stands for."""
    for _ in range(4):
        if not isinstance(node, ast.Name):
            break
        found = reader.names.values(node)
        if len(found) != 1:
            break
        node = found[0]
    return node


def _peer(peer: ast.expr, reader: Reader) -> dict[str, Value]:
    """Return the source of a peer: Peer.any_ipv4(), Peer.ipv4("10.0.0.0/8"), a security group."""
    peer = _resolved(peer, reader)
    if isinstance(peer, ast.Call):
        name = _name(peer.func)
        if name in _WORLD:
            key, cidr = _WORLD[name]
            return {key: Scalar(cidr, reader.at(peer))}
        if name in _GIVEN and peer.args:
            return {_GIVEN[name]: reader.value(peer.args[0])}
        if name in ("SecurityGroup", "from_security_group_id", "from_lookup_by_id"):
            return {"SourceSecurityGroupId": reader.unknown(peer)}
    return {"CidrIp": reader.unknown(peer)}


def _port(port: ast.expr | None, reader: Reader) -> dict[str, Value]:
    """Return protocol and ports of a Port: tcp(22), tcp_range(1, 2), all_traffic(), SSH."""
    if port is None:
        return {}
    port = _resolved(port, reader)
    at = reader.at(port)
    if isinstance(port, ast.Attribute) and port.attr in _PORTS:
        number = Scalar(_PORTS[port.attr], at)
        return {"IpProtocol": Scalar("tcp", at), "FromPort": number, "ToPort": number}
    if not isinstance(port, ast.Call):
        unknown = reader.unknown(port)
        return {"IpProtocol": unknown, "FromPort": unknown, "ToPort": unknown}
    name = _name(port.func)
    if name == "all_traffic":
        return {"IpProtocol": Scalar("-1", at)}
    protocol = name.removeprefix("all_").removesuffix("_range").split("_")[0]
    entries: dict[str, Value] = {"IpProtocol": Scalar(protocol, at)}
    if name in ("tcp", "udp") and port.args:
        entries["FromPort"] = entries["ToPort"] = reader.value(port.args[0])
    elif name.endswith("_range") and len(port.args) == 2:
        entries["FromPort"], entries["ToPort"] = reader.value(port.args[0]), reader.value(port.args[1])
    elif name in ("all_tcp", "all_udp"):
        entries["FromPort"], entries["ToPort"] = Scalar(0, at), Scalar(65535, at)
    return entries


def _statement(node: ast.Call, reader: Reader) -> MapValue:
    """Return the policy document that a PolicyStatement amounts to."""
    given = reader.keywords(node)
    entries: dict[str, Value] = {"Effect": Scalar("Allow", reader.at(node), defaulted=True)}
    for keyword, element in (
        ("sid", "Sid"), ("actions", "Action"), ("not_actions", "NotAction"), ("resources", "Resource"),
        ("not_resources", "NotResource"), ("conditions", "Condition"),
    ):
        if keyword in given.entries:
            entries[element] = given.entries[keyword]
    for given_keyword in node.keywords:
        if given_keyword.arg == "effect" and isinstance(given_keyword.value, ast.Attribute):
            entries["Effect"] = Scalar(_EFFECTS.get(given_keyword.value.attr, "Allow"), reader.at(given_keyword.value))
        elif given_keyword.arg == "principals":
            entries["Principal"] = _principals(given_keyword.value, reader)
    at = reader.at(node)
    statement: Value = MapValue(entries, at, given.keys_at, given.rest)
    return MapValue({"Version": Scalar("2012-10-17", at, defaulted=True), "Statement": statement}, at)


_PRINCIPALS = {
    "AnyPrincipal": ("AWS", "*"), "StarPrincipal": ("AWS", "*"), "Anyone": ("AWS", "*"), "ArnPrincipal": ("AWS", ""),
    "AccountPrincipal": ("AWS", ""), "ServicePrincipal": ("Service", ""), "FederatedPrincipal": ("Federated", ""),
    "CanonicalUserPrincipal": ("CanonicalUser", ""), "WebIdentityPrincipal": ("Federated", ""),
}


def _principals(node: ast.expr, reader: Reader) -> Value:
    """Return the Principal element of a list of principal constructs."""
    node = _resolved(node, reader)
    entries: dict[str, list[Value]] = {}
    for item in node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]:
        item = _resolved(item, reader)
        kind = _PRINCIPALS.get(_name(item.func)) if isinstance(item, ast.Call) else None
        if kind is None or not isinstance(item, ast.Call):
            entries.setdefault("AWS", []).append(reader.unknown(item))
            continue
        key, text = kind
        value: Value = Scalar(text, reader.at(item)) if text else (
            reader.value(item.args[0]) if item.args else Unknown("the principal is not stated", reader.at(item)))
        entries.setdefault(key, []).append(value)
    at = reader.at(node)
    return MapValue({key: ListValue(tuple(values), at) for key, values in entries.items()}, at)
