"""Identity of findings: what stays the same when lines move, and tells two findings apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable

try:
    from _blake2 import blake2b  # hashlib's own function, without the 5 ms that loading OpenSSL takes
except ImportError:
    from hashlib import blake2b

from scanner.core.location import Location, line_starts
from scanner.core.result import Result

CONTEXT_CHARACTERS = 400
SECRET_BITS_SHOWN = 12


def fingerprinted(
    results: Iterable[Result], source: Callable[[str], str | None], prefix: str = "",
) -> list[Result]:
    """Return the results, in their order, with fingerprints: 32 hexadecimal digits.

    The key is made of rule, path from the top of the repository (`prefix` leads from there to the scanned root),
    address, environment, the text at the location with blanks collapsed, and a count that tells equal ones apart. Line
    numbers and dates are not part of it. A secret's own text enters through 12 bits of a hash only: enough to notice
    that another secret took its place, too little to find out the secret by trying.
    """
    texts: dict[str, tuple[str, list[int]]] = {}
    counts: dict[str, int] = {}
    made = []
    for result in results:
        path = prefix + result.at.path
        context = _context(result, source, texts)
        address = address_from_top(result, prefix)
        key = "\0".join((result.rule, path, address, result.environment, result.compliance, context))
        count = counts[key] = counts.get(key, 0) + 1
        digest = blake2b(f"{key}\0{count}".encode("utf-8", "surrogatepass"), digest_size=16)
        made.append(result._replace(fingerprint=digest.hexdigest()))
    return made


def address_from_top(result: Result, prefix: str) -> str:
    """Return the address; one that is, or starts with, the file's path counts from the top of the repository."""
    return prefix + result.address if result.address.startswith(result.at.path) else result.address


def _context(result: Result, source: Callable[[str], str | None], texts: dict[str, tuple[str, list[int]]]) -> str:
    """Return the normalised text at the result's location."""
    found = text_at(result.at, source, texts)
    if result.category != "secrets":
        return " ".join(found.split())[:CONTEXT_CHARACTERS]
    key = f"{result.rule}\0{result.at.path}".encode("utf-8", "surrogatepass")[:64]
    digest = blake2b(found.encode("utf-8", "surrogatepass"), key=key, digest_size=8).digest()
    return f"{int.from_bytes(digest, 'big') >> (64 - SECRET_BITS_SHOWN):03x}"


def text_at(
    at: Location, source: Callable[[str], str | None], texts: dict[str, tuple[str, list[int]]],
) -> str:
    """Return the characters of a location, empty when the file is not at hand; `texts` keeps what was read."""
    known = texts.get(at.path)
    if known is None:
        text = source(at.path) or ""
        known = texts[at.path] = (text, line_starts(text))
    text, starts = known
    if not 1 <= at.start_line <= len(starts):
        return ""
    begin = starts[at.start_line - 1] + at.start_column - 1
    end_line = min(max(at.end_line, at.start_line), len(starts))
    end = starts[end_line - 1] + at.end_column - 1 if at.end_line == end_line else len(text)
    return text[begin:max(begin, end)]
