"""Webhook patterns: anchored in every alternative, or not."""

from __future__ import annotations

import pytest

from scanner.analysis.pipeline.filters import unanchored_alternative


@pytest.mark.parametrize("pattern", ["^123$", "^(?:1|2)$", "^1$|^2$", "(^1$|^2$)", r"\Arefs/heads/main\Z", "^(1|2)$", "^refs/heads/(?:main|release/.*)$"])
def test_anchored(pattern: str) -> None:
    assert unanchored_alternative(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "side"),
    [
        ("123", "begin"), ("^123|456$", "begin"), ("^(1|2)", "end"), ("^1$|2$", "begin"), ("(^1$|2)", "begin"), ("^1|^2", "end"),
        ("", "begin"), ("(?:^)?1$", "begin"), (r"^1\$", "end"), (".*", "begin"), ("[", "valid"), ("^" + "1" * 5000 + "$", "longer"),
    ],
)
def test_unanchored(pattern: str, side: str) -> None:
    why = unanchored_alternative(pattern)
    assert why is not None
    assert side in why
