"""What SAM templates become equals what aws-sam-translator makes of them, where security looks.

Both sides are compared as our reader states them: the translator's output is read as a plain template.
"""

import json
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from cloudformation_making import shown, stated
from samtranslator.translator.transform import transform

FIXTURES = sorted((Path(__file__).parents[2] / "fixtures" / "cloudformation" / "sam").glob("*.yaml"))
NAMED_OTHERWISE = ("AWS::Lambda::LayerVersion", "AWS::Lambda::Version", "AWS::ApiGateway::Deployment")
"""Types whose logical ids carry a hash in SAM: compared by type alone."""

IGNORED = {
    # what SAM adds that says nothing about security, or that its region and package settings decide
    "AWS::Lambda::Function": {"Code"}, "AWS::ApiGateway::Stage": {"DeploymentId"},
    "AWS::ApiGateway::RestApi": {"Parameters", "BodyS3Location"}, "AWS::Lambda::Permission": {"SourceArn"},
    "AWS::StepFunctions::StateMachine": {"DefinitionString", "DefinitionS3Location"},
    "AWS::Lambda::LayerVersion": {"LayerName", "Content"}, "AWS::ApiGatewayV2::Api": {"ProtocolType", "BodyS3Location"},
    "AWS::S3::Bucket": {"NotificationConfiguration"}, "AWS::ApiGateway::Deployment": {"Description"},
    "AWS::Lambda::EventInvokeConfig": {"FunctionName", "Qualifier"},
    "AWS::Scheduler::Schedule": {"FlexibleTimeWindow", "Name"}, "AWS::Lambda::Alias": {"FunctionVersion"},
}


class Loader:
    """The managed policies of AWS by name, as the service knows them."""

    def load(self):
        return json.loads(files("samtranslator").joinpath("internal/data/aws_managed_policies.json").read_text())["aws"]


class Tagged(yaml.SafeLoader):
    """YAML with short tags as long forms."""


def _construct(loader, suffix, node):
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        text = loader.construct_scalar(node)
        return {name: text.split(".", 1) if suffix == "GetAtt" else text}
    return {name: loader.construct_sequence(node, deep=True)}


Tagged.add_multi_constructor("!", _construct)


def comparable(workspace, path):
    """Resources by (type, address or type) -> shown properties."""
    found = {}
    for subject in workspace.inventory:
        if subject.kind in ("Parameter", "Output") or subject.kind.startswith("AWS::Serverless::"):
            continue
        ignored = IGNORED.get(subject.kind, set())
        entries = {key: shown(value) for key, value in subject.properties.entries.items() if key not in ignored}
        if "Tags" in entries:
            entries["Tags"] = entries["Tags"].replace("{Key: 'lambda:createdBy', Value: 'SAM'}, ", "").replace(
                "{Key: 'lambda:createdBy', Value: 'SAM'}", "").replace(
                "{Key: 'httpapi:createdBy', Value: 'SAM'}", "").replace(
                "{Key: 'stateMachine:createdBy', Value: 'SAM'}, ", "").replace(
                "{Key: 'stateMachine:createdBy', Value: 'SAM'}", "")
            if entries["Tags"] in ("[]", "{httpapi:createdBy: 'SAM'}"):
                del entries["Tags"]
        if subject.kind == "AWS::IAM::Role":
            entries["Policies"] = _documents(subject)
            entries["ManagedPolicyArns"] = sorted(map(shown, getattr(subject.get("ManagedPolicyArns"), "items", ())))
        name = "" if subject.kind in NAMED_OTHERWISE else subject.address
        found[(subject.kind, name)] = (entries, [question.phrase(holds) for question, holds in subject.when])
    return found


def _documents(role):
    """Inline policies without their names and versions: which names SAM counts up is its own affair."""
    listed = role.get("Policies")
    items = listed.items if hasattr(listed, "items") else ()
    return sorted(_flat(item.get("PolicyDocument").get("Statement")) for item in items)


def _flat(statement):
    """A statement list as text; one statement counts as a list of one, order of keys does not matter."""
    items = statement.items if hasattr(statement, "items") and not isinstance(statement.items, dict) else (statement,)
    texts = []
    for item in items:
        entries = {}
        for key, value in item.entries.items():
            text = shown(value)
            entries[key] = text if text.startswith("[") else f"[{text}]"
        texts.append(str(sorted(entries.items())))
    return " ".join(texts)


@pytest.fixture(autouse=True)
def _region(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_sam_becomes_what_the_translator_makes(path):
    text = path.read_text()
    translated = transform(yaml.load(text, Loader=Tagged), {}, Loader())
    theirs = comparable(stated(files={"t.json": json.dumps(translated)}), "t.json")
    mine = comparable(stated(files={"t.yaml": text}), "t.yaml")
    assert mine.keys() == theirs.keys()
    for key, value in theirs.items():
        assert mine[key] == value, key


def test_there_are_enough_samples():
    assert len(FIXTURES) >= 25


def test_values_stand_in_the_sam_source():
    text = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n" \
           "      Policies:\n        - Statement: [{Effect: Allow, Action: '*', Resource: '*'}]\n      Tracing: Active\n"
    inventory = stated(text).inventory
    role = inventory.find("t.yaml", "FRole")
    action = role.get("Policies").items[0].get("PolicyDocument").get("Statement").items[0].get("Action")
    assert (action.content, action.at.start_line) == ("*", 7)
    assert inventory.find("t.yaml", "F").get("TracingConfig").get("Mode").at.start_line == 8
    assert role.at.start_line == 3


def test_references_to_made_resources_are_not_called_wrong():
    text = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {}\n" \
           "  R: {Type: T::T::R, Properties: {V: !GetAtt FRole.Arn, W: !Ref ServerlessRestApi, X: !Ref F.Version}}\n"
    assert not stated(text).notifications
