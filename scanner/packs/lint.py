"""Checks rules beyond their grammar: paths, values, controls, predicates, examples, wording."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

from scanner.core import subject as subjects
from scanner.core.errors import UsageError
from scanner.packs.cache import CHECKOUT
from scanner.packs.examples import BESIDE, examples_of
from scanner.packs.load import table_at
from scanner.packs.property_paths import Schemas
from scanner.packs.schema import SECTIONS, RuleSource

LONGEST_LIST = 20
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_DATE = re.compile(r"\b20[0-9]{2}-[0-9]{2}-[0-9]{2}\b")
_POLICY_VERSIONS = frozenset(("2012-10-17", "2008-10-17"))
_DIALECTS = re.compile(r"\b(CloudFormation template|Terraform|HCL|OpenTofu|SAM template)\b", re.I)
_KNOWN_FIELDS = ("address", "kind", "value", "why")
_WORD_KINDS = {
    name: cls.fields for name, cls in vars(subjects).items()
    if isinstance(cls, type) and issubclass(cls, subjects.Subject) and cls.fields
}


class Linter:
    """Holds what rules are checked against; `notes` say what could not be checked."""

    def __init__(self, known: dict[str, Any] | None = None, schemas: Schemas | None = None) -> None:
        """Take the known control ids and the schemas; both are looked up when left out."""
        from scanner.plugins import PREDICATES

        self.notes: list[str] = []
        self._predicates = frozenset(PREDICATES)
        self._schemas = schemas or Schemas.found()
        if self._schemas is None:
            self.notes.append("property paths are not checked: cfn-lint is not installed")
        self._beyond = table_at(CHECKOUT, "beyond-cloudformation.yaml")
        self._known = known if known is not None else self._known_controls()

    def _known_controls(self) -> dict[str, Any]:
        path = os.path.join(os.path.dirname(CHECKOUT), "tools", "known_controls.json")
        try:
            with open(path, encoding="utf-8") as file:
                known: dict[str, Any] = json.load(file)
                return known
        except (OSError, ValueError):
            self.notes.append("control ids are not checked: tools/known_controls.json is not there")
            return {"controls": {}, "config-parameters": {}, "open-families": []}

    def problems(self, source: RuleSource) -> list[str]:
        """Return what is wrong with a rule: one line each, with file and line."""
        found: list[str] = []
        for check in (
            self._conditions, self._controls, self._parameters, self._wording, self._order, self._examples,
        ):
            for section, text in check(source):
                line = source.document.line(source.body, section)
                found.append(f"{source.document.path}:{line}: {source.facts.rule}: {text}")
        return found

    def _conditions(self, source: RuleSource) -> Iterator[tuple[str | None, str]]:
        """Check the conditions for each subject; one that suits a subject is enough where a rule has several."""
        by_kind = [
            {(section, text.replace(kind, "").split(";")[0]): text
             for section, text in self._conditions_of(kind, source)}
            for kind in source.compiled.subjects
        ]
        for key, text in (by_kind[0] if by_kind else {}).items():
            if all(key in other for other in by_kind):
                yield key[0], text

    def _conditions_of(self, kind: str, source: RuleSource) -> Iterator[tuple[str | None, str]]:
        compiled = source.compiled
        for path in source.compiled.defaults:
            yield from self._path(kind, path.replace("[]", ".[]").split("."), "defaults")
        if compiled.locate:
            yield from self._path(kind, list(compiled.locate), "locate")
        if compiled.condition:
            yield from self._tree(kind, [], compiled.condition, compiled.mode)
        if compiled.not_applicable_if:
            yield from self._tree(kind, [], compiled.not_applicable_if, "not_applicable_if")

    def _tree(self, kind: str, prefix: list[str], tree: list[Any], section: str) -> Iterator[tuple[str, str]]:
        word = tree[0]
        if word in ("all", "any", "none"):
            for part in tree[1]:
                yield from self._tree(kind, prefix, part, section)
        elif word in ("not", "if"):
            for part in tree[1:]:
                yield from self._tree(kind, prefix, part, section)
        elif word == "predicate":
            if tree[1] not in self._predicates:
                yield section, f"unknown predicate {tree[1]!r}; known: {', '.join(sorted(self._predicates))}"
        elif word == "related":
            yield from self._related(kind, prefix, tree[1], section)
        elif word == "at":
            path = [*prefix, *tree[1]]
            problems = list(self._path(kind, path, section))
            yield from problems
            if not problems:
                yield from self._test(kind, path, tree[2], section)

    def _related(self, kind: str, prefix: list[str], about: dict[str, Any], section: str) -> Iterator[tuple[str, str]]:
        for path in about.get("by", ()):
            if about["way"] == "from":
                for other in about["kinds"]:
                    yield from self._path(other, path, section, crossing=True)
            else:
                yield from self._path(kind, [*prefix, *path], section, crossing=True)
        for other in about.get("kinds", ()):
            if "where" in about:
                yield from self._tree(other, [], about["where"], section)

    def _test(self, kind: str, path: list[str], tree: list[Any], section: str) -> Iterator[tuple[str, str]]:
        word = tree[0]
        if word in ("any_of", "all_of"):
            for part in tree[1]:
                yield from self._test(kind, path, part, section)
        elif word == "not":
            yield from self._test(kind, path, tree[1], section)
        elif word in ("each", "some", "no"):
            yield from self._tree(kind, [*path, "[]"], tree[1], section)
        elif word in ("equals", "not_equals", "in", "not_in", "contains", "contains_any", "contains_all"):
            yield from self._operand(kind, path, tree, section)

    def _operand(self, kind: str, path: list[str], tree: list[Any], section: str) -> Iterator[tuple[str, str]]:
        operands = tree[1] if isinstance(tree[1], list) else [tree[1]]
        if len(operands) > LONGEST_LIST:
            yield section, f"a list of {len(operands)} values: lists that age belong in scanner/facts"
        for operand in operands:
            if isinstance(operand, str) and _DATE.search(operand) and operand not in _POLICY_VERSIONS:
                yield section, f"the date {operand}: dates belong in scanner/facts"
        if self._schemas is None or not kind.startswith("AWS::"):
            return
        where = [*path, "[]"] if tree[0].startswith("contains") else path
        allowed = self._schemas.enum_at(kind, where)
        if allowed is None:
            return
        texts = [operand for operand in operands if isinstance(operand, str)]
        known = {*map(str, allowed), *(entry.rpartition("=")[2] for entry in self._beyond.get(kind, ())
                                       if entry.rpartition("=")[0] == ".".join(path))}
        wrong = [operand for operand in texts if operand not in known]
        if len(wrong) == len(texts):  # a list with some right values may know more than the schema does
            for operand in wrong:
                told = ", ".join(map(str, allowed[:12]))
                yield section, f"{operand!r} is no value of {kind} {'.'.join(path)}; it is one of {told}"

    def _path(
        self, kind: str, path: list[str], section: str, *, crossing: bool = False
    ) -> Iterator[tuple[str, str]]:
        if kind in _WORD_KINDS:
            if path and path[0] not in _WORD_KINDS[kind]:
                yield section, f"{kind} has no field {path[0]}; it has {', '.join(sorted(_WORD_KINDS[kind]))}"
            return
        if self._schemas is None or not kind.startswith("AWS::"):
            return
        if any(".".join(path[: size + 1]) in self._beyond.get(kind, ()) for size in range(len(path))):
            return
        found = self._schemas.at(kind, path)
        if isinstance(found, str) and crossing:
            found = self._crossed(kind, path)
        if isinstance(found, str):
            yield section, found

    def _crossed(self, kind: str, path: list[str]) -> list[dict[str, Any]] | str:
        """Return the schemas of a path that may step through lists silently, as `by` and `to` do."""
        assert self._schemas is not None
        done: list[str] = []
        found: list[dict[str, Any]] | str = []
        for name in path:
            found = self._schemas.at(kind, [*done, name])
            if isinstance(found, str):
                done.append("[]")
                found = self._schemas.at(kind, [*done, name])
                if isinstance(found, str):
                    return found
            done.append(name)
        return found

    def _controls(self, source: RuleSource) -> Iterator[tuple[str | None, str]]:
        known: dict[str, list[str]] = self._known["controls"]
        for family, ids in source.facts.controls.items():
            if known and family not in known and family not in self._known["open-families"]:
                told = ", ".join([*known, *self._known["open-families"]])
                yield "controls", f"unknown control family {family!r}; known: {told}"
            for identifier in ids:
                if family in known and identifier not in known[family]:
                    yield "controls", f"{family} has no control {identifier!r}"

    def _parameters(self, source: RuleSource) -> Iterator[tuple[str | None, str]]:
        names: dict[str, list[str]] = self._known["config-parameters"]
        controls = source.facts.controls.get("aws-config", ())
        allowed = {name for control in controls for name in names.get(control, ())}
        for name, about in (source.body.get("parameters") or {}).items():
            wanted = about.get("config")
            if wanted and names and wanted not in allowed:
                told = ", ".join(sorted(allowed)) or "none"
                yield "parameters", f"{name}: AWS Config's rules in `controls` have no parameter {wanted!r}, but {told}"

    def _wording(self, source: RuleSource) -> Iterator[tuple[str | None, str]]:
        for section in () if source.facts.category == "secrets" else ("title", "message"):
            text = str(source.body.get(section, ""))
            match = _DIALECTS.search(text)
            if match and not any(match[0] in kind for kind in source.compiled.subjects):
                yield section, f"names a dialect ({match[0]}): rules speak of resources"
        if source.facts.title.endswith(".") or re.match(r"(ensure|check)\b", source.facts.title, re.I):
            yield "title", "a title names the fault, without a full stop: `RDS instance stores its data unencrypted`"
        for name in _PLACEHOLDER.findall(source.compiled.message):
            if name not in (*_KNOWN_FIELDS, *source.compiled.parameters) and not name.startswith("."):
                known = ", ".join(_KNOWN_FIELDS)
                yield "message", f"unknown placeholder {{{name}}}; known: {known}, parameters, {{.Path}}"
            if name == "value" and source.facts.category == "secrets":
                yield "message", "{value} would show the secret"

    def _order(self, source: RuleSource) -> Iterator[tuple[str | None, str]]:
        ranks = [SECTIONS.index(name) for name in source.body]
        if ranks != sorted(ranks):
            yield None, "sections are out of order: " + ", ".join(name for name in SECTIONS if name in source.body)

    def _examples(self, source: RuleSource) -> Iterator[tuple[str | None, str]]:
        try:
            examples = list(examples_of(source))
        except UsageError as error:
            yield "examples", str(error)
            return
        verdicts = {example.verdict for example in examples}
        for verdict in ("non_compliant", "compliant"):
            if verdict not in verdicts and not source.body.get("partly_decidable"):
                yield "examples", f"no {verdict} example"
        for example in examples:
            if example.verdict == "non_compliant" and not example.places:
                yield "examples", f"example {example.name} (line {example.line}) has no `# finding` mark"
        resources = any(kind.startswith("AWS::") for kind in source.compiled.subjects)
        if source.facts.category == "pipeline" or not resources:
            return
        spoken = {
            key for cases in source.examples.values() for case in cases for key in case if key not in BESIDE
        }
        if len(spoken) < 2 and not source.body.get("dialects"):
            told = ", ".join(sorted(spoken))
            yield "examples", f"examples in one dialect only ({told}): add another, or `dialects` with a `reason`"
        if source.body.get("dialects") and not source.body.get("reason"):
            yield "dialects", "`dialects` needs a `reason`"
