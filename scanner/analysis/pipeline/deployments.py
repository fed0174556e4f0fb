"""Predicates about AppSpecs and deployments: files, rights, hooks, versions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scanner.analysis.shell.files import set_id_bits, world_writable_bits
from scanner.core.location import Location
from scanner.core.subject import FileGrant, Subject
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Unknown, Value, text_of
from scanner.core.view import NO, Answer, View

SYSTEM_FOLDERS = re.compile(
    r"(?i)^(?:/|/etc|/bin|/sbin|/lib(?:64)?|/boot|/root|/usr|/usr/s?bin|/usr/lib|/usr/local/s?bin|/var|/dev|/proc|/sys|/home"
    r"|/etc/(?:cron\.[a-z]+|systemd/system|init\.d|sudoers\.d|profile\.d|ld\.so\.conf\.d|pam\.d|ssh)"
    r"|[a-z]:[\\/]?|[a-z]:[\\/](?:windows(?:[\\/]system32)?|program files))[\\/]?$"
)


def _texts(value: Value) -> list[str]:
    if isinstance(value, ListValue):
        return [text for item in value.items if (text := text_of(item)) is not None]
    text = text_of(value)
    return [] if text is None else [text]


def grant_writable(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a permission with a mode that lets everyone write; the sticky bit makes folders safe."""
    mode = view.value(subject, "mode")
    text = text_of(mode)
    if isinstance(subject, FileGrant) and text and world_writable_bits(text):
        return Answer(
            True, mode.at, f"mode {text} lets every user and process of the machine change the files", value=mode
        )
    return NO


