"""Nodes of a template to values: literals, functions, loops, with the place of every piece.

One resolver serves one template in one environment. Functions stand in `functions.FUNCTIONS`, by name; what they
cannot know is Unknown with a reason, what is wrong is noted and unknown.
"""

from __future__ import annotations

from collections.abc import Callable

from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Unknown, Value
from scanner.model.cloudformation.conditions import Conditions, function_of
from scanner.model.cloudformation.loops import expanded, substituted
from scanner.model.cloudformation.parameters import Parameters
from scanner.model.cloudformation.strings import with_dynamic_references
from scanner.model.values import CUT, scalar_of

MAX_DEPTH = 90
"""Nesting beyond which values are unknown: deeper than any service takes, shallower than the stack."""

Note = Callable[[str, str, str, Location, str], None]
Outside = Callable[[str, Location], Value | None]


class Resolver:
    """Gives nodes their values.

    `resources` maps logical ids to type names (for references); `outside` answers what this template cannot:
    `export:NAME` for an import, `output:ID.NAME` for an output of a nested stack, `include:PATH` for a fragment.
    `bodies` are the resources' declarations outside loops. `resources_open` is True when a macro may add resources
    that the template does not show.
    """

    def __init__(
        self, parameters: Parameters, conditions: Node | None, mappings: Node | None, resources: dict[str, str],
        scope: str, note: Note, outside: Outside | None = None,
    ) -> None:
        """Take the sections and the template's scope."""
        self.parameters = parameters
        self.mappings = mappings
        self.resources = resources
        self.scope = scope
        self.note = note
        self.resources_open = False
        self.bodies: dict[str, Node] = {}
        self._asked: set[tuple[str, str]] = set()
        self.outside = outside or (lambda what, at: None)
        self.bindings: dict[str, str] = {}
        self.conditions = Conditions(conditions, scope, self.value, note)
        self.depth = 0

    def value(self, node: Node) -> Value:
        """Return the value of a node."""
        if node.kind == "scalar" and not node.tag:
            return self.scalar(node)
        if self.depth >= MAX_DEPTH:
            return Unknown(f"nested deeper than {MAX_DEPTH} levels", node.at)
        self.depth += 1
        try:
            return self._value(node)
        finally:
            self.depth -= 1

    def _value(self, node: Node) -> Value:
        name, argument = function_of(node)
        if name and not (name == "Condition" and not node.tag):
            if name.startswith("Fn::ForEach"):
                return self.mapping(node)
            return self.call(name, argument, node)
        if node.kind == "sequence":
            return self.sequence(node)
        return self.mapping(node)

    def scalar(self, node: Node) -> Value:
        """Return a literal; `{{resolve:...}}` in it is unknown, a loop's variable is filled in."""
        return with_dynamic_references(self.literal(node))

    def literal(self, node: Node) -> Scalar:
        """Return a scalar as written, a loop's variable filled in."""
        value = scalar_of(node)
        content = value.content
        if self.bindings and isinstance(content, str) and "{" in content:
            filled = substituted(content, self.bindings)
            if filled != content:
                return Scalar(filled, node.at, quoted=value.quoted)
        return value

    def sequence(self, node: Node) -> Value:
        """Return a list; `AWS::NoValue` items are left out."""
        items = [self.value(item) for item in node.items]
        kept = tuple([item for item in items if not isinstance(item, Absent)])
        return ListValue(kept, node.at, Unknown(CUT, node.at) if node.cut else None)

    def mapping(self, node: Node) -> Value:
        """Return a mapping; loops in it are unrolled, included fragments merged, `AWS::NoValue` entries left out."""
        entries: dict[str, Value] = {}
        keys_at: dict[str, Location] = {}
        rest: Unknown | None = Unknown(CUT, node.at) if node.cut else None
        for key, child, bindings in expanded(node, self):
            if child is None:
                rest = Unknown(key.text, node.at)
                continue
            before, self.bindings = self.bindings, bindings
            try:
                name = substituted(key.text, bindings) if bindings else key.text
                if name == "Fn::Transform":
                    rest = self._merged(child, entries, keys_at) or rest
                    continue
                if name in entries:
                    self.note("warning", "duplicate-key", f"{name} is written twice; the last one counts", key.at,
                              "remove one of them")
                value = self.value(child)
            finally:
                self.bindings = before
            if isinstance(value, Absent):
                entries.pop(name, None)
                continue
            entries[name] = value
            keys_at[name] = key.at
        return MapValue(entries, node.at, keys_at, rest)

    def _merged(self, node: Node, entries: dict[str, Value], keys_at: dict[str, Location]) -> Unknown | None:
        """Merge what a transform beside other keys gives; returns the unknown rest when that cannot be told."""
        value = self.call("Fn::Transform", node, node)
        if isinstance(value, MapValue):
            entries.update(value.entries)
            keys_at.update(value.keys_at)
            return value.rest
        return value if isinstance(value, Unknown) else Unknown("a macro fills this in at deployment", node.at)

    def call(self, name: str, argument: Node, node: Node) -> Value:
        """Return what the function gives for its argument node; `node` is the whole call."""
        from scanner.model.cloudformation.functions import FUNCTIONS

        function = FUNCTIONS.get(name)
        if function is None:
            self.note("warning", "cfn-unknown-function", f"{name} is no function that CloudFormation has", node.at,
                      "correct the name; the value is taken as unknown")
            return Unknown(f"{name} is not a known function", node.at)
        return function(self, argument, node.at)

    def misshapen(self, name: str, at: Location, expected: str) -> Unknown:
        """Note a wrong argument shape; the value is unknown."""
        self.note("warning", "cfn-function-shape", f"{name} is not written as CloudFormation expects it", at,
                  f"write {expected}")
        return Unknown(f"{name} has a wrong argument", at)

    def plain_text(self, node: Node) -> str | None:
        """Return the text of an untagged scalar with loop variables filled in, else None."""
        if node.kind != "scalar" or node.tag:
            return None
        return substituted(node.text, self.bindings) if self.bindings else node.text

    def truth(self, node: Node) -> Value:
        """Return the truth tree of the first argument of `Fn::If`: a condition's name or an expression."""
        name = self.plain_text(node)
        if name is not None:
            return self.conditions.truth(name, node.at)
        return self.conditions.expression(node, "an inline condition")

    def property_of(self, resource: str, name: str) -> Value | None:
        """Return the stated property of another resource; None when it is not stated or asked for in a circle."""
        body = self.bodies.get(resource)
        properties = body.get("Properties") if body is not None else None
        node = properties.get(name) if properties is not None else None
        if node is None or (resource, name) in self._asked:
            return None
        self._asked.add((resource, name))
        try:
            return self.value(node)
        finally:
            self._asked.discard((resource, name))

    def variable(self, name: str, at: Location) -> Value | None:
        """Return what `${name}` in a `Fn::Sub` means to a tool that fills it in before CloudFormation sees it."""
        return None

    def reference(self, name: str, at: Location) -> Value | None:
        """Return what `Ref` to a loop variable or parameter means; None when it is neither."""
        bound = self.bindings.get(name)
        if bound is not None:
            return Scalar(bound, at)
        return self.parameters.value(name, at)


def known_text(value: Value) -> str | None:
    """Return a known scalar as text, else None; a Choice is not known."""
    from scanner.model.cloudformation.strings import text_form

    return text_form(value.content) if isinstance(value, Scalar) else None
