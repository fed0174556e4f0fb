"""Findings with equal words at one place become one that keeps every related place."""

from __future__ import annotations

from scanner.core.location import Location
from scanner.core.result import COMPLIANT, NON_COMPLIANT, Result
from scanner.evaluate.merge import RELATED_KEPT, merged

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
