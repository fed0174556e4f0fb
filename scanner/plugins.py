"""Tables of everything pluggable: name -> "module:attribute", resolved when used.

To add a dialect, derivation, predicate, scanner or reporter, write the module and add its line here.
"""

from __future__ import annotations

from importlib import import_module

DIALECTS: dict[str, str] = {
    # name -> function state(artifacts, workspace): turns the artifacts of one dialect into subjects
    "cloudformation": "scanner.model.cloudformation:state",
    "config-item": "scanner.model.config_item:state",
    "terraform": "scanner.model.terraform:state",
    "terraform-plan": "scanner.model.terraform_plan:state",
    "buildspec": "scanner.model.buildspec:state",
    "appspec": "scanner.model.appspec:state",
    "codepipeline": "scanner.model.codepipeline:state",
    "codebuild": "scanner.model.codebuild:state",
    "task-definition": "scanner.model.task_definition:state",
    "iam-policy": "scanner.model.iam_policy:state",
    "dockerfile": "scanner.model.dockerfile:state",
    "shell": "scanner.model.shell_script:state",
    "python": "scanner.model.python_code:state",
    "github-actions": "scanner.model.github_actions:state",
    "gitlab-ci": "scanner.model.gitlab_ci:state",
    "env-file": "scanner.model.env_file:state",
}

DERIVATIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # (function derive(workspace), kinds that must occur): subjects from subjects, in this order
    ("scanner.model.derived.buildspecs:derive", ("AWS::CodeBuild::Project", "AWS::CodePipeline::Pipeline", "Buildspec")),
    ("scanner.model.derived.appspecs:derive", ("AWS::CodeDeploy::DeploymentGroup", "AppSpec")),
    ("scanner.model.derived.user_data:derive",
     ("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration")),
    ("scanner.model.derived.called_scripts:derive", ("Script",)),
    ("scanner.model.derived.parts:derive",
     ("AppSpec", "AWS::CodePipeline::Pipeline", "AWS::ECS::TaskDefinition", "AWS::CodeBuild::Project", "Buildspec")),
    ("scanner.model.derived.api_calls:derive", ("Command", "Code")),
    ("scanner.model.derived.statements:derive", ("*",)),
    ("scanner.model.derived.exposures:derive", ("*",)),
    ("scanner.model.derived.variables:derive", ("*",)),
    ("scanner.model.derived.images:derive", ("*",)),
    ("scanner.model.derived.links:derive", ("*",)),
)

