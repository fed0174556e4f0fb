"""Actions: what the patterns of a statement come to, by the table of AWS actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scanner.analysis.globs import is_glob, matches, overlaps
from scanner.analysis.iam.grants import Grant, Part
from scanner.core.location import Location
from scanner.core.value import HOLE
from scanner.facts.iam import FACTS, Service

Wanted = Callable[[Service, str], bool]
"""Chooses actions: given a service and an action name spelled as AWS spells it."""


def services_of(pattern: str) -> Iterator[tuple[Service, str]]:
    """Yield (service, glob of action names in lower case) for each known service that an action pattern reaches."""
    if pattern == "*":
        prefix, names = "*", "*"
    else:
        prefix, colon, names = pattern.lower().partition(":")
        if not colon:
            return
    if is_glob(prefix):
        for name in FACTS.service_names():
            if matches(prefix, name):
                service = FACTS.service(name)
                if service is not None:
                    yield service, names
        return
    service = FACTS.service(prefix)
    if service is not None:
        yield service, names


def names_in(service: Service, glob: str) -> list[str]:
    """Return the service's actions that a glob in lower case matches, as AWS spells them."""
    if glob == "*":
        return service.names()
    if not is_glob(glob):
        found = service.spelling(glob)
        return [found] if found else []
    return [name for name in service.names() if matches(glob, name.lower())]


def covered(part: Part, action: str) -> bool | None:
    """Tell whether patterns cover a lower-case `service:name`; None when an unknown piece decides."""
    if action in part.exact:
        return True
    unsure = bool(part.open)
    for text in part.globs:
        if matches(text, action):
            return True
        unsure = unsure or (HOLE in text and overlaps(text.replace(HOLE, "*"), action))
    return None if unsure else False


def names_action(grant: Grant, action: str) -> bool | None:
    """Tell whether a statement names an action (lower-case `service:name`) by Action or leaves it in by NotAction."""
    if grant.statement_open:
        return None
    if grant.not_action.stated:
        excluded = covered(grant.not_action, action)
        return None if excluded is None else not excluded
    return covered(grant.action, action)


def granted(grant: Grant, wanted: Wanted) -> Iterator[tuple[str, Location]]:
    """Yield (`service:Name`, place) of the actions that a statement names and that `wanted` chooses."""
    if grant.not_action.stated:
        for name in FACTS.service_names():
            service = FACTS.service(name)
            if service is not None and f"{name}:*" not in grant.not_action.texts:
                for action in service.names():
                    if wanted(service, action) and covered(grant.not_action, f"{name}:{action.lower()}") is False:
                        yield f"{name}:{action}", grant.statement.not_action.at
        return
    seen: set[str] = set()
    for item in grant.action.items:
        for service, glob in services_of(item.text):
            for action in names_in(service, glob):
                full = f"{service.name}:{action}"
                if full not in seen and wanted(service, action):
                    seen.add(full)
                    yield full, item.at


def level_of(service: Service, action: str) -> str:
    """Return the access level of an action; what only describes permissions is a read, whatever the table says."""
    level = service.level(action)
    return "R" if level == "P" and action.startswith(("Describe", "List", "Get")) else level


def by_level(levels: str, *, limitable: bool = False) -> Wanted:
    """Return a choice of actions by access level letters; `limitable` leaves out those that only take Resource `*`."""

    def wanted(service: Service, action: str) -> bool:
        return level_of(service, action) in levels and (not limitable or service.limitable(action))

    return wanted


def by_name(names: frozenset[str]) -> Wanted:
    """Return a choice of the actions in a set of lower-case `service:name`."""

    def wanted(service: Service, action: str) -> bool:
        return f"{service.name}:{action.lower()}" in names

    return wanted
