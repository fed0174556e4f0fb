"""How wide an exposure is: more than one port, more than one address."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.analysis.network.addresses import parse
from scanner.analysis.network.ports import port_number
from scanner.core.subject import Subject
from scanner.core.value import ListValue, Scalar, Unknown, Value
from scanner.core.view import NO, Answer, View

ICMP = frozenset(("icmp", "icmpv6", "1", "58"))


def opens_several(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether an exposure states a range of `what`: `ports` (from one to another) or `addresses` (a CIDR).

    What is not stated is no range: all ports, or every address of a group, are other rules' questions. ICMP has no
    ports: FromPort and ToPort hold its type and code (API reference of EC2, IpPermission).
    """
    if arguments.get("what") == "addresses":
        return _addresses(view.value(subject, "source"))
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
    for entry in entries.items if isinstance(entries, ListValue) else (entries,):
        low, high = _port(entry.get("FromPort")), _port(entry.get("ToPort"))
        if low is not None and high is not None and low != high:
            return Answer(True, entry.at, f"ports {low} to {high}", value=entry)
    return NO
