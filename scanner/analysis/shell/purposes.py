"""What a command does: deploys, publishes, checks, fetches. Pure functions over one command."""

from __future__ import annotations

import re
from typing import NamedTuple

from scanner.analysis.shell import tables
from scanner.analysis.shell.windows import (
    language_of,
    leaves_with,
    parameter,
    parameter_value,
    plain_value,
    status_lost,
)
from scanner.analysis.shell.words import arguments, option, positional, sequence, subcommands, text_of
from scanner.core.subject import Command

AWS_OPTIONS = frozenset(
    {
        "--profile",
        "--region",
        "--output",
        "--query",
        "--endpoint-url",
        "--color",
        "--ca-bundle",
        "--cli-read-timeout",
        "--cli-connect-timeout",
    }
)


def aws_call(command: Command) -> tuple[str, str]:
    """Return (service, operation) of an AWS CLI command as typed; empty strings for anything else."""
    if command.name not in ("aws", "aws2", "aws.exe"):
        return "", ""
    words = positional(command, AWS_OPTIONS)
    return (words[0].text if words else ""), (words[1].text if len(words) > 1 else "")


def underlying(command: Command) -> tuple[str, tuple[str, ...]]:
    """Return (tool, subcommands), through runners of packages: `npx cdk deploy`, `npm run -- cdk deploy`."""
    name = command.name
    if name == "Start-Process":
        return _started(command)
    words = [word.text for word in positional(command, tables.TOOL_OPTIONS)]
    if name in ("npx", "bunx", "pnpx", "pipx", "uvx") and words:
        tool = words[0].split("@")[0].rsplit("/", 1)[-1]
        return {"aws-cdk": "cdk"}.get(tool, tool), tuple(words[1:4])
    if name in ("npm", "yarn", "pnpm", "poetry", "pipenv", "uv", "bundle") and words[:1] in (
        ["run"],
        ["exec"],
        ["dlx"],
    ):
        inner = words[1:]
        if len(inner) >= 1 and inner[0] == "run":
            inner = inner[1:]
        return (inner[0], tuple(inner[1:4])) if inner else (name, ())
    if name in ("python", "python3", "py") and [word.text for word in arguments(command)[:1]] == ["-m"]:
        rest = [word.text for word in arguments(command)[1:]]
        return (rest[0], tuple(rest[1:4])) if rest else (name, ())
    return name, tuple(words[:3])


def _started(command: Command) -> tuple[str, tuple[str, ...]]:
    """Return (tool, subcommands) of what PowerShell's `Start-Process` starts."""
    words = positional(command, frozenset({"-ArgumentList", "-FilePath", "-WorkingDirectory"}))
    tool = parameter_value(command, "-filepath") or (words[0].text if words else "")
    listed = parameter_value(command, "-argumentlist", "-args") or (words[1].text if len(words) > 1 else "")
    given = tuple(re.split(r"[,\s]+", listed.strip()))
    return re.sub(r"(?i)\.(?:exe|cmd|bat)$", "", re.split(r"[\\/]", tool)[-1]).lower(), given[:3]


def deploys(command: Command) -> bool:
    """Tell whether the command changes what runs somewhere, or publishes a package: not a docker push."""
    service, operation = aws_call(command)
    if service:
        pattern = tables.AWS_DEPLOYS.get(service)
        if pattern is None or not re.fullmatch(pattern, operation):
            return False
        return service != "s3" or _writes_bucket(command)
    tool, words = underlying(command)
    pattern = tables.OTHER_DEPLOYS.get(tool)
    if pattern is None or option(command, "--help", "--dry-run", "--dryrun", "--version", "--syntax-check", "--check"):
        return False
    return re.match(rf"(?:{pattern})(?:\s|$)", " ".join(words)) is not None


def _writes_bucket(command: Command) -> bool:
    """Tell whether an `aws s3` command writes to a bucket (or removes one)."""
    words = positional(command, AWS_OPTIONS)[2:]
    if not words or option(command, "--dryrun"):
        return False
    return words[-1].text.startswith("s3://") or "S3" in words[-1].text or "BUCKET" in words[-1].text.upper()


def pushes_image(command: Command) -> bool:
    """Tell whether the command pushes a container image."""
    words = subcommands(command, tables.DOCKER_OPTIONS)
    if command.name not in tables.DOCKER:
        return False
    return (
        words[:1] == ("push",)
        or words[:2] in (("image", "push"), ("manifest", "push"), ("compose", "push"))
        or ("build" in words[:2] and option(command, "--push") is not None)
    )


def gate(command: Command) -> str:
    """Return the name of the security scanner that the command runs; empty when it is none."""
    tool, words = underlying(command)
    if command.name in tables.DOCKER and subcommands(command, tables.DOCKER_OPTIONS)[:1] == ("run",):
        tool, words = _image_tool(command)
    tool = tool.replace("_", "-") if tool.replace("_", "-") in tables.SCANNERS else tool
    if tool not in tables.SCANNERS:
        if tool in ("npm", "yarn", "pnpm") and words[:1] == ("audit",):
            return f"{tool} audit"
        if tool in ("pip_audit", "detect_secrets", "cfnlint"):
            return {"pip_audit": "pip-audit", "detect_secrets": "detect-secrets", "cfnlint": "cfn-lint"}[tool]
        return ""
    if option(command, "--version", "--help"):
        return ""
    wanted = tables.SCANNER_SUBCOMMANDS.get(tool)
    if wanted is not None and not re.fullmatch(wanted, words[0] if words else ""):
        return ""
    return tool


