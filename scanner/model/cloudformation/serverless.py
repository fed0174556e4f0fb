"""SAM: serverless resources to the CloudFormation resources that they become, as far as security reaches.

The source of each made resource and value is the SAM resource or property that asks for it. Made resources have
the names that SAM gives them (`FunctionRole`, `ApiProdStage`), without the hashes of deployments and versions.
"""

from __future__ import annotations

from collections.abc import Callable

from scanner.core.subject import Resource
from scanner.core.value import MapValue, Value
from scanner.model.cloudformation.making import merged
from scanner.model.cloudformation.serverless_api import graphql_api, http_api, implicit_apis, rest_api
from scanner.model.cloudformation.serverless_deployment import deployments
from scanner.model.cloudformation.serverless_function import function
from scanner.model.cloudformation.serverless_other import application, layer, simple_table, state_machine
from scanner.model.cloudformation.template import Reading, Stack

PREFIX = "AWS::Serverless::"
Expand = Callable[[Stack, Reading], list[Resource]]
EXPANSIONS: dict[str, Expand] = {
    "Function": function,
    "Api": rest_api,
    "HttpApi": http_api,
    "SimpleTable": simple_table,
    "StateMachine": state_machine,
    "LayerVersion": layer,
    "Application": application,
    "GraphQLApi": graphql_api,
}


def expanded_resources(stack: Stack) -> list[Resource]:
    """Return the resources of a stack, serverless ones followed by themselves under their own type."""
    if not any(declared.kind.startswith(PREFIX) for declared in stack.declared):
        return stack.resources()
    general = _globals(stack)
    found: list[Resource] = []
    readings: list[Reading] = []
    for declared in stack.declared:
        read = stack.read(declared)
        if read is None:
            continue
        if declared.kind.startswith(PREFIX):
            name = declared.kind[len(PREFIX):]
            read = read._replace(properties=_with_globals(read.properties, general.get(name)))
            readings.append(read)
            expand = EXPANSIONS.get(name)
            if expand is not None:
                found += expand(stack, read)
            else:
                stack.template.note(
                    "note", "sam-not-expanded", f"what {declared.kind} grants is not looked at", declared.key.at, "")
        found.append(stack.subject(declared.kind, declared.logical_id, read, read.properties))
    return found + implicit_apis(stack, readings, general) + deployments(stack, readings)


def _globals(stack: Stack) -> dict[str, Value]:
    """Return the Globals section by resource type."""
    section = stack.template.section("Globals")
    if section is None:
        return {}
    value = stack.resolver.value(section)
    return dict(value.entries) if isinstance(value, MapValue) else {}


def _with_globals(properties: MapValue, general: Value | None) -> MapValue:
    if not isinstance(general, MapValue):
        return properties
    value = merged(general, properties)
    return value if isinstance(value, MapValue) else properties
