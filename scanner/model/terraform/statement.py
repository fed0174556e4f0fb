"""From module instances to subjects: every resource, data source and call, folded and stated in order."""

from __future__ import annotations

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.value import MapValue, Scalar, Value
from scanner.core.world import Guard
from scanner.model.terraform.blocks import META, body_value, header_at
from scanner.model.terraform.configuration import Item
from scanner.model.terraform.domain import settled
from scanner.model.terraform.drafts import Draft
from scanner.model.terraform.evaluate import Scope, evaluate
from scanner.model.terraform.expansion import Instance
from scanner.model.terraform.folds import fold
from scanner.model.terraform.mapping import mapping_of
from scanner.model.terraform.module import ModuleInstance
from scanner.model.terraform.run import Run, source_text
from scanner.model.terraform.shape import Shape
from scanner.model.terraform.special import special_drafts
from scanner.model.terraform.transforms import camel
from scanner.model.terraform.translate import translated
from scanner.model.terraform.variables import root_values
from scanner.model.workspace import Workspace
from scanner.parse.hcl import tree

DIALECT = "terraform"


def state_roots(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State every root module; folders that only call one another are stated as roots of their own."""
    run = Run(artifacts, workspace)
    done: set[str] = set()
    for folder in run.roots():
        _state_root(run, folder)
        done.add(folder)
    for folder in sorted(run.folders):
        if folder not in done and folder not in run.used:
            _state_root(run, folder)


def _state_root(run: Run, folder: str) -> None:
    configuration = run.configuration(folder)
    if configuration is None:
        return
    run.renew()
    module = ModuleInstance(run, configuration, folder)
    root_values(module)
    drafts: list[Draft] = []
    _gather(module, drafts)
    fold(drafts)
    for draft in drafts:
        if not draft.folded:
            run.workspace.inventory.add(draft.resource(folder, run.marks))


def _gather(module: ModuleInstance, drafts: list[Draft]) -> None:
    """Append drafts of everything a module instance states, its child modules' included."""
    configuration = module.configuration
    for item in configuration.providers + configuration.settings:
        if id(item) not in module.run.stated:  # once, however often the module is called
            module.run.stated.add(id(item))
            drafts.append(_other(item, module))
    for (mode, kind, _), item in configuration.resources.items():
        for instance in module.expansion(item).instances:
            if mode == "":
                drafts += _resource_drafts(instance, kind)
            elif mode == "data" and kind == "aws_iam_policy_document":
                drafts.append(_policy_document(instance))
    for item in configuration.modules.values():
        for instance in module.expansion(item).instances:
            drafts.append(_call(instance))
            made = module.instance_of(instance)
            if made is not None:
                _gather(made, drafts)


def related_of(module: ModuleInstance) -> tuple[tuple[str, Location], ...]:
    """Return the calls that lead to a module instance, innermost first."""
    found: list[tuple[str, Location]] = []
    current: ModuleInstance | None = module
    while current is not None and current.caller is not None:
        call = current.caller
        found.append((f"called as {call.address}", header_at(call.item.block, call.scope)))
        current = call.module
    return tuple(found)


def guard_of(instance: Instance) -> Guard:
    """Return the conditions of an instance and of all calls that lead to it, each once."""
    guard: list[tuple[object, bool]] = []
    current: Instance | None = instance
    while current is not None:
        for part in reversed(current.guard):
            if part not in guard:
                guard.insert(0, part)
        current = current.module.caller
    return tuple(guard)  # type: ignore[arg-type]  # parts of guards


def _resource_drafts(instance: Instance, kind: str) -> list[Draft]:
    """Return the drafts of one resource instance: usually one."""
    block = instance.item.block
    at = header_at(block, instance.scope)
    arguments = body_value(block.body, instance.scope, at, META)
    arguments = with_default_tags(arguments, instance)
    mapping = mapping_of(kind)
    draft = Draft(instance.address, at, kind, mapping, arguments, guard_of(instance), related_of(instance.module))
    draft.attributes = _lifecycle(block, instance.scope, at)
    draft.artifact = instance.item.artifact
    draft.block = block
    draft.several = instance.several
    draft.shape = translated(arguments, mapping) if mapping is not None else _unmapped(arguments)
    return special_drafts(draft)


def _unmapped(arguments: MapValue) -> Shape:
    """Return a type without mapping in CamelCase."""
    shape = Shape(arguments.at)
    value = settled(camel(arguments))
    if isinstance(value, MapValue):
        shape.fields.update(value.entries)
        shape.keys_at.update(value.keys_at)
    return shape


def with_default_tags(arguments: MapValue, instance: Instance) -> MapValue:
    """Return the arguments with the provider's default tags among the tags."""
    defaults = _default_tags(instance)
    if defaults is None:
        return arguments
    own = arguments.entries.get("tags")
    entries = dict(arguments.entries)
    if own is None:
        entries["tags"] = defaults
    elif isinstance(own, MapValue) and isinstance(defaults, MapValue):
        entries["tags"] = MapValue({**defaults.entries, **own.entries}, own.at, {**defaults.keys_at, **own.keys_at},
                                   own.rest or defaults.rest)
    return MapValue(entries, arguments.at, arguments.keys_at, arguments.rest)


def _default_tags(instance: Instance) -> Value | None:
    """Return the default tags of the provider configuration that a resource uses."""
    module = instance.module
    while module.caller is not None and not module.configuration.providers:
        module = module.caller.module
    argument = instance.item.block.body.arguments.get("provider")
    alias = ""
    if argument is not None and isinstance(argument.expression, tree.Attribute):
        alias = argument.expression.name
    for item in module.configuration.providers:
        body = item.block.body
        named = body.arguments.get("alias")
        own = named.expression.content if named is not None and isinstance(named.expression, tree.Literal) else ""
        if item.block.labels != ("aws",) or own != alias:
            continue
        for block in body.of_type("default_tags"):
            tags = block.body.arguments.get("tags")
            if tags is not None:
                return module.remembered(
                    (id(item), "default_tags"), module.scope(item).at(block),
                    lambda tags=tags, item=item: evaluate(tags.expression, module.scope(item)))  # type: ignore[misc]
    return None


def _lifecycle(block: tree.Block, scope: Scope, at: Location) -> MapValue:
    """Return what stands beside the arguments: lifecycle as `Lifecycle`, prevent_destroy as DeletionPolicy."""
    entries: dict[str, Value] = {}
    for inner in block.body.of_type("lifecycle"):
        place = header_at(inner, scope)
        value = body_value(inner.body, scope, place, frozenset({"ignore_changes", "replace_triggered_by"}))
        entries["Lifecycle"] = camel(settled(value))
        prevent = value.entries.get("prevent_destroy")
        if isinstance(prevent, Scalar) and prevent.content is True:
            entries["DeletionPolicy"] = Scalar("Retain", prevent.at)
    return MapValue(entries, at)


def _policy_document(instance: Instance) -> Draft:
    from scanner.model.terraform.policy_documents import policy_document

    at = header_at(instance.item.block, instance.scope)
    document = instance.module.remembered((id(instance), "document"), at, lambda: policy_document(instance))
    draft = Draft(instance.address, at, "aws_iam_policy_document", None, MapValue({}, at), guard_of(instance),
                  related_of(instance.module))
    draft.kind = "AWS::IAM::PolicyDocument"
    draft.shape.put("PolicyDocument", settled(document), at)
    draft.artifact = instance.item.artifact
    draft.block = instance.item.block
    return draft


def _call(instance: Instance) -> Draft:
    """Return the draft of a module call: source, version, and whether its contents are known."""
    at = header_at(instance.item.block, instance.scope)
    draft = Draft(instance.address, at, "module", None, MapValue({}, at), guard_of(instance),
                  related_of(instance.module))
    draft.kind = "ModuleCall"
    arguments = instance.item.block.body.arguments
    for name in ("source", "version"):
        if name in arguments:
            value = settled(evaluate(arguments[name].expression, instance.scope))
            draft.shape.put(name.capitalize(), value, instance.scope.at(arguments[name]))
    known = instance.module.instance_of(instance) is not None
    draft.shape.put("ContentsKnown", Scalar(known, at), at)
    draft.shape.put("Local", Scalar(source_text(instance.item).startswith("."), at), at)
    draft.artifact = instance.item.artifact
    draft.block = instance.item.block
    return draft


def _other(item: Item, module: ModuleInstance) -> Draft:
    """Return the draft of a provider or terraform block, keys in CamelCase."""
    block = item.block
    scope = module.scope(item)
    at = header_at(block, scope)
    name = ".".join((block.name, *block.labels))
    value = settled(camel(body_value(block.body, scope, at)))
    draft = Draft(module.prefixed(name), at, block.name, None, MapValue({}, at), (), related_of(module))
    draft.kind = "Provider" if block.name == "provider" else "TerraformSettings"
    if isinstance(value, MapValue):
        draft.shape.fields.update(value.entries)
        draft.shape.keys_at.update(value.keys_at)
    if block.labels:
        draft.shape.put("ProviderName", Scalar(block.labels[0], at), at)
    for backend in block.body.of_type("backend"):
        backend_name = backend.labels[0] if backend.labels else ""
        draft.shape.put("BackendType", Scalar(backend_name, at), header_at(backend, scope))
    draft.artifact = item.artifact
    draft.block = block
    return draft


