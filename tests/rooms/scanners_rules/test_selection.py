from __future__ import annotations

import pytest

from scanner.core.result import COMPLIANT, NON_COMPLIANT
from scanner.core.value import Unknown
from tests.rooms.scanners_rules.making import HEAD, at, pack_of, resource, run

KIND = "AWS::S3::Bucket"
BODY = f"subject: {KIND}\nrequire: {{A: present}}\n"


def rule(name: str, **sections: str) -> str:
    text = HEAD.replace("made-up", name) + BODY
    for section, value in sections.items():
        text = text.replace("confidence: high", f"confidence: {value}") if section == "confidence" else text + f"{section}: {value}\n"
    return text


PACK = pack_of(
    rule("plain"), rule("governance", profile="strict"), rule("noisy", confidence="low"), rule("thorough", profile="audit"),
    rule("young", stage="preview"),
)


@pytest.mark.parametrize(("profile", "expected"), [
    ("default", ["plain"]), ("strict", ["governance", "plain", "young"]),
    ("audit", ["governance", "noisy", "plain", "thorough", "young"]),
])
def test_a_profile_runs_what_it_covers(profile: str, expected: list[str]) -> None:
    results, _ = run(PACK, resource(KIND, "B", {}), profile=profile)
    assert sorted(result.rule for result in results) == expected


def test_the_policy_switches_rules_off_and_on() -> None:
    results, _ = run(PACK, resource(KIND, "B", {}), rules_off={"plain"}, rules_on={"noisy"})
    assert [result.rule for result in results] == ["noisy"]


def test_only_runs_what_is_named_whatever_the_profile() -> None:
    results, _ = run(PACK, resource(KIND, "B", {}), only={"thorough"})
    assert [result.rule for result in results] == ["thorough"]


def test_without_all_results_only_findings_and_unknowns_are_made() -> None:
    from datetime import date

    from scanner.core.context import Context
    from scanner.core.inventory import Inventory
    from scanner.scanners.rules import scan

    inventory = Inventory()
    for name, value in (("Good", 1), ("Bad", None), ("Open", Unknown("open", at(7)))):
        inventory.add(resource(KIND, name, {"A": value}))
    context = Context(inventory, (), pack_of(BODY), "default", date(2026, 1, 1), lambda *note: None, False)
    assert [result.address for result in scan(context)] == ["Bad", "Open"]


def test_a_message_fills_in_what_the_rule_names() -> None:
    body = (
        f'subject: {KIND}\nparameters: {{least: {{type: integer, default: 7}}}}\nrequire: {{Days: {{at_least: {{parameter: least}}}}}}\n'
    )
    pack = pack_of(HEAD.replace('"{address} is wrong"', '"{kind} {address} keeps {value}, not {least}, {.Name} {other}"') + body)
    results, _ = run(pack, resource(KIND, "B", {"Days": 3, "Name": "orders"}))
    assert results[0].message == f"{KIND} B keeps 3, not 7, orders {{other}}"


def test_forbid_points_at_the_last_of_its_conditions() -> None:
    results, _ = run(pack_of(f"subject: {KIND}\nforbid: {{A: {{equals: 1}}, B: {{equals: 2}}}}\n"), resource(KIND, "B", {"A": 1, "B": 2}))
    assert (results[0].compliance, results[0].at.start_line) == (NON_COMPLIANT, 4)


def test_locate_overrules_the_place() -> None:
    pack = pack_of(f"subject: {KIND}\nrequire: {{A: {{equals: 2}}}}\nlocate: B\n")
    results, _ = run(pack, resource(KIND, "B", {"A": 1, "B": 2}))
    assert results[0].at.start_line == 4


def test_a_rule_whose_predicate_is_missing_is_named() -> None:
    results, notes = run(pack_of(BODY, f"subject: {KIND}\nrequire: {{predicate: no-such-thing}}\n"), resource(KIND, "B", {"A": 1}))
    assert [result.compliance for result in results] == [COMPLIANT]
    assert notes[0][1] == "rule-unusable"
    assert "made-up-1" in str(notes[0][2])


def test_the_default_of_an_absent_block_counts_before_that_of_its_member() -> None:
    body = f"subject: {KIND}\ndefaults: {{Block: {{On: true}}, Block.On: false}}\nrequire: {{Block.On: {{equals: true}}}}\n"
    for properties, expected in (({}, COMPLIANT), ({"Block": {}}, NON_COMPLIANT), ({"Block": {"On": True}}, COMPLIANT)):
        results, _ = run(pack_of(body), resource(KIND, "B", properties))
        assert results[0].compliance == expected
