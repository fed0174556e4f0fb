"""A pack: the rules of a run, read from compiled indexes section by section."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from scanner.core.rule import Rule
from scanner.packs.compiled import FORMAT, CompiledRule, bucket_of, rule_from_plain

if TYPE_CHECKING:
    from io import BufferedReader

    from scanner.packs.schema import RuleSource


class Index:
    """One compiled folder of rules; sections are decoded when asked for."""

    def __init__(self, data: bytes, folder: str) -> None:
        """Take the bytes of an index and the folder it was made from; raises ValueError for anything else."""
        end = data.index(b"\n")
        self._use(json.loads(data[:end]), folder)
        self._data: bytes | None = data[end + 1 :]
        self._file: BufferedReader | None = None
        self._start = 0

    @classmethod
    def at(cls, path: str, folder: str) -> Index:
        """Return the index in a file, of which only the first line is read now; raises OSError or ValueError.

        The file stays open: another run may put a newer index in its place, this one goes on reading the old one.
        """
        made = cls.__new__(cls)
        made._file = open(path, "rb")  # noqa: SIM115  (closed with the index)
        head = made._file.readline()
        made._use(json.loads(head), folder)
        made._data = None
        made._start = len(head)
        return made

    def __del__(self) -> None:
        """Close the file."""
        file = getattr(self, "_file", None)
        if file is not None:
            file.close()

    def _use(self, header: dict[str, Any], folder: str) -> None:
        if header.get("format") != FORMAT:
            raise ValueError("not an index of rules")
        self.folder = folder
        self.stamp: str = header["stamp"]
        self.digest: str = header["digest"]
        self._sections: dict[str, list[int]] = header["sections"]
        self._kinds: list[list[int]] = header["kinds"]
        self._read: dict[str, Any] = {}

    def section(self, name: str) -> Any:
        """Return the content of the section `ids` or `tables`."""
        if name not in self._read:
            self._read[name] = json.loads(self._bytes(*self._sections[name]))
        return self._read[name]

    def of_kind(self, kind: str) -> Any:
        """Return {"defaults", "rules"} for a kind, or None when the index has nothing about it."""
        if kind not in self._read:
            directory = json.loads(self._bytes(*self._kinds[bucket_of(kind)]))
            place = directory.get(kind)
            self._read[kind] = None if place is None else json.loads(self._bytes(*place))
        return self._read[kind]

    def _bytes(self, offset: int, length: int) -> bytes:
        if self._data is not None:
            return self._data[offset : offset + length]
        assert self._file is not None  # an index has either its bytes or its file
        self._file.seek(self._start + offset)
        return self._file.read(length)

    def ids(self) -> dict[str, list[str]]:
        """Return rule id -> kinds."""
        found: dict[str, list[str]] = self.section("ids")
        return found

    def faults(self) -> list[str]:
        """Return what is wrong with rule files of the folder, in words."""
        found: list[str] = self.section("tables")["faults"]
        return found


class Pack:
    """The rules of a run. `digest` changes whenever any of them does."""

    def __init__(self, indexes: tuple[Index, ...]) -> None:
        """Take the indexes in order: built-in first."""
        self._indexes = indexes
        self._by_kind: dict[str, list[CompiledRule]] = {}
        self._only: list[CompiledRule] | None = None
        self.digest = "-".join(index.digest for index in indexes)

    def narrowed(self, rules: list[CompiledRule]) -> Pack:
        """Return a pack with the tables of this one, but with other rules: those of a file that is being tested."""
        made = Pack(self._indexes)
        made._only = rules
        return made

    def kinds(self) -> frozenset[str]:
        """Return every kind that some rule judges."""
        if self._only is not None:
            return frozenset(kind for rule in self._only for kind in rule.subjects)
        return frozenset(kind for index in self._indexes for kinds in index.ids().values() for kind in kinds)

    def rules_for(self, kind: str) -> list[CompiledRule]:
        """Return the rules for subjects of one kind; `secret:` rules of kind Text are among them."""
        if self._only is not None:
            return [rule for rule in self._only if kind in rule.subjects]
        if kind not in self._by_kind:
            found = [index.of_kind(kind) for index in self._indexes]
            self._by_kind[kind] = [rule_from_plain(rule) for section in found if section for rule in section["rules"]]
        return self._by_kind[kind]

    def defaults_for(self, kind: str) -> dict[str, Any]:
        """Return path -> value that AWS uses for absent properties of the type."""
        merged: dict[str, Any] = {}
        for index in self._indexes:
            section = index.of_kind(kind)
            if section:
                merged.update(section["defaults"])
        return merged

    def identities(self) -> dict[str, Any]:
        """Return type -> the property (or list of properties) that names a resource of that type."""
        return self._table("identities")

    def retired(self) -> dict[str, Any]:
        """Return retired rule id -> what replaces it."""
        return self._table("retired")

    def _table(self, name: str) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for index in self._indexes:
            merged.update(index.section("tables")[name])
        return merged

    def faults(self) -> list[str]:
        """Return what is wrong with built-in rule files, in words; empty in a release."""
        if self._only is not None:
            return []
        return [fault for index in self._indexes for fault in index.faults()]

    def rule(self, rule_id: str) -> Rule | None:
        """Return the facts of one rule, without its long texts; None when no rule has this id."""
        compiled = self.compiled(rule_id)
        return compiled.facts if compiled else None

    def compiled(self, rule_id: str) -> CompiledRule | None:
        """Return one rule as the engine reads it; None when no rule has this id."""
        for index in self._indexes:
            kinds = index.ids().get(rule_id)
            if kinds:
                return next(rule for rule in self.rules_for(kinds[0]) if rule.facts.rule == rule_id)
        return None

    def rule_ids(self) -> list[str]:
        """Return the ids of all rules, sorted; reads no rule."""
        if self._only is not None:
            return sorted(rule.facts.rule for rule in self._only)
        return sorted(rule_id for index in self._indexes for rule_id in index.ids())

    def all_rules(self) -> list[CompiledRule]:
        """Return every rule once, sorted by id."""
        found = {rule.facts.rule: rule for kind in self.kinds() for rule in self.rules_for(kind)}
        return [found[rule_id] for rule_id in sorted(found)]

    def secret_rules(self) -> list[CompiledRule]:
        """Return the rules of the secrets scanner: their `secret` section is what the rule file says."""
        return [rule for rule in self.rules_for("Text") if rule.secret is not None]

    def file_of(self, rule_id: str) -> str | None:
        """Return the path of the file that states the rule, or None."""
        for index in self._indexes:
            kinds = index.ids().get(rule_id)
            if kinds:
                rule = next(found for found in self.rules_for(kinds[0]) if found.facts.rule == rule_id)
                return os.path.join(index.folder, rule.file)
        return None


def describe(pack: Pack, rule_id: str) -> RuleSource | None:
    """Return a rule as its file states it, long texts and examples included; reads the YAML file."""
    path = pack.file_of(rule_id)
    if path is None:
        return None
    from scanner.packs.load import rules_at

    return next((source for source in rules_at(path) if source.facts.rule == rule_id), None)
