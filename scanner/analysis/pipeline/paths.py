"""Paths between documents: who can start what, with which rights, past which checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scanner.analysis.pipeline import stages
from scanner.analysis.pipeline.buildspecs import all_commands
from scanner.analysis.pipeline.filters import pull_event, pull_request_open
from scanner.analysis.pipeline.roles import known_name, power_of, role_of, role_value, service_prefixes
from scanner.analysis.shell.purposes import aws_call, deploys, gate, pushes_image, softened, underlying
from scanner.analysis.shell.words import sequence
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


def strong_role(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a project or pipeline whose role is administrator or may change rights; `relation` chooses the role."""
    relation = str(arguments.get("relation", "role"))
    for role in view.inventory.linked(subject, relation):
        power = power_of(role, view)
        if power is not None and power.rank >= 2:
            at = (
                role_value(subject).at
                if relation == "role" and not isinstance(role_value(subject), Absent)
                else subject.at
            )
            return Answer(True, at, f"its role {role.address} {power}", related=(("what the role may do", power.at),))
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
        (command for found in buildspecs for command in all_commands(found, view) if _runs_source(command)), None
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


def _runs_source(command: Command) -> bool:
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


def blocking_gates(commands: list[Command]) -> Iterator[Command]:
    """Yield the security checks whose failure stops what comes after them."""
    for command in commands:
        piped = command.downstream is not None and "pipefail" not in command.options
        if gate(command) and not piped and softened(command, sequence(command.script, command)[0]) is None:
            yield command


