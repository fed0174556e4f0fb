"""The iam-policy dialect: JSON (or YAML) files that hold IAM policies in any wrapping.

A file may be the document itself, a list of documents, or what the AWS CLI prints: `get-policy-version`, `get-role`,
`get-role-policy`, `get-bucket-policy` (a document as text), `get-account-authorization-details` and the like. Every
mapping with a `Statement` makes a `Policy`; its address is the name that the wrapping gives it, else the path.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.core.artifact import Artifact
from scanner.core.errors import SyntaxFault
from scanner.core.location import Location
from scanner.core.subject import Attachment, Policy, Resource
from scanner.core.value import ListValue, MapValue, Scalar, Value, text_of
from scanner.model.derived.policy_places import BOUNDARY, IDENTITY, RESOURCE, SCP, TRUST
from scanner.model.derived.statements import policy_name, state_policy
from scanner.model.values import embedded_values, value_of
from scanner.model.workspace import Workspace

DIALECT = "iam-policy"
MAX_DEPTH = 24

_ROLES = {
    # key under which a document stands -> role of the policy, where the key tells
    "AssumeRolePolicyDocument": TRUST, "PolicyDocument": "", "Document": IDENTITY, "ResourcePolicy": RESOURCE,
    "policyText": RESOURCE, "KeyPolicy": RESOURCE, "Policy": "", "policy": "", "Content": SCP,
    "PermissionsBoundary": BOUNDARY, "AccessPolicies": RESOURCE, "InlinePolicy": IDENTITY,
}
_NAMES = ("PolicyName", "RoleName", "UserName", "GroupName", "Arn", "Name")
_LISTS = {"RoleDetailList": "role", "UserDetailList": "user", "GroupDetailList": "group"}


def state(artifacts: list[Artifact], workspace: Workspace) -> None:
    """State every policy in the artifacts; a file without one becomes a policy whose faults rules report."""
    for artifact in artifacts:
        nodes = workspace.nodes(artifact)
        for node in nodes:
            _state_document(workspace, artifact, value_of(node))
        if not nodes:
            at = Location(artifact.path, 1, 1, 1, 2)
            workspace.inventory.add(Policy(
                artifact.path, at, Scalar(None, at), "", artifact.path, dialect=DIALECT))


def _state_document(workspace: Workspace, artifact: Artifact, value: Value) -> None:
    line, column = value.at.start_line, value.at.start_column
    at = Location(artifact.path, line, column, line, column + 1)
    stated = False
    for document, role, name in _documents(value, "", artifact.path, 0):
        stated = True
        holder = Resource("PolicyDocument", name, at, MapValue({}, at), artifact.path, dialect=DIALECT)
        state_policy(workspace, holder, document, role)
    for attachment in _attachments(value, artifact.path, at):
        workspace.inventory.add(attachment)
    if not stated:
        workspace.inventory.add(Policy(artifact.path, at, value, "", artifact.path, dialect=DIALECT))


def _documents(value: Value, role: str, name: str, depth: int) -> Iterator[tuple[Value, str, str]]:
    """Yield (document, role, name) for every policy document below a value; old versions are left out."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, ListValue):
        for item in value.items:
            yield from _documents(item, role, name, depth + 1)
        return
    if not isinstance(value, MapValue):
        return
    if "Statement" in value.entries:
        yield value, role, name
        return
    default = value.get("IsDefaultVersion")
    if isinstance(default, Scalar) and default.content is False:
        return
    named = next((text for key in _NAMES if (text := text_of(value.get(key)))), name)
    for key, entry in value.entries.items():
        inner = _decoded(entry) if key in _ROLES else entry
        yield from _documents(inner, _ROLES.get(key, role), named, depth + 1)


def _decoded(entry: Value) -> Value:
    """Return the document in a text value (plain or URL-encoded, as the API sends it); other values as they are."""
    text = text_of(entry)
    if text is None or not isinstance(entry, Scalar):
        return entry
    head = text.lstrip()[:3].upper()
    if head == "%7B":
        from urllib.parse import unquote

        entry = Scalar(unquote(text), entry.at, quoted=True)
    elif not head.startswith("{"):
        return entry
    try:
        found = embedded_values(entry, "json")
    except SyntaxFault:
        return entry
    return found[0] if found else entry


def _attachments(value: Value, scope: str, at: Location) -> Iterator[Attachment]:
    """Yield the managed policies attached in an account's authorization details."""
    for key, holder_kind in _LISTS.items():
        details = value.get(key)
        if not isinstance(details, ListValue):
            continue
        for detail in details.items:
            attached = detail.get("AttachedManagedPolicies")
            name = next((text for key in _NAMES[1:4] if (text := text_of(detail.get(key)))), scope)
            for entry in attached.items if isinstance(attached, ListValue) else ():
                arn = entry.get("PolicyArn")
                place = arn.at if arn.at.path else at
                yield Attachment(name, place, arn, policy_name(arn), holder_kind, scope, dialect=DIALECT)
