"""What pull requests reach: the projects that build them, their commands, roles, caches and secrets."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.analysis.pipeline.buildspecs import all_commands
from scanner.analysis.pipeline.filters import pull_event, pull_request_open
from scanner.analysis.pipeline.roles import known_name, power_of, role_of
from scanner.analysis.shell.purposes import underlying
from scanner.core.location import Location
from scanner.core.result import Step
from scanner.core.subject import Command, Subject
from scanner.core.value import Absent, MapValue, Value, text_of
from scanner.core.view import NO, Answer, View


def pull_groups(project: Subject, view: View) -> list[Subject]:
    """Return the webhook filter groups of a project that build pull requests."""
    return [
        part
        for part in view.inventory.linked(project, "part")
        if part.kind == "WebhookFilterGroup" and view.exists(part) and pull_event(part, view) is not None
    ]


def repository_buildspec(project: Subject, view: View) -> Value | None:
    """Return the value that says the buildspec comes from the source; None when it is inline or from a bucket."""
    source = view.value(project, "Source")
    if not isinstance(source, MapValue) or text_of(source.get("Type")) == "NO_SOURCE":
        return None
    text = source.get("BuildSpec")
    if isinstance(text, Absent):
        return source
    known = text_of(text)
    if known is not None and "\n" not in known and not known.startswith("arn:") and not known.lstrip().startswith("{"):
        return text
    return None


def controlled_by_pull_request(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a project that builds pull requests with a buildspec from the same source."""
    groups = pull_groups(subject, view)
    value = repository_buildspec(subject, view)
    if not groups or value is None:
        return NO
    event = pull_event(groups[0], view)
    at = value.at if text_of(value) is not None else subject.at
    return Answer(
        True,
        at,
        "whoever opens a pull request also writes the commands that build it",
        related=(("pull requests start it", event or groups[0].at),),
    )


