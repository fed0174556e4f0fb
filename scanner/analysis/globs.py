"""Globs as IAM spells them: `*` is any run of characters, `?` is one character; nothing else is special.

Three questions: does a pattern match a text, does it match everything another pattern matches, do two patterns have a
common match. The answers are exact. Case is the caller's business (action names: fold both sides; ARNs: leave as is).
"""

from __future__ import annotations

MAX_LENGTH = 2048
"""Longer patterns are compared as texts: IAM elements are far shorter, so a longer one is an attack on our time."""


MAX_PAIRS = 20_000
"""A bound on the product automaton: patterns like `*a??????????` would grow it exponentially."""


def is_glob(pattern: str) -> bool:
    """Tell whether the pattern holds a wildcard."""
    return "*" in pattern or "?" in pattern


def matches(pattern: str, text: str) -> bool:
    """Tell whether `pattern` matches the whole of `text`; linear in practice, never exponential."""
    p = t = 0
    star = -1
    mark = 0
    size, length = len(pattern), len(text)
    while t < length:
        if p < size and pattern[p] == "*":
            star, mark = p, t
            p += 1
        elif p < size and (pattern[p] == "?" or pattern[p] == text[t]):
            p += 1
            t += 1
        elif star >= 0:
            p = star + 1
            mark += 1
            t = mark
        else:
            return False
    while p < size and pattern[p] == "*":
        p += 1
    return p == size


def _closed(pattern: str, states: set[int]) -> frozenset[int]:
    """Return the positions with those that follow over stars."""
    out = set(states)
    for state in states:
        while state < len(pattern) and pattern[state] == "*":
            state += 1
            out.add(state)
    return frozenset(out)


def _step(pattern: str, states: frozenset[int], character: str | None) -> frozenset[int]:
    """Return the positions after one character; None stands for a character that no pattern names."""
    out = set()
    for state in states:
        if state == len(pattern):
            continue
        mark = pattern[state]
        if mark == "*":
            out.add(state)
        elif mark == "?" or mark == character:
            out.add(state + 1)
    return _closed(pattern, out)


def includes(outer: str, inner: str) -> bool:
    """Tell whether `outer` matches every text that `inner` matches; False when that takes more than MAX_PAIRS steps.

    Both are walked as automata: `inner` character by character of the joint alphabet (plus one character
    that neither names), `outer` as the set of its possible positions.
    """
    if outer == inner or (outer and not outer.strip("*")):
        return True
    if not is_glob(inner):
        return matches(outer, inner)
    if not _head(inner).startswith(_head(outer)) or not _head(inner[::-1]).startswith(_head(outer[::-1])):
        return False
    return len(outer) <= MAX_LENGTH and len(inner) <= MAX_LENGTH and _walked(outer, inner)


def _head(pattern: str) -> str:
    """Return what stands before the first wildcard."""
    ends = [end for end in (pattern.find("*"), pattern.find("?")) if end >= 0]
    return pattern[: min(ends)] if ends else pattern


def _walked(outer: str, inner: str) -> bool:
    """Walk both automata together; False at the first text that only `inner` matches."""
    alphabet: list[str | None] = [None, *sorted(set(outer + inner) - set("*?"))]
    start = (_closed(inner, {0}), _closed(outer, {0}))
    seen = {start}
    stack = [start]
    while stack:
        narrow, wide = stack.pop()
        if len(inner) in narrow and len(outer) not in wide:
            return False
        for character in alphabet:
            after = _step(inner, narrow, character)
            if not after:
                continue
            pair = (after, _step(outer, wide, character))
            if not pair[1]:
                return False
            if len(seen) > MAX_PAIRS:
                return False
            if pair not in seen:
                seen.add(pair)
                stack.append(pair)
    return True


def overlaps(one: str, other: str) -> bool:
    """Tell whether some text matches both patterns."""
    if not is_glob(one):
        return matches(other, one)
    if not is_glob(other):
        return matches(one, other)
    if len(one) > MAX_LENGTH or len(other) > MAX_LENGTH:
        return one == other
    row = _overlap_row_start(other)
    for mark in one:
        row = _overlap_row(row, mark, other)
    return row[len(other)]


def _overlap_row_start(other: str) -> list[bool]:
    row = [True] + [False] * len(other)
    for index, mark in enumerate(other):
        row[index + 1] = row[index] and mark == "*"
    return row


def _overlap_row(row: list[bool], mark: str, other: str) -> list[bool]:
    """Return which prefixes of `other` meet the prefix of `one` that ends in `mark`."""
    after = [row[0] and mark == "*"] + [False] * len(other)
    for index, across in enumerate(other):
        if mark == "*" or across == "*":
            after[index + 1] = row[index + 1] or after[index]
        else:
            after[index + 1] = row[index] and (mark == across or "?" in (mark, across))
    return after
