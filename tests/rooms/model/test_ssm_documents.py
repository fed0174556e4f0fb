"""The content of SSM documents: text in JSON or YAML becomes a structure that stands where the text stands."""

from __future__ import annotations

import pytest
from cloudformation_making import stated

from scanner.core.value import Choice, MapValue, Unknown, plain
from scanner.model.derived.ssm_documents import derive

HEAD = "Conditions:\n  Open: !Equals [!Ref 'AWS::Region', a]\nResources:\n  D:\n    Type: AWS::SSM::Document\n    Properties:\n"


def content_of(content: str):
    """Return the content of the one document whose `Content` is written like this."""
    workspace = stated(HEAD + f"      Content: {content}")
    derive(workspace)
    return workspace.inventory.find("t.yaml", "D").get("Content")


def test_yaml_in_a_block_keeps_its_places():
    found = content_of("|\n        inputs:\n          kmsKeyId: ''\n          idle: 20\n")
    assert plain(found) == {"inputs": {"kmsKeyId": "", "idle": 20}}
    assert found.get("inputs").get("kmsKeyId").at[1:] == (9, 21, 9, 23)


def test_json_in_a_text_keeps_its_places():
    found = content_of("""'{"inputs": {"kmsKeyId": "k"}}'\n""")
    assert found.get("inputs").get("kmsKeyId").at[1:] == (7, 41, 7, 44)


def test_a_gap_stays_unknown_and_the_rest_is_known():
    found = content_of("!Sub |\n        inputs:\n          kmsKeyId: ${AWS::StackName}\n          idle: 20\n")
    assert isinstance(found.get("inputs").get("kmsKeyId"), Unknown)
    assert plain(found.get("inputs").get("idle")) == 20


def test_a_gap_may_stand_outside_of_quotes_in_json():
    found = content_of("""!Sub '{"inputs": {"idle": ${AWS::StackName}, "kmsKeyId": ""}}'\n""")
    assert isinstance(found.get("inputs").get("idle"), Unknown)
    assert plain(found.get("inputs").get("kmsKeyId")) == ""


def test_each_branch_of_a_condition_is_read():
    found = content_of("!If [Open, 'a: {b: 1}', {a: {b: 2}}]\n")
    assert isinstance(found, Choice)
    assert (plain(found.then), plain(found.otherwise)) == ({"a": {"b": 1}}, {"a": {"b": 2}})


def test_a_structure_stays_what_it_is():
    assert isinstance(content_of("{inputs: {kmsKeyId: k}}\n"), MapValue)


@pytest.mark.parametrize("text", [
    pytest.param("'inputs: ['", id="broken"),
    pytest.param("hello", id="no-structure"),
    pytest.param("'" + "[" * 5000 + "'", id="deep-json"),
    pytest.param('"a:\\n' + "".join("\\n" + " " * depth + "b:" for depth in range(1, 400)) + '"', id="deep-yaml"),
    pytest.param('"a: &a [x, x, x, x, x, x, x, x]\\n'
                 + "".join(f"{new}: &{new} [{', '.join(8 * ['*' + chr(ord(new) - 1)])}]\\n" for new in "bcdefgh")
                 + '"', id="aliases"),
])
def test_what_cannot_be_read_is_unknown(text):
    found = content_of(text + "\n")
    assert isinstance(found, Unknown)
    assert found.reason.startswith("the text ")
