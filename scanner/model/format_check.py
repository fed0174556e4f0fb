"""A small schema language for documents: which keys and types a format has; each breach becomes a FormatFault."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple, Union

from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.subject import FormatFault, Subject
from scanner.core.value import HOLE
from scanner.model.workspace import Workspace

MAX_FAULTS = 200
_BOOLEANS = frozenset(("yes", "no", "on", "off", "true", "false"))


class Breach(NamedTuple):
    """One place that breaks the format."""

    at: Location
    route: str
    fault: str
    problem: str


class Mapped(NamedTuple):
    """A mapping: known keys; `others` for any other key (None: no other key), `required` keys."""

    keys: Mapping[str, Shape]
    others: Shape | None = None
    required: tuple[str, ...] = ()
    ignore_case: bool = False


class Listed(NamedTuple):
    """A list of `item`; a single value is accepted where the service accepts it (`single`)."""

    item: Shape
    single: bool = False
    longest: int = 0


class Text(NamedTuple):
    """A scalar that is used as text; numbers and booleans count where `strict` is False.

    With `no_boolean`, words that YAML 1.1 takes for a boolean need quotes, since the service reads it so.
    """

    pattern: str = ""
    expected: str = ""
    strict: bool = False
    no_boolean: bool = False


class Flag(NamedTuple):
    """A boolean: true, false, yes, no, on, off."""


class Number(NamedTuple):
    """A whole number within bounds."""

    lowest: int = 0
    highest: int = 10**12


class OneOf(NamedTuple):
    """One of some words."""

    words: tuple[str, ...]
    ignore_case: bool = False


class Either(NamedTuple):
    """One of several shapes; the first that fits decides, the first is reported when none does."""

    shapes: tuple[Shape, ...]


class Anything(NamedTuple):
    """No statement about the value."""


class Checked(NamedTuple):
    """A shape with a further check that yields breaches of its own."""

    shape: Shape
    check: Callable[[Node, str], Iterator[Breach]]


Shape = Union[Mapped, Listed, Text, Flag, Number, OneOf, Either, Anything, Checked]


def breaches(node: Node, shape: Shape, route: str = "") -> Iterator[Breach]:
    """Yield what breaks the shape; values from outside the document fit every shape."""
    if isinstance(shape, Anything) or _from_outside(node):
        return
    if isinstance(shape, Checked):
        yield from breaches(node, shape.shape, route)
        yield from shape.check(node, route)
    elif isinstance(shape, Either):
        if all(any(True for _ in breaches(node, option, route)) for option in shape.shapes):
            yield from breaches(node, shape.shapes[0], route)
    elif isinstance(shape, Mapped):
        yield from _mapped(node, shape, route)
    elif isinstance(shape, Listed):
        yield from _listed(node, shape, route)
    else:
        yield from _scalar(node, shape, route)


def _from_outside(node: Node) -> bool:
    return node.kind == "scalar" and (HOLE in node.text or node.tag.startswith("!"))


def _named(route: str) -> str:
    return f"`{route}`" if route else "the document"


def _mapped(node: Node, shape: Mapped, route: str) -> Iterator[Breach]:
    if node.kind != "mapping":
        yield _wrong(node, route, "a mapping of keys to values")
        return
    fold = str.lower if shape.ignore_case else str
    keys = {fold(key): inner for key, inner in shape.keys.items()}
    seen: set[str] = set()
    for key, value in node.pairs:
        name = fold(key.text)
        inside = f"{route}.{key.text}" if route else key.text
        if name in seen:
            yield Breach(
                key.at,
                inside,
                "duplicate-key",
                f"the key `{key.text}` stands twice in {_named(route)}; the last one counts",
            )
        seen.add(name)
        inner = keys.get(name, shape.others)
        if HOLE in name or name == "<<":
            continue
        if inner is None:
            yield Breach(
                key.at,
                inside,
                "unknown-key",
                f"{_named(route)} has no key `{key.text}`" + _suggestion(key.text, list(shape.keys)),
            )
        else:
            yield from breaches(value, inner, inside)
    for name in shape.required:
        if fold(name) not in seen and not node.cut:
            yield Breach(_start(node), route, "missing", f"{_named(route)} needs the key `{name}`")


def _suggestion(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, 1)
    if close:
        return f"; did you mean `{close[0]}`?"
    return f"; it knows {', '.join(f'`{name}`' for name in sorted(known)[:12])}" if known else ""


def _start(node: Node) -> Location:
    at = node.pairs[0][0].at if node.pairs else node.at
    return at


def _listed(node: Node, shape: Listed, route: str) -> Iterator[Breach]:
    if node.kind != "sequence":
        if shape.single and not (node.kind == "scalar" and node.content is None):
            yield from breaches(node, shape.item, route)
        else:
            yield _wrong(node, route, "a list")
        return
    if shape.longest and len(node.items) > shape.longest:
        yield Breach(
            node.items[shape.longest].at,
            route,
            "too-many",
            f"{_named(route)} has {len(node.items)} items; at most {shape.longest} are allowed",
        )
    for index, item in enumerate(node.items):
        yield from breaches(item, shape.item, f"{route}[{index}]")


def _wrong(node: Node, route: str, expected: str) -> Breach:
    found = {"mapping": "a mapping", "sequence": "a list"}.get(node.kind, "")
    if not found:
        found = "nothing" if node.content is None else f"the value {_short(node.text)}"
    at = node.pairs[0][0].at if node.kind == "mapping" and node.pairs else node.at
    return Breach(at, route, "wrong-type", f"{_named(route)} must be {expected}, found {found}")


def _short(text: str) -> str:
    line = text.split("\n", 1)[0]
    return f"`{line[:40]}`" + ("..." if len(line) > 40 else "")


def _scalar(node: Node, shape: Text | Flag | Number | OneOf, route: str) -> Iterator[Breach]:
    expected = _expected(shape)
    if node.kind != "scalar":
        yield _wrong(node, route, expected)
    elif isinstance(shape, Flag):
        if not isinstance(node.content, bool) and node.text.lower() not in ("true", "false", "yes", "no"):
            yield _wrong(node, route, expected)
    elif isinstance(shape, Number):
        if not re.fullmatch(r"\d{1,12}", node.text.strip()) or not shape.lowest <= int(node.text) <= shape.highest:
            yield Breach(node.at, route, "bad-value", f"{_named(route)} must be {expected}, found {_short(node.text)}")
    elif isinstance(shape, OneOf):
        text = node.text.lower() if shape.ignore_case else node.text
        if text not in (tuple(w.lower() for w in shape.words) if shape.ignore_case else shape.words):
            yield Breach(node.at, route, "bad-value", f"{_named(route)} must be {expected}, found {_short(node.text)}")
    else:
        yield from _text(node, shape, route)


def _text(node: Node, shape: Text, route: str) -> Iterator[Breach]:
    expected = _expected(shape)
    if node.content is None or (shape.strict and not isinstance(node.content, str)):
        yield _wrong(node, route, expected)
    elif shape.no_boolean and not node.style and node.text.lower() in _BOOLEANS:
        yield Breach(node.at, route, "wrong-type", f"{_named(route)} must be {expected}; "
                     f"without quotes, YAML reads {_short(node.text)} as a boolean")
    elif shape.pattern and not re.fullmatch(shape.pattern, node.text):
        yield Breach(node.at, route, "bad-value", f"{_named(route)} must be {expected}, found {_short(node.text)}")


def _expected(shape: Text | Flag | Number | OneOf) -> str:
    if isinstance(shape, Flag):
        return "yes or no (a boolean)"
    if isinstance(shape, Number):
        return f"a whole number from {shape.lowest} to {shape.highest}" if shape.highest < 10**12 else "a whole number"
    if isinstance(shape, OneOf):
        return "one of " + ", ".join(shape.words)
    return shape.expected or "text"


def state_faults(
    workspace: Workspace, found: Iterator[Breach], document: str, scope: str, holder: Subject, dialect: str
) -> None:
    """Add a FormatFault for each breach, at most MAX_FAULTS a document."""
    for count, breach in enumerate(found):
        if count >= MAX_FAULTS:
            workspace.note(
                "warning",
                "format-faults-cut",
                f"more than {MAX_FAULTS} faults in {document}",
                holder.at,
                "mend the first ones and scan again",
            )
            return
        fault = FormatFault(
            holder.address,
            breach.at,
            document,
            breach.fault,
            breach.problem,
            scope,
            holder=holder,
            when=holder.when,
            dialect=dialect,
        )
        workspace.inventory.add(fault)
        workspace.inventory.link(holder, "format-fault", fault)
