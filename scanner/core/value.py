"""Values as a template states them: known, absent, unknown with a reason, or depending on a condition.

A value knows its location. Rules and predicates never see a `Choice`: the engine projects subjects
into one *world* (see `world.py`) before it asks a rule. *Not unknown is unknown*: nothing here turns
an unknown into False.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Union

from scanner.core.location import Location, TextMap
from scanner.core.world import Question

Content = Union[str, int, float, bool, None]
NOWHERE = Location("", 0, 0, 0, 0)
HOLE = "\ufffc"
"""Stands for an unknown piece in the rendering of a partly known string (the object replacement character)."""


class Value:
    """What all values share: where it stands, and whether it depends on an undecided condition."""

    __slots__ = ("at",)
    conditional: bool = False
    at: Location

    def get(self, key: str) -> Value:
        """Return the entry `key`: ABSENT-like for scalars and lists, unknown for unknowns."""
        return Absent(self.at)


class Scalar(Value):
    """A known string, number, boolean or null.

    `at` spans the source token including quotes. `text_map` leads from an offset in a string's
    content to its source; `None` means that the content starts right at `at` (after one quote, when
    `quoted`). `defaulted` marks a value that nobody wrote: a service or provider default.
    """

    __slots__ = ("_text_map", "content", "defaulted", "quoted")
    refers: Reference | None = None
    """The subject whose own property the content was read from, when a dialect knows it (`aws_iam_role.r.name`)."""

    def __init__(
        self,
        content: Content,
        at: Location,
        text_map: TextMap | Callable[[], TextMap] | None = None,
        *,
        quoted: bool = False,
        defaulted: bool = False,
    ) -> None:
        """Take the content and its place; `text_map` may be a function that makes the map when asked."""
        self.content = content
        self.at = at
        self._text_map = text_map
        self.quoted = quoted
        self.defaulted = defaulted

    @property
    def text_map(self) -> TextMap:
        """Return the map from offsets of the content to places in the source."""
        from scanner.core.location import Piece

        made = self._text_map
        if callable(made):
            made = self._text_map = made()
        if made is None:
            at = self.at
            column = at.start_column + (1 if self.quoted else 0)
            made = self._text_map = TextMap((Piece(0, at.path, at.start_line, column),))
        return made

    def span(self, start: int, end: int) -> Location:
        """Return the source location of content characters `start` up to, not including, `end`."""
        return self.text_map.span(start, end)

    def __repr__(self) -> str:
        return f"Scalar({self.content!r})"


class ListValue(Value):
    """A list. `rest` is an Unknown when further items may exist that we cannot see."""

    __slots__ = ("conditional", "items", "rest")

    def __init__(self, items: tuple[Value, ...], at: Location, rest: Unknown | None = None) -> None:
        """Take the known items in order, and `rest` for a list that is known only in part."""
        self.items = items
        self.at = at
        self.rest = rest
        self.conditional = any(item.conditional for item in items)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"ListValue({list(self.items)!r}{', ...' if self.rest else ''})"


class MapValue(Value):
    """A mapping. `keys_at` holds where each key stands; `rest` answers for keys not in `entries`.

    `rest` is None when a missing key is simply absent; an Unknown when keys may exist that we cannot
    see. `unmapped` (for translated resources) tells by key whether our mapping data cannot speak of it.
    """

    __slots__ = ("conditional", "entries", "keys_at", "rest", "unmapped")

    def __init__(
        self,
        entries: dict[str, Value],
        at: Location,
        keys_at: dict[str, Location] | None = None,
        rest: Unknown | None = None,
        unmapped: Callable[[str], str | None] | None = None,
    ) -> None:
        """Take entries in source order; `unmapped(key)` returns a reason when the key is a mapping gap."""
        self.entries = entries
        self.at = at
        self.keys_at = keys_at or {}
        self.rest = rest
        self.unmapped = unmapped
        self.conditional = any(entry.conditional for entry in entries.values())

    def get(self, key: str) -> Value:
        """Return the entry, or an Absent, Unknown or Unmapped that says why there is none."""
        found = self.entries.get(key)
        if found is not None:
            return found
        if self.rest is not None:
            return self.rest
        if self.unmapped is not None:
            reason = self.unmapped(key)
            if reason:
                return Unmapped(reason, self.at)
        return Absent(self.at)

    def key_at(self, key: str) -> Location:
        """Return where the key stands, or the mapping itself when the place is not known."""
        return self.keys_at.get(key, self.at)

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __repr__(self) -> str:
        return f"MapValue({self.entries!r})"


class Absent(Value):
    """Nobody stated the value; `at` is the nearest thing a person would edit to add it."""

    __slots__ = ()

    def __init__(self, at: Location = NOWHERE) -> None:
        """Take the place where the value could be added."""
        self.at = at

    def __repr__(self) -> str:
        return "Absent()"


class Reference:
    """What an unknown value is known to point at: a subject's address in the same scope, and an attribute.

    CloudFormation `!Ref Bucket` is ("Bucket", "Ref"), `!GetAtt Role.Arn` is ("Role", "Arn"); Terraform
    `aws_s3_bucket.b.id` is ("aws_s3_bucket.b", "id"). `scope` is empty for the subject's own scope.
    """

    __slots__ = ("address", "attribute", "scope")

    def __init__(self, address: str, attribute: str, scope: str = "") -> None:
        """Take the address as subjects carry it."""
        self.address = address
        self.attribute = attribute
        self.scope = scope

    def __repr__(self) -> str:
        return f"Reference({self.address}.{self.attribute})"


class Unknown(Value):
    """A value that is there, or may be there, but that we cannot know; `reason` reads well in a report.

    `present` is True when something is certainly set (a reference to a resource), None when even
    that is open. `parts` holds a partly known string: literal pieces and unknown ones in order; `text_map`
    then leads from its `rendering` to the source, where the maker of the value knows it. `label` is the short
    name of what is unknown, as its author would say it (`Env`, `AWS::Region`, `Bucket.Arn`). `secret` is True when the
    value comes from a secret store or is marked as one (a dynamic reference, a NoEcho parameter), False when the
    service shows it to everyone who may look at the deployment (a parameter without NoEcho), None when neither is
    known.
    """

    __slots__ = ("_text_map", "label", "parts", "present", "reason", "refers", "secret")

    def __init__(
        self,
        reason: str,
        at: Location,
        *,
        refers: Reference | None = None,
        parts: tuple[str | Unknown, ...] = (),
        present: bool | None = None,
        text_map: TextMap | Callable[[], TextMap] | None = None,
        label: str = "",
        secret: bool | None = None,
    ) -> None:
        """Take the reason (`parameter Env has no default`) and what is known in spite of it."""
        self.reason = reason
        self.at = at
        self.refers = refers
        self.parts = parts
        self.present = True if (refers or parts) and present is None else present
        self.label = label
        self.secret = secret
        self._text_map = text_map

    def get(self, key: str) -> Value:
        """Return an unknown entry for the same reason."""
        return Unknown(self.reason, self.at)

    @property
    def text_map(self) -> TextMap | None:
        """Return the map from offsets of `rendering` to the source, None when it is not known."""
        made = self._text_map
        if callable(made):
            made = self._text_map = made()
        return made

    @property
    def rendering(self) -> str:
        """Return the partly known string with one HOLE for each unknown piece."""
        return "".join(part if isinstance(part, str) else HOLE for part in self.parts) if self.parts else HOLE

    def references(self) -> Iterator[Reference]:
        """Yield every reference inside, in order."""
        if self.refers is not None:
            yield self.refers
        for part in self.parts:
            if isinstance(part, Unknown):
                yield from part.references()

    def __repr__(self) -> str:
        return f"Unknown({self.reason!r})"


class Unmapped(Unknown):
    """The source may state it, but our mapping data does not cover the property yet."""

    __slots__ = ()


class Choice(Value):
    """`then` if the question answers yes, else `otherwise`; an Absent branch means the value is not set at all."""

    __slots__ = ("otherwise", "question", "then")
    conditional = True

    def __init__(self, question: Question, then: Value, otherwise: Value, at: Location) -> None:
        """Take the open question and both branches."""
        self.question = question
        self.then = then
        self.otherwise = otherwise
        self.at = at

    def __repr__(self) -> str:
        return f"Choice({self.question}, {self.then!r}, {self.otherwise!r})"


def plain(value: Value) -> object:
    """Return a Python object for a fully known value; raises ValueError when any part is not known."""
    if isinstance(value, Scalar):
        return value.content
    if isinstance(value, ListValue) and value.rest is None:
        return [plain(item) for item in value.items]
    if isinstance(value, MapValue) and value.rest is None:
        return {key: plain(entry) for key, entry in value.entries.items()}
    raise ValueError(f"not fully known: {value!r}")


def text_of(value: Value) -> str | None:
    """Return the content when it is a known string, else None."""
    if isinstance(value, Scalar) and isinstance(value.content, str):
        return value.content
    return None


def walk(value: Value, route: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Value]]:
    """Yield (route, value) for the value and everything below it, both branches of a Choice included."""
    yield route, value
    if isinstance(value, MapValue):
        for key, entry in value.entries.items():
            yield from walk(entry, (*route, key))
    elif isinstance(value, ListValue):
        for index, item in enumerate(value.items):
            yield from walk(item, (*route, str(index)))
    elif isinstance(value, Choice):
        yield from walk(value.then, route)
        yield from walk(value.otherwise, route)
