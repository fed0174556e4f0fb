"""Provider blocks in CloudFormation shape: mappings, folds, split resources, defaults, gaps, plans."""

from __future__ import annotations

import json

import pytest

from scanner.core.value import Absent, Unknown, Unmapped, plain
from scanner.model.terraform.mapping import mapping_of
from scanner.model.terraform_plan import state as state_plan
from tests.rooms.model.terraform.conftest import stated, workspace_of


def properties(resources, text: str, address: str):
    return resources(text)[address].properties


def test_side_resources_fold_and_keep_their_places(resources) -> None:
    found = resources("""
resource "aws_s3_bucket" "b" { bucket = "named" }
resource "aws_s3_bucket_versioning" "v" {
  bucket = aws_s3_bucket.b.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "e" {
  bucket = "named"
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = "k"
    }
  }
}
resource "aws_s3_bucket_public_access_block" "p" {
  bucket                  = aws_s3_bucket.b.bucket
  block_public_acls       = true
  restrict_public_buckets = false
}
resource "aws_s3_bucket_logging" "l" {
  bucket        = aws_s3_bucket.b.id
  target_bucket = "logs"
  target_prefix = "p/"
}
""")
    assert list(found) == ["aws_s3_bucket.b"]
    bucket = found["aws_s3_bucket.b"].properties
    assert bucket.get("VersioningConfiguration").get("Status").at.start_line == 5
    rule = bucket.get("BucketEncryption").get("ServerSideEncryptionConfiguration").items[0]
    assert plain(rule) == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}}
    block = bucket.get("PublicAccessBlockConfiguration")
    assert plain(block) == {"BlockPublicAcls": True, "RestrictPublicBuckets": False}
    assert plain(bucket.get("LoggingConfiguration")) == {"DestinationBucketName": "logs", "LogFilePrefix": "p/"}


def test_conditional_side_resource_folds_as_a_choice(resources) -> None:
    status = resources("""
variable "v" { type = bool }
resource "aws_s3_bucket" "b" {}
resource "aws_s3_bucket_versioning" "v" {
  count  = var.v ? 1 : 0
  bucket = aws_s3_bucket.b.id
  versioning_configuration { status = "Enabled" }
}
""")["aws_s3_bucket.b"].properties.get("VersioningConfiguration")
    assert status.conditional
    assert status.question.variable == "var.v"


def test_a_side_resource_keeps_its_tags_to_itself(resources) -> None:
    table = resources("""
resource "aws_dynamodb_table" "t" { name = "orders" }
resource "aws_dynamodb_table_replica" "r" {
  global_table_arn = aws_dynamodb_table.t.arn
  tags             = { team = "a" }
}
""")["aws_dynamodb_table.t"].properties
    assert isinstance(table.get("Tags"), Absent)
    assert plain(table.get("Replicas").items[0].get("Tags")) == [{"Key": "team", "Value": "a"}]


def test_side_resource_without_parent_is_stated_with_the_rest_unknown(resources) -> None:
    bucket = resources("""
resource "aws_s3_bucket_versioning" "v" {
  bucket = "elsewhere"
  versioning_configuration { status = "Suspended" }
}
""")["aws_s3_bucket_versioning.v"]
    assert bucket.kind == "AWS::S3::Bucket"
    assert bucket.properties.get("VersioningConfiguration").get("Status").content == "Suspended"
    assert isinstance(bucket.properties.get("BucketEncryption"), Unknown)


def test_side_resource_for_an_unknown_parent_opens_the_property(resources) -> None:
    bucket = resources("""
variable "which" {}
resource "aws_s3_bucket" "b" { bucket = "b" }
resource "aws_s3_bucket_versioning" "v" {
  bucket = var.which
  versioning_configuration { status = "Enabled" }
}
""")["aws_s3_bucket.b"].properties
    assert isinstance(bucket.get("VersioningConfiguration"), Unknown)


