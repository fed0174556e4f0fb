"""Input variables: where their values come from, and what their types make of them."""

from __future__ import annotations

import posixpath
from functools import partial
from typing import TYPE_CHECKING

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.value import Choice, ListValue, MapValue, Scalar, Unknown, Value
from scanner.model.terraform.domain import Lazy, Open, failure, is_null, moved
from scanner.model.terraform.evaluate import Scope, evaluate
from scanner.model.terraform.operators import as_boolean, as_number, as_text
from scanner.parse.hcl import Fault, parse_expression, tree

if TYPE_CHECKING:
    from scanner.model.terraform.configuration import Item
    from scanner.model.terraform.module import ModuleInstance

COMMAND_LINE = "the command line"


def variable_value(module: ModuleInstance, name: str, at: Location) -> Value:
    """Return the value of an input variable, converted to its type."""
    item = module.configuration.variables.get(name)
    given = module.given.get(name)
    value: Value | None = given() if given is not None else None
    if item is None:
        return value if value is not None else Open(
            f"variable {name} is not declared", at, f"var.{name}", module.question_scope)
    body = item.block.body
    if value is not None and is_null(value) and not _nullable(body):
        value = None
    if value is None:
        default = body.arguments.get("default")
        if default is None:
            return Open(f"variable {name} has no value", at, f"var.{name}", module.question_scope)
        value = evaluate(default.expression, module.scope(item).of(default))
    return _typed(value, item, module)


def _nullable(body: tree.Body) -> bool:
    argument = body.arguments.get("nullable")
    return not (argument is not None and isinstance(argument.expression, tree.Literal)
                and argument.expression.content is False)


def _typed(value: Value, item: Item, module: ModuleInstance) -> Value:
    argument = item.block.body.arguments.get("type")
    if argument is None:
        return value
    return convert(value, argument.expression, module.scope(item).of(argument))


def convert(value: Value, kind: tree.Node, scope: Scope) -> Value:
    """Return the value converted to a type expression; optional attributes get their defaults."""
    if isinstance(value, Choice):
        then, otherwise = convert(value.then, kind, scope), convert(value.otherwise, kind, scope)
        return Choice(value.question, then, otherwise, value.at)
    if isinstance(value, Lazy):
        whole = value.whole()
        return value if isinstance(whole, Unknown) else convert(whole, kind, scope)
    if isinstance(value, Unknown) or is_null(value):
        return value
    if isinstance(kind, tree.Name):
        return _primitive(value, kind.name)
    if isinstance(kind, tree.Call) and kind.arguments:
        return _collection(value, kind, scope)
    return value


def _primitive(value: Value, kind: str) -> Value:
    if not isinstance(value, Scalar):
        return value
    if kind == "string" and not isinstance(value.content, str):
        return Scalar(as_text(value), value.at)
    if kind == "number" and isinstance(value.content, str):
        number = as_number(value)
        return Scalar(number, value.at) if number is not None else failure("the value is no number", value.at)
    if kind == "bool" and not isinstance(value.content, bool):
        truth = as_boolean(value)
        return Scalar(truth, value.at) if truth is not None else failure("the value is no boolean", value.at)
    return value


def _collection(value: Value, kind: tree.Call, scope: Scope) -> Value:
    inner = kind.arguments[0]
    if kind.name in ("list", "set") and isinstance(value, ListValue):
        items = tuple(convert(item, inner, scope) for item in value.items)
        if kind.name == "set":
            from scanner.model.terraform.functions.sets import distinct_items

            items = distinct_items(items)
        return ListValue(items, value.at, value.rest)
    if kind.name == "map" and isinstance(value, MapValue):
        entries = {key: convert(entry, inner, scope) for key, entry in value.entries.items()}
        return MapValue(entries, value.at, value.keys_at, value.rest)
    if kind.name == "tuple" and isinstance(value, ListValue) and isinstance(inner, tree.Tuple):
        items = tuple(
            convert(item, inner.items[index], scope) if index < len(inner.items) else item
            for index, item in enumerate(value.items))
        return ListValue(items, value.at, value.rest)
    if kind.name == "object" and isinstance(value, MapValue) and isinstance(inner, tree.Object):
        return _object(value, inner, scope)
    return value


def _object(value: MapValue, kind: tree.Object, scope: Scope) -> Value:
    """Return an object with the declared attributes; missing optional ones are their default or null."""
    entries: dict[str, Value] = {}
    for key_node, type_node in kind.pairs:
        name = str(key_node.content) if isinstance(key_node, tree.Literal) else ""
        default: tree.Node | None = None
        if isinstance(type_node, tree.Call) and type_node.name == "optional" and type_node.arguments:
            default = type_node.arguments[1] if len(type_node.arguments) > 1 else None
            type_node = type_node.arguments[0]
        found = value.entries.get(name)
        if (found is None or is_null(found)) and value.rest is not None and found is None:
            entries[name] = Unknown(value.rest.reason, value.at)
        elif found is None or (is_null(found) and default is not None):
            entries[name] = (
                convert(evaluate(default, scope), type_node, scope) if default is not None else Scalar(None, value.at))
        else:
            entries[name] = convert(found, type_node, scope)
    return MapValue(entries, value.at, value.keys_at, value.rest)


def root_values(module: ModuleInstance) -> None:
    """Fill a root module's `given` from variable files and the command line, in Terraform's order."""
    run, folder = module.run, module.root_folder
    settings = run.workspace.settings
    found = [path for path in run.workspace.files.below(folder) if posixpath.dirname(path) == folder]
    names = {posixpath.basename(path): path for path in found}
    ordered = [names[name] for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    ordered += sorted(path for name, path in names.items() if name.endswith((".auto.tfvars", ".auto.tfvars.json")))
    for path in (*ordered, *settings.terraform_variable_files):
        artifact = run.workspace.artifact(path)
        if artifact is not None:
            _take_file(module, artifact)
    for name, text in settings.terraform_variables:
        module.given[name] = partial(_command_line_value, module, name, text)


def _take_file(module: ModuleInstance, artifact: Artifact) -> None:
    from scanner.model.terraform.configuration import document_of

    document = document_of(artifact, module.run.workspace)
    if document is None:
        return
    scope = Scope(module, artifact)
    for argument in document.body.arguments.values():
        module.given[argument.name] = partial(evaluate, argument.expression, scope)


def _command_line_value(module: ModuleInstance, name: str, text: str) -> Value:
    """Return a value given as text: an expression when the variable's type is a collection, else the text."""
    at = Location("", 1, 1, 1, 1)
    item = module.configuration.variables.get(name)
    kind = item.block.body.arguments.get("type") if item is not None else None
    if kind is not None and not (isinstance(kind.expression, tree.Name) and kind.expression.name == "string"):
        node = parse_expression(text)
        if not isinstance(node, Fault):
            return evaluate(node, Scope(module, Artifact(COMMAND_LINE, text.encode())))
    return moved(Scalar(text, at), at)
