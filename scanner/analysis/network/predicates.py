"""Predicates on exposures: does traffic from somewhere reach something it should not?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scanner.analysis.network.addresses import Range, is_private, is_world, parse
from scanner.analysis.network.ports import (
    ALL,
    EVERY_PORT,
    Interval,
    inside,
    port_number,
    ports_of,
    protocol_name,
    read_intervals,
)
from scanner.core.subject import Subject
from scanner.core.value import Absent, Scalar, Unknown, Value
from scanner.core.view import NO, Answer, View

_EPHEMERAL_START = Interval(1, 65535)
_PORT_KEYS = ("ports", "not_inside", "every_port", "at_least", "at_most")
_NARROW_PREFIX = 4
_CARRIES_PORTS = ("tcp", "udp", "sctp", "tcp_udp")


def traffic_from(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether an exposure lets traffic through as the arguments describe it; all of them must hold.

    `source`: `world` (default: half of IPv4 or more, or all of IPv6), `world-ipv4`, `world-ipv6`, `public` (any
    address that is not private). `ports`: numbers and ranges of which one is reachable. `not_inside`: the ports reach
    beyond these. `every_port: true`: all ports. `every_protocol: true`: all protocols. `protocols`: names of which
    one is let through (default tcp and udp when ports are asked for, else any). `at_least`, `at_most`: number of ports.
    `unknown: elsewhere` answers no where something is not known, for rules whose unknowns another rule reports.
    """
    source = view.value(subject, "source")
    kind = view.value(subject, "source_kind")
    holds, doubt = _source(source, kind, str(arguments.get("source", "world")))
    if holds is False:  # most exposures end here, for each of some forty rules: ports are not read before they count
        return NO
    holds, why = _protocol(view.value(subject, "protocol"), arguments)
    if holds is False:
        return NO
    doubt = doubt or why
    holds, why = _ports(subject, arguments, view)
    if holds is False:
        return NO
    doubt = doubt or why
    if doubt:
        return NO if arguments.get("unknown") == "elsewhere" else Answer(None, subject.at, doubt, value=source)
    place = source.at if source.at.path else subject.at
    return Answer(True, place, f"{_text(source)} on {_words(subject, view)}", value=source)


def _text(source: Value) -> str:
    return str(source.content) if isinstance(source, Scalar) else "any address"


def _words(subject: Subject, view: View) -> str:
    """Return `tcp port 22`, `all traffic`, `udp ports 0-65535`."""
    protocol = view.value(subject, "protocol")
    name = protocol_name(protocol.content) if isinstance(protocol, Scalar) else "tcp"
    if name == ALL:
        return "all ports of all protocols"
    if name not in _CARRIES_PORTS:
        return name
    interval = _interval(subject, view)
    if interval is None:
        return f"{name} ports that are not known"
    word = "port" if interval.first == interval.last else "ports"
    return f"{name} {word} {interval}"


def _source(source: Value, kind: Value, wanted: str) -> tuple[bool | None, str]:
    if isinstance(kind, Scalar) and kind.content in ("security-group", "service"):
        return False, ""
    if isinstance(source, Unknown):
        if wanted != "public" and _narrow(source):
            return False, ""
        return None, f"the source is not known: {source.reason}"
    if isinstance(source, Absent):
        return None, "the source is not stated here"
    if isinstance(kind, Scalar) and kind.content == "prefix-list":
        return None, f"the addresses of prefix list {_text(source)} are not known"
    found = parse(str(source.content)) if isinstance(source, Scalar) and isinstance(source.content, str) else None
    if found is None:
        return None, f"{_text(source)} is not an address range"
    return _wide(found, wanted), ""


def _narrow(source: Unknown) -> bool:
    """Tell whether a partly known range ends in a prefix length that keeps it from being the world (`$MY_IP/32`)."""
    last = source.parts[-1] if source.parts else None
    length = last.rpartition("/")[2] if isinstance(last, str) and "/" in last else ""
    return length.isdigit() and int(length) >= _NARROW_PREFIX


def _wide(found: Range, wanted: str) -> bool:
    if wanted == "public":
        return not is_private(found)
    if wanted == "world-ipv4":
        return found.version == 4 and is_world(found)
    if wanted == "world-ipv6":
        return found.version == 6 and is_world(found)
    return is_world(found)


def _protocol(protocol: Value, arguments: Mapping[str, object]) -> tuple[bool | None, str]:
    if isinstance(protocol, Unknown):
        return None, f"the protocol is not known: {protocol.reason}"
    name = protocol_name(protocol.content) if isinstance(protocol, Scalar) else ALL
    if arguments.get("every_protocol"):
        return name == ALL, ""
    wanted = arguments.get("protocols")
    if not isinstance(wanted, Sequence) or isinstance(wanted, str):
        asks_ports = any(key in arguments for key in _PORT_KEYS)
        return (name == ALL or name in _CARRIES_PORTS or not asks_ports), ""
    names = {protocol_name(entry) for entry in wanted}
    return name == ALL or name in names or (name == "tcp_udp" and bool(names & {"tcp", "udp"})), ""


def _interval(subject: Subject, view: View) -> Interval | None:
    """Return the ports of an exposure, None when an end is unknown."""
    ends: list[int | None] = []
    for field in ("from_port", "to_port"):
        value = view.value(subject, field)
        if isinstance(value, Unknown):
            return None
        ends.append(port_number(value.content) if isinstance(value, Scalar) and value.content is not None else None)
    return ports_of(ends[0], ends[1])


def _ports(subject: Subject, arguments: Mapping[str, object], view: View) -> tuple[bool | None, str]:
    asked = [key for key in _PORT_KEYS if key in arguments]
    if not asked:
        return True, ""
    protocol = view.value(subject, "protocol")
    if isinstance(protocol, Scalar) and protocol_name(protocol.content) == ALL:
        interval: Interval | None = EVERY_PORT
    else:
        interval = _interval(subject, view)
    if interval is None:
        return None, "the ports are not known"
    return all(_asked(key, arguments[key], interval) for key in asked), ""


def _asked(key: str, argument: object, interval: Interval) -> bool:
    if key == "every_port":
        return not argument or interval.holds(_EPHEMERAL_START)
    if key in ("at_least", "at_most"):
        count, bound = interval.last - interval.first + 1, int(str(argument))
        return count >= bound if key == "at_least" else count <= bound
    entries = argument if isinstance(argument, (list, tuple)) else [argument]
    wanted = read_intervals(entry for entry in entries if entry is not None)
    if key == "ports":
        return any(interval.meets(entry) for entry in wanted)
    return not inside(interval, wanted)


def address_range(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the property `path` is a CIDR of the kind asked for: `is: world | public | private`."""
    value = view.value(subject, str(arguments.get("path", "source")))
    if isinstance(value, Unknown):
        return Answer(None, value.at, value.reason, value=value)
    found = parse(str(value.content)) if isinstance(value, Scalar) else None
    if found is None:
        return NO
    wanted = str(arguments.get("is", "world"))
    holds = is_private(found) if wanted == "private" else _wide(found, wanted)
    return Answer(holds, value.at, f"{_text(value)}", value=value)
