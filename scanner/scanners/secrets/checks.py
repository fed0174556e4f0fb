"""What a candidate must have besides its shape: randomness, checksums, no placeholder.

A check takes the token's text and answers True (proved), False (disproved) or None (says nothing).
A disproved token keeps its finding at low confidence: a typo in a checksum does not make a key harmless,
but it is most often an invented example.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from math import log2

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def entropy(text: str | bytes) -> float:
    """Return the Shannon entropy in bits a character of the text itself."""
    size = len(text)
    if size == 0:
        return 0.0
    counts: dict[object, int] = {}
    for character in text:
        counts[character] = counts.get(character, 0) + 1
    return -sum(count / size * log2(count / size) for count in counts.values())


def base62(number: int, width: int) -> str:
    """Return a number in base 62 (digits, upper case, lower case), padded with zeros on the left."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return digits.rjust(width, "0")


def crc32_base62(token: str) -> bool:
    """Tell whether the last six characters are the CRC-32 of the rest behind the first underscore (GitHub, npm)."""
    _, _, body = token.rpartition("_")
    payload, digest = body[:-6], body[-6:]
    return base62(zlib.crc32(payload.encode("latin-1")), 6) == digest


def aws_account(key_id: str) -> str | None:
    """Return the 12-digit account number inside an AWS access key id, or None for old ids that carry none.

    Ids made since 2019 hold it: characters 5 and following are base 32; bits 7 to 46 of the first six bytes
    are the number. Older ids (fifth character I or J) hold no number.
    """
    body = key_id[4:].upper()
    if len(body) != 16 or body[0] in "IJ":
        return None
    value = 0
    for character in body[:10]:
        position = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(character)
        if position < 0:
            return None
        value = value << 5 | position
    account = (value >> 2 & 0x7FFFFFFFFF80) >> 7
    return f"{account:012d}" if 0 < account < 10**12 else None


def _github(token: str) -> bool | None:
    return crc32_base62(token)


def _json_web_token(token: str) -> bool | None:
    """Prove a token whose header is a JSON object with an algorithm and whose payload is JSON."""
    from scanner.scanners.secrets.decoding import json_of

    parts = token.split(".")
    header = json_of(parts[0])
    payload = json_of(parts[1]) if len(parts) > 1 else None
    return isinstance(header, dict) and ("alg" in header or "typ" in header or "enc" in header) and payload is not None


def _aws_key_id(token: str) -> bool | None:
    return True if aws_account(token) else None


def _discord_bot(token: str) -> bool | None:
    """Prove a bot token whose first part is the base64 of a numeric user id."""
    from scanner.scanners.secrets.decoding import base64_bytes

    decoded = base64_bytes(token.split(".")[0])
    return True if decoded is not None and decoded.isdigit() else None


def _public_address(token: str) -> bool | None:
    """Prove a globally routable IPv4 address."""
    parts = [int(part) for part in token.split(".")]
    first, second = parts[0], parts[1]
    if first in (0, 10, 127) or first >= 224 or parts[:3] in ([192, 0, 2], [198, 51, 100], [203, 0, 113]):
        return False
    shared = {172: range(16, 32), 192: range(168, 169), 169: range(254, 255), 100: range(64, 128), 198: range(18, 20)}
    return second not in shared.get(first, ())


def _key_material(token: str) -> bool | None:
    """Prove a private key block that holds lines of base64, or that is cut off before its end mark."""
    body = token.split("-----", 2)[-1]
    end = body.find("-----END")
    inside = (body if end < 0 else body[:end]).replace("\\n", "\n").replace("\\r", "")
    material = "".join(line.strip().strip("\"'+,") for line in inside.splitlines() if ":" not in line)
    return len(material) >= 64 and len(set(material)) > 20


def _own_words(token: str) -> bool | None:
    """Disprove a value that stands for a password instead of being one."""
    from scanner.scanners.secrets.placeholders import placeholder

    return False if placeholder(token.rstrip(",);'\"")) else None


def _user_and_password(token: str) -> bool | None:
    """Disprove `user:password` where the password (or, without one, the user) stands for something else."""
    from scanner.scanners.secrets.placeholders import placeholder

    user, _, password = token.partition(":")
    secret = (password or user).strip("\"'")
    if secret.startswith("{") and secret.endswith("}") and any(c.isdigit() for c in secret):
        secret = secret[1:-1]
    return False if len(secret) < 3 or placeholder(secret) or user[:1] in ("$", "<") else None


def _basic_pair(token: str) -> bool | None:
    """Disprove base64 that does not hold `user:password`."""
    from scanner.scanners.secrets.decoding import base64_bytes

    decoded = base64_bytes(token)
    return decoded is not None and b":" in decoded and decoded.isascii()


CHECKS: dict[str, Callable[[str], bool | None]] = {
    "crc32-base62": _github,
    "json-web-token": _json_web_token,
    "aws-key-id": _aws_key_id,
    "discord-bot": _discord_bot,
    "public-address": _public_address,
    "key-material": _key_material,
    "own-words": _own_words,
    "user-and-password": _user_and_password,
    "basic-pair": _basic_pair,
}
"""Name in a rule's `checks` -> function over the token's text."""
