"""Serverless Framework files: variables, the resources that are stated, and those that the framework makes."""

from __future__ import annotations

import os

import pytest

from scanner import flow
from scanner.classify import classify
from scanner.core.artifact import Artifact
from scanner.core.subject import Resource
from scanner.core.value import ListValue, MapValue, Scalar, Unknown, plain
from scanner.model.serverless.addresses import alternatives_of, places_in
from scanner.model.workspace import Workspace

ROOT = "tests/fixtures/serverless/orders/"


class Folder:
    """Reads files of a mapping, or of the fixture."""

    def __init__(self, files: dict[str, str] | None = None) -> None:
        self.files = files

    def read(self, path: str) -> Artifact | None:
        if self.files is not None:
            return Artifact(path, self.files[path].encode()) if path in self.files else None
        if not os.path.exists(ROOT + path):
            return None
        with open(ROOT + path, "rb") as file:
            return Artifact(path, file.read())


def of_text(text: str, **others: str) -> Workspace:
    """Return the workspace of one service."""
    return flow.inventory_of([Artifact("serverless.yml", text.encode())], Folder(others))


@pytest.fixture(scope="module")
def orders() -> Workspace:
    """Return the workspace of the fixture; the fragments are scanned, too, as in a run over the folder."""
    folder = Folder()
    names = ("serverless.yml", "parts/table.yml", "parts/audit.yml")
    return flow.inventory_of([artifact for name in names if (artifact := folder.read(name))], folder)


def resource(workspace: Workspace, address: str) -> Resource:
    """Return a resource of the service."""
    found = workspace.inventory.find("serverless.yml", address)
    assert isinstance(found, Resource), address
    return found


def test_a_variable_in_an_address_is_followed_and_stands_where_it_is_used(orders: Workspace) -> None:
    name = resource(orders, "Files").get("BucketName")
    assert isinstance(name, Scalar)
    assert name.content == "orders-dev-files"
    assert name.at.start_line == 63
    assert name.span(0, 6).start_line == 7, "the text map leads to where the text was written"


def test_extensions_change_declared_and_made_resources(orders: Workspace) -> None:
    versioning = resource(orders, "Files").get("VersioningConfiguration").get("Status")
    assert isinstance(versioning, Scalar)
    assert versioning.at.start_line == 79
    key = resource(orders, "ListOrdersLogGroup").get("KmsKeyId")
    assert isinstance(key, Scalar)
    assert key.at.start_line == 82


def test_variables_and_pseudo_parameters_stand_side_by_side_in_a_substitution(orders: Workspace) -> None:
    name = resource(orders, "Notes").get("BucketName")
    assert isinstance(name, Unknown)
    assert [part if isinstance(part, str) else part.label for part in name.parts] == \
        ["orders-", "AWS::AccountId", "-", "env:SUFFIX"]


def test_a_circle_is_unknown(orders: Workspace) -> None:
    name = resource(orders, "Looped").get("TopicName")
    assert isinstance(name, Unknown)
    assert "refers to itself" in name.reason


def test_a_fragment_belongs_to_the_service_alone(orders: Workspace) -> None:
    tables = orders.inventory.of_kind("AWS::DynamoDB::Table")
    assert [(table.scope, table.at.path, table.at.start_line) for table in tables] == \
        [("serverless.yml", "parts/table.yml", 2)]
    assert [exposure.at.start_line for exposure in orders.inventory.of_kind("Exposure")] == [15]


def test_a_program_is_noted_and_not_run(orders: Workspace) -> None:
    assert [(note.level, note.kind, note.at.start_line) for note in orders.notifications if note.at] == \
        [("note", "serverless-not-read", 74)]


