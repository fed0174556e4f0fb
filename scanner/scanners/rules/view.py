"""The inventory as it is in one world: reads values without Choices, follows references, finds names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.core.inventory import Inventory
from scanner.core.location import Location
from scanner.core.projection import Undecided, project
from scanner.core.subject import Resource, Subject
from scanner.core.value import Absent, Choice, ListValue, MapValue, Reference, Scalar, Unknown, Value
from scanner.core.world import World

EMPTY_WORLD = World()


class WorldView:
    """What conditions and predicates read through; `world` and `subject` are what is being judged.

    `explains` asks conditions for the place of what decided, also where finding it takes time.

    `identities` maps a type to the properties that name a resource of it. The view keeps indexes of the
    inventory, so one view serves a whole run.
    """

    __slots__ = ("_by_name", "_pointing", "explains", "identities", "inventory", "subject", "today", "world")

    def __init__(
        self, inventory: Inventory, identities: Mapping[str, Any] | None = None, today: str = "9999-12-31",
    ) -> None:
        """Take the inventory of the run, the identities table of the pack, and the day of the run (YYYY-MM-DD)."""
        self.inventory = inventory
        self.today = today
        self.identities = identities or {}
        self.world = EMPTY_WORLD
        self.subject: Subject | None = None
        self.explains = False
        self._pointing: dict[tuple[str, tuple[str, ...]], dict[object, list[tuple[int, Subject]]]] = {}
        self._by_name: dict[str, dict[str, list[Subject]]] = {}

    def opened(self, value: Value) -> Value:
        """Return the value as it is in this world at its top; what lies deeper may still depend on conditions."""
        while isinstance(value, Choice):
            holds = self.world.decide(value.question)
            if holds is None:
                raise Undecided(value.question)
            value = value.then if holds else value.otherwise
        return value

    def seen(self, value: Value) -> Value:
        """Return a value without any Choice inside, as it is in this world."""
        return project(value, self.world) if value.conditional else value

    def value(self, subject: Subject, path: str) -> Value:
        """Return the value at a dotted path of the subject, as it is in this world; no lists on the way."""
        return self.seen(self.at_path(subject, path.split(".")))

    def at_path(self, holder: Subject | Value, path: list[str] | tuple[str, ...]) -> Value:
        """Return the value at a path, opened at its top."""
        current: Any = holder
        for name in path:
            current = current.get(name)
            if current.conditional:
                current = self.opened(current)
        return current if isinstance(current, Value) else Absent()

    def exists(self, subject: Subject) -> bool:
        """Tell whether the subject exists in this world; raises Undecided when that is open."""
        for question, wanted in subject.when:
            holds = self.world.decide(question)
            if holds is None:
                raise Undecided(question)
            if holds is not wanted:
                return False
        return self.stated(subject)

    def stated(self, subject: Subject) -> bool:
        """Tell whether the existence values of the subject and its holders are true; raises Undecided."""
        current: Subject | None = subject
        while current is not None:
            if current.existence is not None:
                value = self.opened(current.existence)
                if isinstance(value, Absent) or (isinstance(value, Scalar) and value.content is False):
                    return False
            current = current.holder
        return True

    def targets(self, subject: Subject, value: Value) -> list[Subject]:
        """Return the existing subjects that references inside `value` point at."""
        found: list[Subject] = []
        for reference in references_in(self.seen(value)):
            target = self.inventory.target(subject, reference)
            if target is not None and target not in found and self.exists(target):
                found.append(target)
        return found

    def names_of(self, subject: Subject) -> list[str]:
        """Return the literal names of a resource, by the properties that identities list for its type."""
        names = self.identities.get(subject.kind, ())
        found = []
        for name in (names,) if isinstance(names, str) else names:
            value = self.at_path(subject, name.split("."))
            if isinstance(value, Scalar) and isinstance(value.content, str):
                found.append(value.content)
        return found

    def named(self, kind: str, text: str, asking: Subject | None = None) -> list[Subject]:
        """Return the existing subjects of a kind that a literal name or ARN means.

        Where the scope of the `asking` subject has such a subject itself, those of other scopes are not meant:
        they are the same thing made somewhere else.
        """
        if kind not in self._by_name:
            self._by_name[kind] = self._name_index(kind)
        candidates = {id(subject): subject for key in keys_of(text) for subject in self._by_name[kind].get(key, ())}
        found = [
            subject for subject in candidates.values()
            if any(means(text, name) for name in self.names_of(subject)) and self.exists(subject)
        ]
        own = [subject for subject in found if asking is not None and subject.scope == asking.scope]
        return own or found

    def _name_index(self, kind: str) -> dict[str, list[Subject]]:
        """Return name -> subjects that have it in some world."""
        index: dict[str, list[Subject]] = {}
        for subject in self.inventory.of_kind(kind):
            for name in self._possible_names(subject):
                index.setdefault(name, []).append(subject)
        return index

    def _possible_names(self, subject: Subject) -> Iterator[str]:
        names = self.identities.get(subject.kind, ())
        for name in (names,) if isinstance(names, str) else names:
            for value in spread(subject, tuple(name.split("."))):
                if isinstance(value, Scalar) and isinstance(value.content, str):
                    yield value.content

    def pointing(self, kind: str, path: tuple[str, ...], target: Subject) -> Iterator[tuple[Subject, bool | None]]:
        """Yield (subject, sure) for existing subjects of `kind` whose property at `path` names `target`.

        `sure` is None where the property is unknown and may name it. Nothing is yielded for a subject
        that certainly names something else.
        """
        if (kind, path) not in self._pointing:
            self._pointing[kind, path] = self._index(kind, path)
        index = self._pointing[kind, path]
        keys = [id(target), ("open", target.scope), *self._possible_names(target)]
        found = {order: subject for key in keys for order, subject in index.get(key, ())}
        for order in sorted(found):
            subject = found[order]
            if subject.environment != target.environment:
                continue
            sure = self._names(subject, path, target)
            if sure is not False and self.exists(subject):
                yield subject, sure

    def _index(self, kind: str, path: tuple[str, ...]) -> dict[object, list[tuple[int, Subject]]]:
        """Return what properties at `path` may name in any world -> (position, subject): a target's id, a literal
        name, or ("open", scope) where it is unknown."""
        index: dict[object, list[tuple[int, Subject]]] = {}
        for order, subject in enumerate(self.inventory.of_kind(kind)):
            keys: set[object] = set()
            for value in spread(subject, path):
                references = list(references_in(value))
                keys.update(id(self.inventory.target(subject, reference)) for reference in references)
                if isinstance(value, Scalar) and isinstance(value.content, str):
                    keys.update(keys_of(value.content))
                elif isinstance(value, Unknown) and not references:
                    keys.add(("open", subject.scope))
            for key in keys:
                index.setdefault(key, []).append((order, subject))
        return index

    def _names(self, subject: Subject, path: tuple[str, ...], target: Subject) -> bool | None:
        """Tell whether the property names the target in this world; None when it may."""
        verdict: bool | None = False
        for value in spread(subject, path, self):
            references = list(references_in(value))
            pointed = [self.inventory.target(subject, reference) for reference in references]
            if any(one is target for one in pointed):
                return True
            if any(one is not None and one.kind == target.kind for one in pointed):
                continue    # it means that one, whoever else has the same name
            if isinstance(value, Scalar) and isinstance(value.content, str):
                if any(means(value.content, name) for name in self.names_of(target)) and (
                    subject.scope == target.scope or target in self.named(target.kind, value.content, subject)
                ):
                    return True
            elif isinstance(value, Unknown) and not references and subject.scope == target.scope:
                verdict = None
        return verdict


def spread(holder: Subject | Value, path: tuple[str, ...], view: WorldView | None = None) -> Iterator[Value]:
    """Yield the values at a path, crossing lists; in one world with a view, in all of them without."""
    if isinstance(holder, Choice):
        if view is not None:
            yield from spread(view.opened(holder), path, view)
        else:
            yield from spread(holder.then, path)
            yield from spread(holder.otherwise, path)
    elif isinstance(holder, ListValue):
        for item in holder.items:
            yield from spread(item, path, view)
        if holder.rest is not None:
            yield holder.rest
    elif not path:
        if isinstance(holder, Value) and not isinstance(holder, Absent):
            yield holder
    elif isinstance(holder, Unknown):
        yield holder
    else:
        yield from spread(holder.get(path[0]), path[1:], view)


def references_in(value: Value) -> Iterator[Reference]:
    """Yield every reference inside a value, in order."""
    if isinstance(value, Unknown):
        yield from value.references()
    elif isinstance(value, Scalar):
        if value.refers is not None:
            yield value.refers
    elif isinstance(value, ListValue):
        for item in value.items:
            yield from references_in(item)
    elif isinstance(value, MapValue):
        for entry in value.entries.values():
            yield from references_in(entry)
    elif isinstance(value, Choice):
        yield from references_in(value.then)
        yield from references_in(value.otherwise)


def keys_of(text: str) -> list[str]:
    """Return the names that a literal may mean: itself, and what an ARN may end with (see `means`)."""
    if not text.startswith("arn:"):
        return [text]
    pieces = text.split(":")
    names = [text, *(":".join(pieces[at:]) for at in range(5, len(pieces)))]
    for name in names[1:]:
        parts = name.split("/")
        names += ["/".join(parts[at:]) for at in range(1, len(parts))]
    return names[:40]


def means(text: str, name: str) -> bool:
    """Tell whether a literal is the name, or an ARN that ends with it."""
    return text == name or (text.startswith("arn:") and text.endswith((":" + name, "/" + name)))


def header_of(holder: Subject | Value) -> Location:
    """Return the span to point at when something is missing in the holder: one line where possible."""
    if isinstance(holder, MapValue) and holder.at.start_line != holder.at.end_line and holder.keys_at:
        return next(iter(holder.keys_at.values()))
    return holder.at


def place_of(value: Value, parents: list[tuple[Subject | Value, str]]) -> Location:
    """Return the smallest span to edit: the value, its key when it spans lines, the nearest parent when absent."""
    if isinstance(value, Absent) or getattr(value, "defaulted", False):
        stated = _stated_absence(value, parents) or (_key_place(*parents[-1]) if parents else None)
        if stated is not None:
            return stated
        for index in range(len(parents) - 1, 0, -1):
            holder = parents[index][0]
            if not isinstance(holder, Absent) and not (isinstance(holder, Scalar) and holder.content is None):
                place = _key_place(*parents[index - 1])
                if place is not None and not (isinstance(holder, MapValue) and place in holder.keys_at.values()):
                    return place  # a block that shares its place with an entry is one that nobody wrote
        return header_of(parents[0][0]) if parents else value.at
    if isinstance(value, (ListValue, MapValue)) and value.at.start_line != value.at.end_line:
        return (_key_place(*parents[-1]) if parents else None) or header_of(value)
    return value.at


def _stated_absence(value: Value, parents: list[tuple[Subject | Value, str]]) -> Location | None:
    """Return where somebody wrote that a value is not set (null, `AWS::NoValue`, an empty list), else None."""
    holders = [holder for holder, _ in parents if not isinstance(holder, Absent)]
    if not holders or value.at.start_line != value.at.end_line or not value.at.path:
        return None
    holder = holders[-1]
    inherited = {holder.at, holder.properties.at} if isinstance(holder, Resource) else {holder.at}
    if isinstance(holder, Resource):
        inherited.add(holder.attributes.at)
    return None if value.at in inherited else value.at


def _key_place(holder: Subject | Value, key: str) -> Location | None:
    if isinstance(holder, Resource):
        return holder.properties.keys_at.get(key) or holder.attributes.keys_at.get(key.removeprefix("@"))
    if isinstance(holder, MapValue):
        return holder.keys_at.get(key)
    return None
