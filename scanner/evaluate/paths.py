"""Path patterns in gitignore's language, as policies and waivers use them."""

from __future__ import annotations

import re

_MADE: dict[str, re.Pattern[str]] = {}


def matches(pattern: str, path: str) -> bool:
    """Tell whether the pattern covers the path or one of its folders: `examples/`, `*.tf`, `infra/**/dev-*.yaml`."""
    regex = _MADE.get(pattern)
    if regex is None:
        regex = _MADE[pattern] = re.compile(_regex(pattern))
    return regex.match(path) is not None


def _regex(pattern: str) -> str:
    """Return the pattern as an anchored regular expression; a slash inside anchors it at the top."""
    text = pattern.removeprefix("./")
    body = text.strip("/")
    out = ["" if "/" in text.rstrip("/") else "(?:.*/)?"]
    index = 0
    while index < len(body):
        if body.startswith("**/", index):
            out.append("(?:.*/)?")
            index += 3
        elif body.startswith("**", index):
            out.append(".*")
            index += 2
        else:
            character = body[index]
            out.append({"*": "[^/]*", "?": "[^/]"}.get(character) or re.escape(character))
            index += 1
    out.append("/" if text.endswith("/") else r"(?:/|\Z)")
    return "".join(out)
