"""All templates of a run together: roots and nested stacks, environments, exports and imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import dirname, join, normpath

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.subject import Resource
from scanner.core.value import MapValue, Scalar, Value
from scanner.model.cloudformation.cdk import constructs_of
from scanner.model.cloudformation.circles import circles_of
from scanner.model.cloudformation.parameter_files import parameter_sets
from scanner.model.cloudformation.scopes import rescoped
from scanner.model.cloudformation.template import Declared, Stack, Template
from scanner.model.workspace import Workspace

NESTED = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}
MAX_NESTING = 8
MAX_STACKS = 500
"""Nested stacks in a run; a template that calls itself through others must end somewhere."""


class Deployment:
    """Reads templates, and answers what one template asks about another."""

    def __init__(self, workspace: Workspace) -> None:
        """Take the workspace of the run."""
        self.workspace = workspace
        self.templates: dict[str, Template | None] = {}
        self.roots: list[Stack] = []
        self.children: dict[tuple[str, str, str], Stack | None] = {}
        self.pending: set[str] = set()
        self._exports: dict[str, dict[str, tuple[Stack, Node]]] = {}

    def run(self, artifacts: list[Artifact]) -> None:
        """State the subjects of all templates."""
        found = [template for artifact in artifacts if artifact.path not in self.workspace.taken
                 and (template := self.template(artifact)) is not None]
        called = {path for template in found for path in self.calls_of(template)}
        sets = self._parameter_sets() if found else []
        for template in found:
            if template.path in called:
                continue
            for environment, values in _sets_for(template, sets):
                self.roots.append(self.stack(template, template.path, environment, values))
        imports = any(b"ImportValue" in template.artifact.data for template in found)
        found.clear()
        stacks = list(reversed(self.roots))
        if not imports:
            self.roots.clear()  # only exports keep stacks alive
        while stacks:
            stack = stacks.pop()
            self.state(stack, 0)
            if not imports:
                last = not (stacks and stacks[-1].template is stack.template)
                self.release(stack, last)

    def release(self, stack: Stack, last: bool) -> None:
        """Let a stack go, and after the last one of a template its nodes: values know their places, and nodes would
        double the memory of a run."""
        if last:
            self.workspace.forget(stack.template.artifact)
            self.templates.pop(stack.template.path, None)
            for child in self.children.values():
                if child is not None:
                    child.close()
            self.children.clear()
        stack.close()

    def _parameter_sets(self) -> list[tuple[str, Mapping[str, Value]]]:
        """Return (environment, values) of the run's parameter files."""
        if not self.workspace.settings.parameter_files:
            return []

        return list(parameter_sets(self.workspace))

    def stack(self, template: Template, scope: str, environment: str, values: Mapping[str, Value]) -> Stack:
        """Return a root stack of a template with a set of parameters."""
        made = Stack(template, scope, values, environment)
        self.connect(made)
        return made

    def connect(self, stack: Stack) -> None:
        """Let a stack ask about other templates."""
        stack.outside = lambda what, at: self.answer(stack, what, at)

    def state(self, stack: Stack, depth: int) -> None:
        """Put the subjects of a stack and of its nested stacks into the inventory."""
        constructs = self._constructs(stack.template)
        resources = _resources_of(stack)
        if not stack.open:
            for resource, circle in circles_of(resources):
                self.note("warning", "cfn-circular", f"resources depend on one another in a circle: {circle}",
                          resource.at, "CloudFormation refuses such a template; break the circle")
        for resource in resources:
            places = constructs.get(resource.address)
            if places is not None:
                resource.related = places + resource.related
            self.workspace.inventory.add(resource)
        for resource in stack.declarations():
            self.workspace.inventory.add(resource)
        for declared in stack.declared:
            if declared.kind in NESTED:
                self._state_child(stack, declared, depth)
            elif declared.kind == "AWS::CloudFormation::StackSet" or declared.kind.endswith("::MODULE"):
                self.note("note", "cfn-remote-template", f"what {declared.logical_id} deploys is not looked at",
                          declared.key.at, "scan its own template")

    def _constructs(self, template: Template) -> dict[str, tuple[tuple[str, Location], ...]]:
        if not template.path.endswith(".template.json"):
            return {}

        return constructs_of(template, self.workspace)

    def _state_child(self, stack: Stack, declared: Declared, depth: int) -> None:
        child = self.child(stack, declared, depth)
        if child is not None:
            self.state(child, depth + 1)
        elif not self._local_path(stack.template, declared.body, declared.kind):
            self.note("note", "cfn-remote-template",
                      f"the template of nested stack {declared.logical_id} is not in the repository",
                      declared.key.at, "what it deploys is not looked at")

    # templates

    def template(self, artifact: Artifact) -> Template | None:
        """Return the template in a file, None when there is none; read once."""
        if artifact.path not in self.templates:
            self.templates[artifact.path] = self._read(artifact)
        return self.templates[artifact.path]

    def _read(self, artifact: Artifact) -> Template | None:
        roots = self.workspace.nodes(artifact, partial=True)
        found = [root for root in roots if is_template(root)]
        if len(found) > 1:
            self.note("warning", "several-documents", "a second template in the same file is not read", found[1].at,
                      "CloudFormation takes one document a file; split them")
        return Template(artifact, found[0], self.note) if found else None

    def note(self, level: str, kind: str, message: str, at: Location, hint: str) -> None:
        """Record what could not be done."""
        self.workspace.note(level, kind, message, at, hint)

    # nested stacks

    def calls_of(self, template: Template) -> Iterator[str]:
        """Yield the paths of local templates that a template's nested stacks use."""
        section = template.section("Resources")
        for _, body in section.pairs if section is not None else ():
            kind = body.get("Type")
            if kind is not None and kind.text in NESTED:
                path = self._local_path(template, body, kind.text)
                if path and path != template.path:
                    yield path

    def _local_path(self, template: Template, body: Node, kind: str) -> str:
        """Return the path of a nested stack's template when it is in the repository, else ""."""
        metadata, properties = body.get("Metadata"), body.get("Properties")
        asset = metadata.get("aws:asset:path") if metadata is not None else None
        place = properties.get(NESTED[kind]) if properties is not None else None
        for node in (asset, place):
            if node is None or node.kind != "scalar" or node.tag or "://" in node.text or not node.text:
                continue
            path = normpath(join(dirname(template.path), node.text))
            artifact = self.workspace.artifact(path) if not path.startswith("..") else None
            if artifact is not None and self.template(artifact) is not None:
                return path
        return ""

    def child(self, stack: Stack, declared: Declared, depth: int = 0) -> Stack | None:
        """Return a nested stack with the parameters its parent passes, None when its template is not local."""
        key = (stack.scope, stack.environment, declared.logical_id)
        if key in self.children:
            return self.children[key]
        self.children[key] = None  # asked again while it is made: a circle, unknown
        path = self._local_path(stack.template, declared.body, declared.kind)
        artifact = self.workspace.artifact(path) if path else None
        template = self.template(artifact) if artifact is not None else None
        if template is None or stack.scope.count("/") > 60 or len(self.children) > MAX_STACKS or depth >= MAX_NESTING:
            return None
        existence = stack.existence(declared)
        if existence is None:
            return None
        when, remaining = stack.guard(existence[1])
        given = self._given(stack, declared)
        made = Stack(template, f"{stack.scope}/{declared.logical_id}", given, stack.environment, when=when,
                     called_at=((f"nested stack {declared.logical_id}", declared.key.at), *stack.called_at))
        made.called_if = stack.existing(remaining)
        self.connect(made)
        self.children[key] = made
        return made

    def _given(self, stack: Stack, declared: Declared) -> dict[str, Value]:
        """Return the parameter values that a nested stack gets, their references in the parent's scope."""
        properties = declared.body.get("Properties")
        node = properties.get("Parameters") if properties is not None else None
        if node is None:
            return {}
        before, stack.resolver.bindings = stack.resolver.bindings, declared.bindings
        try:
            value = stack.resolver.value(node)
        finally:
            stack.resolver.bindings = before
        if not isinstance(value, MapValue):
            return {}
        return {name: rescoped(entry, stack.scope) for name, entry in value.entries.items()}

    # questions of one template about another

    def answer(self, stack: Stack, what: str, at: Location) -> Value | None:
        """Answer a resolver's question (see `Resolver.outside`), None when nothing in the run can."""
        topic, _, name = what.partition(":")
        key = f"{stack.scope}|{stack.environment}|{what}"
        if key in self.pending:
            return None
        self.pending.add(key)
        try:
            if topic == "output":
                return self._output(stack, name)
            if topic == "export":
                return self._export(stack, name)
            return self._include(stack, name)
        finally:
            self.pending.discard(key)

    def _output(self, stack: Stack, name: str) -> Value | None:
        resource, _, output = name.partition(".")
        declared = next((item for item in stack.declared if item.logical_id == resource), None)
        child = self.child(stack, declared) if declared is not None and declared.kind in NESTED else None
        if child is None:
            return None
        outputs = child.template.section("Outputs")
        node = outputs.get(output) if outputs is not None else None
        value = node.get("Value") if node is not None else None
        return rescoped(child.resolver.value(value), child.scope) if value is not None else None

    def _export(self, stack: Stack, name: str) -> Value | None:
        found = self.exports(stack.environment).get(name)
        if found is None or found[0] is stack:
            return None
        return rescoped(found[0].resolver.value(found[1]), found[0].scope)

    def exports(self, environment: str) -> dict[str, tuple[Stack, Node]]:
        """Return what the root stacks of an environment export under a known name."""
        known = self._exports.get(environment)
        if known is not None:
            return known
        found: dict[str, tuple[Stack, Node]] = {}
        self._exports[environment] = found
        for stack in self.roots:
            outputs = stack.template.section("Outputs")
            if stack.environment not in ("", environment) or outputs is None:
                continue
            for _, node in outputs.pairs:
                export, value = node.get("Export"), node.get("Value")
                shown = export.get("Name") if export is not None else None
                name = stack.resolver.value(shown) if shown is not None else None
                if value is not None and isinstance(name, Scalar):
                    found.setdefault(str(name.content), (stack, value))
        return found

    def _include(self, stack: Stack, name: str) -> Value | None:
        if "://" in name:
            return None
        path = normpath(join(dirname(stack.template.path), name))
        artifact = self.workspace.artifact(path) if not path.startswith("..") else None
        roots = self.workspace.nodes(artifact) if artifact is not None else []
        return stack.resolver.value(roots[0]) if roots else None


def _resources_of(stack: Stack) -> list[Resource]:
    """Return the resources of a stack, serverless ones expanded."""
    if not any(declared.kind.startswith("AWS::Serverless::") for declared in stack.declared):
        return stack.resources()
    from scanner.model.cloudformation.serverless import expanded_resources  # only SAM templates pay for it

    return expanded_resources(stack)


def _sets_for(
    template: Template, sets: list[tuple[str, Mapping[str, Value]]]
) -> list[tuple[str, Mapping[str, Value]]]:
    """Return the parameter sets that speak of a template's parameters; the defaults alone when none does."""
    fitting = [chosen for chosen in sets if any(name in template.parameters for name in chosen[1])]
    return fitting or [("", {})]


def is_template(root: Node) -> bool:
    """Tell whether a document is a template: by its version, or by resources with types."""
    if root.kind != "mapping":
        return False
    if root.get("AWSTemplateFormatVersion") is not None:
        return True
    resources = root.get("Resources")
    return resources is not None and resources.kind == "mapping"


__all__ = ["Deployment", "is_template"]
