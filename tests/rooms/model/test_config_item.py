"""Recorded AWS Config items become resources in CloudFormation's shape."""

import json
from urllib.parse import quote

import pytest

from scanner.core.artifact import Artifact
from scanner.core.value import Absent, Unmapped, plain
from scanner.model.config_item import state
from scanner.model.workspace import Workspace


class NoFiles:
    def read(self, path):
        return None

    def below(self, folder):
        return []


def stated(content, indent=1):
    artifact = Artifact("items.json", json.dumps(content, indent=indent).encode())
    workspace = Workspace(NoFiles(), [artifact])
    state([artifact], workspace)
    return workspace


GROUP = {
    "resourceType": "AWS::EC2::SecurityGroup", "resourceId": "sg-1", "ARN": "arn:aws:ec2:eu-west-1:1:security-group/sg-1",
    "tags": {"team": "x"},
    "configuration": {"groupId": "sg-1", "groupName": "web", "description": "d", "vpcId": "vpc-1", "ipPermissions": [
        {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipv4Ranges": [{"cidrIp": "0.0.0.0/0"}],
         "ipRanges": ["0.0.0.0/0"], "ipv6Ranges": [{"cidrIpv6": "::/0"}], "userIdGroupPairs": [{"groupId": "sg-2"}]}]},
}
BUCKET = {
    "resourceType": "AWS::S3::Bucket", "resourceId": "logs", "resourceName": "logs", "arn": "arn:aws:s3:::logs",
    "configuration": json.dumps({"name": "logs", "owner": {"id": "1"}}),
    "supplementaryConfiguration": {
        "BucketVersioningConfiguration": "{\"status\":\"Off\"}",
        "BucketPolicy": json.dumps({"policyText": json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*"}]})}),
        "PublicAccessBlockConfiguration": "{\"blockPublicAcls\":true,\"ignorePublicAcls\":false}",
    },
}


def test_security_group_rules_are_one_per_range():
    workspace = stated({"configurationItems": [GROUP]})
    group = workspace.inventory.find("items.json", GROUP["ARN"])
    assert group.kind == "AWS::EC2::SecurityGroup"
    base = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    assert plain(group.get("SecurityGroupIngress")) == [
        {**base, "CidrIp": "0.0.0.0/0"}, {**base, "CidrIpv6": "::/0"}, {**base, "SourceSecurityGroupId": "sg-2"}]
    assert plain(group.get("Tags")) == [{"Key": "team", "Value": "x"}]


def test_places_lead_into_the_json_texts():
    text = json.dumps({"configurationItems": [BUCKET]}, indent=1)
    bucket = stated({"configurationItems": [BUCKET]}).inventory.find("items.json", "arn:aws:s3:::logs")
    name = bucket.get("BucketName")
    assert name.content == "logs"
    line = text.split("\n")[name.at.start_line - 1]
    assert line[name.at.start_column - 1:name.at.end_column - 1] == '\\"logs\\"'


def test_buckets_carry_their_supplements_and_policy():
    inventory = stated([BUCKET]).inventory
    bucket, policy = inventory.find("items.json", "arn:aws:s3:::logs"), inventory.of_kind("AWS::S3::BucketPolicy")[0]
    assert isinstance(bucket.get("VersioningConfiguration"), Absent)
    assert plain(bucket.get("PublicAccessBlockConfiguration")) == {"BlockPublicAcls": True, "IgnorePublicAcls": False}
    assert isinstance(bucket.get("ReplicationConfiguration"), Unmapped)
    assert plain(policy.get("Bucket")) == "logs"
    assert plain(policy.get("PolicyDocument")) == {"Statement": [{"Effect": "Allow", "Principal": "*"}]}


def test_iam_documents_are_decoded():
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    item = {"resourceType": "AWS::IAM::Policy", "arn": "arn:aws:iam::1:policy/p", "configuration": {
        "policyName": "p", "policyVersionList": [
            {"document": quote(json.dumps({"Statement": []})), "isDefaultVersion": False},
            {"document": quote(json.dumps(document)), "isDefaultVersion": True}]}}
    policy = stated(item).inventory.of_kind("AWS::IAM::ManagedPolicy")[0]
    assert plain(policy.get("PolicyDocument")) == document
    role = {"resourceType": "AWS::IAM::Role", "arn": "arn:aws:iam::1:role/r", "configuration": {
        "roleName": "r", "assumeRolePolicyDocument": quote(json.dumps(document)),
        "attachedManagedPolicies": [{"policyName": "A", "policyArn": "arn:aws:iam::aws:policy/A"}],
        "rolePolicyList": [{"policyName": "i", "policyDocument": quote(json.dumps(document))}]}}
    made = stated(role).inventory.of_kind("AWS::IAM::Role")[0]
    assert plain(made.get("AssumeRolePolicyDocument")) == document
    assert plain(made.get("ManagedPolicyArns")) == ["arn:aws:iam::aws:policy/A"]
    assert plain(made.get("Policies")) == [{"PolicyName": "i", "PolicyDocument": document}]


@pytest.mark.parametrize("wrapper", [
    lambda item: item, lambda item: [item], lambda item: {"configurationItem": item},
    lambda item: {"Results": [json.dumps(item)]},
], ids=["item", "list", "notification", "select"])
def test_every_shape_of_a_record_is_read(wrapper):
    assert [subject.kind for subject in stated(wrapper(GROUP)).inventory] == ["AWS::EC2::SecurityGroup"]


def test_other_types_are_capitalised_and_gaps_are_unmapped():
    item = {"resourceType": "AWS::RDS::DBInstance", "arn": "arn:db", "configuration": {
        "dBInstanceIdentifier": "db", "storageEncrypted": True, "kmsKeyId": None, "multiAZ": False}}
    db = stated(item).inventory.of_kind("AWS::RDS::DBInstance")[0]
    assert plain(db.get("DBInstanceIdentifier")) == "db"
    assert plain(db.get("StorageEncrypted")) is True
    assert plain(db.get("MultiAZ")) is False
    assert isinstance(db.get("KmsKeyId"), Unmapped)


def test_deleted_items_are_left_out():
    assert len(stated({**GROUP, "configurationItemStatus": "ResourceDeleted"}).inventory) == 0
