"""The inventory: all subjects of a run, and the links between them."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.core.subject import Subject
from scanner.core.value import Reference


class Inventory:
    """Subjects by kind and by address, in the order in which they were stated.

    Links are named relations between two subjects (`buildspec`, `role`, `policy`, `task-definition`,
    `script`): `link` states one, `linked` and `linking` follow it forwards and backwards.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.subjects: list[Subject] = []
        self._by_kind: dict[str, list[Subject]] = {}
        self._by_address: dict[tuple[str, str], Subject] = {}
        self._forward: dict[tuple[int, str], list[Subject]] = {}
        self._backward: dict[tuple[int, str], list[Subject]] = {}

    def add(self, subject: Subject) -> None:
        """State a subject; the first one at an address answers `find`."""
        self.subjects.append(subject)
        self._by_kind.setdefault(subject.kind, []).append(subject)
        self._by_address.setdefault((subject.scope, subject.address), subject)

    def of_kind(self, kind: str) -> list[Subject]:
        """Return the subjects of one kind, in stated order."""
        return self._by_kind.get(kind, [])

    def kinds(self) -> list[str]:
        """Return all kinds that occur, sorted."""
        return sorted(self._by_kind)

    def find(self, scope: str, address: str) -> Subject | None:
        """Return the subject at an address."""
        return self._by_address.get((scope, address))

    def target(self, subject: Subject, reference: Reference) -> Subject | None:
        """Return what a reference inside `subject` points at, or None when it is not in the inventory."""
        return self.find(reference.scope or subject.scope, reference.address)

    def link(self, source: Subject, relation: str, target: Subject) -> None:
        """State that `source` has `target` as its `relation`; stating it twice changes nothing."""
        forward = self._forward.setdefault((id(source), relation), [])
        if target not in forward:
            forward.append(target)
            self._backward.setdefault((id(target), relation), []).append(source)

    def linked(self, source: Subject, relation: str) -> list[Subject]:
        """Return the targets of a relation, in stated order."""
        return self._forward.get((id(source), relation), [])

    def linking(self, target: Subject, relation: str) -> list[Subject]:
        """Return the subjects that have `target` as their `relation`, in stated order."""
        return self._backward.get((id(target), relation), [])

    def __iter__(self) -> Iterator[Subject]:
        return iter(self.subjects)

    def __len__(self) -> int:
        return len(self.subjects)
