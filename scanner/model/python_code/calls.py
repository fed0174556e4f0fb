"""Calls of AWS APIs in Python: boto3 clients, boto3 resources, and calls whose name leaves no doubt."""

from __future__ import annotations

import ast

from scanner.core.subject import ApiCall, Code
from scanner.core.value import MapValue
from scanner.model.derived.api_names import cli_service, operation_name
from scanner.model.python_code.constructs import construct_calls
from scanner.model.python_code.expressions import Names, Reader
from scanner.model.workspace import Workspace

MAX_CALLS = 5_000
_FACTORIES = ("client", "resource", "create_client")
_NOT_OPERATIONS = frozenset((
    "get_paginator", "get_waiter", "can_paginate", "generate_presigned_url", "generate_presigned_post", "close", "wait",
    "paginate", "all", "filter", "load", "reload", "get_available_subresources", "meta",
))

_DISTINCTIVE = {
    # method that only one service has -> service, for receivers that cannot be followed (parameters, imports)
    "authorize_security_group_ingress": "ec2", "authorize_security_group_egress": "ec2",
    "modify_snapshot_attribute": "ec2", "modify_image_attribute": "ec2", "create_network_acl_entry": "ec2",
    "put_role_policy": "iam", "put_user_policy": "iam", "put_group_policy": "iam", "attach_role_policy": "iam",
    "attach_user_policy": "iam", "attach_group_policy": "iam", "create_policy_version": "iam",
    "create_access_key": "iam", "create_login_profile": "iam", "update_assume_role_policy": "iam",
    "put_bucket_policy": "s3api", "put_bucket_acl": "s3api", "put_object_acl": "s3api",
    "delete_public_access_block": "s3api", "put_public_access_block": "s3api", "delete_bucket_encryption": "s3api",
    "put_key_policy": "kms", "schedule_key_deletion": "kms", "stop_logging": "cloudtrail", "delete_trail": "cloudtrail",
    "modify_db_snapshot_attribute": "rds", "set_repository_policy": "ecr", "create_function_url_config": "lambda",
    "put_bucket_policy_status": "s3api", "delete_detector": "guardduty", "delete_flow_logs": "ec2",
}

_RESOURCE_METHODS = {
    # method of a boto3 resource, a parameter it must have -> (service, operation)
    ("authorize_ingress", ""): ("ec2", "AuthorizeSecurityGroupIngress"),
    ("authorize_egress", ""): ("ec2", "AuthorizeSecurityGroupEgress"),
    ("attach_policy", "PolicyArn"): ("iam", "AttachRolePolicy"),
    ("create_policy", "PolicyDocument"): ("iam", "CreatePolicy"),
    ("put", "ACL"): ("s3api", "PutObjectAcl"), ("put_object", "ACL"): ("s3api", "PutObject"),
    ("create_bucket", "ACL"): ("s3api", "CreateBucket"), ("put", "Policy"): ("s3api", "PutBucketPolicy"),
    ("put", "PolicyDocument"): ("iam", "PutRolePolicy"),
}


def state_calls(code: Code, workspace: Workspace) -> None:
    """Add an ApiCall for each call in the module that can be told to be one."""
    tree = code.tree
    if not isinstance(tree, ast.Module):
        return
    names = Names(tree)
    reader = Reader(code.artifact, names)
    count = 0
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        calls = [found] if (found := _boto(node, names)) else construct_calls(node, reader)
        for service, operation, parameters in calls:
            known = parameters if isinstance(parameters, MapValue) else reader.keywords(node)
            workspace.inventory.add(_call(code, node, names, reader, service, operation, known))
            count += 1
        if count > MAX_CALLS:
            workspace.note("warning", "too-many-calls", f"more than {MAX_CALLS} calls in {code.artifact.path}", code.at)
            return


def _call(
    code: Code, node: ast.Call, names: Names, reader: Reader, service: str, operation: str, parameters: MapValue,
) -> ApiCall:
    at = reader.at(node.func)
    if at.start_line != at.end_line:
        end = reader.at(node.func)
        at = at._replace(start_line=end.end_line, start_column=1, end_line=end.end_line, end_column=end.end_column)
    return ApiCall(
        _address(code, node, names), at, service, operation, parameters, "sdk", code.scope, holder=code,
        dialect=code.dialect,
    )


def _address(code: Code, node: ast.AST, names: Names) -> str:
    """Return the name of the function the call stands in, behind the path."""
    function = names.function_of(node)
    name = getattr(function, "name", "")
    return f"{code.artifact.path}:{name}" if name else code.artifact.path


def _boto(node: ast.Call, names: Names) -> tuple[str, str, None] | None:
    """Return (service, operation, nothing) of a call on a boto3 client or resource; None for any other call."""
    method = node.func
    if not isinstance(method, ast.Attribute) or method.attr.startswith("_"):
        return None
    for (name, needs), (service, operation) in _RESOURCE_METHODS.items():
        if method.attr == name and _has(node, needs or "IpPermissions", needs or "CidrIp", needs or "IpProtocol"):
            return service, operation, None
    if method.attr in _NOT_OPERATIONS or method.attr in _FACTORIES:
        return None
    service_name = _service(method.value, names, 0)
    if service_name is None:
        service_name = _DISTINCTIVE.get(method.attr)
        if service_name is None:
            return None
    service = cli_service(service_name)
    return service, operation_name(service, method.attr, "_"), None


def _has(node: ast.Call, *keywords: str) -> bool:
    return any(keyword.arg in keywords for keyword in node.keywords)


def _service(node: ast.expr, names: Names, depth: int) -> str | None:
    """Return the service a receiver is a client of: `boto3.client("ec2")`, or a name that was assigned one."""
    if depth > 6:
        return None
    if isinstance(node, ast.Call):
        return _made(node)
    if isinstance(node, ast.Name):
        found = names.values(node)
    elif isinstance(node, ast.Attribute):
        if node.attr in ("meta", "client"):
            return _service(node.value, names, depth + 1)
        found = names.attributes.get(node.attr, [])
    else:
        return None
    services = {service for value in found if (service := _service(value, names, depth + 1))}
    return services.pop() if len(services) == 1 else None


def _made(node: ast.Call) -> str | None:
    """Return the service that a factory call makes a client for."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name not in _FACTORIES:
        return None
    given = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "service_name"), None)
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return given.value
    return None


