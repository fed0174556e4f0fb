from __future__ import annotations

import pytest

from scanner.core.errors import UsageError
from scanner.core.result import COMPLIANT, INSUFFICIENT_DATA, NON_COMPLIANT, NOT_APPLICABLE
from scanner.core.value import Absent, Choice, Reference, Scalar, Unknown
from scanner.core.world import Question
from tests.rooms.scanners_rules.making import at, pack_of, resource, run

BUCKET = "AWS::S3::Bucket"


def verdict_of(condition: str, properties: dict, profile: str = "default"):
    pack = pack_of(f"subject: {BUCKET}\nrequire: {condition}\n")
    results, notes = run(pack, resource(BUCKET, "B", properties), profile=profile)
    assert notes == []
    (result,) = results
    return result


OPEN = Unknown("parameter P has no default", at(50))
REF = Unknown("reference", at(51), refers=Reference("Other", "Ref"))
PARTLY = Unknown("depends on Env", at(52), parts=("arn:aws:s3:::", Unknown("Env", at(52)), "/logs"))

TABLE = [
    ("{A: present}", {"A": "x"}, True), ("{A: present}", {}, False), ("{A: present}", {"A": None}, False),
    ("{A: present}", {"A": OPEN}, None), ("{A: present}", {"A": REF}, True), ("{A: absent}", {"A": REF}, False),
    ("{A: absent}", {}, True), ("{A: {equals: true}}", {"A": "True"}, True), ("{A: {equals: true}}", {"A": True}, True),
    ("{A: {equals: true}}", {"A": 1}, False), ("{A: {equals: 22}}", {"A": "22"}, True),
    ("{A: {equals: '22'}}", {"A": 22}, True), ("{A: {equals: '1.1'}}", {"A": "1.10"}, False),
    ("{A: {equals: x}}", {}, False), ("{A: {not_equals: x}}", {}, True), ("{A: {equals: x}}", {"A": OPEN}, None),
    ("{A: {equals: x}}", {"A": PARTLY}, False), ("{A: {equals: 'arn:aws:s3:::b/logs'}}", {"A": PARTLY}, None),
    ("{A: {in: [x, y]}}", {"A": "y"}, True), ("{A: {in: [1, 2]}}", {"A": "2"}, True),
    ("{A: {not_in: [x]}}", {"A": "x"}, False), ("{A: {equals_ignoring_case: Aes}}", {"A": "aES"}, True),
    ("{A: {in_ignoring_case: [A]}}", {"A": "a"}, True), ("{A: {matches: '^a+$'}}", {"A": "aaa"}, True),
    ("{A: {matches: '^arn:aws:iam'}}", {"A": PARTLY}, False), ("{A: {matches: '^arn:aws:s3'}}", {"A": PARTLY}, None),
    ("{A: {matches: logs}}", {"A": PARTLY}, True), ("{A: {not_matches: logs}}", {"A": PARTLY}, False),
    ("{A: {starts_with: 'arn:aws'}}", {"A": PARTLY}, True), ("{A: {starts_with: 'arn:aws:s3:::b'}}", {"A": PARTLY}, None),
    ("{A: {ends_with: logs}}", {"A": PARTLY}, True), ("{A: {ends_with: x}}", {"A": PARTLY}, False),
    ("{A: {at_least: 7}}", {"A": "7"}, True), ("{A: {at_least: 7}}", {"A": 6}, False), ("{A: {above: 7}}", {"A": 7}, False),
    ("{A: {below: 7}}", {"A": 6.5}, True), ("{A: {at_most: 7}}", {"A": "many"}, False), ("{A: {at_most: 7}}", {}, False),
    ("{A: {contains: x}}", {"A": ["y", "x"]}, True), ("{A: {contains: x}}", {"A": "x"}, True),
    ("{A: {contains: x}}", {"A": ["y", OPEN]}, None), ("{A: {contains_all: [x, y]}}", {"A": ["x"]}, False),
    ("{A: {contains_any: [x, z]}}", {"A": ["y", "z"]}, True), ("{A: {empty: true}}", {"A": []}, True),
    ("{A: {empty: true}}", {"A": REF}, False), ("{A: {not_empty: true}}", {"A": {}}, False),
    ("{A: {not_empty: true}}", {"A": OPEN}, None), ("{A: {count: {at_least: 2}}}", {"A": ["x", "y"]}, True),
    ("{A: {count: {equals: 0}}}", {}, True), ("{A: {count: {above: 1}}}", {"A": {"k": 1}}, False),
    ("{A: {each: {equals: x}}}", {"A": ["x", "x"]}, True), ("{A: {each: {equals: x}}}", {"A": ["x", "y"]}, False),
    ("{A: {each: {equals: x}}}", {"A": ["x", OPEN]}, None), ("{A: {each: {B: {equals: 1}}}}", {"A": [{"B": 1}]}, True),
    ("{A: {each: {equals: x}}}", {}, True), ("{A: {some: {equals: x}}}", {}, False),
    ("{A: {some: {B: present, C: absent}}}", {"A": [{"B": 1, "C": 1}, {"B": 1}]}, True),
    ("{A: {no: {B: {equals: bad}}}}", {"A": [{"B": "good"}]}, True), ("{A: {no: {B: {equals: bad}}}}", {"A": [{"B": "bad"}]}, False),
    ("{A: {some: {equals: 1}}}", {"A": {"k": 1}}, True), ("{A: {keys: {contains: k}}}", {"A": {"k": 1}}, True),
    ("{A: {keys: {each: {matches: '^x'}}}}", {"A": {"k": 1}}, False),
    ("{A: {json: {maxReceiveCount: {above: 1}}}}", {"A": '{"maxReceiveCount": 3}'}, True),
    ("{A: {json: {x: present}}}", {"A": "not json"}, False), ("{A: {json: {x: present}}}", {"A": {"x": 1}}, True),
    ("{A: {any_of: [{equals: x}, {matches: '^y'}]}}", {"A": "yes!"}, True),
    ("{A: {all_of: [{starts_with: a}, {ends_with: z}]}}", {"A": "abc"}, False),
    ("{A: {not: {equals: x}}}", {"A": "x"}, False), ("{A: {not: {some: {equals: x}}}}", {"A": ["y"]}, True),
    ("{A.B.C: {equals: 1}}", {"A": {"B": {"C": 1}}}, True), ("{A.B.C: absent}", {"A": {"B": {}}}, True),
    ("{any: [{A: present}, {B: present}]}", {"B": 1}, True), ("{any: [{A: present}, {B: present}]}", {"A": OPEN}, None),
    ("{none: [{A: present}, {B: present}]}", {"B": 1}, False), ("{not: {A: {equals: x}}}", {"A": OPEN}, None),
    ("{all: [{A: {equals: x}}, {B: {equals: y}}]}", {"A": OPEN, "B": "z"}, False),
    ("{if: {A: {equals: x}}, then: {B: present}}", {"A": "y"}, True), ("{if: {A: {equals: x}}, then: {B: present}}", {"A": "x"}, False),
    ("{if: {A: {equals: x}}, then: {B: present}}", {"A": OPEN}, None), ("{if: {A: {equals: x}}, then: {B: present}}", {"A": OPEN, "B": 1}, True),
    ('{A."x.y": {equals: 1}}', {"A": {"x.y": 1}}, True), ("{.in: {equals: 1}}", {"in": 1}, True),
]


