"""One service: its `resources` as a CloudFormation stack whose texts may hold `${...}` of the framework."""

from __future__ import annotations

import re

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.subject import Resource
from scanner.core.value import MapValue, Scalar, Unknown, Value
from scanner.model.cloudformation.functions import named
from scanner.model.cloudformation.making import merged
from scanner.model.cloudformation.resolver import Resolver, known_text
from scanner.model.cloudformation.strings import Run, assembled, run_of, slice_of
from scanner.model.cloudformation.template import SECTIONS, Declared, Stack, Template
from scanner.model.serverless.addresses import places_in
from scanner.model.serverless.variables import Variables
from scanner.model.values import scalar_of
from scanner.model.workspace import Workspace

MAX_FOLLOWED = 12
_PSEUDO = re.compile(r"[#$]\{(AWS::[A-Za-z]+)\}")


class ServiceResolver(Resolver):
    """Gives nodes of a service their values: the framework's variables first, then CloudFormation's functions."""

    variables: Variables
    followed = 0

    def scalar(self, node: Node) -> Value:
        """Return a literal, its variables filled in; a text that is one variable is what the variable stands for."""
        if "{" not in node.text:
            return super().scalar(node)
        return self._filled(scalar_of(node))

    def literal(self, node: Node) -> Scalar:
        """Return the text of a `Fn::Sub` with the variables that are known; others wait for `variable`."""
        written = super().literal(node)
        if "${" not in node.text or not isinstance(written.content, str):
            return written
        value = self._assembled(written, keep=True)
        return value if isinstance(value, Scalar) else written

    def plain_text(self, node: Node) -> str | None:
        """Return the text of an untagged scalar, its variables filled in where they are known."""
        if node.kind == "scalar" and not node.tag and "${" in node.text:
            return known_text(self._filled(scalar_of(node))) or node.text
        return super().plain_text(node)

    def variable(self, name: str, at: Location) -> Value | None:
        """Return what a variable of the framework stands for."""
        return self.answer(name, at) if places_in(f"${{{name}}}") else None

    def answer(self, inside: str, at: Location) -> Value:
        """Return the value of a variable, standing where it is used; collections keep their own places."""
        if self.followed >= MAX_FOLLOWED:
            return Unknown(f"${{{inside}}} refers to itself", at, label=inside)
        found = self.variables.found(inside, at)
        if not isinstance(found, Node):
            return found
        self.followed += 1
        try:
            value = self.value(found)
        finally:
            self.followed -= 1
        if isinstance(value, Scalar):
            return Scalar(value.content, at, lambda: value.text_map, quoted=value.quoted)
        return value

    def _filled(self, written: Scalar) -> Value:
        text = str(written.content)
        places = places_in(text)
        if len(places) == 1 and places[0].end - places[0].start == len(text.strip()):
            return self.answer(places[0].inside, written.at)
        return self._assembled(written, keep=False)

    def _assembled(self, written: Scalar, *, keep: bool) -> Value:
        """Return a text with its variables filled in; `keep` leaves what is not known as written."""
        text = str(written.content)
        holes = [(place.start, place.end, place.inside) for place in places_in(text)]
        if not keep:
            holes += [(match.start(), match.end(), match[1]) for match in _PSEUDO.finditer(text)]
        if not holes:
            return super().scalar(_node_of(written)) if not keep else written
        runs: list[Run] = []
        start = 0
        for first, last, inside in sorted(holes):
            if first < start:
                continue
            runs.append(slice_of(written, start, first))
            place = written.span(first, last)
            value = named(self, inside, place) if inside.startswith("AWS::") else self.answer(inside, place)
            run = None if keep and not isinstance(value, Scalar) else run_of(value, place)
            runs.append(run or slice_of(written, first, last))
            start = last
        runs.append(slice_of(written, start, len(text)))
        return assembled(runs, written.at)


