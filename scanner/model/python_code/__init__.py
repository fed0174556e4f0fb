"""The python dialect: a module -> a Code subject, an ApiCall for each call of an AWS API, a Script for each process.

boto3 clients and resources, and the CDK constructs that open ports or grant access. Nothing is run or imported: names
are followed to their assignments, and what cannot be followed is unknown with that as its reason.
"""

from __future__ import annotations

import re

from scanner.core.artifact import Artifact
from scanner.core.location import Location
from scanner.core.subject import Code
from scanner.model.workspace import Workspace

DIALECT = "python"
LARGEST = 2 * 1024 * 1024
_SPEAKS_OF_AWS = re.compile(rb"boto3|botocore|aws_cdk|aioboto|\.client\(|add_ingress_rule|authorize_security_group")
_STARTS_PROCESSES = re.compile(
    rb"\bsubprocess\b|\bos\.(?:system|popen)\b|\bfrom\s+(?:os|asyncio)\s+import\b|create_subprocess_shell"
)
_TOOLS = re.compile(
    rb"[\"'|;&(`]\s*(?:sudo\s+)?(?:aws|curl|wget|aria2c|nc|ncat|telnet|socat|docker|podman|nerdctl|buildah|terraform|tofu"
    rb"|terragrunt|cdk|sam|sls|serverless|pulumi|eb|copilot|kubectl|helm|eksctl|ansible-playbook|chmod|umask|chpasswd"
    rb"|passwd|useradd|usermod|adduser|sshpass|mysql|mysqldump|mysqladmin|psql|redis-cli|ldapsearch|ssh|scp|sftp|rsync"
    rb"|ssh-add|openssl|npm|npx|yarn|pnpm|pip|pip3|pipx|gem|apt-get|apt|yum|dnf|apk|brew|choco|cosign|checkov|trivy"
    rb"|bandit|tfsec|cfn-lint|gitleaks|git|rm|sh|bash)[\"'\s]"
)
"""Programs that rules ask about, where a command begins: without one, a module is not parsed for its processes."""


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State every module; those with calls to read are read at once, the others when a scanner wants their tree."""
    for artifact in artifacts:
        if len(artifact.data) > LARGEST:
            at = Location(artifact.path, 1, 1, 1, 1)
            workspace.note("warning", "file-too-large", f"{artifact.path} is larger than 2 MB and is not read", at)
            continue
        code = Code(artifact, "python", _parser(artifact, workspace))
        code.dialect = DIALECT
        workspace.inventory.add(code)
        if _SPEAKS_OF_AWS.search(artifact.data) and code.tree is not None:
            from scanner.model.python_code.calls import state_calls

            state_calls(code, workspace)
        if _STARTS_PROCESSES.search(artifact.data) and _TOOLS.search(artifact.data) and code.tree is not None:
            from scanner.model.python_code.processes import state_processes

            state_processes(code, workspace)


def _parser(artifact: Artifact, workspace: Workspace):  # type: ignore[no-untyped-def]  # returns a function making ast.Module
    def parse() -> object:
        import ast
        import warnings

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(artifact.data, artifact.path)
        except SyntaxError as fault:
            line = max(1, fault.lineno or 1)
            at = Location(artifact.path, line, max(1, fault.offset or 1), line, max(2, (fault.offset or 1) + 1))
            message = f"not Python 3: {fault.msg}"
            workspace.note("warning", "python-syntax", message, at, "the module is not judged as code")
        except (ValueError, RecursionError, MemoryError) as fault:
            at = Location(artifact.path, 1, 1, 1, 1)
            workspace.note("warning", "python-syntax", f"cannot be parsed: {type(fault).__name__}", at)
        return None

    return parse
