"""Paths between documents: roles and what they are used for, images and where they run."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.analysis.pipeline.buildspecs import all_commands
from scanner.analysis.pipeline.roles import role_of, service_prefixes
from scanner.analysis.shell.purposes import aws_call, pushes_image, underlying
from scanner.core.result import Step
from scanner.core.subject import Subject
from scanner.core.value import text_of
from scanner.core.view import NO, Answer, View

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
