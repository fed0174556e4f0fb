"""What only structure shows: values that were joined, decoded or interpolated, and the variables of every dialect.

Every known string of the inventory is written into one virtual settings file, `name=value` a line, scanned once; a
finding is located through the value's own map to its source.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.core.inventory import Inventory
from scanner.core.location import Location
from scanner.core.subject import Resource, Subject, Variable
from scanner.core.value import Scalar, walk
from scanner.scanners.secrets.engine import Engine, Hit

SHORTEST = 4
LARGEST = 64 * 1024
VIRTUAL = "inventory.env"
_SAFE_SOURCES = ("parameter-store", "secrets-manager")


def values_of(inventory: Inventory) -> Iterator[tuple[str, Scalar, Subject]]:
    """Yield (name, value, subject) for every known string that a variable or a resource holds."""
    for subject in inventory:
        if isinstance(subject, Variable):
            value = subject.value
            if subject.source not in _SAFE_SOURCES and isinstance(value, Scalar):
                yield subject.name, value, subject
        elif isinstance(subject, Resource):
            for route, value in walk(subject.properties):
                if isinstance(value, Scalar) and not value.defaulted:
                    yield _name(route), value, subject


def _name(route: tuple[str, ...]) -> str:
    """Return the name a value goes by: the last step of its route that is no index."""
    named = [step for step in route if not step.isdigit()]
    return named[-1] if named else ""


def hits_in(engine: Engine, inventory: Inventory, low: bool) -> list[tuple[Hit, Location, bytes, Subject]]:
    """Return (hit, location, secret, subject) for the findings in the inventory's strings."""
    pieces: list[bytes] = []
    starts: list[tuple[int, int, Scalar, Subject]] = []
    offset = 0
    for name, value, subject in values_of(inventory):
        text = value.content
        if not isinstance(text, str) or not SHORTEST <= len(text) <= LARGEST or value.at.start_line < 1:
            continue
        head = f"{_plain(name)}=".encode()
        body = text.encode("utf-8", "replace")
        starts.append((offset + len(head), offset + len(head) + len(body), value, subject))
        pieces.append(head + body + b"\n")
        offset += len(pieces[-1])
    data = b"".join(pieces)
    return list(_placed(engine.hits(data, VIRTUAL, low=low), data, starts))


def _plain(name: str) -> str:
    return "".join(character for character in name if character.isalnum() or character in "_-.")


def _placed(
    hits: list[Hit], data: bytes, starts: list[tuple[int, int, Scalar, Subject]],
) -> Iterator[tuple[Hit, Location, bytes, Subject]]:
    """Yield the hits that lie inside one value, with their place in the source."""
    from bisect import bisect_right

    firsts = [first for first, _, _, _ in starts]
    for hit in hits:
        index = bisect_right(firsts, hit.start) - 1
        if index < 0:
            continue
        first, last, value, subject = starts[index]
        if hit.end > last:
            continue
        begin = len(data[first:hit.start].decode("utf-8", "replace"))
        size = len(data[hit.start:hit.end].decode("utf-8", "replace"))
        yield hit, value.span(begin, begin + size), hit.secret or data[hit.start:hit.end], subject
