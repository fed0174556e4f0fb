"""What a scanner gets: the subjects, the pack, and the settings of the run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from scanner.core.artifact import Artifact
from scanner.core.inventory import Inventory


class Context(NamedTuple):
    """The one argument of every scanner.

    `pack` is the compiled rule pack (`scanner.packs.Pack`); `profile` is default, strict or audit;
    `note(level, kind, message, at, hint)` records what could not be done. `all_results` is False when only
    findings are asked for, so that a scanner may skip building the rest.
    """

    inventory: Inventory
    artifacts: tuple[Artifact, ...]
    pack: object
    profile: str
    today: date
    note: Callable[..., None]
    all_results: bool = True
    options: dict[str, object] = {}
