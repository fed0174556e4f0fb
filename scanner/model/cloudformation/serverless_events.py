"""Events of serverless functions: the permissions, rules, mappings and subscriptions that they become."""

from __future__ import annotations

from collections.abc import Callable

from scanner.core.subject import Resource
from scanner.core.value import MapValue, Unknown, Value
from scanner.model.cloudformation.making import built, is_set, pointer, record, scalar, sequence
from scanner.model.cloudformation.template import Reading, Stack

MAPPED = ("Kinesis", "DynamoDB", "SQS", "MSK", "MQ", "SelfManagedKafka", "DocumentDB")
SOURCES = ("Stream", "Queue", "Broker", "Cluster")
MAPPING_KEPT = (
    "BatchSize", "StartingPosition", "Enabled", "MaximumBatchingWindowInSeconds", "FilterCriteria", "Queues", "Topics",
    "DestinationConfig", "SourceAccessConfigurations", "SelfManagedEventSource", "FunctionResponseTypes", "KmsKeyArn",
    "ScalingConfig", "BisectBatchOnFunctionError", "MaximumRetryAttempts", "ParallelizationFactor",
)


def event_resources(stack: Stack, read: Reading) -> list[Resource]:
    """Return the resources that a function's events become; API events make a permission."""
    from scanner.model.cloudformation.serverless_function import events_of

    found: list[Resource] = []
    for name, kind, given, event in events_of(read.properties):
        make = MAKERS.get(kind) or (_mapping if kind in MAPPED else None)
        if make is not None:
            found += make(stack, read, name, given, event)
    return found


Maker = Callable[[Stack, Reading, str, MapValue, Value], list[Resource]]


def _permission(
    stack: Stack, read: Reading, event: str, principal: str, at: Value, source: Value | None = None,
    account: bool = False,
) -> Resource:
    place = at.at
    entries: dict[str, Value | None] = {
        "Action": scalar("lambda:InvokeFunction", place),
        "FunctionName": pointer(read.declared.logical_id, "Ref", place),
        "Principal": scalar(principal, place),
        "SourceArn": source,
        "SourceAccount": Unknown("the account is chosen at deployment", place, present=True, label="AWS::AccountId")
        if account else None,
    }
    name = f"{read.declared.logical_id}{event}Permission"
    return stack.subject("AWS::Lambda::Permission", name, read, record(entries, place))


def _bucket(stack: Stack, read: Reading, name: str, given: MapValue, event: Value) -> list[Resource]:
    return [_permission(stack, read, name, "s3.amazonaws.com", event, account=True)]


def _topic(stack: Stack, read: Reading, name: str, given: MapValue, event: Value) -> list[Resource]:
    topic = given.get("Topic")
    subscription = record({
        "Endpoint": pointer(read.declared.logical_id, "Arn", event.at), "Protocol": scalar("lambda", event.at),
        "TopicArn": topic, "FilterPolicy": given.get("FilterPolicy"), "RedrivePolicy": given.get("RedrivePolicy"),
        "Region": given.get("Region")}, event.at)
    return [stack.subject("AWS::SNS::Subscription", f"{read.declared.logical_id}{name}", read, subscription),
            _permission(stack, read, name, "sns.amazonaws.com", event, topic)]


def _rule(stack: Stack, read: Reading, name: str, given: MapValue, event: Value) -> list[Resource]:
    rule = f"{read.declared.logical_id}{name}"
    target = record({"Arn": pointer(read.declared.logical_id, "Arn", event.at), "Input": given.get("Input"),
                     "DeadLetterConfig": given.get("DeadLetterConfig"), "RetryPolicy": given.get("RetryPolicy"),
                     "Id": scalar(f"{rule}LambdaTarget", event.at)}, event.at)
    properties = record({
        "ScheduleExpression": given.get("Schedule"), "EventPattern": given.get("Pattern"),
        "EventBusName": given.get("EventBusName"), "Description": given.get("Description"), "Name": given.get("Name"),
        "State": given.get("State"), "Targets": sequence([target], event.at)}, event.at)
    return [stack.subject("AWS::Events::Rule", rule, read, properties),
            _permission(stack, read, name, "events.amazonaws.com", event, pointer(rule, "Arn", event.at))]


