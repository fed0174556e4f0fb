"""Ways from a permission to more permissions: each path is a set of actions that must all be granted.

Sources: pathfinding.cloud (ids in `source`, read November 2026), the 21 methods published by Rhino Security Labs and
Bishop Fox, and the AWS service authorization reference for paths marked `reference`. `passed_to` are the services a
role is passed to: a PassRole limited by iam:PassedToService to other services does not open the path.
"""

from __future__ import annotations

from typing import NamedTuple


class EscalationPath(NamedTuple):
    """Actions in lower case, the services a role is passed to (empty without PassRole), and where it is described."""

    actions: tuple[str, ...]
    passed_to: tuple[str, ...] = ()
    source: str = ""


def _path(actions: str, source: str, passed_to: str = "") -> EscalationPath:
    return EscalationPath(tuple(actions.lower().split()), tuple(passed_to.split()), source)


_PASS = "iam:PassRole "
_LAMBDA, _EC2 = "lambda.amazonaws.com", "ec2.amazonaws.com"
_ECS, _GLUE = "ecs-tasks.amazonaws.com", "glue.amazonaws.com"
_CFN, _BUILD, _SAGE = "cloudformation.amazonaws.com", "codebuild.amazonaws.com", "sagemaker.amazonaws.com"

PATHS: dict[str, EscalationPath] = {
    "create-policy-version": _path("iam:CreatePolicyVersion", "iam-001"),
    "create-access-key": _path("iam:CreateAccessKey", "iam-002"),
    "rotate-access-key": _path("iam:CreateAccessKey iam:DeleteAccessKey", "iam-003"),
    "create-login-profile": _path("iam:CreateLoginProfile", "iam-004"),
    "put-role-policy": _path("iam:PutRolePolicy", "iam-005"),
    "update-login-profile": _path("iam:UpdateLoginProfile", "iam-006"),
    "put-user-policy": _path("iam:PutUserPolicy", "iam-007"),
    "attach-user-policy": _path("iam:AttachUserPolicy", "iam-008"),
    "attach-role-policy": _path("iam:AttachRolePolicy", "iam-009"),
    "attach-group-policy": _path("iam:AttachGroupPolicy", "iam-010"),
    "put-group-policy": _path("iam:PutGroupPolicy", "iam-011"),
    "update-assume-role-policy": _path("iam:UpdateAssumeRolePolicy", "iam-012"),
    "add-user-to-group": _path("iam:AddUserToGroup", "iam-013"),
    "attach-role-policy-then-assume": _path("iam:AttachRolePolicy sts:AssumeRole", "iam-014"),
    "attach-user-policy-then-create-access-key": _path("iam:AttachUserPolicy iam:CreateAccessKey", "iam-015"),
    "create-policy-version-then-assume": _path("iam:CreatePolicyVersion sts:AssumeRole", "iam-016"),
    "put-role-policy-then-assume": _path("iam:PutRolePolicy sts:AssumeRole", "iam-017"),
    "put-user-policy-then-create-access-key": _path("iam:PutUserPolicy iam:CreateAccessKey", "iam-018"),
    "attach-role-policy-then-update-trust": _path("iam:AttachRolePolicy iam:UpdateAssumeRolePolicy", "iam-019"),
    "create-policy-version-then-update-trust": _path("iam:CreatePolicyVersion iam:UpdateAssumeRolePolicy", "iam-020"),
    "put-role-policy-then-update-trust": _path("iam:PutRolePolicy iam:UpdateAssumeRolePolicy", "iam-021"),
    "set-default-policy-version": _path("iam:SetDefaultPolicyVersion", "Rhino Security Labs, method 2"),
    "new-ec2-instance": _path(_PASS + "ec2:RunInstances", "ec2-001", _EC2),
    "ec2-user-data-then-restart": _path(
        "ec2:ModifyInstanceAttribute ec2:StopInstances ec2:StartInstances", "ec2-002"),
    "new-ec2-spot-instance": _path(_PASS + "ec2:RequestSpotInstances", "ec2-003", _EC2),
    "ec2-launch-template-version": _path("ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate", "ec2-004"),
    "ec2-instance-connect": _path(
        "ec2-instance-connect:SendSSHPublicKey ec2:DescribeInstances", "ec2instanceconnect-003"),
    "new-lambda-then-invoke": _path(
        _PASS + "lambda:CreateFunction lambda:InvokeFunction", "lambda-001", _LAMBDA),
    "new-lambda-then-new-dynamodb-trigger": _path(
        _PASS + "lambda:CreateFunction lambda:CreateEventSourceMapping dynamodb:CreateTable dynamodb:PutItem",
        "lambda-002", _LAMBDA),
    "new-lambda-then-existing-dynamodb-trigger": _path(
        _PASS + "lambda:CreateFunction lambda:CreateEventSourceMapping", "lambda-002", _LAMBDA),
    "update-lambda-code": _path("lambda:UpdateFunctionCode", "lambda-003"),
    "update-lambda-code-then-invoke": _path("lambda:UpdateFunctionCode lambda:InvokeFunction", "lambda-004"),
    "update-lambda-code-then-add-permission": _path(
        "lambda:UpdateFunctionCode lambda:AddPermission", "lambda-005"),
    "new-lambda-then-add-permission": _path(
        _PASS + "lambda:CreateFunction lambda:AddPermission", "lambda-006", _LAMBDA),
    "lambda-layer-on-existing-function": _path("lambda:UpdateFunctionConfiguration", "reference"),
    "new-glue-dev-endpoint": _path(_PASS + "glue:CreateDevEndpoint", "glue-001", _GLUE),
    "update-glue-dev-endpoint": _path("glue:UpdateDevEndpoint", "glue-002"),
    "new-glue-job-then-run": _path(_PASS + "glue:CreateJob glue:StartJobRun", "glue-003", _GLUE),
    "new-glue-job-then-trigger": _path(_PASS + "glue:CreateJob glue:CreateTrigger", "glue-004", _GLUE),
    "update-glue-job-then-run": _path(_PASS + "glue:UpdateJob glue:StartJobRun", "glue-005", _GLUE),
    "update-glue-job-then-trigger": _path(_PASS + "glue:UpdateJob glue:CreateTrigger", "glue-006", _GLUE),
    "new-stack": _path(_PASS + "cloudformation:CreateStack", "cloudformation-001", _CFN),
    "update-stack": _path("cloudformation:UpdateStack", "cloudformation-002"),
    "new-stack-set": _path(
        _PASS + "cloudformation:CreateStackSet cloudformation:CreateStackInstances", "cloudformation-003", _CFN),
    "update-stack-set": _path(_PASS + "cloudformation:UpdateStackSet", "cloudformation-004", _CFN),
    "stack-change-set": _path(
        "cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet", "cloudformation-005"),
    "new-codebuild-project-then-build": _path(
        _PASS + "codebuild:CreateProject codebuild:StartBuild", "codebuild-001", _BUILD),
    "start-codebuild-build-with-override": _path("codebuild:StartBuild", "codebuild-002"),
    "start-codebuild-batch-with-override": _path("codebuild:StartBuildBatch", "codebuild-003"),
    "new-codebuild-project-then-batch": _path(
        _PASS + "codebuild:CreateProject codebuild:StartBuildBatch", "codebuild-004", _BUILD),
    "update-codebuild-project": _path("codebuild:UpdateProject codebuild:StartBuild", "reference"),
    "new-ecs-cluster-and-service": _path(
        _PASS + "ecs:CreateCluster ecs:RegisterTaskDefinition ecs:CreateService", "ecs-001", _ECS),
    "new-ecs-cluster-and-task": _path(
        _PASS + "ecs:CreateCluster ecs:RegisterTaskDefinition ecs:RunTask", "ecs-002", _ECS),
    "new-ecs-service": _path(_PASS + "ecs:RegisterTaskDefinition ecs:CreateService", "ecs-003", _ECS),
    "run-new-ecs-task": _path(_PASS + "ecs:RegisterTaskDefinition ecs:RunTask", "ecs-004", _ECS),
    "start-new-ecs-task": _path(_PASS + "ecs:RegisterTaskDefinition ecs:StartTask", "ecs-005", _ECS),
    "ecs-execute-command": _path("ecs:ExecuteCommand ecs:DescribeTasks", "ecs-006"),
    "update-ecs-service": _path(_PASS + "ecs:RegisterTaskDefinition ecs:UpdateService", "reference", _ECS),
    "new-sagemaker-notebook": _path(_PASS + "sagemaker:CreateNotebookInstance", "sagemaker-001", _SAGE),
    "new-sagemaker-training-job": _path(_PASS + "sagemaker:CreateTrainingJob", "sagemaker-002", _SAGE),
    "new-sagemaker-processing-job": _path(_PASS + "sagemaker:CreateProcessingJob", "sagemaker-003", _SAGE),
    "sagemaker-presigned-notebook-url": _path("sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker-004"),
    "sagemaker-lifecycle-config": _path(
        "sagemaker:CreateNotebookInstanceLifecycleConfig sagemaker:StopNotebookInstance "
        "sagemaker:UpdateNotebookInstance sagemaker:StartNotebookInstance", "sagemaker-005"),
    "new-bedrock-code-interpreter": _path(
        _PASS + "bedrock-agentcore:CreateCodeInterpreter bedrock-agentcore:StartCodeInterpreterSession "
        "bedrock-agentcore:InvokeCodeInterpreter", "bedrock-001", "bedrock-agentcore.amazonaws.com"),
    "bedrock-code-interpreter-session": _path(
        "bedrock-agentcore:StartCodeInterpreterSession bedrock-agentcore:InvokeCodeInterpreter", "bedrock-002"),
    "new-apprunner-service": _path(
        _PASS + "apprunner:CreateService", "apprunner-001",
        "tasks.apprunner.amazonaws.com build.apprunner.amazonaws.com apprunner.amazonaws.com"),
    "update-apprunner-service": _path("apprunner:UpdateService", "apprunner-002"),
    "new-data-pipeline": _path(
        _PASS + "datapipeline:CreatePipeline datapipeline:PutPipelineDefinition", "datapipeline-001",
        "datapipeline.amazonaws.com elasticmapreduce.amazonaws.com ec2.amazonaws.com"),
    "ssm-session": _path("ssm:StartSession", "ssm-001"),
    "ssm-send-command": _path("ssm:SendCommand", "ssm-002"),
    "ssm-automation": _path(_PASS + "ssm:StartAutomationExecution", "reference", "ssm.amazonaws.com"),
    "new-codestar-project": _path(_PASS + "codestar:CreateProject", "Rhino Security Labs", "codestar.amazonaws.com"),
    "new-code-pipeline": _path(_PASS + "codepipeline:CreatePipeline", "reference", "codepipeline.amazonaws.com"),
    "update-code-pipeline": _path(_PASS + "codepipeline:UpdatePipeline", "reference", "codepipeline.amazonaws.com"),
    "new-state-machine": _path(
        _PASS + "states:CreateStateMachine states:StartExecution", "reference", "states.amazonaws.com"),
    "new-schedule": _path(_PASS + "scheduler:CreateSchedule", "reference", "scheduler.amazonaws.com"),
    "event-rule-target": _path(_PASS + "events:PutRule events:PutTargets", "reference", "events.amazonaws.com"),
    "new-batch-job": _path(
        _PASS + "batch:RegisterJobDefinition batch:SubmitJob", "reference",
        "ecs-tasks.amazonaws.com batch.amazonaws.com"),
    "new-emr-cluster": _path(
        _PASS + "elasticmapreduce:RunJobFlow", "reference", "ec2.amazonaws.com elasticmapreduce.amazonaws.com"),
    "cognito-identity-pool-roles": _path(_PASS + "cognito-identity:SetIdentityPoolRoles", "reference",
                                         "cognito-identity.amazonaws.com"),
    "roles-anywhere-profile": _path(
        _PASS + "rolesanywhere:CreateTrustAnchor rolesanywhere:CreateProfile", "reference",
        "rolesanywhere.amazonaws.com"),
    "sso-account-assignment": _path("sso:CreateAccountAssignment", "reference"),
    "sso-permission-set-inline-policy": _path(
        "sso:PutInlinePolicyToPermissionSet sso:ProvisionPermissionSet", "reference"),
    "swap-instance-profile": _path(
        _PASS + "ec2:AssociateIamInstanceProfile", "Bishop Fox", _EC2),
    "delete-permissions-boundary": _path("iam:DeleteRolePermissionsBoundary", "reference"),
    "update-saml-provider": _path("iam:UpdateSAMLProvider", "reference"),
}
