"""What the framework makes of `functions` and `provider`: functions, their log groups and URLs, and execution roles.

Names, defaults and the rights that every role gets are those of the framework's AWS provider (guides "Functions" and
"IAM"); `iamRoleStatements` of a function are those of the plugin serverless-iam-roles-per-function.
"""

from __future__ import annotations

from typing import NamedTuple

from scanner.core.node import Node
from scanner.core.subject import Resource
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Unknown, Value
from scanner.model.cloudformation.making import built, is_set, merged, pointer, record, scalar, sequence
from scanner.model.cloudformation.serverless_function import url_resources
from scanner.model.cloudformation.serverless_policies import filled, managed_arn, tags_of, trust
from scanner.model.cloudformation.template import Declared, Reading
from scanner.model.serverless.service import Service, parts_of

SHARED_ROLE = "IamRoleLambdaExecution"
OWN = {"handler": "Handler", "description": "Description", "reservedConcurrency": "ReservedConcurrentExecutions"}
INHERITED = {"memorySize": "MemorySize", "timeout": "Timeout", "kmsKeyArn": "KmsKeyArn", "layers": "Layers"}
DEFAULTS = {"MemorySize": 1024, "Timeout": 6}
CORS = {
    "allowedOrigins": "AllowOrigins", "allowedHeaders": "AllowHeaders", "allowedMethods": "AllowMethods",
    "allowCredentials": "AllowCredentials", "exposedResponseHeaders": "ExposeHeaders", "maxAge": "MaxAge",
}
LOG_RIGHTS = [
    {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:CreateLogGroup", "logs:TagResource"], "Resource": [
        "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/${Names}*:*"]},
    {"Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": [
        "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/${Names}*:*:*"]},
]


class Function(NamedTuple):
    """One entry of `functions`: its normalized name, key and node, its settings and those of the provider."""

    name: str
    key: Node
    node: Node
    own: MapValue
    provider: MapValue
    prefix: Value

    def setting(self, name: str) -> Value:
        """Return the function's setting, else the provider's; a null of the function's own switches it off."""
        own = self.own.get(name)
        return self.provider.get(name) if isinstance(own, Absent) else own

    def with_general(self, name: str) -> Value:
        """Return a mapping of the provider with the function's own entries over it."""
        general, own = self.provider.get(name), self.own.get(name)
        return merged(general, own) if is_set(own) else general


def made_resources(service: Service) -> list[Resource]:
    """Return what the framework makes: per function and, when one needs it, the role they share."""
    provider = _mapping(service, service.root.get("provider"))
    found: list[Resource] = []
    shared = False
    for function in _functions(service, provider):
        read = _reading(service, f"{function.name}LambdaFunction", function.key, function.node)
        role = _role_of(function)
        pointed = role.refers if isinstance(role, Unknown) else None
        shared = shared or (pointed is not None and pointed.address == SHARED_ROLE)
        found.append(_subject(service, "AWS::Lambda::Function", read, _properties(function, role)))
        found += _url(service, function, read)
        found += _log_group(service, function)
        if is_set(function.own.get("iamRoleStatements")) and not is_set(_stated_role(function)):
            found.append(_own_role(service, function))
    if shared:
        found.append(_shared_role(service, provider))
    return found


def _functions(service: Service, provider: MapValue) -> list[Function]:
    prefix = _prefix(service)
    found: dict[str, Function] = {}
    for part in parts_of(service.root.get("functions"), service.variables, service.variables.workspace):
        for key, node in part.pairs:
            known = service.variables.node(node)
            own = service.resolver.value(known) if known is not None else Unknown("the function is not known", node.at)
            settings = own if isinstance(own, MapValue) else MapValue(
                {}, node.at, rest=own if isinstance(own, Unknown) else None)
            found[key.text] = Function(_normalized(key.text), key, known or node, settings, provider, prefix)
    return list(found.values())


def _normalized(name: str) -> str:
    """Return a function's name as logical ids carry it."""
    shown = name.replace("-", "Dash").replace("_", "Underscore")
    return shown[:1].upper() + shown[1:]


def _prefix(service: Service) -> Value:
    """Return `service-stage-`, with which function names begin."""
    root = service.root
    name = root.get("service")
    if name is not None and name.kind == "mapping":
        name = name.get("name")
    if name is None:
        return Unknown("the service has no name", root.at)
    given = record({"Service": service.resolver.value(name), "Stage": service.answer("sls:stage", name.at)}, name.at)
    return filled("${Service}-${Stage}-", given, service.resolver, name.at)


def _mapping(service: Service, node: Node | None) -> MapValue:
    known = service.variables.node(node) if node is not None else None
    value = service.resolver.value(known) if known is not None else None
    if isinstance(value, MapValue):
        return value
    return MapValue({}, node.at if node is not None else service.root.at)


