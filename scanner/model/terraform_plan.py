"""Terraform plans (`terraform show -json`): planned resources in CloudFormation shape, led back to the `.tf` lines.

What is known after apply is unknown with the references its expression has; sensitive values are left out. When the
configuration's files lie in the plan's folder, places lead there, else into the plan.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.value import ListValue, MapValue, Reference, Scalar, Unknown, Value
from scanner.model.terraform.blocks import META
from scanner.model.terraform.configuration import Configuration, Item
from scanner.model.terraform.drafts import Draft
from scanner.model.terraform.folds import fold
from scanner.model.terraform.mapping import mapping_of
from scanner.model.terraform.run import Run
from scanner.model.terraform.shape import Shape
from scanner.model.terraform.special import special_drafts
from scanner.model.terraform.transforms import camel
from scanner.model.terraform.translate import translated
from scanner.model.workspace import Workspace
from scanner.parse.hcl import tree

MAX_DEPTH = 40
_INDEX = re.compile(r"\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\]")


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State the subjects of every plan."""
    for artifact in artifacts:
        for root in workspace.nodes(artifact):
            if root.kind == "mapping":
                _Plan(artifact, root, workspace).state()


class _Planned(NamedTuple):
    """One planned resource: its nodes, and what the changes say is unknown or sensitive about it."""

    address: str
    module: str
    kind: str
    node: Node
    values: Node
    unknown: Node | None
    sensitive: Node | None


