"""Findings with equal words at one place become one that keeps every related place."""

from __future__ import annotations

import pytest

from scanner.core.location import Location
from scanner.core.result import COMPLIANT, INSUFFICIENT_DATA, NON_COMPLIANT, NOT_APPLICABLE, Result
from scanner.evaluate.merge import GUESTS, RELATED_KEPT, merged, told_once, without_echoes

HERE = Location("main.tf", 4, 3, 4, 9)


def finding(called_from: str, *, message: str = "leaves the endpoint on", compliance: str = NON_COMPLIANT) -> Result:
    return Result(
        "eks-endpoint-public", "resources", compliance, "medium", "high", message, "module.eks.aws_eks_cluster.this",
        HERE, related=(("called as module.eks", Location(called_from, 1, 1, 1, 9)),),
    )


def test_calls_of_one_module_are_one_finding_with_all_callers() -> None:
    (one,) = merged([finding("a.tf"), finding("b.tf"), finding("a.tf")])
    assert [place.path for _, place in one.related] == ["a.tf", "b.tf"]


def test_other_words_at_the_same_place_stay_apart() -> None:
    assert len(merged([finding("a.tf"), finding("a.tf", message="lets every address in")])) == 2


def test_judgements_that_found_nothing_are_counted_each() -> None:
    assert len(merged([finding("a.tf", compliance=COMPLIANT)] * 3)) == 3


def test_related_places_are_bounded() -> None:
    (one,) = merged(finding(f"{number}.tf") for number in range(100))
    assert len(one.related) == RELATED_KEPT


def judged(compliance: str = NON_COMPLIANT, *, scanner: str = "rules", address: str = "b", line: int = 4, identifier: str = "CKV_AWS_21",
           path: str = "main.tf", end: int = 0) -> Result:
    return Result("r", "resources", compliance, "medium", "high", "m", address, Location(path, line, 1, end or line, 9),
                  controls={"checkov": (identifier,)}, scanner=scanner)


@pytest.mark.parametrize("guest", sorted(GUESTS))
@pytest.mark.parametrize(("ours", "dropped"), [
    (judged(), True), (judged(COMPLIANT), True), (judged(NOT_APPLICABLE), True), (judged(INSUFFICIENT_DATA), False),
    (judged(line=90), True), (judged(address="other"), True), (judged(address="other", line=90), False),
    (judged(identifier="CKV_AWS_18"), False), (judged(path="other.tf"), False), (judged(scanner="bandit"), False),
])
def test_a_guest_gives_way_where_ours_judged_the_same(guest: str, ours: Result, dropped: bool) -> None:
    theirs = judged(scanner=guest)
    assert without_echoes([theirs, ours]) == ([ours] if dropped else [theirs, ours])


def test_ours_inside_the_lines_of_a_guest_is_the_same() -> None:
    ours = judged(line=6)
    assert without_echoes([judged(scanner="sarif-import", address="main.tf", line=4, end=8), ours]) == [ours]
    assert len(without_echoes([judged(scanner="sarif-import", address="main.tf", line=4, end=5), ours])) == 2


def test_what_found_nothing_leaves_with_every_scanner() -> None:
    results = [judged(COMPLIANT), judged(COMPLIANT, scanner="sarif-import", address="x", line=70), judged(line=50)]
    assert without_echoes(results, every=False) == [results[2]]
    assert without_echoes(results) == results


def told(rule: str, *, address: str = "Task", scanner: str = "rules", category: str = "secrets", columns: tuple[int, int] = (10, 20),
         compliance: str = NON_COMPLIANT, line: int = 4) -> Result:
    at = Location("t.yaml", line, columns[0], line, columns[1])
    return Result(rule, category, compliance, "high", "medium", "m", address, at, scanner=scanner)


GUESS = told("random-value-in-secret-name", address="t.yaml", scanner="secrets", columns=(11, 19))


@pytest.mark.parametrize(("other", "left"), [
    (told("secret-in-plaintext-variable"), "other"),
    (told("rds-instance-password-in-plain-text"), "other"),
    (told("secret-in-plaintext-variable", address="t.yaml"), "guess"),
    (told("secret-in-plaintext-variable", columns=(30, 40)), "both"),
    (told("secret-in-plaintext-variable", line=5), "both"),
    (told("secret-in-plaintext-variable", compliance=INSUFFICIENT_DATA), "both"),
    (told("codebuild-privileged", category="resources"), "both"),
])
def test_one_literal_is_told_once(other: Result, left: str) -> None:
    expected = {"other": [other], "guess": [GUESS], "both": [GUESS, other]}[left]
    assert told_once([GUESS, other]) == expected


def test_a_secret_known_by_its_form_stays() -> None:
    form, other = told("stripe-secret-key", scanner="secrets", address="t.yaml"), told("secret-in-plaintext-variable")
    assert told_once([form, other]) == [form, other]
