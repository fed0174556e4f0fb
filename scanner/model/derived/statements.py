"""Policies, statements and attachments from everything that carries them: resources and API calls.

One document makes one `Policy`, each of its statements a `Statement`; both carry the address of the resource
that holds the document. A managed policy on a role, user, group or permission set makes an `Attachment`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from scanner.core.errors import SyntaxFault
from scanner.core.location import Location
from scanner.core.projection import alternatives
from scanner.core.subject import ActionGrant, ApiCall, Attachment, Policy, Resource, Statement, Subject
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Unknown, Unmapped, Value, text_of
from scanner.core.world import Guard
from scanner.model.derived.policy_places import (
    API_ATTACHMENTS,
    API_DOCUMENTS,
    ATTACHMENTS,
    DOCUMENTS,
    RESOURCE,
)
from scanner.model.workspace import Workspace

Seen: TypeAlias = dict[tuple[object, ...], Subject]
"""What was stated, by its place and conditions: a document that several resources share makes one Policy."""


def derive(workspace: Workspace) -> None:
    """Add policies, statements and attachments to the inventory."""
    inventory = workspace.inventory
    seen: Seen = {(policy.at, policy.when): policy for policy in inventory.of_kind("Policy")}
    for kind in sorted(inventory.kinds(), key=lambda kind: (kind == _UNBOUND, kind in _WITH_FOLDED, kind)):
        for subject in list(inventory.of_kind(kind)):
            if isinstance(subject, Resource):
                _of_resource(subject, workspace, seen)
    for subject in list(inventory.of_kind("ApiCall")):
        if isinstance(subject, ApiCall):
            _of_call(subject, workspace, seen)


_UNBOUND = "AWS::IAM::PolicyDocument"
"""A document that Terraform states by itself: who holds it says what it is, so it is stated after all holders."""
_WITH_FOLDED = frozenset(("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"))
"""Kinds into which other resources' documents may be folded: the other resource's own statement comes first."""


def _of_resource(resource: Resource, workspace: Workspace, seen: Seen) -> None:
    for path, role in _documents(resource):
        for guard, document in _at_path(resource.properties, path, resource.when):
            if resource.kind != _UNBOUND or not _told(document, seen):
                state_policy(workspace, resource, document, role, guard, seen)
    if resource.kind in ("AWS::Lambda::Permission", "AWS::Lambda::LayerVersionPermission"):
        state_policy(workspace, resource, lambda_permission(resource), RESOURCE, resource.when, seen)
    if resource.kind == "AWS::Events::EventBusPolicy":
        _bus_policy(resource, workspace, seen)
    for path, holder_kind in ATTACHMENTS.get(resource.kind, ()):
        for guard, policy in _at_path(resource.properties, path, resource.when):
            _attach(workspace, resource, policy, holder_kind, guard, seen)


def _documents(resource: Resource) -> tuple[tuple[str, str], ...]:
    """Return (path, role) of the documents of a resource; some policies of an organisation have no statements."""
    found = DOCUMENTS.get(resource.kind, ())
    if resource.kind != "AWS::Organizations::Policy":
        return found
    kind = text_of(resource.get("Type")) or "SERVICE_CONTROL_POLICY"
    if kind == "RESOURCE_CONTROL_POLICY":
        return tuple((path, RESOURCE) for path, _ in found)
    return found if kind == "SERVICE_CONTROL_POLICY" else ()


def _told(document: Value, seen: Seen) -> bool:
    """Tell whether every statement of a document stands in other policies already, which took it as their source."""
    listed = document.get("Statement")
    items = listed.items if isinstance(listed, ListValue) and listed.rest is None else ()
    return bool(items) and all(("statement", item.at) in seen for item in items)


def _of_call(call: ApiCall, workspace: Workspace, seen: Seen) -> None:
    place = API_DOCUMENTS.get((call.service, call.operation))
    if place is not None and not _other_attribute(call):
        for guard, document in _at_path(call.parameters, place[0], call.when):
            state_policy(workspace, call, document, place[1], guard, seen)
    attachment = API_ATTACHMENTS.get(call.operation)
    if attachment is not None:
        for guard, policy in _at_path(call.parameters, attachment[0], call.when):
            _attach(workspace, call, policy, attachment[1], guard, seen)
    if call.service == "cdk" and call.operation == "PolicyStatement":
        state_policy(workspace, call, call.parameters, "", call.when, seen)
    if call.service == "lambda" and call.operation in ("AddPermission", "AddLayerVersionPermission"):
        state_policy(workspace, call, lambda_permission(call), RESOURCE, call.when, seen)


def _other_attribute(call: ApiCall) -> bool:
    """Tell whether a generic set-attributes call sets something else than the policy."""
    name = call.parameters.get("AttributeName")
    return call.operation == "SetTopicAttributes" and text_of(name) not in (None, "Policy")


def _at_path(value: Value, path: str, guard: Guard) -> Iterator[tuple[Guard, Value]]:
    """Yield (guard, value) at a dotted path in which `[]` crosses lists; absent ends yield nothing."""
    name, _, rest = path.partition(".")
    crossing = name.endswith("[]")
    for under, found in alternatives(value.get(name.removesuffix("[]")), guard):
        if isinstance(found, Absent) or (isinstance(found, Scalar) and found.content in (None, "")):
            continue
        if crossing or (not rest and isinstance(found, ListValue)):
            yield from _items(found, rest, under)
        elif rest:
            yield from _at_path(found, rest, under)
        else:
            yield under, found


def _items(found: Value, rest: str, guard: Guard) -> Iterator[tuple[Guard, Value]]:
    items = found.items if isinstance(found, ListValue) else (found,)
    for item in items:
        for under, leaf in alternatives(item, guard):
            if isinstance(leaf, Absent):
                continue
            if rest:
                yield from _at_path(leaf, rest, under)
            else:
                yield under, leaf
    if isinstance(found, ListValue) and found.rest is not None:
        yield guard, found.rest


def state_policy(
    workspace: Workspace, holder: Subject, document: Value, role: str, guard: Guard = (),
    seen: Seen | None = None,
) -> None:
    """Add the policy of one document and its statements; all holders of it get the link `document`.

    `document` may be a mapping, JSON text, or not known. `holder` gives address and scope.
    """
    for under, leaf in alternatives(_read(workspace, document), guard):
        if isinstance(leaf, Absent):
            continue
        at = _place(leaf, document, holder)
        key = (at, under)
        if seen is not None and at.path and key in seen:
            workspace.inventory.link(holder, "document", seen[key])
            continue
        policy = Policy(
            declared_at(holder, at), at, leaf, role or _role_by_content(leaf), holder.scope, holder=holder, when=under,
            related=((f"{holder.kind} {holder.address}", holder.at), *holder.related), dialect=holder.dialect,
            environment=holder.environment,
        )
        policy.existence, policy.peer_suppressions = holder.existence, holder.peer_suppressions
        workspace.inventory.add(policy)
        workspace.inventory.link(holder, "document", policy)
        if seen is not None and at.path:
            seen[key] = policy
        policy.statements = tuple(_statements(policy, under))
        for statement in policy.statements:
            workspace.inventory.add(statement)
            if seen is not None:
                seen[("statement", statement.at)] = statement
            for entry in _entries(statement):
                workspace.inventory.add(entry)


def declared_at(holder: Subject, at: Location) -> str:
    """Return the address of the declaration in which a document stands: the holder's, or one folded into it."""
    return holder.declared_at(at) if isinstance(holder, Resource) else holder.address