def test_a_function_inherits_from_the_provider(orders: Workspace) -> None:
    made = resource(orders, "PlaceDashorderLambdaFunction")
    assert made.kind == "AWS::Lambda::Function"
    assert made.dialect == "serverless"
    assert made.at.start_line == 36
    assert {name: plain(made.get(name)) for name in ("Runtime", "Timeout", "MemorySize", "FunctionName")} == \
        {"Runtime": "nodejs22.x", "Timeout": 20, "MemorySize": 256, "FunctionName": "orders-dev-place-order"}
    variables = made.get("Environment").get("Variables")
    assert isinstance(variables, MapValue)
    assert list(variables) == ["TABLE", "REGION", "PASSWORD", "TOKEN"]
    assert isinstance(variables.get("PASSWORD"), Unknown)
    assert isinstance(made.get("VpcConfig").get("SubnetIds"), Unknown)
    assert resource(orders, "ListOrdersLambdaFunction").get("VpcConfig").at.start_line == 43, "a null switches it off"
    assert not isinstance(resource(orders, "ListOrdersLambdaFunction").get("VpcConfig"), MapValue)
    assert resource(orders, "ListOrdersLambdaFunction").get("MemorySize").defaulted  # type: ignore[attr-defined]


@pytest.mark.parametrize(("address", "kind", "line"), [
    ("PlaceDashorderLambdaFunctionUrl", "NONE", 42), ("ListOrdersLambdaFunctionUrl", "AWS_IAM", 47),
])
def test_a_url_says_who_may_call_it(orders: Workspace, address: str, kind: str, line: int) -> None:
    value = resource(orders, address).get("AuthType")
    assert isinstance(value, Scalar)
    assert (value.content, value.at.start_line) == (kind, line)


def test_an_open_url_is_granted_to_everyone_and_a_closed_one_is_not(orders: Workspace) -> None:
    granted = {permission.address.partition("LambdaFunction")[0]
               for permission in orders.inventory.of_kind("AWS::Lambda::Permission")}
    assert granted == {"PlaceDashorder"}


def test_statements_of_the_shared_role_keep_their_places(orders: Workspace) -> None:
    role = resource(orders, "IamRoleLambdaExecution")
    statements = role.get("Policies").items[0].get("PolicyDocument").get("Statement")  # type: ignore[attr-defined]
    assert isinstance(statements, ListValue)
    assert [statement.at.start_line for statement in statements.items][2:] == [25, 28]
    assert plain(role.get("PermissionsBoundary")) == "arn:aws:iam::111122223333:policy/limits"
    stated = [statement for statement in orders.inventory.of_kind("Statement")
              if statement.address == "IamRoleLambdaExecution"]
    assert [statement.at.start_line for statement in stated][-2:] == [25, 28]


@pytest.mark.parametrize(("function", "role"), [
    ("PlaceDashorderLambdaFunction", "IamRoleLambdaExecution"), ("AuditLambdaFunction", None),
    ("ReportLambdaFunction", "ReportIamRoleLambdaExecution"),
])
def test_each_function_has_its_role(orders: Workspace, function: str, role: str | None) -> None:
    value = resource(orders, function).get("Role")
    found = value.refers.address if isinstance(value, Unknown) and value.refers else None
    assert found == role
    assert role is None or resource(orders, role).kind == "AWS::IAM::Role"


def test_old_spellings_are_read() -> None:
    workspace = of_text(
        "service: {name: old}\nprovider:\n  name: aws\n  iamRoleStatements:\n    - {Effect: Allow, Action: '*', Resource: "
        "'arn:aws:s3:::a-#{AWS::AccountId}'}\nfunctions:\n  one: {handler: a.b, role: Made}\n  two: {handler: a.c}\n")
    value = resource(workspace, "OneLambdaFunction").get("Role")
    assert isinstance(value, Unknown)
    assert value.refers
    assert value.refers.address == "Made"
    role = resource(workspace, "IamRoleLambdaExecution")
    statement = role.get("Policies").items[0].get("PolicyDocument").get("Statement").items[2]  # type: ignore[attr-defined]
    assert statement.get("Resource").parts[0] == "arn:aws:s3:::a-"


