"""A resource between evaluation and the inventory: side resources may still fold into it."""

from __future__ import annotations

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.subject import Resource
from scanner.core.value import MapValue
from scanner.core.world import Guard
from scanner.model.terraform.mapping import Mapping
from scanner.model.terraform.shape import Known, Shape
from scanner.model.terraform.suppressions import Marks
from scanner.model.terraform.transforms import camel_name
from scanner.model.terraform.translate import add_defaults
from scanner.parse.hcl import tree


class Draft:
    """One instance: `provider_type` and `arguments` as Terraform has them, `shape` in CloudFormation's form."""

    def __init__(
        self, address: str, at: Location, provider_type: str, mapping: Mapping | None, arguments: MapValue,
        guard: Guard, related: tuple[tuple[str, Location], ...],
    ) -> None:
        self.address = address
        self.at = at
        self.provider_type = provider_type
        self.mapping = mapping
        self.arguments = arguments
        self.guard = guard
        self.related = related
        self.kind = mapping.type if mapping is not None else kind_of(provider_type)
        self.shape = Shape(at)
        self.attributes = MapValue({}, at)
        self.folded = False
        self.several = False
        self.artifact: Artifact | None = None
        self.block: tree.Block | None = None
        self.sides: list[Draft] = []

    def copy(self, kind: str) -> Draft:
        """Return an empty draft of another kind at the same address."""
        made = Draft(self.address, self.at, self.provider_type, None, self.arguments, self.guard, self.related)
        made.kind = kind
        made.artifact, made.block = self.artifact, self.block
        return made

    def resource(self, scope: str, marks: Marks, dialect: str = "terraform") -> Resource:
        """Return the finished subject with other tools' marks at its block and at those folded into it."""
        known: Known = {}
        if self.mapping is not None and not self.mapping.camel:
            add_defaults(self.shape, self.mapping)
            known = self.mapping.known
        provider_type = self.provider_type

        def reason(path: str) -> str:
            return f"our mapping of {provider_type} does not cover {path}"

        made = Resource(
            self.kind, self.address, self.at, self.shape.freeze(known, reason), scope, attributes=self.attributes,
            when=self.guard, related=self.related, dialect=dialect,
        )
        made.several = self.several
        made.peer_suppressions = tuple(
            mark for part in (self, *self.sides) for mark in marks.of(part.artifact, part.block))
        made.folded = tuple(
            (side.address, side.artifact.span(side.block.start, side.block.end))
            for side in self.sides if side.artifact is not None and side.block is not None)
        return made


def kind_of(provider_type: str) -> str:
    """Return the name for a type without mapping: `Terraform::RandomPassword`."""
    return f"Terraform::{camel_name(provider_type)}"
