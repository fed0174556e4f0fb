"""Types whose translation is more than names: blocks that are several resources, flat families of arguments."""

from __future__ import annotations

from collections.abc import Callable

from scanner.core.value import Absent, ListValue, MapValue, Reference, Scalar, Unknown, text_of
from scanner.model.terraform.domain import settled
from scanner.model.terraform.drafts import Draft
from scanner.model.terraform.networks import NETWORKS
from scanner.model.terraform.shape import Many, Shape
from scanner.model.terraform.transforms import transformed

_INLINE_POLICIES = {
    "aws_s3_bucket": ("AWS::S3::BucketPolicy", "Bucket", "PolicyDocument"),
    "aws_sqs_queue": ("AWS::SQS::QueuePolicy", "Queues[]", "PolicyDocument"),
    "aws_sns_topic": ("AWS::SNS::TopicPolicy", "Topics[]", "PolicyDocument"),
    "aws_secretsmanager_secret": ("AWS::SecretsManager::ResourcePolicy", "SecretId", "ResourcePolicy"),
}
_FEEDBACK = ("application", "firehose", "http", "lambda", "sqs")


def special_drafts(draft: Draft) -> list[Draft]:
    """Return the draft, changed or split where its type needs it."""
    make = _SPECIAL.get(draft.provider_type)
    made = make(draft) if make is not None else [draft]
    inline = _INLINE_POLICIES.get(draft.provider_type)
    if inline is not None and "policy" in draft.arguments.entries:
        made.append(_inline_policy(draft, *inline))
    return made


def _inline_policy(draft: Draft, kind: str, holder: str, document: str) -> Draft:
    """Return the policy resource that an inline `policy` argument means."""
    made = draft.copy(kind)
    at = draft.arguments.key_at("policy")
    made.shape = Shape(at)
    reference = Unknown(f"{draft.address}.id is known after it is applied", at, refers=Reference(draft.address, "id"))
    made.shape.put(holder, reference if not holder.endswith("[]") else ListValue((reference,), at), at)
    made.shape.put(document, settled(transformed(draft.arguments.entries["policy"], "json")), at)
    return made


def _vpn(draft: Draft) -> list[Draft]:
    """Arguments `tunnel1_*` and `tunnel2_*`: one list item a tunnel."""
    many = Many(draft.at)
    for prefix in ("tunnel1_", "tunnel2_"):
        shape = Shape(draft.at)
        for name, value in draft.arguments.entries.items():
            target = _TUNNEL.get(name.removeprefix(prefix)) if name.startswith(prefix) else None
            if target is None:
                continue
            path, _, how = target.partition(" | ")
            shape.put(path, settled(transformed(value, how) if how else value), draft.arguments.key_at(name))
            shape.at = draft.arguments.key_at(name)
        if shape.fields:
            many.items.append(shape)
    draft.shape.fields.pop("VpnTunnelOptionsSpecifications", None)
    if many.items:
        draft.shape.fields["VpnTunnelOptionsSpecifications"] = many
        draft.shape.keys_at["VpnTunnelOptionsSpecifications"] = draft.at
    return [draft]


_TUNNEL = {
    "ike_versions": "IKEVersions | names Value", "preshared_key": "PreSharedKey", "inside_cidr": "TunnelInsideCidr",
    "dpd_timeout_action": "DPDTimeoutAction", "dpd_timeout_seconds": "DPDTimeoutSeconds",
    "startup_action": "StartupAction", "phase1_encryption_algorithms": "Phase1EncryptionAlgorithms | names Value",
    "phase2_encryption_algorithms": "Phase2EncryptionAlgorithms | names Value",
    "phase1_dh_group_numbers": "Phase1DHGroupNumbers | names Value",
    "phase2_dh_group_numbers": "Phase2DHGroupNumbers | names Value",
    "phase1_integrity_algorithms": "Phase1IntegrityAlgorithms | names Value",
    "phase2_integrity_algorithms": "Phase2IntegrityAlgorithms | names Value",
    "log_options": "LogOptions | tunnel-logs",
}


