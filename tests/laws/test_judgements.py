"""What we say about labels of the corpus: each with a reason of our own and a page that bears it out."""

from __future__ import annotations

import json
from pathlib import Path

from adjudicated_score import JUDGEMENTS, key_of, misses_in

VERDICTS = {"label is wrong", "found at the line to edit", "needs settings that the scorer does not pass"}
ROOT = Path(__file__).resolve().parent.parent.parent
ENTRIES = json.loads(JUDGEMENTS.read_text(encoding="utf-8"))


def test_judgements_are_complete_sorted_and_unique() -> None:
    assert [set(entry) for entry in ENTRIES] == [{"source", "case", "rule", "resource", "verdict", "reason", "see"}] * len(ENTRIES)
    keys = [key_of(entry) for entry in ENTRIES]
    assert keys == sorted(set(keys))
    assert {entry["verdict"] for entry in ENTRIES} <= VERDICTS


def test_a_wrong_label_is_shown_by_documentation() -> None:
    for entry in ENTRIES:
        assert len(entry["reason"]) > 30, entry
        if entry["verdict"] == "label is wrong":
            assert entry["see"].startswith(("https://docs.aws.amazon.com/", "https://github.com/hashicorp/terraform-provider-aws/")), entry
        elif not entry["see"].startswith("https://docs.aws.amazon.com/"):
            assert (ROOT / entry["see"]).is_file(), entry


def test_the_scorers_lines_are_read() -> None:
    text = (
        "cfn_nag    87  85/88  114  96.5%\n"
        "    missed      cfn_nag: cfn_nag/A/01 W45 Gateway ['INSUFFICIENT_DATA']\n"
        "    false alarm cfn_nag: cfn_nag/B/02 W51 \n"
    )
    assert misses_in(text) == [
        ("missed", ("cfn_nag", "cfn_nag/A/01", "W45", "Gateway")), ("false alarm", ("cfn_nag", "cfn_nag/B/02", "W51", "")),
    ]
