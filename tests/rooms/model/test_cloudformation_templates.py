"""Whole templates: which resources exist and when, loops, nested stacks, environments, marks, bad input."""

import json

import pytest
from cloudformation_making import Folder, cut, shown, stated

from scanner.core.artifact import Artifact
from scanner.core.projection import project
from scanner.core.world import World
from scanner.model.cloudformation import state
from scanner.model.workspace import Workspace


def addresses(workspace, kind=None):
    return [subject.address for subject in workspace.inventory
            if subject.kind not in ("Parameter", "Output") and (kind is None or subject.kind == kind)]


def test_headers_properties_and_attributes():
    text = "Resources:\n  Db:\n    Type: AWS::RDS::DBInstance\n    DeletionPolicy: Retain\n    Properties:\n      Port: 1\n"
    db = stated(text).inventory.find("t.yaml", "Db")
    assert cut(text, db.at) == "Db"
    assert cut(text, db.properties.at) == "Db"
    assert cut(text, db.properties.key_at("Port")) == "Port"
    assert shown(db.get("@DeletionPolicy")) == "'Retain'"
    assert db.dialect == "cloudformation"


CONDITIONAL = """
Parameters:
  Env: {Type: String, AllowedValues: [dev, prod]}
  Make: {Type: String, Default: "no", AllowedValues: ["yes", "no"]}
  Fixed: {Type: String, Default: x}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  Make: !Equals [!Ref Make, "yes"]
  Either: !Or [!Condition IsProd, !Equals [!Ref "AWS::Region", eu-west-1]]
  Always: !Equals [a, a]
  Never: !Equals [a, b]
Resources:
  A: {Type: T::T::A, Condition: IsProd}
  B: {Type: T::T::B, Condition: Make, Properties: {V: !If [Make, made, not-made]}}
  C: {Type: T::T::C, Condition: Either}
  D: {Type: T::T::D, Condition: Always}
  E: {Type: T::T::E, Condition: Never}
"""


def test_conditions_guard_existence():
    inventory = stated(CONDITIONAL).inventory
    a, b, c, d = (inventory.find("t.yaml", name) for name in "ABCD")
    assert [(question.phrase(holds)) for question, holds in a.when] == ['Env is "prod"']
    assert c.when == ()
    assert shown(c.existence) == '<Env is "prod": True | <AWS::Region is "eu-west-1": True | False>>'
    assert (d.when, d.existence) == ((), None)
    assert inventory.find("t.yaml", "E") is None
    assert [(question.phrase(holds)) for question, holds in b.when] == ['Make is "yes"']


def test_what_defaults_leave_out_is_read_as_if_it_was_chosen():
    resource = stated(CONDITIONAL).inventory.find("t.yaml", "B")
    assert shown(project(resource.get("V"), World(resource.when))) == "'made'"


def test_with_a_parameter_file_what_the_values_leave_out_is_left_out():
    files = {"t.yaml": CONDITIONAL, "prod.json": '{"Parameters": {"Env": "prod"}}'}
    assert addresses(stated(files=files, parameter_files=["prod.json"], read=["t.yaml"])) == ["A", "C", "D"]


def test_a_conditional_resource_says_when_it_exists():
    resource = stated(CONDITIONAL).inventory.find("t.yaml", "A")
    assert [(words, cut(CONDITIONAL, at)) for words, at in resource.related] == [('exists only when Env is "prod"', "A")]


def test_properties_that_depend_on_a_condition_as_a_whole():
    text = "Parameters: {E: {Type: String}}\nConditions: {C: !Equals [!Ref E, x]}\nResources:\n  R:\n    Type: T::T::R\n" \
           "    Properties: !If [C, {A: 1, B: 2}, {A: 3}]\n"
    resource = stated(text).inventory.find("t.yaml", "R")
    assert shown(resource.get("A")) == '<E is "x": 1 | 3>'
    assert shown(resource.get("B")) == '<E is "x": 2 | absent>'


