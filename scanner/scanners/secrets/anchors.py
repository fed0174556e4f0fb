"""Finds many literals in bytes in one pass; two engines with the same answers.

`ahocorasick_rs` (a DFA) where its wheel exists, else the standard library.
Literals are lower-case; the caller lowers the bytes (as bytes, so that offsets stay).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

Finder = Callable[[bytes], Iterable[tuple[int, int, int]]]
"""Takes lowered bytes; yields (index of the literal, start, end), every occurrence, overlaps included."""


def finder(literals: list[bytes], engine: str = "", *, small: bool = False) -> Finder:
    """Return a finder for non-empty literals; `engine` (rust, python) forces one, else the fastest present.

    `small` promises that little will be read: building faster then counts more than reading faster.
    """
    makers: dict[str, Callable[[list[bytes]], Finder]] = {"rust": _rust, "python": _python}
    if engine:
        return makers[engine](literals)
    try:
        return (_rust_small if small else _rust)(literals)
    except ImportError:
        return _python(literals)


def _rust_small(literals: list[bytes]) -> Finder:
    return _rust(literals, "NoncontiguousNFA")


def _rust(literals: list[bytes], implementation: str = "DFA") -> Finder:
    from ahocorasick_rs import BytesAhoCorasick, Implementation

    automaton = BytesAhoCorasick(literals, implementation=getattr(Implementation, implementation))
    find = automaton.find_matches_as_indexes

    def found(data: bytes) -> Iterable[tuple[int, int, int]]:
        return find(data, overlapping=True)

    return found


def _python(literals: list[bytes]) -> Finder:
    import re

    # A lookahead keeps overlapping matches at different starts; at one start the longest literal wins in
    # an alternation, so the shorter ones that begin it are added by hand.
    ordered = sorted(range(len(literals)), key=lambda index: -len(literals[index]))
    regex = re.compile(b"(?=(" + b"|".join(re.escape(literals[index]) for index in ordered) + b"))")
    by_text = {literal: index for index, literal in enumerate(literals)}
    shorter = {
        literal: [by_text[literal[:size]] for size in range(1, len(literal) + 1) if literal[:size] in by_text]
        for literal in literals
    }

    def found(data: bytes) -> Iterable[tuple[int, int, int]]:
        for match in regex.finditer(data):
            start = match.start()
            for index in shorter[match.group(1)]:
                yield index, start, start + len(literals[index])

    return found