@pytest.mark.parametrize(("text", "expected"), [
    ("${opt:stage, 'dev'}", "dev"), ("${opt:stage, self:provider.stage}", "test"), ("${sls:stage}", "test"),
    ("${self:custom.gone, 'a, b'}", "a, b"), ("${self:custom.flag}", True), ("${opt:count, 3}", 3),
    ("x-${self:custom.flag}", "x-true"), ("${param:domain}", "example.test"), ("${self:custom.list.1}", "b"),
    ("${AWS::Region}", None), ("${env:HOME}", None), ("${opt:stage}", None), ("${self:custom.gone}", None),
    ("${file(../secret.yml):a}", None), ("${file(gone.yml)}", None), ("${cf:other.Output}", None),
    ("${Plain}", "${Plain}"), ("${self:custom.flag", "${self:custom.flag"),
])
def test_variables(text: str, expected: object) -> None:
    workspace = of_text(
        "service: a\nprovider: {name: aws, stage: test}\nparams: {default: {domain: example.test}}\n"
        "custom: {flag: true, list: [a, b]}\nresources:\n  Resources:\n    T:\n      Type: AWS::SNS::Topic\n"
        f"      Properties:\n        TopicName: \"{text}\"\n")
    value = resource(workspace, "T").get("TopicName")
    assert (value.content if isinstance(value, Scalar) else None) == expected
    if expected is None:
        assert isinstance(value, Unknown)
        assert value.reason


def test_a_secret_of_the_secrets_manager_is_marked() -> None:
    workspace = of_text("service: a\nprovider:\n  name: aws\n  environment:\n"
                        "    KEY: ${ssm:/aws/reference/secretsmanager/key}\nfunctions:\n  one: {handler: a.b}\n")
    value = resource(workspace, "OneLambdaFunction").get("Environment").get("Variables").get("KEY")
    assert isinstance(value, Unknown)
    assert value.secret


def test_variables_that_multiply_end() -> None:
    lines = "\n".join(f"  a{n}: ${{self:custom.a{n - 1}}}${{self:custom.a{n - 1}}}" for n in range(1, 60))
    more = "\n".join(f"  b{n}: [\"${{self:custom.b{n - 1}}}\", \"${{self:custom.b{n - 1}}}\"]" for n in range(1, 60))
    workspace = of_text(f"service: a\nprovider: {{name: aws}}\ncustom:\n  a0: x\n{lines}\n  b0: [x]\n{more}\nresources:\n"
                        "  Resources:\n    T:\n      Type: AWS::SNS::Topic\n      Properties:\n"
                        "        TopicName: ${self:custom.a59}\n        Tags: ${self:custom.b59}\n")
    assert isinstance(resource(workspace, "T").get("TopicName"), Unknown)


@pytest.mark.parametrize(("name", "text", "dialects"), [
    ("serverless.yml", "service: a\nprovider:\n  # where\n  stage: x\n  name: aws\n", ("serverless",)),
    ("serverless.yaml", "service: a\nprovider: aws\n", ("serverless",)),
    ("serverless.json", '{"service": "a", "provider": {"name": "aws"}}', ("serverless",)),
    ("serverless.yml", "service: a\nprovider:\n  name: google\nfunctions:\n  name: aws\n", ()),
    ("compose.yml", "service: a\nname: aws\n", ()),
])
def test_classified_by_content(name: str, text: str, dialects: tuple[str, ...]) -> None:
    assert classify(Artifact(name, text.encode())) == dialects


def test_places_and_alternatives() -> None:
    text = "a-${self:x.${opt:s, 'd'}}-${AWS::Region}-${file(a.yml):b}"
    assert [text[place.start:place.end] for place in places_in(text)] == ["${self:x.${opt:s, 'd'}}", "${file(a.yml):b}"]
    assert alternatives_of("opt:a, ${self:b, 'c, d'}, 'e, f'") == ["opt:a", "${self:b, 'c, d'}", "'e, f'"]
