"""Side resources: what Terraform states beside a resource and CloudFormation inside of it folds into its parent.

A folded value keeps the place of the block it comes from. A side resource whose parent is not known makes the property
unknown on every parent it may belong to.
"""

from __future__ import annotations

from scanner.core.projection import alternatives
from scanner.core.value import Unknown, Value, text_of
from scanner.core.world import Guard
from scanner.model.terraform.domain import Open, Traced, settled
from scanner.model.terraform.drafts import Draft
from scanner.model.terraform.shape import Many, Shape, merge

_NAMES = (
    "bucket", "name", "identifier", "id", "function_name", "cluster_identifier", "domain_name", "domain", "repository",
    "cluster_id", "arn", "stage_name",
)


def fold(drafts: list[Draft]) -> None:
    """Fold every side resource into its parent; one without a parent here is stated with the rest unknown."""
    parents = _Parents(drafts)
    for draft in drafts:
        mapping = draft.mapping
        if mapping is None or not mapping.join:
            continue
        for name in mapping.join.split("+"):
            value = settled(draft.arguments.get(name))
            for guard, case in alternatives(value):
                draft.folded |= _fold_one(draft, case, (*guard, *draft.guard), parents)
            if draft.folded:
                break
    for draft in drafts:
        mapping = draft.mapping
        if mapping is not None and mapping.join and not draft.folded:
            value = settled(draft.arguments.get(mapping.join.split("+", maxsplit=1)[0]))
            if isinstance(value, Unknown) and not any(True for _ in value.references()):
                for parent in parents.of_kind(draft.kind):
                    _mark_open(parent.shape, draft.shape, value)
            word = parents.word(draft.kind)
            draft.shape.rest = Unknown(f"the {word} it belongs to is not among the scanned files", draft.at)


def _fold_one(draft: Draft, value: Value, guard: Guard, parents: _Parents) -> bool:
    """Fold into the parents that a join value names; True when there is one."""
    found = parents.of(draft.kind, value)
    for parent in found:
        missing = tuple(part for part in guard if part not in parent.guard)
        merge(parent.shape, draft.shape, missing)
        parent.sides.append(draft)
    return bool(found)


def _mark_open(shape: Shape, side: Shape, value: Unknown) -> None:
    """Set what the side would set to unknown where the parent says nothing."""
    for name, field in side.fields.items():
        if name not in shape.fields:
            at = side.keys_at.get(name, side.at)
            shape.fields[name] = Unknown(f"it may be set by a resource for {value.reason}", at)
        elif isinstance(field, Many) and isinstance(shape.fields[name], Many):
            pass


class _Parents:
    """Main resources by address and by the names they give themselves."""

    def __init__(self, drafts: list[Draft]) -> None:
        self.by_address: dict[tuple[str, str], list[Draft]] = {}
        self.by_name: dict[tuple[str, str], list[Draft]] = {}
        self.by_kind: dict[str, list[Draft]] = {}
        for draft in drafts:
            if draft.mapping is not None and draft.mapping.join:
                continue
            self.by_kind.setdefault(draft.kind, []).append(draft)
            self.by_address.setdefault((draft.kind, draft.address), []).append(draft)
            for name in _NAMES:
                identity = identity_of(draft.arguments.get(name))
                if identity:
                    self.by_name.setdefault((draft.kind, identity), []).append(draft)

    @staticmethod
    def word(kind: str) -> str:
        """Return a canonical type's last word for a message."""
        return kind.rsplit("::", 1)[-1]

    def of_kind(self, kind: str) -> list[Draft]:
        """Return all main resources of a canonical type."""
        return self.by_kind.get(kind, [])

    def of(self, kind: str, value: Value) -> list[Draft]:
        """Return the parents that a join argument names: by reference, else by an equal literal name."""
        if isinstance(value, Traced):
            found = self.by_address.get((kind, value.refers.address))
            if found:
                return found
        if isinstance(value, Unknown):
            for reference in value.references():
                found = self.by_address.get((kind, reference.address))
                if found:
                    return found
        identity = identity_of(value)
        return self.by_name.get((kind, identity), []) if identity else []


def identity_of(value: Value) -> str:
    """Return a text that is equal for equal names, for the same unknown variable too; empty when there is none."""
    if isinstance(value, Open):
        return f"\0{value.question_scope}\0{value.question}"
    if isinstance(value, Unknown) and value.parts:
        pieces = [part if isinstance(part, str) else identity_of(part) for part in value.parts]
        return "".join(pieces) if all(pieces) else ""
    return text_of(value) or ""