def _reading(service: Service, logical_id: str, key: Node, node: Node) -> Reading:
    declared = Declared(logical_id, "", key, node, {})
    nothing = MapValue({}, key.at)
    return Reading(declared, service.resolver, None, nothing, nothing)


def _subject(service: Service, kind: str, read: Reading, properties: MapValue) -> Resource:
    name = read.declared.logical_id
    return service.subject(kind, name, read, service.extended(name, properties))


def _properties(function: Function, role: Value) -> MapValue:
    own, at = function.own, function.key.at
    entries: dict[str, Value | None] = {theirs: own.get(ours) for ours, theirs in OWN.items()}
    for ours, theirs in INHERITED.items():
        value = function.setting(ours)
        default = Scalar(DEFAULTS[theirs], at, defaulted=True) if theirs in DEFAULTS else None
        entries[theirs] = value if is_set(value) else default
    entries["FunctionName"] = _name(function)
    entries["Role"] = role
    entries["Environment"] = _wrapped("Variables", function.with_general("environment"))
    entries["VpcConfig"] = _network(function.setting("vpc"))
    entries["TracingConfig"] = _tracing(function)
    entries["DeadLetterConfig"] = _wrapped("TargetArn", own.get("onError"))
    entries["EphemeralStorage"] = _wrapped("Size", own.get("ephemeralStorageSize"))
    entries["Tags"] = tags_of(function.with_general("tags"), at)
    architecture = function.setting("architecture")
    entries["Architectures"] = sequence([architecture], architecture.at) if is_set(architecture) else None
    image = own.get("image")
    if is_set(image):
        place = image.get("uri") if isinstance(image, MapValue) else image
        entries["PackageType"] = scalar("Image", image.at)
        entries["Code"] = record({"ImageUri": place if is_set(place) else
                                  Unknown("the image is built at deployment", image.at)}, image.at)
    else:
        runtime = function.setting("runtime")
        entries["Runtime"] = runtime if is_set(runtime) else Unknown("the framework's version chooses the runtime", at)
    made = record(entries, at)
    spoken = {**OWN, **INHERITED, "environment": "Environment", "vpc": "VpcConfig", "runtime": "Runtime"}
    keys = {theirs: own.keys_at[ours] for ours, theirs in spoken.items() if ours in own.keys_at}
    return MapValue(made.entries, at, {**made.keys_at, **keys}, own.rest)


def _name(function: Function) -> Value:
    given = function.own.get("name")
    if is_set(given):
        return given
    prefix = function.prefix
    if isinstance(prefix, Scalar):
        return Scalar(f"{prefix.content}{function.key.text}", function.key.at)
    return Unknown("the function's name depends on the stage", function.key.at, present=True)


def _wrapped(name: str, value: Value) -> Value | None:
    return record({name: value}, value.at) if is_set(value) else None


def _network(network: Value) -> Value | None:
    if isinstance(network, MapValue):
        return record({"SecurityGroupIds": network.get("securityGroupIds"), "SubnetIds": network.get("subnetIds")},
                      network.at)
    return network if isinstance(network, Unknown) and is_set(network) else None


def _tracing(function: Function) -> Value | None:
    value = function.own.get("tracing")
    if not is_set(value):
        value = function.provider.get("tracing").get("lambda")
    if isinstance(value, Scalar):
        mode = {True: "Active", "true": "Active", False: None, "false": None}.get(value.content, value.content)
        return record({"Mode": Scalar(mode, value.at)}, value.at) if mode is not None else None
    return _wrapped("Mode", value)


def _stated_role(function: Function) -> Value:
    """Return the role that the function or the provider names, absent when the framework makes one."""
    for value in (function.own.get("role"), function.provider.get("role"), function.provider.get("iam").get("role")):
        if is_set(value) and not isinstance(value, MapValue):
            return value
    return Absent(function.key.at)


def _role_of(function: Function) -> Value:
    stated = _stated_role(function)
    if isinstance(stated, Scalar):
        text = str(stated.content)
        return stated if ":" in text or "/" in text else pointer(text, "Arn", stated.at)
    if is_set(stated):
        return stated
    if is_set(function.own.get("iamRoleStatements")):
        return pointer(f"{function.name}{SHARED_ROLE}", "Arn", function.key.at)
    return pointer(SHARED_ROLE, "Arn", function.key.at)


def _url(service: Service, function: Function, read: Reading) -> list[Resource]:
    url = function.own.get("url")
    if not is_set(url) or (isinstance(url, Scalar) and url.content in (False, "false")):
        return []
    config: dict[str, Value | None] = {"AuthType": Scalar("NONE", url.at)}
    if isinstance(url, Unknown):
        config["AuthType"] = url
    if isinstance(url, MapValue):
        config["AuthType"] = _authorizer(url)
        config["InvokeMode"] = url.get("invokeMode")
        config["Cors"] = _cors(url.get("cors"))
    asked = record({"FunctionUrlConfig": record(config, url.at)}, url.at)
    return url_resources(service, read._replace(properties=asked))


