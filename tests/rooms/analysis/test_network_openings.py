"""Ranges of ports and addresses: one is no range, what is not stated is none, what is not known is unknown."""

from __future__ import annotations

import pytest

from scanner.analysis.network.openings import opens_port_ranges, opens_several
from scanner.core.location import Location
from scanner.core.subject import Exposure, Resource
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Unknown, Value

AT = Location("t.yaml", 1, 1, 1, 2)


class Seen:
    """A view that shows the plain fields of a subject."""

    def value(self, subject: object, path: str) -> Value:
        return subject.get(path) if isinstance(subject, Resource) else getattr(subject, path)


def exposure(first: Value, last: Value, source: Value) -> Exposure:
    return Exposure("a", AT, reach="security-group", protocol=Scalar("tcp", AT), from_port=first, to_port=last, source=source)


def of(content: object) -> Value:
    return Absent(AT) if content is None else Unknown("x", AT) if content == "?" else Scalar(content, AT)


@pytest.mark.parametrize(("first", "last", "holds"), [
    (80, 443, True), ("80", "443", True), (443, 443, False), (None, None, False), (80, None, False), ("?", 443, None),
])
def test_ports(first: object, last: object, holds: object) -> None:
    assert opens_several(exposure(of(first), of(last), of("10.0.0.0/8")), {"what": "ports"}, Seen()).holds is holds


@pytest.mark.parametrize(("source", "holds"), [
    ("10.0.0.0/31", True), ("10.0.0.1/32", False), ("10.0.0.1", False), ("2001:db8::/64", True), ("2001:db8::1/128", False),
    ("sg-1", False), (None, False), ("?", None),
])
def test_addresses(source: object, holds: object) -> None:
    assert opens_several(exposure(of(1), of(9), of(source)), {"what": "addresses"}, Seen()).holds is holds


def test_lists_of_ports() -> None:
    def fleet(*pairs: tuple[int, int]) -> Resource:
        entries = [MapValue({"FromPort": of(low), "ToPort": of(high)}, AT) for low, high in pairs]
        return Resource("AWS::GameLift::Fleet", "f", AT, properties=MapValue({"Open": ListValue(tuple(entries), AT)}, AT))

    assert opens_port_ranges(fleet((1, 1), (7, 9)), {"path": "Open"}, Seen()).why == "ports 7 to 9"
    assert not opens_port_ranges(fleet((1, 1), (7, 7)), {"path": "Open"}, Seen()).holds


@pytest.mark.parametrize("protocol", ["icmp", "ICMPv6", 1, "58"])
def test_types_and_codes_of_icmp_are_no_ports(protocol: object) -> None:
    echo = Exposure(
        "a", AT, reach="security-group", protocol=of(protocol), from_port=of(8), to_port=of(0), source=of("10.0.0.0/8")
    )
    assert opens_several(echo, {"what": "ports"}, Seen()).holds is False
