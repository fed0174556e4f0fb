"""Results that tell a reader the same thing at the same place become one."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.core.location import Location
from scanner.core.result import COMPLIANT, INSUFFICIENT_DATA, NON_COMPLIANT, NOT_APPLICABLE, Result

RELATED_KEPT = 12
"""How many related places a merged finding names; a module that fifty roots call needs no fifty."""

GUESTS = frozenset({"checkov", "sarif-import"})
"""Scanners whose results give way where a rule of ours judges the same."""


BY_NAME = frozenset({"password-in-clear", "random-value-in-secret-name", "terraform-password"})
"""Secrets rules that see no more than a telling name and a literal."""


def told_once(results: list[Result]) -> list[Result]:
    """Return the results without the second finding about one literal.

    The secrets scanner and a rule about a resource see the same password. Where the rule names a resource, its words
    help more; in a plain file (env file, script) the secrets scanner says all there is. Secrets known by their form
    stay: they name the key to revoke.
    """
    by_name = [each for each in results if each.rule in BY_NAME and each.compliance == NON_COMPLIANT]
    if not by_name:
        return results
    in_context: dict[tuple[str, int], list[Result]] = {}
    for each in results:
        if each.category == "secrets" and each.scanner == "rules" and each.compliance == NON_COMPLIANT:
            in_context.setdefault((each.at.path, each.at.start_line), []).append(each)
    dropped: set[int] = set()
    for each in by_name:
        for other in in_context.get((each.at.path, each.at.start_line), ()):
            if _overlap(each.at, other.at):
                dropped.add(id(other if other.address == other.at.path else each))
    return [each for each in results if id(each) not in dropped]


def _overlap(one: Location, other: Location) -> bool:
    """Tell whether two places on one line share a character."""
    if one.end_line != one.start_line or other.end_line != other.start_line:
        return True
    return one.start_column < other.end_column and other.start_column < one.end_column


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
