"""Values of an untrusted SARIF document: whatever stands there, the answer has the type that was asked for."""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]
LARGEST_NUMBER = 10_000_000
DEEPEST_BASE = 10
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


def mapping(value: object) -> Json:
    """Return an object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def entries(value: object) -> list[Any]:
    """Return a list, an empty one for anything else."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """Return a string, an empty one for anything else."""
    return value if isinstance(value, str) else ""


def number(value: object, otherwise: int) -> int:
    """Return a whole number of a size that lines and columns can have, else `otherwise`."""
    return value if type(value) is int and abs(value) <= LARGEST_NUMBER else otherwise


def plain(value: object, longest: int) -> str:
    """Return a text in one line, without control characters or lone surrogates, at most `longest` characters."""
    kept = "".join(each if each.isprintable() else " " for each in str(value)[: longest * 4])
    one_line = " ".join(kept.split())
    return one_line if len(one_line) <= longest else one_line[: longest - 3] + "..."


def uri_path(artifact_location: Json, bases: Json) -> str | None:
    """Return the path that an artifactLocation names (3.4), absolute or relative to where the tool ran.

    `bases` is the run's originalUriBaseIds; a base without a URI of its own is where the tool ran. None: a path that
    climbs out of it, another machine's, or no file at all (`https:`).
    """
    parts: list[str] = []
    place = artifact_location
    for _ in range(DEEPEST_BASE):
        parts.insert(0, text(place.get("uri")))
        if _SCHEME.match(parts[0]) or parts[0].startswith("/"):
            break
        base = text(place.get("uriBaseId"))
        if base not in bases:
            break
        place = mapping(bases[base])
    else:
        return None
    return _normal(_joined(parts))


def _joined(parts: list[str]) -> str | None:
    """Return the decoded path of URI references, each relative to the one before; None for what is no local file."""
    from urllib.parse import unquote

    head = parts[0]
    if head[:5].lower() == "file:":
        head = head[5:]
        if head.startswith("//"):
            host, slash, head = head[2:].partition("/")
            if host not in ("", "localhost"):
                return None
            head = slash + head
    elif _SCHEME.match(head) or head.startswith("//"):
        return None
    whole = head
    for part in parts[1:]:
        whole = f"{whole.rstrip('/')}/{part}" if whole else part
    return unquote(whole, errors="surrogateescape").replace("\\", "/")


def _normal(path: str | None) -> str | None:
    """Return the path without `.` and `..`; None when it is empty, climbs above its start, or no path can be so."""
    if not path or len(path) > 4096 or not path.isprintable():
        return None
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not kept:
                return None
            kept.pop()
        elif part not in ("", "."):
            kept.append(part)
    return ("/" if path.startswith("/") else "") + "/".join(kept) if kept else None
