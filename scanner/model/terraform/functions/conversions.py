"""Type conversions, formatting and JSON over values: partly known texts keep their known pieces."""

from __future__ import annotations

import base64
import json

from scanner.core.location import Location
from scanner.core.value import Choice, ListValue, MapValue, Scalar, Unknown, Value, plain
from scanner.model.terraform.domain import (
    Encoded,
    EncodedUnknown,
    Failure,
    Lazy,
    failure,
    first_unknown,
    is_null,
    moved,
    of_python,
)
from scanner.model.terraform.evaluate import Scope
from scanner.model.terraform.functions.arguments import Arguments, NotKnown, answering, list_of, text_argument
from scanner.model.terraform.functions.sets import as_set, one_kind
from scanner.model.terraform.functions.strings import VERB, format_known
from scanner.model.terraform.json_text import encoded, encoded_as, nulls_kept, structure_of
from scanner.model.terraform.operators import as_boolean, as_number, as_text


def _same_unknown(value: Value, at: Location) -> Value:
    return moved(value, at)


def tf_tobool(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the value as a boolean."""
    value = arguments[0]
    if isinstance(value, Unknown) or is_null(value):
        return _same_unknown(value, at)
    truth = as_boolean(value)
    return failure("the value is no boolean", at) if truth is None else Scalar(truth, at)


def tf_tonumber(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the value as a number."""
    value = arguments[0]
    if isinstance(value, Unknown) or is_null(value):
        return _same_unknown(value, at)
    number = as_number(value)
    return failure("the value is no number", at) if number is None else Scalar(number, at)


def tf_tostring(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the value as a text."""
    value = arguments[0]
    if isinstance(value, Lazy):
        return _same_unknown(value, at)
    if isinstance(value, Unknown) or is_null(value):
        return _same_unknown(value, at)
    text = as_text(value)
    if text is None:
        return failure("a collection is no text", at)
    return moved(value, at) if isinstance(value, Scalar) and isinstance(value.content, str) else Scalar(text, at)


@answering
def tf_tolist(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the value as a list."""
    if is_null(arguments[0]):
        return arguments[0]
    found = list_of(arguments[0])
    return ListValue(one_kind(found.items), found.at, found.rest)


@answering
def tf_toset(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the value as a set: distinct and in order."""
    if is_null(arguments[0]):
        return arguments[0]
    found = list_of(arguments[0])
    return as_set(one_kind(found.items), found.at, found.rest)


def tf_tomap(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the value as a mapping."""
    value = arguments[0].whole() if isinstance(arguments[0], Lazy) else arguments[0]
    if isinstance(value, MapValue):
        keys = tuple(value.entries)
        entries = dict(zip(keys, one_kind(tuple(value.entries[key] for key in keys)), strict=True))
        return MapValue(entries, value.at, value.keys_at, value.rest)
    if isinstance(value, Unknown) or is_null(value):
        return value
    raise ValueError("a map is required")


def tf_sensitive(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the value; that it is sensitive changes nothing here."""
    return arguments[0]


tf_nonsensitive = tf_sensitive


def tf_issensitive(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Sensitivity is not tracked."""
    return Unknown("sensitivity is not tracked", at)


def tf_ephemeralasnull(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the value; ephemeral values are not tracked."""
    return arguments[0]


def tf_defaults(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """The experiment was removed from the language."""
    return Unknown("the function defaults was removed", at)


def tf_type(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """The console's function has no value in configurations."""
    return failure("type() works in the console only", at)


def joined(pieces: list[Value], at: Location) -> Value:
    """Return texts as one; unknown ones stay as parts."""
    words: list[str | Unknown] = []
    unknown: Unknown | None = None
    for piece in pieces:
        text = as_text(piece)
        if text is not None:
            if words and isinstance(words[-1], str):
                words[-1] += text
            elif text:
                words.append(text)
        elif isinstance(piece, Unknown):
            unknown = unknown or piece
            words += piece.parts or (piece,)
        else:
            raise ValueError("a text is required")
    if unknown is None:
        return Scalar("".join(str(word) for word in words), at)
    if isinstance(unknown, Failure):
        return Failure(unknown.reason, at)
    return Unknown(unknown.reason, at, parts=tuple(words), present=True)


@answering
def tf_join(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the texts with a separator between them."""
    separator = Scalar(text_argument(arguments[0]), at)
    items: list[Value] = []
    for argument in arguments[1:]:
        found = list_of(argument)
        if found.rest is not None:
            if len(found.items) == 1:  # join("", resource.*.id): one element or none
                return moved(found.items[0], at)
            raise NotKnown(found.rest)
        items += [item for item in found.items if not is_null(item)]
    if any(isinstance(item, (Choice, ListValue, MapValue)) for item in items):
        raise NotKnown(Unknown("an item depends on an open condition", at))
    if len(items) == 1:
        return moved(items[0], at)
    pieces: list[Value] = []
    for item in items:
        pieces += [separator, item] if pieces else [item]
    return joined(pieces, at)


def tf_format(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return a formatted text; %s and %v of unknown arguments become unknown parts."""
    template = as_text(arguments[0])
    values = arguments[1:]
    unknown = next((u for value in arguments if (u := first_unknown(value)) is not None), None)
    if unknown is None and template is not None:
        return Scalar(format_known(template, [plain(nulls_kept(value)) for value in values]), at)
    if isinstance(unknown, Failure):
        return Failure(unknown.reason, at)
    if template is not None:
        pieces = _format_pieces(template, values, at)
        if pieces is not None:
            return joined(pieces, at)
    return Unknown(unknown.reason if unknown else "the format is not known", at, present=True)


def _format_pieces(template: str, values: Arguments, at: Location) -> list[Value] | None:
    """Return literal and argument pieces of a format; None when a verb needs more than a known text."""
    pieces: list[Value] = []
    position = used = 0
    for match in VERB.finditer(template):
        pieces.append(Scalar(template[position : match.start()], at))
        position = match.end()
        if match[5] == "%":
            pieces.append(Scalar("%", at))
            continue
        if match[4] or used >= len(values):
            return None
        value = values[used]
        used += 1
        if isinstance(value, Unknown):
            if match[5] not in "svd":
                return None
            pieces.append(value)
        elif first_unknown(value) is None:
            pieces.append(Scalar(format_known(match[0], [plain(nulls_kept(value))]), at))
        else:
            return None
    pieces.append(Scalar(template[position:], at))
    return pieces


@answering
def tf_formatlist(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return a formatted text for every item of the lists."""
    lists = [argument for argument in arguments[1:] if isinstance(argument, ListValue)]
    unknown = next((a for a in arguments[1:] if isinstance(a, Unknown)), None)
    if unknown is not None:
        raise NotKnown(unknown)
    if any(found.rest is not None for found in lists):
        raise NotKnown(next(found.rest for found in lists if found.rest is not None))
    if len({len(found.items) for found in lists}) > 1:
        raise ValueError("the lists differ in length")
    count = len(lists[0].items) if lists else 1
    rows = []
    for index in range(count):
        row = tuple(a.items[index] if isinstance(a, ListValue) else a for a in arguments[1:])
        rows.append(tf_format((arguments[0], *row), scope, at))
    return ListValue(tuple(rows), at)


def tf_jsonencode(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return JSON that remembers its structure."""
    return encoded(arguments[0], at)


def tf_yamlencode(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return YAML that remembers its structure."""
    from scanner.model.terraform.functions.encoding import yaml_of

    return encoded_as("yaml", yaml_of, arguments[0], at)


def tf_jsondecode(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the structure of a JSON text."""
    value = arguments[0]
    if isinstance(value, (Encoded, EncodedUnknown)) and value.encoding == "json":
        return value.inner
    text = as_text(value)
    if text is not None:
        found = structure_of(value)
        if isinstance(found, Unknown):
            if isinstance(value, Scalar) and isinstance(value.content, str):
                return of_python(json.loads(text), at)
            raise ValueError("the text is no JSON")
        return found
    return structure_of(value)


def tf_base64encode(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return base64 that remembers its text."""
    value = arguments[0]
    text = as_text(value)
    if text is not None:
        return Encoded(base64.b64encode(text.encode()).decode(), at, value, "base64")
    if isinstance(value, Failure):
        return Failure(value.reason, at)
    if isinstance(value, Unknown):
        return EncodedUnknown(value.reason, at, value, "base64")
    raise ValueError("a text is required")


