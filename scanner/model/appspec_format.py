"""The AppSpec format for EC2 and on-premises, Lambda and ECS deployments, as a schema.

Source: AWS CodeDeploy User Guide, "CodeDeploy AppSpec file reference". Documents mix the case of the keys of Lambda
and ECS files, so keys are compared without it there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanner.core.node import Node
from scanner.model.format_check import (
    Anything,
    Breach,
    Checked,
    Flag,
    Listed,
    Mapped,
    Number,
    OneOf,
    Shape,
    Text,
    breaches,
)

SERVER_EVENTS = (
    "ApplicationStop", "BeforeInstall", "AfterInstall", "ApplicationStart", "ValidateService", "BeforeBlockTraffic",
    "AfterBlockTraffic", "BeforeAllowTraffic", "AfterAllowTraffic",
)
RESERVED_EVENTS = ("Start", "BlockTraffic", "DownloadBundle", "Install", "AllowTraffic", "End", "TestTraffic")
LAMBDA_EVENTS = ("BeforeAllowTraffic", "AfterAllowTraffic")
ECS_EVENTS = ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")
LONGEST_EVENT = 3600
"""Seconds that all scripts of one event may take together."""

_TEXT = Text(no_boolean=True)
_VERSION = Text(r"0\.0", "0.0")


def _hook_check(node: Node, route: str) -> Iterator[Breach]:
    """Report times of one event that add up to more than an event may take."""
    total = 0
    for item in node.items:
        timeout = item.get("timeout") if item.kind == "mapping" else None
        if timeout is not None and re.fullmatch(r"\d{1,9}", timeout.text):
            total += int(timeout.text)
            if total > LONGEST_EVENT >= int(timeout.text):
                yield Breach(timeout.at, route, "bad-value",
                             f"the scripts of `{route}` may take {total} s together; it ends after {LONGEST_EVENT} s")
                return


_HOOK = Checked(Listed(Mapped({
    "location": _TEXT, "timeout": Number(1, LONGEST_EVENT), "runas": _TEXT,
}, required=("location",))), _hook_check)
_MODE = Text(r"[0-7]{3,5}", "an octal number of three or four digits")
_PERMISSION = Mapped({
    "object": _TEXT, "pattern": _TEXT, "except": Listed(_TEXT, single=True), "owner": _TEXT, "group": _TEXT,
    "mode": _MODE,
    "acls": Listed(_TEXT), "type": Listed(OneOf(("file", "directory")), single=True),
    "context": Mapped({"user": _TEXT, "type": _TEXT, "range": _TEXT}),
}, required=("object",))
_SERVER = Mapped({
    "version": _VERSION,
    "os": OneOf(("linux", "windows"), ignore_case=True),
    "files": Listed(Mapped({"source": _TEXT, "destination": _TEXT}, required=("source", "destination"))),
    "file_exists_behavior": OneOf(("DISALLOW", "OVERWRITE", "RETAIN")),
    "permissions": Listed(_PERMISSION),
    "hooks": Mapped({event: _HOOK for event in SERVER_EVENTS}),
}, required=("version", "os"))


def _managed_hooks(events: tuple[str, ...]) -> Shape:
    return Listed(Mapped({event: _TEXT for event in events}, ignore_case=True))


_LAMBDA = Mapped({
    "version": _VERSION,
    "resources": Listed(Mapped({}, others=Mapped({
        "type": OneOf(("AWS::Lambda::Function",)),
        "properties": Mapped({
            "name": _TEXT, "alias": _TEXT, "currentversion": _TEXT, "targetversion": _TEXT,
        }, required=("name", "alias", "currentversion", "targetversion"), ignore_case=True),
    }, required=("type", "properties"), ignore_case=True))),
    "hooks": _managed_hooks(LAMBDA_EVENTS),
}, required=("version", "resources"), ignore_case=True)
_ECS = Mapped({
    "version": _VERSION,
    "resources": Listed(Mapped({}, others=Mapped({
        "type": OneOf(("AWS::ECS::Service",)),
        "properties": Mapped({
            "taskdefinition": _TEXT,
            "loadbalancerinfo": Mapped({"containername": _TEXT, "containerport": Number(1, 65535)}, ignore_case=True),
            "platformversion": _TEXT,
            "networkconfiguration": Mapped({"awsvpcconfiguration": Mapped({
                "subnets": Listed(_TEXT), "securitygroups": Listed(_TEXT),
                "assignpublicip": OneOf(("ENABLED", "DISABLED")),
            }, ignore_case=True)}, ignore_case=True),
            "capacityproviderstrategy": Listed(Mapped({
                "base": Number(), "capacityprovider": _TEXT, "weight": Number(),
            }, ignore_case=True)),
        }, required=("taskdefinition",), ignore_case=True),
    }, required=("type", "properties"), ignore_case=True))),
    "hooks": _managed_hooks(ECS_EVENTS),
}, required=("version", "resources"), ignore_case=True)
_UNUSED = (Anything, Flag)


def platform_of(root: Node) -> str:
    """Return server, lambda or ecs: what the document deploys to."""
    resources = next((value for key, value in root.pairs if key.text.lower() == "resources"), None)
    if resources is None:
        return "server"
    text = " ".join(_types(resources))
    return "ecs" if "AWS::ECS::Service" in text else "lambda"


def _types(resources: Node) -> Iterator[str]:
    for item in resources.items:
        for _, resource in item.pairs if item.kind == "mapping" else ():
            for key, value in resource.pairs:
                if key.text.lower() == "type":
                    yield value.text


def faults_of(root: Node) -> Iterator[Breach]:
    """Yield every place of an AppSpec that breaks the format of its platform."""
    if not root.pairs and not root.cut:
        yield Breach(root.at, "", "missing", "the AppSpec is empty: it needs `version`, and `os` or `Resources`")
        return
    platform = platform_of(root)
    schema = {"server": _SERVER, "lambda": _LAMBDA, "ecs": _ECS}[platform]
    for breach in breaches(root, schema):
        section, _, event = breach.route.rpartition(".")
        # a mapping of events on servers, a list of them (`Hooks[0]`) for Lambda and ECS
        in_hooks = re.fullmatch(r"(?i:hooks)(?:\[\d+\])?", section) is not None
        if breach.fault == "unknown-key" and in_hooks and event in RESERVED_EVENTS:
            yield breach._replace(fault="reserved-event", problem=f"`{event}` is an event of CodeDeploy; no "
                                  f"{'script' if platform == 'server' else 'function'} can be attached to it")
        else:
            yield breach
    if platform == "server":
        yield from _windows_parts(root)


def _windows_parts(root: Node) -> Iterator[Breach]:
    """Report what CodeDeploy reads on Linux only in a file for Windows."""
    system = root.get("os")
    if system is None or system.text.lower() != "windows":
        return
    for key, _ in root.pairs:
        if key.text == "permissions":
            yield Breach(key.at, "permissions", "misplaced", "`permissions` apply to Linux only")
