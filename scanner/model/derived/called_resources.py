"""Resources from API calls that create or change one: `aws rds create-db-instance`, `s3.put_bucket_acl(...)`.

Such a call states properties as a template does, so the rules for resources judge it too. A call that creates says all
that its operation can say: what it leaves out has the service's default. What only other operations can set, and what
a changing call leaves out, is unmapped: another call may have said it. Calls about one name in one file are one
resource. Parameter names: the API references of the services, November 2026; properties: CloudFormation's reference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from scanner.core.subject import ApiCall, Resource
from scanner.core.value import MapValue, Scalar, Value, text_of
from scanner.model.documents import respelled
from scanner.model.workspace import Workspace


class Operation(NamedTuple):
    """What an operation says about a resource.

    `identity` is the API parameter that names the resource, empty when every call makes one of its own; `names` maps
    parameters to properties where they differ;
    `only` are the parameters taken when the rest is not about the resource. `creates` tells that what is left out has
    its default, apart from `elsewhere`: properties that other operations set. `excluded` are properties under which a
    call with an ACL would fail, so they are not set. `raised` tells that the API spells in lowerCamel what
    CloudFormation spells in UpperCamel.
    """

    kind: str
    identity: str
    creates: bool = False
    names: dict[str, str] = {}
    only: frozenset[str] | None = None
    elsewhere: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    raised: bool = False


_RDS = {
    "VpcSecurityGroupIds": "VPCSecurityGroups",
    "EnableIamDatabaseAuthentication": "EnableIAMDatabaseAuthentication",
}
_BUCKET = {"ACL": "AccessControl", "Bucket": "BucketName"}
# S3 refuses a public ACL where ACLs are off or public access is blocked
_NO_BLOCK = frozenset(("PublicAccessBlockConfiguration", "OwnershipControls"))
_TRAIL = {"Name": "TrailName", "KmsKeyId": "KMSKeyId"}
_URL = {"FunctionName": "TargetFunctionArn"}
_APPROVAL = {"approvalRuleTemplateName": "Name", "approvalRuleTemplateContent": "Content", "newRuleContent": "Content"}
_DEPLOYMENT = "AWS::CodeDeploy::Deployment"
_BUILD = {"buildspec": "BuildSpec", "projectVisibility": "Visibility"}

OPERATIONS: dict[tuple[str, str], Operation] = {
    ("s3api", "CreateBucket"): Operation(
        "AWS::S3::Bucket", "Bucket", names=_BUCKET, only=frozenset(_BUCKET), excluded=_NO_BLOCK),
    ("s3api", "PutBucketAcl"): Operation(
        "AWS::S3::Bucket", "Bucket", names=_BUCKET, only=frozenset(_BUCKET), excluded=_NO_BLOCK),
    ("s3api", "PutPublicAccessBlock"): Operation("AWS::S3::Bucket", "Bucket", names=_BUCKET),
    ("s3api", "PutBucketVersioning"): Operation(
        "AWS::S3::Bucket", "Bucket", names=_BUCKET, only=frozenset(("VersioningConfiguration", "Bucket"))),
    ("rds", "CreateDBInstance"): Operation("AWS::RDS::DBInstance", "DBInstanceIdentifier", True, _RDS),
    ("rds", "ModifyDBInstance"): Operation("AWS::RDS::DBInstance", "DBInstanceIdentifier", False, _RDS),
    ("rds", "CreateDBCluster"): Operation("AWS::RDS::DBCluster", "DBClusterIdentifier", True, _RDS),
    ("rds", "ModifyDBCluster"): Operation("AWS::RDS::DBCluster", "DBClusterIdentifier", False, _RDS),
    ("redshift", "CreateCluster"): Operation(
        "AWS::Redshift::Cluster", "ClusterIdentifier", True, elsewhere=frozenset(("LoggingProperties",))),
    ("redshift", "ModifyCluster"): Operation("AWS::Redshift::Cluster", "ClusterIdentifier"),
    ("efs", "CreateFileSystem"): Operation(
        "AWS::EFS::FileSystem", "CreationToken", True,
        elsewhere=frozenset(("BackupPolicy", "LifecyclePolicies", "FileSystemPolicy"))),
    ("ecr", "CreateRepository"): Operation(
        "AWS::ECR::Repository", "repositoryName", True, raised=True,
        elsewhere=frozenset(("LifecyclePolicy", "RepositoryPolicyText"))),
    ("ecr", "PutImageTagMutability"): Operation("AWS::ECR::Repository", "repositoryName", raised=True),
    ("ecr", "PutImageScanningConfiguration"): Operation("AWS::ECR::Repository", "repositoryName", raised=True),
    ("codebuild", "CreateProject"): Operation(
        "AWS::CodeBuild::Project", "name", True, _BUILD, raised=True, elsewhere=frozenset(("Triggers", "Visibility"))),
    ("codebuild", "UpdateProject"): Operation("AWS::CodeBuild::Project", "name", False, _BUILD, raised=True),
    ("lambda", "CreateFunctionUrlConfig"): Operation("AWS::Lambda::Url", "FunctionName", True, _URL),
    ("lambda", "UpdateFunctionUrlConfig"): Operation("AWS::Lambda::Url", "FunctionName", False, _URL),
    ("cloudtrail", "CreateTrail"): Operation(
        "AWS::CloudTrail::Trail", "Name", True, _TRAIL,
        elsewhere=frozenset(("IsLogging", "EventSelectors", "AdvancedEventSelectors", "InsightSelectors"))),
    ("cloudtrail", "UpdateTrail"): Operation("AWS::CloudTrail::Trail", "Name", False, _TRAIL),
    ("codecommit", "CreateApprovalRuleTemplate"): Operation(
        "AWS::CodeCommit::ApprovalRuleTemplate", "approvalRuleTemplateName", True, _APPROVAL, raised=True),
    ("codecommit", "UpdateApprovalRuleTemplateContent"): Operation(
        "AWS::CodeCommit::ApprovalRuleTemplate", "approvalRuleTemplateName", False, _APPROVAL, raised=True,
        only=frozenset(_APPROVAL)),
    ("deploy", "CreateDeployment"): Operation(_DEPLOYMENT, "", True, raised=True),
    ("iam", "CreateServiceSpecificCredential"): Operation("AWS::IAM::ServiceSpecificCredential", "", True),
}
MAX_RESOURCES = 5_000


def derive(workspace: Workspace) -> None:
    """State a resource for every call of the table; later calls about the same name add to it."""
    made: dict[tuple[str, str, str], Resource] = {}
    for call in list(workspace.inventory.of_kind("ApiCall")):
        operation = OPERATIONS.get((call.service, call.operation)) if isinstance(call, ApiCall) else None
        if operation is None or not isinstance(call, ApiCall):
            continue
        if len(made) >= MAX_RESOURCES:
            message = f"more than {MAX_RESOURCES} resources are created by calls: the rest is not judged as resources"
            workspace.note("warning", "too-many-called-resources", message)
            return
        name = text_of(call.parameters.get(operation.identity))
        key = (call.scope, operation.kind, name or f"{call.address}#{len(made)}")
        if key in made:
            _extend(made[key], _entries(call, operation))
        elif not _stated_by_file(workspace, call, operation):
            made[key] = _resource(call, operation, name)
            workspace.inventory.add(made[key])


def _stated_by_file(workspace: Workspace, call: ApiCall, operation: Operation) -> bool:
    """Tell whether the call reads its deployment from a file (`file://`) that a dialect has stated already."""
    if operation.kind != _DEPLOYMENT:
        return False
    revision = call.parameters.get("revision")
    return any(found.get("Revision").at == revision.at for found in workspace.inventory.of_kind(_DEPLOYMENT))


def _resource(call: ApiCall, operation: Operation, name: str | None) -> Resource:
    """Return the resource that a call creates or changes."""
    entries = _entries(call, operation)
    properties = MapValue(entries, call.at, rest=call.parameters.rest, unmapped=_left_open(entries, call, operation))
    return Resource(
        operation.kind, name or f"{call.address} {call.operation}", call.at, properties, call.scope,
        holder=call, when=call.when, related=call.related, dialect=call.dialect, environment=call.environment,
    )


def _left_open(entries: dict[str, Value], call: ApiCall, operation: Operation) -> Callable[[str], str | None]:
    """Return the function that says why a property the call leaves out is not known; None for a default."""

    def reason(key: str) -> str | None:
        known = operation.creates and key not in operation.elsewhere
        if key in entries or known or ("AccessControl" in entries and key in operation.excluded):
            return None
        return f"{call.operation} does not say; another call may set it"

    return reason


def _entries(call: ApiCall, operation: Operation) -> dict[str, Value]:
    """Return the properties that a call states, in CloudFormation's spelling."""
    entries: dict[str, Value] = {}
    for parameter, value in call.parameters.entries.items():
        if operation.only is not None and parameter not in operation.only:
            continue
        raised = parameter[:1].upper() + parameter[1:] if operation.raised else parameter
        name = operation.names.get(parameter, raised)
        entries[name] = respelled(value, operation.names) if operation.raised else value
    if operation.kind == "AWS::S3::Bucket" and "AccessControl" in entries:
        entries["AccessControl"] = _canned(entries["AccessControl"])
    if operation.kind == _DEPLOYMENT and "GitHubLocation" in entries:    # an option that only the CLI has
        place = entries.pop("GitHubLocation")
        stated: dict[str, Value] = {"RevisionType": Scalar("GitHub", place.at), "GitHubLocation": place}
        entries.setdefault("Revision", MapValue(stated, place.at))
    return entries


def _canned(value: Value) -> Value:
    """Return `PublicRead` for `public-read`."""
    text = text_of(value)
    return Scalar("".join(part.capitalize() for part in text.split("-")), value.at) if text else value


def _extend(resource: Resource, entries: dict[str, Value]) -> None:
    """Let a later call about the same resource have its say."""
    resource.properties.entries.update(entries)
    resource.properties.conditional = any(entry.conditional for entry in resource.properties.entries.values())
