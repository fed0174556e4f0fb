"""Whatever a template says, reading it ends with subjects and notifications, never with an exception."""

import json

from cloudformation_making import stated
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core.value import plain, walk

FUNCTIONS = st.sampled_from([
    "Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::Split", "Fn::Select", "Fn::FindInMap", "Fn::If", "Fn::ImportValue",
    "Fn::Base64", "Fn::GetAZs", "Fn::Cidr", "Fn::Length", "Fn::ToJsonString", "Fn::Transform", "Fn::And", "Fn::Or",
    "Fn::Not", "Fn::Equals", "Condition", "Fn::ForEach::X", "Fn::Nonsense",
])
NAMES = st.sampled_from([
    "A", "B", "P", "C", "D", "M", "AWS::Region", "AWS::NoValue", "Type", "Properties", "Condition", "Metadata", "Default",
    "AllowedValues", "Name", "Policies", "Events", "Role", "", "${P}", "${!x}", "{{resolve:ssm:a}}", "${A.Arn}", "a,b", "-1",
    "99999999999999999999", "10.0.0.0/8", "AWS::Include", "Outputs.x",
])
SCALARS = st.none() | st.booleans() | st.integers(-3, 70000) | NAMES
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FUNCTIONS, inner, min_size=1, max_size=1)
    | st.dictionaries(NAMES | FUNCTIONS, inner, max_size=3),
    max_leaves=14)
KINDS = st.sampled_from([
    "AWS::S3::Bucket", "AWS::CloudFormation::Stack", "AWS::Serverless::Function", "AWS::Serverless::Api",
    "AWS::Serverless::HttpApi", "AWS::Serverless::SimpleTable", "AWS::Serverless::StateMachine",
    "AWS::Serverless::GraphQLApi", "AWS::Serverless::LayerVersion", "AWS::Serverless::Application",
])
SECTIONS = st.sampled_from(["Parameters", "Mappings", "Conditions", "Outputs", "Globals", "Metadata", "Transform", "Rules"])
PROPERTIES = st.dictionaries(st.sampled_from([
    "Policies", "Events", "FunctionUrlConfig", "Auth", "Domain", "Environment", "Tags", "VpcConfig", "EventInvokeConfig",
    "DeadLetterQueue", "PrimaryKey", "CodeUri", "Tracing", "ApiKeys", "EndpointConfiguration", "Fn::If", "TemplateURL",
    "Location", "Parameters", "AutoPublishAlias",
]), JUNK, max_size=4)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(SECTIONS, JUNK, max_size=4), KINDS, PROPERTIES, JUNK, JUNK)
def test_random_templates_never_raise(sections, kind, properties, other, condition):
    template = {**sections, "Resources": {"A": {"Type": kind, "Properties": properties, "Condition": condition},
                                          "B": {"Type": kind, "Properties": other}, "C": other}}
    workspace = stated(files={"t.json": json.dumps(template)})
    for subject in workspace.inventory:
        for _, value in walk(subject.properties):
            assert value.at is not None
    assert all(note.at is None or note.at.path for note in workspace.notifications)


@settings(max_examples=100, deadline=None)
@given(JUNK)
def test_random_functions_in_text_form_never_raise(value):
    text = "Resources:\n  A:\n    Type: T::T::T\n    Properties:\n      V: !Sub " + json.dumps(value) + "\n"
    resource = stated(text).inventory.find("t.yaml", "A")
    assert resource is not None


def test_a_large_flat_template_is_read_in_bounded_time():
    resources = {f"R{n}": {"Type": "T::T::T", "Properties": {"V": {"Fn::Sub": "${P}-" + str(n)}}} for n in range(3000)}
    template = {"Parameters": {"P": {"Type": "String", "Default": "x"}}, "Resources": resources}
    found = stated(files={"t.json": json.dumps(template)}).inventory
    assert plain(found.find("t.json", "R2999").get("V")) == "x-2999"
