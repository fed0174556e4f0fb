"""`AWS::Serverless::Function`: the function, its role, its URL, its versions, and what its events let in."""

from __future__ import annotations

from scanner.core.location import Location
from scanner.core.subject import Resource
from scanner.core.value import MapValue, Scalar, Value
from scanner.model.cloudformation.making import built, is_set, pointer, record, scalar
from scanner.model.cloudformation.serverless_events import event_resources
from scanner.model.cloudformation.serverless_policies import allow, managed_arn, role_of, tags_of
from scanner.model.cloudformation.strings import text_form
from scanner.model.cloudformation.template import Reading, Stack

KEPT = (
    "FunctionName", "Handler", "Runtime", "Description", "MemorySize", "Timeout", "VpcConfig", "Environment",
    "KmsKeyArn", "ReservedConcurrentExecutions", "Layers", "FileSystemConfigs", "ImageConfig", "PackageType",
    "Architectures", "SnapStart", "EphemeralStorage", "CodeSigningConfigArn", "RuntimeManagementConfig",
    "LoggingConfig", "RecursiveLoop", "TenancyConfig", "DurableConfig", "FunctionScalingConfig",
)
PULLED = {
    "Kinesis": "AWSLambdaKinesisExecutionRole", "DynamoDB": "AWSLambdaDynamoDBExecutionRole",
    "SQS": "AWSLambdaSQSQueueExecutionRole", "MSK": "AWSLambdaMSKExecutionRole",
}
DESTINATIONS = {
    "SQS": "sqs:SendMessage", "SNS": "sns:Publish", "EventBridge": "events:PutEvents",
    "Lambda": "lambda:InvokeFunction",
}


def function(stack: Stack, read: Reading) -> list[Resource]:
    """Return what a serverless function becomes."""
    name = read.declared.logical_id
    found = [stack.subject("AWS::Lambda::Function", name, read, _properties(read))]
    if not is_set(read.properties.get("Role")):
        found.append(_role(stack, read))
    found += url_resources(stack, read)
    alias = read.properties.get("AutoPublishAlias")
    if is_set(alias):
        at = alias.at
        found.append(stack.subject("AWS::Lambda::Version", f"{name}Version", read, record(
            {"FunctionName": pointer(name, "Ref", at)}, at)))
        label = text_form(alias.content) if isinstance(alias, Scalar) else ""
        found.append(stack.subject("AWS::Lambda::Alias", f"{name}Alias{label}", read, record(
            {"Name": alias, "FunctionName": pointer(name, "Ref", at),
             "ProvisionedConcurrencyConfig": read.properties.get("ProvisionedConcurrencyConfig")}, at)))
    return found + _invoke_config(stack, read) + event_resources(stack, read)


def _properties(read: Reading) -> MapValue:
    given, at = read.properties, read.declared.key.at
    entries: dict[str, Value | None] = {key: given.get(key) for key in KEPT}
    role = given.get("Role")
    entries["Role"] = role if is_set(role) else pointer(f"{read.declared.logical_id}Role", "Arn", at)
    entries["Code"] = code_of(given, at)
    entries["Tags"] = tags_of(given.get("Tags"), at)
    tracing = given.get("Tracing")
    if is_set(tracing) and not (isinstance(tracing, Scalar) and tracing.content == "Disabled"):
        entries["TracingConfig"] = record({"Mode": tracing}, tracing.at)
    queue = given.get("DeadLetterQueue")
    if is_set(queue):
        entries["DeadLetterConfig"] = record({"TargetArn": queue.get("TargetArn")}, queue.at)
    made = record(entries, at)
    keys = {key: given.keys_at.get(key, made.keys_at[key]) for key in made.entries}
    return MapValue(made.entries, at, keys, given.rest)


def code_of(given: MapValue, at: Location) -> Value | None:
    """Return the Code property: inline text, an image, or a place in S3."""
    inline, image, place = given.get("InlineCode"), given.get("ImageUri"), given.get("CodeUri")
    if is_set(inline):
        return record({"ZipFile": inline}, inline.at)
    if is_set(image):
        return record({"ImageUri": image}, image.at)
    return _bucket_place(place) if is_set(place) else None


def _bucket_place(place: Value) -> Value:
    """Return an S3 place as bucket and key; a local path stays what it is until it is packaged."""
    if isinstance(place, MapValue):
        return record({"S3Bucket": place.get("Bucket"), "S3Key": place.get("Key"),
                       "S3ObjectVersion": place.get("Version")}, place.at)
    if isinstance(place, Scalar) and text_form(place.content).startswith("s3://"):
        bucket, _, key = text_form(place.content)[5:].partition("/")
        return built({"S3Bucket": bucket, "S3Key": key}, place.at)
    return place


