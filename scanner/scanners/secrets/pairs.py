"""Joins an AWS access key id with its secret: two halves that stand together are one finding of high confidence."""

from __future__ import annotations

from scanner.core.patterns import Pattern
from scanner.scanners.secrets.checks import aws_account, entropy
from scanner.scanners.secrets.engine import Engine, Hit, best
from scanner.scanners.secrets.placeholders import marked, repetitive

ID_RULE, SECRET_RULE, PAIR_RULE = "aws-access-key-id", "aws-secret-access-key", "aws-credential-pair"
REACH = 400
"""How many bytes may stand between the two halves."""

_SECRET = Pattern(rb"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")


def paired(engine: Engine, hits: list[Hit], data: bytes) -> list[Hit]:
    """Return the hits with each key id and its secret made one; ids say which account they belong to."""
    if not any(hit.rule.rule == ID_RULE for hit in hits):
        return hits
    rule = engine.by_name.get(PAIR_RULE)
    made: list[Hit] = []
    gone: set[Hit] = set()
    for hit in hits:
        if hit.rule.rule != ID_RULE or hit.confidence == "low":
            continue
        account = aws_account(data[hit.start:hit.end].decode("latin-1"))
        note = f"of account {account}" if account else ""
        half = _secret_near(hit, hits, data, gone)
        if half is None or rule is None:
            if note:
                gone.add(hit)
                made.append(hit._replace(note=note))
            continue
        gone.update((hit, half))
        beside = (hit.start, hit.end)
        made.append(Hit(rule, half.start, half.end, rule.confidence, 4, note, half.name, beside=beside))
    return best([*(hit for hit in hits if hit not in gone), *made])


def _secret_near(found: Hit, hits: list[Hit], data: bytes, gone: set[Hit]) -> Hit | None:
    """Return the hit of the secret that belongs to a key id: a named one, or a bare random one of 40 characters."""
    def distance(start: int, end: int) -> int:
        return start - found.end if start >= found.end else found.start - end

    near = [
        hit for hit in hits
        if hit.rule.rule == SECRET_RULE and hit not in gone and hit.confidence != "low"
        and distance(hit.start, hit.end) <= REACH
    ]
    if near:
        return min(near, key=lambda hit: (hit.start < found.start, distance(hit.start, hit.end)))
    window_start = max(0, found.start - REACH)
    bare: list[Hit] = []
    for match in _SECRET.finditer(data, window_start, min(len(data), found.end + REACH)):
        text = match.group().decode("latin-1")
        telling = any(c.isdigit() for c in text) and any(c.isupper() for c in text) and any(c.islower() for c in text)
        if telling and entropy(text) >= 4.2 and not marked(text) and not repetitive(text):
            bare.append(Hit(found.rule, match.start(), match.end(), "high", 4))
    if not bare:
        return None
    return min(bare, key=lambda hit: (hit.start < found.start, distance(hit.start, hit.end)))
