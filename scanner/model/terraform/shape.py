"""A resource under construction in CloudFormation shape: nested objects and lists that values are put into by path."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scanner.core.location import Location
from scanner.core.value import Absent, Choice, ListValue, MapValue, Scalar, Unknown, Value
from scanner.core.world import Guard, Question
from scanner.model.terraform.mapping import split_path

Known = Mapping[str, frozenset[str]]


class Shape:
    """A mapping under construction."""

    __slots__ = ("at", "fields", "keys_at", "rest")

    def __init__(self, at: Location) -> None:
        self.at = at
        self.fields: dict[str, Shape | Many | Value] = {}
        self.keys_at: dict[str, Location] = {}
        self.rest: Unknown | None = None

    def put(self, target: str, value: Value, key_at: Location) -> None:
        """Set the value at a path; lists on the way get one item that all puts of this shape share."""
        *way, last = split_path(target)
        shape = self.descend(way, key_at, new_items=False)
        name, mark, _ = last.partition("[")
        if mark and not isinstance(value, ListValue):
            value = ListValue((value,), value.at) if not isinstance(value, (Unknown, Absent)) else value
        shape._set(name, value, key_at)

    def _set(self, name: str, value: Value, key_at: Location) -> None:
        before = self.fields.get(name)
        if isinstance(before, Many) and isinstance(value, ListValue):
            before.items += value.items
            before.rest = before.rest or value.rest
            return
        if isinstance(before, ListValue) and isinstance(value, ListValue):
            value = ListValue(before.items + value.items, before.at, before.rest or value.rest)
        self.fields[name] = value
        self.keys_at[name] = key_at

    def descend(self, way: list[str], at: Location, *, new_items: bool) -> Shape:
        """Return the shape at a path, made when it is not there; with `new_items` a last list gets a new item."""
        shape = self
        for index, segment in enumerate(way):
            name, mark, key = segment.partition("[")
            new = new_items and index == len(way) - 1
            # a list of keyed items is nobody's: what it lacks is missing from the block
            named = shape.at if key.rstrip("]") else at
            shape = shape.many(name, named).item(key.rstrip("]"), at, new) if mark else shape.child(name, at)
        return shape

    def child(self, name: str, at: Location) -> Shape:
        """Return the mapping `name`."""
        found = self.fields.get(name)
        if not isinstance(found, Shape):
            found = Shape(self.at)
            self.fields[name] = found
            self.keys_at[name] = at
        return found

    def many(self, name: str, at: Location) -> Many:
        """Return the list `name`; known items that stand there already are kept."""
        found = self.fields.get(name)
        if not isinstance(found, Many):
            made = Many(at)
            if isinstance(found, ListValue):
                made.items += found.items
                made.rest = found.rest
            self.fields[name] = found = made
            self.keys_at[name] = at
        return found

    def freeze(self, known: Known, reason: Callable[[str], str], prefix: str = "") -> MapValue:
        """Return the finished mapping."""
        entries = {name: _frozen(field, known, reason, f"{prefix}.{name}" if prefix else name)
                   for name, field in self.fields.items()}
        kept = {name: value for name, value in entries.items() if not isinstance(value, Absent)}
        names = known.get(prefix)

        def gap(key: str) -> str | None:
            return None if names is None or key in names else reason(f"{prefix}.{key}" if prefix else key)

        return MapValue(kept, self.at, self.keys_at, self.rest, gap if known else None)


class Many:
    """A list under construction."""

    __slots__ = ("at", "items", "keyed", "rest", "shared")

    def __init__(self, at: Location) -> None:
        self.at = at
        self.items: list[Shape | Value] = []
        self.keyed: dict[str, Shape] = {}
        self.shared: Shape | None = None
        self.rest: Unknown | None = None

    def item(self, key: str, at: Location, new: bool) -> Shape:
        """Return the item with `Name=key`, a new one, or the one that a shape's own puts share."""
        if key:
            if key not in self.keyed:
                shape = Shape(at)
                name, _, text = key.partition("=")
                shape.fields[name] = Scalar(text, at)
                self.keyed[key] = shape
                self.items.append(shape)
            return self.keyed[key]
        if new or self.shared is None:
            shape = Shape(at)
            self.items.append(shape)
            if new:
                return shape
            self.shared = shape
        return self.shared


def _frozen(field: Shape | Many | Value, known: Known, reason: Callable[[str], str], path: str) -> Value:
    if isinstance(field, Shape):
        return field.freeze(known, reason, path)
    if isinstance(field, Many):
        items = tuple(_frozen(item, known, reason, path) for item in field.items)
        return ListValue(tuple(item for item in items if not isinstance(item, Absent)), field.at, field.rest)
    return field


def _plain(field: Shape | Many | Value | None, at: Location) -> Value:
    return Absent(at) if field is None else _frozen(field, {}, str, "")


def join_choice(into: Shape, question: Question, then: Shape, otherwise: Shape) -> None:
    """Put into a shape what holds in each answer to a question."""
    for name in dict.fromkeys((*then.fields, *otherwise.fields)):
        first, second = then.fields.get(name), otherwise.fields.get(name)
        at = then.keys_at.get(name) or otherwise.keys_at.get(name) or into.at
        before = into.fields.get(name)
        nested = [part for part in (first, second, before) if part is not None]
        if all(isinstance(part, Shape) for part in nested) and (len(nested) > 1):
            empty = Shape(at)
            join_choice(into.child(name, at), question, _shape(first, empty), _shape(second, empty))
        elif all(isinstance(part, (Many, ListValue)) for part in nested):
            many = into.many(name, at)
            _join_items(many, question, first, True)
            _join_items(many, question, second, False)
        else:
            fallback = _plain(before, at)
            into.fields[name] = Choice(
                question, _plain(first, at) if first is not None else fallback,
                _plain(second, at) if second is not None else fallback, at)
            into.keys_at.setdefault(name, at)


def _shape(part: Shape | Many | Value | None, empty: Shape) -> Shape:
    return part if isinstance(part, Shape) else empty


def _join_items(many: Many, question: Question, part: Shape | Many | Value | None, holds: bool) -> None:
    if not isinstance(part, (Many, ListValue)):
        return
    for item in part.items:
        value = _plain(item, many.at)
        absent = Absent(many.at)
        many.items.append(Choice(question, value if holds else absent, absent if holds else value, value.at))
    many.rest = many.rest or part.rest


def merge(into: Shape, other: Shape, guard: Guard = ()) -> None:
    """Put everything of `other` into a shape; what both set is the other's, lists are joined."""
    if guard:
        (question, holds), *more = guard
        inner = Shape(other.at)
        merge(inner, other, tuple(more))
        empty = Shape(other.at)
        join_choice(into, question, inner if holds else empty, empty if holds else inner)
        return
    for name, field in other.fields.items():
        before = into.fields.get(name)
        at = other.keys_at.get(name, other.at)
        if isinstance(before, Shape) and isinstance(field, Shape):
            merge(before, field)
        elif isinstance(before, (Many, ListValue)) and isinstance(field, (Many, ListValue)):
            many = into.many(name, at)
            many.items += field.items
            many.rest = many.rest or field.rest
        else:
            into.fields[name] = field
            into.keys_at[name] = at
