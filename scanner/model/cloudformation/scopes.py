"""Values that pass from one stack into another keep pointing at the subjects of the stack they come from."""

from __future__ import annotations

from scanner.core.value import Choice, ListValue, MapValue, Reference, Unknown, Value


def rescoped(value: Value, scope: str) -> Value:
    """Return the value with its references naming the scope they were made in."""
    if isinstance(value, Unknown):
        return _unknown(value, scope)
    if isinstance(value, ListValue):
        rest = _unknown(value.rest, scope) if value.rest is not None else None
        return ListValue(tuple(rescoped(item, scope) for item in value.items), value.at, rest)
    if isinstance(value, MapValue):
        rest = _unknown(value.rest, scope) if value.rest is not None else None
        entries = {key: rescoped(entry, scope) for key, entry in value.entries.items()}
        return MapValue(entries, value.at, value.keys_at, rest)
    if isinstance(value, Choice):
        return Choice(value.question, rescoped(value.then, scope), rescoped(value.otherwise, scope), value.at)
    return value


def _unknown(value: Unknown, scope: str) -> Unknown:
    refers = value.refers
    if refers is not None and not refers.scope:
        refers = Reference(refers.address, refers.attribute, scope)
    parts = tuple(part if isinstance(part, str) else _unknown(part, scope) for part in value.parts)
    return Unknown(value.reason, value.at, refers=refers, parts=parts, present=value.present, label=value.label,
                   secret=value.secret, text_map=value.text_map)
