"""Modules, variables, meta-arguments: what Terraform resolves before plan, and what stays open."""

from __future__ import annotations

from scanner.core.value import Choice, ListValue, Scalar, Unknown, plain
from scanner.model.workspace import Settings
from tests.rooms.model.terraform.conftest import stated

CHILD = """
variable "name" {}
variable "versioned" {
  type    = bool
  default = true
}
resource "aws_s3_bucket" "b" {
  bucket = var.name
  versioning {
    enabled = var.versioned
  }
}
output "arn" { value = aws_s3_bucket.b.arn }
output "name" { value = var.name }
"""


def test_module_is_evaluated_for_every_call_in_the_callers_context(resources) -> None:
    found = resources({
        "modules/b/main.tf": CHILD,
        "main.tf": """
locals { prefix = "team" }
module "one" {
  source = "./modules/b"
  name   = "${local.prefix}-one"
}
module "two" {
  source    = "./modules/b"
  name      = module.one.name
  versioned = false
}
""",
    })
    one, two = found["module.one.aws_s3_bucket.b"], found["module.two.aws_s3_bucket.b"]
    assert one.properties.get("BucketName").content == "team-one"
    assert two.properties.get("BucketName").content == "team-one"
    assert two.properties.get("VersioningConfiguration").get("Status").content == "Suspended"
    assert one.at.path == "modules/b/main.tf"
    assert [(label, at.path, at.start_line) for label, at in two.related] == [("called as module.two", "main.tf", 7)]
    assert "aws_s3_bucket.b" not in found, "a called folder is no root"


def test_module_with_for_each_has_keyed_addresses(resources) -> None:
    found = resources({
        "m/main.tf": CHILD,
        "main.tf": 'module "m" {\n  source = "./m"\n  for_each = {a = "x", b = "y"}\n  name = each.value\n}',
    })
    assert found['module.m["a"].aws_s3_bucket.b'].properties.get("BucketName").content == "x"
    assert found['module.m["b"].aws_s3_bucket.b'].properties.get("BucketName").content == "y"


def test_count_on_an_open_variable_guards_the_instance(resources) -> None:
    found = resources("""
variable "create" { type = bool }
resource "aws_s3_bucket" "b" {
  count = var.create ? 1 : 0
}
""")
    bucket = found["aws_s3_bucket.b[0]"]
    assert [(question.variable, holds) for question, holds in bucket.when] == [("var.create", True)]


def test_known_count_makes_instances_and_zero_makes_none(resources) -> None:
    found = resources("""
resource "aws_sqs_queue" "q" {
  count = 2
  name  = "q${count.index}"
}
resource "aws_sqs_queue" "none" { count = 0 }
""")
    assert found["aws_sqs_queue.q[1]"].properties.get("QueueName").content == "q1"
    assert sorted(found) == ["aws_sqs_queue.q[0]", "aws_sqs_queue.q[1]"]


def test_unknown_for_each_leaves_one_open_instance(resources) -> None:
    found = resources("""
variable "queues" {}
resource "aws_sqs_queue" "q" {
  for_each = var.queues
  name     = each.key
  sqs_managed_sse_enabled = false
}
""")
    queue = found["aws_sqs_queue.q"]
    assert isinstance(queue.properties.get("QueueName"), Unknown)
    assert queue.properties.get("SqsManagedSseEnabled").content is False


def test_conditional_value_is_a_choice_with_the_variables_question(resources) -> None:
    value = resources("""
variable "env" {}
resource "aws_db_instance" "d" {
  multi_az = var.env == "prod" ? true : false
}
""")["aws_db_instance.d"].properties.get("MultiAZ")
    assert isinstance(value, Choice)
    assert (value.question.variable, value.question.constant) == ("var.env", "prod")
    assert value.then.content is True
    assert value.otherwise.content is False


