"""Named transforms: how a provider's value becomes CloudFormation's. The mapping data names them after `|`."""

from __future__ import annotations

from collections.abc import Callable

from scanner.core.value import Absent, Choice, ListValue, MapValue, Scalar, Unknown, Value
from scanner.model.terraform.domain import Encoded, EncodedUnknown, settled
from scanner.model.terraform.json_text import document_of, structure_of
from scanner.model.terraform.operators import as_boolean, as_text

Transform = Callable[[Value, list[str]], Value]


def transformed(value: Value, how: str) -> Value:
    """Return the value after the transform `how` ("name argument ..."); branches of a Choice one by one."""
    if isinstance(value, Choice):
        then, otherwise = transformed(value.then, how), transformed(value.otherwise, how)
        return Choice(value.question, then, otherwise, value.at)
    if isinstance(value, Absent):
        return value
    name, *arguments = how.split()
    return TRANSFORMS[name](value, arguments)


def _pairs(value: Value, arguments: list[str]) -> Value:
    """A mapping as a list of {Key, Value}."""
    key_name, value_name = arguments
    if not isinstance(value, MapValue):
        return value
    items = tuple(
        MapValue({key_name: Scalar(key, value.key_at(key)), value_name: entry}, value.key_at(key))
        for key, entry in value.entries.items())
    return ListValue(items, value.at, value.rest)


def _json(value: Value, arguments: list[str]) -> Value:
    """A JSON text as its structure."""
    return structure_of(settled(value))


def _document(value: Value, arguments: list[str]) -> Value:
    """A JSON or YAML text as its structure."""
    return document_of(settled(value))


def _json_pascal(value: Value, arguments: list[str]) -> Value:
    """A JSON text with camelCase keys as a structure with PascalCase keys."""
    return pascal_keys(structure_of(settled(value)))


_FREE_KEYS = frozenset({"options", "dockerLabels", "driverOpts", "labels", "logOptions"})


def pascal_keys(value: Value) -> Value:
    """Return the structure with every key's first letter in upper case; keys that users choose stay."""
    if isinstance(value, MapValue):
        entries = {
            key[:1].upper() + key[1:]: entry if key in _FREE_KEYS else pascal_keys(entry)
            for key, entry in value.entries.items()}
        keys_at = {key[:1].upper() + key[1:]: at for key, at in value.keys_at.items()}
        return MapValue(entries, value.at, keys_at, value.rest)
    if isinstance(value, ListValue):
        return ListValue(tuple(pascal_keys(item) for item in value.items), value.at, value.rest)
    if isinstance(value, Choice):
        return Choice(value.question, pascal_keys(value.then), pascal_keys(value.otherwise), value.at)
    return value


def _choose(value: Value, arguments: list[str]) -> Value:
    """A boolean as one of two words: for true, for false (`-` for absent)."""
    truth = as_boolean(value)
    if truth is None:
        return value if isinstance(value, Unknown) else Unknown("the value is no boolean", value.at)
    word = arguments[0 if truth else 1]
    return Absent(value.at) if word == "-" else _like(value, word)


def _like(value: Value, content: str | bool) -> Scalar:
    return Scalar(content, value.at, defaulted=isinstance(value, Scalar) and value.defaulted)


def _is(value: Value, arguments: list[str]) -> Value:
    """A word as the boolean whether it is this one."""
    text = as_text(value)
    return _like(value, text == arguments[0]) if text is not None else value


def _not(value: Value, arguments: list[str]) -> Value:
    """A boolean turned around."""
    truth = as_boolean(value)
    return _like(value, not truth) if truth is not None else value


def _pascal(value: Value, arguments: list[str]) -> Value:
    """kebab-case as PascalCase."""
    text = as_text(value)
    return _like(value, "".join(word.capitalize() for word in text.split("-"))) if text else value


def _upper(value: Value, arguments: list[str]) -> Value:
    """Letters in upper case."""
    text = as_text(value)
    return _like(value, text.upper()) if text else value


def _list(value: Value, arguments: list[str]) -> Value:
    """A single value as a list of one, an unknown one as a list of one unknown."""
    return value if isinstance(value, ListValue) else ListValue((value,), value.at)


def _first(value: Value, arguments: list[str]) -> Value:
    """The first item of a list."""
    if isinstance(value, ListValue):
        if value.items:
            return value.items[0]
        return value.rest or Absent(value.at)
    return value


