from __future__ import annotations

import pytest

from scanner.core.inventory import Inventory
from scanner.core.result import COMPLIANT, INSUFFICIENT_DATA, NON_COMPLIANT
from scanner.core.value import Choice, Reference, Scalar, Unknown
from scanner.core.world import Question
from scanner.model.terraform.domain import Traced
from tests.rooms.scanners_rules.making import at, pack_of, resource, run

BUCKET, POLICY = "AWS::S3::Bucket", "AWS::S3::BucketPolicy"
FROM = f"subject: {BUCKET}\nrequire: {{related: {{from: {{kind: '{POLICY}', by: Bucket}}, where: {{Good: {{equals: true}}}}, EXTRA}}}}\n"
TO = f"subject: {POLICY}\nrequire: {{related: {{to: Bucket, kind: '{BUCKET}', where: {{Good: {{equals: true}}}}, EXTRA}}}}\n"


def ref(address: str) -> Unknown:
    return Unknown("a reference", at(40), refers=Reference(address, "Ref"))


@pytest.fixture
def identities(tmp_path):
    (tmp_path / "identities.yaml").write_text(f"{BUCKET}: BucketName\n")
    return str(tmp_path)


def verdict(body: str, tables: str, *subjects, extra: str = "quantifier: some", of: str = "made-up-0"):
    results, notes = run(pack_of(body.replace("EXTRA", extra), tables=tables), *subjects)
    assert notes == []
    return next(result for result in results if result.address in ("B", "P"))


CASES = [
    ("some", [], NON_COMPLIANT), ("each", [], COMPLIANT), ("none", [], COMPLIANT),
    ("some", [True], COMPLIANT), ("some", [False, True], COMPLIANT), ("each", [False, True], NON_COMPLIANT),
    ("none", [False], COMPLIANT), ("none", [True], NON_COMPLIANT),
]


@pytest.mark.parametrize(("quantifier", "goods", "expected"), CASES)
def test_subjects_that_refer_to_this_one(identities, quantifier, goods, expected):
    policies = [resource(POLICY, f"P{i}", {"Bucket": ref("B"), "Good": good}) for i, good in enumerate(goods)]
    other = resource(POLICY, "Other", {"Bucket": ref("Elsewhere"), "Good": True})
    result = verdict(FROM, identities, resource(BUCKET, "B", {}), *policies, other, extra=f"quantifier: {quantifier}")
    assert result.compliance == expected


def test_names_match_through_literal_names_and_arns(identities):
    bucket = resource(BUCKET, "B", {"BucketName": "orders"})
    for name in ("orders", "arn:aws:s3:::orders"):
        policy = resource(POLICY, "P", {"Bucket": name, "Good": True})
        assert verdict(FROM, identities, bucket, policy).compliance == COMPLIANT
    policy = resource(POLICY, "P", {"Bucket": "more-orders", "Good": True})
    assert verdict(FROM, identities, bucket, policy).compliance == NON_COMPLIANT


def test_a_literal_name_means_the_one_of_its_own_scope_first(identities):
    bucket, twin = resource(BUCKET, "B", {"BucketName": "orders"}), resource(BUCKET, "B", {"BucketName": "orders"}, scope="b")
    policy = resource(POLICY, "P", {"Bucket": "orders", "Good": True}, scope="b")
    assert verdict(FROM, identities, bucket, policy).compliance == COMPLIANT
    assert verdict(FROM, identities, bucket, policy, twin).compliance == NON_COMPLIANT


@pytest.mark.parametrize(("address", "expected"), [("B", COMPLIANT), ("Twin", NON_COMPLIANT), ("Elsewhere", COMPLIANT)])
def test_a_name_read_out_of_a_resource_means_that_resource(identities, address, expected):
    bucket, twin = (resource(BUCKET, name, {"BucketName": "orders", "Good": name == "B"}) for name in ("B", "Twin"))
    traced = Traced(Scalar("orders", at(40)), at(40), Reference(address, "bucket"))
    policy = resource(POLICY, "P", {"Bucket": traced, "Good": True})
    assert verdict(FROM, identities, bucket, twin, policy).compliance == expected
    if address != "Elsewhere":
        assert verdict(TO, identities, policy, bucket, twin, extra="quantifier: each").compliance == expected


def test_a_property_that_may_refer_to_this_one_leaves_it_open(identities):
    policy = resource(POLICY, "P", {"Bucket": Unknown("parameter Name has no default", at(9)), "Good": True})
    assert verdict(FROM, identities, resource(BUCKET, "B", {}), policy).compliance == INSUFFICIENT_DATA
    result = verdict(FROM, identities, resource(BUCKET, "B", {}), policy, extra="quantifier: each")
    assert result.compliance == COMPLIANT


def test_a_reference_is_followed_to_the_other_subject(identities):
    policy = resource(POLICY, "P", {"Bucket": ref("B")})
    good, bad = resource(BUCKET, "B", {"Good": True}), resource(BUCKET, "B", {"Good": False})
    assert verdict(TO, identities, policy, good).compliance == COMPLIANT
    result = verdict(TO, identities, policy, bad)
    assert result.compliance == NON_COMPLIANT
    assert result.related[0] == (f"{BUCKET} B", at(3, 9))


