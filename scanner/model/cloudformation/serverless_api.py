"""SAM's APIs: REST, HTTP and GraphQL, the implicit ones that function events ask for included."""

from __future__ import annotations

from scanner.core.location import Location
from scanner.core.node import Node
from scanner.core.subject import Resource
from scanner.core.value import ListValue, MapValue, Scalar, Value
from scanner.model.cloudformation.making import built, is_set, merged, pointer, record, scalar, sequence
from scanner.model.cloudformation.serverless_function import events_of
from scanner.model.cloudformation.serverless_policies import tags_of
from scanner.model.cloudformation.template import Declared, Reading, Stack

STAGE_KEPT = ("CacheClusterEnabled", "CacheClusterSize", "Variables", "MethodSettings", "AccessLogSetting",
              "CanarySetting", "TracingEnabled")
IMPLICIT = {
    # event type -> (property that names an API, name of the implicit API, its type, its stage)
    "Api": ("RestApiId", "ServerlessRestApi", "Api", "Prod"),
    "HttpApi": ("ApiId", "ServerlessHttpApi", "HttpApi", "$default"),
}


def rest_api(stack: Stack, read: Reading) -> list[Resource]:
    """Return the API, its deployment and stage, and its domain."""
    given, at, name = read.properties, read.declared.key.at, read.declared.logical_id
    policy = given.get("Auth").get("ResourcePolicy")
    entries: dict[str, Value | None] = {
        "Name": given.get("Name"), "Description": given.get("Description"), "Body": given.get("DefinitionBody"),
        "BodyS3Location": given.get("DefinitionUri"), "BinaryMediaTypes": given.get("BinaryMediaTypes"),
        "MinimumCompressionSize": given.get("MinimumCompressionSize"), "Mode": given.get("Mode"),
        "ApiKeySourceType": given.get("ApiKeySourceType"), "FailOnWarnings": given.get("FailOnWarnings"),
        "DisableExecuteApiEndpoint": given.get("DisableExecuteApiEndpoint"),
        "SecurityPolicy": given.get("SecurityPolicy"), "EndpointAccessMode": given.get("EndpointAccessMode"),
        "EndpointConfiguration": _endpoint(given.get("EndpointConfiguration")),
        "Policy": _resource_policy(policy) if is_set(policy) else given.get("Policy"),
        "Tags": tags_of(given.get("Tags"), at),
    }
    found = [stack.subject("AWS::ApiGateway::RestApi", name, read, _with_rest(read, entries))]
    stage: dict[str, Value | None] = {key: given.get(key) for key in STAGE_KEPT}
    stage_name = given.get("StageName")
    stage |= {"RestApiId": pointer(name, "Ref", at), "StageName": stage_name,
              "DeploymentId": pointer(f"{name}Deployment", "Ref", at), "Tags": tags_of(given.get("Tags"), at)}
    found.append(stack.subject("AWS::ApiGateway::Stage", f"{name}{_part(stage_name)}Stage", read,
                               _with_rest(read, stage)))
    found.append(stack.subject("AWS::ApiGateway::Deployment", f"{name}Deployment", read, record(
        {"RestApiId": pointer(name, "Ref", at), "StageName": scalar("Stage", at)}, at)))
    return found + _domain(stack, read, "AWS::ApiGateway::DomainName")


def http_api(stack: Stack, read: Reading) -> list[Resource]:
    """Return the API, its stage and its domain."""
    given, at, name = read.properties, read.declared.key.at, read.declared.logical_id
    entries: dict[str, Value | None] = {
        "Body": given.get("DefinitionBody"), "BodyS3Location": given.get("DefinitionUri"),
        "CorsConfiguration": given.get("CorsConfiguration"), "Name": given.get("Name"),
        "Description": given.get("Description"), "FailOnWarnings": given.get("FailOnWarnings"),
        "DisableExecuteApiEndpoint": given.get("DisableExecuteApiEndpoint"),
        "ProtocolType": scalar("HTTP", at), "Tags": given.get("Tags"),
    }
    found = [stack.subject("AWS::ApiGatewayV2::Api", name, read, _with_rest(read, entries))]
    stage_name = given.get("StageName")
    default = not is_set(stage_name)
    stage: dict[str, Value | None] = {
        "ApiId": pointer(name, "Ref", at), "StageName": scalar("$default", at) if default else stage_name,
        "StageVariables": given.get("StageVariables"), "AccessLogSettings": given.get("AccessLogSettings"),
        "DefaultRouteSettings": given.get("DefaultRouteSettings"), "RouteSettings": given.get("RouteSettings"),
        "AutoDeploy": scalar(True, at), "Tags": given.get("Tags"),
    }
    address = f"{name}ApiGatewayDefaultStage" if default else f"{name}{_part(stage_name)}Stage"
    found.append(stack.subject("AWS::ApiGatewayV2::Stage", address, read, _with_rest(read, stage)))
    return found + _domain(stack, read, "AWS::ApiGatewayV2::DomainName")


def _part(stage_name: Value) -> str:
    """Return the stage's name as it stands in the stage's logical id; empty when it is not plain."""
    text = str(stage_name.content) if isinstance(stage_name, Scalar) else ""
    return text if text.isalnum() else ""


def _endpoint(value: Value) -> Value | None:
    """Return the endpoint configuration: SAM also takes just its type."""
    if isinstance(value, Scalar):
        return record({"Types": sequence([value], value.at)}, value.at)
    if isinstance(value, MapValue) and "Type" in value.entries:
        kind = value.entries["Type"]
        return record({"Types": sequence([kind], kind.at), "VpcEndpointIds": value.get("VPCEndpointIds")}, value.at)
    return value


