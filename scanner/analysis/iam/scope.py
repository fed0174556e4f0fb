"""Resources: does a statement reach everything of a kind, or something in particular?"""

from __future__ import annotations

from functools import cache

from scanner.analysis.globs import includes, overlaps
from scanner.analysis.iam.grants import Grant
from scanner.core.value import HOLE
from scanner.facts.iam import FACTS

_NO_RESOURCE_PART = 5


def is_star(text: str) -> bool:
    """Tell whether a resource pattern is `*` alone."""
    return bool(text) and not text.strip("*")


def any_resource(grant: Grant) -> bool | None:
    """Tell whether a statement is not limited to resources: Resource `*`, or NotResource; None when that is open."""
    if grant.statement_open:
        return None
    if grant.not_resource.stated:
        return True
    if any(is_star(text) for text in grant.resource.texts):
        return True
    return None if grant.resource.open else False


def reaches_all(grant: Grant, action: str) -> bool | None:
    """Tell whether an action (`service:Name`) is granted on all resources it can be used on, in the account at least.

    Besides `*` these are patterns like `arn:aws:iam::*:role/*` or `arn:aws:s3:::*`.
    """
    wide = any_resource(grant)
    if wide:
        return True
    texts = [text for text in grant.resource.texts if "*" in text]
    if not texts:
        return wide
    name, _, verb = action.partition(":")
    service = FACTS.service(name)
    found = service.action(verb) if service is not None else None
    if service is None or found is None:
        return wide
    arns = [service.arns[kind] for kind in found.resources if kind in service.arns]
    for text in texts:
        if any(covers_type(text, arn) for arn in arns):
            return True
    return wide


@cache
def type_pattern(arn: str) -> tuple[str, ...]:
    """Return an ARN of the table (`arn:${Partition}:iam::${Account}:role/${Name}`) split, with `*` for names."""
    out, rest = "", arn
    while True:
        head, opening, tail = rest.partition("${")
        out += head
        if not opening:
            break
        out += "*"
        rest = tail.partition("}")[2]
    return tuple(out.split(":", _NO_RESOURCE_PART))


def covers_type(text: str, arn: str) -> bool:
    """Tell whether a resource pattern covers every resource of a type in at least one account and region."""
    written, kind = text.split(":", _NO_RESOURCE_PART), type_pattern(arn)
    if len(written) <= _NO_RESOURCE_PART or len(kind) <= _NO_RESOURCE_PART:
        return False
    return overlaps(written[2], kind[2]) and includes(written[5].replace("${*}", "*"), kind[5])


def fits_type(text: str, arn: str) -> bool:
    """Tell whether a resource pattern may name a resource of a type; unknown pieces may be anything."""
    written = text.replace(HOLE, "*").split(":", _NO_RESOURCE_PART)
    kind = type_pattern(arn)
    if len(written) <= _NO_RESOURCE_PART or len(kind) <= _NO_RESOURCE_PART:
        return overlaps(text.replace(HOLE, "*"), ":".join(kind))
    return all(overlaps(_variables(a), b) for a, b in zip(written, kind, strict=True))


def _variables(text: str) -> str:
    """Return a pattern with policy variables (`${aws:username}`) as `*`."""
    out, rest = "", text
    while True:
        head, opening, tail = rest.partition("${")
        out += head
        if not opening or "}" not in tail:
            return out + opening + tail
        out += "*"
        rest = tail.partition("}")[2]