PREDICATES: dict[str, str] = {
    # name in a rule -> function(subject, arguments, view) -> Answer, in scanner.analysis
    "shell-runs-download": "scanner.analysis.shell.downloads:piped_to_interpreter",
    "shell-ran-download": "scanner.analysis.shell.downloads:ran_fetched_file",
    "shell-download-unverified": "scanner.analysis.shell.downloads:unverified",
    "shell-plain-transport": "scanner.analysis.shell.downloads:plain_transport",
    "shell-tls-off": "scanner.analysis.shell.downloads:unverified_tls",
    "shell-dependency-unpinned": "scanner.analysis.shell.dependencies:unpinned",
    "shell-dependency-mutable": "scanner.analysis.shell.dependencies:mutable_reference",
    "shell-clone-unpinned": "scanner.analysis.shell.dependencies:unpinned_clone",
    "shell-extra-index": "scanner.analysis.shell.dependencies:extra_index",
    "shell-container-privileged": "scanner.analysis.shell.containers:privileged_run",
    "shell-daemon-on-tcp": "scanner.analysis.shell.containers:daemon_on_tcp",
    "shell-secret-build-argument": "scanner.analysis.shell.containers:secret_build_argument",
    "shell-image-mutable": "scanner.analysis.shell.containers:mutable_image",
    "shell-registry-login-deprecated": "scanner.analysis.shell.containers:deprecated_registry_login",
    "shell-secret-printed": "scanner.analysis.shell.secret_flow:printed",
    "shell-secret-on-command-line": "scanner.analysis.shell.secret_flow:on_command_line",
    "shell-key-file": "scanner.analysis.shell.secret_flow:key_file",
    "shell-credential-endpoint": "scanner.analysis.shell.secret_flow:credential_endpoint",
    "shell-credentials-sent": "scanner.analysis.shell.secret_flow:sent_away",
    "shell-untrusted-text": "scanner.analysis.shell.untrusted:in_shell",
    "shell-untrusted-template": "scanner.analysis.shell.untrusted:template_in_shell",
    "shell-gate-softened": "scanner.analysis.shell.gates:gate_softened",
    "shell-gate-in-pipe": "scanner.analysis.shell.gates:gate_in_pipe",
    "shell-deploy-after-failure": "scanner.analysis.shell.gates:deploy_after_failure",
    "shell-unreviewed-change": "scanner.analysis.shell.gates:unreviewed_change",
    "shell-rights-changed": "scanner.analysis.shell.gates:rights_changed",
    "shell-destroys": "scanner.analysis.shell.gates:destroys",
    "shell-public-acl": "scanner.analysis.shell.gates:public_acl",
    "shell-publishes-source": "scanner.analysis.shell.gates:publishes_source",
    "shell-direct-deploy": "scanner.analysis.shell.gates:direct_deploy",
    "shell-opened-to-all": "scanner.analysis.shell.files:opened_to_all",
    "shell-set-id": "scanner.analysis.shell.files:set_id",
    "traffic-from": "scanner.analysis.network.predicates:traffic_from",
    "address-range": "scanner.analysis.network.predicates:address_range",
    "iam-escalation-path": "scanner.analysis.iam.predicates:escalation_path",
    "iam-grants-actions": "scanner.analysis.iam.predicates:grants_actions",
    "iam-grants-anywhere": "scanner.analysis.iam.predicates:grants_anywhere",
    "iam-administrator": "scanner.analysis.iam.predicates:administrator",
    "iam-action-wildcard": "scanner.analysis.iam.predicates:action_wildcard",
    "iam-resource-wildcard": "scanner.analysis.iam.predicates:resource_wildcard",
    "iam-open-to-anyone": "scanner.analysis.iam.predicates:open_to_anyone",
    "iam-open-to-account": "scanner.analysis.iam.predicates:open_to_account",
    "iam-confused-deputy": "scanner.analysis.iam.predicates:confused_deputy",
    "iam-excludes": "scanner.analysis.iam.predicates:excludes",
    "iam-denies-plain-http": "scanner.analysis.iam.predicates:denies_plain_http",
    "iam-compute-service": "scanner.analysis.iam.trust:compute_service",
    "iam-federation": "scanner.analysis.iam.trust:federation",
    "iam-saml-without-audience": "scanner.analysis.iam.trust:saml_without_audience",
    "iam-policy-fault": "scanner.analysis.iam.grammar:policy_fault",
    "carries-tags": "scanner.analysis.tags:carries_tags",
    "current-certificate-authority": "scanner.analysis.databases:current_certificate_authority",
    "ebs-optimized-by-default": "scanner.analysis.instances:ebs_optimized_by_default",
    "names-service": "scanner.analysis.presence:names_service",
    "no-subnet-routes-to-internet": "scanner.analysis.network.routes:no_subnet_routes_to_internet",
    "parameter-is": "scanner.analysis.presence:parameter_is",
    "scaled-by-application-autoscaling": "scanner.analysis.presence:scaled_by_application_autoscaling",
    "selected-by-backup-plan": "scanner.analysis.backup:selected_by_backup_plan",
    "some-subject-of-kind": "scanner.analysis.presence:some_subject_of_kind",
    "supported-runtime": "scanner.analysis.functions:supported_runtime",
    "version-at-least": "scanner.analysis.versions:version_at_least",
}

SCANNERS: dict[str, str] = {
    # name -> function scan(context) -> iterable of results
    "rules": "scanner.scanners.rules:scan",
    "secrets": "scanner.scanners.secrets:scan",
    "bandit": "scanner.scanners.bandit:scan",
    "detect-secrets": "scanner.scanners.detect_secrets:scan",
    "checkov": "scanner.scanners.checkov:scan",
    "sarif-import": "scanner.scanners.sarif_import:scan",
}

REPORTERS: dict[str, str] = {
    # format -> function render(report, options) -> bytes
    "text": "scanner.report.text:render",
    "json": "scanner.report.json:render",
    "sarif": "scanner.report.sarif:render",
    "sarif-github": "scanner.report.sarif:render_github",
    "junit": "scanner.report.junit:render",
}

COMMANDS: dict[str, str] = {
    # subcommand -> function run(arguments: list[str]) -> exit status
    "scan": "scanner.cli.scan:run",
    "hook": "scanner.cli.hook:run",
    "explain": "scanner.cli.explain:run",
    "rules": "scanner.cli.rules:run",
    "policy": "scanner.cli.policy:run",
    "baseline": "scanner.cli.baseline:run",
}


def resolve(reference: str) -> object:
    """Return what "module:attribute" names; raises ImportError or AttributeError when it is not there."""
    module, _, attribute = reference.partition(":")
    return getattr(import_module(module), attribute)