@pytest.mark.parametrize(("how", "expected"), [("unknown", INSUFFICIENT_DATA), ("holds", COMPLIANT), ("fails", NON_COMPLIANT)])
def test_what_a_reference_out_of_the_run_means(identities, how, expected):
    policy = resource(POLICY, "P", {"Bucket": "somewhere-else"})
    assert verdict(TO, identities, policy, extra=f"if_unresolved: {how}").compliance == expected


def test_a_related_subject_counts_only_where_it_exists(identities):
    prod = Question("IsProd")
    policy = resource(POLICY, "P", {"Bucket": ref("B"), "Good": True}, when=((prod, True),))
    result = verdict(FROM, identities, resource(BUCKET, "B", {}), policy)
    assert result.compliance == NON_COMPLIANT
    assert result.message.endswith("when IsProd is false")
    in_prod = resource(BUCKET, "B", {}, when=((prod, True),))
    assert verdict(FROM, identities, in_prod, policy).compliance == COMPLIANT


def test_an_existence_value_decides_like_a_condition(identities):
    prod = Question("IsProd")
    policy = resource(POLICY, "P", {"Bucket": ref("B"), "Good": True})
    policy.existence = Choice(prod, Scalar(True, at(1)), Scalar(False, at(1)), at(1))
    assert verdict(FROM, identities, resource(BUCKET, "B", {}), policy).message.endswith("when IsProd is false")


def test_how_many_related_subjects_pass(identities):
    policies = [resource(POLICY, f"P{i}", {"Bucket": ref("B"), "Good": True}) for i in range(2)]
    maybe = resource(POLICY, "M", {"Bucket": Unknown("open", at(9)), "Good": True})
    bucket = resource(BUCKET, "B", {})
    assert verdict(FROM, identities, bucket, *policies, extra="count: {at_least: 2}").compliance == COMPLIANT
    assert verdict(FROM, identities, bucket, *policies[:1], extra="count: {at_least: 2}").compliance == NON_COMPLIANT
    assert verdict(FROM, identities, bucket, *policies[:1], maybe, extra="count: {at_least: 2}").compliance == INSUFFICIENT_DATA
    assert verdict(FROM, identities, bucket, *policies, maybe, extra="count: {at_least: 2}").compliance == COMPLIANT


def test_links_are_followed_both_ways(identities):
    inventory = Inventory()
    bucket, policy = resource(BUCKET, "B", {"Good": True}), resource(POLICY, "P", {"Good": True})
    for subject in (bucket, policy):
        inventory.add(subject)
    inventory.link(bucket, "policy", policy)
    for way, kind in (("link", BUCKET), ("linking", POLICY)):
        pack = pack_of(f"subject: {kind}\nrequire: {{related: {{{way}: policy, where: {{Good: {{equals: true}}}}}}}}\n")
        assert run(pack, inventory=inventory)[0][0].compliance == COMPLIANT


def test_a_reference_test_looks_at_the_kind(identities):
    body = f"subject: {POLICY}\nrequire: {{Bucket: {{refers_to: '{BUCKET}'}}}}\n"
    bucket, topic = resource(BUCKET, "B", {}), resource("AWS::SNS::Topic", "T", {})
    assert verdict(body, identities, resource(POLICY, "P", {"Bucket": ref("B")}), bucket, topic).compliance == COMPLIANT
    assert verdict(body, identities, resource(POLICY, "P", {"Bucket": ref("T")}), bucket, topic).compliance == NON_COMPLIANT
    assert verdict(body, identities, resource(POLICY, "P", {"Bucket": ref("X")}), bucket).compliance == INSUFFICIENT_DATA


def test_following_literal_names_takes_linear_time(identities):
    count = 3000
    subjects = [resource(BUCKET, f"B{i}", {"BucketName": f"b{i}"}) for i in range(count)]
    subjects += [resource(POLICY, f"P{i}", {"Bucket": f"arn:aws:s3:::b{i}", "Good": True}) for i in range(count)]
    results, _ = run(pack_of(FROM.replace("EXTRA", "quantifier: some"), tables=identities), *subjects)
    assert [result.compliance for result in results] == [COMPLIANT] * count
    results, _ = run(pack_of(TO.replace("EXTRA", "quantifier: some"), tables=identities), *subjects)
    assert {result.compliance for result in results} == {NON_COMPLIANT}


@pytest.mark.parametrize(("text", "name", "expected"), [
    ("orders", "orders", True), ("arn:aws:s3:::orders", "orders", True), ("arn:aws:iam::1:role/path/ci", "ci", True),
    ("arn:aws:logs:eu-west-1:1:log-group:/aws/x", "/aws/x", True), ("arn:aws:s3:::more-orders", "orders", False),
    ("arn:aws:lambda:eu-west-1:1:function:f:live", "f:live", True),
])
def test_what_a_literal_means(text, name, expected):
    from scanner.scanners.rules.view import keys_of, means

    assert means(text, name) is expected
    assert (name in keys_of(text)) is expected
