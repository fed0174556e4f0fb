"""Predicates about checks and deployments in scripts: does a failing check stop, what runs after a failed build."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scanner.analysis.shell import tables
from scanner.analysis.shell.answers import buildspec_of, command_of, phase_of, text_of, yes
from scanner.analysis.shell.purposes import (
    aws_call,
    checks,
    deploys,
    gate,
    guarded_by_success,
    lost_in_pipe,
    pushes_image,
    softened,
    underlying,
)
from scanner.analysis.shell.windows import language_of
from scanner.analysis.shell.words import arguments, option, positional, sequence, value_text
from scanner.core.subject import Command, Subject
from scanner.core.value import Absent, ListValue, Value
from scanner.core.view import NO, Answer, View


def gate_softened(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a security scanner whose failure does not fail the build."""
    command = command_of(subject)
    if command is None or not gate(command):
        return NO
    found = softened(command, sequence(command.script, command)[0])
    return yes(command.at, f"{gate(command)}: {found.why}") if found else NO


def gate_in_pipe(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a check whose exit status a pipe loses."""
    command = command_of(subject)
    if command is None or not checks(command) or not lost_in_pipe(command):
        return NO
    if "if-condition" in command.inside:
        return NO
    assert command.downstream is not None
    name = gate(command) or command.name
    why = ": no pipefail is set" if language_of(command) == "sh" else ""
    return yes(command.at, f"only the exit status of {command.downstream.name} counts, not that of {name}{why}")


def deploy_after_failure(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a deployment in `post_build` or `finally` that does not ask whether the build succeeded.

    `what` is "deploy" (default) or "push" (images only); `part` is "finally" or "post_build".
    """
    command = command_of(subject)
    if command is None or buildspec_of(command) is None:
        return NO
    acts = pushes_image(command) if arguments_.get("what") == "push" else deploys(command)
    _phase, name, part = phase_of(command)
    if not acts or guarded_by_success(command) or _function_only(command):
        return NO
    if part == "finally":
        if arguments_.get("part") != "finally":
            return NO
        return yes(command.at, f"`finally` runs although the commands of {name} failed")
    if name != "post_build" or arguments_.get("part") == "finally":
        return NO
    if _never_follows_failure(buildspec_of(command), view):
        return NO
    return yes(command.at, "post_build runs even when the build phase failed")


def _function_only(command: Command) -> bool:
    return any(place.startswith("function:") for place in command.inside)


def _never_follows_failure(holder: Subject | None, view: View) -> bool:
    """Tell whether the build phase ends everything when it fails, or has no commands that could.

    A failed install or pre_build phase ends the build by itself: post_build follows the build phase alone.
    """
    if holder is None:
        return False
    build = view.value(holder, "phases.build")
    if all(_nothing(build.get(part)) for part in ("commands", "finally")):
        return True
    return (text_of(build.get("on-failure")) or "").upper() == "ABORT"


def _nothing(commands: Value) -> bool:
    if isinstance(commands, ListValue):
        return not commands.items and commands.rest is None
    return isinstance(commands, Absent)


def unreviewed_change(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a deployment that switches the tool's own question off: `kind` is "deploy" or "destroy"."""
    command = command_of(subject)
    if command is None:
        return NO
    tool, words = underlying(command)
    destroy = "destroy" in words or "remove" in words or "undeploy" in words or option(command, "-destroy") is not None
    if destroy is not (arguments_.get("kind") == "destroy"):
        return NO
    if tool in ("terraform", "tofu", "terragrunt") and {"apply", "destroy", "run-all"} & set(words):
        return _unseen_plan(command, destroy)
    if tool == "cdk":
        if destroy and option(command, "-f", "--force"):
            return yes(command.at, "--force destroys without a question")
        if value_text(command, "--require-approval") == "never":
            return yes(command.at, "--require-approval never lets new rights and open ports through without a question")
    if tool == "pulumi" and option(command, "-y", "--yes") and {"up", "destroy", "update"} & set(words):
        return yes(command.at, "--yes applies without a preview")
    return NO


def _unseen_plan(command: Command, destroy: bool) -> Answer:
    """Return the answer for terraform and its kin: the question is switched off, or answered by a pipe."""
    if _saved_plan(command):
        return NO
    found = option(command, *_UNASKED, *(("-force",) if destroy else ()))
    if found is not None:
        return yes(command.at, f"{found.text} applies whatever the plan says, and nobody looked at it")
    return yes(command.at, "a pipe answers the question, and nobody looked at the plan") if _answered(command) else NO


_UNASKED = (
    "-auto-approve", "--auto-approve", "-auto-approve=true", "--terragrunt-non-interactive", "--non-interactive",
)
_PLAN_OPTIONS = tables.TOOL_OPTIONS | {
    "-target", "-replace", "-state", "-state-out", "-backup", "-lock-timeout", "-parallelism",
}


def _saved_plan(command: Command) -> bool:
    """Tell whether terraform applies a plan file that an earlier step made."""
    words = [word.text for word in positional(command, _PLAN_OPTIONS)]
    last = words[-1] if "apply" in words[:-1] else ""
    return last.endswith(".out") or re.search(r"(?i)plan", last) is not None


def _answered(command: Command) -> bool:
    """Tell whether a pipe says yes to the question of the tool."""
    told = command.upstream
    if told is None or told.name not in ("yes", "echo", "printf"):
        return False
    return told.name == "yes" or any(word.text.lower().startswith("yes") for word in arguments(told))


_POWERFUL = re.compile(r"(?i)policy/(?:AdministratorAccess|PowerUserAccess|IAMFullAccess)")


def rights_changed(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a command that makes users, changes who may take roles on, or gives or deploys wide rights."""
    command = command_of(subject)
    if command is None:
        return NO
    service, operation = aws_call(command)
    if service == "iam" and operation in ("update-assume-role-policy", "create-user"):
        return yes(command.at, f"aws iam {operation} makes a way in that outlives the build")
    if service == "iam" and operation.startswith("attach-"):
        for word in arguments(command):
            if _POWERFUL.search(word.text):
                return yes(word.at, f"{word.text.rsplit('/', 1)[-1]} is given out by a build")
    if service == "cloudformation" and operation in ("deploy", "create-stack", "update-stack") and (
        option(command, "--capabilities")
        and not option(command, "--role-arn")
        and "IAM" in " ".join(w.text for w in command.words)
    ):
        return yes(command.at, "the template may make roles with all rights of the build: no --role-arn bounds it")
    tool, words = underlying(command)
    if (
        tool == "cdk"
        and words[:1] == ("bootstrap",)
        and not option(command, "--show-template")
        and re.search(r"^$|AdministratorAccess", value_text(command, "--cloudformation-execution-policies"))
    ):
        return yes(command.at, "cdk bootstrap makes an execution role with AdministratorAccess")
    return NO


def destroys(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a command that deletes stored data or the file system without a way back."""
    command = command_of(subject)
    if command is None:
        return NO
    service, operation = aws_call(command)
    if service == "s3" and operation == "rb" and option(command, "--force"):
        return yes(command.at, "it deletes a bucket with everything in it")
    if service == "s3" and option(command, "--dryrun"):
        return NO
    if service == "s3" and operation == "rm" and option(command, "--recursive") and _whole_bucket(command):
        return yes(command.at, "it empties a whole bucket")
    if service == "rds" and operation.startswith("delete-") and option(command, "--skip-final-snapshot"):
        return yes(command.at, "it deletes the database without a last snapshot")
    if service == "dynamodb" and operation == "delete-table":
        return yes(command.at, "it deletes the table and its data")
    if command.name == "rm" and option(command, "-r", "-R", "--recursive") and option(command, "-f", "--force"):
        for word in arguments(command):
            if _SYSTEM_FOLDER.fullmatch(word.text):
                return yes(word.at, f"`{word.text}` may be the whole file system")
    return NO


_SYSTEM_FOLDER = re.compile(
    r"/\*?|(?:/(?:etc|usr|var|home|root|bin|lib|opt|boot)|~|\$\{?HOME\}?)(?:/\*?)?|\$\{?\w+\}?/\*?"
)


def _whole_bucket(command: Command) -> bool:
    return any(re.fullmatch(r"s3://[^/]+/?", word.text) for word in arguments(command))


def publishes_source(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for an upload of the whole working folder to a bucket, `.git` and settings included."""
    command = command_of(subject)
    if command is None or aws_call(command)[0] != "s3" or aws_call(command)[1] not in ("sync", "cp", "mv"):
        return NO
    texts = [word.text for word in arguments(command)]
    source = next((text for text in texts if _SOURCE_FOLDER.fullmatch(text)), None)
    target = next((text for text in texts if text.startswith("s3://") or "BUCKET" in text.upper()), None)
    if source is None or target is None or texts.index(target) < texts.index(source) or option(command, "--dryrun"):
        return NO
    if aws_call(command)[1] != "sync" and "--recursive" not in texts:
        return NO
    if any("--exclude" in text for text in texts) or _changed_folder(command):
        return NO
    return yes(command.at, f"`{source}` is the whole source: history, settings and keys included")


_SOURCE_FOLDER = re.compile(r"\./?|\$(?:CODEBUILD_SRC_DIR|PWD|\{CODEBUILD_SRC_DIR\}|\{PWD\})/?")
_OUTPUT_FOLDER = re.compile(
    r"(?i)(?:^|/)(?:dist|build|public|out|output|target|www|html|_?site|release|artifacts?|bin|coverage|reports?|docs?|static|assets)/?$|\$"
)


def _changed_folder(command: Command) -> bool:
    """Tell whether an earlier command went into a folder that a build makes."""
    before, _ = sequence(command.script, command)
    moves = [found for found in before if found.name in ("cd", "pushd") and len(found.words) > 1]
    return bool(moves) and _OUTPUT_FOLDER.search(moves[-1].words[1].text) is not None


def direct_deploy(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for a build command that changes production code directly instead of handing an artifact to a deployment."""
    command = command_of(subject)
    if command is None or buildspec_of(command) is None:
        return NO
    service, operation = aws_call(command)
    if (service, operation) in (
        ("lambda", "update-function-code"),
        ("ecs", "update-service"),
        ("elasticbeanstalk", "update-environment"),
    ):
        return yes(command.at, "the build changes what runs without a deployment that could be stopped or rolled back")
    return NO
