"""What a rule file may say: sections, their types, and the compiled form that the engine reads."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from scanner.core.rule import CATEGORIES, CONFIDENCES, PROFILES, SEVERITIES, Rule
from scanner.packs.compiled import CompiledRule
from scanner.packs.grammar import Grammar, path_of
from scanner.packs.reading import Document

SECTIONS = (
    "rule", "title", "category", "severity", "confidence", "profile", "stage", "controls", "rationale", "remediation",
    "references", "limitations", "dialects", "reason", "subject", "parameters", "defaults", "not_applicable_if",
    "require", "forbid", "secret", "by_default", "locate", "partly_decidable", "message", "examples",
)
REQUIRED = ("rule", "title", "category", "severity", "confidence", "rationale", "remediation", "subject")
TEXTS = ("rule", "title", "rationale", "remediation", "limitations", "reason", "partly_decidable", "locate", "message")
SCALES = {
    "category": CATEGORIES, "severity": SEVERITIES, "confidence": CONFIDENCES, "profile": PROFILES,
    "stage": ("stable", "preview", "deprecated"),
}
PARAMETER_TYPES = ("integer", "number", "string", "boolean", "list")
RULE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


class RuleSource(NamedTuple):
    """A rule as its file states it: the compiled form, and what only people, tests and docs read."""

    compiled: CompiledRule
    facts: Rule
    body: dict[str, Any]
    document: Document
    examples: dict[str, list[dict[str, Any]]]


def rule_from(body: dict[str, Any], document: Document) -> RuleSource:
    """Check the sections of one rule and return it; raises UsageError with file, line, expected and found."""
    _check_sections(body, document)
    parameters = _parameters(body, document)
    grammar = Grammar(document, frozenset(parameters))
    mode, condition = _verdict(body, document, grammar)
    not_applicable: list[Any] = []
    if "not_applicable_if" in body:
        not_applicable = grammar.condition(body["not_applicable_if"], body, "not_applicable_if")
    facts = Rule(
        rule=body["rule"], title=body["title"], category=body["category"], severity=body["severity"],
        confidence=body["confidence"], profile=body.get("profile", "default"), controls=_controls(body, document),
        rationale=body["rationale"].strip(), remediation=body["remediation"].strip(),
        references=tuple(_strings(body, document, "references")), limitations=body.get("limitations", "").strip(),
        stage=body.get("stage", "stable"),
    )
    short = facts._replace(rationale="", remediation="", references=(), limitations="")
    compiled = CompiledRule(
        facts=short, subjects=tuple(_strings(body, document, "subject")), mode=mode, condition=condition,
        not_applicable_if=not_applicable, parameters=parameters, defaults=_mapping(body, document, "defaults"),
        locate=_locate(body, document), message=body.get("message", "").strip(),
        by_default=body.get("by_default", "accept" if "forbid" in body else "judge"), secret=body.get("secret"),
        file=document.path,
    )
    return RuleSource(compiled, facts, body, document, _examples(body, document))


def _check_sections(body: dict[str, Any], document: Document) -> None:
    for name in body:
        if name not in SECTIONS:
            raise document.fault(body, name, "a section of a rule, one of " + ", ".join(SECTIONS), name)
    for name in REQUIRED:
        if body.get(name) is None:
            raise document.fault(body, None, f"the section `{name}`", sorted(body))
    _check_texts(body, document)
    for name, scale in SCALES.items():
        if name in body and body[name] not in scale:
            raise document.fault(body, name, "one of " + ", ".join(scale), body[name])
    if not RULE_ID.match(body["rule"]):
        raise document.fault(body, "rule", "an id in kebab-case", body["rule"])
    if body.get("by_default", "judge") not in ("judge", "accept"):
        raise document.fault(body, "by_default", "accept", body["by_default"])


def _check_texts(body: dict[str, Any], document: Document) -> None:
    for name in TEXTS:
        if name in body and not isinstance(body[name], str):
            raise document.fault(body, name, "text", body[name])


def _verdict(body: dict[str, Any], document: Document, grammar: Grammar) -> tuple[str, list[Any]]:
    modes = [mode for mode in ("require", "forbid", "secret") if mode in body]
    if len(modes) != 1:
        raise document.fault(body, None, "exactly one of the sections require, forbid, secret", modes)
    if modes[0] == "secret":
        if not isinstance(body["secret"], dict):
            raise document.fault(body, "secret", "a mapping", body["secret"])
        return "secret", []
    if not body.get("message"):
        raise document.fault(body, None, "the section `message`", sorted(body))
    return modes[0], grammar.condition(body[modes[0]], body, modes[0])


def _parameters(body: dict[str, Any], document: Document) -> dict[str, Any]:
    made: dict[str, Any] = {}
    declared = _mapping(body, document, "parameters")
    for name, about in declared.items():
        if not isinstance(about, dict) or "default" not in about or about.get("type") not in PARAMETER_TYPES:
            types = "|".join(PARAMETER_TYPES)
            raise document.fault(declared, name, f"{{type: {types}, default: value, config: name}}", about)
        extra = set(about) - {"type", "default", "config", "meaning"}
        if extra:
            raise document.fault(about, min(extra), "type, default, config or meaning", min(extra))
        if not value_fits(about["type"], about["default"]):
            raise document.fault(about, "default", f"a default of type {about['type']}", about["default"])
        made[name] = about["default"]
    return made


def value_fits(kind: str, value: object) -> bool:
    """Tell whether a parameter value has the declared type; None is allowed: it means not set."""
    if value is None:
        return True
    if kind == "boolean" or isinstance(value, bool):
        return kind == "boolean" and isinstance(value, bool)
    types: dict[str, tuple[type, ...]] = {
        "integer": (int,), "number": (int, float), "string": (str,), "list": (list,),
    }
    return isinstance(value, types[kind])


def _mapping(body: dict[str, Any], document: Document, name: str) -> dict[str, Any]:
    found = body.get(name) or {}
    if not isinstance(found, dict):
        raise document.fault(body, name, "a mapping", found)
    return found


def _strings(body: dict[str, Any], document: Document, name: str) -> list[str]:
    found = body.get(name) or []
    texts = [found] if isinstance(found, str) else found
    if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
        raise document.fault(body, name, "a text or a list of texts", found)
    return texts


def _controls(body: dict[str, Any], document: Document) -> dict[str, tuple[str, ...]]:
    controls = _mapping(body, document, "controls")
    for family, ids in controls.items():
        if ids is None:
            raise document.fault(controls, family, "ids of controls (quote a family's column: \"{column}\")", ids)
    return {family: tuple(_strings(controls, document, family)) for family in controls}


def _locate(body: dict[str, Any], document: Document) -> tuple[str, ...] | None:
    if "locate" not in body:
        return None
    path = path_of(body["locate"])
    if path is None:
        raise document.fault(body, "locate", "a dotted path", body["locate"])
    return tuple(path)


def _examples(body: dict[str, Any], document: Document) -> dict[str, list[dict[str, Any]]]:
    examples = _mapping(body, document, "examples")
    for verdict, cases in examples.items():
        if verdict not in ("non_compliant", "compliant", "insufficient_data", "not_applicable"):
            raise document.fault(
                examples, verdict, "non_compliant, compliant, insufficient_data or not_applicable", verdict
            )
        if not isinstance(cases, list):
            raise document.fault(examples, verdict, "a list of examples", cases)
        for index, case in enumerate(cases):
            if not isinstance(case, dict) or not case:
                raise document.fault(cases, index, "an example keyed by its dialect", case)
    return examples
