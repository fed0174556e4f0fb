"""The `related` condition: follow references and links to other subjects, and judge those."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.core.location import Location
from scanner.core.subject import Resource, Subject
from scanner.core.value import Absent, Scalar, Unknown, Value
from scanner.core.view import Answer
from scanner.scanners.rules.conditions import MOST_UNSEEN, Judge, Scope, compile_condition
from scanner.scanners.rules.view import WorldView, references_in, spread

Found = tuple[Subject, "bool | None"]
_UNRESOLVED = {"unknown": None, "holds": True, "fails": False}


def compile_related(about: dict[str, Any], scope: Scope) -> Judge:
    """Return the judge of a related section that `packs.grammar` made."""
    kinds: list[str] = about.get("kinds", [])
    judges = {kind: _where(about, scope._replace(defaults=scope.defaults_of(kind), prefix="")) for kind in kinds}
    general = _where(about, scope._replace(defaults={}, prefix=""))
    quantifier: str = about["quantifier"]
    counted = compile_condition(["at", [], about["count"]], scope) if "count" in about else None
    unresolved = _UNRESOLVED[about["if_unresolved"]]

    def judge(holder: Subject | Value, view: WorldView) -> Answer:
        subject = holder if isinstance(holder, Subject) else view.subject
        assert subject is not None
        found, missing = _followed(about, kinds, holder, subject, view)
        answers: list[tuple[Subject, Answer]] = []
        for other, sure in found:
            inner = judges.get(other.kind, general)
            answer = Answer(True) if inner is None else _judged(inner, other, view)
            if sure is None:
                answer = _hedged(answer, quantifier, other)
            answers.append((other, answer))
        if missing is not None:
            answers.append((subject, Answer(unresolved, missing.at, _why(missing))))
        if counted is not None:
            return _counted(counted, answers, subject, view)
        return _quantified(quantifier, answers)

    return judge


def _counted(judge: Judge, answers: list[tuple[Subject, Answer]], subject: Subject, view: WorldView) -> Answer:
    """Judge how many related subjects pass; unknown ones may pass or not, and must not change the answer."""
    several = [
        other for other, answer in answers
        if isinstance(other, Resource) and other.several and answer.holds is not False
    ]
    sure = sum(answer.holds is True and other not in several for other, answer in answers)
    most = sure + sum(answer.holds is None for _, answer in answers) + (MOST_UNSEEN if several else 0)
    least = judge(Scalar(sure, subject.at), view)
    if all(judge(Scalar(size, subject.at), view).holds is least.holds for size in range(sure + 1, most + 1)):
        return least._replace(at=None, value=None)
    doubts = [answer.why for _, answer in answers if answer.holds is None]
    return Answer(None, None, doubts[0] if doubts else f"how many {several[0].address} there are is not known")


def _where(about: dict[str, Any], scope: Scope) -> Judge | None:
    return compile_condition(about["where"], scope) if "where" in about else None


def _judged(judge: Judge, other: Subject, view: WorldView) -> Answer:
    before = view.subject
    view.subject = other
    try:
        return judge(other, view)
    finally:
        view.subject = before


def _hedged(answer: Answer, quantifier: str, other: Subject) -> Answer:
    """Return the answer of a subject that may or may not be related: only the harmless side is sure."""
    harmless = quantifier == "each"
    if answer.holds is harmless:
        return answer
    return Answer(None, None, f"{other.address} may refer to it")


def _followed(
    about: dict[str, Any], kinds: list[str], holder: Subject | Value, subject: Subject, view: WorldView
) -> tuple[list[Found], Value | None]:
    """Return the related subjects, and the value of a reference that leads out of the run."""
    way = about["way"]
    if way == "from":
        unique: dict[int, Found] = {}
        for kind in kinds:
            for path in about["by"]:
                for other, sure in view.pointing(kind, tuple(path), subject):
                    if id(other) not in unique or sure:
                        unique[id(other)] = (other, sure)
        return list(unique.values()), None
    if way == "to":
        return _pointed_at(about["by"], kinds, holder, subject, view)
    relation = about["relation"]
    if relation == "holder":
        others = [subject.holder] if subject.holder is not None and way == "link" else []
    else:
        follow = view.inventory.linked if way == "link" else view.inventory.linking
        others = list(follow(subject, relation))
    return [(other, True) for other in others if (not kinds or other.kind in kinds) and view.exists(other)], None


def _pointed_at(
    paths: list[list[str]], kinds: list[str], holder: Subject | Value, subject: Subject, view: WorldView
) -> tuple[list[Found], Value | None]:
    found: dict[int, Found] = {}
    missing: Value | None = None
    for path in paths:
        for value in spread(holder, tuple(path), view):
            others = list(_targets(value, kinds, subject, view))
            for other in others:
                if not kinds or other.kind in kinds:
                    found[id(other)] = (other, True)
            known_null = isinstance(value, Scalar) and value.content in (None, "")
            if not others and not known_null and not isinstance(value, Absent):
                missing = missing or value
    return list(found.values()), missing


def _targets(value: Value, kinds: list[str], subject: Subject, view: WorldView) -> Iterator[Subject]:
    pointed = [view.inventory.target(subject, reference) for reference in references_in(value)]
    targets = [target for target in pointed if target is not None and view.exists(target)]
    name = value.content if isinstance(value, Scalar) else None
    if isinstance(name, str) and not any(target.kind in kinds for target in targets):
        targets = [target for kind in kinds for target in view.named(kind, name, subject)]
    yield from targets    # a name that was read out of a resource means that one, whoever else has the same name


def _why(value: Value) -> str:
    if isinstance(value, Unknown):
        return value.reason
    text = value.content if isinstance(value, Scalar) else "it"
    return f"{text} is not part of this run"


def _quantified(quantifier: str, answers: list[tuple[Subject, Answer]]) -> Answer:
    wanted = quantifier != "each"
    unknown: tuple[Subject, Answer] | None = None
    for other, answer in answers:
        if answer.holds is wanted:
            return _told(quantifier == "some", other, answer)
        if answer.holds is None and unknown is None:
            unknown = (other, answer)
    if unknown is not None:
        return _told(None, *unknown)
    by_default = any(answer.by_default for _, answer in answers)
    places = tuple(_place(other, answer.at) for other, answer in answers[:3])
    return Answer(quantifier != "some", None, "", places, (), by_default)


def _told(holds: bool | None, other: Subject, answer: Answer) -> Answer:
    """Return the verdict with the other subject as a related place: results stand on the subject that is judged."""
    return Answer(holds, None, answer.why, (_place(other, answer.at),), answer.path, answer.by_default, answer.value)


def _place(other: Subject, at: Location | None) -> tuple[str, Location]:
    return f"{other.kind} {other.address}", at or other.at
