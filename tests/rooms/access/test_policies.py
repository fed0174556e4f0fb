"""Policies from everything that carries them, and what they come to."""

import json

import pytest
from access_making import lines, results_of, verdicts, workspace_of
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.facts.iam import FACTS
from scanner.facts.iam.escalation import PATHS

ADMIN = "iam-policy-administrator"
STAR = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions, resource="*", **more):
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


WRAPPINGS = {
    "bare": STAR, "get-policy-version": {"PolicyVersion": {"Document": STAR, "VersionId": "v2", "IsDefaultVersion": True}},
    "get-role-policy": {"RoleName": "r", "PolicyName": "p", "PolicyDocument": STAR},
    "get-policy as text": {"Policy": json.dumps(STAR)},
    "list": [STAR],
    "single statement": {"Version": "2012-10-17", "Statement": STAR["Statement"][0]},
    "account details": {"RoleDetailList": [{"RoleName": "r", "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": STAR}]}]},
}


@pytest.mark.parametrize("name", WRAPPINGS)
def test_policy_files_in_any_wrapping(name):
    files = {"p.json": json.dumps(WRAPPINGS[name], indent=1)}
    assert "NON_COMPLIANT" in verdicts(ADMIN, files, {"p.json": "iam-policy"})


def test_url_encoded_documents():
    from urllib.parse import quote

    text = json.dumps({"PolicyVersion": {"Document": quote(json.dumps(STAR))}})
    assert verdicts(ADMIN, {"p.json": text}, {"p.json": "iam-policy"}) == {"NON_COMPLIANT"}


def test_old_versions_of_a_policy_are_left_out():
    text = json.dumps({"PolicyVersionList": [{"Document": STAR, "IsDefaultVersion": False}, {"Document": json.loads(policy(allow("s3:GetObject", "arn:aws:s3:::b/*"))), "IsDefaultVersion": True}]})
    assert verdicts(ADMIN, {"p.json": text}, {"p.json": "iam-policy"}) == {"COMPLIANT"}


@pytest.mark.parametrize("text", ["{", "not json", '{"Statement": [', "[1, 2", '"x"', "{}", '{"Statement": 7}'])
def test_malformed_policy_files_are_reported(text):
    workspace, _ = workspace_of({"p.json": text}, {"p.json": "iam-policy"})
    found = verdicts("iam-policy-malformed", {"p.json": text}, {"p.json": "iam-policy"})
    assert "NON_COMPLIANT" in found or workspace.notifications


