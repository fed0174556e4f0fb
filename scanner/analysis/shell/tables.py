"""What well-known commands are for. Names only; how they are judged stands in the predicates."""

from __future__ import annotations

import re

PHASES = ("install", "pre_build", "build", "post_build")
"""The phases of a build, in order."""

WEB_CMDLETS = frozenset({"Invoke-WebRequest", "Invoke-RestMethod", "iwr", "irm"})
WEB_METHODS = frozenset({
    "DownloadString", "DownloadFile", "DownloadData", "OpenRead", "DownloadStringTaskAsync", "DownloadFileTaskAsync",
    "DownloadStringAsync", "DownloadFileAsync", "GetStringAsync", "GetStreamAsync", "GetByteArrayAsync",
})
"""Methods of .NET's web clients; the PowerShell reader makes commands of their calls."""
WINDOWS_FETCHERS = WEB_CMDLETS | WEB_METHODS | {"Start-BitsTransfer"}
FETCHERS = frozenset({"curl", "wget", "aria2c", "axel", "http", *WINDOWS_FETCHERS})
INTERPRETERS = frozenset({
    "sh", "bash", "dash", "zsh", "ksh", "ash", "python", "python2", "python3", "perl", "ruby", "node", "nodejs", "php",
    "pwsh", "powershell", "iex", "Invoke-Expression", "source", ".", "eval", "cmd",
})
POWERSHELL_TEXT = frozenset({"iex", "Invoke-Expression"})
PRINTERS = frozenset({
    "echo", "printf", "cat", "tee", "logger", "print", "write", "Write-Host", "Write-Output", "Write-Warning",
    "Write-Information", "Write-Error",
})
TELLERS = frozenset({"echo", "printf", "write", "Write-Host", "Write-Output", "Write-Warning", "Write-Information"})
"""Commands that only say something, and succeed."""
DUMPERS = frozenset({"env", "printenv"})
SHOWS_ON = frozenset({"tee", "Tee-Object", "Out-Host", "Out-Default", "Out-String", "Format-Table", "Format-List"})
"""Commands behind a pipe that still show in the log what they are given."""
NETWORK_SINKS = frozenset({"curl", "wget", "nc", "ncat", "netcat", "telnet", "socat", "sendmail", "mail", "openssl"})
VERIFIERS = frozenset({
    "sha256sum", "sha512sum", "sha1sum", "sha384sum", "shasum", "md5sum", "gpg", "gpgv", "gpg2", "cosign", "minisign",
    "rpmkeys", "openssl", "certutil", "Get-FileHash", "Get-AuthenticodeSignature", "b2sum", "slsa-verifier", "notation",
})
DOCKER = frozenset({"docker", "podman", "nerdctl", "buildah", "finch"})
DOCKER_OPTIONS = frozenset({
    "-t", "--tag", "-f", "--file", "--build-arg", "--platform", "--target", "-e", "--env", "-v", "--volume", "--name",
    "-p", "--publish", "-w", "--workdir", "-u", "--user", "--network", "--net", "--entrypoint", "--mount",
    "--cache-from",
    "--cache-to", "--secret", "--ssh", "--env-file", "--cap-add", "--cap-drop", "--pid", "--ipc", "--memory", "-m",
    "--cpus",
    "--label", "-l", "--add-host", "--hostname", "-h", "--restart", "--security-opt", "--log-driver", "--progress",
    "--output",
    "-o", "-H", "--host", "--config", "--context", "--log-level", "--shm-size", "--ulimit", "--device", "--gpus",
    "--dns",
})
DOCKER_RUN_OPTIONS = frozenset({
    "-a", "--attach", "--add-host", "--annotation", "--blkio-weight", "--cap-add", "--cap-drop", "--cgroup-parent",
    "--cgroupns", "--cidfile", "-c", "--cpu-period", "--cpu-quota", "--cpu-shares", "--cpus", "--cpuset-cpus",
    "--cpuset-mems", "--detach-keys", "--device", "--device-cgroup-rule", "--dns", "--dns-option", "--dns-search",
    "--domainname", "--entrypoint", "-e", "--env", "--env-file", "--expose", "--gpus", "--group-add", "--health-cmd",
    "--health-interval", "--health-retries", "--health-start-period", "--health-timeout", "-h", "--hostname", "--ip",
    "--ip6", "--ipc", "--isolation", "-l", "--label", "--label-file", "--link", "--log-driver", "--log-opt",
    "--mac-address", "-m", "--memory", "--memory-reservation", "--memory-swap", "--memory-swappiness", "--mount",
    "--name", "--net", "--network", "--network-alias", "--oom-score-adj", "--pid", "--pids-limit", "--platform", "-p",
    "--publish", "--pull", "--restart", "--runtime", "--secret", "--security-opt", "--shm-size", "--stop-signal",
    "--stop-timeout", "--storage-opt", "--sysctl", "--tmpfs", "--ulimit", "-u", "--user", "--userns", "--uts", "-v",
    "--volume", "--volume-driver", "--volumes-from", "-w", "--workdir",
})
"""Options of `docker run` and its kin that take a value; a container's -t takes none."""