def test_security_group_rules_in_three_spellings(resources) -> None:
    workspace = stated({"main.tf": """
resource "aws_security_group" "g" {
  ingress {
    from_port        = 22
    to_port          = 22
    protocol         = "TCP"
    cidr_blocks      = ["10.0.0.0/8", "0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
    self             = true
  }
}
resource "aws_security_group_rule" "r" {
  type              = "egress"
  security_group_id = aws_security_group.g.id
  protocol          = "all"
  from_port         = 0
  to_port           = 0
  cidr_blocks       = ["0.0.0.0/0"]
}
resource "aws_vpc_security_group_ingress_rule" "v" {
  security_group_id = aws_security_group.g.id
  ip_protocol       = "tcp"
  cidr_ipv4         = "0.0.0.0/0"
}
"""})
    find = workspace.inventory.find
    group = find("", "aws_security_group.g").properties
    rules = group.get("SecurityGroupIngress").items
    assert [list(rule.entries)[-1] for rule in rules] == ["CidrIp", "CidrIp", "CidrIpv6", "SourceSecurityGroupId"]
    assert rules[1].get("CidrIp").at.start_column == 39
    assert rules[0].get("IpProtocol").content == "tcp"
    assert group.get("SecurityGroupEgress").items == (), "Terraform removes the rule that allows everything"
    rule = find("", "aws_security_group_rule.r")
    assert rule.kind == "AWS::EC2::SecurityGroupEgress"
    assert rule.properties.get("IpProtocol").content == "-1"
    assert next(rule.properties.get("GroupId").references()).address == "aws_security_group.g"
    assert find("", "aws_vpc_security_group_ingress_rule.v").kind == "AWS::EC2::SecurityGroupIngress"


def test_policy_documents_merge_and_keep_places(resources) -> None:
    found = resources("""
data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
  statement {
    sid       = "Write"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::b/&{aws:username}/*"]
  }
}
data "aws_iam_policy_document" "all" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  statement {
    sid    = "Read"
    effect = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
resource "aws_iam_policy" "p" { policy = data.aws_iam_policy_document.all.json }
""")
    document = found["aws_iam_policy.p"].properties.get("PolicyDocument")
    first, second = document.get("Statement").items
    assert plain(first) == {
        "Sid": "Read", "Effect": "Deny", "Action": ["s3:*"], "Resource": ["*"], "Principal": {"AWS": ["*"]},
        "Condition": {"Bool": {"aws:SecureTransport": ["false"]}}}
    assert plain(second.get("Resource")) == ["arn:aws:s3:::b/${aws:username}/*"]
    assert second.get("Action").items[0].at.start_line == 10


def test_heredoc_policy_with_interpolation_keeps_places(resources) -> None:
    document = resources("""
resource "aws_s3_bucket" "b" {}
resource "aws_s3_bucket_policy" "p" {
  bucket = aws_s3_bucket.b.id
  policy = <<-EOT
    {
      "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "${aws_s3_bucket.b.arn}/*"
      }]
    }
  EOT
}
""")["aws_s3_bucket_policy.p"].properties.get("PolicyDocument")
    statement = document.get("Statement").items[0]
    assert (statement.get("Principal").at.start_line, statement.get("Principal").at.start_column) == (8, 41)
    resource = statement.get("Resource")
    assert resource.at.start_line == 9
    assert resource.parts[1] == "/*"
    assert next(resource.references()).address == "aws_s3_bucket.b"


def test_role_policies_fold_into_the_role(resources) -> None:
    role = resources("""
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({Statement = [{Effect = "Allow", Action = "sts:AssumeRole", Principal = {Service = "x"}}]})
}
resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.r.id
  name   = "inline"
  policy = jsonencode({Statement = [{Effect = "Allow", Action = "*", Resource = "*"}]})
}
resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.r.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
""")["aws_iam_role.r"].properties
    assert plain(role.get("Policies"))[0]["PolicyDocument"]["Statement"][0]["Action"] == "*"
    assert plain(role.get("ManagedPolicyArns")) == ["arn:aws:iam::aws:policy/AdministratorAccess"]
    assert role.get("AssumeRolePolicyDocument").get("Statement").items[0].get("Effect").at.start_line == 3


