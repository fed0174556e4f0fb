"""Which dialect a file speaks, by name and by content; look-alikes are left alone."""

from __future__ import annotations

import pytest

from scanner import plugins
from scanner.classify import classify
from scanner.core.artifact import Artifact

BY_NAME = {
    "main.tf": "terraform", "modules/vpc/main.tf.json": "terraform", "x.tofu": "terraform",
    "buildspec.yml": "buildspec", "ci/BuildSpec.yaml": "buildspec", "appspec.json": "appspec", "a/appspec.yml": "appspec",
    "Dockerfile": "dockerfile", "docker/Dockerfile.prod": "dockerfile", "api.dockerfile": "dockerfile",
    "Containerfile": "dockerfile", "deploy.sh": "shell", "a.bash": "shell", "Setup.PS1": "shell", "tools.psm1": "shell", "build.cmd": "shell", "app.py": "python", ".env": "env-file",
    ".env.production": "env-file", "prod.env": "env-file", ".gitlab-ci.yml": "gitlab-ci", "x.gitlab-ci.yml": "gitlab-ci",
    ".github/workflows/ci.yml": "github-actions", "sub/.github/workflows/ci.yaml": "github-actions",
}
NOT_BY_NAME = [
    "Dockerfile.md", "Dockerfile.dockerignore", "README.md", "main.tfvars", "notes.txt", "environment.ts", "buildspecs.txt",
    "a.tfstate", "workflows/ci.yml", "env", "package.json",
]
CONTENT = {
    "policy-that-is-no-json": ("roles/deploy-policy.json", "allow everything", "iam-policy"),
    "serverless": ("serverless.yml", "service: a\nprovider:\n  stage: x\n\n  name: aws\n", "serverless"),
    "template": ("t.yaml", "Resources:\n  B:\n    Type: AWS::S3::Bucket\n", "cloudformation"),
    "template-without-resources": ("t.yml", 'AWSTemplateFormatVersion: "2010-09-09"\n', "cloudformation"),
    "template-json": ("t.json", '{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}', "cloudformation"),
    "template-in-a-template-file": ("t.template", '{"Resources":{"B":{"Type":"Custom::X"}}}', "cloudformation"),
    "template-with-a-long-head": (
        "t.yaml", "# " + "x" * 70_000 + "\nMappings:\n  M: {}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n", "cloudformation"),
    "template-indented-as-a-whole": ("t.yaml", "  Resources:\n    B:\n      Type: AWS::S3::Bucket\n", "cloudformation"),
    "template-with-crlf": ("t.yaml", "Resources:\r\n  B:\r\n    Type: AWS::S3::Bucket\r\n", "cloudformation"),
    "template-with-old-mac-line-ends": ("t.yaml", "Resources:\r  B:\r    Type: AWS::S3::Bucket\r", "cloudformation"),
    "template-with-quoted-keys": ("t.yaml", '"Resources":\n  "B":\n    "Type": "AWS::S3::Bucket"\n', "cloudformation"),
    "template-whose-type-is-a-mapping": (
        "t.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  B:\n    Type: {a: b}\n", "cloudformation"),
    "sam": ("t.yaml", "Transform: AWS::Serverless-2016-10-31\nResources: {}\n", "cloudformation"),
    "buildspec-named-otherwise": ("ci/build.yml", "version: 0.2\nphases:\n  build:\n    commands: [make]\n", "buildspec"),
    "template-called-buildspec": ("buildspec.yml", "Resources:\n  B:\n    Type: AWS::S3::Bucket\n", "cloudformation"),
    "broken-buildspec": ("buildspec.yml", "version: [\n", "buildspec"),
    "appspec-named-otherwise": ("deploy.yaml", "version: 0.0\nos: linux\nfiles: []\n", "appspec"),
    "appspec-with-resources": (
        "deploy.yaml", "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n", "appspec"),
    "appspec-json-with-resources": (
        "d.json", '{"version": 0.0, "Resources": [{"T": {"Type": "AWS::ECS::Service"}}]}', "appspec"),
    "pipeline": ("p.json", '{"pipeline": {"stages": [{"actions": [{"actionTypeId": {}}]}]}}', "codepipeline"),
    "task-definition": ("t.json", '{"family": "x", "containerDefinitions": []}', "task-definition"),
    "project": ("p.json", '{"name": "p", "environment": {"computeType": "BUILD_GENERAL1_SMALL"}, "source": {}}', "codebuild"),
    "deployment": ("d.json", '{"applicationName": "a", "revision": {"revisionType": "S3", "s3Location": {}}}', "codedeploy"),
    "deployment-in-yaml": ("d.yaml", "revision:\n  revisionType: AppSpecContent\n", "codedeploy"),
    "deployment-with-an-appspec": (
        "d.json", '{"revision": {"revisionType": "String", "string": {"content": "{\\"version\\": 0.0, \\"Resources\\": []}"}}}',
        "codedeploy"),
    "policy": ("p.json", '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*"}}', "iam-policy"),
    "plan": ("plan.json", '{"format_version": "1.2", "planned_values": {}}', "terraform-plan"),
    "config-item": ("c.json", '{"resourceType": "AWS::S3::Bucket", "configuration": {}}', "config-item"),
    "workflow-elsewhere": ("ci.yml", "on: push\njobs:\n  a:\n    runs-on: x\n", "github-actions"),
    "action": ("action.yml", "name: x\nruns:\n  using: composite\n", "github-actions"),
    "script-without-ending": ("bin/deploy", "#!/usr/bin/env bash\n", "shell"),
    "script-env-options": ("bin/deploy", "#!/usr/bin/env -S bash -eu\n", "shell"),
    "python-without-ending": ("bin/deploy", "#! /usr/bin/python3\n", "python"),
    "utf-16": ("t.yaml", "\ufeffResources:\n  B:\n    Type: AWS::S3::Bucket\n", "cloudformation"),
}
LOOK_ALIKES = {
    "policy-of-something-else": ("policy.json", '{"rules": []}'),
    "text-of-another-name": ("notes.json", "not json"),
    "kubernetes": ("k.yaml", "apiVersion: v1\nkind: Pod\nspec: {}\n"),
    "kubernetes-with-a-template-inside": (
        "k.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  t: |\n    Resources:\n      B:\n        Type: AWS::S3::Bucket\n"),
    "compose": ("docker-compose.yml", "version: '3'\nservices:\n  web:\n    image: x\n"),
    "package": ("package.json", '{"name": "x", "version": "0.2.0", "scripts": {"test": "x"}}'),
    "openapi": ("api.yaml", "openapi: 3.0.0\nx-amazon: {Type: 'AWS::X'}\nResources: {}\n"),
    "resource-schema": ("s.json", '{"typeName": "AWS::S3::Bucket", "Resources": {"Type": "AWS::S3::Bucket"}}'),
    "ansible": ("play.yml", "- hosts: all\n  tasks: []\n"),
    "helm-values": ("values.yaml", "resources:\n  limits: {}\nversion: 0.2\n"),
    "empty": ("x.yaml", ""),
    "scalar": ("x.json", '"AWS"'),
}


