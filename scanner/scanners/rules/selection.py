"""Which rules run: profile, confidence, stage, and what the policy says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scanner.core.rule import PROFILES

if TYPE_CHECKING:
    from scanner.packs import CompiledRule


def selected(rules: list[CompiledRule], profile: str, options: Mapping[str, Any]) -> list[CompiledRule]:
    """Return the rules of a run in `profile`.

    Options of the run: `only` (ids; just these, whatever their profile), `rules_off` (ids), `rules_on` (ids that
    run although their profile would not). Rules of low confidence run in audit only.
    """
    only = options.get("only")
    if only:
        return [rule for rule in rules if rule.facts.rule in only and rule.mode != "secret"]
    disabled, enabled = options.get("rules_off") or (), options.get("rules_on") or ()
    return [
        rule for rule in rules
        if rule.mode != "secret" and rule.facts.rule not in disabled
        and (rule.facts.rule in enabled or _runs(rule, profile))
    ]


def _runs(rule: CompiledRule, profile: str) -> bool:
    facts = rule.facts
    if facts.confidence == "low" and profile != "audit":
        return False
    if facts.stage == "preview" and profile == "default":
        return False
    return PROFILES.index(facts.profile) <= PROFILES.index(profile)