def test_container_definitions_are_read_through_jsonencode(resources) -> None:
    task = resources("""
resource "aws_ecs_task_definition" "t" {
  container_definitions = jsonencode([{
    name = "c", image = "nginx:latest", privileged = true,
    environment = [{ name = "A", value = "b" }]
  }])
}
""")["aws_ecs_task_definition.t"].properties.get("ContainerDefinitions").items[0]
    assert plain(task) == {
        "Name": "c", "Image": "nginx:latest", "Privileged": True, "Environment": [{"Name": "A", "Value": "b"}]}


@pytest.mark.parametrize(("text", "path", "value"), [
    ('resource "aws_db_instance" "x" {}', "BackupRetentionPeriod", 0),
    ('resource "aws_db_instance" "x" {}', "PubliclyAccessible", False),
    ('resource "aws_elb" "x" {}', "CrossZone", True),
    ('resource "aws_dms_replication_instance" "x" {}', "PubliclyAccessible", False),
    ('resource "aws_cloudtrail" "x" {}', "IsLogging", True),
], ids=["backups", "public", "cross-zone", "dms", "trail"])
def test_provider_defaults_that_differ_are_stated(resources, text: str, path: str, value: object) -> None:
    [resource] = resources(text).values()
    found = resource.properties.get(path)
    assert (found.content, found.defaulted, found.at) == (value, True, resource.at)


@pytest.mark.parametrize(("text", "path", "value"), [
    ('"aws_lb" "x" { internal = true }', "Scheme", "internal"),
    ('"aws_s3_bucket" "x" { acl = "public-read" }', "AccessControl", "PublicRead"),
    ('"aws_kinesis_stream" "x" { encryption_type = "NONE" }', "StreamEncryption", None),
    ('"aws_cloudwatch_log_group" "x" { retention_in_days = 0 }', "RetentionInDays", None),
    ('"aws_db_instance" "x" { kms_key_id = "" }', "KmsKeyId", None),
    ('"aws_sqs_queue" "x" { tags = { a = "b" } }', "Tags", [{"Key": "a", "Value": "b"}]),
    ('"aws_eks_cluster" "x" { enabled_cluster_log_types = ["api"] }', "Logging",
     {"ClusterLogging": {"EnabledTypes": [{"Type": "api"}]}}),
    ('"aws_rds_cluster_parameter_group" "x" {\n parameter {\n name = "a"\n value = "1"\n }\n}', "Parameters", {"a": "1"}),
    ('"aws_opensearch_domain" "x" {\n log_publishing_options {\n log_type = "AUDIT_LOGS"\n }\n}', "LogPublishingOptions",
     {"AUDIT_LOGS": {"Enabled": True}}),
    ('"aws_kinesis_firehose_delivery_stream" "x" {\n server_side_encryption {\n enabled = false\n }\n}',
     "DeliveryStreamEncryptionConfigurationInput", None),
    ('"aws_lb" "x" {\n access_logs {\n bucket = "b"\n enabled = true\n }\n}', "LoadBalancerAttributes",
     [{"Key": "access_logs.s3.bucket", "Value": "b"}, {"Key": "access_logs.s3.enabled", "Value": True}]),
], ids=["scheme", "acl", "none", "never", "empty", "tags", "names", "keyed", "keyed-block", "switch", "attributes"])
def test_transforms(resources, text: str, path: str, value: object) -> None:
    [resource] = resources(f"resource {text}\n").values()
    found = resource.properties.entries.get(path)
    if value is None:
        assert found is None
    elif path == "LoadBalancerAttributes":
        assert sorted(plain(found), key=lambda one: one["Key"]) == value
    else:
        assert plain(found) == value


def test_what_the_mapping_does_not_cover_is_unmapped(resources) -> None:
    found = properties(resources, 'resource "aws_sqs_queue" "q" {}', "aws_sqs_queue.q")
    assert isinstance(found.get("NoSuchProperty"), Unmapped)
    assert not isinstance(found.get("KmsMasterKeyId"), Unknown)


def test_types_without_mapping_keep_their_words(resources) -> None:
    found = resources('resource "random_password" "p" {\n  min_length = 8\n}')["random_password.p"]
    assert (found.kind, found.properties.get("MinLength").content) == ("Terraform::RandomPassword", 8)