def _topic(draft: Draft) -> list[Draft]:
    """Delivery feedback: five families of flat arguments become a list with an entry for each protocol."""
    many = Many(draft.at)
    for protocol in _FEEDBACK:
        shape = Shape(draft.at)
        for name, target in (("success_feedback_role_arn", "SuccessFeedbackRoleArn"),
                             ("failure_feedback_role_arn", "FailureFeedbackRoleArn"),
                             ("success_feedback_sample_rate", "SuccessFeedbackSampleRate")):
            full = f"{protocol}_{name}"
            if full in draft.arguments.entries:
                shape.put(target, settled(draft.arguments.entries[full]), draft.arguments.key_at(full))
        if shape.fields:
            shape.at = next(iter(shape.keys_at.values()))
            shape.put("Protocol", Scalar("http/s" if protocol == "http" else protocol, shape.at), shape.at)
            many.items.append(shape)
    draft.shape.fields.pop("DeliveryStatusLogging", None)
    if many.items:
        draft.shape.fields["DeliveryStatusLogging"] = many
        draft.shape.keys_at["DeliveryStatusLogging"] = draft.at
    return [draft]


def _method_settings(draft: Draft) -> list[Draft]:
    """`method_path` holds path and method: `*/*` means all methods of the stage."""
    text = text_of(draft.arguments.get("method_path"))
    many = draft.shape.fields.get("MethodSettings")
    if text is not None and isinstance(many, Many) and many.shared is not None:
        path, _, method = text.rpartition("/")
        at = draft.arguments.key_at("method_path")
        shown = "/*" if path == "*" else "/" + path.lstrip("/").replace("~1", "/")
        many.shared.put("ResourcePath", Scalar(shown, at), at)
        many.shared.put("HttpMethod", Scalar(method, at), at)
    return [draft]


def _kinesis(draft: Draft) -> list[Draft]:
    """A key without `encryption_type` does nothing."""
    found = draft.shape.fields.get("StreamEncryption")
    if isinstance(found, Shape) and "EncryptionType" not in found.fields:
        del draft.shape.fields["StreamEncryption"]
    return [draft]


def _key_schema(draft: Draft) -> list[Draft]:
    """DynamoDB: `hash_key` and `range_key` as a key schema."""
    many = Many(draft.at)
    for name, kind in (("hash_key", "HASH"), ("range_key", "RANGE")):
        value = draft.arguments.get(name)
        if not isinstance(value, Absent):
            at = draft.arguments.key_at(name)
            many.items.append(MapValue({"AttributeName": settled(value), "KeyType": Scalar(kind, at)}, at))
    if many.items:
        draft.shape.fields["KeySchema"] = many
        draft.shape.keys_at["KeySchema"] = draft.arguments.key_at("hash_key")
    return [draft]


def _attached_rule_group(draft: Draft) -> list[Draft]:
    """WAF: `override_action` is a word here, an object with that name in CloudFormation; `none` by default."""
    given = settled(draft.arguments.get("override_action"))
    at = draft.arguments.key_at("override_action")
    word = "none" if isinstance(given, Absent) else text_of(given)
    for rule in _shapes(draft.shape, "Rules"):
        if word is None:
            rule.put("OverrideAction", given, at)
        else:
            rule.put(f"OverrideAction.{word.capitalize()}", MapValue({}, at), at)
    return [draft]


def _policy_attachment(draft: Draft) -> list[Draft]:
    """A managed policy attached to lists of roles, users and groups: each list is a holder of the policy."""
    made = [draft]
    policy = draft.arguments.get("policy_arn")
    at = draft.arguments.key_at("policy_arn")
    for name, kind in (("roles", "AWS::IAM::Role"), ("users", "AWS::IAM::User"), ("groups", "AWS::IAM::Group")):
        holders = draft.arguments.get(name)
        if isinstance(holders, Absent) or (isinstance(holders, ListValue) and not holders.items and not holders.rest):
            continue
        one = draft.copy(kind)
        one.shape.put("ManagedPolicyArns", ListValue((settled(policy),), policy.at), at)
        one.shape.rest = Unknown(f"what else the {name} have is stated elsewhere", draft.at)
        made.append(one)
    return made


