"""Secrets in the history: every content that git remembers, scanned once, findings named after the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scanner.core.artifact import Artifact, Version
from scanner.core.result import Result
from scanner.scanners.secrets.engine import Engine
from scanner.scanners.secrets.run import chosen, rules_in, scan_artifact

Fingerprints = Callable[[list[Result], Artifact], list[Result]]
"""Gives results of one file their fingerprints, as a scan of the work tree does."""


def scan_versions(
    versions: Iterable[Version], pack: object, fingerprints: Fingerprints, *,
    profile: str = "default", options: dict[str, object] | None = None,
    skip: Callable[[Artifact], str | None] | None = None,
) -> list[Result]:
    """Return the findings in all versions, each once, in the order of the commits.

    A finding that several versions of a file share is reported for the oldest one. The message names commit, author
    and whether the secret is still in HEAD: in the same content, or anywhere in a file of HEAD.
    """
    low = profile == "audit"
    options = options or {}
    named = frozenset(options.get("rules_on") or ())  # type: ignore[call-overload]  # ids
    engine = Engine(chosen(rules_in(pack), options), low=low or bool(named))
    seen: dict[str, tuple[Result, Version]] = {}
    present: set[str] = set()
    for version in versions:
        if skip is not None and skip(version.artifact):
            continue
        found = list(scan_artifact(engine, version.artifact, low=low, named=named))
        for result in fingerprints(found, version.artifact) if found else ():
            seen.setdefault(result.fingerprint, (result, version))
            if version.in_head:
                present.add(result.subject)
    return [told(result, version, result.subject in present) for result, version in seen.values()]


def told(result: Result, version: Version, in_head: bool) -> Result:
    """Return the result with its commit in words."""
    where = "still in HEAD" if in_head else "no longer in HEAD, but in every clone"
    said = f"{result.message}; in commit {version.commit[:12]} by {version.author} on {version.date[:10]}, {where}"
    return result._replace(message=said, related=(*result.related, (f"commit {version.commit}", result.at)))