def _role(stack: Stack, read: Reading) -> Resource:
    given, at = read.properties, read.declared.key.at
    managed: list[Value] = [scalar(managed_arn("AWSLambdaBasicExecutionRole"), at)]
    tracing, network = given.get("Tracing"), given.get("VpcConfig")
    if is_set(tracing) and not (isinstance(tracing, Scalar) and tracing.content == "Disabled"):
        managed.append(scalar(managed_arn("AWSXrayWriteOnlyAccess"), tracing.at))
    if is_set(network):
        managed.append(scalar(managed_arn("AWSLambdaVPCAccessExecutionRole"), network.at))
    documents: list[tuple[str, Value]] = []
    queue = given.get("DeadLetterQueue")
    if isinstance(queue, MapValue):
        kind = queue.get("Type")
        action = DESTINATIONS.get(str(kind.content) if isinstance(kind, Scalar) else "", "sqs:SendMessage")
        documents.append(("DeadLetterQueuePolicy", allow(action, queue.get("TargetArn"), queue.at)))
    documents += _destinations(read)
    for _, source, _, event in events_of(given):
        policy = PULLED.get(source)
        if policy is not None:
            arn = managed_arn(policy)
            if not any(isinstance(known, Scalar) and known.content == arn for known in managed):
                managed.append(scalar(arn, event.at))
    return role_of(stack, read, "lambda.amazonaws.com", managed, documents)


def _destinations(read: Reading) -> list[tuple[str, Value]]:
    """Return the policies that destinations of asynchronous calls need."""
    config = read.properties.get("EventInvokeConfig").get("DestinationConfig")
    found: list[tuple[str, Value]] = []
    for event in ("OnSuccess", "OnFailure"):
        target = config.get(event)
        kind = target.get("Type")
        if not isinstance(target, MapValue) or not isinstance(kind, Scalar):
            continue
        action = DESTINATIONS.get(str(kind.content))
        place = target.get("Destination")
        if action is None:
            continue
        made = place if is_set(place) else pointer(f"{read.declared.logical_id}EventInvokeConfig{event}", "Arn",
                                                   target.at)
        found.append((f"EventInvokeConfig{event}Policy", allow(action, made, target.at)))
    return found


def _invoke_config(stack: Stack, read: Reading) -> list[Resource]:
    config = read.properties.get("EventInvokeConfig")
    if not isinstance(config, MapValue):
        return []
    name = read.declared.logical_id
    return [stack.subject("AWS::Lambda::EventInvokeConfig", f"{name}EventInvokeConfig", read, record({
        "FunctionName": pointer(name, "Ref", config.at), "MaximumRetryAttempts": config.get("MaximumRetryAttempts"),
        "MaximumEventAgeInSeconds": config.get("MaximumEventAgeInSeconds"),
        "DestinationConfig": _targets(config.get("DestinationConfig"))}, config.at))]


def _targets(config: Value) -> Value | None:
    """Return the destinations without the type that SAM asks for."""
    if not isinstance(config, MapValue):
        return config if is_set(config) else None
    return record({event: record({"Destination": target.get("Destination")}, target.at)
                   for event, target in config.entries.items()}, config.at)


def url_resources(stack: Stack, read: Reading) -> list[Resource]:
    """Return the URL that `FunctionUrlConfig` asks for, and who may call it."""
    config = read.properties.get("FunctionUrlConfig")
    if not isinstance(config, MapValue):
        return []
    name, kind = read.declared.logical_id, config.get("AuthType")
    target = pointer(name, "Ref", config.at)
    found = [stack.subject("AWS::Lambda::Url", f"{name}Url", read, record(
        {"TargetFunctionArn": target, "AuthType": kind, "Cors": config.get("Cors"),
         "InvokeMode": config.get("InvokeMode")}, config.at))]
    if isinstance(kind, Scalar) and kind.content == "NONE":
        found.append(stack.subject("AWS::Lambda::Permission", f"{name}UrlPublicPermissions", read, record(
            {"Action": scalar("lambda:InvokeFunctionUrl", kind.at), "FunctionName": target,
             "Principal": scalar("*", kind.at), "FunctionUrlAuthType": kind}, kind.at)))
        found.append(stack.subject("AWS::Lambda::Permission", f"{name}URLInvokeAllowPublicAccess", read, record(
            {"Action": scalar("lambda:InvokeFunction", kind.at), "FunctionName": target,
             "Principal": scalar("*", kind.at), "InvokedViaFunctionUrl": scalar(True, kind.at)}, kind.at)))
    return found


def events_of(given: MapValue) -> list[tuple[str, str, MapValue, Value]]:
    """Return (name, type, properties, whole event) of the events of a function or state machine."""
    events = given.get("Events")
    found: list[tuple[str, str, MapValue, Value]] = []
    if not isinstance(events, MapValue):
        return found
    for name, event in events.entries.items():
        kind, properties = event.get("Type"), event.get("Properties")
        if isinstance(kind, Scalar):
            known = properties if isinstance(properties, MapValue) else MapValue({}, event.at)
            found.append((name, str(kind.content), known, event))
    return found


__all__ = ["code_of", "events_of", "function", "url_resources"]
