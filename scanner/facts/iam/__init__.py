"""AWS service authorization facts: actions, access levels, resource types and condition keys of every service.

The table `actions.jsonl` is made by `tools/update_iam_facts.py`; its header states source and date. A run reads the
header once and then only the services that its policies name (about 0.3 ms for the first look-up).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

READ, LIST, WRITE, TAGGING, PERMISSIONS = "R", "L", "W", "T", "P"


class Action(NamedTuple):
    """One action of a service: its access level, the resource types it can be limited to, its condition keys."""

    service: str
    name: str
    level: str
    resources: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def full(self) -> str:
        """Return `service:Name` as AWS documents it."""
        return f"{self.service}:{self.name}"


class Service:
    """What one service authorizes. Actions are looked up ignoring case."""

    __slots__ = ("_actions", "_lower", "_resources", "arns", "key_types", "name")

    def __init__(self, name: str, entry: dict[str, list]) -> None:  # type: ignore[type-arg]  # shape: see the tool
        """Take the service prefix and its decoded line of the table."""
        self.name = name
        self._actions: dict[str, list] = entry["a"]  # type: ignore[assignment, type-arg]
        self._lower = {action.lower(): action for action in self._actions}
        self._resources: list[list] = entry["r"]  # type: ignore[type-arg]
        self.arns: dict[str, str] = {row[0]: row[1] for row in self._resources}
        self.key_types: dict[str, str] = {key.lower(): kind for key, kind in entry["k"]}

    def action(self, name: str) -> Action | None:
        """Return the action of this name, in any case, or None."""
        spelled = self._lower.get(name.lower())
        if spelled is None:
            return None
        level, resources, keys = self._actions[spelled]
        names = list(self.key_types)
        types = tuple(self._resources[index][0] for index in resources)
        used = {names[index] for index in keys}
        for index in resources:
            used.update(names[key] for key in self._resources[index][2])
        return Action(self.name, spelled, level, types, tuple(sorted(used)))

    def spelling(self, name: str) -> str | None:
        """Return an action's name as AWS spells it, given in any case, or None."""
        return self._lower.get(name.lower())

    def names(self) -> list[str]:
        """Return all action names, sorted as AWS spells them."""
        return list(self._actions)

    def level(self, name: str) -> str:
        """Return the access level letter of an action spelled as AWS spells it."""
        return str(self._actions[name][0])

    def limitable(self, name: str) -> bool:
        """Tell whether the action (spelled as AWS spells it) can be limited to resources at all."""
        return bool(self._actions[name][1])

    def actions(self) -> Iterator[Action]:
        """Yield every action."""
        for name in self._actions:
            found = self.action(name)
            if found is not None:
                yield found


class Facts:
    """The table, opened once; services are decoded when they are asked for."""

    __slots__ = ("_header", "_loaded", "_offset", "_path")

    def __init__(self, path: str) -> None:
        """Take the path of `actions.jsonl`."""
        self._path = path
        self._header: dict[str, dict] | None = None  # type: ignore[type-arg]
        self._offset = 0
        self._loaded: dict[str, Service | None] = {}

    def _read_header(self) -> dict[str, dict]:  # type: ignore[type-arg]
        if self._header is None:
            import json

            with open(self._path, "rb") as table:
                line = table.readline()
            self._offset = len(line)
            self._header = json.loads(line)
        return self._header

    def service_names(self) -> list[str]:
        """Return all service prefixes, sorted."""
        return list(self._read_header()["services"])

    def service(self, name: str) -> Service | None:
        """Return the service of this prefix, in any case, or None."""
        name = name.lower()
        if name not in self._loaded:
            place = self._read_header()["services"].get(name)
            if place is None:
                self._loaded[name] = None
            else:
                import json

                with open(self._path, "rb") as table:
                    table.seek(self._offset + place[0])
                    self._loaded[name] = Service(name, json.loads(table.read(place[1])))
        return self._loaded[name]

    def global_key_type(self, key: str) -> str | None:
        """Return the type of a global condition key (`aws:SourceIp`), in any case; None when there is none."""
        key = key.lower()
        for known, kind in self._read_header()["global_keys"]:
            known = known.lower()
            if key == known or ("/" in known and key.startswith(known.split("/")[0] + "/")):
                return str(kind)
        return None

    def about(self) -> str:
        """Return source and date in one line."""
        header = self._read_header()
        return f"{header['source']}, data of {header['date']}"


def _path() -> str:
    return __file__.rsplit("/", 1)[0].rsplit("\\", 1)[0] + "/actions.jsonl"


FACTS = Facts(_path())
"""The shipped table; opening it costs nothing until the first question."""
