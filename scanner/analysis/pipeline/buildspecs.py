"""Predicates about buildspecs: secrets in variables, paths of artifacts and caches, phases, batches."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from scanner.analysis.shell import tables
from scanner.analysis.shell.purposes import checks, deploys, gate, pushes_image
from scanner.core.subject import Command, Script, Subject
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Value, text_of
from scanner.core.view import NO, Answer, View

SENSITIVE_PATHS = re.compile(
    r"^(?:/root(?:/\*\*?(?:/\*)?)?/?$|/\*\*|/$|(?:/root|~|\$HOME|\$\{HOME\}|/home/[^/]+)/\.(?:aws|docker|ssh|gnupg|kube|netrc|npmrc|pypirc|config)"
    r"|(?:/root|~|\$HOME|\$\{HOME\})/?(?:\*\*?(?:/\*)?)?$|(?:.*/)?\.(?:git|env|aws|ssh|npmrc|netrc|docker)(?:/.*|$)|/etc(?:/|$))"
)
OUTSIDE = re.compile(
    r"^(?:/(?!codebuild/|tmp/|opt/|var/task|usr/src|app/|workspace|src/)|~|\$HOME|\$\{HOME\}|[A-Za-z]:\\)|(?:^|/)\.\.(?:/|$)"
)


def entries(value: Value) -> Iterator[tuple[str, Value, Value]]:
    """Yield (key, value, key as a value with its place) of a mapping."""
    if isinstance(value, MapValue):
        for key, entry in value.entries.items():
            yield key, entry, Scalar(key, value.key_at(key))


def items(value: Value) -> tuple[Value, ...]:
    """Return the items of a list; a single known value counts as one."""
    if isinstance(value, ListValue):
        return value.items
    return (value,) if isinstance(value, (Scalar, MapValue)) else ()


def exports_secret(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for an exported variable that holds a secret, by its source or by its name."""
    env = view.value(subject, "env")
    secret = {name for part in ("secrets-manager", "parameter-store") for name, _, _ in entries(env.get(part))}
    for item in items(env.get("exported-variables")):
        name = text_of(item) or ""
        if name in secret or tables.secret_shaped(name):
            return Answer(
                True, item.at, f"{name} is shown in plain text in every execution of the pipeline", value=item
            )
    return NO


def reference_parts(reference: str) -> list[str]:
    """Return the segments of a secret reference: id, JSON key, version stage, version id; an ARN is one segment."""
    if reference.startswith("arn:"):
        parts = reference.split(":")
        return [":".join(parts[:7]), *parts[7:]]
    return reference.split(":")