def _authorizer(url: MapValue) -> Value:
    """Return who may call a URL, in CloudFormation's words; without an authorizer everyone may."""
    authorizer = url.get("authorizer")
    if not is_set(authorizer):
        return Scalar("NONE", url.at)
    if isinstance(authorizer, Scalar):
        return Scalar("AWS_IAM" if str(authorizer.content).lower() == "aws_iam" else "NONE", authorizer.at)
    return authorizer


def _cors(cors: Value) -> Value | None:
    if isinstance(cors, MapValue):
        return record({theirs: cors.get(ours) for ours, theirs in CORS.items()}, cors.at)
    if isinstance(cors, Scalar) and cors.content in (True, "true"):
        return built({"AllowOrigins": ["*"], "AllowMethods": ["*"]}, cors.at)
    return cors if isinstance(cors, Unknown) else None


def _log_group(service: Service, function: Function) -> list[Resource]:
    disabled = function.setting("disableLogs")
    if isinstance(disabled, Scalar) and disabled.content in (True, "true"):
        return []
    at = function.key.at
    read = _reading(service, f"{function.name}LogGroup", function.key, function.node)
    given = record({"Name": _name(function)}, at)
    properties = record({"LogGroupName": filled("/aws/lambda/${Name}", given, service.resolver, at),
                         "RetentionInDays": function.setting("logRetentionInDays")}, at)
    return [_subject(service, "AWS::Logs::LogGroup", read, properties)]


# roles


def _own_role(service: Service, function: Function) -> Resource:
    """Return the role that a function with statements of its own gets."""
    statements = [function.own.get("iamRoleStatements")]
    inherits = function.own.get("iamRoleStatementsInherit")
    if isinstance(inherits, Scalar) and inherits.content in (True, "true"):
        statements += _general_statements(function.provider)
    key = next((key for key, _ in function.node.pairs if key.text == "iamRoleStatements"), function.key)
    read = _reading(service, f"{function.name}{SHARED_ROLE}", key, function.node)
    return _role(service, read, function.provider, statements, function.setting("vpc"))


def _shared_role(service: Service, provider: MapValue) -> Resource:
    """Return the role that the functions of a service share."""
    node = service.variables.node(service.root.get("provider") or service.root) or service.root
    keys = {key.text: key for key, _ in node.pairs}
    outer = next(key for key, _ in service.root.pairs if key.text == "provider")
    read = _reading(service, SHARED_ROLE, keys.get("iamRoleStatements") or keys.get("iam") or outer, node)
    return _role(service, read, provider, _general_statements(provider), provider.get("vpc"))


def _general_statements(provider: MapValue) -> list[Value]:
    return [provider.get("iamRoleStatements"), provider.get("iam").get("role").get("statements")]


def _role(
    service: Service, read: Reading, provider: MapValue, statements: list[Value], network: Value
) -> Resource:
    at, role = read.declared.key.at, provider.get("iam").get("role")
    names = record({"Names": _prefix(service)}, at)
    items: list[Value] = []
    logged = filled(LOG_RIGHTS, names, service.resolver, at)
    items += logged.items if isinstance(logged, ListValue) else []
    rest: Unknown | None = None
    for value in statements:
        if isinstance(value, ListValue):
            items += value.items
            rest = value.rest or rest
        elif isinstance(value, Unknown):
            rest = value
    place = next((value.at for value in statements if is_set(value)), provider.at)  # not where the trust policy stands
    document = record({"Version": scalar("2012-10-17", at), "Statement": ListValue(tuple(items), place, rest)}, place)
    managed = [item for value in (provider.get("iamManagedPolicies"), role.get("managedPolicies"))
               if isinstance(value, ListValue) for item in value.items]
    if is_set(network):
        managed.append(scalar(managed_arn("AWSLambdaVPCAccessExecutionRole"), network.at))
    boundary = role.get("permissionsBoundary")
    boundary = boundary if is_set(boundary) else provider.get("rolePermissionsBoundary")
    entries: dict[str, Value | None] = {
        "AssumeRolePolicyDocument": trust("lambda.amazonaws.com", at),
        "Policies": sequence([record({"PolicyName": scalar("lambda", at), "PolicyDocument": document}, at)], at),
        "ManagedPolicyArns": sequence(managed, at) if managed else None,
        "PermissionsBoundary": boundary, "RoleName": role.get("name"), "Path": role.get("path"),
        "Tags": tags_of(role.get("tags"), at),
    }
    return _subject(service, "AWS::IAM::Role", read, record(entries, at))


__all__ = ["made_resources"]
