"""Rules as an index holds them; nothing here takes time to import, because every run does."""

from __future__ import annotations

from typing import Any, NamedTuple
from zlib import crc32

from scanner.core.rule import Rule

FORMAT = "leftgate-index/2"
BUCKETS = 64


def bucket_of(kind: str) -> int:
    """Return the number of the directory that lists a kind."""
    return crc32(kind.encode()) % BUCKETS


class CompiledRule(NamedTuple):
    """A rule as the index holds it: its facts, and what the engine evaluates.

    `mode` is require, forbid or secret; `condition` and `not_applicable_if` are trees of `grammar`; `parameters`
    maps names to default values; `by_default` is judge or accept; `secret` is the raw section of a secrets rule.
    """

    facts: Rule
    subjects: tuple[str, ...]
    mode: str
    condition: list[Any]
    not_applicable_if: list[Any]
    parameters: dict[str, Any]
    defaults: dict[str, Any]
    locate: tuple[str, ...] | None
    message: str
    by_default: str
    secret: dict[str, Any] | None
    file: str = ""


def plain_rule(rule: CompiledRule) -> list[Any]:
    """Return a compiled rule as data for JSON; the long texts stay in the rule file."""
    return [list(rule.facts), *rule[1:]]


def rule_from_plain(plain: list[Any]) -> CompiledRule:
    """Return the rule that `plain_rule` wrote."""
    facts = plain[0]
    rule = CompiledRule._make(plain)
    controls = {family: tuple(ids) for family, ids in facts[6].items()}
    return rule._replace(
        facts=Rule._make(facts)._replace(controls=controls, references=tuple(facts[9])),
        subjects=tuple(rule.subjects),
        locate=None if rule.locate is None else tuple(rule.locate),
    )
