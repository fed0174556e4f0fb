# Parcel service. Insecure on purpose, see ../../README.md.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region     = var.region
  access_key = "AKIA7TZL2QWX4MR6VN3P"
}

locals {
  anywhere = ["0.0.0.0/0"]
}

resource "aws_security_group" "web" {
  name   = "parcels-web"
  vpc_id = var.vpc_id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = local.anywhere
  }

  dynamic "ingress" {
    for_each = var.support_ports
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = local.anywhere
    }
  }
}

resource "aws_db_instance" "parcels" {
  engine              = "postgres"
  instance_class      = "db.t4g.medium"
  allocated_storage   = 50
  username            = "parcels"
  password            = "Hk3-vTq96zWm"
  storage_encrypted   = false
  publicly_accessible = true
  skip_final_snapshot = true
}

resource "aws_s3_bucket" "labels" {
  bucket = "parcels-labels"
}

resource "aws_s3_bucket_public_access_block" "labels" {
  bucket                  = aws_s3_bucket.labels.id
  block_public_acls       = false
  block_public_policy     = false
  ignore_public_acls      = false
  restrict_public_buckets = false
}

data "aws_iam_policy_document" "release" {
  statement {
    effect    = "Allow"
    actions   = ["*"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "release" {
  name   = "release"
  role   = var.release_role
  policy = data.aws_iam_policy_document.release.json
}

resource "aws_codebuild_project" "build" {
  name         = "parcels-build"
  service_role = var.release_role

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    compute_type    = "BUILD_GENERAL1_SMALL"
    image           = "aws/codebuild/standard:7.0"
    type            = "LINUX_CONTAINER"
    privileged_mode = true
  }

  source {
    type      = "GITHUB"
    location  = "https://github.com/parcels/parcel-service.git"
    buildspec = <<-SPEC
      version: 0.2
      phases:
        build:
          commands:
            - curl -sS https://tools.example.net/prepare.sh | bash
            - make check
    SPEC
  }
}