def _place(leaf: Value, document: Value, holder: Subject) -> Location:
    for candidate in (leaf, document):
        if candidate.at.path:
            return candidate.at
    return holder.at


def _read(workspace: Workspace, document: Value) -> Value:
    """Return the document of a JSON text; other values as they are. Text that is no JSON is noted and unknown."""
    text = isinstance(document, Scalar) and isinstance(document.content, str)
    if not text and not (isinstance(document, Unknown) and document.parts):
        return document
    from scanner.model.values import embedded_values

    try:
        found = embedded_values(document, "json")
    except SyntaxFault as fault:
        if text:
            message = f"the policy text is not JSON: {fault.message}"
            workspace.note("warning", "policy-syntax", message, fault.at, fault.hint)
        return Unknown("the policy text does not parse as JSON", document.at)
    return found[0] if found else document


def _role_by_content(document: Value) -> str:
    """Return what a document without a known use must be: a trust, resource or identity policy, or nothing."""
    statements = document.get("Statement")
    items = statements.items if isinstance(statements, ListValue) else (statements,)
    role = ""
    for item in items:
        if not isinstance(item, MapValue):
            continue
        if "Principal" in item.entries or "NotPrincipal" in item.entries:
            return "trust" if _assumes(item) and "Resource" not in item.entries else RESOURCE
        role = "identity"
    return role


def _assumes(item: MapValue) -> bool:
    action = item.get("Action")
    actions = action.items if isinstance(action, ListValue) else (action,)
    texts = [text_of(entry) or "" for entry in actions]
    return bool(texts) and all(text.lower().startswith("sts:") for text in texts)


def _statements(policy: Policy, guard: Guard) -> Iterator[Statement]:
    index = 0
    for under, found in alternatives(policy.document.get("Statement"), guard):
        items = found.items if isinstance(found, ListValue) else (found,)
        for item in items:
            for deeper, leaf in alternatives(item, under):
                if isinstance(leaf, (MapValue, Unknown)):
                    yield _statement(policy, index, leaf, deeper)
                    index += 1
        if isinstance(found, ListValue) and found.rest is not None:
            yield _statement(policy, index, found.rest, under)
            index += 1


def _statement(policy: Policy, index: int, element: Value, guard: Guard) -> Statement:
    statement = Statement(
        policy, index, element, holder=policy.holder, when=guard, related=policy.related, dialect=policy.dialect,
        environment=policy.environment,
    )
    statement.existence, statement.peer_suppressions = policy.existence, policy.peer_suppressions
    if not statement.at.path:
        statement.at = policy.at
    return statement


