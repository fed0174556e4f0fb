"""`aws_iam_policy_document`: the data source as an IAM policy document in IAM's own shape.

Source: the provider's documentation of the data source (statement defaults, merge rules of
source_policy_documents and override_policy_documents, `&{...}` for policy variables).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.core.location import Location
from scanner.core.value import Absent, Choice, ListValue, MapValue, Scalar, Unknown, Value, text_of
from scanner.model.terraform.blocks import META, body_value
from scanner.model.terraform.domain import settled
from scanner.model.terraform.json_text import encoded, structure_of

if TYPE_CHECKING:
    from scanner.model.terraform.expansion import Instance

_LISTS = {
    "actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource",
}


def policy_text(instance: Instance, at: Location) -> Value:
    """Return the `json` attribute: a text that knows the document it was made of."""
    return encoded(policy_document(instance), at)


def policy_document(instance: Instance) -> Value:
    """Return the document as a mapping with Version, Id and Statement."""
    from scanner.model.terraform.blocks import header_at

    at = header_at(instance.item.block, instance.scope)
    body = body_value(instance.item.block.body, instance.scope, at, META)
    entries: dict[str, Value] = {"Version": body.entries.get("version", Scalar("2012-10-17", at))}
    if "policy_id" in body.entries:
        entries["Id"] = body.entries["policy_id"]
    sources, rest = _documents(body, ("source_json", "source_policy_documents"))
    overrides, more = _documents(body, ("override_json", "override_policy_documents"))
    own = body.entries.get("statement")
    statements: list[Value] = []
    for source in sources:
        statements += _statements_of(source)
    if isinstance(own, ListValue):
        _override(statements, [_each(item, _statement) for item in own.items])
        rest = rest or own.rest
    for override in overrides:
        _override(statements, _statements_of(override))
    entries["Statement"] = ListValue(tuple(statements), at, rest or more)
    return MapValue(entries, at, {"Version": at, "Statement": at})


def _documents(body: MapValue, names: tuple[str, ...]) -> tuple[list[MapValue], Unknown | None]:
    """Return the structures of JSON documents given in arguments, and an unknown when one cannot be read."""
    found: list[MapValue] = []
    rest: Unknown | None = None
    for name in names:
        value = body.entries.get(name)
        items = value.items if isinstance(value, ListValue) else (value,) if value is not None else ()
        if isinstance(value, ListValue):
            rest = rest or value.rest
        for item in items:
            if text_of(item) == "":
                continue
            structure = structure_of(item)
            if isinstance(structure, MapValue):
                found.append(structure)
            else:
                reason = "a policy document depends on an open condition"
                if isinstance(structure, Unknown):
                    reason = structure.reason
                rest = rest or Unknown(reason, item.at)
    return found, rest


def _statements_of(document: MapValue) -> list[Value]:
    statement = document.get("Statement")
    if isinstance(statement, ListValue):
        return list(statement.items)
    return [] if isinstance(statement, Absent) else [statement]


def _override(statements: list[Value], added: list[Value]) -> None:
    """Append statements; one whose Sid exists already takes the place of that one."""
    for statement in added:
        sid = text_of(statement.get("Sid"))
        position = next((i for i, old in enumerate(statements) if sid and text_of(old.get("Sid")) == sid), None)
        if position is None:
            statements.append(statement)
        else:
            statements[position] = statement


def _each(item: Value, make: object) -> Value:
    """Return a block item translated, both branches of a Choice."""
    if isinstance(item, Choice):
        return Choice(item.question, _each(item.then, make), _each(item.otherwise, make), item.at)
    return make(item) if isinstance(item, MapValue) and callable(make) else item


def _statement(block: MapValue) -> MapValue:
    """Return one statement block in IAM's shape."""
    entries: dict[str, Value] = {}
    keys_at: dict[str, Location] = {}

    def put(key: str, value: Value, at: Location) -> None:
        entries[key] = value
        keys_at[key] = at

    given = block.entries
    if "sid" in given and text_of(given["sid"]) != "":
        put("Sid", given["sid"], block.key_at("sid"))
    put("Effect", given.get("effect", Scalar("Allow", block.at, defaulted=True)), block.key_at("effect"))
    for name, key in _LISTS.items():
        value = given.get(name)
        if value is not None and not (isinstance(value, ListValue) and not value.items and value.rest is None):
            put(key, with_policy_variables(settled(value)), block.key_at(name))
    for name, key in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if name in given:
            put(key, _principals(given[name]), block.key_at(name))
    if "condition" in given:
        put("Condition", _conditions(given["condition"]), block.key_at("condition"))
    return MapValue(entries, block.at, keys_at)


def with_policy_variables(value: Value) -> Value:
    """Return texts with `&{...}` as IAM's `${...}`."""
    if isinstance(value, Scalar) and isinstance(value.content, str) and "&{" in value.content:
        return Scalar(value.content.replace("&{", "${"), value.at, lambda: value.text_map)
    if isinstance(value, ListValue):
        return ListValue(tuple(with_policy_variables(item) for item in value.items), value.at, value.rest)
    return value


def _principals(blocks: Value) -> Value:
    """Return principals blocks as IAM's mapping; type `*` or AWS with `*` alone is the text `*`."""
    if not isinstance(blocks, ListValue):
        return settled(blocks)
    entries: dict[str, list[Value]] = {}
    for item in blocks.items:
        for block in _maps_in(item):
            kind = text_of(block.get("type")) or "AWS"
            identifiers = settled(block.get("identifiers"))
            found = list(identifiers.items) if isinstance(identifiers, ListValue) else [identifiers]
            if kind == "*":
                return found[0] if found else Scalar("*", block.at)
            entries.setdefault(kind, []).extend(found)
    made: dict[str, Value] = {
        kind: with_policy_variables(ListValue(tuple(items), items[0].at if items else blocks.at))
        for kind, items in entries.items()}
    return MapValue(made, blocks.at, None, blocks.rest)


def _maps_in(item: Value) -> list[MapValue]:
    if isinstance(item, Choice):
        return _maps_in(item.then) + _maps_in(item.otherwise)
    return [item] if isinstance(item, MapValue) else []


def _conditions(blocks: Value) -> Value:
    """Return condition blocks as IAM's operator -> key -> values mapping."""
    if not isinstance(blocks, ListValue):
        return settled(blocks)
    operators: dict[str, dict[str, Value]] = {}
    places: dict[str, Location] = {}
    rest = blocks.rest
    for item in blocks.items:
        for block in _maps_in(item):
            test, variable = text_of(block.get("test")), text_of(block.get("variable"))
            if test is None or variable is None:
                rest = rest or Unknown("a condition's test or variable is not known", block.at)
                continue
            values = with_policy_variables(settled(block.get("values")))
            held = operators.setdefault(test, {})
            before = held.get(variable)
            if isinstance(before, ListValue) and isinstance(values, ListValue):
                values = ListValue(before.items + values.items, before.at, before.rest or values.rest)
            held[variable] = values
            places.setdefault(test, block.at)
    made: dict[str, Value] = {test: MapValue(dict(held), places[test]) for test, held in operators.items()}
    return MapValue(made, blocks.at, places, rest)


