"""The rule engine: compiled rules held against subjects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from scanner.core.context import Context
from scanner.core.result import Result
from scanner.core.subject import Subject
from scanner.scanners.rules.engine import Evaluator
from scanner.scanners.rules.selection import selected
from scanner.scanners.rules.view import WorldView

if TYPE_CHECKING:
    from scanner.packs import CompiledRule, Pack
    from scanner.scanners.rules.conditions import Judge

__all__ = ["Evaluator", "WorldView", "scan"]


def scan(context: Context) -> Iterator[Result]:
    """Yield the results of all rules of the run on all subjects.

    `context.options` may hold `only`, `rules_off` and `rules_on` (rule ids, see `selection`) and `parameters`
    ({rule: {name: value}}). With `all_results` False only findings and unknowns are yielded.
    """
    pack = cast("Pack", context.pack)
    parameters = cast("dict[str, dict[str, Any]]", context.options.get("parameters") or {})
    for fault in pack.faults():
        context.note("error", "rule-unusable", fault, None, "correct the rule file")
    view = WorldView(context.inventory, pack.identities(), context.today.isoformat())
    for kind in context.inventory.kinds():
        rules = selected(pack.rules_for(kind), context.profile, context.options)
        if not rules:
            continue
        subjects = context.inventory.of_kind(kind)
        shared: dict[str, Judge] = {}
        for rule in rules:
            evaluator = _evaluator(rule, kind, pack, parameters.get(rule.facts.rule), context, shared)
            if evaluator is None:
                continue
            for subject in subjects:
                result = _judged(evaluator, subject, view, context)
                if result is not None:
                    yield result


def _evaluator(
    rule: CompiledRule, kind: str, pack: Pack, parameters: dict[str, Any] | None, context: Context,
    shared: dict[str, Judge],
) -> Evaluator | None:
    try:
        return Evaluator(rule, kind, pack, parameters, shared)
    except (KeyError, ImportError, AttributeError) as error:
        context.note(
            "error", "rule-unusable", f"rule {rule.facts.rule} cannot run: {type(error).__name__}: {error}", None,
            "the predicate it names is missing",
        )
        return None


def _judged(evaluator: Evaluator, subject: Subject, view: WorldView, context: Context) -> Result | None:
    try:
        return evaluator.result(subject, view, context.profile, context.all_results)
    except Exception as error:  # one rule must not take the others down; the run becomes INCOMPLETE
        context.note(
            "error", "rule-crashed",
            f"rule {evaluator.rule.facts.rule} failed on {subject.address}: {type(error).__name__}: {error}",
            subject.at, "please report this rule and the file that shows it",
        )
        return None
