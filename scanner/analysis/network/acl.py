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
from scanner.core.subject import Exposure, Subject
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
        if not isinstance(entry, Exposure) or entry.action != "deny" or entry.direction != subject.direction:
            continue
        if _list_of(entry) != _list_of(subject) or not view.exists(entry):
            continue
        verdict = _covers(entry, subject, wanted, view)
        if verdict is None:
            return Answer(None, entry.at, "a denying entry of the list is not known")
        if verdict:
            return YES
    return NO


def _list(argument: object) -> list[object]:
    return list(argument) if isinstance(argument, (list, tuple)) else [argument]


def _list_of(entry: Exposure) -> tuple[str, str]:
    """Return what names the network ACL of an entry: what its NetworkAclId refers to, its text, or its own address."""
    holder = entry.holder
    value: Value = holder.get("NetworkAclId") if holder is not None else Absent(entry.at)
    if isinstance(value, Unknown):
        for reference in value.references():
            return entry.scope, reference.address
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
    return _number_in(view.value(entry.holder, "RuleNumber")) if entry.holder is not None else None


def _number_in(value: Value) -> int | None:
    return port_number(value.content) if isinstance(value, Scalar) and value.content is not None else None


def _ports(entry: Exposure, view: View) -> Interval:
    protocol = view.value(entry, "protocol")
    if isinstance(protocol, Scalar) and protocol_name(protocol.content) == ALL:
        return EVERY_PORT
    return ports_of(_number_in(view.value(entry, "from_port")), _number_in(view.value(entry, "to_port")))
