"""Values that a transform makes rather than reads: all of a made value stands at one place of the source."""

from __future__ import annotations

from scanner.core.location import Location
from scanner.core.value import Absent, Content, ListValue, MapValue, Reference, Scalar, Unknown, Value


def scalar(content: Content, at: Location) -> Scalar:
    """Return a known value."""
    return Scalar(content, at)


def sequence(items: list[Value], at: Location) -> ListValue:
    """Return a list."""
    return ListValue(tuple(items), at)


def record(entries: dict[str, Value | None], at: Location) -> MapValue:
    """Return a mapping of the entries that are set."""
    kept = {key: value for key, value in entries.items() if value is not None and not isinstance(value, Absent)}
    return MapValue(kept, at, {key: value.at for key, value in kept.items()})


def built(content: object, at: Location) -> Value:
    """Return a plain Python structure as a value."""
    if isinstance(content, Value):
        return content
    if isinstance(content, dict):
        return MapValue({str(key): built(entry, at) for key, entry in content.items()}, at)
    if isinstance(content, (list, tuple)):
        return ListValue(tuple(built(item, at) for item in content), at)
    if isinstance(content, (str, int, float, bool)) or content is None:
        return Scalar(content, at)
    raise TypeError(f"no value: {content!r}")


def pointer(address: str, attribute: str, at: Location) -> Unknown:
    """Return what `Ref` or `GetAtt` to a resource gives."""
    label = address if attribute == "Ref" else f"{address}.{attribute}"
    return Unknown(f"{label} is known after deployment", at, refers=Reference(address, attribute), present=True,
                   label=label)


def is_set(value: Value) -> bool:
    """Tell whether a value is stated: neither absent nor null."""
    return not isinstance(value, Absent) and not (isinstance(value, Scalar) and value.content is None)


def merged(general: Value, own: Value) -> Value:
    """Return `own` over `general` as SAM merges Globals: mappings key by key, lists one after the other."""
    if isinstance(general, MapValue) and isinstance(own, MapValue):
        entries = dict(general.entries)
        for key, value in own.entries.items():
            entries[key] = merged(entries[key], value) if key in entries else value
        return MapValue(entries, own.at, {**general.keys_at, **own.keys_at}, own.rest or general.rest)
    if isinstance(general, ListValue) and isinstance(own, ListValue):
        return ListValue((*general.items, *own.items), own.at, own.rest or general.rest)
    return own