def _entries(statement: Statement) -> Iterator[ActionGrant]:
    """Yield the entries of an allowing statement's Action."""
    effect = statement.element.get("Effect")
    if isinstance(effect, Scalar) and effect.content != "Allow":
        return
    for guard, action in _at_path(statement.element, "Action", statement.when):
        entry = ActionGrant(
            statement, action, action.at if action.at.path else statement.at, holder=statement.holder, when=guard,
            related=statement.related, dialect=statement.dialect, environment=statement.environment,
        )
        entry.existence, entry.peer_suppressions = statement.existence, statement.peer_suppressions
        yield entry


def lambda_permission(grant: Subject) -> MapValue:
    """Return the policy document that a Lambda permission (resource or AddPermission call) amounts to."""
    read = grant.parameters.get if isinstance(grant, ApiCall) else grant.get
    at = grant.at
    principal = read("Principal")
    text = text_of(principal)
    if text is not None and text != "*":
        kind = "Service" if text.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "AWS"
        principal = MapValue({kind: principal}, principal.at)
    entries: dict[str, Value] = {"Effect": Scalar("Allow", at, defaulted=True), "Principal": principal}
    entries["Action"] = read("Action")
    function = read("FunctionName")
    if not isinstance(function, Scalar) or str(function.content).startswith("arn:"):
        entries["Resource"] = function    # the name of a function is no resource that a policy could state
    conditions: dict[str, Value] = {}
    for key, operator, condition in (
        ("SourceAccount", "StringEquals", "aws:SourceAccount"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        ("OrganizationId", "StringEquals", "aws:PrincipalOrgID"), ("SourceArn", "ArnLike", "aws:SourceArn"),
        ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
        ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
    ):
        value = read(key)
        if not isinstance(value, (Absent, Unmapped)):
            inside = conditions.setdefault(operator, MapValue({}, value.at))
            if isinstance(inside, MapValue):
                inside.entries[condition] = value
                inside.conditional = inside.conditional or value.conditional
    if conditions:
        entries["Condition"] = MapValue(conditions, at)
    kept = {key: value for key, value in entries.items() if not isinstance(value, Absent)}
    element = MapValue(kept, at)
    return MapValue({"Version": Scalar("2012-10-17", at, defaulted=True), "Statement": element}, at)


def _bus_policy(resource: Resource, workspace: Workspace, seen: Seen) -> None:
    """State the policy of an event bus: a whole statement, or principal and action apart."""
    statement = resource.get("Statement")
    if isinstance(statement, MapValue) and "Statement" in statement.entries:    # Terraform states the whole policy
        state_policy(workspace, resource, statement, RESOURCE, resource.when, seen)
        return
    if not isinstance(statement, MapValue):
        principal = resource.get("Principal")
        if isinstance(principal, Absent):
            return
        if text_of(principal) not in (None, "*"):
            principal = MapValue({"AWS": principal}, principal.at)
        entries = {"Effect": Scalar("Allow", resource.at), "Principal": principal, "Action": resource.get("Action")}
        condition = resource.get("Condition")
        if isinstance(condition, MapValue):
            key = {text_of(condition.get("Key")) or "aws:PrincipalOrgID": condition.get("Value")}
            operator = text_of(condition.get("Type")) or "StringEquals"
            entries["Condition"] = MapValue({operator: MapValue(dict(key), condition.at)}, condition.at)
        statement = MapValue(entries, resource.at)
    entries = {"Version": Scalar("2012-10-17", statement.at, defaulted=True), "Statement": statement}
    state_policy(workspace, resource, MapValue(entries, statement.at), RESOURCE, resource.when, seen)


def _attach(
    workspace: Workspace, holder: Subject, policy: Value, holder_kind: str, guard: Guard, seen: Seen,
) -> None:
    if isinstance(policy, Unknown) and policy.present is None and policy.at == holder.at:
        return    # it stands nowhere: nobody says that there is one
    at = policy.at if policy.at.path else holder.at
    key = (at, guard, "attachment", text_of(policy))
    if key in seen:
        return
    made = seen[key] = Attachment(
        declared_at(holder, at), at, policy, policy_name(policy), holder_kind, holder.scope, holder=holder, when=guard,
        related=((f"{holder.kind} {holder.address}", holder.at), *holder.related), dialect=holder.dialect,
        environment=holder.environment,
    )
    made.existence, made.peer_suppressions = holder.existence, holder.peer_suppressions
    workspace.inventory.add(made)


def policy_name(policy: Value) -> str:
    """Return the name at the end of a policy ARN, also when account or partition are not known; else nothing."""
    text = text_of(policy)
    if text is None and isinstance(policy, Unknown) and policy.parts:
        last = policy.parts[-1]
        text = last if isinstance(last, str) else None
    if not text:
        return ""
    if "policy/" in text:
        return text.rsplit("/", 1)[-1]
    return "" if "/" in text or ":" in text else text
