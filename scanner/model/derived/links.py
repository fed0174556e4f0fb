"""Links between subjects that their properties state: by reference, by ARN, and by equal literal names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from scanner.core.projection import alternatives
from scanner.core.subject import Policy, Subject
from scanner.core.value import ListValue, MapValue, Unknown, Value, text_of
from scanner.model.documents import items
from scanner.model.workspace import Workspace

NAME_PROPERTIES = {
    "AWS::IAM::Role": "RoleName", "AWS::CodeBuild::Project": "Name", "AWS::S3::Bucket": "BucketName",
    "AWS::ECS::TaskDefinition": "Family", "AWS::Lambda::Function": "FunctionName",
    "AWS::CodePipeline::Pipeline": "Name",
    "AWS::SSM::Parameter": "Name", "AWS::ECR::Repository": "RepositoryName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName", "AWS::CodeCommit::Repository": "RepositoryName",
    "AWS::ECS::Cluster": "ClusterName", "AWS::ECS::Service": "ServiceName", "AWS::CodeBuild::Fleet": "Name",
    "AWS::CodeDeploy::Application": "ApplicationName", "AWS::CodeDeploy::DeploymentGroup": "DeploymentGroupName",
    "AWS::SecretsManager::Secret": "Name",
}


class Relation(NamedTuple):
    """Subjects of `kind` have, at `route` (`*` crosses a list or a mapping), the `relation` to `target`s."""

    kind: str
    route: tuple[str, ...]
    relation: str
    target: str


RELATIONS = (
    Relation("AWS::CodeBuild::Project", ("ServiceRole",), "role", "AWS::IAM::Role"),
    Relation("AWS::CodeBuild::Project", ("Environment", "Fleet", "FleetArn"), "fleet", "AWS::CodeBuild::Fleet"),
    Relation("AWS::CodeBuild::Project", ("Cache", "Location"), "cache-bucket", "AWS::S3::Bucket"),
    Relation("AWS::CodePipeline::Pipeline", ("RoleArn",), "role", "AWS::IAM::Role"),
    Relation("AWS::CodePipeline::Pipeline", ("Stages", "*", "Actions", "*", "RoleArn"), "action-role",
             "AWS::IAM::Role"),
    Relation("AWS::CodePipeline::Pipeline", ("Stages", "*", "Actions", "*", "Configuration", "RoleArn"), "deploy-role",
             "AWS::IAM::Role"),
    Relation("PipelineAction", ("Configuration", "RoleArn"), "deploy-role", "AWS::IAM::Role"),
    Relation("AWS::CodePipeline::Pipeline", ("Stages", "*", "Actions", "*", "Configuration", "ProjectName"), "project",
             "AWS::CodeBuild::Project"),
    Relation("AWS::CodePipeline::Pipeline", ("Stages", "*", "Actions", "*", "Configuration", "FunctionName"),
             "function", "AWS::Lambda::Function"),
    Relation("AWS::CodePipeline::Pipeline", ("Stages", "*", "Actions", "*", "Configuration", "S3Bucket"),
             "source-bucket", "AWS::S3::Bucket"),
    Relation("AWS::CodePipeline::Pipeline", ("ArtifactStore", "Location"), "artifact-bucket", "AWS::S3::Bucket"),
    Relation("AWS::CodePipeline::Pipeline", ("ArtifactStores", "*", "ArtifactStore", "Location"), "artifact-bucket",
             "AWS::S3::Bucket"),
    Relation("AWS::CodePipeline::Webhook", ("TargetPipeline",), "pipeline", "AWS::CodePipeline::Pipeline"),
    Relation("AWS::CodeDeploy::DeploymentGroup", ("ServiceRoleArn",), "role", "AWS::IAM::Role"),
    Relation("AWS::CodeDeploy::DeploymentGroup", ("ApplicationName",), "application", "AWS::CodeDeploy::Application"),
    Relation("AWS::ECS::TaskDefinition", ("TaskRoleArn",), "role", "AWS::IAM::Role"),
    Relation("AWS::ECS::TaskDefinition", ("ExecutionRoleArn",), "execution-role", "AWS::IAM::Role"),
    Relation("AWS::ECS::Service", ("TaskDefinition",), "task-definition", "AWS::ECS::TaskDefinition"),
    Relation("AWS::ECS::Service", ("Cluster",), "cluster", "AWS::ECS::Cluster"),
    Relation("AWS::Lambda::Function", ("Role",), "role", "AWS::IAM::Role"),
    Relation("AWS::SageMaker::NotebookInstance", ("RoleArn",), "role", "AWS::IAM::Role"),
    Relation("AWS::EC2::Instance", ("IamInstanceProfile",), "instance-profile", "AWS::IAM::InstanceProfile"),
    Relation("AWS::IAM::InstanceProfile", ("Roles", "*"), "role", "AWS::IAM::Role"),
    Relation("AWS::IAM::Role", ("ManagedPolicyArns", "*"), "policy-resource", "AWS::IAM::ManagedPolicy"),
    Relation("AWS::S3::BucketPolicy", ("Bucket",), "bucket", "AWS::S3::Bucket"),
    Relation("GitHubWorkflow", ("jobs", "*", "steps", "*", "with", "role-to-assume"), "role", "AWS::IAM::Role"),
)
ATTACHING = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


def derive(workspace: Workspace) -> None:
    """State every link of the table, and roles to their policies."""
    for relation in RELATIONS:
        for subject in list(workspace.inventory.of_kind(relation.kind)):
            for value in _at(subject.get(relation.route[0]), relation.route[1:]):
                for target in targets(workspace, subject, value, relation.target):
                    workspace.inventory.link(subject, relation.relation, target)
    _policies(workspace)


def _at(value: Value, route: tuple[str, ...]) -> Iterator[Value]:
    """Yield the values at a route; both branches of open conditions."""
    for _, known in alternatives(value):
        if not route:
            yield known
        elif route[0] == "*":
            inner = known.entries.values() if isinstance(known, MapValue) else items(known)
            for item in inner if isinstance(known, (ListValue, MapValue)) else ():
                yield from _at(item, route[1:])
        elif isinstance(known, MapValue):
            yield from _at(known.get(route[0]), route[1:])


def targets(workspace: Workspace, subject: Subject, value: Value, kind: str) -> list[Subject]:
    """Return the subjects of `kind` that a value refers to or names."""
    found: list[Subject] = []
    if isinstance(value, Unknown):
        for reference in value.references():
            target = workspace.inventory.target(subject, reference)
            if target is not None and target.kind == kind:
                found.append(target)
        return found
    return named(workspace, kind, text_of(value) or "")


def named(workspace: Workspace, kind: str, name: str) -> list[Subject]:
    """Return the subjects of `kind` with this name; `name` may be an ARN, a path or `family:revision`."""
    if not name:
        return []
    if name.startswith("arn:"):
        name = name.split(":", 5)[-1]
        if kind == "AWS::Lambda::Function":
            name = name.removeprefix("function:")
    short = name.rsplit("/", 1)[-1] if kind != "AWS::SSM::Parameter" else name
    if kind in ("AWS::ECS::TaskDefinition", "AWS::Lambda::Function"):
        short = short.split(":", 1)[0]
    if kind == "AWS::S3::Bucket":
        short = name.split("/", 1)[0]
    property_name = NAME_PROPERTIES.get(kind, "Name")
    return [found for found in workspace.inventory.of_kind(kind) if text_of(found.get(property_name)) == short]


def _policies(workspace: Workspace) -> None:
    """Link roles to the Policy subjects that apply to them: their own, attached resources, attached by name."""
    inventory = workspace.inventory
    _attachments(workspace)
    for role in inventory.of_kind("AWS::IAM::Role"):
        for policy in inventory.linked(role, "document"):
            trusts = isinstance(policy, Policy) and policy.role == "trust"
            inventory.link(role, "trust-policy" if trusts else "policy", policy)
        for resource in inventory.linked(role, "policy-resource"):
            for policy in inventory.linked(resource, "document"):
                inventory.link(role, "policy", policy)


def _attachments(workspace: Workspace) -> None:
    """Link roles to the policy resources that name them."""
    for kind in ATTACHING:
        for resource in workspace.inventory.of_kind(kind):
            for value in [*_at(resource.get("Roles"), ("*",)), *_at(resource.get("RoleName"), ())]:
                for role in targets(workspace, resource, value, "AWS::IAM::Role"):
                    workspace.inventory.link(role, "policy-resource", resource)