def test_every_target_of_the_mapping_data_is_well_formed() -> None:
    from scanner.model.terraform.mapping import _index
    from scanner.model.terraform.transforms import TRANSFORMS

    def check(tree: dict, where: str) -> None:
        for name, rule in tree.items():
            if isinstance(rule, dict):
                check(rule, f"{where}.{name}")
            elif name and name != "?":
                target, _, how = rule.partition(" | ")
                assert target, where
                assert target.count("[") == target.count("]"), f"{where}.{name}"
                assert not how or how.split()[0] in TRANSFORMS, f"{where}.{name}: {how}"

    for provider_type in _index():
        check(mapping_of(provider_type).tree, provider_type)
    assert len(_index()) > 1000


PLAN = {
    "format_version": "1.2", "terraform_version": "1.11.4",
    "planned_values": {"root_module": {
        "resources": [
            {"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b",
             "values": {"bucket": "n", "tags": None, "tags_all": {"team": "a"}}},
            {"address": "aws_s3_bucket_versioning.v", "mode": "managed", "type": "aws_s3_bucket_versioning", "name": "v",
             "values": {"versioning_configuration": [{"status": "Enabled"}]}},
        ],
        "child_modules": [{"address": "module.m[0]", "resources": [
            {"address": "module.m[0].aws_db_instance.d", "mode": "managed", "type": "aws_db_instance", "name": "d",
             "values": {"password": "secret", "storage_encrypted": False}}]}],
    }},
    "resource_changes": [
        {"address": "aws_s3_bucket_versioning.v", "change": {"after_unknown": {"bucket": True, "id": True}}},
        {"address": "module.m[0].aws_db_instance.d", "change": {"after_unknown": {}, "after_sensitive": {"password": True}}},
    ],
    "configuration": {"root_module": {"resources": [
        {"address": "aws_s3_bucket_versioning.v", "expressions": {
            "bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}}}]}},
}


def planned(files: dict[str, str]):
    workspace = workspace_of(files)
    state_plan([workspace.artifact("plan.json")], workspace)
    return workspace


def test_plan_resources_fold_by_their_references_and_hide_secrets() -> None:
    workspace = planned({"plan.json": json.dumps(PLAN, indent=1)})
    bucket = workspace.inventory.find("plan.json", "aws_s3_bucket.b")
    assert bucket.properties.get("VersioningConfiguration").get("Status").content == "Enabled"
    assert plain(bucket.properties.get("Tags")) == [{"Key": "team", "Value": "a"}]
    database = workspace.inventory.find("plan.json", "module.m[0].aws_db_instance.d")
    assert database.properties.get("StorageEncrypted").content is False
    password = database.properties.get("MasterUserPassword")
    assert isinstance(password, Unknown)
    assert password.secret


def test_plan_places_lead_to_the_sources() -> None:
    workspace = planned({
        "plan.json": json.dumps(PLAN),
        "main.tf": 'resource "aws_s3_bucket" "b" {\n  bucket = "n"\n}\n'
                   'resource "aws_s3_bucket_versioning" "v" {\n  bucket = aws_s3_bucket.b.id\n'
                   '  versioning_configuration {\n    status = "Enabled"\n  }\n}\nmodule "m" {\n  source = "./m"\n}\n',
        "m/db.tf": 'resource "aws_db_instance" "d" {\n  storage_encrypted = false\n}\n',
    })
    bucket = workspace.inventory.find("plan.json", "aws_s3_bucket.b")
    status = bucket.properties.get("VersioningConfiguration").get("Status")
    assert (bucket.at.path, bucket.at.start_line, status.at.path, status.at.start_line) == ("main.tf", 1, "main.tf", 7)
    database = workspace.inventory.find("plan.json", "module.m[0].aws_db_instance.d")
    assert (database.properties.get("StorageEncrypted").at.path, database.at.start_line) == ("m/db.tf", 1)


def test_grants_to_everybody_are_the_canned_acl(resources) -> None:
    bucket = resources("""
resource "aws_s3_bucket" "b" {
  grant {
    type        = "Group"
    permissions = ["READ"]
    uri         = "http://acs.amazonaws.com/groups/global/AllUsers"
  }
}
""")["aws_s3_bucket.b"].properties.get("AccessControl")
    assert (bucket.content, bucket.at.start_line) == ("PublicRead", 3)


def test_policy_attachment_names_its_holders(resources) -> None:
    workspace = stated({"main.tf": 'resource "aws_iam_policy_attachment" "a" {\n  roles = ["r"]\n  policy_arn = "arn:x"\n}\n'})
    [role] = workspace.inventory.of_kind("AWS::IAM::Role")
    assert plain(role.properties.get("ManagedPolicyArns")) == ["arn:x"]
    assert isinstance(role.properties.get("Path"), Unknown)


def test_partition_is_the_commercial_one(resources) -> None:
    found = resources('data "aws_partition" "p" {}\nresource "aws_sqs_queue" "q" { name = data.aws_partition.p.partition }')
    assert found["aws_sqs_queue.q"].properties.get("QueueName").content == "aws"


def test_yaml_content_is_a_structure_with_its_places(resources) -> None:
    found = resources("""
variable "key" {}
resource "aws_ssm_document" "written" {
  content = <<-DOC
    inputs:
      kmsKeyId: ""
      runAs: 'x${var.key}'
  DOC
}
resource "aws_ssm_document" "made" {
  content = yamlencode({
    inputs = { kmsKeyId = var.key, idle = 20 }
  })
}
resource "aws_ssm_document" "broken" {
  content = "inputs: ["
}
""")
    written = found["aws_ssm_document.written"].properties.get("Content").get("inputs")
    assert written.get("kmsKeyId").at[1:] == (6, 17, 6, 19)
    assert written.get("runAs").parts[0] == "x"
    made = found["aws_ssm_document.made"].properties.get("Content").get("inputs")
    assert made.get("idle").at.start_line == 12
    assert isinstance(made.get("kmsKeyId"), Unknown)
    assert "does not parse" in found["aws_ssm_document.broken"].properties.get("Content").reason


def test_one_artifact_store_is_an_object_and_several_are_a_list(resources) -> None:
    found = resources("""
variable "stores" { type = map(string) }
resource "aws_codepipeline" "one" {
  artifact_store {
    type     = "S3"
    location = "here"
  }
}
resource "aws_codepipeline" "two" {
  dynamic "artifact_store" {
    for_each = { "eu-west-1" = "here", "us-east-1" = "there" }
    content {
      region   = artifact_store.key
      location = artifact_store.value
    }
  }
}
resource "aws_codepipeline" "open" {
  dynamic "artifact_store" {
    for_each = var.stores
    content { location = artifact_store.value }
  }
}
""")
    one = found["aws_codepipeline.one"].properties
    assert plain(one.get("ArtifactStore")) == {"Type": "S3", "Location": "here"}
    assert one.get("ArtifactStore").at.start_line == 4
    assert isinstance(one.get("ArtifactStores"), Absent)
    assert isinstance(one.get("ArtifactStore").get("EncryptionKey"), Absent)
    two = found["aws_codepipeline.two"].properties
    assert plain(two.get("ArtifactStores")) == [
        {"Region": "eu-west-1", "ArtifactStore": {"Location": "here"}},
        {"Region": "us-east-1", "ArtifactStore": {"Location": "there"}},
    ]
    assert isinstance(two.get("ArtifactStore"), Absent)
    unknown = found["aws_codepipeline.open"].properties
    assert isinstance(unknown.get("ArtifactStore"), Unknown)
    assert unknown.get("ArtifactStores").rest is not None


def test_attached_policies_of_the_run_stay_beside_others(resources) -> None:
    found = resources("""
resource "aws_iam_role" "r" { assume_role_policy = "{}" }
resource "aws_iam_policy" "p" { policy = "{}" }
resource "aws_iam_role_policy_attachment" "own" {
  role       = aws_iam_role.r.name
  policy_arn = aws_iam_policy.p.arn
}
resource "aws_iam_role_policy_attachment" "theirs" {
  role       = aws_iam_role.r.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
""")
    own, theirs = found["aws_iam_role.r"].properties.get("ManagedPolicyArns").items
    assert [reference.address for reference in own.references()] == ["aws_iam_policy.p"]
    assert plain(theirs) == "arn:aws:iam::aws:policy/ReadOnlyAccess"