def test_loops_make_resources_properties_and_outputs():
    text = """
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: "a,b"}}
Resources:
  Fn::ForEach::Topics:
    - Name
    - !Ref Names
    - Topic${Name}:
        Type: AWS::SNS::Topic
        Properties:
          TopicName: !Sub "${Name}-topic"
          Fn::ForEach::Inner:
            - Key
            - [X, Y]
            - "${Key}Tag": !Ref Key
      Queue&{Name}:
        Type: AWS::SQS::Queue
        Properties: {QueueName: !Ref Name, Topic: !GetAtt "Topic${Name}.Arn"}
Outputs:
  Fn::ForEach::Out:
    - Name
    - [a]
    - Out${Name}: {Value: !GetAtt "Topic${Name}.Arn"}
"""
    workspace = stated(text)
    assert addresses(workspace) == ["Topica", "Queuea", "Topicb", "Queueb"]
    topic, queue = workspace.inventory.find("t.yaml", "Topicb"), workspace.inventory.find("t.yaml", "Queueb")
    assert shown(topic.properties) == "{TopicName: 'b-topic', XTag: 'X', YTag: 'Y'}"
    assert shown(queue.properties) == "{QueueName: 'b', Topic: ?Topicb.Arn ->Topicb.Arn}"
    assert shown(workspace.inventory.find("t.yaml", "Outa").get("Value")) == "?Topica.Arn ->Topica.Arn"
    assert cut(text, topic.at) == "Topic${Name}"
    assert not workspace.notifications


def test_loops_over_unknown_values_are_said():
    text = "Parameters: {N: {Type: CommaDelimitedList}}\nResources:\n  Fn::ForEach::L:\n    - V\n    - !Ref N\n" \
           "    - R${V}: {Type: T::T::T}\n  Other: {Type: T::T::O}\n"
    workspace = stated(text)
    assert addresses(workspace) == ["Other"]
    assert [(note.kind, note.at.start_line) for note in workspace.notifications] == [("cfn-unknown-loop", 3)]


def test_endless_loops_are_bounded():
    listed = ", ".join(str(n) for n in range(60))
    text = f"Resources:\n  Fn::ForEach::A:\n    - X\n    - [{listed}]\n    - Fn::ForEach::B:\n        - Y\n        - [{listed}]\n" \
           "        - R${X}x${Y}: {Type: T::T::T}\n"
    workspace = stated(text)
    assert len(addresses(workspace)) < 1000
    assert "cfn-loop-limit" in [note.kind for note in workspace.notifications]


PARENT = """
Parameters: {Public: {Type: String, Default: "true"}}
Resources:
  Key: {Type: AWS::KMS::Key}
  Net:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./child/net.yaml
      Parameters: {Open: !Ref Public, KeyArn: !GetAtt Key.Arn}
  Use: {Type: T::T::U, Properties: {Bucket: !GetAtt Net.Outputs.Bucket, Name: !GetAtt Net.Outputs.Name}}
  Far: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "https://bucket/x.yaml"}}
"""
CHILD = """
Parameters: {Open: {Type: String}, KeyArn: {Type: String}}
Resources:
  B: {Type: AWS::S3::Bucket, Properties: {Open: !Ref Open, Key: !Ref KeyArn}}
Outputs:
  Bucket: {Value: !Ref B}
  Name: {Value: !Sub "is-${Open}"}
"""


def test_nested_stacks_take_parameters_and_give_outputs():
    workspace = stated(files={"infra/main.yaml": PARENT, "infra/child/net.yaml": CHILD})
    inventory = workspace.inventory
    child = inventory.find("infra/main.yaml/Net", "B")
    assert child.at.path == "infra/child/net.yaml"
    assert shown(child.get("Open")) == "'true'"
    key = child.get("Key")
    assert (key.refers.scope, key.refers.address) == ("infra/main.yaml", "Key")
    assert child.related[-1][0] == "nested stack Net"
    assert len(inventory.of_kind("AWS::S3::Bucket")) == 1
    use = inventory.find("infra/main.yaml", "Use")
    assert use.get("Bucket").refers.scope == "infra/main.yaml/Net"
    assert shown(use.get("Name")) == "'is-true'"
    assert [note.kind for note in workspace.notifications] == ["cfn-remote-template"]


