"""Ports and protocols: intervals, and what a security group, a network ACL or a command means by them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

ALL = "all"
_PROTOCOLS = {
    "-1": ALL, "all": ALL, "any": ALL, "*": ALL, "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "132": "sctp",
    "tls": "tcp", "http": "tcp", "https": "tcp", "tcp_udp": "tcp_udp", "ssl": "tcp",
}
FULL_FROM, FULL_TO = 0, 65535


class Interval(NamedTuple):
    """Ports from `first` to `last`, both inside."""

    first: int
    last: int

    def meets(self, other: Interval) -> bool:
        """Tell whether the two have a port in common."""
        return self.first <= other.last and other.first <= self.last

    def holds(self, other: Interval) -> bool:
        """Tell whether `other` lies inside."""
        return self.first <= other.first and other.last <= self.last

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


EVERY_PORT = Interval(FULL_FROM, FULL_TO)


def protocol_name(content: object) -> str:
    """Return tcp, udp, icmp, icmpv6, `all`, another name in lower case, or a number as text."""
    if isinstance(content, float) and content.is_integer():
        content = int(content)
    text = str(content).strip().lower()
    return _PROTOCOLS.get(text, text)


def port_number(content: object) -> int | None:
    """Return the number of a port written as number or text (-1 included), or None."""
    if isinstance(content, bool):
        return None
    if isinstance(content, (int, float)):
        return int(content)
    try:
        return int(str(content).strip())
    except ValueError:
        return None


def ports_of(first: int | None, last: int | None) -> Interval:
    """Return the interval that a rule states; missing or negative ends mean every port."""
    if first is None and last is None:
        return EVERY_PORT
    if first is None or first < 0 or (last is not None and last < 0):
        return EVERY_PORT if first is None or first < 0 else Interval(first, FULL_TO)
    return Interval(first, last if last is not None else first)


def read_intervals(entries: Iterable[object]) -> tuple[Interval, ...]:
    """Return the intervals of a parameter: `22`, `"3306"`, `"1024-65535"`, `"22,80"`; raises ValueError otherwise."""
    out = []
    for entry in entries:
        for piece in str(entry).split(","):
            first, dash, last = piece.strip().partition("-")
            if first:
                out.append(Interval(int(first), int(last) if dash else int(first)))
    return tuple(out)


def inside(part: Interval, allowed: Iterable[Interval]) -> bool:
    """Tell whether every port of `part` lies in the union of `allowed`."""
    need = part.first
    for interval in sorted(allowed):
        if interval.first > need:
            return False
        if interval.last >= need:
            need = interval.last + 1
        if need > part.last:
            return True
    return need > part.last