def malformed_reference(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a secret reference with too many segments, or with both a stage and an id."""
    for name, entry, _ in entries(view.value(subject, "env").get("secrets-manager")):
        reference = text_of(entry)
        if reference is None:
            continue
        parts = reference_parts(reference)
        if len(parts) > 4:
            return Answer(
                True, entry.at, f"{name}: the reference has {len(parts)} segments, at most 4 are allowed", value=entry
            )
        if len(parts) == 4 and parts[2] and parts[3]:
            return Answer(True, entry.at, f"{name}: version-stage and version-id exclude each other", value=entry)
        if reference.startswith("arn:") and len(reference.split(":")) < 7:
            return Answer(True, entry.at, f"{name}: the ARN of the secret is cut off", value=entry)
    return NO


def whole_secret(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a secret reference without a JSON key: the whole document lands in one variable."""
    for name, entry, _ in entries(view.value(subject, "env").get("secrets-manager")):
        parts = reference_parts(text_of(entry) or "a:b")
        if len(parts) < 2 or not parts[1]:
            return Answer(True, entry.at, f"{name} receives the whole secret document", value=entry)
    return NO


def plain_parameter(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a secret-shaped variable whose parameter is declared as an unencrypted String in the same run."""
    for name, entry, _ in entries(view.value(subject, "env").get("parameter-store")):
        for parameter in view.inventory.of_kind("AWS::SSM::Parameter"):
            if text_of(parameter.get("Name")) == text_of(entry) and text_of(parameter.get("Type")) in (
                "String",
                "StringList",
            ) and (tables.secret_shaped(name) or tables.secret_shaped((text_of(entry) or "").rsplit("/", 1)[-1])):
                return Answer(
                    True,
                    entry.at,
                    f"{name}: the parameter is of type String, which is stored unencrypted",
                    related=(("the parameter", parameter.at),),
                    value=entry,
                )
    return NO


def reserved_names(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a variable whose name starts with CODEBUILD_, which the service keeps for itself."""
    env = view.value(subject, "env")
    for part in ("variables", "parameter-store", "secrets-manager"):
        for name, _, key in entries(env.get(part)):
            if name.upper().startswith("CODEBUILD_"):
                return Answer(
                    True, key.at, f"{name} may be overwritten by CodeBuild, or change how the build works", value=key
                )
    return NO


def path_override(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a PATH in `env.variables`: `$PATH` is not expanded there, and relative entries let files take over."""
    entry = view.value(subject, "env.variables").get("PATH")
    text = text_of(entry)
    if text is None:
        return NO
    if any(not part or part.startswith(".") for part in text.split(":")):
        return Answer(
            True, entry.at, "an entry is relative: a file in the source can take the name of any tool", value=entry
        )
    if "$" in text:
        return Answer(
            True, entry.at, "`$PATH` is not expanded here: the tools of the image are no longer found", value=entry
        )
    return NO


def unsafe_artifact_path(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for artifact paths that leave the source, or pick up credentials of the build host."""
    artifacts = view.value(subject, "artifacts")
    bodies = [artifacts, *(body for _, body, _ in entries(artifacts.get("secondary-artifacts")))]
    for body in bodies:
        for part in ("base-directory", "files"):
            for item in items(body.get(part)):
                text = text_of(item) or ""
                if OUTSIDE.search(text) or re.match(r"(?:/root|~|\$\{?HOME\}?)/\.", text):
                    return Answer(
                        True,
                        item.at,
                        f"`{text}` lies outside the source: files of the build host are packed",
                        value=item,
                    )
    return NO


def everything_packed(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for an artifact of all files without base directory and without exclusion of `.git` and the like."""
    artifacts = view.value(subject, "artifacts")
    bodies = [artifacts, *(body for _, body, _ in entries(artifacts.get("secondary-artifacts")))]
    for body in bodies:
        base = text_of(body.get("base-directory")) or ""
        if base.strip("./") or not isinstance(body.get("exclude-paths"), Absent):
            continue
        for item in items(body.get("files")):
            if (text_of(item) or "") in ("**/*", "**", "*", "./**/*", "./**", ".", "**/**"):
                return Answer(
                    True, item.at, "the artifact holds `.git`, settings and keys of the source too", value=item
                )
    return NO


def artifact_name_untrusted(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for an artifact name, which the shell evaluates, with text that strangers choose."""
    artifacts = view.value(subject, "artifacts")
    bodies = [artifacts, *(body for _, body, _ in entries(artifacts.get("secondary-artifacts")))]
    for body in bodies:
        name = body.get("name")
        text = text_of(name) or ""
        for variable in tables.UNTRUSTED_VARIABLES:
            if re.search(rf"\$\{{?{variable}\b", text) or tables.UNTRUSTED_GIT.search(text):
                return Answer(
                    True, name.at, f"the shell evaluates the name, and strangers choose {variable}", value=name
                )
    return NO


def sensitive_cache_path(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a cache path under which credentials lie."""
    path = view.value(subject, "Path")
    text = text_of(path) or ""
    if SENSITIVE_PATHS.search(text):
        return Answer(True, path.at, f"`{text}` keeps credentials in the shared cache", value=path)
    return NO


def broad_cache_key(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a fallback key that fits any cache, or a cache key made of text that strangers choose."""
    cache = view.value(subject, "cache")
    key = text_of(cache.get("key")) or ""
    for item in (cache.get("key"), *items(cache.get("fallback-keys"))):
        text = text_of(item) or ""
        for variable in tables.UNTRUSTED_VARIABLES:
            if re.search(rf"\$\{{?{variable}\b", text):
                return Answer(
                    True, item.at, f"strangers choose {variable}, and with it which cache is restored", value=item
                )
    for item in items(cache.get("fallback-keys")):
        text = text_of(item) or ""
        component = re.match(r"[A-Za-z0-9_.]+", key)
        if len(text.strip("-_/")) < 3 or (component and len(text) < len(component.group())):
            return Answer(
                True,
                item.at,
                f"`{text}` is the beginning of many keys: another component's cache may be restored",
                value=item,
            )
    return NO


def continues_after_check(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a phase that goes on after failure although it runs a check; the place is the `on-failure`."""
    value = view.value(subject, "on-failure")
    if (text_of(value) or "").upper() != "CONTINUE":
        return NO
    found = next((command for command in commands_of(subject, view) if checks(command)), None)
    if found is None:
        return NO
    return Answer(
        True,
        value.at,
        f"{gate(found) or found.name} may fail and the build goes on",
        related=(("the check", found.at),),
        value=value,
    )


def retries_deploy(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a phase that is repeated on any error although it deploys."""
    value = view.value(subject, "on-failure")
    match = re.fullmatch(r"RETRY(?:-\d+)?(?:-(\.\*))?", text_of(value) or "")
    if match is None or not any(deploys(command) or pushes_image(command) for command in commands_of(subject, view)):
        return NO
    return Answer(True, value.at, "a deployment that half worked is started again, up to three times", value=value)


def commands_of(phase: Subject, view: View) -> list[Command]:
    """Return the commands of a BuildspecPhase."""
    holder = phase.holder
    name = text_of(phase.get("Name"))
    return [
        command
        for script in (view.inventory.linked(holder, "script") if holder is not None else ())
        if isinstance(script, Script) and script.stage.split(".")[0] == name
        for command in script.commands
    ]


MAX_CALLS = 200


def all_commands(buildspec: Subject, view: View) -> list[Command]:
    """Return the commands of a Buildspec as they run: phase by phase, called scripts where they are called."""
    scripts = [found for found in view.inventory.linked(buildspec, "script") if isinstance(found, Script)]

    def rank(script: Script) -> tuple[int, bool]:
        name, _, part = script.stage.partition(".")
        return (tables.PHASES.index(name) if name in tables.PHASES else len(tables.PHASES), bool(part))

    called: set[int] = set()
    return [command for script in sorted(scripts, key=rank) for command in _expanded(script, called, view)]


def _expanded(script: Script, called: set[int], view: View) -> Iterator[Command]:
    """Yield the commands of a script, and after each that runs a script of the repository those of that one."""
    if id(script) in called or len(called) > MAX_CALLS:
        return
    called.add(id(script))
    names = {
        posixpath.basename(found.at.path): found
        for found in view.inventory.linked(script, "calls")
        if isinstance(found, Script)
    }
    for command in script.commands:
        yield command
        for word in command.words[:3] if names else ():
            target = names.get(posixpath.basename(word.text))
            if target is not None:
                yield from _expanded(target, called, view)


def task_buildspecs(task: Subject, view: View) -> list[Subject] | None:
    """Return the buildspecs that a batch task builds with, by default the one it stands in.

    None when one of them is not in the run.
    """
    holder = task.holder
    if holder is None:
        return None
    named = view.value(task, "buildspec")
    if text_of(view.value(task, "Batch")) == "build-matrix":
        named = view.value(holder, "batch").get("build-matrix").get("dynamic").get("buildspec")
    if isinstance(named, Absent):
        return [holder]
    made: list[Subject] = []
    for item in items(named):
        path = text_of(item) or ""
        found = [
            other
            for other in (holder, *view.inventory.linked(holder, "batch-buildspec"))
            if path and (other.at.path == path or other.at.path.endswith("/" + path.lstrip("./")))
        ]
        if not found:
            return None
        made.append(found[0])
    return made or None


def task_commands(task: Subject, view: View) -> list[Command] | None:
    """Return the commands of a batch task's buildspecs; None when a file is not in the run."""
    found = task_buildspecs(task, view)
    return None if found is None else [command for buildspec in found for command in all_commands(buildspec, view)]


def ignored_batch_check(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a batch task whose failure is ignored although it runs a check."""
    value = view.value(subject, "ignore-failure")
    if not (isinstance(value, Scalar) and value.content is True):
        return NO
    commands = task_commands(subject, view)
    if commands is None:
        name = text_of(subject.get("identifier")) or ""
        if re.search(r"(?i)scan|lint|secur|sast|audit|test|check", name):
            return Answer(True, value.at, f"the task {name} may fail and the batch succeeds", value=value)
        return Answer(None, value.at, "the buildspec of the task is not in the run")
    found = next((command for command in commands if checks(command)), None)
    if found is None:
        return NO
    return Answer(
        True,
        value.at,
        f"{gate(found) or found.name} may fail and the batch succeeds",
        related=(("the check", found.at),),
        value=value,
    )


def no_gate(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a buildspec that deploys without any security check in it."""
    commands = all_commands(subject, view)
    found = next((command for command in commands if deploys(command) or pushes_image(command)), None)
    if found is None or any(gate(command) for command in commands):
        return NO
    return Answer(True, found.at, "no security check stands before this deployment in the buildspec")


GATE_SWITCH = re.compile(
    r"(?i)^(?:skip|ignore|disable|no)_?\w*(?:validat|scan|check|lint|secur|audit|test|fail)|(?:soft|ignore|allow|continue)_?\w*(?:fail|error)"
    r"|(?:scan|check|security|validation|lint|audit)_?(?:disabled|skip|off)$"
)


def gate_switched_off(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a variable of a buildspec that tells checks to be skipped, or failures to be ignored."""
    for name, entry, _ in entries(view.value(subject, "env.variables")):
        content = str(entry.content).lower() if isinstance(entry, Scalar) else ""
        if GATE_SWITCH.search(name) and content in ("y", "yes", "true", "1", "on"):
            return Answer(True, entry.at, f"{name}={content} switches a check, or its failure, off", value=entry)
    return NO