def deploy_without_gate(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a deploying action of a pipeline that no blocking security check comes before.

    A pipeline without any check at all, or with a project whose commands are not in the run, is not judged here.
    """
    if not stages.is_deploy(subject):
        return NO
    mine = stages.position(subject)
    soft: tuple[Subject, Command] | None = None
    for action in stages.siblings(subject, view):
        commands = stages.project_commands(action, view)
        checks = [command for command in commands if gate(command)]
        if stages.position(action) < mine:
            if not commands and stages.category(action) in ("Build", "Test", "Compute"):
                return NO
            if any(True for _ in blocking_gates(commands)) and not _phase_continues(commands):
                return NO
        if checks and soft is None:
            soft = (action, checks[0])
    if soft is None:
        return NO
    action, check = soft
    late = stages.position(action) >= mine
    why = f"{gate(check)} runs in {action.address}, " + (
        "which does not come before it" if late else "but its failure stops nothing"
    )
    steps = (Step("the check", check.at), Step("the deployment it does not stop", subject.at))
    return Answer(True, subject.at, why, related=(("the check", check.at),), path=steps)


def _phase_continues(commands: list[Command]) -> bool:
    """Tell whether the phase of the checks goes on after a failure."""
    for command in commands:
        holder = command.script.holder
        if gate(command) and holder is not None and holder.kind == "Buildspec":
            phase = holder.get("phases").get(command.stage.split(".")[0])
            if (text_of(phase.get("on-failure")) or "").upper() == "CONTINUE":
                return True
    return False


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


SERVICE_PREFIXES = {
    "s3api": "s3",
    "s3": "s3",
    "deploy": "codedeploy",
    "elbv2": "elasticloadbalancing",
    "elb": "elasticloadbalancing",
    "stepfunctions": "states",
    "logs": "logs",
    "events": "events",
    "ecr-public": "ecr-public",
    "cognito-idp": "cognito-idp",
    "configservice": "config",
    "apigatewayv2": "apigateway",
    "efs": "elasticfilesystem",
    "opensearch": "es",
    "sagemaker": "sagemaker",
}
NEEDED_ANYWAY = frozenset(
    {
        "logs",
        "s3",
        "kms",
        "codebuild",
        "ecr",
        "ssm",
        "secretsmanager",
        "sts",
        "ec2",
        "codeartifact",
        "codecommit",
        "ssmmessages",
        "codestar-connections",
        "codeconnections",
        "iam",
    }
)
INDIRECT = frozenset(
    {
        "cdk",
        "terraform",
        "tofu",
        "sam",
        "serverless",
        "sls",
        "pulumi",
        "eb",
        "copilot",
        "npm",
        "yarn",
        "pnpm",
        "make",
        "mvn",
        "gradle",
        "gradlew",
        "python",
        "python3",
        "node",
        "bash",
        "sh",
        "ansible-playbook",
        "pytest",
        "tox",
        "terragrunt",
        "chalice",
        "zappa",
        "bundle",
        "rake",
        "go",
        "dotnet",
        "cargo",
        "taskcat",
        "npx",
        "pwsh",
        "ecs-cli",
        "eksctl",
        "kubectl",
        "helm",
    }
)


def unused_services(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a project whose role allows services that no command uses; tools that call AWS are not judged."""
    role = role_of(subject, view)
    buildspecs = view.inventory.linked(subject, "buildspec")
    if role is None or not buildspecs:
        return NO
    commands = [command for found in buildspecs for command in all_commands(found, view)]
    if not commands or any(
        underlying(c)[0] in INDIRECT or (c.words and c.words[0].text.startswith("./")) for c in commands
    ):
        return NO
    used = {SERVICE_PREFIXES.get(service, service) for service, _ in map(aws_call, commands) if service}
    if "cloudformation" in used:
        return NO
    unused = {prefix: at for prefix, at in service_prefixes(role, view).items() if prefix not in used | NEEDED_ANYWAY}
    if not unused:
        return NO
    first = min(unused)
    return Answer(
        True,
        unused[first],
        f"{role.address} allows {', '.join(sorted(unused))}, which no command of the build uses",
        related=(("the build", subject.at),),
    )


def foreign_artifact(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a build that pushes an image whose tag can be overwritten in its repository, and that a task runs."""
    pushed = [
        command
        for found in view.inventory.linked(subject, "buildspec")
        for command in all_commands(found, view)
        if pushes_image(command)
    ]
    if not pushed:
        return NO
    text = " ".join(word.text for command in pushed for word in command.words)
    for repository in view.inventory.of_kind("AWS::ECR::Repository"):
        name = text_of(repository.get("RepositoryName"))
        mutable = text_of(view.seen(repository.get("ImageTagMutability"))) != "IMMUTABLE"
        if name and mutable and f"/{name}:" in text:
            task = _task_with(name, view)
            if task is not None:
                return Answer(
                    True,
                    pushed[0].at,
                    f"tags of `{name}` can be overwritten after this push, and {task.address} runs them by tag",
                    related=(("the repository", repository.at), ("the task", task.at)),
                    path=(
                        Step("the image is pushed", pushed[0].at),
                        Step("its tag can be overwritten", repository.at),
                        Step("the task runs the tag", task.at),
                    ),
                )
    return NO


def _task_with(name: str, view: View) -> Subject | None:
    for task in view.inventory.of_kind("AWS::ECS::TaskDefinition"):
        for container in getattr(view.seen(task.get("ContainerDefinitions")), "items", ()):
            image = container.get("Image")
            text = text_of(image) or "".join(part for part in getattr(image, "parts", ()) if isinstance(part, str))
            if f"/{name}" in text and "@sha256:" not in text:
                return task
    return None


def deploying(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a project whose commands deploy or push images."""
    for found in view.inventory.linked(subject, "buildspec"):
        for command in all_commands(found, view):
            if deploys(command) or pushes_image(command):
                return Answer(True, command.at, "it deploys")
    return NO


__all__ = [
    "controlled_by_pull_request",
    "deny_misses_buildspec",
    "deploy_without_gate",
    "deploying",
    "foreign_artifact",
    "no_file_guard",
    "pull_request_to_production",
    "shared_cache",
    "shared_role",
    "shared_secret",
    "strong_role",
    "unused_services",
]