class Service(Stack):
    """A service as it is deployed: the resources it declares, and those that the framework makes for it."""

    dialect = "serverless"
    resolving = ServiceResolver

    def __init__(self, template: Template, root: Node, variables: Variables, extensions: dict[str, Node]) -> None:
        """Take the template of its `resources`, the service's root, and what `extensions` add to resources."""
        self.root = root
        self.variables = variables
        self.extensions = extensions
        super().__init__(template, template.path)
        self.resolver.resources_open = True  # the framework makes more resources than are stated here

    def resolver_with(self, opened: frozenset[str]) -> Resolver:
        """Return the resolver as a stack does; it knows the service's variables."""
        made = super().resolver_with(opened)
        if isinstance(made, ServiceResolver):
            made.variables = self.variables
        return made

    def answer(self, inside: str, at: Location) -> Value:
        """Return the value of a variable, by what stands between its braces."""
        resolver = self.resolver
        return resolver.answer(inside, at) if isinstance(resolver, ServiceResolver) else Unknown("not resolved", at)

    def properties(self, resolver: Resolver, declared: Declared) -> MapValue:
        """Return the properties of a declared resource, extended."""
        return self.extended(declared.logical_id, super().properties(resolver, declared))

    def extended(self, logical_id: str, properties: MapValue) -> MapValue:
        """Return properties with what `resources.extensions` says of the resource merged into them."""
        extension = self.extensions.get(logical_id)
        added = extension.get("Properties") if extension is not None else None
        whole = merged(properties, self.resolver.value(added)) if added is not None else properties
        if not isinstance(whole, MapValue):
            return properties
        return MapValue(whole.entries, properties.at, whole.keys_at, whole.rest)

    def resources(self) -> list[Resource]:
        """Return the declared resources, and functions with what belongs to them."""
        from scanner.model.serverless.functions import made_resources

        return super().resources() + made_resources(self)


def service_of(artifact: Artifact, workspace: Workspace) -> Service | None:
    """Return the service that a file describes, None when it does not; included templates count as read."""
    roots = workspace.nodes(artifact, partial=True)
    root = roots[0] if roots else None
    if root is None or root.kind != "mapping" or root.get("provider") is None:
        return None
    variables = Variables(root, artifact.path, workspace)
    sections, extensions = _collected(root, variables, workspace)
    pairs = [(Node("scalar", at, content=name, text=name), Node("mapping", at, pairs=members))
             for name, (at, members) in sections.items()]
    template = Template(artifact, Node("mapping", root.at, pairs=pairs), workspace.note)
    service = Service(template, root, variables, extensions)
    workspace.taken.update(variables.included)
    return service


def _collected(
    root: Node, variables: Variables, workspace: Workspace
) -> tuple[dict[str, tuple[Location, list[tuple[Node, Node]]]], dict[str, Node]]:
    """Return the template sections that all parts of `resources` make together, and the extensions by logical id."""
    sections: dict[str, tuple[Location, list[tuple[Node, Node]]]] = {}
    extensions: dict[str, Node] = {}
    for part in parts_of(root.get("resources"), variables, workspace):
        for key, value in part.pairs:
            section = variables.node(value)
            if section is None or section.kind != "mapping":
                if section is None:
                    _unread(workspace, value)
                continue
            for name, member in section.pairs:
                known = variables.node(member)
                if known is None:
                    _unread(workspace, member)
                elif key.text == "extensions":
                    extensions[name.text] = known
                elif key.text in SECTIONS:
                    sections.setdefault(key.text, (section.at, []))[1].append((name, known))
    return sections, extensions


def parts_of(node: Node | None, variables: Variables, workspace: Workspace) -> list[Node]:
    """Return the mappings that a section consists of: itself, or those of its list; what is not known is noted."""
    if node is None:
        return []
    whole = variables.node(node)
    found: list[Node] = []
    for item in whole.items if whole is not None and whole.kind == "sequence" else [node]:
        part = variables.node(item)
        if part is None:
            _unread(workspace, item)
        elif part.kind == "mapping":
            found.append(part)
    return found


def _unread(workspace: Workspace, node: Node) -> None:
    workspace.note("note", "serverless-not-read", f"what {node.text[:80]} adds is not looked at", node.at,
                   "scan the packaged template (`.serverless/`) as well")


def _node_of(written: Scalar) -> Node:
    """Return a plain text as the node it came from."""
    return Node("scalar", written.at, content=written.content, text=str(written.content),
                style='"' if written.quoted else "", text_map=lambda: written.text_map)


__all__ = ["Service", "parts_of", "service_of"]
