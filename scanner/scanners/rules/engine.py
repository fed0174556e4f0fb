"""Judges one rule on one subject in every consistent world, and turns the answers into a result."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from scanner.core.errors import UsageError
from scanner.core.location import Location
from scanner.core.projection import Undecided
from scanner.core.result import COMPLIANT, INSUFFICIENT_DATA, NON_COMPLIANT, NOT_APPLICABLE, Result
from scanner.core.rule import lowered
from scanner.core.subject import Subject
from scanner.core.value import Scalar, Unknown, Value
from scanner.core.view import Answer
from scanner.core.world import Guard, World
from scanner.plugins import PREDICATES, resolve
from scanner.scanners.rules.conditions import Judge, Scope, compile_condition, parents_of
from scanner.scanners.rules.view import EMPTY_WORLD, WorldView, place_of

if TYPE_CHECKING:
    from scanner.packs import CompiledRule, Pack

WORLD_LIMIT = 64
LONGEST_VALUE = 80
LONGEST_SENTENCE = 400
"""What a format fault says in a sentence of ours: a limit for hostile documents, not for people."""
_FIELD = re.compile(r"\{([.A-Za-z_][A-Za-z0-9_.-]*)\}")


_TYPE_WORDS: dict[type, str] = {
    int: "a number", float: "a number", str: "text", bool: "true or false", list: "a list", dict: "a mapping",
}


class Leaf(NamedTuple):
    """The verdict in one world, with its evidence."""

    verdict: str
    world: World
    answer: Answer


class Evaluator:
    """One rule, ready for the subjects of one kind."""

    __slots__ = ("_applies", "_condition", "_kind", "_parameters", "_wanted", "rule")

    def __init__(
        self, rule: CompiledRule, kind: str, pack: Pack, parameters: Mapping[str, Any] | None = None,
        shared: dict[str, Judge] | None = None,
    ) -> None:
        """Compile the conditions; `parameters` override the rule's defaults. Raises KeyError, ImportError or
        AttributeError for a predicate that does not exist, and UsageError for a parameter of another type.

        `shared` is filled and read by the evaluators of one kind in one run: rules that exempt the same subjects in
        the same words ask once for all of them."""
        self.rule = rule
        self._kind = kind
        self._parameters = {**rule.parameters, **_fitting(rule, parameters or {})}
        defaults = {**pack.defaults_for(kind), **rule.defaults}
        scope = Scope(self._parameters, defaults, pack.defaults_for, predicate_named)
        self._condition = compile_condition(rule.condition, scope)
        self._wanted = rule.mode == "require"
        self._applies: Judge | None = None
        if rule.not_applicable_if:
            words = repr(rule.not_applicable_if)
            if shared is None or rule.defaults or "'parameter'" in words:
                self._applies = compile_condition(rule.not_applicable_if, scope)
            else:
                self._applies = shared.get(words) or _remembering(compile_condition(rule.not_applicable_if, scope))
                shared[words] = self._applies

    def leaf(self, subject: Subject, view: WorldView) -> Leaf:
        """Return the verdict in the view's world; raises Undecided when the world leaves something open."""
        excused: bool | None = False
        if self._applies is not None:
            answer = self._applies(subject, view)
            if answer.holds:
                return Leaf(NOT_APPLICABLE, view.world, answer)
            excused = answer.holds
            doubt = answer
        answer = self._condition(subject, view)
        if answer.holds is self._wanted:
            return Leaf(COMPLIANT, view.world, answer)
        if answer.at is None:  # nothing pointed at without being asked to: judge again, with places
            view.explains = True
            try:
                answer = self._condition(subject, view)
            finally:
                view.explains = False
        if answer.holds is None:
            return Leaf(INSUFFICIENT_DATA, view.world, answer)
        if excused is None:
            return Leaf(INSUFFICIENT_DATA, view.world, doubt)
        return Leaf(NON_COMPLIANT, view.world, answer)

    def leaves(self, subject: Subject, view: WorldView) -> tuple[list[Leaf], bool]:
        """Return the verdicts in all worlds in which the subject exists, and whether the limit cut them short."""
        first = EMPTY_WORLD.assume_all(subject.when) if subject.when else EMPTY_WORLD
        stack = [] if first is None else [first]
        leaves: list[Leaf] = []
        view.subject = subject
        while stack:
            if len(leaves) >= WORLD_LIMIT:
                return leaves, True
            world = view.world = stack.pop()
            try:
                if view.stated(subject):
                    leaves.append(self.leaf(subject, view))
            except Undecided as open_question:
                for holds in (False, True):
                    assumed = world.assume(open_question.question, holds)
                    if assumed is not None:
                        stack.append(assumed)
        return leaves, False

    def result(self, subject: Subject, view: WorldView, profile: str, wanted: bool = True) -> Result | None:
        """Return the result for a subject; None when it exists in no world, or is not `wanted` and harmless.

        `wanted` False asks only for findings and unknowns.
        """
        leaves, cut = self.leaves(subject, view)
        if not leaves:
            return None
        chosen = leaves[0] if len(leaves) == 1 and not cut else _deciding(leaves, cut)
        verdict = chosen.verdict
        if verdict == COMPLIANT:
            hanging = next((leaf for leaf in leaves if leaf.verdict == COMPLIANT and leaf.answer.by_default), None)
            if hanging is not None and profile != "default" and self.rule.by_default != "accept":
                return self._made(subject, view, hanging, leaves, on_default=True)
        if not wanted and verdict in (COMPLIANT, NOT_APPLICABLE):
            return None
        return self._made(subject, view, chosen, leaves, on_default=False)

    def _made(self, subject: Subject, view: WorldView, leaf: Leaf, leaves: list[Leaf], *, on_default: bool) -> Result:
        facts = self.rule.facts
        answer = leaf.answer
        verdict = NON_COMPLIANT if on_default else leaf.verdict
        view.world = leaf.world
        at = self._place(subject, view, answer)
        message = self._message(subject, view, leaf, leaves)
        if on_default:
            message = f"{subject.address} relies on the service default; without it: {facts.title}"
        related = answer.related + subject.related
        if at != subject.at and verdict == NON_COMPLIANT:
            related += ((f"{subject.kind} {subject.address}", subject.at),)
        return Result(
            rule=facts.rule, category=facts.category, compliance=verdict,
            severity=lowered(facts.severity) if on_default else facts.severity, confidence=facts.confidence,
            message=message, address=subject.address, at=at, related=related, controls=facts.controls,
            path=answer.path, environment=subject.environment, by_default=answer.by_default, subject=subject.kind,
        )

    def _place(self, subject: Subject, view: WorldView, answer: Answer) -> Location:
        if self.rule.locate is None:
            return answer.at or subject.at
        try:
            value = view.at_path(subject, self.rule.locate) if self.rule.locate else None
            parents = parents_of(self.rule.locate, subject, view)
        except Undecided:
            return answer.at or subject.at
        return subject.at if value is None else place_of(value, parents)

    def _message(self, subject: Subject, view: WorldView, leaf: Leaf, leaves: list[Leaf]) -> str:
        answer = leaf.answer
        if leaf.verdict == INSUFFICIENT_DATA:
            return f"{subject.address}: cannot tell: {answer.why or 'a value is not known'}"
        if leaf.verdict == NOT_APPLICABLE:
            return f"{subject.address}: does not apply"
        if leaf.verdict == COMPLIANT:
            return f"{subject.address}: passes" + (" by the service default" if answer.by_default else "")

        def filled(match: re.Match[str]) -> str:
            return self._field(match[1], subject, view, answer)

        message = _FIELD.sub(filled, self.rule.message)
        needed = needed_assumptions(leaf, leaves)
        return f"{message} when {World(needed).phrase()}" if needed else message

    def _field(self, name: str, subject: Subject, view: WorldView, answer: Answer) -> str:
        if name == "address":
            return subject.address
        if name == "kind":
            return subject.kind
        if name == "why":
            return answer.why
        if name == "value":
            return words_for(answer.value)
        if name.startswith("."):
            longest = LONGEST_SENTENCE if subject.kind == "FormatFault" else LONGEST_VALUE
            try:
                return words_for(view.at_path(subject, name[1:].split(".")), longest)
            except Undecided as open_question:
                return open_question.question.variable
        if name in self._parameters:
            found = self._parameters[name]
            return ", ".join(map(str, found)) if isinstance(found, list) else str(found)
        return "{" + name + "}"


