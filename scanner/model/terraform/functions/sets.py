"""Terraform's sets: distinct items in order, items of one type, and the functions of set algebra.

Signatures as in `collections`.
"""

from __future__ import annotations

from itertools import product

from scanner.core.location import Location
from scanner.core.value import ListValue, Scalar, Unknown, Value
from scanner.model.terraform.domain import first_unknown
from scanner.model.terraform.evaluate import MAX_ITEMS, Scope
from scanner.model.terraform.functions.arguments import Arguments, NotKnown, answering, complete, list_of
from scanner.model.terraform.operators import as_number, as_text, equal


def distinct_items(items: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return the items without later equals; unknown ones stay."""
    kept: list[Value] = []
    seen: set[object] = set()
    for item in items:
        if type(item) is Scalar or isinstance(item, Scalar):
            key = (type(item.content) is bool, item.content)
            if key in seen:
                continue
            seen.add(key)
        elif any(equal(item, other) for other in kept if not isinstance(other, Scalar)):
            continue
        kept.append(item)
    return tuple(kept)


def one_kind(items: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return primitive items as Terraform unifies them: as texts when one of them is a text."""
    contents = [item.content for item in items if isinstance(item, Scalar) and item.content is not None]
    texts = sum(isinstance(content, str) for content in contents)
    if texts and texts < len(contents):
        return tuple(
            Scalar(as_text(item), item.at) if isinstance(item, Scalar) and item.content is not None
            and not isinstance(item.content, str) else item for item in items)
    booleans = sum(isinstance(content, bool) for content in contents)
    if not texts and 0 < booleans < len(contents):
        raise ValueError("the items have no type in common")
    return items


def as_set(items: tuple[Value, ...], at: Location, rest: Unknown | None = None) -> ListValue:
    """Return a set: distinct, sorted when all are texts or numbers."""
    kept = list(distinct_items(items))
    if all(isinstance(item, Scalar) and isinstance(item.content, str) for item in kept):
        kept.sort(key=lambda item: as_text(item) or "")
    elif all(isinstance(item, Scalar) and not isinstance(item.content, (str, bool)) for item in kept):
        kept.sort(key=lambda item: as_number(item) or 0)
    return ListValue(tuple(kept), at, rest)


def _known_sets(arguments: Arguments) -> list[tuple[Value, ...]]:
    """Return the items of every argument; raises NotKnown when one of them is not known."""
    found = []
    for argument in arguments:
        items = complete(list_of(argument))
        for item in items:
            unknown = first_unknown(item)
            if unknown is not None:
                raise NotKnown(unknown)
        found.append(items)
    return found


@answering
def tf_setintersection(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the items that all sets have."""
    first, *others = _known_sets(arguments)
    return as_set(tuple(i for i in first if all(any(equal(i, o) for o in other) for other in others)), at)


@answering
def tf_setsubtract(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the items of the first set that the second has not."""
    first, second = _known_sets(arguments)
    return as_set(tuple(i for i in first if not any(equal(i, o) for o in second)), at)


@answering
def tf_setunion(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the items that any set has."""
    items: list[Value] = []
    rest: Unknown | None = None
    for argument in arguments:
        found = list_of(argument)
        items += found.items
        rest = rest or found.rest
    return as_set(tuple(items), at, rest)


@answering
def tf_setproduct(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return all combinations."""
    lists = [complete(list_of(argument)) for argument in arguments]
    total = 1
    for items in lists:
        total *= len(items)
    if total > MAX_ITEMS:
        raise NotKnown(Unknown("more combinations than we evaluate", at))
    return ListValue(tuple(ListValue(tuple(row), at) for row in product(*lists)), at)