def test_variable_sources_in_terraforms_order(resources) -> None:
    files = {
        "main.tf": """
variable "a" { default = "default" }
variable "b" { default = "default" }
variable "c" { default = "default" }
variable "d" { default = "default" }
variable "e" { type = list(string) }
resource "aws_sqs_queue" "q" { name = "${var.a}-${var.b}-${var.c}-${var.d}-${join("+", var.e)}" }
""",
        "terraform.tfvars": 'a = "tfvars"\nb = "tfvars"\nc = "tfvars"\n',
        "x.auto.tfvars": 'b = "auto"\nc = "auto"\n',
        "given.tfvars": 'c = "file"\n',
    }
    settings = Settings((), ("given.tfvars",), (("e", '["x", "y"]'),))
    name = resources(files, settings)["aws_sqs_queue.q"].properties.get("QueueName")
    assert name.content == "tfvars-auto-file-default-x+y"


def test_optional_attributes_get_their_defaults(resources) -> None:
    found = resources("""
variable "q" {
  type = object({
    name = string
    sse  = optional(bool, false)
    tags = optional(map(string))
  })
  default = { name = "n" }
}
resource "aws_sqs_queue" "q" {
  name = var.q.name
  sqs_managed_sse_enabled = var.q.sse
  tags = var.q.tags
}
""")["aws_sqs_queue.q"]
    assert found.properties.get("SqsManagedSseEnabled").content is False
    assert "Tags" not in found.properties.entries


def test_nullable_false_turns_null_into_the_default(resources) -> None:
    found = resources({
        "m/main.tf": 'variable "n" {\n default = "d"\n nullable = false\n}\nresource "aws_sqs_queue" "q" { name = var.n }',
        "main.tf": 'module "m" {\n source = "./m"\n n = null\n}',
    })
    assert found["module.m.aws_sqs_queue.q"].properties.get("QueueName").content == "d"


def test_dynamic_blocks_unfold(resources) -> None:
    group = resources("""
variable "open" { type = bool }
resource "aws_security_group" "g" {
  dynamic "ingress" {
    for_each = { ssh = 22, web = 80 }
    iterator = rule
    content {
      description = rule.key
      from_port   = rule.value
      to_port     = rule.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
  dynamic "egress" {
    for_each = var.open ? [1] : []
    content {
      protocol    = "-1"
      from_port   = 0
      to_port     = 0
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
""")["aws_security_group.g"]
    ingress = group.properties.get("SecurityGroupIngress")
    assert [plain(item.get("FromPort")) for item in ingress] == [22, 80]
    egress = group.properties.get("SecurityGroupEgress").items[0]
    assert isinstance(egress, Choice)
    assert egress.then.get("CidrIp").content == "0.0.0.0/0"


def test_open_dynamic_block_leaves_the_list_open(resources) -> None:
    group = resources("""
variable "rules" {}
resource "aws_security_group" "g" {
  dynamic "ingress" {
    for_each = var.rules
    content { cidr_blocks = ["0.0.0.0/0"] }
  }
}
""")["aws_security_group.g"]
    ingress = group.properties.get("SecurityGroupIngress")
    assert isinstance(ingress, ListValue)
    assert ingress.rest is not None


def test_override_files_merge_and_keep_their_places(resources) -> None:
    found = resources({
        "main.tf": 'resource "aws_sqs_queue" "q" {\n  name = "a"\n  kms_master_key_id = "k"\n}\n',
        "main_override.tf": '\n\nresource "aws_sqs_queue" "q" {\n  name = "b"\n}\n',
    })["aws_sqs_queue.q"]
    name = found.properties.get("QueueName")
    assert name.content == "b"
    assert (name.at.path, name.at.start_line) == ("main_override.tf", 4)
    assert found.properties.get("KmsMasterKeyId").content == "k"


def test_json_syntax_says_the_same(resources) -> None:
    found = resources({"main.tf.json": """{
  "variable": {"n": {"default": "x"}},
  "resource": {"aws_s3_bucket": {"b": {
    "bucket": "${var.n}-logs",
    "versioning": {"enabled": true}
  }}}
}"""})["aws_s3_bucket.b"]
    assert found.properties.get("BucketName").content == "x-logs"
    status = found.properties.get("VersioningConfiguration").get("Status")
    assert (status.content, status.at.start_line) == ("Enabled", 5)


