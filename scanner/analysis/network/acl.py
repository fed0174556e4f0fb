"""Network ACLs: their entries are read in the order of their numbers, and the first one that fits decides."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.analysis.network.addresses import parse
from scanner.analysis.network.ports import (
    ALL,
    EVERY_PORT,
    Interval,
    port_number,
    ports_of,
    protocol_name,
    read_intervals,
)
from scanner.core.subject import ApiCall, Exposure, Subject
from scanner.core.value import Absent, Scalar, Unknown, Value, text_of
from scanner.core.view import NO, YES, Answer, View


def denied_before(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether an entry with a lower number denies what an allowing entry lets through to all of `ports`.

    Unknown when a denying entry of the same list has a number, source or ports that are not known.
    """
    if not isinstance(subject, Exposure):
        return NO
    wanted = read_intervals(_list(arguments.get("ports")))
    for entry in view.inventory.of_kind("Exposure"):
        if not isinstance(entry, Exposure) or entry.action == "allow" or entry.direction != subject.direction:
            continue
        if _list_of(entry) != _list_of(subject) or not view.exists(entry):
            continue
        verdict = _covers(entry, subject, wanted, view)
        if verdict is None or (verdict and entry.action != "deny"):
            return Answer(None, entry.at, "a denying entry of the list is not known")
        if verdict:
            return YES
    return NO


def _list(argument: object) -> list[object]:
    return list(argument) if isinstance(argument, (list, tuple)) else [argument]


def number_repeated(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether another entry of the same list and direction has the number of this one."""
    value = view.value(subject, "RuleNumber")
    number, list_ = _number_in(value), _list_of(subject)
    doubt = NO
    for entry in view.inventory.of_kind(subject.kind):
        if entry is subject or _list_of(entry) != list_ or not view.exists(entry):
            continue
        if _direction(entry, view) != _direction(subject, view):
            continue
        other = view.value(entry, "RuleNumber")
        unknown = value if isinstance(value, Unknown) else other
        if isinstance(unknown, Unknown):
            doubt = Answer(None, value.at, unknown.reason)
        elif number is not None and _number_in(other) == number:
            return Answer(True, value.at, f"number {number} as {entry.address}", value=value)
    return doubt


def never_decides(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether an entry with a lower number decides the contrary for all traffic that this one is about."""
    if not isinstance(subject, Exposure):
        return NO
    doubt, list_ = NO, _list_of(subject)
    for entry in view.inventory.of_kind("Exposure"):
        if not isinstance(entry, Exposure) or entry.reach != subject.reach or entry.direction != subject.direction:
            continue
        if entry.action == subject.action or _list_of(entry) != list_:
            continue
        parts = (_before(entry, subject, view), _wider(entry, subject, view), _takes_in(entry, subject, view))
        if False in parts or not view.exists(entry):
            continue
        if None in parts or not isinstance(entry.action, str) or not isinstance(subject.action, str):
            doubt = Answer(None, subject.at, "an entry of the list is not known")
            continue
        holder = entry.holder
        return Answer(True, subject.at, f"{holder.address if holder is not None else entry.address} decides before it")
    return doubt


def _direction(entry: Subject, view: View) -> str:
    egress = view.value(entry, "Egress")
    return "egress" if isinstance(egress, Scalar) and str(egress.content).lower() == "true" else "ingress"


def _before(first: Exposure, second: Exposure, view: View) -> bool | None:
    numbers = _number(first, view), _number(second, view)
    return None if numbers[0] is None or numbers[1] is None else numbers[0] < numbers[1]


def _wider(outer: Exposure, inner: Exposure, view: View) -> bool | None:
    """Tell whether the addresses of one entry take in those of another."""
    values = view.value(outer, "source"), view.value(inner, "source")
    if any(isinstance(value, Unknown) for value in values):
        return None
    ranges = [parse(text_of(value) or "") for value in values]
    return ranges[0] is not None and ranges[1] is not None and ranges[0].holds(ranges[1])


def _takes_in(outer: Exposure, inner: Exposure, view: View) -> bool | None:
    """Tell whether protocol and ports of one entry take in those of another; ICMP's types are not compared."""
    protocols = view.value(outer, "protocol"), view.value(inner, "protocol")
    if any(isinstance(value, Unknown) for value in protocols):
        return None
    names = [protocol_name(value.content) if isinstance(value, Scalar) else ALL for value in protocols]
    if names[0] == ALL:
        return True
    if names[0] != names[1] or names[0] not in ("tcp", "udp"):
        return False
    ends = [view.value(entry, name) for entry in (outer, inner) for name in ("from_port", "to_port")]
    if any(isinstance(value, Unknown) for value in ends):
        return None
    return _ports(outer, view).holds(_ports(inner, view))


def _list_of(entry: Subject) -> tuple[str, str]:
    """Return what names the network ACL of an entry: what its NetworkAclId refers to, its text, or its own address."""
    holder = entry.holder if isinstance(entry, Exposure) else entry
    value = _stated(holder, "NetworkAclId") if holder is not None else Absent(entry.at)
    if isinstance(value, Unknown):
        for reference in value.references():
            return entry.scope, reference.address
        if value.label:
            return entry.scope, value.label
    return entry.scope, text_of(value) or entry.address


def _covers(denial: Exposure, allowed: Exposure, wanted: tuple[Interval, ...], view: View) -> bool | None:
    """Tell whether a denial comes first and takes in source, protocol and all wanted ports of an allowing entry."""
    first, second = _number(denial, view), _number(allowed, view)
    source, inner = view.value(denial, "source"), view.value(allowed, "source")
    if first is None or second is None or isinstance(source, Unknown) or isinstance(inner, Unknown):
        return None
    outer_range, inner_range = parse(text_of(source) or ""), parse(text_of(inner) or "")
    if first >= second or outer_range is None or inner_range is None or not outer_range.holds(inner_range):
        return False
    protocol = view.value(denial, "protocol")
    if isinstance(protocol, Unknown):
        return None
    name = protocol_name(protocol.content) if isinstance(protocol, Scalar) else ALL
    if name not in (ALL, "tcp"):
        return False
    denied = EVERY_PORT if name == ALL else _ports(denial, view)
    reached = _ports(allowed, view)
    return all(denied.holds(part) for part in wanted if part.meets(reached))


def _number(entry: Exposure, view: View) -> int | None:
    return _number_in(view.seen(_stated(entry.holder, "RuleNumber"))) if entry.holder is not None else None


def _stated(holder: Subject, name: str) -> Value:
    """Return what an entry says of itself: a property of a resource, a parameter of a call."""
    return holder.parameters.get(name) if isinstance(holder, ApiCall) else holder.get(name)


def _number_in(value: Value) -> int | None:
    return port_number(value.content) if isinstance(value, Scalar) and value.content is not None else None


def _ports(entry: Exposure, view: View) -> Interval:
    protocol = view.value(entry, "protocol")
    if isinstance(protocol, Scalar) and protocol_name(protocol.content) == ALL:
        return EVERY_PORT
    return ports_of(_number_in(view.value(entry, "from_port")), _number_in(view.value(entry, "to_port")))
