"""The secrets scanner: one fast pass over every text artifact, and a look at what structure alone shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.core.context import Context
    from scanner.core.result import Result


def scan(context: Context) -> Iterable[Result]:
    """Return the findings of a run; reads `context.artifacts`, the inventory and the pack's secrets rules."""
    from scanner.scanners.secrets.run import results

    return results(context)
