"""One template: its sections, and its resources as subjects in one environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.subject import Resource
from scanner.core.value import Choice, MapValue, Scalar, Unknown, Value
from scanner.core.world import Guard, World
from scanner.model.cloudformation.alternatives import MAX_ALTERNATIVES, chosen, worlds_of
from scanner.model.cloudformation.loops import expanded, substituted
from scanner.model.cloudformation.parameters import (
    Parameter,
    Parameters,
    declared_parameters,
    parameter_properties,
)
from scanner.model.cloudformation.resolver import Note, Outside, Resolver
from scanner.model.cloudformation.suppressions import Marks
from scanner.model.values import CUT

if TYPE_CHECKING:
    from scanner.core.subject import PeerSuppression

ATTRIBUTES = ("DeletionPolicy", "UpdateReplacePolicy", "CreationPolicy", "UpdatePolicy", "DependsOn", "Metadata")
SECTIONS = frozenset((
    "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Mappings", "Conditions", "Transform",
    "Resources", "Outputs", "Rules", "Globals", "Hooks",
))


class Declared(NamedTuple):
    """A resource as it is declared, loops unrolled: its id, type, key, body, and the loop variables in force."""

    logical_id: str
    kind: str
    key: Node
    body: Node
    bindings: dict[str, str]


class Reading(NamedTuple):
    """A declared resource with its values: `truth` is the truth tree of its condition, None without one."""

    declared: Declared
    resolver: Resolver
    truth: Value | None
    properties: MapValue
    attributes: MapValue


class Template:
    """The document of one template file; nothing in it is resolved yet."""

    def __init__(self, artifact: Artifact, root: Node, note: Note) -> None:
        """Take the file and the root mapping; sections that are no mappings are noted and count as empty."""
        self.artifact = artifact
        self.path = artifact.path
        self.root = root
        self.note = note
        self.parameters = declared_parameters(self.section("Parameters"))
        self.marks = Marks(artifact, self.section("Metadata"))

    def section(self, name: str) -> Node | None:
        """Return a section, None when it is missing or no mapping."""
        node = self.root.get(name)
        if node is None or (node.kind == "scalar" and node.content is None):
            return None
        if node.kind != "mapping":
            self.note("warning", "cfn-shape", f"{name} is no mapping", node.at, f"write {name} as a mapping of names")
            return None
        return node

    def transforms(self) -> list[str]:
        """Return the names of the template's transforms."""
        node = self.root.get("Transform")
        if node is None:
            return []
        items = node.items if node.kind == "sequence" else [node]
        return [item.text if item.kind == "scalar" else (_text(item.get("Name")) or "a macro") for item in items]


