"""Turns hits into results that never hold the secret: message, keyed hash, exact location."""

from __future__ import annotations

from scanner.core.location import Location
from scanner.core.result import NON_COMPLIANT, Result
from scanner.core.rule import lowered
from scanner.scanners.secrets.engine import TESTS, Hit

KEY = b"leftgate/secret-identity/1"
"""The key of the identity hash: one for all runs, so that fingerprints agree between machines."""


def identity(secret: bytes) -> str:
    """Return the keyed hash that stands for a secret in fingerprints: BLAKE2b, 64 bits, hexadecimal."""
    from hashlib import blake2b

    return blake2b(secret, key=KEY, digest_size=8).hexdigest()


def less(confidence: str) -> str:
    """Return the confidence one step lower; low stays."""
    return {"high": "medium", "medium": "low"}.get(confidence, "low")


def certainty(hit: Hit, path: str) -> str:
    """Return the confidence of a hit in this file: one step lower in test and example folders."""
    return less(hit.confidence) if TESTS.search(path) else hit.confidence


def message(hit: Hit, secret: bytes) -> str:
    """Return the sentence of a finding: what it is, how long, which public prefix, never the secret."""
    rule = hit.rule
    prefix = ""
    for anchor in rule.anchors:
        if len(anchor) >= 3 and secret[:len(anchor)].lower() == anchor.encode() and len(secret) >= 12:
            prefix = f" {secret[:min(4, len(anchor))].decode('latin-1')}..."
            break
    said = f"{rule.title}:{prefix} {len(secret)} characters"
    if hit.name and hit.rank <= 2:
        said += f", assigned to {_shown(hit.name)}"
    return f"{said} ({hit.note})" if hit.note else said


def _shown(name: str) -> str:
    """Return a variable's name for a message, without anything that is not a name."""
    return "".join(character for character in name if character.isalnum() or character in "_.-$")[:60]


def result(hit: Hit, path: str, at: Location, secret: bytes) -> Result:
    """Return the result for a hit at a location."""
    rule = hit.rule
    confidence = certainty(hit, path)
    severity = rule.severity
    if hit.note and confidence == "low" and severity != "info":
        severity = lowered(severity)
    return Result(
        rule=rule.rule, category="secrets", compliance=NON_COMPLIANT, severity=severity, confidence=confidence,
        message=message(hit, secret), address=path, at=at, controls=rule.controls,
        subject=identity(secret), scanner="secrets",
    )
