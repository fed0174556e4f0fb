"""Data sources that say what they hold: policy documents, template files, literal values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.core.location import Location
from scanner.core.value import MapValue, Scalar, Value
from scanner.model.terraform.evaluate import evaluate

if TYPE_CHECKING:
    from scanner.model.terraform.expansion import Instance

_COMMERCIAL = {
    "partition": "aws", "id": "aws", "dns_suffix": "amazonaws.com", "reverse_dns_prefix": "com.amazonaws",
}


def data_attribute(instance: Instance, name: str, at: Location) -> Value | None:
    """Return an attribute that follows from the configuration alone, else None."""
    kind = instance.item.block.labels[0]
    if kind == "aws_iam_policy_document" and name in ("json", "minified_json"):
        from scanner.model.terraform.policy_documents import policy_text

        return policy_text(instance, at)
    if kind == "aws_partition" and name in _COMMERCIAL:
        return Scalar(_COMMERCIAL[name], at)
    if kind == "template_file" and name == "rendered":
        return _template_file(instance, at)
    return None


def _template_file(instance: Instance, at: Location) -> Value | None:
    from scanner.model.terraform.functions.files import template_text

    arguments = instance.item.block.body.arguments
    template, variables = arguments.get("template"), arguments.get("vars")
    if template is None:
        return None
    text = evaluate(template.expression, instance.scope)
    given = evaluate(variables.expression, instance.scope) if variables is not None else MapValue({}, at)
    return template_text(text, given, instance.scope, at)
