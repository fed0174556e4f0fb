"""Findings that tell a reader the same thing at the same place become one."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.core.result import COMPLIANT, NOT_APPLICABLE, Result

RELATED_KEPT = 12
"""How many related places a merged finding names; a module that fifty roots call needs no fifty."""


def merged(results: Iterable[Result]) -> list[Result]:
    """Return the results in their order, those with equal words at one place as the first of them.

    A module that several roots call, or a command that two subjects share, is one thing to edit: its finding names
    the related places of all. Judgements that found nothing stay apart, because reports count them.
    """
    first: dict[tuple[object, ...], int] = {}
    made: list[Result] = []
    for result in results:
        if result.compliance in (COMPLIANT, NOT_APPLICABLE):
            made.append(result)
            continue
        key = (
            result.rule, result.at, result.message, result.address, result.environment, result.compliance,
            result.severity, result.confidence, result.path,
        )
        place = first.setdefault(key, len(made))
        if place == len(made):
            made.append(result)
            continue
        kept = made[place]
        more = tuple(each for each in result.related if each not in kept.related)
        if more:
            made[place] = kept._replace(related=(kept.related + more)[:RELATED_KEPT])
    return made