@pytest.mark.parametrize(("condition", "properties", "expected"), TABLE, ids=[f"{c} on {p}" for c, p, _ in TABLE])
def test_each_form_of_the_language_answers_in_three_values(condition, properties, expected):
    wanted = {True: COMPLIANT, False: NON_COMPLIANT, None: INSUFFICIENT_DATA}[expected]
    assert verdict_of(condition, properties).compliance == wanted


def test_the_finding_stands_on_the_deciding_value():
    result = verdict_of("{Encryption.Enabled: {equals: true}}", {"Name": "b", "Encryption": {"Enabled": False}})
    assert (result.at.start_line, result.at.start_column) == (5, 9)


def test_an_absent_value_points_at_the_nearest_parent_key():
    assert verdict_of("{Encryption.Enabled: {equals: true}}", {"Name": "b", "Encryption": {}}).at.start_line == 4
    assert verdict_of("{Encryption.Enabled: {equals: true}}", {"Name": "b"}).at == at(1)


def test_the_finding_stands_on_the_item_that_is_wrong():
    result = verdict_of("{Rules: {each: {Status: {equals: on!}}}}", {"Rules": [{"Status": "on!"}, {"Status": "off!"}]})
    assert result.at.start_line == 7
    missing = verdict_of("{Rules: {each: {Status: present}}}", {"Rules": [{"Status": "x"}, {"Id": "a", "More": 1}]})
    assert missing.at.start_line == 7


def test_a_name_that_is_missing_is_not_missing_in_another_one():
    condition = "{Tags: {some: [{Key: {equals: owner}}, {Value: {equals: me}}]}}"
    other = verdict_of(condition, {"Tags": [{"Key": "team", "Value": "me"}]})
    wrong = verdict_of(condition, {"Tags": [{"Key": "owner", "Value": "you"}]})
    assert other.at.start_line < wrong.at.start_line


