"""Undoes one level of encoding: UTF-16, base64, JSON inside base64, with places that lead back."""

from __future__ import annotations

import binascii

LARGEST_BLOB = 64 * 1024


def base64_bytes(text: str | bytes) -> bytes | None:
    """Return the bytes of base64 or base64url text with or without padding; None when it is none."""
    raw = text.encode("latin-1", "replace") if isinstance(text, str) else text
    raw = raw.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    if len(raw) % 4 == 1:
        return None
    try:
        return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4), strict_mode=True)
    except binascii.Error:
        return None


def json_of(text: str) -> object | None:
    """Return the JSON value inside base64 text; None when it holds none."""
    import json

    decoded = base64_bytes(text)
    if decoded is None:
        return None
    try:
        found: object = json.loads(decoded)
    except (ValueError, RecursionError):
        return None
    return found


def printable(data: bytes) -> bool:
    """Tell whether decoded bytes read as text: almost all printable ASCII or valid UTF-8, no control characters."""
    if not data or data.translate(None, b"\t\n\r") != data.translate(None, b"\t\n\r" + bytes(range(32)) + b"\x7f"):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
