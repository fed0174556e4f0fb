"""Credentials that public documentation and sample projects print: known to everyone, no secret of anyone.

Kept as keyed hashes, so that no file of ours holds a token. Sources: the Firebase and Google Maps samples, the NuGet
documentation. As of 2026-11-21.
"""

from __future__ import annotations

KEY = b"leftgate/known-example"
SPELLED = frozenset(("AIza", "33f!", "hal+"))
"""How the known examples begin: the hash is only made for these."""
HASHES = frozenset((
    "1d41255a1d011d79", "524b8f1427896952", "52b9e80652a88bb3", "56083f5d07a8c2d6", "69381d2e37b5ca17",
    "71020aabb08d8b4a", "88cbe19d6c5c73f4", "8e8ba413c1196ffb", "9bddf26a705bbd9b", "a235c39c36535948",
    "ac4370f4ad471f1f", "acaa8ef68032948f", "b008dcdd14067333", "b79674e01f2d938f", "d9dbe28570af490b",
    "dcce23f46de39988", "e03647d04563ec57", "fa672747bc877d0a",
))


def known_example(text: str) -> bool:
    """Tell whether a token is one that documentation prints."""
    from hashlib import blake2b

    return blake2b(text.encode(), key=KEY, digest_size=8).hexdigest() in HASHES