def test_a_nested_template_that_is_not_in_focus_is_loaded():
    workspace = stated(files={"main.yaml": PARENT, "child/net.yaml": CHILD}, read=["main.yaml"])
    assert workspace.inventory.find("main.yaml/Net", "B") is not None


def test_templates_that_call_themselves_end():
    text = "Resources:\n  S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: b.yaml}}\n"
    workspace = stated(files={"a.yaml": text, "b.yaml": text.replace("b.yaml", "a.yaml"), "c.yaml": text})
    assert len(workspace.inventory) < 30


def test_imports_find_exports_of_the_same_run():
    first = "Resources: {V: {Type: AWS::EC2::VPC}}\nOutputs: {O: {Value: !Ref V, Export: {Name: net-vpc}}}\n"
    second = "Resources: {R: {Type: T::T::R, Properties: {Vpc: !ImportValue net-vpc}}}\n"
    value = stated(files={"a.yaml": first, "b.yaml": second}).inventory.find("b.yaml", "R").get("Vpc")
    assert (value.refers.scope, value.refers.address) == ("a.yaml", "V")


def test_included_fragments_are_merged():
    text = "Resources:\n  R:\n    Type: T::T::R\n    Properties:\n      A: 1\n      Fn::Transform:\n        Name: AWS::Include\n" \
           "        Parameters: {Location: part.yaml}\n"
    found = stated(files={"t.yaml": text, "part.yaml": "B: !Sub 'x${AWS::Partition}'\n"}, read=["t.yaml"])
    resource = found.inventory.find("t.yaml", "R")
    assert shown(resource.properties) == "{A: 1, B: 'xaws'}"
    assert resource.get("B").at.path == "part.yaml"


ENVIRONMENT = "Parameters: {Env: {Type: String, Default: dev}, Ports: {Type: CommaDelimitedList}}\n" \
              "Resources: {R: {Type: T::T::R, Properties: {E: !Ref Env, P: !Ref Ports}}}\n"
SAMCONFIG = 'version = 0.1\n[prod.deploy.parameters]\nparameter_overrides = "Env=\\"prod\\" Ports=443"\n' \
            '[test.deploy.parameters]\nparameter_overrides = ["Env=test", "Ports=1,2"]\n'


@pytest.mark.parametrize(("name", "content", "expected"), [
    ("prod.json", json.dumps([{"ParameterKey": "Env", "ParameterValue": "prod"},
                              {"ParameterKey": "Ports", "ParameterValue": "1,2"}]), {"prod": ("'prod'", "['1', '2']")}),
    ("prod.json", json.dumps({"Parameters": {"Env": "prod", "Ports": "1"}}), {"prod": ("'prod'", "['1']")}),
    ("prod.yaml", "Env: prod\nPorts: [1, 2]\n", {"prod": ("'prod'", "[1, 2]")}),
    ("prod.json", json.dumps(["Env=prod", "Ports=9"]), {"prod": ("'prod'", "['9']")}),
    ("samconfig.toml", SAMCONFIG, {"prod": ("'prod'", "['443']"), "test": ("'test'", "['1', '2']")}),
], ids=["cli", "codepipeline", "plain yaml", "cli short", "samconfig"])
def test_parameter_files_make_environments(name, content, expected):
    workspace = stated(files={"t.yaml": ENVIRONMENT, name: content}, parameter_files=[name], read=["t.yaml"])
    found = {subject.environment: (shown(subject.get("E")), shown(subject.get("P")))
             for subject in workspace.inventory.of_kind("T::T::R")}
    assert found == expected
    assert not workspace.notifications


def test_parameter_files_that_cannot_be_used_are_named():
    workspace = stated(files={"t.yaml": ENVIRONMENT, "x.json": "[]", "x.toml": "= 1"},
                       parameter_files=["x.json", "gone.json", "x.toml"], read=["t.yaml"])
    assert {note.kind for note in workspace.notifications} == {
        "parameter-file-shape", "parameter-file-missing", "toml-syntax"}


