"""Collection functions over values: what is unknown inside stays in its place, places are kept.

Every function takes (arguments, scope, at) and may raise ValueError for a call that Terraform rejects.
"""

from __future__ import annotations

from scanner.core.location import Location
from scanner.core.value import Absent, Choice, ListValue, MapValue, Scalar, Unknown, Value, text_of
from scanner.model.terraform.domain import Failure, Lazy, first_unknown, is_null, moved
from scanner.model.terraform.evaluate import MAX_ITEMS, Scope, item_at
from scanner.model.terraform.functions.arguments import (
    Arguments,
    NotKnown,
    answering,
    complete,
    list_of,
    map_of,
    text_argument,
    whole_number,
)
from scanner.model.terraform.functions.sets import distinct_items, one_kind
from scanner.model.terraform.functions.strings import clusters
from scanner.model.terraform.operators import as_boolean, as_number, as_text, equal


def _all_or_any(arguments: Arguments, at: Location, deciding: bool) -> Value:
    items = list_of(arguments[0])
    open_item: Unknown | None = items.rest
    for item in items.items:
        truth = as_boolean(item)
        if truth is deciding:
            return Scalar(deciding, at)
        if truth is None:
            open_item = open_item or first_unknown(item) or Unknown("an item is null", at)
    return Unknown(open_item.reason, at) if open_item is not None else Scalar(not deciding, at)


