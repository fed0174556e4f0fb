"""Runs the engine over the artifacts of a run and collects results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.core.artifact import Artifact
from scanner.core.context import Context
from scanner.core.result import Result, order
from scanner.scanners.secrets.engine import Engine, Hit
from scanner.scanners.secrets.findings import KEY, certainty, result
from scanner.scanners.secrets.rules import SecretRule, row_of, rows_below, rules_of


def results(context: Context) -> list[Result]:
    """Return all findings of the run, sorted."""
    engine = Engine(rules_in(context.pack))
    key = secret_key(context.options)
    low = context.profile == "audit"
    found: list[Result] = []
    for artifact in context.artifacts:
        found.extend(scan_artifact(engine, artifact, low=low, key=key))
    return sorted(found, key=order)


def rules_in(pack: object) -> list[SecretRule]:
    """Return the secrets rules of a compiled pack; without one, those of the rules folder beside the package."""
    compiled = getattr(pack, "secret_rules", None)
    if compiled is not None:
        return rules_of(row_of(rule.facts, rule.secret, rule.message) for rule in compiled())
    import os

    import scanner

    home = os.path.dirname(os.path.abspath(scanner.__file__))
    for folder in (os.path.join(home, "_rules"), os.path.join(os.path.dirname(home), "rules")):
        if os.path.isdir(folder):
            return rules_of(rows_below(os.path.join(folder, "secrets")))
    return []


def secret_key(options: dict[str, Any]) -> bytes:
    """Return the key of the identity hash: option `secret_key`, else the built-in one."""
    given = options.get("secret_key")
    return str(given).encode() if given else KEY


def scan_artifact(engine: Engine, artifact: Artifact, *, low: bool, key: bytes = KEY) -> Iterator[Result]:
    """Yield the findings in one artifact."""
    data, offsets_are_bytes = content(artifact)
    hits = engine.hits(data, artifact.path, low=low)
    if low:
        hits = merged(hits, engine.strings(data, artifact.path))
    for hit in hits:
        if not low and certainty(hit, artifact.path) == "low":
            continue
        secret = data[hit.start:hit.end]
        start, end = (hit.start, hit.end) if offsets_are_bytes else points(data, hit.start, hit.end)
        yield result(hit, artifact, artifact.span(start, end), secret, key=key)


def content(artifact: Artifact) -> tuple[bytes, bool]:
    """Return the bytes to scan, and whether their offsets equal code points of the artifact's text."""
    data = artifact.data
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = artifact.text.encode("utf-8", "replace")
    return data, data.isascii()


def points(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Return code point offsets for byte offsets."""
    first = len(data[:start].decode("utf-8", "replace"))
    return first, first + len(data[start:end].decode("utf-8", "replace"))


def merged(hits: list[Hit], more: list[Hit]) -> list[Hit]:
    """Return both lists in order, without those of the second that overlap one of the first."""
    kept = [hit for hit in more if not any(hit.start < other.end and other.start < hit.end for other in hits)]
    return sorted([*hits, *kept], key=lambda hit: hit.start)
