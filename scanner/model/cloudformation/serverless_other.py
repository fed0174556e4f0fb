"""SAM's tables, state machines, layers and nested applications."""

from __future__ import annotations

from scanner.core.subject import Resource
from scanner.core.value import MapValue, Scalar, Value
from scanner.model.cloudformation.making import built, is_set, pointer, record, scalar
from scanner.model.cloudformation.serverless_policies import managed_arn, role_of, tags_of
from scanner.model.cloudformation.template import Reading, Stack

KEY_TYPES = {"String": "S", "Number": "N", "Binary": "B"}


def simple_table(stack: Stack, read: Reading) -> list[Resource]:
    """Return the DynamoDB table."""
    given, at = read.properties, read.declared.key.at
    key = given.get("PrimaryKey")
    name, kind = key.get("Name"), key.get("Type")
    name = name if is_set(name) else scalar("id", at)
    letter = KEY_TYPES.get(str(kind.content), str(kind.content)) if isinstance(kind, Scalar) else "S"
    throughput = given.get("ProvisionedThroughput")
    entries: dict[str, Value | None] = {
        "TableName": given.get("TableName"),
        "AttributeDefinitions": built([{"AttributeName": name, "AttributeType": letter}], at),
        "KeySchema": built([{"AttributeName": name, "KeyType": "HASH"}], at),
        "ProvisionedThroughput": throughput,
        "BillingMode": None if is_set(throughput) else scalar("PAY_PER_REQUEST", at),
        "SSESpecification": given.get("SSESpecification"),
        "PointInTimeRecoverySpecification": given.get("PointInTimeRecoverySpecification"),
        "Tags": tags_of(given.get("Tags"), at),
    }
    return [stack.subject("AWS::DynamoDB::Table", read.declared.logical_id, read, _record(read, entries))]


def state_machine(stack: Stack, read: Reading) -> list[Resource]:
    """Return the state machine, and its role when it has none."""
    given, at = read.properties, read.declared.key.at
    role, tracing = given.get("Role"), given.get("Tracing")
    entries: dict[str, Value | None] = {
        "DefinitionString": given.get("Definition"), "DefinitionS3Location": given.get("DefinitionUri"),
        "DefinitionSubstitutions": given.get("DefinitionSubstitutions"),
        "LoggingConfiguration": given.get("Logging"), "TracingConfiguration": tracing,
        "StateMachineName": given.get("Name"), "StateMachineType": given.get("Type"),
        "RoleArn": role if is_set(role) else pointer(f"{read.declared.logical_id}Role", "Arn", at),
        "Tags": tags_of(given.get("Tags"), at),
        "EncryptionConfiguration": given.get("EncryptionConfiguration"),
    }
    found = [stack.subject("AWS::StepFunctions::StateMachine", read.declared.logical_id, read,
                           _record(read, entries))]
    if not is_set(role):
        managed: list[Value] = []
        enabled = tracing.get("Enabled")
        if isinstance(enabled, Scalar) and str(enabled.content).lower() == "true":
            managed.append(scalar(managed_arn("AWSXrayWriteOnlyAccess"), enabled.at))
        found.append(role_of(stack, read, "states.amazonaws.com", managed, []))
    return found


def layer(stack: Stack, read: Reading) -> list[Resource]:
    """Return the layer version, under its own name (SAM adds a hash)."""
    given = read.properties
    entries: dict[str, Value | None] = {
        "LayerName": given.get("LayerName"), "Description": given.get("Description"),
        "Content": given.get("ContentUri"), "CompatibleRuntimes": given.get("CompatibleRuntimes"),
        "CompatibleArchitectures": given.get("CompatibleArchitectures"), "LicenseInfo": given.get("LicenseInfo"),
    }
    return [stack.subject("AWS::Lambda::LayerVersion", read.declared.logical_id, read, _record(read, entries))]


def application(stack: Stack, read: Reading) -> list[Resource]:
    """Return the nested stack."""
    given, at = read.properties, read.declared.key.at
    entries: dict[str, Value | None] = {
        "TemplateURL": given.get("Location"), "Parameters": given.get("Parameters"),
        "NotificationARNs": given.get("NotificationARNs"), "TimeoutInMinutes": given.get("TimeoutInMinutes"),
        "Tags": tags_of(given.get("Tags"), at),
    }
    return [stack.subject("AWS::CloudFormation::Stack", read.declared.logical_id, read, _record(read, entries))]


def _record(read: Reading, entries: dict[str, Value | None]) -> MapValue:
    """Return properties whose unknown rest is that of the SAM resource."""
    made = record(entries, read.declared.key.at)
    return MapValue(made.entries, made.at, made.keys_at, read.properties.rest)
