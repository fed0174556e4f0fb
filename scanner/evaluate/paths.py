"""Path patterns in gitignore's language, as policies and waivers use them."""

from __future__ import annotations

import re

from scanner.core.path_globs import expression

_MADE: dict[str, re.Pattern[str]] = {}


def matches(pattern: str, path: str) -> bool:
    """Tell whether the pattern covers the path or one of its folders: `examples/`, `*.tf`, `infra/**/dev-*.yaml`."""
    regex = _MADE.get(pattern)
    if regex is None:
        try:
            regex = re.compile(_regex(pattern), re.DOTALL)
        except re.error:
            regex = re.compile(r"(?!)")    # `[z-a]` matches nothing, as in git
        _MADE[pattern] = regex
    return regex.match(path) is not None


def _regex(pattern: str) -> str:
    """Return the pattern as an anchored regular expression; a slash inside anchors it at the top."""
    text = pattern.removeprefix("./")
    body = text.strip("/")
    anchored = "/" in text.rstrip("/")
    return expression(body if anchored else f"**/{body}") + ("/" if text.endswith("/") else r"(?:/|\Z)")
