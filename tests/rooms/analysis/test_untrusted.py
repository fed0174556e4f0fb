"""Expressions of strangers: what they match, what is refused, and what is said without RE2."""

from __future__ import annotations

import sys

import pytest

from scanner.analysis.untrusted import LONGEST, NotMatched, UntrustedPattern


def test_matches_and_places_are_those_of_text_and_of_bytes() -> None:
    pattern = UntrustedPattern(r"(?i)K(?P<n>[0-9]+)\z")
    match = pattern.search("ü k12")
    assert match is not None
    assert (match.span(), match.groups(), match.groupdict()) == ((2, 5), ("12",), {"n": "12"})
    match = pattern.search("ü k12".encode(), 1)
    assert match is not None
    assert match.span(1) == (4, 6)
    assert (pattern.groups, pattern.names) == (1, {"n": 1})


@pytest.mark.parametrize(("pattern", "text", "spans"), [
    ("a*", "baac", [(0, 0), (1, 3), (4, 4)]), ("x", "", []), ("", "ab", [(0, 0), (1, 1), (2, 2)]),
])
def test_all_matches_as_go_counts_them(pattern: str, text: str, spans: list[tuple[int, int]]) -> None:
    assert [match.span() for match in UntrustedPattern(pattern).all(text)] == spans


@pytest.mark.parametrize("pattern", ["(", "a(?=b)", r"(a)\1", "a{1001}", "((a{100}){100}){100}", "a" * (LONGEST + 1), "\udc80"])
def test_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        UntrustedPattern(pattern)


def test_without_re2_nobody_can_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    with pytest.raises(NotMatched, match="google-re2"):
        UntrustedPattern("a")
