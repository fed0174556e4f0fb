"""Functions of the AWS provider (`provider::aws::...`)."""

from __future__ import annotations

from scanner.model.terraform.functions.strings import _text


def tf_arn_parse(arn: object) -> dict[str, object]:
    """Return the parts of an ARN."""
    parts = _text(arn).split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        raise ValueError("no ARN")
    names = ("partition", "service", "region", "account_id", "resource")
    return dict(zip(names, parts[1:], strict=True))


def tf_arn_build(partition: object, service: object, region: object, account: object, resource: object) -> str:
    """Return an ARN of its parts."""
    return ":".join(("arn", *(_text(part) for part in (partition, service, region, account, resource))))


def tf_trim_iam_role_path(arn: object) -> str:
    """Return a role's ARN without the role's path."""
    parts = tf_arn_parse(arn)
    kind, _, path = str(parts["resource"]).partition("/")
    if kind != "role":
        raise ValueError("no ARN of a role")
    return _text(arn).replace(str(parts["resource"]), f"role/{path.rsplit('/', 1)[-1]}")
