"""Blocks of the AWS provider to resources in CloudFormation shape, by the mapping data."""

from __future__ import annotations

from scanner.core.location import Location
from scanner.core.value import Absent, Choice, Content, ListValue, MapValue, Scalar, Unknown, Value
from scanner.model.terraform.domain import settled
from scanner.model.terraform.mapping import Mapping, split_path
from scanner.model.terraform.operators import as_boolean
from scanner.model.terraform.shape import Shape, join_choice
from scanner.model.terraform.transforms import camel, transformed

Tree = dict[str, object]


def translated(arguments: MapValue, mapping: Mapping) -> Shape:
    """Return the properties that a block's arguments state."""
    shape = Shape(arguments.at)
    if mapping.camel:
        value = settled(camel(arguments))
        if isinstance(value, MapValue):
            shape.fields.update(value.entries)
            shape.keys_at.update(value.keys_at)
        return shape
    _block(shape, shape, arguments, mapping.tree)
    for path, content in mapping.static.items():
        shape.put(path, Scalar(_content(content), arguments.at), arguments.at)
    return shape


def _content(content: object) -> Content:
    return content if isinstance(content, (str, int, float, bool)) else None


def add_defaults(shape: Shape, mapping: Mapping) -> None:
    """Set what the provider sets when an argument is absent, where CloudFormation would do otherwise."""
    for path, content in mapping.defaults.items():
        *way, last = split_path(path)
        current: Shape | None = shape
        for segment in way:
            found = current.fields.get(segment.rstrip("?")) if current is not None else None
            if found is None and not segment.endswith("?") and current is not None:
                found = current.child(segment, shape.at)
            current = found if isinstance(found, Shape) else None
        if current is not None and last not in current.fields:
            value: Value = (
                ListValue((), shape.at) if content == [] else Scalar(_content(content), shape.at, defaulted=True))
            current.fields[last] = value
            current.keys_at[last] = shape.at


def _block(root: Shape, shape: Shape, arguments: MapValue, tree: Tree) -> None:
    """Put a block's arguments into a shape."""
    for name, value in arguments.entries.items():
        rule = tree.get(name)
        at = arguments.key_at(name)
        if isinstance(rule, dict):
            _nested(root, shape, value, rule, at)
        elif isinstance(rule, str):
            _leaf(root, shape, value, rule, at)


def _leaf(root: Shape, shape: Shape, value: Value, rule: str, at: Location) -> None:
    target, _, how = rule.partition(" | ")
    if how:
        value = transformed(value, how)
    value = settled(value)
    if isinstance(value, Absent) or not target or _unset(value):
        return
    if target.startswith("/"):
        root.put(target[1:], value, at)
    else:
        shape.put(target, value, at)


def _unset(value: Value) -> bool:
    """Tell whether the provider takes the value as not set: an empty text or an empty list."""
    if isinstance(value, ListValue):
        return not value.items and value.rest is None
    return isinstance(value, Scalar) and value.content == ""


def _nested(root: Shape, shape: Shape, value: Value, rule: Tree, at: Location) -> None:
    """Put nested blocks into a shape: one for a single block, a list item for each of several."""
    if isinstance(value, ListValue):
        for item in value.items:
            _item(root, shape, item, rule, at)
        if value.rest is not None:
            _open(root, shape, value.rest, str(rule.get("", "")), at)
    else:
        _item(root, shape, value, rule, at)


def _item(root: Shape, shape: Shape, item: Value, rule: Tree, at: Location) -> None:
    if isinstance(item, Choice):
        then, otherwise = Shape(shape.at), Shape(shape.at)
        _nested(then, then, item.then, rule, at)
        _nested(otherwise, otherwise, item.otherwise, rule, at)
        join_choice(shape, item.question, then, otherwise)
        return
    target = str(rule.get("", ""))
    if isinstance(item, MapValue) and "?" in rule:
        name, default = str(rule["?"]).split()
        switch = item.entries.get(name, Scalar(default == "true", item.at, defaulted=True))
        if isinstance(switch, Choice):
            _item(root, shape, _switched(item, name, switch), rule, at)
            return
        truth = switch_of(switch)
        if truth is None and isinstance(switch, Unknown):
            _open(root, shape, switch, target, at)
        if truth is not True:
            return
    if isinstance(item, MapValue):
        place = root if target.startswith("/") else shape
        way = list(split_path(target.lstrip("/")))
        inner = place.descend(way, item.at, new_items=True) if way else shape
        if way:
            inner.at = item.at
        _block(root, inner, item, rule)
        if item.rest is not None and way:
            inner.rest = item.rest
    elif isinstance(item, Unknown):
        _open(root, shape, item, target, at)


def switch_of(value: Value) -> bool | None:
    """Return a boolean; the numbers 1 and 0 count too, which old provider versions took."""
    if isinstance(value, Scalar) and value.content in (1, 0):
        return value.content == 1
    return as_boolean(value)


def _switched(item: MapValue, name: str, switch: Value) -> Value:
    """Return a block whose switch is a Choice as a Choice of blocks."""
    if isinstance(switch, Choice):
        return Choice(switch.question, _switched(item, name, switch.then), _switched(item, name, switch.otherwise),
                      item.at)
    return MapValue({**item.entries, name: switch}, item.at, item.keys_at, item.rest)


def _open(root: Shape, shape: Shape, unknown: Unknown, target: str, at: Location) -> None:
    """Note that blocks may exist which we cannot see."""
    if not target:
        return
    place = root if target.startswith("/") else shape
    *way, last = split_path(target.lstrip("/"))
    place = place.descend(way, at, new_items=False)
    name, mark, _ = last.partition("[")
    if mark:
        place.many(name, at).rest = unknown
    elif name not in place.fields:
        place.put(name, Unknown(unknown.reason, at), at)