def test_a_default_judges_absent_properties_and_is_marked():
    body = f"subject: {BUCKET}\ndefaults: {{Mode: safe}}\nrequire: {{Mode: {{equals: safe}}}}\n"
    (result,), _ = run(pack_of(body), resource(BUCKET, "B", {}))
    assert (result.compliance, result.by_default) == (COMPLIANT, True)
    (strict,), _ = run(pack_of(body), resource(BUCKET, "B", {}), profile="strict")
    assert (strict.compliance, strict.severity, strict.by_default) == (NON_COMPLIANT, "medium", True)
    assert "relies on the service default" in strict.message
    (accepted,), _ = run(pack_of(body + "by_default: accept\n"), resource(BUCKET, "B", {}), profile="audit")
    assert accepted.compliance == COMPLIANT


@pytest.mark.parametrize(("condition", "properties", "compliance"), [
    ("{Mode: {all_of: [present, {equals: open}]}}", {}, COMPLIANT),
    ("{Mode: {all_of: [present, {equals: open}]}}", {"Mode": "open"}, NON_COMPLIANT),
    ("{Mode: {not: absent}}", {}, COMPLIANT),
    ("{Mode: {any_of: [absent, {equals: safe}]}}", {}, NON_COMPLIANT),
    ("{Block.Mode: {all_of: [present, {equals: open}]}}", {"Block": {}}, COMPLIANT),
])
def test_presence_asks_what_is_written_inside_a_group_of_tests_too(condition, properties, compliance):
    body = f"subject: {BUCKET}\ndefaults: {{Mode: open, Block.Mode: open}}\nforbid: {condition}\n"
    (result,), _ = run(pack_of(body), resource(BUCKET, "B", properties))
    assert result.compliance == compliance


def test_nothing_is_said_to_hang_on_a_default_while_another_alternative_is_written_but_not_known():
    either = "{any: [{Key: {not_empty: true}}, {Mode: {equals: safe}}]}"
    body = f"subject: {BUCKET}\ndefaults: {{Mode: safe}}\nrequire: {either}\n"
    (open_key,), _ = run(pack_of(body), resource(BUCKET, "B", {"Key": OPEN}), profile="audit")
    assert (open_key.compliance, open_key.by_default) == (COMPLIANT, False)
    (no_key,), _ = run(pack_of(body), resource(BUCKET, "B", {}), profile="audit")
    assert (no_key.compliance, no_key.by_default) == (NON_COMPLIANT, True)


def test_worlds_fork_on_open_conditions_and_the_message_names_what_mattered():
    prod, noise = Question("IsProd"), Question("Noise")
    subject = resource(BUCKET, "B", {
        "Other": Choice(noise, Scalar("a", at(8)), Scalar("b", at(9)), at(8)),
        "Encrypted": Choice(prod, Scalar(True, at(10)), Scalar(False, at(11)), at(10)),
    })
    pack = pack_of(f"subject: {BUCKET}\nrequire: {{Other: {{in: [a, b]}}, Encrypted: {{equals: true}}}}\n")
    (result,), _ = run(pack, subject)
    assert result.compliance == NON_COMPLIANT
    assert result.message == "B is wrong when IsProd is false"
    assert result.at == at(11)


def test_no_assumption_is_named_when_every_world_fails():
    subject = resource(BUCKET, "B", {"A": Choice(Question("Q"), Scalar("x", at(8)), Absent(at(9)), at(8))})
    (result,), _ = run(pack_of(f"subject: {BUCKET}\nrequire: {{A: {{equals: y}}}}\n"), subject)
    assert result.message == "B is wrong"


def test_worlds_in_which_the_subject_does_not_exist_are_skipped():
    prod = Question("IsProd")
    properties = {"A": Choice(prod, Scalar("good", at(8)), Scalar("bad", at(9)), at(8))}
    body = f"subject: {BUCKET}\nrequire: {{A: {{equals: good}}}}\n"
    (result,), _ = run(pack_of(body), resource(BUCKET, "B", properties, when=((prod, True),)))
    assert result.compliance == COMPLIANT
    (result,), _ = run(pack_of(body), resource(BUCKET, "B", properties, when=((prod, False),)))
    assert result.compliance == NON_COMPLIANT
    assert run(pack_of(body), resource(BUCKET, "B", properties, when=((prod, True), (prod, False))))[0] == []


def test_too_many_worlds_are_said_not_guessed():
    properties = {f"P{i}": Choice(Question(f"Q{i}"), Scalar(1, at(8)), Scalar(2, at(9)), at(8)) for i in range(8)}
    tests = ", ".join(f"P{i}: {{in: [1, 2]}}" for i in range(8))
    (result,), _ = run(pack_of(f"subject: {BUCKET}\nrequire: {{{tests}}}\n"), resource(BUCKET, "B", properties))
    assert result.compliance == INSUFFICIENT_DATA
    assert "64 combinations" in result.message