def no_file_guard(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a group that builds pull requests of such a project without refusing changes to the buildspec."""
    project = subject.holder
    event = pull_event(subject, view)
    if project is None or event is None or repository_buildspec(project, view) is None:
        return NO
    from scanner.analysis.pipeline.filters import filters_of

    for item in filters_of(subject, view):
        if text_of(item.get("Type")) == "FILE_PATH" and getattr(item.get("ExcludeMatchedPattern"), "content", False):
            return NO
    return Answer(True, event, "a pull request that changes the buildspec is built with the changed one")


def deny_misses_buildspec(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a FILE_PATH deny filter that does not fit the path of the project's own buildspec."""
    import re

    from scanner.analysis.pipeline.filters import filters_of

    project = subject.holder
    value = repository_buildspec(project, view) if project is not None else None
    if value is None:
        return NO
    path = text_of(value) or "buildspec.yml"
    for item in filters_of(subject, view):
        pattern = text_of(item.get("Pattern"))
        if text_of(item.get("Type")) != "FILE_PATH" or pattern is None or "buildspec" not in pattern.lower():
            continue
        try:
            missed = (
                getattr(item.get("ExcludeMatchedPattern"), "content", False) is True
                and re.search(pattern[:500], path) is None
            )
        except re.error:
            continue
        if missed:
            return Answer(True, item.get("Pattern").at, f"`{pattern}` does not fit the buildspec `{path}`")
    return NO


def shared_role(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a project that builds pull requests with the role of a project or pipeline that deploys."""
    groups = pull_groups(subject, view)
    name = known_name(view.value(subject, "ServiceRole"))
    if not groups or not name:
        return NO
    for other in view.inventory.of_kind("AWS::CodeBuild::Project"):
        if other is subject or other.scope != subject.scope or pull_groups(other, view) or not view.exists(other):
            continue
        if known_name(view.seen(other.get("ServiceRole"))) == name:
            return Answer(
                True,
                subject.get("ServiceRole").at,
                f"code of pull requests runs with the role of {other.address}",
                related=(("the other project", other.at),),
            )
    return NO


def shared_cache(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a project that builds pull requests and writes a cache that another project restores."""
    if not pull_groups(subject, view):
        return NO
    cache = view.value(subject, "Cache")
    mine = {known_name(cache.get(part)) for part in ("Location", "CacheNamespace")} - {""}
    if not mine or any(_restores_only(found) for found in view.inventory.linked(subject, "buildspec")):
        return NO
    for other in view.inventory.of_kind("AWS::CodeBuild::Project"):
        if other is subject or pull_groups(other, view) or not view.exists(other):
            continue
        theirs = view.seen(other.get("Cache"))
        if {known_name(theirs.get(part)) for part in ("Location", "CacheNamespace")} & mine:
            return Answer(
                True,
                cache.at,
                f"what a pull request puts into the cache is used by {other.address}",
                related=(("the other project", other.at),),
            )
    return NO


def _restores_only(buildspec: Subject) -> bool:
    return text_of(buildspec.get("cache").get("action")) == "restore"


def pull_request_to_production(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a project where anyone's pull request runs with rights over what runs; the path is in the answer."""
    opened = next((group for group in pull_groups(subject, view) if pull_request_open(group, {}, view).holds), None)
    if opened is None:
        return NO
    role = role_of(subject, view)
    power = power_of(role, view) if role is not None else None
    if role is None or power is None:
        return NO
    event = pull_event(opened, view) or opened.at
    buildspecs = view.inventory.linked(subject, "buildspec")
    run = next(
        (command for found in buildspecs for command in all_commands(found, view) if runs_source(command)), None
    )
    if run is None and repository_buildspec(subject, view) is None:
        return NO
    steps = [Step("anyone opens a pull request, which starts the build", event)]
    if run is not None:
        steps.append(Step(f"the build runs code of the pull request: {run.name}", run.at))
    else:
        steps.append(Step("the build follows the buildspec of the pull request", subject.at))
    steps.append(Step(f"with the role {role.address}", role.at))
    steps.append(Step(f"which {power}", power.at))
    return Answer(
        True,
        event,
        f"a pull request runs with the role {role.address}, which {power}",
        path=tuple(steps),
        related=((f"the role {role.address}", role.at), ("what it may do", power.at)),
    )


def runs_source(command: Command) -> bool:
    """Tell whether a command runs code that the source brings along: tests, build tools, own scripts."""
    tool, words = underlying(command)
    if command.words and command.words[0].text.startswith(("./", "scripts/", "bin/", "ci/")):
        return True
    if tool in (
        "npm",
        "yarn",
        "pnpm",
        "make",
        "mvn",
        "gradle",
        "gradlew",
        "tox",
        "pytest",
        "bundle",
        "rake",
        "go",
        "cargo",
        "sam",
        "cdk",
        "terraform",
        "docker",
        "composer",
        "dotnet",
        "ant",
        "sbt",
        "bazel",
        "nox",
        "invoke",
        "jest",
    ):
        return tool != "docker" or "build" in words
    return tool in ("bash", "sh", "python", "python3", "node") and any(
        "." in word and not word.startswith("-") for word in words
    )


def shared_secret(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a project that builds pull requests with a secret that a deploying build uses too."""
    if not pull_groups(subject, view):
        return NO
    mine = _secrets(subject, view)
    for other in view.inventory.of_kind("AWS::CodeBuild::Project"):
        if other is subject or pull_groups(other, view) or not view.exists(other):
            continue
        theirs = _secrets(other, view)
        for name, at in mine.items():
            if name in theirs:
                return Answer(
                    True,
                    at,
                    f"`{name}` is also the secret of {other.address}: a pull request can read it",
                    related=(("used there", theirs[name]),),
                )
    return NO


def _secrets(project: Subject, view: View) -> dict[str, Location]:
    """Return the secrets and parameters a project's build reads: name -> place."""
    found: dict[str, Location] = {}
    variables = view.value(project, "Environment.EnvironmentVariables")
    for item in getattr(variables, "items", ()):
        if text_of(item.get("Type")) in ("SECRETS_MANAGER", "PARAMETER_STORE") and text_of(item.get("Value")):
            found[(text_of(item.get("Value")) or "").split(":")[0]] = item.get("Value").at
    for buildspec in view.inventory.linked(project, "buildspec"):
        env = view.value(buildspec, "env")
        for part in ("secrets-manager", "parameter-store"):
            entries = env.get(part)
            for value in entries.entries.values() if isinstance(entries, MapValue) else ():
                text = text_of(value)
                if text:
                    found[text if text.startswith("arn:") else text.split(":")[0]] = value.at
    return found
