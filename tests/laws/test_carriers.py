"""Every rule about pipelines, commands and code shows its finding and its pass in two carriers, or says why not."""

from __future__ import annotations

import os

import pytest

from scanner.classify import classify
from scanner.cli.rule_examples import chosen_files
from scanner.core.artifact import Artifact
from scanner.packs.cache import rules_folder
from scanner.packs.examples import Example, examples_of
from scanner.packs.load import rules_at
from scanner.packs.schema import RuleSource

ROOMS = ("pipeline", "shell", "docker", "code")

SOURCES = [
    source
    for path, _ in chosen_files([os.path.join(rules_folder(), room) for room in ROOMS], rules_folder())
    for source in rules_at(path)
]


def carriers(example: Example) -> set[str]:
    """Return what carries an example: the dialects of its marked files, or of all when none is marked."""
    marked = {path for path, _ in example.places}
    spoken = dict(example.dialects)
    found: set[str] = set()
    for path, text in example.files:
        if not marked or path in marked:
            named = (spoken[path],) if path in spoken else classify(Artifact(path, text.encode()))
            found.update(f"{name} in JSON" if name == "appspec" and text.lstrip().startswith("{") else name
                         for name in named)
    return found


def lacking(source: RuleSource) -> list[str]:
    """Return a line for each verdict whose examples stand in fewer than two carriers."""
    shown: dict[str, set[str]] = {}
    for example in examples_of(source):
        shown.setdefault(example.verdict, set()).update(carriers(example))
    return [
        f"{verdict} only in {', '.join(sorted(shown[verdict])) or 'no known carrier'}"
        for verdict in ("non_compliant", "compliant")
        if verdict in shown and len(shown[verdict]) < 2
    ]


@pytest.mark.parametrize("source", SOURCES, ids=[source.facts.rule for source in SOURCES])
def test_examples_stand_in_two_carriers(source: RuleSource) -> None:
    rule, missing = source.facts.rule, lacking(source)
    if source.body.get("dialects"):
        assert source.body.get("reason"), f"{rule}: `dialects` needs a `reason`"
    else:
        assert not missing, f"{rule}: {'; '.join(missing)}: add a carrier, or `dialects` with a `reason`"