def camel_name(name: str) -> str:
    """Return snake_case as CamelCase."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def camel(value: Value, arguments: list[str] | None = None) -> Value:
    """Keys of nested blocks in CamelCase; a single nested block as a mapping."""
    if isinstance(value, MapValue):
        entries = {camel_name(key): camel(_single(entry)) for key, entry in value.entries.items()}
        return MapValue(entries, value.at, {camel_name(key): at for key, at in value.keys_at.items()}, value.rest)
    if isinstance(value, ListValue):
        return ListValue(tuple(camel(item) for item in value.items), value.at, value.rest)
    if isinstance(value, Choice):
        return Choice(value.question, camel(value.then), camel(value.otherwise), value.at)
    return value


def _block(value: Value, arguments: list[str]) -> Value:
    """A nested block that may stand once, with its keys in CamelCase."""
    return camel(_single(value))


def _single(value: Value) -> Value:
    """Return the one block of a list of one block."""
    if isinstance(value, ListValue) and len(value.items) == 1 and isinstance(value.items[0], MapValue) \
            and value.rest is None:
        return value.items[0]
    return value


def _names(value: Value, arguments: list[str]) -> Value:
    """A list of texts as a list of {Name: text}."""
    if not isinstance(value, ListValue):
        return value
    name = arguments[0]
    return ListValue(tuple(MapValue({name: item}, item.at) for item in value.items), value.at, value.rest)


def _keyed(value: Value, arguments: list[str]) -> Value:
    """A list of blocks as a mapping: one argument is the key, another one the value."""
    if not isinstance(value, ListValue):
        return value
    key_name, value_name = arguments
    entries: dict[str, Value] = {}
    rest = value.rest
    for item in value.items:
        key = as_text(item.get(key_name)) if isinstance(item, MapValue) else None
        if key is None:
            rest = rest or Unknown("a key is not known", item.at)
        else:
            entries[key] = item.get(value_name)
    return MapValue(entries, value.at, {key: entry.at for key, entry in entries.items()}, rest)


def _keyed_block(value: Value, arguments: list[str]) -> Value:
    """Blocks as a mapping by one argument; `name=Name` pairs say how their other arguments are spelled, `A=:x` adds."""
    if not isinstance(value, ListValue):
        return value
    key_name, *pairs = arguments
    entries: dict[str, Value] = {}
    rest = value.rest
    for item in value.items:
        key = as_text(item.get(key_name)) if isinstance(item, MapValue) else None
        if key is None or not isinstance(item, MapValue):
            rest = rest or Unknown("a key is not known", item.at)
            continue
        held: dict[str, Value] = {}
        for pair in pairs:
            name, _, target = pair.partition("=")
            if target.startswith(":"):
                held.setdefault(name, Scalar(target[1:] == "true", item.at, defaulted=True))
            elif name in item.entries:
                held[target] = item.entries[name]
        entries[key] = MapValue(held, item.at, {pair.partition("=")[2]: item.key_at(pair.partition("=")[0])
                                                for pair in pairs if pair.partition("=")[0] in item.entries})
    return MapValue(entries, value.at, {key: entry.at for key, entry in entries.items()}, rest)


def _means(value: Value, arguments: list[str]) -> Value:
    """Any value as one word: that the argument is set says it all."""
    settled_value = settled(value)
    if isinstance(settled_value, Unknown) and not settled_value.present:
        return Unknown(settled_value.reason, settled_value.at)
    if isinstance(settled_value, Scalar) and settled_value.content in (None, ""):
        return Absent(settled_value.at)
    return Scalar(arguments[0], settled_value.at)


def _unless(value: Value, arguments: list[str]) -> Value:
    """The value, absent when it is this word."""
    text = as_text(value)
    return Absent(value.at) if text is not None and text.lower() == arguments[0].lower() else value


def _objects(value: Value, arguments: list[str]) -> Value:
    """Blocks as they are, arguments renamed by `name=Name` pairs."""
    if isinstance(value, ListValue):
        return ListValue(tuple(_objects(item, arguments) for item in value.items), value.at, value.rest)
    if not isinstance(value, MapValue):
        return value
    renamed = dict(pair.split("=") for pair in arguments)
    return MapValue({renamed[key]: entry for key, entry in value.entries.items() if key in renamed}, value.at,
                    {renamed[key]: at for key, at in value.keys_at.items() if key in renamed}, value.rest)


def _tunnel_logs(value: Value, arguments: list[str]) -> Value:
    """The log options of a VPN tunnel."""
    return _objects_deep(_single(value))


def _objects_deep(value: Value) -> Value:
    made = camel(value)
    if not isinstance(made, MapValue):
        return made
    inner = made.entries.get("CloudwatchLogOptions")
    return made if inner is None else MapValue({"CloudwatchLogOptions": inner}, made.at, made.keys_at)


def _decoded(value: Value, arguments: list[str]) -> Value:
    """A base64 text as the text it was made of, when that is known."""
    if isinstance(value, (Encoded, EncodedUnknown)) and value.encoding == "base64":
        return value.inner
    text = as_text(value)
    if text is not None:
        import base64
        import binascii

        try:
            return Scalar(base64.b64decode(text, validate=True).decode("utf-8"), value.at)
        except (binascii.Error, UnicodeDecodeError):
            return value
    return value


def _field(value: Value, arguments: list[str]) -> Value:
    """A value as the mapping {Name: value}."""
    return MapValue({arguments[0]: value}, value.at)


def _protocol(value: Value, arguments: list[str]) -> Value:
    """A protocol's name in lower case, `all` as -1."""
    text = as_text(value)
    return _like(value, "-1" if text.lower() == "all" else text.lower()) if text else value


TRANSFORMS: dict[str, Transform] = {
    "pairs": _pairs, "json": _json, "json-pascal": _json_pascal, "document": _document,
    "block": _block, "choose": _choose, "is": _is, "not": _not,
    "pascal": _pascal, "upper": _upper, "list": _list, "first": _first, "camel": camel, "names": _names,
    "keyed": _keyed, "keyed-block": _keyed_block, "unless": _unless, "means": _means, "tunnel-logs": _tunnel_logs,
    "objects": _objects, "decoded": _decoded, "field": _field, "protocol": _protocol,
}