def grant_set_id(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a permission with a set-user-id or set-group-id bit."""
    mode = view.value(subject, "mode")
    text = text_of(mode)
    if isinstance(subject, FileGrant) and text and set_id_bits(text):
        return Answer(True, mode.at, f"mode {text} runs the files with the rights of their owner", value=mode)
    return NO


def grant_everywhere(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a permission on the root folder or a system folder with all that is in it."""
    target = view.value(subject, "destination")
    pattern = view.value(subject, "pattern")
    if not isinstance(subject, FileGrant) or subject.grant != "permission":
        return NO
    if SYSTEM_FOLDERS.match(text_of(target) or "x") and (
        isinstance(pattern, Absent) or text_of(pattern) in ("**", "*")
    ):
        return Answer(
            True, target.at, f"owner or mode of everything below `{text_of(target)}` is changed", value=target
        )
    return NO


def grant_acl(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for an access list entry that gives everyone, or nobody in particular, write access, or names no one."""
    acls = view.value(subject, "acls")
    for item in acls.items if isinstance(acls, ListValue) else ():
        if isinstance(item, Unknown):
            continue
        text = str(item.content or "") if isinstance(item, Scalar) else ""
        if not text:
            return Answer(True, item.at, "an empty entry names nobody: the deployment fails", value=item)
        parts = text.removeprefix("d:").removeprefix("default:").split(":")
        kind, name, rights = parts[0], parts[1] if len(parts) > 2 else "", parts[-1]
        if len(parts) < 3 or (kind in ("u", "user", "g", "group") and not name):
            return Answer(True, item.at, f"`{text}` names nobody: the deployment fails", value=item)
        if "w" in rights and (kind in ("o", "other") or name in ("nobody", "other", "users", "everyone")):
            return Answer(True, item.at, f"`{text}` lets other local users change what was deployed", value=item)
    return NO


def copies_to_system(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for files copied straight into a system folder; with `below` "etc", into any folder below /etc."""
    target = view.value(subject, "destination")
    text = text_of(target) or ""
    if not isinstance(subject, FileGrant) or subject.grant != "copy" or not text:
        return NO
    if arguments.get("below") == "etc":
        below = re.match(r"/etc/.", text) is not None and not SYSTEM_FOLDERS.match(text)
        return Answer(True, target.at, f"`{text}`: settings of the machine are replaced", value=target) if below else NO
    if SYSTEM_FOLDERS.match(text):
        return Answer(
            True, target.at, f"`{text}` belongs to the machine: files there can replace its programs", value=target
        )
    return NO


def hook_outside(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a hook whose script lies outside the revision: an absolute path, or one with `..` that leaves it."""
    location = view.value(subject, "Location")
    text = text_of(location) or ""
    if text.startswith("\\") and not text.startswith("\\\\"):
        text = text[1:]  # on Windows the agent takes it from the revision all the same
    text = text.replace("\\", "/")
    depth = 0
    for part in text.split("/"):
        depth += -1 if part == ".." else 0 if part in ("", ".") else 1
        if depth < 0:
            break
    if depth < 0 or re.match(r"^(?:/|[A-Za-z]:)", text):
        return Answer(True, location.at, f"`{text}` lies outside the revision", value=location)
    return NO


def hook_without_user(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a hook script without `runas`; where no script of the AppSpec has one, once for the whole AppSpec."""
    holder = subject if subject.kind == "AppSpec" else subject.holder
    if holder is None or (text_of(view.value(holder, "os")) or "").lower() == "windows":
        return NO
    hooks = view.value(holder, "hooks")
    if text_of(view.value(holder, "@Platform")) != "server" or not isinstance(hooks, MapValue):
        return NO
    scripts = [
        item
        for entry in hooks.entries.values()
        for item in (entry.items if isinstance(entry, ListValue) else ())
        if isinstance(item, MapValue) and not isinstance(item.get("location"), Absent)
    ]
    everywhere = len(scripts) > 1 and all(isinstance(item.get("runas"), Absent) for item in scripts)
    if subject is holder:
        why = f"none of the {len(scripts)} hook scripts names a user"
        return Answer(True, _key_at(subject, "hooks", view), why) if everywhere else NO
    if everywhere or not isinstance(view.value(subject, "RunAs"), Absent):
        return NO
    location = view.value(subject, "Location")
    return Answer(True, subject.at, f"{text_of(view.value(subject, 'Event'))} names no user for {text_of(location)}")


def hook_missing(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a hook whose script is not in the repository; unknown when only the AppSpec is there."""
    found = view.value(subject, "Found")
    location = view.value(subject, "Location")
    if isinstance(found, Scalar):
        if found.content is False:
            return Answer(
                True,
                location.at,
                f"`{text_of(location)}` is not in the revision: the deployment fails there",
                value=location,
            )
        return NO
    if isinstance(found, Unknown):
        return Answer(None, location.at, found.reason)
    return NO


def lambda_versions(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a Lambda deployment whose versions are not two different published ones."""
    resources = view.value(subject, "resources")
    for item in resources.items if isinstance(resources, ListValue) else ():
        if text_of(item.get("Type")) != "AWS::Lambda::Function":
            continue
        properties = item.get("Properties")
        texts = {}
        for name in ("CurrentVersion", "TargetVersion"):
            value = properties.get(name)
            content = str(value.content) if isinstance(value, Scalar) else ""
            texts[name] = content
            if (
                content
                and not re.fullmatch(r"[1-9]\d*", content)
                and not re.search(r"[<{$]", content.replace("$LATEST", ""))
            ):
                return Answer(
                    True, value.at, f"`{content}` is no published version: there is nothing to go back to", value=value
                )
        if (
            texts["CurrentVersion"]
            and texts["CurrentVersion"] == texts["TargetVersion"]
            and texts["CurrentVersion"].isdigit()
        ):
            value = properties.get("TargetVersion")
            return Answer(True, value.at, "both versions are the same: nothing is deployed", value=value)
    return NO


def no_validation(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for an AppSpec without any event that could find a bad deployment and roll it back."""
    platform = text_of(view.value(subject, "@Platform"))
    hooks = view.value(subject, "hooks")
    if isinstance(hooks, Unknown):
        return Answer(None, hooks.at, hooks.reason)
    names = set(hooks.entries) if isinstance(hooks, MapValue) else set()
    if platform == "server":
        wanted = {"ValidateService", "BeforeAllowTraffic", "AfterAllowTraffic"}
        if names & wanted or (isinstance(hooks, Absent) and isinstance(view.value(subject, "files"), Absent)):
            return NO
        return Answer(
            True,
            _key_at(subject, "hooks", view),
            "no ValidateService script tells CodeDeploy whether the application works",
        )
    if names & {"BeforeAllowTraffic", "AfterAllowTraffic", "AfterAllowTestTraffic"}:
        return NO
    return Answer(
        True, _key_at(subject, "hooks", view), "no function checks the new version before or after traffic moves to it"
    )


def _key_at(subject: Subject, name: str, view: View) -> Location:
    properties = getattr(subject, "properties", None)
    if isinstance(properties, MapValue) and name in properties.keys_at:
        return properties.key_at(name)
    return subject.at


def container_mismatch(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for an ECS AppSpec whose load balancer container or port the linked task definition does not have."""
    resources = view.value(subject, "resources")
    tasks = view.inventory.linked(subject, "task-definition")
    for item in resources.items if isinstance(resources, ListValue) else ():
        info = item.get("Properties").get("LoadBalancerInfo")
        name = info.get("ContainerName")
        port = info.get("ContainerPort")
        for task in tasks:
            found = _mismatch(name, port, view.value(task, "ContainerDefinitions"))
            if found is not None:
                return found._replace(related=(("the task definition", task.at),))
    return NO


def _mismatch(name: Value, port: Value, containers: Value) -> Answer | None:
    if text_of(name) is None or not isinstance(containers, ListValue):
        return None
    match = next((item for item in containers.items if text_of(item.get("Name")) == text_of(name)), None)
    if match is None:
        if any(text_of(item.get("Name")) is None for item in containers.items):
            return None
        return Answer(True, name.at, f"the task definition has no container `{text_of(name)}`", value=name)
    mappings = match.get("PortMappings")
    ports = [item.get("ContainerPort") for item in (mappings.items if isinstance(mappings, ListValue) else ())]
    known = {str(item.content) for item in ports if isinstance(item, Scalar)}
    if isinstance(port, Scalar) and len(known) == len(ports) and str(port.content) not in known:
        return Answer(True, port.at, f"container `{text_of(name)}` has no port {port.content}", value=port)
    return None