class _Plan:
    """One plan file."""

    def __init__(self, artifact: Artifact, root: Node, workspace: Workspace) -> None:
        self.artifact = artifact
        self.root = root
        self.workspace = workspace
        self.changes = _by_address(root.get("resource_changes"))
        self.expressions: dict[str, Node] = {}
        configuration = root.get("configuration")
        module = configuration.get("root_module") if configuration is not None else None
        if module is not None:
            self.read_expressions(module, "", 0)
        self.sources = Sources(artifact, workspace)
        self.addresses: set[str] = set()

    def state(self) -> None:
        """State every managed resource that will exist, side resources folded."""
        planned = self.root.get("planned_values")
        module = planned.get("root_module") if planned is not None else None
        found = list(self.resources(module, "", 0)) if module is not None else []
        self.addresses = {one.address for one in found}
        drafts = [draft for one in found for draft in self.drafts(one)]
        fold(drafts)
        for draft in drafts:
            if not draft.folded:
                made = draft.resource(self.artifact.path, self.sources.run.marks, "terraform-plan")
                self.workspace.inventory.add(made)

    def read_expressions(self, module: Node, prefix: str, depth: int) -> None:
        """Note the expressions of every configured resource by its address without indexes."""
        for resource in _items(module.get("resources")):
            address, expressions = resource.get("address"), resource.get("expressions")
            if address is not None and expressions is not None:
                self.expressions[prefix + address.text] = expressions
        calls = module.get("module_calls")
        for name, call in calls.pairs if calls is not None else []:
            inner = call.get("module")
            if inner is not None and depth < MAX_DEPTH:
                self.read_expressions(inner, f"{prefix}module.{name.text}.", depth + 1)

    def resources(self, module: Node, prefix: str, depth: int) -> list[_Planned]:
        """Return the planned managed resources of a module and those below it."""
        found = []
        for node in _items(module.get("resources")):
            mode, kind, address, values = (node.get(key) for key in ("mode", "type", "address", "values"))
            if mode is None or mode.text != "managed" or kind is None or address is None or values is None:
                continue
            change = self.changes.get(address.text)
            found.append(_Planned(
                address.text, prefix, kind.text, node, values,
                change.get("after_unknown") if change is not None else None,
                change.get("after_sensitive") if change is not None else None))
        for child in _items(module.get("child_modules")):
            address = child.get("address")
            if address is not None and depth < MAX_DEPTH:
                found += self.resources(child, address.text + ".", depth + 1)
        return found

    def drafts(self, planned: _Planned) -> list[Draft]:
        """Return the drafts of one planned resource."""
        plain = _INDEX.sub("", planned.address)
        expressions = self.expressions.get(plain)
        item = self.sources.item(plain)
        at = planned.node.get("address")
        header = at.at if at is not None else planned.node.at
        value = self.value(planned, planned.values, planned.unknown, planned.sensitive, expressions, 0)
        arguments = value if isinstance(value, MapValue) else MapValue({}, header)
        if item is not None:
            header = item.artifact.span(item.block.start, item.block.header_end)
            arguments = placed_body(arguments, item.block.body, item.artifact, header)
        arguments = _with_all_tags(MapValue(arguments.entries, header, arguments.keys_at))
        mapping = mapping_of(planned.kind)
        draft = Draft(planned.address, header, planned.kind, mapping, arguments, (), ())
        if item is not None:
            draft.artifact, draft.block = item.artifact, item.block
        if mapping is not None:
            draft.shape = translated(arguments, mapping)
        else:
            draft.shape = Shape(header)
            spelled = camel(arguments)
            if isinstance(spelled, MapValue):
                draft.shape.fields.update(spelled.entries)
                draft.shape.keys_at.update(spelled.keys_at)
        return special_drafts(draft)

    def value(
        self, planned: _Planned, node: Node, unknown: Node | None, sensitive: Node | None,
        expressions: Node | None, depth: int,
    ) -> Value | None:
        """Return a planned value; None for null. `unknown` and `sensitive` run beside it."""
        if _is_true(sensitive):
            return Unknown("the plan marks it as sensitive", node.at, present=True, secret=True)
        if depth > MAX_DEPTH:
            return Unknown("nested too deeply", node.at)
        if node.kind == "mapping":
            return self.mapping(planned, node, unknown, sensitive, expressions, depth)
        if node.kind == "sequence":
            if _is_true(unknown):
                return self.unknown(planned, node.at, expressions)
            items = []
            for index, item in enumerate(node.items):
                inner = self.value(planned, item, _at(unknown, index), _at(sensitive, index),
                                   _at(expressions, index) if _is_list(expressions) else expressions, depth + 1)
                if inner is not None:
                    items.append(inner)
            return ListValue(tuple(items), node.at)
        if node.content is None:
            return None
        return Scalar(node.content, node.at, node.text_map, quoted=isinstance(node.content, str))

    def mapping(
        self, planned: _Planned, node: Node, unknown: Node | None, sensitive: Node | None,
        expressions: Node | None, depth: int,
    ) -> MapValue:
        """Return a mapping with what is only known after apply put in."""
        entries: dict[str, Value] = {}
        keys_at: dict[str, Location] = {}
        for key, child in node.pairs:
            name = key.text
            inner = self.value(planned, child, _get(unknown, name), _get(sensitive, name), _get(expressions, name),
                               depth + 1)
            if inner is not None:
                entries[name] = inner
                keys_at[name] = key.at
        for key, child in unknown.pairs if unknown is not None and unknown.kind == "mapping" else []:
            if key.text not in entries and _holds_true(child):
                configured = _get(expressions, key.text)
                if configured is not None or key.text == "policy":
                    entries[key.text] = self.unknown(planned, node.at, configured)
        return MapValue(entries, node.at, keys_at)

    def unknown(self, planned: _Planned, at: Location, expressions: Node | None) -> Unknown:
        """Return the unknown for an attribute, with the first resource its expression refers to."""
        refers = None
        for name in _items(_get(expressions, "references")):
            refers = self.reference(planned, name.text)
            if refers is not None:
                break
        return Unknown("known after it is applied", at, refers=refers, present=True)

    def reference(self, planned: _Planned, text: str) -> Reference | None:
        """Return the resource and attribute of a reference as configurations spell it."""
        parts = text.split(".")
        if len(parts) < 3 or parts[0] in ("var", "local", "module", "each", "count", "path", "data"):
            return None
        address = planned.module + ".".join(parts[:2])
        index = _INDEX.search(planned.address[len(planned.module):])
        for candidate in (address, address + index[0] if index else address, address + "[0]"):
            if candidate in self.addresses:
                return Reference(candidate, parts[2])
        return Reference(address, parts[2])


