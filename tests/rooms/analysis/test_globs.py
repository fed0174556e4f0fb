import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.globs import includes, matches, overlaps

patterns = st.text(alphabet="ab*?", max_size=6)
texts = st.text(alphabet="abc", max_size=6)


def as_regex(pattern):
    return re.compile("".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern), re.S)


@given(patterns, texts)
def test_matches_agrees_with_a_regular_expression(pattern, text):
    assert matches(pattern, text) is bool(as_regex(pattern).fullmatch(text))


@given(patterns, patterns, texts)
def test_an_including_pattern_matches_whatever_the_included_one_does(outer, inner, text):
    if includes(outer, inner) and matches(inner, text):
        assert matches(outer, text)


SMALL = [""] + [a + b + c for a in "abc" for b in ["", *"abc"] for c in ["", *"abc"]]


@given(st.text(alphabet="ab*?", max_size=3), st.text(alphabet="ab*?", max_size=3))
def test_overlap_and_inclusion_are_exact_on_all_short_texts(one, other):
    both = [text for text in SMALL if matches(one, text) and matches(other, text)]
    if both:
        assert overlaps(one, other)
    if any(matches(other, text) and not matches(one, text) for text in SMALL):
        assert not includes(one, other)


@given(patterns, patterns)
def test_overlap_is_symmetric_and_follows_from_inclusion(one, other):
    assert overlaps(one, other) == overlaps(other, one)
    if includes(one, other):
        assert overlaps(one, other)


@pytest.mark.parametrize(("outer", "inner", "expected"), [
    ("s3:*", "s3:Get*", True), ("s3:Get*", "s3:*", False), ("*", "*", True), ("a*b*c", "abc", True),
    ("a*", "a?*", True), ("a?*", "a*", False), ("*a*", "b*ab?", True), ("**", "x", True), ("", "*", False),
    ("arn:aws:s3:::*/*", "arn:aws:s3:::b/?*", True), ("?", "*", False), ("*?", "?*", True),
])
def test_inclusion(outer, inner, expected):
    assert includes(outer, inner) is expected


@pytest.mark.parametrize(("one", "other", "expected"), [
    ("iam:*Policy", "iam:Put*", True), ("iam:*Policy", "iam:Put*Key", False), ("a*", "*b", True), ("a?", "?b", True),
    ("a??", "?b", False), ("", "*", True), ("", "?", False), ("*a", "*b", False),
])
def test_overlap(one, other, expected):
    assert overlaps(one, other) is expected


def test_long_hostile_patterns_end_quickly():
    assert not matches("*a" * 400 + "b", "a" * 2000)
    assert includes("*a" * 20, "*a" * 21)