def _bucket_grants(draft: Draft) -> list[Draft]:
    """Grants to everybody mean what the canned ACLs PublicRead and PublicReadWrite mean."""
    grants = draft.arguments.get("grant")
    policy = draft.arguments.get("access_control_policy")
    if isinstance(policy, ListValue) and policy.items:
        grants = policy.items[0].get("grant")
    for grant in grants.items if isinstance(grants, ListValue) else ():
        grantee = grant.get("grantee")
        if isinstance(grantee, ListValue) and grantee.items:
            grantee = grantee.items[0]
        group = text_of(grant.get("uri")) or text_of(grantee.get("uri")) or ""
        rights = grant.get("permissions")
        words = {text_of(one) for one in rights.items} if isinstance(rights, ListValue) else {
            text_of(grant.get("permission"))}
        canned = _CANNED.get(group.rpartition("/")[2])
        if canned is not None and "AccessControl" not in draft.shape.fields:
            wide = bool(words & {"WRITE", "WRITE_ACP", "FULL_CONTROL"})
            if wide or words & {"READ", "READ_ACP"}:
                draft.shape.put("AccessControl", Scalar(canned[wide], grant.at), grant.at)
    return [draft]


_CANNED = {
    "AllUsers": ("PublicRead", "PublicReadWrite"), "AuthenticatedUsers": ("AuthenticatedRead", "PublicReadWrite"),
}


def _pipeline(draft: Draft) -> list[Draft]:
    """What is flat or a block in Terraform, an object of its own in CloudFormation: action types, artifact stores."""
    for stage in _shapes(draft.shape, "Stages"):
        for action in _shapes(stage, "Actions"):
            kind = action.fields.get("ActionTypeId")
            if isinstance(kind, Shape) and "Category" in kind.keys_at:
                kind.at = kind.keys_at["Category"]    # no block of its own: it stands where the category does
    _artifact_store(draft)
    return [draft]


def _shapes(shape: Shape, name: str) -> list[Shape]:
    """Return the known items of a list under construction."""
    many = shape.fields.get(name)
    return [item for item in many.items if isinstance(item, Shape)] if isinstance(many, Many) else []


def _artifact_store(draft: Draft) -> None:
    """A pipeline with one artifact store has it in ArtifactStore; several stores have regions and are a list."""
    stores = draft.shape.fields.get("ArtifactStores")
    if not isinstance(stores, Many):
        return
    first = stores.items[0] if stores.items else None
    if stores.rest is not None or (first is not None and not isinstance(first, Shape)):
        # how many stores there are is not known, so neither is which of the two properties holds them
        open_ended = stores.rest or Unknown("which artifact stores there are is not known", stores.at)
        draft.shape.put("ArtifactStore", Unknown(open_ended.reason, stores.at), stores.at)
    elif isinstance(first, Shape) and len(stores.items) == 1:
        del draft.shape.fields["ArtifactStores"]
        store = first.child("ArtifactStore", first.at)
        store.at = first.at
        draft.shape.fields["ArtifactStore"] = store
        draft.shape.keys_at["ArtifactStore"] = draft.shape.keys_at.pop("ArtifactStores")


_SPECIAL: dict[str, Callable[[Draft], list[Draft]]] = {
    **NETWORKS, "aws_vpn_connection": _vpn, "aws_sns_topic": _topic, "aws_kinesis_stream": _kinesis,
    "aws_api_gateway_method_settings": _method_settings, "aws_dynamodb_table": _key_schema,
    "aws_iam_policy_attachment": _policy_attachment, "aws_s3_bucket": _bucket_grants,
    "aws_s3_bucket_acl": _bucket_grants, "aws_codepipeline": _pipeline,
    "aws_wafv2_web_acl_rule_group_association": _attached_rule_group,
}