def _image_tool(command: Command) -> tuple[str, tuple[str, ...]]:
    """Return the scanner that a `docker run IMAGE ...` runs, by its image name."""
    words = [word.text for word in positional(command, tables.DOCKER_OPTIONS)[1:]]
    if not words:
        return "", ()
    name = words[0].split("@")[0].rsplit("/", 1)[-1].split(":")[0]
    rest = words[1:]
    if rest and rest[0].rsplit("/", 1)[-1] in tables.SCANNERS:
        name, rest = rest[0].rsplit("/", 1)[-1], rest[1:]
    return name, tuple(rest[:3])


def checks(command: Command) -> bool:
    """Tell whether the command is a security scan, a signature step or a known test runner."""
    if gate(command):
        return True
    tool, words = underlying(command)
    if tool in tables.TEST_COMMANDS or tool in tables.SIGNERS:
        return True
    return (
        tool in ("npm", "yarn", "pnpm", "mvn", "gradle", "gradlew", "make", "go", "cargo", "dotnet")
        and "test" in words[:2]
    )


class Softness(NamedTuple):
    """Why a failing check does not fail the build: a sentence part."""

    why: str


def softened(command: Command, earlier: list[Command]) -> Softness | None:
    """Return why the exit status of a check is lost, or None when it counts.

    `earlier` are the commands before it in the same shell. A pipe is left to `lost_in_pipe`.
    """
    why = _by_flag(command) or _by_shell(command)
    if why:
        return Softness(why)
    if language_of(command) != "sh":
        why = status_lost(command, sequence(command.script, command)[1])
        return Softness(why) if why else None
    last = next((found for found in reversed(earlier) if found.name == "set" and not found.inside), None)
    words = " ".join(word.text for word in arguments(last)) if last is not None else ""
    if re.search(r"(?:^|\s)\+[a-z]*e", words) and not _status_checked(command):
        return Softness("after `set +e`, its exit status is ignored")
    return None


def _by_flag(command: Command) -> str:
    name = gate(command)
    base = name.split(" ")[0]
    text = " ".join(word.text for word in arguments(command))
    pattern = tables.SCANNERS.get(base, "")
    if pattern:
        match = re.search(rf"(?:^|\s)(?:{pattern})(?=\s|$|=)", text)
        if match and not text[match.end() :].lower().startswith(("=false", "=0")):
            return f"`{match.group().strip()}` makes {name} end with success whatever it finds"
    needed = tables.NEEDS_FLAG.get(base)
    if needed and not any(word.text in needed or word.text.split("=")[0] in needed for word in arguments(command)):
        return f"{name} ends with success whatever it finds unless {needed[0]} is given"
    return ""


def _by_shell(command: Command) -> str:
    rescue = command.rescue
    if rescue is not None and _harmless(rescue):
        shown = text_of(rescue) or rescue.assignments[0][1].text
        return f"`|| {shown}` hides its exit status"
    if command.name == "Start-Process" and parameter(command, "-passthru") is None:
        return "Start-Process does not hand its exit status on"
    if command.connector == "&":
        return "it runs in the background, so its exit status is lost"
    if command.connector == ";" and "errexit" not in command.options and language_of(command) == "sh":
        following = _next(command)
        if following is not None and following.name in ("true", ":", "exit", "echo") and _harmless(following):
            return f"`; {text_of(following)}` hides its exit status"
    return ""


def _harmless(command: Command) -> bool:
    """Tell whether a command succeeds whatever happens: `true`, `:`, `exit 0`, `echo ...`, a mere value."""
    if command.name in ("true", ":") or plain_value(command):
        return True
    if command.name == "exit":
        alone = not arguments(command) and language_of(command) == "sh"
        return alone or leaves_with(command) == "0"
    if command.name in tables.TELLERS:
        following = _next(command)
        return (
            following is None
            or following.name not in ("exit", "false", "return", "throw")
            or command.connector not in ("&&", ";", "")
        )
    return False


def _next(command: Command) -> Command | None:
    after = sequence(command.script, command)[1]
    return next((other for other in after if other.outer is command.outer), None)


def _status_checked(command: Command) -> bool:
    """Tell whether a later command of the script looks at `$?`."""
    for later in sequence(command.script, command)[1][:12]:
        for word in [*later.words, *(word for _, word in later.assignments)]:
            if any(part.kind == "variable" and part.text == "?" for part in word.parts):
                return True
    return False


def lost_in_pipe(command: Command) -> bool:
    """Tell whether the exit status is lost because the output goes through a pipe without pipefail."""
    return command.downstream is not None and "pipefail" not in command.options


def guarded_by_success(command: Command) -> bool:
    """Tell whether the script looks at CODEBUILD_BUILD_SUCCEEDING before the command."""
    for earlier in sequence(command.script, command)[0]:
        words = [*earlier.words, *(word for _, word in earlier.assignments)]
        if any("CODEBUILD_BUILD_SUCCEEDING" in word.text for word in words):
            return True
    return False
