"""Looks inside base64: a blob that spells a telling word at any of the three alignments is decoded and scanned."""

from __future__ import annotations

import binascii

from scanner.scanners.secrets.decoding import LARGEST_BLOB, base64_bytes, printable

TELLING = (
    b"AKIA", b"ASIA", b"PRIVATE KEY", b"password", b"PASSWORD", b"Password", b"secret", b"SECRET", b"token", b"TOKEN",
    b"api_key", b"API_KEY", b"ghp_", b"glpat-", b"xoxb-", b"sk_live_", b"passwd",
)
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
SHORTEST = 28


def spellings(word: bytes) -> tuple[bytes, ...]:
    """Return how base64 spells a word at its three alignments, without the characters that depend on neighbours."""
    made = []
    for shift in range(3):
        text = binascii.b2a_base64(b"\0" * shift + word, newline=False)
        first = (shift * 8 + 5) // 6
        last = (shift + len(word)) * 8 // 6
        made.append(text[first:last])
    return tuple(made)


def literals() -> dict[bytes, bytes]:
    """Return lower-case literal -> exact spelling, for the engine's table."""
    return {spelling.lower(): spelling for word in TELLING for spelling in spellings(word) if len(spelling) >= 4}


def blob_around(data: bytes, start: int, end: int) -> tuple[int, int, bytes] | None:
    """Return (start, end, decoded) of the base64 around a spelling, when it decodes to readable text."""
    left = data[max(0, start - LARGEST_BLOB):start]
    first = start - len(left) + len(left.rstrip(_ALPHABET))
    right = data[end:end + LARGEST_BLOB]
    last = end + len(right) - len(right.lstrip(_ALPHABET))
    if last - first < SHORTEST:
        return None
    decoded = base64_bytes(data[first:last])
    while data[last:last + 1] == b"=" and last - first < LARGEST_BLOB * 2:
        last += 1
    if decoded is None or not printable(decoded):
        return None
    return first, last, decoded
