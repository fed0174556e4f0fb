"""SAM's gradual deployments: the CodeDeploy groups that `DeploymentPreference` asks for, their application and role."""

from __future__ import annotations

from scanner.core.location import Location
from scanner.core.subject import Resource
from scanner.core.value import ListValue, MapValue, Scalar, Value
from scanner.model.cloudformation.alternatives import combined
from scanner.model.cloudformation.making import built, is_set, pointer, record, scalar, sequence
from scanner.model.cloudformation.serverless_policies import managed_arn, trust
from scanner.model.cloudformation.strings import text_form
from scanner.model.cloudformation.template import Reading, Stack

APPLICATION, ROLE = "ServerlessDeploymentApplication", "CodeDeployServiceRole"
PREDEFINED = frozenset(
    ["AllAtOnce", *(f"Canary10Percent{minutes}Minutes" for minutes in (5, 10, 15, 30)),
     "Linear10PercentEvery1Minute", *(f"Linear10PercentEvery{minutes}Minutes" for minutes in (2, 3, 10))]
)
"""Types that SAM spells without the `CodeDeployDefault.Lambda` of the configuration; others are one's own."""


def deployments(stack: Stack, readings: list[Reading]) -> list[Resource]:
    """Return the groups of all functions that ask for one; what they share stands at the first of them."""
    asking = [(read, preference) for read in readings if (preference := _preference(read)) is not None]
    if not asking:
        return []
    groups = [_group(stack, read, preference) for read, preference in asking]
    first = asking[0][0]._replace(truth=None)
    at = asking[0][1].at
    found = [stack.subject("AWS::CodeDeploy::Application", APPLICATION, first,
                           record({"ComputePlatform": scalar("Lambda", at)}, at))]
    if not all(is_set(preference.get("Role")) for _, preference in asking):
        arn = scalar(managed_arn("AWSCodeDeployRoleForLambda"), at)
        found.append(stack.subject("AWS::IAM::Role", ROLE, first, record(
            {"AssumeRolePolicyDocument": trust("codedeploy.amazonaws.com", at),
             "ManagedPolicyArns": sequence([arn], at)}, at)))
    return found + groups


def _preference(read: Reading) -> MapValue | None:
    """Return the preference of a function that publishes an alias, unless it is switched off."""
    given = read.properties
    preference = given.get("DeploymentPreference")
    if not read.declared.kind.endswith("::Function") or not isinstance(preference, MapValue):
        return None
    enabled = preference.get("Enabled")
    off = isinstance(enabled, Scalar) and text_form(enabled.content) == "false"
    return preference if is_set(given.get("AutoPublishAlias")) and not off else None


def _group(stack: Stack, read: Reading, preference: MapValue) -> Resource:
    at, kind, role = preference.at, preference.get("Type"), preference.get("Role")
    handed_on = preference.get("PassthroughCondition")
    if not (isinstance(handed_on, Scalar) and text_form(handed_on.content) == "true"):
        read = read._replace(truth=None)    # SAM makes the group whether the function is made or not
    address = f"{read.declared.logical_id}DeploymentGroup"
    return stack.subject("AWS::CodeDeploy::DeploymentGroup", address, read, record({
        "ApplicationName": pointer(APPLICATION, "Ref", at),
        "AlarmConfiguration": _alarms(preference.get("Alarms")),
        "AutoRollbackConfiguration": built({"Enabled": True, "Events": [
            "DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]}, at),
        "DeploymentConfigName": combined([kind], _configuration, kind.at) if is_set(kind) else None,
        "DeploymentStyle": built(
            {"DeploymentType": "BLUE_GREEN", "DeploymentOption": "WITH_TRAFFIC_CONTROL"}, at),
        "ServiceRoleArn": role if is_set(role) else pointer(ROLE, "Arn", at),
        "TriggerConfigurations": preference.get("TriggerConfigurations"),
    }, at))


def _configuration(kinds: list[Value]) -> Value:
    """Return the configuration that a type of preference means."""
    kind = kinds[0]
    known = isinstance(kind, Scalar) and kind.content in PREDEFINED
    return scalar(f"CodeDeployDefault.Lambda{kind.content}", kind.at) if known and isinstance(kind, Scalar) else kind


def _alarms(alarms: Value) -> Value | None:
    if not is_set(alarms) or (isinstance(alarms, ListValue) and not alarms.items and alarms.rest is None):
        return None
    at: Location = alarms.at
    named: Value = alarms
    if isinstance(alarms, ListValue):
        named = ListValue(tuple(record({"Name": alarm}, alarm.at) for alarm in alarms.items), at, alarms.rest)
    return record({"Enabled": scalar(True, at), "Alarms": named}, at)
