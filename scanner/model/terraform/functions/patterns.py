"""Terraform's functions with regular expressions, which are Go's: RE2's. What they cost comes off the run's budget."""

from __future__ import annotations

import re
from functools import partial

from scanner.analysis.untrusted import Match, UntrustedPattern
from scanner.core.location import Location
from scanner.core.value import Unknown, Value
from scanner.model.terraform.domain import of_python
from scanner.model.terraform.evaluate import Scope
from scanner.model.terraform.functions.arguments import (
    Arguments,
    NotKnown,
    answering,
    pattern_argument,
    text_argument,
)

LONGEST_TEXT = 2_000_000
STEP = 5_000
"""Instructions times bytes that count as one step of the run's budget; at worst some 0.1 ms."""
_REFERENCE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})")


@answering
def tf_regex(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return the first match: the text, a list of groups, or a mapping of named groups."""
    pattern, text = pattern_argument(text_argument(arguments[0]), at), text_argument(arguments[1])
    _spend(pattern, text, scope, at)
    match = pattern.search(text)
    if match is None:
        raise ValueError("the expression does not match")
    return of_python(_captures(pattern, match), at)


@answering
def tf_regexall(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Return all matches."""
    pattern, text = pattern_argument(text_argument(arguments[0]), at), text_argument(arguments[1])
    _spend(pattern, text, scope, at)
    return of_python([_captures(pattern, match) for match in pattern.all(text)], at)


@answering
def tf_replace(arguments: Arguments, scope: Scope, at: Location) -> Value:
    """Replace all occurrences; a search between slashes is a regular expression."""
    text, search, new = (text_argument(argument) for argument in arguments)
    if len(search) > 1 and search.startswith("/") and search.endswith("/"):
        pattern = pattern_argument(search[1:-1], at)
        _spend(pattern, text, scope, at)
        return of_python(_replaced(pattern, text, new, at), at)
    if text.count(search) * len(new) > LONGEST_TEXT:
        raise NotKnown(Unknown("the text after replacing is too long", at, present=True))
    return of_python(text.replace(search, new), at)


def _spend(pattern: UntrustedPattern, text: str, scope: Scope, at: Location) -> None:
    if len(text) > LONGEST_TEXT:
        raise NotKnown(Unknown(f"the text is longer than {LONGEST_TEXT} characters", at))
    if not scope.module.run.spend(pattern.size * len(text) // STEP):
        raise NotKnown(Unknown("the budget of evaluation is spent", at))


def _captures(pattern: UntrustedPattern, match: Match) -> object:
    if pattern.names:
        return match.groupdict()
    return list(match.groups()) if pattern.groups else match[0]


def _replaced(pattern: UntrustedPattern, text: str, new: str, at: Location) -> str:
    """Return the text with each match replaced, `$1`, `${1}` and `${name}` in `new` filled in as Go's Expand does."""
    out: list[str] = []
    size = last = 0
    for match in pattern.all(text):
        start, end = match.span()
        out += (text[last:start], _REFERENCE.sub(partial(_filled, match, pattern), new))
        last = end
        size += len(out[-1])
        if size > LONGEST_TEXT:
            raise NotKnown(Unknown("the text after replacing is too long", at, present=True))
    return "".join((*out, text[last:]))


def _filled(match: Match, pattern: UntrustedPattern, found: re.Match[str]) -> str:
    if found[1]:
        return "$"
    name = found[2] or found[3]
    number = int(name) if name.isdigit() and len(name) < 6 else pattern.names.get(name, -1)
    return (match[number] or "") if 0 <= number <= pattern.groups else ""
