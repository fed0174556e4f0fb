"""A generated project in both languages: as many CloudFormation as Terraform resources, none of them alike."""

from __future__ import annotations

import random
from pathlib import Path

from cloudformation import BLOCKS as TEMPLATE_BLOCKS
from cloudformation import HEAD

A_FILE = 50
"""Resources of a template or a Terraform folder."""
VARIABLES = """\
variable "name" {
  default = "service"
}

variable "cidr" {
  default = "10.0.0.0/8"
}

variable "password" {}

locals {
  tags = { Team = "payments" }
}
"""
TERRAFORM_BLOCKS = (
    """
resource "aws_s3_bucket" "b{n}" {{
  bucket = "${{var.name}}-{n}"
}}
""",
    """
resource "aws_iam_role" "r{n}" {{
  name = "role-{n}"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "lambda.amazonaws.com" }} }}]
  }})
}}
""",
    """
resource "aws_security_group" "g{n}" {{
  description = "group {n}"
  ingress {{
    description = "clients"
    from_port   = {port}
    to_port     = {port}
    protocol    = "tcp"
    cidr_blocks = ["10.{octet}.0.0/16", var.cidr]
  }}
}}
""",
    """
resource "aws_db_instance" "d{n}" {{
  engine            = "postgres"
  instance_class    = "db.t3.micro"
  allocated_storage = 20
  storage_encrypted = {flag}
  username          = "admin{n}"
  password          = var.password
  tags              = merge(local.tags, {{ Name = "db-{n}" }})
}}
""",
)


def both_languages(folder: Path, resources: int) -> None:
    """Write a project of about `resources` resources, half in templates, half in Terraform folders."""
    for number in range(max(1, resources // 2 // A_FILE)):
        template = folder / "cloudformation" / f"service{number}.yaml"
        module = folder / "terraform" / f"service{number}" / "main.tf"
        for path, head, blocks in (
            (template, HEAD.format(number=number), TEMPLATE_BLOCKS), (module, VARIABLES, TERRAFORM_BLOCKS),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(head + _resources(blocks, random.Random(number)))


def _resources(blocks: tuple[str, ...], chance: random.Random) -> str:
    return "".join(
        blocks[n % len(blocks)].format(
            n=n, flag=chance.choice(("true", "false")), port=chance.randint(22, 9000), octet=chance.randint(0, 255),
        )
        for n in range(A_FILE)
    )
