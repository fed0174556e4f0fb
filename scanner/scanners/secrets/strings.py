"""Random-looking values without a telling name: for profile audit, where a person asked to see everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.core.patterns import Pattern
from scanner.scanners.secrets.checks import entropy
from scanner.scanners.secrets.names import words_of
from scanner.scanners.secrets.placeholders import placeholder, word_set

if TYPE_CHECKING:
    from scanner.scanners.secrets.engine import Hit
    from scanner.scanners.secrets.rules import SecretRule

_CANDIDATE = Pattern(
    rb"""(?:([A-Za-z0-9_.\-]{0,40}+)["']?[ \t]{0,8}+[=:]+>?[ \t]{0,8}+)?(["']?)"""
    rb"""(?<![A-Za-z0-9+/_\-])([A-Za-z0-9+/_\-]{20,200}+={0,2})(?![A-Za-z0-9+/_\-=.])"""
)
_HEX = Pattern(rb"[0-9a-fA-F]+\Z")
_UUID = Pattern(rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_HARMLESS = word_set(
    """
    id ids uuid guid hash sha sha1 sha256 sha512 md5 digest checksum integrity commit rev revision etag version
    fingerprint image tag ref arn
    """
)


_ADDRESS = Pattern(rb"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w]|\.[0-9])")
_PART = Pattern(rb"(?:0|[1-9][0-9]{0,2})")


def public_addresses(rule: SecretRule, data: bytes) -> list[Hit]:
    """Return the public IPv4 addresses of a file."""
    from scanner.scanners.secrets.checks import CHECKS
    from scanner.scanners.secrets.engine import Hit

    found: list[Hit] = []
    for match in _ADDRESS.finditer(data):
        parts = match.group().split(b".")
        plausible = all(_PART.fullmatch(part) and int(part) < 256 for part in parts)
        if plausible and CHECKS["public-address"](match.group().decode("latin-1")):
            found.append(Hit(rule, match.start(), match.end(), "low", 0))
    return found


def random_strings(rule: SecretRule, data: bytes, path: str) -> list[Hit]:
    """Return the values whose entropy is that of random base64 (4.5 bits) or hexadecimal (3.0 bits)."""
    from scanner.scanners.secrets.engine import CONFIG, Hit

    config = CONFIG.search(path) is not None
    found: list[Hit] = []
    for match in _CANDIDATE.finditer(data):
        name, quote, value = match.groups()
        if not (quote or (config and name)) or _UUID.match(value):
            continue
        words = words_of((name or b"").decode("latin-1"))
        if words and words[-1] in _HARMLESS:
            continue
        bits = entropy(value)
        enough = bits > 3.0 and value.translate(None, b"0123456789") != b"" if _HEX.match(value) else bits > 4.5
        text = value.decode("latin-1")
        if enough and any(c.isdigit() for c in text) and not placeholder(text):
            found.append(Hit(rule, match.start(3), match.end(3), "low", 0, "", (name or b"").decode("latin-1")))
    return found