def test_not_applicable_and_an_open_exception():
    body = f"subject: {BUCKET}\nnot_applicable_if: {{Legacy: {{equals: true}}}}\nrequire: {{A: present}}\n"
    verdicts = [
        run(pack_of(body), resource(BUCKET, "B", properties))[0][0].compliance
        for properties in ({"Legacy": True}, {"Legacy": OPEN}, {"Legacy": OPEN, "A": 1}, {})
    ]
    assert verdicts == [NOT_APPLICABLE, INSUFFICIENT_DATA, COMPLIANT, NON_COMPLIANT]


def test_a_crashing_rule_is_named_and_the_others_run():
    pack = pack_of(f"subject: {BUCKET}\nrequire: {{A: present}}\n", f"subject: {BUCKET}\nrequire: {{B: present}}\n")
    broken = resource(BUCKET, "B", {})
    broken.properties.entries["A"] = object()  # type: ignore[assignment]
    results, notes = run(pack, broken)
    assert [result.rule for result in results] == ["made-up-1"]
    assert notes[0][:2] == ("error", "rule-crashed")
    assert "made-up-0" in str(notes[0][2])


def test_parameters_have_defaults_and_can_be_overridden():
    body = f"subject: {BUCKET}\nparameters:\n  least: {{type: integer, default: 7}}\nrequire: {{Days: {{at_least: {{parameter: least}}}}}}\n"
    pack = pack_of(body.replace("require", "message2", 0))
    assert run(pack, resource(BUCKET, "B", {"Days": 7}))[0][0].compliance == COMPLIANT
    results, _ = run(pack, resource(BUCKET, "B", {"Days": 7}), parameters={"made-up-0": {"least": 8}})
    assert results[0].compliance == NON_COMPLIANT


def test_of_failing_alternatives_the_written_value_is_shown():
    result = verdict_of("{any: [{A: absent}, {A.B: {equals: 1}}, {C: present}]}", {"A": {"B": 2}})
    assert result.at.start_line == 4


@pytest.mark.parametrize(("given", "found"), [("many", "'many'"), (True, "True"), ([7], r"\[7\]")])
def test_a_parameter_of_another_type_is_refused(given, found):
    body = f"subject: {BUCKET}\nparameters:\n  least: {{type: integer, default: 7}}\nrequire: {{Days: {{at_least: {{parameter: least}}}}}}\n"
    with pytest.raises(UsageError, match=f"parameter least of rule made-up-0\nexpected: a number, such as 7; found {found}"):
        run(pack_of(body), resource(BUCKET, "B", {"Days": 7}), parameters={"made-up-0": {"least": given}})


def test_a_single_value_is_a_list_of_one_where_a_parameter_is_a_list():
    body = f"subject: {BUCKET}\nparameters:\n  keys: {{type: list, default: []}}\nrequire: {{Key: {{allowed_by: {{parameter: keys}}}}}}\n"
    results, _ = run(pack_of(body), resource(BUCKET, "B", {"Key": "other"}), parameters={"made-up-0": {"keys": "mine"}})
    assert results[0].compliance == NON_COMPLIANT


@pytest.mark.parametrize(("given", "listed", "verdict"), [
    ("1234", "arn:aws:kms:eu-west-1:111122223333:key/1234", COMPLIANT),
    ("arn:aws:kms:eu-west-1:111122223333:key/1234", "1234", COMPLIANT),
    ("alerts", "arn:aws:sns:eu-west-1:111122223333:alerts", COMPLIANT),
    ("34", "arn:aws:kms:eu-west-1:111122223333:key/1234", NON_COMPLIANT),
    ("", "arn:aws:kms:eu-west-1:111122223333:key/", NON_COMPLIANT),
    ("arn:aws:kms:us-east-1:111122223333:key/1234", "arn:aws:kms:eu-west-1:111122223333:key/1234", NON_COMPLIANT),
    ("alias/app", "arn:aws:kms:eu-west-1:111122223333:key/1234", INSUFFICIENT_DATA),
    ("alias/app", "arn:aws:kms:eu-west-1:111122223333:alias/app", COMPLIANT),
    ("alias/app", "alias/other", NON_COMPLIANT),
])
def test_an_allowed_arn_and_the_name_at_its_end_are_one(given, listed, verdict):
    body = f"subject: {BUCKET}\nparameters:\n  keys: {{type: list, default: []}}\nrequire: {{Key: {{allowed_by: {{parameter: keys}}}}}}\n"
    results, _ = run(pack_of(body), resource(BUCKET, "B", {"Key": given}), parameters={"made-up-0": {"keys": [listed]}})
    assert results[0].compliance == verdict