def test_attachments_of_account_details():
    text = json.dumps({"UserDetailList": [{"UserName": "ann", "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]}], "Policies": []})
    assert [r.address for r in results_of("identity-holds-administrator-policy", {"p.json": text}, {"p.json": "iam-policy"})] == ["ann"]


def test_a_document_as_text_points_into_the_text():
    text = """Resources:
  Bus:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: |
        {"Version": "2012-10-17",
         "Statement": [{"Effect": "Allow",
           "Action": "*",
           "Resource": "*"}]}
"""
    assert lines(ADMIN, {"t.yaml": text}) == [("t.yaml", 8)]


def test_a_document_that_both_a_file_and_a_command_state_counts_once():
    files = {
        "p.json": json.dumps(STAR),
        "a.sh": "#!/bin/sh\naws iam put-user-policy --user-name u --policy-name p --policy-document file://p.json\n",
    }
    assert len(results_of(ADMIN, files)) == 1


@pytest.mark.parametrize(("statements", "expected"), [
    ([allow("*")], {"NON_COMPLIANT"}),
    ([allow(["s3:Get*", "*:*"])], {"NON_COMPLIANT"}),
    ([{"Effect": "Allow", "NotAction": [], "Resource": "*"}], {"NON_COMPLIANT"}),
    ([{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b"}], {"NON_COMPLIANT"}),
    ([allow("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})], {"NON_COMPLIANT"}),
    ([allow("*", Condition={"StringEquals": {"aws:ResourceTag/team": "a"}})], {"COMPLIANT"}),
    ([allow("*", "arn:aws:s3:::b/*")], {"COMPLIANT"}),
    ([{"Effect": "Deny", "Action": "*", "Resource": "*"}], {"COMPLIANT"}),
])
def test_administrators(statements, expected):
    assert verdicts(ADMIN, {"p.json": policy(*statements)}) == expected


def test_every_entry_that_is_too_wide_is_a_finding():
    text = policy(allow(["s3:Get*", "ec2:*", "sqs:*"])).replace(", ", ",\n")
    found = lines("iam-policy-service-wildcard", {"p.json": text})
    assert [text.split("\n")[line - 1].strip() for _, line in found] == ['"ec2:*",', '"sqs:*"],']


def test_every_escalation_path_names_actions_that_exist():
    for name, path in PATHS.items():
        for action in path.actions:
            service, _, verb = action.partition(":")
            known = FACTS.service(service)
            assert known is not None, (name, action)
            assert known.spelling(verb), (name, action)


def test_the_rule_family_and_the_table_of_paths_agree():
    import yaml

    with open("rules/iam/privilege-escalation.yaml") as file:
        members = yaml.safe_load(file)["members"]
    assert [member["name"] for member in members] == list(PATHS)
    for member in members:
        assert tuple(member["actions"].lower().split()) == PATHS[member["name"]].actions
        assert json.loads(f"[{member['list']}]") == member["actions"].split()


LAMBDA = "iam-escalation-by-new-lambda-then-invoke"
PARTS = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]


@pytest.mark.parametrize(("statements", "expected"), [
    ([allow(PARTS)], "NON_COMPLIANT"),
    ([allow(PARTS[:1]), allow("lambda:*")], "NON_COMPLIANT"),
    ([allow(["*:PassRole", "lambda:?reateFunction", "LAMBDA:INVOKE*"])], "NON_COMPLIANT"),
    ([allow(PARTS[:1], "arn:aws:iam::*:role/*"), allow(PARTS[1:])], "NON_COMPLIANT"),
    ([allow(PARTS[:1], Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}), allow(PARTS[1:])], "NON_COMPLIANT"),
    ([allow(PARTS[:1], Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}), allow(PARTS[1:])], "COMPLIANT"),
    ([allow(PARTS[:1], "arn:aws:iam::1:role/app"), allow(PARTS[1:])], "COMPLIANT"),
    ([allow(PARTS[:2])], "COMPLIANT"),
    ([allow(PARTS), {"Effect": "Deny", "Action": "iam:Pass*", "Resource": "*"}], "COMPLIANT"),
    ([allow(PARTS), {"Effect": "Deny", "Action": "iam:Pass*", "Resource": "arn:aws:iam::1:role/admin"}], "NON_COMPLIANT"),
    ([allow(PARTS), {"Effect": "Deny", "Action": "iam:Pass*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:ResourceTag/a": "b"}}}], "INSUFFICIENT_DATA"),
    ([allow(PARTS, Condition={"StringEquals": {"aws:ResourceTag/a": "b"}})], "INSUFFICIENT_DATA"),
    ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], "NON_COMPLIANT"),
    ([{"Effect": "Allow", "NotAction": ["s3:*", "lambda:*"], "Resource": "*"}], "COMPLIANT"),
])
def test_escalation_is_judged_on_the_whole_policy(statements, expected):
    assert verdicts(LAMBDA, {"p.json": policy(*statements)}) == {expected}


PUBLIC = "s3-bucket-policy-open-to-anyone"


def bucket(principal, condition=None):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Resources": {"B": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "b", "PolicyDocument": {"Statement": [statement]}}}}})


@pytest.mark.parametrize(("principal", "condition", "expected"), [
    ("*", None, "NON_COMPLIANT"), ({"AWS": "*"}, None, "NON_COMPLIANT"), ({"AWS": ["arn:aws:iam::1:root", "*"]}, None, "NON_COMPLIANT"),
    ("*", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, "COMPLIANT"),
    ("*", {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}, "NON_COMPLIANT"),
    ("*", {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}}, "NON_COMPLIANT"),
    ("*", {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, "NON_COMPLIANT"),
    ("*", {"StringLike": {"aws:PrincipalArn": "*"}}, "NON_COMPLIANT"),
    ("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}, "NON_COMPLIANT"),
    ("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}, "COMPLIANT"),
    ("*", {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}, "COMPLIANT"),
    ("*", {"IpAddress": {"aws:SourceIp": ["198.51.100.0/24", "0.0.0.0/0"]}}, "NON_COMPLIANT"),
    ("*", {"Bool": {"aws:SecureTransport": "true"}}, "NON_COMPLIANT"),
    ("*", {"StringEquals": {"AWS:SourceVpce": "vpce-1"}}, "COMPLIANT"),
    ({"AWS": "arn:aws:iam::111122223333:root"}, None, "COMPLIANT"), ({"Service": "s3.amazonaws.com"}, None, "COMPLIANT"),
])
def test_public_access(principal, condition, expected):
    assert verdicts(PUBLIC, {"t.json": bucket(principal, condition)}) == {expected}


def test_an_unknown_condition_value_is_not_decided():
    document = json.loads(bucket("*", {"StringEquals": {"aws:PrincipalOrgID": {"Ref": "Org"}}}))
    document["Parameters"] = {"Org": {"Type": "String"}}
    assert verdicts(PUBLIC, {"t.json": json.dumps(document)}) == {"INSUFFICIENT_DATA"}


@settings(max_examples=60, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["Statement", "Effect", "Action", "NotAction", "Resource", "Principal", "Condition", "Sid", "Version", "x", "StringLike"]), inner, max_size=4), max_leaves=12))
def test_no_document_breaks_the_reading(document):
    workspace, _ = workspace_of({"p.json": json.dumps(document)}, {"p.json": "iam-policy"})
    for subject in workspace.inventory.of_kind("Policy"):
        assert subject.at.path == "p.json"
    for rule in ("iam-policy-malformed", "iam-policy-opens-privilege-escalation", "iam-policy-condition-type-mismatch", "policy-open-beyond-trusted-ids"):
        results_of(rule, {"p.json": json.dumps(document)}, {"p.json": "iam-policy"})