def _schedule(stack: Stack, read: Reading, name: str, given: MapValue, event: Value) -> list[Resource]:
    """EventBridge Scheduler: a schedule with a role of its own that may invoke the function."""
    schedule = f"{read.declared.logical_id}{name}"
    place = event.at
    target = pointer(read.declared.logical_id, "Arn", place)
    own = given.get("RoleArn")
    role = own if is_set(own) else pointer(f"{schedule}Role", "Arn", place)
    found = [stack.subject("AWS::Scheduler::Schedule", schedule, read, record({
        "ScheduleExpression": given.get("ScheduleExpression"), "State": given.get("State"),
        "KmsKeyArn": given.get("KmsKeyArn"),
        "Target": record({"Arn": target, "RoleArn": role}, place)}, place))]
    if not is_set(own):
        from scanner.model.cloudformation.serverless_policies import allow, trust

        policy = record({"PolicyName": scalar(f"{schedule}LambdaPolicy", place),
                         "PolicyDocument": allow("lambda:InvokeFunction", target, place)}, place)
        found.append(stack.subject("AWS::IAM::Role", f"{schedule}Role", read, record({
            "AssumeRolePolicyDocument": trust("scheduler.amazonaws.com", place),
            "Policies": sequence([policy], place),
            "PermissionsBoundary": given.get("PermissionsBoundary")}, place)))
    return found


def _logs(stack: Stack, read: Reading, name: str, given: MapValue, event: Value) -> list[Resource]:
    subscription = record({
        "LogGroupName": given.get("LogGroupName"), "FilterPattern": given.get("FilterPattern"),
        "DestinationArn": pointer(read.declared.logical_id, "Arn", event.at)}, event.at)
    group = Unknown("the log group's ARN holds the account", event.at, present=True, label="log group")
    return [stack.subject("AWS::Logs::SubscriptionFilter", f"{read.declared.logical_id}{name}", read, subscription),
            _permission(stack, read, name, "logs.amazonaws.com", event, group)]


def _thing_rule(stack: Stack, read: Reading, name: str, given: MapValue, event: Value) -> list[Resource]:
    rule = f"{read.declared.logical_id}{name}"
    payload = record({
        "Sql": given.get("Sql"), "AwsIotSqlVersion": given.get("AwsIotSqlVersion"),
        "RuleDisabled": scalar(False, event.at),
        "Actions": built([{"Lambda": {"FunctionArn": pointer(read.declared.logical_id, "Arn", event.at)}}], event.at),
    }, event.at)
    source = Unknown("the rule's ARN holds the account", event.at, present=True, label=rule)
    return [stack.subject("AWS::IoT::TopicRule", rule, read, record({"TopicRulePayload": payload}, event.at)),
            _permission(stack, read, name, "iot.amazonaws.com", event, source)]


def _skill(stack: Stack, read: Reading, name: str, given: MapValue, event: Value) -> list[Resource]:
    made = _permission(stack, read, name, "alexa-appkit.amazon.com", event)
    skill = given.get("SkillId")
    if is_set(skill):
        made.properties = record({**made.properties.entries, "EventSourceToken": skill}, event.at)
    return [made]


def _users(stack: Stack, read: Reading, name: str, given: MapValue, event: Value) -> list[Resource]:
    pool = given.get("UserPool")
    source = pool
    if isinstance(pool, Unknown) and pool.refers is not None:
        source = pointer(pool.refers.address, "Arn", event.at)
    return [_permission(stack, read, "Cognito", "cognito-idp.amazonaws.com", event, source if is_set(source) else None)]


def _api(stack: Stack, read: Reading, name: str, given: MapValue, event: Value) -> list[Resource]:
    source = Unknown("the API's ARN is known after deployment", event.at, present=True, label="execute-api")
    return [_permission(stack, read, f"{name}", "apigateway.amazonaws.com", event, source)]


def _mapping(stack: Stack, read: Reading, name: str, given: MapValue, event: Value) -> list[Resource]:
    entries: dict[str, Value | None] = {key: given.get(key) for key in MAPPING_KEPT}
    entries["FunctionName"] = pointer(read.declared.logical_id, "Ref", event.at)
    for key in SOURCES:
        if is_set(given.get(key)):
            entries["EventSourceArn"] = given.get(key)
    return [stack.subject("AWS::Lambda::EventSourceMapping", f"{read.declared.logical_id}{name}", read,
                          record(entries, event.at))]


MAKERS: dict[str, Maker] = {
    "S3": _bucket,
    "SNS": _topic,
    "Schedule": _rule,
    "CloudWatchEvent": _rule,
    "EventBridgeRule": _rule,
    "ScheduleV2": _schedule,
    "CloudWatchLogs": _logs,
    "IoTRule": _thing_rule,
    "AlexaSkill": _skill,
    "Cognito": _users,
    "Api": _api,
    "HttpApi": _api,
}