@pytest.mark.parametrize(("path", "dialect"), BY_NAME.items())
def test_by_name(path: str, dialect: str) -> None:
    assert classify(Artifact(path, b"")) == (dialect,)


@pytest.mark.parametrize("path", NOT_BY_NAME)
def test_names_that_say_nothing(path: str) -> None:
    assert classify(Artifact(path, b"")) == ()


@pytest.mark.parametrize(("path", "text", "dialect"), CONTENT.values(), ids=CONTENT)
def test_by_content(path: str, text: str, dialect: str) -> None:
    assert classify(Artifact(path, text.encode("utf-16-le" if text.startswith("\ufeff") else "utf-8"))) == (dialect,)


@pytest.mark.parametrize(("path", "text"), LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_look_alikes_are_left_alone(path: str, text: str) -> None:
    assert classify(Artifact(path, text.encode())) == ()


def test_only_known_dialects_are_named() -> None:
    named = {*BY_NAME.values(), *(dialect for _, _, dialect in CONTENT.values())}
    assert named == set(plugins.DIALECTS)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"\xef\xbb\xbf", b"#!", b"#!\n", b"\n" * 9000 + b"AWS", b"{" * 100_000 + b"AWS"])
def test_odd_bytes_do_no_harm(data: bytes) -> None:
    assert classify(Artifact("x", data)) == ()