def test_default_tags_reach_resources_of_that_provider(resources) -> None:
    found = resources("""
provider "aws" {
  default_tags { tags = { team = "a" } }
}
provider "aws" {
  alias = "other"
}
resource "aws_sqs_queue" "one" { tags = { team = "own" } }
resource "aws_sqs_queue" "two" { provider = aws.other }
resource "aws_sqs_queue" "three" {}
""")
    assert plain(found["aws_sqs_queue.one"].properties.get("Tags")) == [{"Key": "team", "Value": "own"}]
    assert "Tags" not in found["aws_sqs_queue.two"].properties.entries
    assert plain(found["aws_sqs_queue.three"].properties.get("Tags")) == [{"Key": "team", "Value": "a"}]


def test_remote_module_is_noted_once_and_its_outputs_are_unknown() -> None:
    workspace = stated({"main.tf": """
module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.0"
}
resource "aws_instance" "a" { subnet_id = module.vpc.private_subnets[0] }
resource "aws_instance" "b" { subnet_id = module.vpc.private_subnets[1] }
"""})
    notes = [note for note in workspace.notifications if note.kind == "terraform-module-remote"]
    assert [(note.level, note.at.start_line) for note in notes] == [("note", 2)]
    call = workspace.inventory.find("", "module.vpc")
    assert call.kind == "ModuleCall"
    assert call.properties.get("ContentsKnown").content is False
    assert isinstance(workspace.inventory.find("", "aws_instance.a").properties.get("SubnetId"), Unknown)


def test_installed_third_party_module_points_at_the_call(resources) -> None:
    found = resources({
        "main.tf": 'module "q" {\n  source = "example/queue/aws"\n}\n',
        ".terraform/modules/modules.json": '{"Modules": [{"Key": "q", "Source": "example/queue/aws", "Dir": ".terraform/modules/q"}]}',
        ".terraform/modules/q/main.tf": 'resource "aws_sqs_queue" "q" {\n  name = "n"\n}\n',
    })
    # `.terraform` itself is no root: the test's files name it, so it is loaded for the call only
    queue = found["module.q.aws_sqs_queue.q"]
    assert (queue.at.path, queue.at.start_line) == ("main.tf", 1)
    assert queue.properties.get("QueueName").at.start_line == 1


def test_references_carry_addresses(resources) -> None:
    found = resources("""
resource "aws_kms_key" "k" { count = 1 }
resource "aws_sqs_queue" "q" { kms_master_key_id = aws_kms_key.k[0].arn }
resource "aws_instance" "i" { vpc_security_group_ids = [aws_security_group.not_here.id] }
""")
    key = found["aws_sqs_queue.q"].properties.get("KmsMasterKeyId")
    assert [(one.address, one.attribute) for one in key.references()] == [("aws_kms_key.k[0]", "arn")]
    group = found["aws_instance.i"].properties.get("SecurityGroupIds").items[0]
    assert [one.address for one in group.references()] == ["aws_security_group.not_here"]


def test_try_on_a_resource_that_may_not_exist(resources) -> None:
    value = resources("""
variable "create" { type = bool }
resource "aws_kms_key" "k" { count = var.create ? 1 : 0 }
resource "aws_sqs_queue" "q" { kms_master_key_id = try(aws_kms_key.k[0].arn, "alias/aws/sqs") }
""")["aws_sqs_queue.q"].properties.get("KmsMasterKeyId")
    assert isinstance(value, Choice)
    assert isinstance(value.then, Unknown)
    assert value.otherwise.content == "alias/aws/sqs"


def test_partly_known_text_keeps_its_pieces(resources) -> None:
    value = resources("""
resource "aws_s3_bucket" "b" {}
resource "aws_sqs_queue" "q" { name = "arn:${aws_s3_bucket.b.id}/x" }
""")["aws_sqs_queue.q"].properties.get("QueueName")
    assert isinstance(value, Unknown)
    assert [part if isinstance(part, str) else "?" for part in value.parts] == ["arn:", "?", "/x"]


def test_lifecycle_stands_beside_the_properties(resources) -> None:
    found = resources('resource "aws_db_instance" "d" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}')
    assert found["aws_db_instance.d"].get("@DeletionPolicy").content == "Retain"


