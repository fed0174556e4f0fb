"""SAM policies: execution roles, from managed names, documents and policy templates."""

from __future__ import annotations

import re
from typing import Any

from scanner.core.location import Location
from scanner.core.subject import Resource
from scanner.core.value import ListValue, MapValue, Scalar, Unknown, Value
from scanner.model.cloudformation.functions import named
from scanner.model.cloudformation.making import built, is_set, record, scalar, sequence
from scanner.model.cloudformation.resolver import Resolver
from scanner.model.cloudformation.strings import Run, assembled, run_of
from scanner.model.cloudformation.template import Reading, Stack

_PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")
MANAGED = "arn:aws:iam::aws:policy/"


def role_of(
    stack: Stack, read: Reading, service: str, managed: list[Value], documents: list[tuple[str, Value]]
) -> Resource:
    """Return the role that SAM makes for a function or state machine."""
    properties, at = read.properties, read.declared.key.at
    arns = list(managed)
    inline: list[Value] = []
    for name, needed in documents:
        inline.append(_inline(f"{read.declared.logical_id}{name}", needed))
    policies = properties.get("Policies")
    for index, entry in enumerate(_entries(policies)):
        arn, document = _policy(read.resolver, entry)
        if arn is not None and not any(_same(arn, known) for known in arns):
            arns.append(arn)
        if document is not None:
            inline.append(_inline(f"{read.declared.logical_id}RolePolicy{index}", document))
    own = properties.get("AssumeRolePolicyDocument")
    entries: dict[str, Value | None] = {
        "AssumeRolePolicyDocument": own if is_set(own) else trust(service, at),
        "ManagedPolicyArns": _listed(arns, policies, at) if arns or isinstance(policies, Unknown) else None,
        "Policies": sequence(inline, policies.at if is_set(policies) else at) if inline else None,
        "PermissionsBoundary": properties.get("PermissionsBoundary"),
        "Path": properties.get("RolePath"),
        "Tags": tags_of(properties.get("Tags"), at),
    }
    return stack.subject("AWS::IAM::Role", f"{read.declared.logical_id}Role", read, record(entries, at))


def _listed(arns: list[Value], policies: Value, at: Location) -> ListValue:
    """Return the managed policies; a policy list that is not known may hold more."""
    rest = policies if isinstance(policies, Unknown) else policies.rest if isinstance(policies, ListValue) else None
    return ListValue(tuple(arns), policies.at if is_set(policies) else at, rest)


def _entries(policies: Value) -> list[Value]:
    if isinstance(policies, ListValue):
        return list(policies.items)
    return [policies] if isinstance(policies, (Scalar, MapValue, Unknown)) and is_set(policies) else []


def _policy(resolver: Resolver, entry: Value) -> tuple[Value | None, Value | None]:
    """Return (managed policy ARN, inline document) of one entry; one of them is None."""
    if isinstance(entry, Scalar) and isinstance(entry.content, str):
        if entry.content.startswith("arn:"):
            return entry, None
        return scalar(managed_arn(entry.content), entry.at), None
    if isinstance(entry, MapValue):
        if "Statement" in entry.entries:
            return None, entry
        if len(entry.entries) == 1:
            name, given = next(iter(entry.entries.items()))
            return None, template_document(resolver, name, given, entry.key_at(name))
        return None, Unknown("a policy in a shape that SAM does not know", entry.at)
    return entry, None


def managed_arn(name: str) -> str:
    """Return the ARN of an AWS managed policy by its name."""
    from scanner.facts.sam_policies import path_of

    return MANAGED + path_of(name)


def template_document(resolver: Resolver, name: str, given: Value, at: Location) -> Value:
    """Return the policy document of a policy template with its parameters filled in; all of it stands at `at`."""
    from scanner.facts.sam_policies import statements_of

    statements = statements_of(name)
    if statements is None:
        return Unknown(f"{name} is no policy template that is known", at)
    return record({"Version": scalar("2012-10-17", at), "Statement": filled(statements, given, resolver, at)}, at)


def filled(content: Any, given: Value, resolver: Resolver, at: Location) -> Value:
    """Return a plain structure as a value that stands at `at`; `${Name}` in its texts is taken from `given`."""
    if isinstance(content, dict):
        return MapValue({key: filled(entry, given, resolver, at) for key, entry in content.items()}, at)
    if isinstance(content, list):
        return ListValue(tuple(filled(item, given, resolver, at) for item in content), at)
    if not isinstance(content, str) or "${" not in content:
        return built(content, at)
    runs: list[Run] = []
    start = 0
    for match in _PLACEHOLDER.finditer(content):
        if match.start() > start:
            runs.append(Run((content[start:match.start()],), None, 0, at))
        name = match.group(1)
        value = named(resolver, name, at) if name.startswith("AWS::") else given.get(name)
        if len(match.group()) == len(content) and is_set(value):
            return value
        run = run_of(value, at)
        runs.append(run or Run((Unknown(f"{name} is not given", at),), None, 0, at))
        start = match.end()
    if start < len(content):
        runs.append(Run((content[start:],), None, 0, at))
    return assembled(runs, at)


def _inline(name: str, document: Value) -> Value:
    return record({"PolicyName": scalar(name, document.at), "PolicyDocument": document}, document.at)


def _same(one: Value, other: Value) -> bool:
    return isinstance(one, Scalar) and isinstance(other, Scalar) and one.content == other.content


def trust(service: str, at: Location) -> Value:
    """Return the trust policy for a service."""
    return built({"Version": "2012-10-17", "Statement": [
        {"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [service]}}]}, at)


def allow(actions: str | list[str], resource: Value, at: Location) -> Value:
    """Return a policy document that allows actions on a resource."""
    return built({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": actions, "Resource": resource}]}, at)


def tags_of(tags: Value, at: Location) -> Value | None:
    """Return SAM's mapping of tags as a list of keys and values; SAM adds one of its own."""
    if isinstance(tags, Unknown):
        return tags
    items: list[Value] = []
    if isinstance(tags, MapValue):
        items = [record({"Key": scalar(key, tags.key_at(key)), "Value": value}, tags.key_at(key))
                 for key, value in tags.entries.items()]
    elif isinstance(tags, ListValue):
        items = list(tags.items)
    return sequence(items, tags.at) if items else None