class Stack:
    """A template as it is deployed: with parameter values, in a scope, in an environment."""

    dialect = "cloudformation"
    resolving: type[Resolver] = Resolver

    def __init__(
        self, template: Template, scope: str, given: Mapping[str, Value] | None = None, environment: str = "",
        outside: Outside | None = None, when: Guard = (), called_at: tuple[tuple[str, Location], ...] = (),
    ) -> None:
        """Take the template and what is known of this deployment of it; `called_at` are the calls of a nested one."""
        self.template = template
        self.scope = scope
        self.given = given or {}
        self.environment = environment
        self.outside = outside
        self.when = when
        self.called_at = called_at
        self.called_if: Value | None = None  # truth tree of a call whose condition is no plain conjunction
        self.kinds: dict[str, str] = {}
        self.bodies: dict[str, Node] = {}
        self._resolvers: dict[frozenset[str], Resolver] = {}
        self.resolver = self.resolver_with(frozenset())
        self.declared = self._declared()
        self.open = any(name not in ("AWS::LanguageExtensions", "AWS::Include", "AWS::SecretsManager-2020-07-23")
                        for name in template.transforms())
        self.resolver.resources_open = self.resolver.resources_open or self.open

    def resolver_with(self, opened: frozenset[str]) -> Resolver:
        """Return the resolver in which the `opened` parameters have neither value nor default."""
        made = self._resolvers.get(opened)
        if made is None:
            template = self.template
            parameters = Parameters(template.parameters, self.scope, self.given, opened)
            made = self.resolving(parameters, template.section("Conditions"), template.section("Mappings"), self.kinds,
                                  self.scope, template.note, self._ask)
            made.bodies = self.bodies
            self._resolvers[opened] = made
        return made

    def close(self) -> None:
        """Let go of the nodes: stack, resolvers and conditions know one another, and the collector comes rarely."""
        for resolver in self._resolvers.values():
            vars(resolver).clear()
        vars(self).clear()

    def _ask(self, what: str, at: Location) -> Value | None:
        return self.outside(what, at) if self.outside is not None else None

    def _declared(self) -> list[Declared]:
        """Return the resources that the template declares, wrong ones noted and left out."""
        section = self.template.section("Resources")
        found: dict[str, Declared] = {}
        for key, body, bindings in expanded(section, self.resolver) if section is not None else ():
            if body is None or key.text == "Fn::Transform":
                self.resolver.resources_open = True
                continue
            name = substituted(key.text, bindings)
            kind = self._kind_of(name, body)
            if kind is None:
                continue
            if name in found:
                self.template.note("warning", "duplicate-key", f"{name} is declared twice; the last one counts", key.at,
                                   "rename or remove one of them")
            found[name] = Declared(name, kind, key, body, bindings)
            self.kinds[name] = kind
            if not bindings:
                self.bodies[name] = body
        return list(found.values())

    def _kind_of(self, name: str, body: Node) -> str | None:
        note = self.template.note
        if body.kind != "mapping":
            note("warning", "cfn-resource-shape", f"resource {name} is no mapping", body.at,
                 "write Type and Properties below its name")
            return None
        kind = body.get("Type")
        if kind is None:
            if not body.cut:
                note("warning", "cfn-resource-shape", f"resource {name} has no Type", body.at, "add its Type")
            return None
        if kind.kind != "scalar" or not kind.text or not isinstance(kind.content, str):
            note("error", "cfn-resource-shape", f"the Type of resource {name} is no text", kind.at,
                 "write a type such as AWS::S3::Bucket")
            return None
        return kind.text

    # subjects

    def resources(self) -> list[Resource]:
        """Return the resources of the stack as subjects; those that can never exist are left out."""
        found = []
        for declared in self.declared:
            read = self.read(declared)
            if read is not None:
                found.append(self.subject(declared.kind, declared.logical_id, read, read.properties))
        return found

    def read(self, declared: Declared) -> Reading | None:
        """Return a declared resource with its values; None when it can never exist."""
        existence = self.existence(declared)
        if existence is None:
            return None
        resolver, truth = existence
        before, resolver.bindings = resolver.bindings, declared.bindings
        try:
            properties = self.properties(resolver, declared)
            attributes = _attributes(resolver, declared.body)
        finally:
            resolver.bindings = before
        return Reading(declared, resolver, truth, properties, attributes)

    def subject(self, kind: str, address: str, read: Reading, properties: MapValue) -> Resource:
        """Return a subject that stands for (part of) a declared resource."""
        when, remaining = self.guard(read.truth)
        declared = read.declared
        made = Resource(kind, address, declared.key.at, properties, self.scope, attributes=read.attributes, when=when,
                        dialect=self.dialect, environment=self.environment,
                        related=construct_of(read.attributes) + _existing_when(when, declared.key.at) + self.called_at)
        made.existence = self.existing(remaining)
        made.peer_suppressions = self.marks_of(declared)
        return made

    def existing(self, truth: Value | None) -> Value | None:
        """Return when something exists whose own condition is `truth`; the stack itself may be conditional."""
        if self.called_if is None or truth is None:
            return truth or self.called_if
        return chosen(self.called_if, truth, Scalar(False, truth.at), truth.at)

    def marks_of(self, declared: Declared) -> tuple[PeerSuppression, ...]:
        """Return other tools' suppression marks at a declared resource."""
        return self.template.marks.of(declared.body, declared.key.at)

    def existence(self, declared: Declared) -> tuple[Resolver, Value | None] | None:
        """Return (resolver to read it with, truth tree of its condition or None); None when it can never exist.

        A resource that the defaults would leave out is read with the parameters of its condition left open.
        """
        condition = declared.body.get("Condition")
        resolver = self.resolver
        if condition is None or condition.kind != "scalar":
            return resolver, None
        name = substituted(condition.text, declared.bindings)
        truth = resolver.conditions.truth(name, condition.at)
        if isinstance(truth, Scalar):
            if truth.content is True:
                return resolver, None
            resolver = self.resolver_with(self._openable(name))
            resolver.resources_open = self.resolver.resources_open
            truth = resolver.conditions.truth(name, condition.at)
        if isinstance(truth, Scalar):
            return (resolver, None) if truth.content is True else None
        return (resolver, truth) if worlds_of(truth) else None

    def _openable(self, condition: str) -> frozenset[str]:
        """Return the parameters that a condition asks, when nobody said with which values the template is deployed."""
        if self.environment or self.called_at:
            return frozenset()
        nodes = self.resolver.conditions.nodes
        names: set[str] = set()
        stack, seen = [condition], set()
        while stack:
            current = stack.pop()
            if current in seen or current not in nodes:
                continue
            seen.add(current)
            for text in _names_in(nodes[current]):
                names.add(text)
                stack.append(text)
        return frozenset(name for name in names if name in self.template.parameters and name not in self.given)

    def guard(self, truth: Value | None) -> tuple[Guard, Value | None]:
        """Return the plain conjunction under which a subject exists, and the truth tree when there is none."""
        if truth is None:
            return self.when, None
        worlds = worlds_of(truth)
        if len(worlds) == 1:
            return (*self.when, *worlds[0].assumptions), None
        if len(worlds) > MAX_ALTERNATIVES:
            return self.when, None
        return self.when, truth

    def properties(self, resolver: Resolver, declared: Declared) -> MapValue:
        """Return the properties, standing at the resource's name: that is where a missing one is added."""
        node = declared.body.get("Properties")
        at = declared.key.at
        missing = Unknown(CUT, at) if declared.body.cut else None
        if node is None or (node.kind == "scalar" and node.content is None and not node.tag):
            return MapValue({}, at, rest=missing)
        value = resolver.value(node)
        if isinstance(value, MapValue):
            return MapValue(value.entries, at, value.keys_at, value.rest)
        if isinstance(value, Unknown):
            return MapValue({}, at, rest=value)
        if isinstance(value, Choice):
            return _spread(value, at)
        self.template.note("warning", "cfn-resource-shape", f"Properties of {declared.logical_id} are no mapping",
                           node.at, "write them as a mapping of names")
        return MapValue({}, at, rest=Unknown("Properties have a wrong shape", node.at))

    def declarations(self) -> list[Resource]:
        """Return the parameters and outputs as subjects of kind `Parameter` and `Output`."""
        found = [
            Resource("Parameter", parameter.name, parameter.at, parameter_properties(parameter), self.scope,
                     dialect=self.dialect, environment=self.environment, related=self.called_at)
            for parameter in self.template.parameters.values()
        ]
        section = self.template.section("Outputs")
        for key, node, bindings in expanded(section, self.resolver) if section is not None else ():
            if node is None or node.kind != "mapping":
                continue
            before, self.resolver.bindings = self.resolver.bindings, bindings
            try:
                value = self.resolver.value(node)
            finally:
                self.resolver.bindings = before
            if isinstance(value, MapValue):
                found.append(Resource("Output", substituted(key.text, bindings), key.at, value, self.scope,
                                      dialect=self.dialect, environment=self.environment))
        return found

    def parameter(self, name: str) -> Parameter | None:
        """Return a declared parameter."""
        return self.template.parameters.get(name)


