"""Variables, images and declared ports of every carrier."""

import json

import pytest
from access_making import workspace_of

from scanner.model.derived.images import Reference, reference_of

FILES = {
    "buildspec.yml": "version: 0.2\nenv:\n  variables:\n    A: one\n  secrets-manager:\n    B: s:k\nphases:\n  build:\n    commands:\n      - export C=three\n      - D=four make\n",
    "Dockerfile": "FROM docker.io/library/python:3.11 AS base\nARG E=five\nENV F=six\nEXPOSE 22 8000-8010/udp\nFROM base\n",
    ".env": "G=seven\n",
    "t.json": json.dumps({"Resources": {
        "L": {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Variables": {"H": "eight"}}, "Code": {"ImageUri": "1.dkr.ecr.eu-west-1.amazonaws.com/a:1"}}},
        "P": {"Type": "AWS::CodeBuild::Project", "Properties": {"Environment": {"Image": "aws/codebuild/standard:7.0", "EnvironmentVariables": [{"Name": "I", "Value": "/p", "Type": "PARAMETER_STORE"}]}}},
        "T": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [{"Image": "nginx", "Environment": [{"Name": "J", "Value": "ten"}], "Secrets": [{"Name": "K", "ValueFrom": "arn:aws:secretsmanager:x"}], "PortMappings": [{"ContainerPort": 80, "HostPort": 8080}]}]}},
    }}),
}


@pytest.fixture(scope="module")
def inventory():
    return workspace_of(FILES)[0].inventory


def test_variables(inventory):
    found = {v.name: (v.get("value"), v.source, v.carrier, v.at.path) for v in inventory.of_kind("Variable")}
    expected = {
        "A": ("plaintext", "buildspec"), "B": ("secrets-manager", "buildspec"), "C": ("plaintext", "shell"), "D": ("plaintext", "shell"),
        "E": ("plaintext", "image"), "F": ("plaintext", "image"), "G": ("plaintext", "env-file"), "H": ("plaintext", "function"),
        "I": ("parameter-store", "build-project"), "J": ("plaintext", "task-definition"), "K": ("secrets-manager", "task-definition"),
    }
    assert {name: found[name][1:3] for name in expected} == expected
    assert [found[name][0].content for name in "ACDFGHJ"] == ["one", "three", "four", "six", "seven", "eight", "ten"]


def test_images(inventory):
    found = {(i.use, i.registry, i.repository, i.tag) for i in inventory.of_kind("Image")}
    assert found == {
        ("base", "docker.io", "library/python", "3.11"), ("container", "1.dkr.ecr.eu-west-1.amazonaws.com", "a", "1"),
        ("build-environment", "", "aws/codebuild/standard", "7.0"), ("container", "", "nginx", ""),
    }


def test_declared_ports(inventory):
    found = {(e.reach, e.protocol.content if hasattr(e.protocol, "content") else None, str(e.from_port.content), str(e.to_port.content)) for e in inventory.of_kind("Exposure")}
    assert found == {("image-port", "tcp", "22", "22"), ("image-port", "udp", "8000", "8010"), ("host-port", None, "8080", "8080")}


@pytest.mark.parametrize(("text", "expected"), [
    ("alpine", ("", "alpine", "", "")), ("alpine:3", ("", "alpine", "3", "")), ("a/b@sha256:f", ("", "a/b", "", "sha256:f")),
    ("localhost/x:1", ("localhost", "x", "1", "")), ("h:5000/a/b:1@sha256:f", ("h:5000", "a/b", "1", "sha256:f")),
])
def test_image_references(text, expected):
    assert reference_of(text) == Reference(*expected)
