"""Predicates about where builds and containers run: runtimes, images, container rights, log options."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scanner.analysis.shell import tables
from scanner.core.subject import Subject, Variable
from scanner.core.value import ListValue, MapValue, Scalar, Unknown, text_of
from scanner.core.view import NO, Answer, View, unless_unknown
from scanner.facts.runtimes import IMAGES, ended


def runtime_ended(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a runtime version whose support has ended; `latest` is left to `runtime_moving`."""
    version = view.value(subject, "Version")
    name = text_of(view.value(subject, "Name")) or ""
    text = str(version.content) if isinstance(version, Scalar) else ""
    day = ended(name, text, view.today)
    return Answer(True, version.at, f"{name} {text} has had no fixes since {day}", value=version) if day else NO


def runtime_moving(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a runtime given as `latest`."""
    version = view.value(subject, "Version")
    if isinstance(version, Scalar) and str(version.content) == "latest":
        return Answer(True, version.at, "the next build may have another runtime", value=version)
    return NO


def image_ended(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a build image of CodeBuild that is no longer maintained."""
    image = view.value(subject, "Environment.Image")
    text = text_of(image) or ""
    if isinstance(image, Unknown):
        return Answer(None, image.at, image.reason)
    for beginning, instead in IMAGES:
        if text.startswith(beginning) and not text.startswith(instead.rsplit(".", 1)[0] + "."):
            return Answer(True, image.at, f"`{text}` is no longer maintained; its successor is {instead}", value=image)
    return NO


def image_unpinned(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a custom build image by `latest` or without tag; images of CodeBuild itself are curated."""
    image = view.value(subject, "Environment.Image")
    text = text_of(image)
    if isinstance(image, Unknown):
        tail = image.parts[-1] if image.parts else None
        if isinstance(tail, str) and tail.endswith(":latest"):
            return Answer(True, image.at, "latest is another image tomorrow", value=image)
        return Answer(None, image.at, image.reason)
    if not text or text.startswith("aws/codebuild/") or "@sha256:" in text:
        return NO
    tag = text.rsplit("/", 1)[-1].partition(":")[2]
    if tag in ("", "latest"):
        return Answer(True, image.at, f"`{text}`: what runs is decided by whoever pushes next", value=image)
    return NO


CAPABILITIES = frozenset(
    {
        "ALL",
        "SYS_ADMIN",
        "NET_ADMIN",
        "SYS_PTRACE",
        "SYS_MODULE",
        "SYS_RAWIO",
        "DAC_READ_SEARCH",
        "SYS_BOOT",
        "BPF",
        "NET_RAW",
    }
)
HOST_FOLDERS = re.compile(
    r"^(?:/|/etc|/root|/proc|/sys|/boot|/var|/var/run|/run|/usr|/home|/dev|/var/lib(?:/docker|/kubelet)?)/?$|docker\.sock$|containerd\.sock$"
)


def dangerous_capability(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a container that adds a capability known as a way out."""
    added = view.value(subject, "LinuxParameters.Capabilities.Add")
    for item in added.items if isinstance(added, ListValue) else ():
        name = (text_of(item) or "").upper().removeprefix("CAP_")
        if name in CAPABILITIES:
            return Answer(
                True, item.at, f"{name} is a known way out of a container, or to listen to its neighbours", value=item
            )
    return unless_unknown(added, *(added.items if isinstance(added, ListValue) else ()))


def host_volume(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a task with a system folder or the engine socket of its host as volume."""
    volumes = view.value(subject, "Volumes")
    for item in volumes.items if isinstance(volumes, ListValue) else ():
        path = item.get("Host").get("SourcePath")
        text = text_of(path) or ""
        if HOST_FOLDERS.search(text):
            return Answer(True, path.at, f"`{text}` of the host gives the container the host", value=path)
    paths = [item.get("Host").get("SourcePath") for item in (volumes.items if isinstance(volumes, ListValue) else ())]
    return unless_unknown(volumes, *paths)


def log_secret(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a log driver option with a secret in plain text."""
    options = view.value(subject, "LogConfiguration.Options")
    found = [
        (key, value)
        for key, value in (options.entries.items() if isinstance(options, MapValue) else ())
        if re.search(r"(?i)token|api_?key|password|secret|apikey", key)
    ]
    for key, value in found:
        if text_of(value) and not (text_of(value) or "").startswith("{{"):
            return Answer(True, value.at, f"{key} stands in plain text in the task definition")
    return unless_unknown(options, *(value for _, value in found if not getattr(value, "secret", False)))


def same_roles(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a task whose application role is its execution role."""
    from scanner.analysis.pipeline.roles import known_name

    task, execution = view.value(subject, "TaskRoleArn"), view.value(subject, "ExecutionRoleArn")
    first, second = known_name(task), known_name(execution)
    if first and first == second:
        return Answer(
            True,
            task.at,
            "the application has the rights to pull images and read secrets that only the agent needs",
            value=task,
        )
    return NO


def secret_literal(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a Variable with a secret's name and a literal value; `names` aws judges access keys only."""
    if not isinstance(subject, Variable) or subject.source not in ("plaintext", "unknown"):
        return NO
    answer = _plain_secret(subject, arguments, view)
    if answer.holds and subject.source == "unknown":
        return Answer(None, answer.at, f"it is not known how {subject.name} is stored")
    return answer


def _plain_secret(subject: Variable, arguments: Mapping[str, object], view: View) -> Answer:
    name, value = subject.name, view.seen(subject.value)
    aws = name.upper() in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    if (arguments.get("names") == "aws") is not aws:
        return NO
    if isinstance(value, Unknown):
        if aws and subject.carrier == "build-project":
            return Answer(True, value.at, f"{name} is kept in plain text, wherever its value comes from")
        return Answer(None, value.at, value.reason) if aws or tables.secret_shaped(name) else NO
    text = text_of(value) or ""
    if not aws and (not tables.secret_shaped(name) or len(text) < 6):
        return NO
    if not text or PLACEHOLDER.search(text):
        return NO
    if text.startswith("{{resolve:"):
        return Answer(True, value.at, f"{name}: the secret is resolved into plain text when the template is deployed")
    return Answer(True, value.at, f"{name} is a secret in plain text")


PLACEHOLDER = re.compile(
    r"^\$|^<.*>$|^\*+$|^x{3,}$|^arn:|^/[\w/.-]+$|^#\{"
    r"|(?i:changeme|replace[-_ ]?me|placeholder|example|dummy|your[-_ ]|^none$|^null$|^true$|^false$|^todo)"
)


def variable_tls_off(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a Variable that switches certificate checks off."""
    from scanner.analysis.shell.downloads import tls_off

    value = view.value(subject, "value")
    name = text_of(view.value(subject, "name")) or ""
    if isinstance(value, Scalar) and tls_off(name, str(value.content).lower()):
        return Answer(
            True, value.at, f"{name}={str(value.content).lower()} switches certificate checks off", value=value
        )
    return NO
