"""Random templates without unknowns resolve to what cfn-lint's resolver gives."""

import json

from cfnlint.context import create_context_for_template
from cfnlint.decode import cfn_json
from cfnlint.jsonschema import CfnTemplateValidator
from cfnlint.template import Template
from cloudformation_making import stated
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core.value import plain

HEAD = {
    "Transform": ["AWS::LanguageExtensions"],
    "Parameters": {
        "A": {"Type": "String", "Default": "alpha"}, "B": {"Type": "String", "Default": "b,c:d"},
        "L": {"Type": "CommaDelimitedList", "Default": "p,q,r"},
    },
    "Mappings": {"M": {"alpha": {"one": "1st", "list": ["x", "y", "z"]}, "beta": {"one": "2nd", "list": ["u", "v", "w"]}}},
    "Conditions": {"T": {"Fn::Equals": [{"Ref": "A"}, "alpha"]}, "F": {"Fn::Not": [{"Condition": "T"}]}},
}
WORDS = st.text(alphabet="abc,:-/ $", max_size=5)
LITERAL = WORDS.filter(lambda text: "${" not in text)


def sub(text, names):
    return {"Fn::Sub": [text, names]} if names else {"Fn::Sub": text}


def texts(lists):
    def grow(inner):
        return st.one_of(
            st.builds(lambda mark, items: {"Fn::Join": [mark, items]}, LITERAL, st.lists(inner, min_size=1, max_size=3)),
            st.builds(lambda mark, items: {"Fn::Join": [mark, items]}, LITERAL, lists),
            st.builds(lambda before, value, after: sub(before + "${V}" + after + "${A}", {"V": value}),
                      LITERAL, inner, LITERAL),
            st.builds(lambda mark, text: {"Fn::Select": [0, {"Fn::Split": [mark, text]}]},
                      st.sampled_from([",", ":", "-"]), inner),
            st.builds(lambda index, items: {"Fn::Select": [index, items]}, st.integers(0, 2), lists),
        )

    return st.recursive(LITERAL | st.just({"Ref": "A"}) | st.just({"Ref": "B"})
                        | st.just({"Fn::FindInMap": ["M", {"Ref": "A"}, "one"]}), grow, max_leaves=6)


LISTS = st.one_of(
    st.just({"Ref": "L"}), st.lists(LITERAL, min_size=3, max_size=3),
    st.builds(lambda key: {"Fn::FindInMap": ["M", key, "list"]}, st.sampled_from(["alpha", "beta"])),
)


def expected(expression):
    """Every value that cfn-lint finds possible."""
    content = {**HEAD, "Resources": {"R": {"Type": "AWS::SNS::Topic", "Properties": {}}}}
    template = Template("t.json", cfn_json.loads(json.dumps(content)), regions=["us-east-1"])
    validator = CfnTemplateValidator(schema={}, context=create_context_for_template(template), cfn=template)
    return [value for value, _, _ in validator.resolve_value(expression)]


def ours(expression):
    content = {**HEAD, "Resources": {"R": {"Type": "Custom::T", "Properties": {"V": expression}}}}
    value = stated(files={"t.json": json.dumps(content)}).inventory.find("t.json", "R").get("V")
    return plain(value)


@settings(max_examples=250, deadline=None)
@given(texts(LISTS))
def test_texts_agree_with_cfn_lint(expression):
    assert ours(expression) in expected(expression)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["T", "F"]), texts(LISTS), texts(LISTS))
def test_branches_are_among_those_cfn_lint_finds(condition, then, otherwise):
    expression = {"Fn::If": [condition, then, otherwise]}
    value = ours(expression)
    assert value in expected(expression)
    assert value == ours(then if condition == "T" else otherwise)
