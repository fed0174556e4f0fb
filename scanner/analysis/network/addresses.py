"""Address ranges: reading CIDRs in every spelling, and telling the world from a corner of it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple


class Range(NamedTuple):
    """Addresses from `first` to `last`, both inside, of IP `version` 4 or 6."""

    version: int
    first: int
    last: int

    def holds(self, other: Range) -> bool:
        """Tell whether every address of `other` lies inside."""
        return self.version == other.version and self.first <= other.first and other.last <= self.last

    def meets(self, other: Range) -> bool:
        """Tell whether the two have an address in common."""
        return self.version == other.version and self.first <= other.last and other.first <= self.last

    @property
    def size(self) -> int:
        """Return how many addresses there are."""
        return self.last - self.first + 1


def _quad(text: str) -> int | None:
    parts = text.split(".")
    if len(parts) != 4:
        return None
    number = 0
    for part in parts:
        if not part.isascii() or not part.isdigit() or len(part) > 3 or int(part) > 255:
            return None
        number = number * 256 + int(part)
    return number


def _groups(text: str) -> list[int] | None:
    """Return the 16-bit groups of one side of an IPv6 address; a dotted quad may end it."""
    if not text:
        return []
    out: list[int] = []
    parts = text.split(":")
    for index, part in enumerate(parts):
        if "." in part and index == len(parts) - 1:
            number = _quad(part)
            if number is None:
                return None
            out += [number >> 16, number & 0xFFFF]
        elif 1 <= len(part) <= 4 and all(c in "0123456789abcdefABCDEF" for c in part):
            out.append(int(part, 16))
        else:
            return None
    return out


def _six(text: str) -> int | None:
    head, gap, tail = text.partition("::")
    left, right = _groups(head), _groups(tail)
    if left is None or right is None or ("::" in tail):
        return None
    missing = 8 - len(left) - len(right)
    if (gap and missing < 1) or (not gap and missing != 0):
        return None
    number = 0
    for group in [*left, *([0] * missing if gap else []), *right]:
        number = number * 65536 + group
    return number


@lru_cache(maxsize=1024)  # each rule on traffic asks for the same few ranges
def parse(text: str) -> Range | None:
    """Return the range of a CIDR or a single address; host bits are ignored, as EC2 does. None when it is neither."""
    address, slash, length = text.strip().partition("/")
    version, bits = (6, 128) if ":" in address else (4, 32)
    number = _six(address) if version == 6 else _quad(address)
    if number is None:
        return None
    prefix = bits
    if slash:
        if not length.isascii() or not length.isdigit() or len(length) > 3 or int(length) > bits:
            return None
        prefix = int(length)
    size = 1 << (bits - prefix)
    first = number // size * size
    return Range(version, first, first + size - 1)


def _known(*texts: str) -> tuple[Range, ...]:
    return tuple(found for found in map(parse, texts) if found is not None)


PRIVATE = _known(
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
    "fc00::/7", "fe80::/10", "::1/128",
)
"""Ranges that no packet from the internet carries: RFC 1918, RFC 6598, loopback, link-local, unique local."""

_UNICAST_SIX = _known("2000::/3")[0]


def is_world(found: Range) -> bool:
    """Tell whether the range is the internet: half of IPv4 or more, or all of IPv6's global unicast space.

    Half, because 0.0.0.0/1 and 128.0.0.0/1 are how a /0 is written past a check that looks for /0.
    """
    if found.version == 4:
        return found.size >= 1 << 31
    return found.holds(_UNICAST_SIX)


def is_private(found: Range) -> bool:
    """Tell whether the whole range lies in one of the private ranges."""
    return any(private.holds(found) for private in PRIVATE)


def prefix_length(found: Range) -> int:
    """Return the length of the prefix: 32 for one IPv4 address, 0 for all of them."""
    return (32 if found.version == 4 else 128) - (found.size.bit_length() - 1)