class Sources:
    """The configuration's files beside a plan, when they are there."""

    def __init__(self, artifact: Artifact, workspace: Workspace) -> None:
        self.run = Run([], workspace)
        folder = artifact.path.rpartition("/")[0]
        self.root = self.run.configuration(folder)

    def item(self, address: str) -> Item | None:
        """Return the block of a resource address without indexes."""
        parts = address.split(".")
        configuration: Configuration | None = self.root
        while len(parts) > 3 and parts[0] == "module" and configuration is not None:
            call = configuration.modules.get(parts[1])
            folder = self.run.source_folder(configuration, call, configuration.folder) if call is not None else None
            configuration = self.run.configuration(folder) if folder is not None else None
            parts = parts[2:]
        if configuration is None or len(parts) != 2:
            return None
        return configuration.resources.get(("", parts[0], parts[1]))


def placed_body(value: MapValue, body: tree.Body, artifact: Artifact, at: Location) -> MapValue:
    """Return planned arguments with the places of the block they were planned from."""
    entries: dict[str, Value] = {}
    keys_at: dict[str, Location] = {}
    for name, entry in value.entries.items():
        argument = body.arguments.get(name)
        blocks = body.of_type(name)
        if argument is not None:
            file = argument.origin or artifact
            keys_at[name] = file.span(argument.start, argument.end)
            entries[name] = placed(entry, file.span(argument.expression.start, argument.expression.end))
        elif blocks and isinstance(entry, ListValue):
            keys_at[name] = artifact.span(blocks[0].start, blocks[0].header_end)
            entries[name] = ListValue(tuple(
                _placed_block(item, blocks[min(index, len(blocks) - 1)], artifact)
                for index, item in enumerate(entry.items)), keys_at[name])
        else:
            keys_at[name] = at
            entries[name] = placed(entry, at)
    return MapValue(entries, at, keys_at)


def _placed_block(item: Value, block: tree.Block, artifact: Artifact) -> Value:
    at = artifact.span(block.start, block.header_end)
    return placed_body(item, block.body, artifact, at) if isinstance(item, MapValue) else placed(item, at)


def placed(value: Value, at: Location) -> Value:
    """Return a value and all below it at one place."""
    if isinstance(value, ListValue):
        return ListValue(tuple(placed(item, at) for item in value.items), at, value.rest)
    if isinstance(value, MapValue):
        entries = {key: placed(entry, at) for key, entry in value.entries.items()}
        return MapValue(entries, at, dict.fromkeys(value.entries, at), value.rest)
    if isinstance(value, Scalar):
        return Scalar(value.content, at)
    if isinstance(value, Unknown):
        return Unknown(value.reason, at, refers=value.refers, parts=value.parts, present=value.present,
                       secret=value.secret)
    return value


def _with_all_tags(arguments: MapValue) -> MapValue:
    """Return the arguments with the tags that the provider's default tags add."""
    every = arguments.entries.get("tags_all")
    entries = {key: entry for key, entry in arguments.entries.items() if key not in META}
    if isinstance(every, MapValue) and every.entries:
        own = entries.get("tags")
        entries["tags"] = MapValue({**every.entries, **(own.entries if isinstance(own, MapValue) else {})}, every.at)
    return MapValue(entries, arguments.at, arguments.keys_at)


def _by_address(changes: Node | None) -> dict[str, Node]:
    found = {}
    for node in _items(changes):
        address, change = node.get("address"), node.get("change")
        if address is not None and change is not None:
            found[address.text] = change
    return found


def _items(node: Node | None) -> list[Node]:
    return node.items if node is not None and node.kind == "sequence" else []


def _get(node: Node | None, name: str) -> Node | None:
    return node.get(name) if node is not None and node.kind == "mapping" else None


def _at(node: Node | None, index: int) -> Node | None:
    return node.items[index] if node is not None and index < len(node.items) else None


def _is_list(node: Node | None) -> bool:
    return node is not None and node.kind == "sequence"


def _is_true(node: Node | None) -> bool:
    return node is not None and node.kind == "scalar" and node.content is True


def _holds_true(node: Node) -> bool:
    """Tell whether anything in the node is true."""
    if node.kind == "scalar":
        return node.content is True
    return any(_holds_true(child) for child in (*node.items, *(value for _, value in node.pairs)))