def _existing_when(when: Guard, at: Location) -> tuple[tuple[str, Location], ...]:
    """Return the conditions under which a resource exists, as a related place."""
    return ((f"exists only when {World(when).phrase()}", at),) if when else ()


def construct_of(attributes: MapValue) -> tuple[tuple[str, Location], ...]:
    """Return the CDK construct that a resource comes from, as a related place."""
    metadata = attributes.get("Metadata")
    path = metadata.get("aws:cdk:path") if isinstance(metadata, MapValue) else None
    if isinstance(path, Scalar) and isinstance(path.content, str):
        return ((f"construct {path.content}", path.at),)
    return ()


def _attributes(resolver: Resolver, body: Node) -> MapValue:
    """Return what stands beside the properties."""
    entries: dict[str, Value] = {}
    keys_at: dict[str, Location] = {}
    for key, node in body.pairs:
        if key.text in ATTRIBUTES:
            entries[key.text] = resolver.value(node)
            keys_at[key.text] = key.at
    return MapValue(entries, body.pairs[0][0].at if body.pairs else body.at, keys_at)


def _spread(value: Choice, at: Location) -> MapValue:
    """Return properties that depend on a condition as a whole: each property depends on it."""
    branches: list[MapValue] = []
    for branch in (value.then, value.otherwise):
        current = _spread(branch, at) if isinstance(branch, Choice) else branch
        branches.append(current if isinstance(current, MapValue) else
                        MapValue({}, at, rest=current if isinstance(current, Unknown) else None))
    then, otherwise = branches
    entries: dict[str, Value] = {}
    for key in dict.fromkeys((*then.entries, *otherwise.entries)):
        entries[key] = Choice(value.question, then.get(key), otherwise.get(key), value.at)
    return MapValue(entries, at, {**otherwise.keys_at, **then.keys_at}, then.rest or otherwise.rest)


def _names_in(node: Node) -> list[str]:
    """Return every scalar text below a node: a superset of the names it refers to."""
    found: list[str] = []
    stack = [node]
    while stack and len(found) < 10_000:
        current = stack.pop()
        if current.kind == "scalar":
            found.append(current.text)
        stack += [value for _, value in current.pairs]
        stack += current.items
    return found


def _text(node: Node | None) -> str:
    return node.text if node is not None and node.kind == "scalar" else ""