MARKS = """
Metadata:
  cdk_nag: {rules_to_suppress: [{id: AwsSolutions-L1, reason: all}]}
Resources:
  # trivy:ignore:AVD-AWS-0086
  A:
    # checkov:skip=CKV_AWS_18:no logs needed
    Type: AWS::S3::Bucket
    Metadata:
      guard: {SuppressedRules: [S3_BUCKET_LOGGING_ENABLED, S3_BUCKET_VERSIONING_ENABLED: known]}
      cfn_nag: {rules_to_suppress: [{id: W35, reason: because}]}
      checkov: {skip: [{id: CKV_AWS_21, comment: later}]}
      cdk_nag: {rules_to_suppress: [{id: AwsSolutions-S1, reason: r}]}
  B:
    Type: AWS::S3::Bucket
"""


def test_other_tools_marks_are_collected():
    inventory = stated(MARKS).inventory
    marks = inventory.find("t.yaml", "A").peer_suppressions
    assert {(mark.family, mark.identifier, mark.reason) for mark in marks} == {
        ("aws-config", "S3_BUCKET_LOGGING_ENABLED", ""), ("aws-config", "S3_BUCKET_VERSIONING_ENABLED", "known"),
        ("cdk-nag", "AwsSolutions-L1", "all"), ("trivy", "AVD-AWS-0086", ""), ("checkov", "CKV_AWS_18", "no logs needed"),
        ("guard", "S3_BUCKET_LOGGING_ENABLED", ""), ("guard", "S3_BUCKET_VERSIONING_ENABLED", "known"), ("cfn-nag", "W35", "because"), ("checkov", "CKV_AWS_21", "later"),
        ("cdk-nag", "AwsSolutions-S1", "r")}
    assert [cut(MARKS, mark.at) for mark in marks if mark.identifier == "W35"] == ["W35"]
    assert [mark.identifier for mark in inventory.find("t.yaml", "B").peer_suppressions] == ["AwsSolutions-L1"]


def test_cdk_output_names_construct_and_source_line():
    template = json.dumps({"Resources": {"B1": {"Type": "AWS::S3::Bucket", "Metadata": {"aws:cdk:path": "S/B/Resource"}}}})
    manifest = json.dumps({"artifacts": {"S": {"type": "aws:cloudformation:stack", "properties": {
        "templateFile": "S.template.json"}, "metadata": {"/S/B/Resource": [{
            "type": "aws:cdk:logicalId", "data": "B1", "trace": [
                "new Bucket (/home/me/app/node_modules/aws-cdk-lib/s3.js:1:2)", "new S (/home/me/app/lib/stack.ts:12:5)"]}]}}}})
    files = {"app/cdk.out/S.template.json": template, "app/cdk.out/manifest.json": manifest, "app/lib/stack.ts": "x\n"}
    bucket = stated(files=files, read=["app/cdk.out/S.template.json"]).inventory.find("app/cdk.out/S.template.json", "B1")
    assert [(words, at.path, at.start_line) for words, at in bucket.related][:2] == [
        ("construct S/B/Resource is made here", "app/lib/stack.ts", 12),
        ("construct S/B/Resource", "app/cdk.out/manifest.json", 1)]


