"""How wide an exposure is: more than one port, more than one address, a port of what stands behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scanner.analysis.network.addresses import parse
from scanner.analysis.network.ports import port_number
from scanner.analysis.network.predicates import traffic_from
from scanner.core.subject import Exposure, Subject
from scanner.core.value import Absent, ListValue, Scalar, Unknown, Value, text_of
from scanner.core.view import NO, Answer, View, unless_unknown

ICMP = frozenset(("icmp", "icmpv6", "1", "58"))


def opens_several(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether an exposure states a range of `what`: `ports` (from one to another) or `addresses` (a CIDR).

    What is not stated is no range: all ports, or every address of a group, are other rules' questions. ICMP has no
    ports: FromPort and ToPort hold its type and code (API reference of EC2, IpPermission).
    """
    if arguments.get("what") == "addresses":
        grouped = text_of(view.value(subject, "source_kind")) == "security-group"
        return NO if grouped else _addresses(view.value(subject, "source"))
    protocol = view.value(subject, "protocol")
    if isinstance(protocol, Scalar) and str(protocol.content).lower() in ICMP:
        return NO
    first, last = view.value(subject, "from_port"), view.value(subject, "to_port")
    for value in (first, last):
        if isinstance(value, Unknown):
            return Answer(None, value.at, f"the ports are not known: {value.reason}", value=value)
    low, high = _port(first), _port(last)
    if low is None or high is None or low == high:
        return NO
    return Answer(True, first.at, f"ports {low} to {high}", value=first)


def _addresses(source: Value) -> Answer:
    if isinstance(source, Unknown):
        return Answer(None, source.at, f"the source is not known: {source.reason}", value=source)
    found = parse(str(source.content)) if isinstance(source, Scalar) else None
    if found is None or found.size == 1:
        return NO
    return Answer(True, source.at, f"{source.content}" if isinstance(source, Scalar) else "", value=source)


def _port(value: Value) -> int | None:
    return port_number(value.content) if isinstance(value, Scalar) and value.content is not None else None


def opens_port_ranges(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether an entry of the list at `path` has another `ToPort` than its `FromPort`."""
    entries = view.value(subject, str(arguments["path"]))
    doubt = unless_unknown(entries)
    for entry in entries.items if isinstance(entries, ListValue) else (entries,):
        first, last = entry.get("FromPort"), entry.get("ToPort")
        low, high = _port(first), _port(last)
        if low is not None and high is not None and low != high:
            return Answer(True, entry.at, f"ports {low} to {high}", value=entry)
        unknown = next((port for port in (first, last) if isinstance(port, Unknown)), None)
        if unknown is not None and doubt.holds is False:
            doubt = Answer(None, unknown.at, f"the ports are not known: {unknown.reason}", value=unknown)
    return doubt


def group_lets_world_in(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a security group of the subject lets the world reach its port over TCP.

    `groups` is the path of the groups, `port` that of the port, which is `default` where none is written. Rules inside
    a group and beside it count; groups outside the run make the answer unknown.
    """
    groups, port = view.value(subject, str(arguments["groups"])), view.value(subject, str(arguments["port"]))
    if isinstance(port, Absent):
        port = Scalar(int(str(arguments["default"])), port.at, defaulted=True)
    doubt = unless_unknown(groups)
    for item in groups.items if isinstance(groups, ListValue) else () if isinstance(groups, Absent) else (groups,):
        entry = view.seen(item)
        found = [group for group in view.targets(subject, entry) if group.kind == "AWS::EC2::SecurityGroup"]
        if not found and not isinstance(entry, Absent):
            doubt = Answer(None, entry.at, "a security group is not part of this run", value=entry)
        for exposure in _ingress(found, view):
            answer = _reaches(exposure, port, view)
            if answer.holds:
                return Answer(True, entry.at, answer.why, ((exposure.address, exposure.at),), value=entry)
            doubt = answer if answer.holds is None else doubt
    return doubt


def _reaches(exposure: Subject, port: Value, view: View) -> Answer:
    number = _port(port)
    if number is not None:
        return traffic_from(exposure, {"protocols": ["tcp"], "ports": number}, view)
    every = traffic_from(exposure, {"protocols": ["tcp"], "every_port": True}, view)
    if every.holds or traffic_from(exposure, {"protocols": ["tcp"]}, view).holds is False:
        return every
    return Answer(None, port.at, "the port is not known", value=port)


def _ingress(groups: list[Subject], view: View) -> Iterator[Subject]:
    """Yield what these groups let in, stated inside them or in rules beside them."""
    for exposure in view.inventory.of_kind("Exposure"):
        holder = exposure.holder
        if not isinstance(exposure, Exposure) or exposure.direction != "ingress" or holder is None:
            continue
        beside = holder.kind == "AWS::EC2::SecurityGroupIngress"
        meant = view.targets(holder, view.value(holder, "GroupId")) if beside else [holder]
        if any(group in groups for group in meant) and view.exists(exposure):
            yield exposure