# -- commands that change or publish something outside the build --------------------------------------

AWS_DEPLOYS = {
    # service -> operations (regular expression) that change what runs or what is published
    "cloudformation": r"deploy|(?:create|update|delete)-stack|execute-change-set|(?:create|update)-stack-set",
    "lambda": r"update-function-(?:code|configuration)|publish-(?:layer-)?version|update-alias|create-function",
    "ecs": r"update-service|deploy|create-service|run-task|create-task-set",
    "deploy": r"create-deployment|push",
    "elasticbeanstalk": r"update-environment|create-application-version|create-environment",
    "codepipeline": r"start-pipeline-execution",
    "s3": r"sync|cp|mv|rb|rm",
    "eks": r"update-.*|create-.*",
    "apigateway": r"create-deployment|put-rest-api|import-rest-api",
    "amplify": r"start-deployment|start-job",
    "cloudfront": r"create-invalidation|update-distribution",
    "ssm": r"send-command|start-automation-execution",
    "stepfunctions": r"update-state-machine",
    "apprunner": r"start-deployment|update-service",
    "ec2": r"run-instances|terminate-instances",
    "autoscaling": r"start-instance-refresh|update-auto-scaling-group",
}
OTHER_DEPLOYS = {
    # command -> subcommands (regular expression over the first positional words, joined by blanks)
    "sam": r"deploy|sync",
    "cdk": r"deploy|destroy",
    "terraform": r"apply|destroy",
    "tofu": r"apply|destroy",
    "terragrunt": r"apply|destroy|run-all (?:apply|destroy)",
    "pulumi": r"up|update|destroy",
    "kubectl": r"apply|create|replace|patch|rollout|set|delete|scale",
    "helm": r"install|upgrade|uninstall|rollback",
    "eb": r"deploy|create|use",
    "serverless": r"deploy|remove",
    "sls": r"deploy|remove",
    "copilot": r".*deploy.*",
    "ecs-cli": r"compose.*|up",
    "ecs-deploy": r".*",
    "npm": r"publish",
    "yarn": r"publish|npm publish",
    "pnpm": r"publish",
    "twine": r"upload",
    "gem": r"push",
    "cargo": r"publish",
    "mvn": r"(?:.* )?deploy",
    "chalice": r"deploy|delete",
    "zappa": r"deploy|update|undeploy",
    "ansible-playbook": r".*",
    "amplify": r"publish|push",
    "fly": r"deploy",
    "ecspresso": r"deploy",
    "eksctl": r"create.*|upgrade.*|delete.*",
}
TOOL_OPTIONS = frozenset({
    "--profile", "--region", "--stack-name", "--template-file", "-chdir", "-var", "-var-file", "-n", "--namespace",
    "-f",
    "--file", "--context", "--kubeconfig", "--output", "--query", "-a", "--app", "-c", "--config", "--stage", "-s",
    "--endpoint-url", "--color", "-o", "-backend-config",
})
"""Options of deploy tools that take a value, so that the value is not read as a subcommand."""

# -- security gates ---------------------------------------------------------------------------------