def _remembering(judge: Judge) -> Judge:
    """Return a judge that answers once for each subject, as long as nothing is assumed."""
    answers: dict[int, Answer] = {}

    def remembered(holder: Subject | Value, view: WorldView) -> Answer:
        if view.world is not EMPTY_WORLD:
            return judge(holder, view)
        found = answers.get(id(holder))
        if found is None:
            found = answers[id(holder)] = judge(holder, view)
        return found

    return remembered


def _fitting(rule: CompiledRule, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a policy, single values made lists where the rule wants a list; raises UsageError."""
    fitting: dict[str, Any] = {}
    for name, value in parameters.items():
        default = rule.parameters.get(name)
        if isinstance(default, list) and isinstance(value, (str, int, float)):
            value = [value]
        numbers = isinstance(default, (int, float)) and isinstance(value, (int, float))
        if default is not None and value is not None and type(value) is not type(default) and not (
            numbers and not isinstance(default, bool) and not isinstance(value, bool)
        ):
            raise UsageError(
                f"parameter {name} of rule {rule.facts.rule}\n"
                f"expected: {_TYPE_WORDS[type(default)]}, such as {default!r}; found {value!r}"
            )
        fitting[name] = value
    return fitting


def _deciding(leaves: list[Leaf], cut: bool) -> Leaf:
    for verdict in (NON_COMPLIANT, INSUFFICIENT_DATA):
        for leaf in leaves:
            if leaf.verdict == verdict:
                return leaf
        if cut:
            why = f"more than {WORLD_LIMIT} combinations of conditions"
            return Leaf(INSUFFICIENT_DATA, leaves[0].world, Answer(None, None, why))
    return next((leaf for leaf in leaves if leaf.verdict == COMPLIANT), leaves[0])


def needed_assumptions(leaf: Leaf, leaves: list[Leaf]) -> Guard:
    """Return the assumptions without which a failing world would not fail: those worth a word in the message."""
    if all(other.verdict == leaf.verdict for other in leaves):
        return ()
    kept = list(leaf.world.assumptions)
    for assumption in leaf.world.assumptions:
        fewer = [other for other in kept if other is not assumption]
        if all(other.verdict == leaf.verdict for other in leaves if _agrees(other.world, fewer)):
            kept = fewer
    return tuple(kept)


def _agrees(world: World, guard: list[tuple[Any, bool]]) -> bool:
    return all(world.decide(question) in (None, holds) for question, holds in guard)


def words_for(value: Value | None, longest: int = LONGEST_VALUE) -> str:
    """Return words for a deciding value in a message: its content, cut after `longest` characters."""
    if isinstance(value, Scalar):
        content = value.content
        text = str(content).lower() if isinstance(content, bool) else str(content)
        return text if len(text) <= longest else text[: longest - 3] + "..."
    if isinstance(value, Unknown):
        return "".join(part if isinstance(part, str) else "${...}" for part in value.parts) or value.reason
    return "not set" if value is None or type(value).__name__ == "Absent" else "what is set"


def predicate_named(name: str) -> Callable[..., Answer]:
    """Return the function of a predicate; raises KeyError when the table has no such name."""
    return resolve(PREDICATES[name])  # type: ignore[return-value]  # the table names predicates only
