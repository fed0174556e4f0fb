"""Resources from calls: what a call says is known, what it cannot say is left open, calls about one name add up."""

from __future__ import annotations

import pytest

from scanner.core.artifact import Artifact
from scanner.core.subject import Resource
from scanner.core.value import Absent, Unmapped, text_of
from scanner.flow import inventory_of


class NoFiles:
    """A root without further files."""

    def read(self, path: str) -> Artifact | None:
        return None

    def below(self, folder: str) -> list[str]:
        return []


def called(script: str, kind: str) -> list[Resource]:
    """Return the resources of a kind that the commands of a script state."""
    workspace = inventory_of([Artifact("run.sh", f"#!/bin/sh\n{script}\n".encode())], NoFiles())
    return [subject for subject in workspace.inventory.of_kind(kind) if isinstance(subject, Resource)]


def test_creating_call_leaves_defaults() -> None:
    (database,) = called("aws rds create-db-instance --db-instance-identifier r --publicly-accessible --no-storage-encrypted",
                         "AWS::RDS::DBInstance")
    assert database.address == "r"
    assert database.get("PubliclyAccessible").content is True
    assert database.get("StorageEncrypted").content is False
    assert database.get("StorageEncrypted").at.start_line == 2
    assert isinstance(database.get("BackupRetentionPeriod"), Absent)


def test_changing_call_leaves_the_rest_open() -> None:
    (database,) = called("aws rds modify-db-instance --db-instance-identifier r --publicly-accessible", "AWS::RDS::DBInstance")
    assert database.get("PubliclyAccessible").content is True
    assert isinstance(database.get("StorageEncrypted"), Unmapped)


@pytest.mark.parametrize(("acl", "canned"), [("public-read", "PublicRead"), ("private", "Private"), ("log-delivery-write", "LogDeliveryWrite")])
def test_acl_is_spelled_as_in_a_template(acl: str, canned: str) -> None:
    (bucket,) = called(f"aws s3api put-bucket-acl --bucket b --acl {acl}", "AWS::S3::Bucket")
    assert text_of(bucket.get("AccessControl")) == canned


def test_acl_call_tells_that_nothing_blocks_it_and_nothing_about_versions() -> None:
    (bucket,) = called("aws s3api put-bucket-acl --bucket b --acl public-read", "AWS::S3::Bucket")
    assert isinstance(bucket.get("PublicAccessBlockConfiguration"), Absent)
    assert isinstance(bucket.get("VersioningConfiguration"), Unmapped)


def test_calls_about_one_name_are_one_resource() -> None:
    (bucket,) = called(
        "aws s3api create-bucket --bucket b\n"
        "aws s3api put-bucket-versioning --bucket b --versioning-configuration Status=Enabled\n"
        "aws s3api put-public-access-block --bucket b --public-access-block-configuration IgnorePublicAcls=true", "AWS::S3::Bucket")
    assert text_of(bucket.get("VersioningConfiguration").get("Status")) == "Enabled"
    assert not isinstance(bucket.get("PublicAccessBlockConfiguration").get("IgnorePublicAcls"), Absent)


def test_other_names_are_other_resources_and_unknown_names_too() -> None:
    assert len(called("aws s3api create-bucket --bucket a\naws s3api create-bucket --bucket b\n"
                      'aws s3api create-bucket --bucket "$X"\naws s3api create-bucket --bucket "$Y"', "AWS::S3::Bucket")) == 4


def test_lower_camel_is_raised_at_every_depth() -> None:
    (project,) = called(
        "aws codebuild create-project --name p --environment type=LINUX_CONTAINER,privilegedMode=true", "AWS::CodeBuild::Project")
    assert text_of(project.get("Environment").get("Type")) == "LINUX_CONTAINER"
    assert str(project.get("Environment").get("PrivilegedMode").content).lower() == "true"


def test_every_deployment_is_one_of_its_own() -> None:
    first, second = called(
        "aws deploy create-deployment --application-name a --deployment-group-name g --github-location repository=o/a,commitId=main\n"
        "aws deploy create-deployment --application-name a --deployment-group-name g --s3-location bucket=b,key=k", "AWS::CodeDeploy::Deployment")
    assert text_of(first.get("Revision").get("GitHubLocation").get("CommitId")) == "main"
    assert isinstance(second.get("Revision").get("GitHubLocation").get("CommitId"), Absent)


@pytest.mark.parametrize("option", ["--cli-input-json", "--cli-input-yaml", "--revision"])
def test_deployment_from_a_file_is_stated_once(option: str) -> None:
    whole = '{"revision": {"revisionType": "GitHub", "gitHubLocation": {"commitId": "main"}}}'
    text = whole if "input" in option else '{"revisionType": "GitHub", "gitHubLocation": {"commitId": "main"}}'
    script = f"#!/bin/sh\naws deploy create-deployment {option} file://d.json\n"
    files = [Artifact("run.sh", script.encode()), Artifact("d.json", text.encode())]
    (made,) = inventory_of(files, NoFiles()).inventory.of_kind("AWS::CodeDeploy::Deployment")
    assert made.get("Revision").get("GitHubLocation").get("CommitId").at.path == "d.json"