def _resource_policy(policy: Value) -> Value:
    """Return the resource policy: SAM's white and black lists leave anyone to call within them."""
    custom = policy.get("CustomStatements")
    if is_set(custom):
        statements = custom if isinstance(custom, ListValue) else sequence([custom], custom.at)
        return record({"Version": scalar("2012-10-17", policy.at), "Statement": statements}, policy.at)
    at = policy.at
    allow = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    statements_made: list[object] = [allow]
    for key, operator, name in (
        ("IpRangeWhitelist", "NotIpAddress", "aws:SourceIp"), ("IpRangeBlacklist", "IpAddress", "aws:SourceIp"),
        ("SourceVpcWhitelist", "StringNotEquals", "aws:SourceVpc"),
        ("SourceVpcBlacklist", "StringEquals", "aws:SourceVpc"),
    ):
        listed = policy.get(key)
        if is_set(listed):
            statements_made.append({**allow, "Effect": "Deny", "Condition": {operator: {name: listed}}})
    return built({"Version": "2012-10-17", "Statement": statements_made}, at)


def _domain(stack: Stack, read: Reading, kind: str) -> list[Resource]:
    domain = read.properties.get("Domain")
    if not isinstance(domain, MapValue):
        return []
    at = domain.at
    configuration: dict[str, Value | None] = {
        "DomainName": domain.get("DomainName"), "SecurityPolicy": domain.get("SecurityPolicy"),
        "MutualTlsAuthentication": domain.get("MutualTlsAuthentication"),
    }
    if kind.startswith("AWS::ApiGatewayV2"):
        inner = record({"CertificateArn": domain.get("CertificateArn"), "EndpointType": scalar("REGIONAL", at),
                        "SecurityPolicy": domain.get("SecurityPolicy")}, at)
        configuration["DomainNameConfigurations"] = sequence([inner], at)
        configuration["SecurityPolicy"] = None
    else:
        configuration["CertificateArn"] = domain.get("CertificateArn")
        configuration["EndpointConfiguration"] = _endpoint(domain.get("EndpointConfiguration"))
    return [stack.subject(kind, f"{read.declared.logical_id}DomainName", read, record(configuration, at))]


def graphql_api(stack: Stack, read: Reading) -> list[Resource]:
    """Return the AppSync API and, when it has keys, its keys."""
    given, at, name = read.properties, read.declared.key.at, read.declared.logical_id
    auth = given.get("Auth")
    logging = given.get("Logging")
    entries: dict[str, Value | None] = {
        "Name": given.get("Name") if is_set(given.get("Name")) else scalar(name, at),
        "AuthenticationType": auth.get("Type"), "UserPoolConfig": auth.get("UserPool"),
        "OpenIDConnectConfig": auth.get("OpenIDConnect"), "LambdaAuthorizerConfig": auth.get("LambdaAuthorizer"),
        "AdditionalAuthenticationProviders": _providers(auth.get("Additional")),
        "XrayEnabled": given.get("XrayEnabled"), "Tags": tags_of(given.get("Tags"), at),
        "LogConfig": logging if isinstance(logging, MapValue) else None, "Visibility": given.get("Visibility"),
    }
    found = [stack.subject("AWS::AppSync::GraphQLApi", name, read, _with_rest(read, entries))]
    keys = given.get("ApiKeys")
    for key, value in keys.entries.items() if isinstance(keys, MapValue) else ():
        found.append(stack.subject("AWS::AppSync::ApiKey", f"{name}{key}", read, record(
            {"ApiId": pointer(name, "ApiId", value.at), "Expires": value.get("ExpiresOn"),
             "Description": value.get("Description")}, value.at)))
    return found


def _providers(additional: Value) -> Value | None:
    if not isinstance(additional, ListValue):
        return None
    return sequence([record({
        "AuthenticationType": item.get("Type"), "UserPoolConfig": item.get("UserPool"),
        "OpenIDConnectConfig": item.get("OpenIDConnect"), "LambdaAuthorizerConfig": item.get("LambdaAuthorizer"),
    }, item.at) for item in additional.items], additional.at)


def implicit_apis(stack: Stack, readings: list[Reading], general: dict[str, Value]) -> list[Resource]:
    """Return the APIs that function events use without naming one; they stand at the first such event."""
    found: list[Resource] = []
    for kind, (naming, name, type_name, stage) in IMPLICIT.items():
        place = _first_use(readings, kind, naming)
        if place is None or name in stack.kinds:
            continue
        read, at = place
        key = Node("scalar", at, content=name, text=name)
        declared = Declared(name, f"AWS::Serverless::{type_name}", key, Node("mapping", at), {})
        properties: Value = MapValue({} if type_name == "HttpApi" else {"StageName": scalar(stage, at)}, at)
        settings = general.get(type_name)
        if settings is not None:
            properties = merged(settings, properties)
        known = properties if isinstance(properties, MapValue) else MapValue({}, at)
        made = Reading(declared, read.resolver, None, MapValue(known.entries, at, known.keys_at, known.rest),
                       MapValue({}, at))
        found += rest_api(stack, made) if type_name == "Api" else http_api(stack, made)
    return found


def _first_use(readings: list[Reading], kind: str, naming: str) -> tuple[Reading, Location] | None:
    for read in readings:
        for _, event_kind, given, event in events_of(read.properties):
            if event_kind == kind and not is_set(given.get(naming)):
                return read, event.at
    return None


def _with_rest(read: Reading, entries: dict[str, Value | None]) -> MapValue:
    made = record(entries, read.declared.key.at)
    return MapValue(made.entries, made.at, made.keys_at, read.properties.rest)