@answering
def tf_alltrue(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return whether all items are true."""
    return _all_or_any(arguments, at, False)


@answering
def tf_anytrue(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return whether an item is true."""
    return _all_or_any(arguments, at, True)


@answering
def tf_chunklist(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the list in pieces."""
    items, size = complete(list_of(arguments[0])), whole_number(arguments[1])
    if size < 1:
        return ListValue((ListValue(items, at),), at) if size == 0 else _invalid("the size must be positive")
    return ListValue(tuple(ListValue(items[i : i + size], at) for i in range(0, len(items), size)), at)


def _invalid(reason: str) -> Value:
    raise ValueError(reason)


def tf_coalesce(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the first argument that is neither null nor an empty text."""
    if not arguments:
        raise ValueError("no argument is left")
    first, rest = arguments[0], arguments[1:]
    if isinstance(first, Choice):
        return Choice(first.question, tf_coalesce((first.then, *rest), scope, at),
                      tf_coalesce((first.otherwise, *rest), scope, at), at)
    if is_null(first) or (isinstance(first, Scalar) and first.content == ""):
        return tf_coalesce(rest, scope, at)
    if isinstance(first, Unknown) and not first.present and rest:
        return Failure(first.reason, at) if isinstance(first, Failure) else Unknown(first.reason, at)
    return moved(first, at)


@answering
def tf_coalescelist(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the first list that is not empty."""
    for argument in arguments:
        if is_null(argument):
            continue
        found = list_of(argument)
        if found.items:
            return found
        complete(found)
    raise ValueError("all lists are empty")


@answering
def tf_compact(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the list without empty texts and nulls."""
    found = list_of(arguments[0])
    kept = tuple(item for item in found.items
                 if not is_null(item) and not (isinstance(item, Scalar) and item.content == ""))
    return ListValue(kept, at, found.rest)


@answering
def tf_concat(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return all lists as one; an unknown list makes the rest unknown."""
    items: list[Value] = []
    rest: Unknown | None = None
    for argument in arguments:
        if isinstance(argument, Unknown):
            if isinstance(argument, Failure):
                raise NotKnown(argument)
            rest = rest or argument
            continue
        found = list_of(argument)
        items += found.items
        rest = rest or found.rest
    return ListValue(tuple(items), at, rest)


@answering
def tf_contains(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return whether an item equals the value."""
    found = list_of(arguments[0])
    answers = [equal(item, arguments[1]) for item in found.items]
    if True in answers:
        return Scalar(True, at)
    if None in answers or found.rest is not None:
        unknown = found.rest or first_unknown(found) or first_unknown(arguments[1])
        return Unknown(unknown.reason if unknown else "an item is not known", at)
    return Scalar(False, at)


@answering
def tf_distinct(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the list without repetitions."""
    found = list_of(arguments[0])
    return ListValue(distinct_items(one_kind(found.items)), at, found.rest)


@answering
def tf_element(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return an item; the position wraps around."""
    found = list_of(arguments[0])
    if isinstance(arguments[1], Unknown) and len(found.items) == 1 and found.rest is None:
        return moved(found.items[0], at)
    position = whole_number(arguments[1])
    if position < 0:
        raise ValueError("the position is negative")
    if found.rest is not None:
        return item_at(found, position, at)
    if not found.items:
        raise ValueError("the list is empty")
    return moved(found.items[position % len(found.items)], at)


@answering
def tf_flatten(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return nested lists as one list."""
    rest: list[Unknown] = []
    items: list[Value] = []

    def add(value: Value, depth: int) -> None:
        if isinstance(value, Lazy) and depth < 50:
            whole = value.whole()
            if isinstance(whole, ListValue):
                value = whole
        if isinstance(value, ListValue) and depth < 50:
            if value.rest is not None:
                rest.append(value.rest)
            for item in value.items:
                add(item, depth + 1)
        elif isinstance(value, Choice) and depth < 50:
            _flatten_choice(value, items, rest)
        elif isinstance(value, Unknown) and not value.parts and value.refers is None:
            rest.append(value)
        else:
            items.append(value)

    add(list_of(arguments[0]), 0)
    if len(items) > MAX_ITEMS * 5:
        raise ValueError("the list is too long")
    return ListValue(tuple(items), at, rest[0] if rest else None)


def _flatten_choice(value: Choice, items: list[Value], rest: list[Unknown]) -> None:
    """Append a Choice of lists as items that exist in one of its branches."""
    absent = Absent(value.at)
    for holds, side in ((True, value.then), (False, value.otherwise)):
        if isinstance(side, ListValue) and not any(isinstance(i, (ListValue, Choice)) for i in side.items):
            for item in side.items:
                items.append(Choice(value.question, item if holds else absent, absent if holds else item, value.at))
            if side.rest is not None:
                rest.append(side.rest)
        elif isinstance(side, Scalar) and side.content is not None:
            items.append(Choice(value.question, side if holds else absent, absent if holds else side, value.at))
        elif not isinstance(side, (Absent, Scalar)):
            rest.append(Unknown("depends on an open condition", value.at))


@answering
def tf_index(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the position of the first equal item."""
    for position, item in enumerate(complete(list_of(arguments[0]))):
        same = equal(item, arguments[1])
        if same is None:
            raise NotKnown(first_unknown(item) or first_unknown(arguments[1]) or Unknown("not known", at))
        if same:
            return Scalar(position, at)
    raise ValueError("no item is equal")


@answering
def tf_keys(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the keys in order."""
    found = map_of(arguments[0])
    return ListValue(tuple(Scalar(key, found.key_at(key)) for key in sorted(found.entries)), at, found.rest)


@answering
def tf_length(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the number of items, entries or characters."""
    value = arguments[0]
    text = as_text(value)
    if text is not None:
        return Scalar(len(clusters(text)), at)
    if isinstance(value, Lazy):
        value = value.whole()
    if isinstance(value, ListValue):
        return Scalar(len(complete(value)), at)
    found = map_of(value)
    if found.rest is not None:
        raise NotKnown(found.rest)
    return Scalar(len(found.entries), at)


@answering
def tf_lookup(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return an entry, or the given default."""
    found, key = map_of(arguments[0]), text_argument(arguments[1])
    entry = found.entries.get(key)
    if entry is not None:
        return moved(entry, at)
    if found.rest is not None:
        raise NotKnown(found.rest)
    if len(arguments) < 3:
        raise ValueError(f'there is no key "{key}"')
    return moved(arguments[2], at)


@answering
def tf_matchkeys(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the values whose keys are among those searched."""
    values, keys, searched = (complete(list_of(argument)) for argument in arguments)
    if len(values) != len(keys):
        raise ValueError("values and keys differ in length")
    return ListValue(tuple(
        value for value, key in zip(values, keys, strict=True) if any(equal(key, other) for other in searched)), at)


@answering
def tf_merge(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return all mappings as one; later entries win, an unknown mapping makes the rest unknown."""
    entries: dict[str, Value] = {}
    keys_at: dict[str, Location] = {}
    rest: Unknown | None = None
    for argument in arguments:
        if is_null(argument):
            continue
        if isinstance(argument, Unknown):
            if isinstance(argument, Failure):
                raise NotKnown(argument)
            rest = rest or argument
            continue
        found = map_of(argument)
        entries.update(found.entries)
        keys_at.update(found.keys_at)
        rest = rest or found.rest
    return MapValue(entries, at, keys_at, rest)


@answering
def tf_one(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the only item, or null of an empty list."""
    found = list_of(arguments[0])
    if found.rest is not None:
        return moved(found.items[0], at) if found.items else Unknown(found.rest.reason, at)
    items = found.items
    if len(items) > 1:
        raise ValueError("the list has more than one item")
    if not items:
        return Scalar(None, at)
    only = items[0]
    return moved(only, at)


@answering
def tf_range(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return numbers from start up to, without, the limit."""
    numbers = []
    for argument in arguments:
        number = as_number(argument)
        if number is None:
            unknown = first_unknown(argument)
            if unknown is not None:
                raise NotKnown(unknown)
            raise ValueError("a number is required")
        numbers.append(number)
    start, limit = (0, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])
    pace = numbers[2] if len(numbers) > 2 else 1 if start <= limit else -1
    if pace == 0 or abs((limit - start) / pace) > 1024:
        raise ValueError("more than 1024 items")
    items = []
    while (pace > 0 and start < limit) or (pace < 0 and start > limit):
        items.append(Scalar(start, at))
        start += pace
    return ListValue(tuple(items), at)


@answering
def tf_reverse(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the items in reverse order."""
    return ListValue(tuple(reversed(complete(list_of(arguments[0])))), at)


@answering
def tf_slice(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the items from start up to, without, end."""
    found = list_of(arguments[0])
    start, end = whole_number(arguments[1]), whole_number(arguments[2])
    if found.rest is not None:
        return ListValue(found.items[start:end], at, found.rest)
    if not 0 <= start <= end <= len(found.items):
        raise ValueError("the positions lie outside of the list")
    return ListValue(found.items[start:end], at)


@answering
def tf_sort(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return texts in order."""
    found = list_of(arguments[0])
    if any(as_text(item) is None for item in found.items):
        return ListValue(found.items, at, found.rest)
    ordered = sorted(found.items, key=lambda item: as_text(item) or "")
    return ListValue(tuple(item if text_of(item) is not None else Scalar(as_text(item), at) for item in ordered),
                     at, found.rest)


@answering
def tf_sum(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the sum of the numbers."""
    from scanner.model.terraform.operators import exact

    total: int | float = 0
    items = complete(list_of(arguments[0]))
    if not items:
        raise ValueError("the list is empty")
    for item in items:
        number = as_number(item)
        if number is None:
            unknown = first_unknown(item)
            if unknown is not None:
                raise NotKnown(unknown)
            raise ValueError("a number is required")
        total += number
    return Scalar(exact(total), at)


@answering
def tf_transpose(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return a mapping of lists turned around."""
    found = map_of(arguments[0])
    turned: dict[str, list[Value]] = {}
    for key in sorted(found.entries):
        for item in complete(list_of(found.entries[key])):
            turned.setdefault(text_argument(item), []).append(Scalar(key, at))
    return MapValue({key: ListValue(tuple(turned[key]), at) for key in sorted(turned)}, at, None, found.rest)


@answering
def tf_values(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the entries in the order of their keys."""
    value = arguments[0]
    if isinstance(value, Lazy) and (opened := getattr(value, "instances", None)) is not None:
        result = opened(at)
        assert isinstance(result, Value)
        return result
    found = map_of(value)
    return ListValue(tuple(found.entries[key] for key in sorted(found.entries)), at, found.rest)


@answering
def tf_zipmap(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return a mapping of keys and values."""
    keys, values = complete(list_of(arguments[0])), complete(list_of(arguments[1]))
    if len(keys) != len(values):
        raise ValueError("keys and values differ in length")
    entries: dict[str, Value] = {}
    rest: Unknown | None = None
    for key, value in zip(keys, values, strict=True):
        text = as_text(key)
        if text is None:
            rest = first_unknown(key) or Unknown("a key is not known", at)
        else:
            entries[text] = value
    return MapValue(entries, at, None, rest)
