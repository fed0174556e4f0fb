"""Results that tell a reader the same thing at the same place become one."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.core.result import COMPLIANT, INSUFFICIENT_DATA, NOT_APPLICABLE, Result

RELATED_KEPT = 12
"""How many related places a merged finding names; a module that fifty roots call needs no fifty."""

GUESTS = frozenset({"checkov", "sarif-import"})
"""Scanners whose results give way where a rule of ours judges the same."""


def without_echoes(results: list[Result], every: bool = True) -> list[Result]:
    """Return the results without those of guests that a rule of ours answers by `controls`.

    Ours has to name the same control and to have judged the same subject, or a place within the lines of the guest's;
    one that lacks data has judged nothing. What ours says counts even if it is that nothing is wrong. `every` False
    leaves out what found nothing: it is needed for the comparison only.
    """
    judged: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    for result in results:
        if result.scanner == "rules" and result.compliance != INSUFFICIENT_DATA:
            places = {(at.path, at.start_line) for at in (result.at, *(at for _, at in result.related))}
            for family, identifiers in result.controls.items():
                for identifier, (path, line) in ((each, place) for each in identifiers for place in places):
                    judged.setdefault((family, identifier, path), []).append((result.address, line))
    return [
        result for result in results
        if (every or result.compliance not in (COMPLIANT, NOT_APPLICABLE))
        and not (result.scanner in GUESTS and _is_echo(result, judged))
    ]


def _is_echo(result: Result, judged: dict[tuple[str, str, str], list[tuple[str, int]]]) -> bool:
    """Tell whether ours judged what a guest's result is about."""
    at = result.at
    return any(
        address == result.address or at.start_line <= line <= at.end_line
        for family, identifiers in result.controls.items() for identifier in identifiers
        for address, line in judged.get((family, identifier, at.path), ())
    )


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