def test_peer_marks_inside_and_above_a_block(resources) -> None:
    found = resources("""
#tfsec:ignore:aws-sqs-enable-queue-encryption
resource "aws_sqs_queue" "a" {
  #checkov:skip=CKV_AWS_27:no secrets inside
  name = "a" # trivy:ignore:AVD-AWS-0096
}
resource "aws_sqs_queue" "b" {
  #tfsec:ignore:aws-sqs-enable-queue-encryption:exp:2020-01-01
}
""")
    marks = found["aws_sqs_queue.a"].peer_suppressions
    assert [(mark.family, mark.identifier, mark.reason, mark.at.start_line) for mark in marks] == [
        ("tfsec", "aws-sqs-enable-queue-encryption", "", 2),
        ("checkov", "CKV_AWS_27", "no secrets inside", 4),
        ("trivy", "AVD-AWS-0096", "", 5),
    ]
    assert found["aws_sqs_queue.b"].peer_suppressions == ()


# --- bad input ------------------------------------------------------------------------------------


def kinds(workspace) -> list[str]:
    return [note.kind for note in workspace.notifications]


def test_broken_block_does_not_blind_the_file() -> None:
    workspace = stated({"main.tf": 'resource "aws_sqs_queue" "a" {\n  name = = 1\n}\nresource "aws_sqs_queue" "b" {}\n'})
    assert workspace.inventory.find("", "aws_sqs_queue.b") is not None
    assert [(note.kind, note.at.start_line) for note in workspace.notifications] == [("hcl-syntax", 2)]


def test_reference_cycle_is_named_and_the_rest_evaluated() -> None:
    workspace = stated({"main.tf": """
locals {
  a = local.b
  b = local.a
}
resource "aws_sqs_queue" "q" {
  name = local.a
  sqs_managed_sse_enabled = false
}
"""})
    queue = workspace.inventory.find("", "aws_sqs_queue.q")
    assert isinstance(queue.properties.get("QueueName"), Unknown)
    assert isinstance(queue.properties.get("SqsManagedSseEnabled"), Scalar)
    assert kinds(workspace) == ["terraform-cycle"]


def test_self_calling_module_and_source_outside_the_root() -> None:
    workspace = stated({
        "m/main.tf": 'module "again" {\n  source = "../m"\n}\nresource "aws_sqs_queue" "q" {}\n',
        "main.tf": 'module "m" {\n  source = "./m"\n}\nmodule "out" {\n  source = "../../elsewhere"\n}\n',
    })
    assert sorted(kinds(workspace)) == ["terraform-module-cycle", "terraform-module-missing"]
    assert workspace.inventory.find("", "module.m.aws_sqs_queue.q") is not None


def test_loops_are_bounded() -> None:
    workspace = stated({"main.tf": """
locals {
  a = range(1000)
  b = [for x in local.a : [for y in local.a : [for z in local.a : "${x}${y}${z}"]]]
}
resource "aws_sqs_queue" "q" {
  name = length(flatten(local.b)) > 1 ? "x" : "y"
}
resource "aws_sqs_queue" "r" { name = "r" }
"""})
    assert workspace.inventory.find("", "aws_sqs_queue.r").properties.get("QueueName").content == "r"
    assert "terraform-too-large" in kinds(workspace)


def test_large_locals_cost_nothing_until_used() -> None:
    lines = "\n".join(f'  v{number} = "text {number}"' for number in range(50_000))
    workspace = stated({"main.tf": f'locals {{\n{lines}\n}}\nresource "aws_sqs_queue" "q" {{ name = local.v49999 }}\n'})
    assert workspace.inventory.find("", "aws_sqs_queue.q").properties.get("QueueName").content == "text 49999"


def test_long_chain_of_locals_ends_as_unknown_not_as_an_error() -> None:
    chain = "\n".join(f"  v{number} = local.v{number + 1}" for number in range(5_000))
    workspace = stated({"main.tf": f'locals {{\n{chain}\n  v5000 = "end"\n}}\nresource "aws_sqs_queue" "q" {{ name = local.v0 }}\n'})
    assert workspace.inventory.find("", "aws_sqs_queue.q") is not None


def test_deep_nesting_is_a_fault_with_a_place() -> None:
    workspace = stated({"main.tf": "locals {\n  a = " + "[" * 5000 + "]" * 5000 + "\n}\n"})
    assert [(note.kind, note.at.start_line) for note in workspace.notifications] == [("hcl-syntax", 2)]
