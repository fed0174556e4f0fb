"""Rule packs: YAML files, checked and compiled into one index that a run reads section by section.

`open_pack()` returns the `Pack` of a run; `describe(pack, rule)` reads a rule's long texts from its file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.packs.cache import open_pack
    from scanner.packs.compiled import CompiledRule
    from scanner.packs.pack import Pack, describe
    from scanner.packs.schema import RuleSource

__all__ = ["CompiledRule", "Pack", "RuleSource", "describe", "open_pack"]
_HOMES = {
    "open_pack": "cache", "Pack": "pack", "describe": "pack", "CompiledRule": "compiled", "RuleSource": "schema",
}


def __getattr__(name: str) -> object:
    """Return a public name from its module, imported when used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