SCANNERS = {
    # command -> how it is told to end with success whatever it finds (regular expression; empty: it cannot be told)
    "ash": "--no-fail-on-findings", "bandit": "--exit-zero", "brakeman": "--no-exit-on-warn", "cdk-nag": "",
    "cfn-guard": "", "cfn-lint": r"--non-zero-exit-code[= ]none", "cfn-nag-scan": r"--fail-on-warnings[= ]false",
    "cfn_nag": "", "cfn_nag_scan": r"--fail-on-warnings[= ]false", "cfripper": "", "checkov": "-s|--soft-fail",
    "conftest": "--no-fail", "dependency-check": "", "dependency-check.sh": "", "detect-secrets": "",
    "detect-secrets-hook": "", "dockle": r"--exit-code[= ]0", "git-secrets": "", "gitleaks": r"--exit-code[= ]0",
    "gosec": "-no-fail", "grype": "", "hadolint": "--no-fail", "inspec": "",
    "kics": r"--ignore-on-exit[= ](?:all|results)",
    "leftgate": "", "opa": "", "osv-scanner": "", "parliament": "", "pip-audit": "",
    "prowler": "-z|--ignore-exit-code-3", "rain": "", "regula": "", "safety": r"--continue-on-error|--exit-code[= ]0",
    "semgrep": "", "snyk": "", "sonar-scanner": "", "terrascan": "", "tflint": "--force", "tfsec": "-s|--soft-fail",
    "trivy": r"--exit-code[= ]0", "trufflehog": "",
}
TEST_COMMANDS = frozenset({"pytest", "tox", "nose2", "rspec", "jest", "mocha", "phpunit", "taskcat"})
SIGNERS = frozenset({"cosign", "notation", "signer"})
NEEDS_FLAG = {
    # a scanner that passes unless it is told to fail -> the options of which one must be there
    "trivy": ("--exit-code",), "semgrep": ("--error", "ci"), "grype": ("--fail-on", "-f"),
}
SCANNER_SUBCOMMANDS = {
    # a scanner's subcommands that scan; others (install, version, list) are no gate
    "trivy": r"image|fs|filesystem|repo|repository|rootfs|config|conf|kubernetes|k8s|sbom|vm|i",
    "semgrep": r"scan|ci|", "snyk": r"test|code|container|iac", "gitleaks": r"detect|protect|git|dir|", "npm": r"audit",
    "conftest": r"test|verify", "opa": r"test|eval", "git-secrets": r"", "safety": r"check|scan", "rain": r"lint",
    "inspec": r"exec", "kics": r"scan", "prowler": r".*", "cfn-guard": r"validate|test", "terrascan": r"scan",
}
# -- attacker-influenced variables ------------------------------------------------------------------

UNTRUSTED_VARIABLES = frozenset({
    "CODEBUILD_WEBHOOK_HEAD_REF", "CODEBUILD_WEBHOOK_BASE_REF", "CODEBUILD_WEBHOOK_TRIGGER", "CODEBUILD_SOURCE_VERSION",
    "CI_COMMIT_MESSAGE", "CI_COMMIT_TITLE", "CI_COMMIT_DESCRIPTION", "CI_COMMIT_REF_NAME", "CI_COMMIT_BRANCH",
    "CI_MERGE_REQUEST_TITLE", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_MERGE_REQUEST_DESCRIPTION", "CI_COMMIT_AUTHOR",
    "GITHUB_HEAD_REF",
})
UNTRUSTED_GIT = re.compile(r"\bgit\s+(?:log|show|branch|rev-parse\s+--abbrev-ref|symbolic-ref|describe|name-rev)\b")

SECRET_NAME = re.compile(
    r"(?i)(?:passw(?:or)?d|passphrase|secret|(?<!no)(?:access|auth|api|oauth|bearer|refresh|github|gitlab|npm|slack|deploy)_?token"
    r"|^token$|_token$|api_?key|private_?key|access_?key|credential|conn(?:ection)?_?string|_pwd$|^pwd_|^pass$|_pass$)"
)
NOT_SECRET_NAME = re.compile(
    r"(?i)(?:_arn|_id|_name|_path|_param|_parameter|_file|_url|_uri|_prefix|_length|_policy|_region|_version|_ttl|_expiry|_endpoint)$"
)


def secret_shaped(name: str) -> bool:
    """Tell whether a variable's name says that it holds a secret."""
    return SECRET_NAME.search(name) is not None and NOT_SECRET_NAME.search(name) is None
