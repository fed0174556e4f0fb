"""Honours what other secret scanners were told: comments, ignore files, baselines, settings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from scanner.core.artifact import Artifact
from scanner.core.patterns import Pattern
from scanner.core.result import Result, Suppression

_SAME_LINE = Pattern(
    r"pragma:\s?(?:white|allow)list[ -]?secret|gitleaks:allow|trufflehog:ignore|ggignore|betterleaks:allow|nosecret\b",
    re.IGNORECASE,
)
_LINE_BEFORE = Pattern(r"pragma:\s?(?:white|allow)list[ -]?nextline[ -]?secret", re.I)


class Marks(NamedTuple):
    """What the ignore files of a run say.

    `fingerprints` are gitleaks': (path, gitleaks rule, line). `hashes` are detect-secrets': path -> SHA-1.
    """

    fingerprints: frozenset[tuple[str, str, int]]
    hashes: dict[str, frozenset[str]]

    @property
    def empty(self) -> bool:
        """Tell whether no file says anything."""
        return not self.fingerprints and not self.hashes


def comment(artifact: Artifact, start: int) -> Suppression | None:
    """Return the suppression that a comment states on the line of the code point `start`, or on the line before."""
    text = artifact.text
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", start)
    here = text[max(begin, start - 2000):start + 2000 if stop < 0 else min(stop, start + 2000)]
    found = _SAME_LINE.search(here)
    if found is None and begin > 0:
        before = text.rfind("\n", 0, begin - 1) + 1
        found = _LINE_BEFORE.search(text[max(before, begin - 2000):begin])
    if found is None:
        return None
    return Suppression("peer", f"marked with {found.group()!r}", f"{artifact.path}:{artifact.position(start)[0]}")


def marks_in(artifacts: Iterable[Artifact]) -> Marks:
    """Return what the ignore files among the artifacts say; files that cannot be read say nothing."""
    fingerprints: set[tuple[str, str, int]] = set()
    hashes: dict[str, frozenset[str]] = {}
    for artifact in artifacts:
        folder, _, name = artifact.path.rpartition("/")
        if name == ".gitleaksignore":
            fingerprints |= fingerprints_of(artifact.text, folder)
        elif name == ".secrets.baseline":
            for path, digests in hashes_of(artifact.text, folder).items():
                hashes[path] = hashes.get(path, frozenset()) | digests
    return Marks(frozenset(fingerprints), hashes)


def fingerprints_of(text: str, folder: str = "") -> set[tuple[str, str, int]]:
    """Return (path, rule, line) of each line of a `.gitleaksignore`: `[commit:]path:rule:line`."""
    found: set[tuple[str, str, int]] = set()
    for entry in text.splitlines():
        parts = entry.split("#", 1)[0].strip().split(":")
        if len(parts) == 4 and re.fullmatch(r"[0-9a-f]{7,64}", parts[0]):
            parts = parts[1:]
        if len(parts) == 3 and parts[2].isdigit():
            found.add((_below(folder, parts[0]), parts[1], int(parts[2])))
    return found


def hashes_of(text: str, folder: str = "") -> dict[str, frozenset[str]]:
    """Return path -> SHA-1 digests of a `.secrets.baseline` (detect-secrets); {} when it is not one."""
    import json

    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    listed = content.get("results") if isinstance(content, dict) else None
    if not isinstance(listed, dict):
        return {}
    return {
        _below(folder, path): frozenset(
            str(entry["hashed_secret"]) for entry in entries if isinstance(entry, dict) and "hashed_secret" in entry
        )
        for path, entries in listed.items() if isinstance(entries, list)
    }


def _below(folder: str, path: str) -> str:
    plain = path.replace("\\", "/").removeprefix("./")
    return f"{folder}/{plain}" if folder else plain


def marked(result: Result, secret: bytes, marks: Marks) -> Suppression | None:
    """Return the suppression that the ignore files state for a result; the secret is only hashed."""
    line, path = result.at.start_line, result.at.path
    names = result.controls.get("gitleaks", ())
    if marks.fingerprints and any((path, name, line) in marks.fingerprints for name in names):
        return Suppression("peer", "listed in .gitleaksignore", ".gitleaksignore")
    digests = marks.hashes.get(path)
    if digests:
        from hashlib import sha1

        if sha1(secret, usedforsecurity=False).hexdigest() in digests:
            return Suppression("baseline", "listed in .secrets.baseline", ".secrets.baseline")
    return None
