"""Writes objects of sarif-om as SARIF JSON: names as the standard spells them, nothing that is not set."""

from __future__ import annotations

from json import dumps

ALWAYS = frozenset({"level", "kind", "version", "columnKind"})
"""Properties that are written even when they have the standard's default value: readers differ in what they assume."""

CORRECTED = {("Suppression", "state"): "status"}
"""What sarif-om spells as a draft of the standard did."""

_FIELDS: dict[type, tuple[tuple[str, str, object], ...]] = {}


def written(log: object) -> bytes:
    """Return a SARIF log as UTF-8 JSON."""
    return (dumps(plain(log), indent=1, ensure_ascii=True) + "\n").encode("ascii")


def plain(thing: object) -> object:
    """Return plain data for an object of the model, a list, a mapping or a scalar."""
    if thing is None or isinstance(thing, (str, int, float, bool)):
        return thing
    if isinstance(thing, (list, tuple)):
        return [plain(item) for item in thing]
    if isinstance(thing, dict):
        return {key: plain(value) for key, value in thing.items()}
    out: dict[str, object] = {}
    for attribute, name, default in _fields(type(thing)):
        value = getattr(thing, attribute)
        if value is not None and (value != default or name in ALWAYS):
            out[name] = plain(value)
    return out


def _fields(model: type) -> tuple[tuple[str, str, object], ...]:
    """Return (attribute, name in SARIF, default) of a class of the model."""
    known = _FIELDS.get(model)
    if known is None:
        from attr import NOTHING, fields

        known = _FIELDS[model] = tuple(
            (field.name,
             CORRECTED.get((model.__name__, field.name), field.metadata["schema_property_name"]),
             None if field.default is NOTHING else _made(field.default))
            for field in fields(model)
        )
    return known


def _made(default: object) -> object:
    """Return a default value; attrs keeps the maker of a list instead of the list."""
    maker = getattr(default, "factory", None)
    return maker() if maker is not None else default
