"""AWS Backup: whether a backup selection of the run covers a resource."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping

from scanner.analysis.tags import tag_keys, tag_value
from scanner.core.subject import Subject
from scanner.core.value import HOLE, Absent, ListValue, MapValue, Scalar, Unknown, Value, text_of
from scanner.core.view import Answer, View

TAG_PREFIX = "aws:ResourceTag/"


def selected_by_backup_plan(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a backup selection names the resource, all of its type, everything, or one of its tags.

    `tags` is the path of the resource's tags, `arn` the service and the resource part of every ARN of its type
    (`ec2:instance/*`). Never answers no: a plan outside the run may select it.
    """
    tags = view.value(subject, str(arguments.get("tags", "Tags")))
    arn = str(arguments.get("arn", ""))
    for selection in view.inventory.of_kind("AWS::Backup::BackupSelection"):
        if not view.exists(selection):
            continue
        body = view.value(selection, "BackupSelection")
        if (
            _chosen(subject, body, tags, arn, view)
            and not _left_out(subject, body.get("NotResources"), arn, view)
            and _meets(tags, body.get("Conditions"))
        ):
            return Answer(True, subject.at, related=(("selected here", selection.at),))
    return Answer(None, subject.at, "no backup selection of this run covers it, and one elsewhere may")


def _chosen(subject: Subject, body: Value, tags: Value, arn: str, view: View) -> bool:
    """Tell whether the resources or the tags of a selection cover the subject; a selection without both takes all."""
    resources, listed = body.get("Resources"), body.get("ListOfTags")
    if isinstance(body, MapValue) and isinstance(resources, Absent) and isinstance(listed, Absent):
        return True
    return _names(subject, resources, arn, view) or _has_one_of(tags, listed)


def _names(subject: Subject, resources: Value, arn: str, view: View) -> bool:
    """Tell whether the list of ARNs names the subject by reference, as `*` or as everything of its type."""
    return any(
        text_of(item) == "*" or _whole_type(_pattern(item), arn) or subject in view.targets(subject, item)
        for item in _items(resources)
    )


def _pattern(item: Value) -> str:
    """Return an ARN with `*` for the region and account of the stack and a hole for whatever else is not known."""
    if not isinstance(item, Unknown):
        return text_of(item) or ""
    return "".join(
        part if isinstance(part, str) else "*" if part.label in ("AWS::Region", "AWS::AccountId") else HOLE
        for part in item.parts
    )


def _whole_type(pattern: str, arn: str) -> bool:
    """Tell whether an ARN pattern covers every resource of the type, in whatever region and account."""
    parts = pattern.split(":", 5)
    service, _, resource = arn.partition(":")
    return (
        len(parts) == 6 and parts[0] == "arn" and parts[2] in (service, "*")
        and all(part in ("", "*") for part in parts[3:5]) and parts[5] in (resource, "*")
    )


def _left_out(subject: Subject, excluded: Value, arn: str, view: View) -> bool:
    """Tell whether the excluded ARNs may hold the subject: whatever is not plainly of another service may."""
    service = arn.partition(":")[0]
    for item in _items(excluded):
        parts = _pattern(item).split(":")
        elsewhere = len(parts) > 2 and "*" not in parts[2] and HOLE not in parts[2] and parts[2] != service
        other = [found for found in view.targets(subject, item) if found != subject]
        if not elsewhere and not other:
            return True
    return False


def _has_one_of(tags: Value, conditions: Value) -> bool:
    """Tell whether one STRINGEQUALS tag condition of a selection is met by known tags."""
    keys, _ = tag_keys(tags)
    for condition in _items(conditions):
        key = text_of(condition.get("ConditionKey"))
        wanted = text_of(condition.get("ConditionValue"))
        if key is not None and key in keys and wanted is not None and text_of(tag_value(tags, key)) == wanted:
            return True
    return False


def _meets(tags: Value, conditions: Value) -> bool:
    """Tell whether known tags meet all `Conditions` of a selection; what cannot be known does not."""
    if isinstance(conditions, Absent):
        return True
    if not isinstance(conditions, MapValue) or conditions.rest is not None:
        return False
    return all(
        _meets_one(tags, operator, condition)
        for operator, listed in conditions.entries.items() for condition in _items(listed)
    )


def _meets_one(tags: Value, operator: str, condition: Value) -> bool:
    """Tell whether known tags meet one condition: StringEquals, StringLike, StringNotEquals or StringNotLike."""
    key = (text_of(condition.get("ConditionKey")) or "").removeprefix(TAG_PREFIX)
    wanted = text_of(condition.get("ConditionValue"))
    if not key or wanted is None:
        return False
    keys, doubt = tag_keys(tags)
    negated = operator in ("StringNotEquals", "StringNotLike")
    if key not in keys:
        return negated and not doubt
    found = text_of(tag_value(tags, key))
    if found is None:
        return False
    same = fnmatch.fnmatchcase(found, wanted) if operator.endswith("Like") else found == wanted
    return same is not negated


def _items(value: Value) -> Iterator[Value]:
    """Yield the items of a list, or a single value."""
    if isinstance(value, ListValue):
        yield from value.items
        if value.rest is not None:
            yield value.rest
    elif isinstance(value, (MapValue, Unknown)) or (isinstance(value, Scalar) and value.content is not None):
        yield value