@pytest.mark.parametrize(("text", "kinds", "line", "left"), [
    ("Resources:\n  A: {Type: {x: 1}}\n  B: {Type: T::T::T}\n", ["cfn-resource-shape"], 2, ["B"]),
    ("Resources:\n  A: {Properties: {}}\n  B: {Type: T::T::T}\n", ["cfn-resource-shape"], 2, ["B"]),
    ("Resources:\n  A: text\n  B: {Type: T::T::T}\n", ["cfn-resource-shape"], 2, ["B"]),
    ("Resources:\n  A: {Type: T::T::T}\n  A: {Type: T::T::U}\n", ["duplicate-key"], 3, ["A"]),
    ("Resources:\n  A: {Type: T::T::T}\n  B:\n\tType: T::T::U\n", ["yaml-syntax"], 4, ["A"]),
    ("Resources:\n  A: {Type: T::T::T}\n---\nResources:\n  B: {Type: T::T::T}\n", ["several-documents"], 4, ["A"]),
    ("AWSTemplateFormatVersion: x\nResources: [1]\n", ["cfn-shape"], 2, []),
    ("Conditions:\n  C: !Not [!Condition D]\n  D: !Not [!Condition C]\nResources:\n  A: {Type: T::T::T, Condition: C}\n",
     ["cfn-circular"], 2, ["A"]),
    ("Resources:\n  A: &a {Type: T::T::T}\n  B: *a\n", [], 0, ["A", "B"]),
    ("Resources:\n  A: {Type: T::T::T, Properties: [1]}\n", ["cfn-resource-shape"], 2, ["A"]),
    ("", [], 0, []), ("Resources:\n", [], 0, []),
], ids=["type mapping", "no type", "text", "duplicate", "tab", "two documents", "sections", "circle", "alias",
        "properties", "empty", "no resources"])
def test_bad_input_is_noted_and_the_rest_read(text, kinds, line, left):
    workspace = stated(text)
    assert [note.kind for note in workspace.notifications] == kinds
    assert [note.at.start_line for note in workspace.notifications] == ([line] if line else [])
    assert addresses(workspace) == left


def test_a_cut_resource_does_not_claim_what_was_not_read():
    resource = stated("Resources:\n  A:\n    Type: T::T::T\n    Properties:\n      P: 1\n      O: 2\n\t  Q: 2\n").inventory.subjects[0]
    assert shown(resource.get("P")) == "1"
    assert shown(resource.get("Q")) == "?the file does not parse after this point"


def test_a_trailing_comma_in_json_loses_no_resource():
    workspace = stated(files={"t.json": '{"Resources": {"A": {"Type": "T::T::T",}, "B": {"Type": "T::T::U"}}}'})
    assert addresses(workspace) == ["A", "B"]
    assert [note.kind for note in workspace.notifications] == ["json-syntax"]


def test_deep_nesting_is_bounded():
    deep = "x"
    for _ in range(150):
        deep = f"[{deep}]"
    assert addresses(stated(f"Resources:\n  A: {{Type: T::T::T, Properties: {{V: {deep}}}}}\n")) == ["A"]


def test_resources_in_a_circle_are_noted():
    text = "Resources:\n  A: {Type: T::T::A, Properties: {V: !Ref B}}\n  B: {Type: T::T::B, Properties: {V: !Sub 'x${C.Arn}'}}\n" \
           "  C: {Type: T::T::C, DependsOn: A}\n  D: {Type: T::T::D, Properties: {V: [!Ref A, !Ref C]}}\n"
    workspace = stated(text)
    assert [(note.kind, note.message.split(": ")[1], note.at.start_line) for note in workspace.notifications] == [
        ("cfn-circular", "A -> B -> C -> A", 2)]
    assert addresses(workspace) == ["A", "B", "C", "D"]


def test_attributes_that_echo_a_property_are_known():
    text = "Resources:\n  V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n" \
           "  R: {Type: T::T::R, Properties: {C: !GetAtt V.CidrBlock, I: !GetAtt V.VpcId}}\n"
    resource = stated(text).inventory.find("t.yaml", "R")
    assert shown(resource.properties) == "{C: '10.0.0.0/16', I: ?V.VpcId ->V.VpcId}"


@pytest.mark.parametrize("data", [
    b"{Resources: {A: {Type: T::T::A}}}\n", '{"Resources": {"A": {"Type": "T::T::A"}}}'.encode("utf-16"),
    "\ufeffResources: {A: {Type: T::T::A}}\n".encode(),
], ids=["flow yaml", "utf-16 json", "marked yaml"])
def test_other_encodings_and_flow_style(data):
    artifact = Artifact("t.yaml", data)
    workspace = Workspace(Folder({}), [artifact])
    state([artifact], workspace)
    assert addresses(workspace) == ["A"]
    assert not workspace.notifications
