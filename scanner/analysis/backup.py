"""AWS Backup: whether a backup selection of the run covers a resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scanner.analysis.tags import tag_keys
from scanner.core.subject import Subject
from scanner.core.value import ListValue, MapValue, Scalar, Unknown, Value, text_of
from scanner.core.view import Answer, View


def selected_by_backup_plan(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a backup selection names the resource, everything, or one of its tags.

    `tags` is the path of the resource's tags. Never answers no: a plan outside the run may select it.
    """
    tags = view.value(subject, str(arguments.get("tags", "Tags")))
    for selection in view.inventory.of_kind("AWS::Backup::BackupSelection"):
        if not view.exists(selection):
            continue
        body = view.value(selection, "BackupSelection")
        if _names(subject, body.get("Resources"), view) or _matches(tags, body.get("ListOfTags")):
            return Answer(True, subject.at, related=(("selected here", selection.at),))
    return Answer(None, subject.at, "no backup selection of this run covers it, and one elsewhere may")


def _names(subject: Subject, resources: Value, view: View) -> bool:
    """Tell whether the list of ARNs names the subject by reference or as `*`."""
    return any(text_of(item) == "*" or subject in view.targets(subject, item) for item in _items(resources))


def _matches(tags: Value, conditions: Value) -> bool:
    """Tell whether one STRINGEQUALS tag condition of a selection is met by known tags."""
    keys, _ = tag_keys(tags)
    for condition in _items(conditions):
        key = text_of(condition.get("ConditionKey"))
        if key in keys and _tag(tags, key) == text_of(condition.get("ConditionValue")):
            return True
    return False


def _tag(tags: Value, key: str | None) -> str | None:
    """Return the value of one tag, or None when it is not known."""
    if isinstance(tags, MapValue):
        return text_of(tags.get(key or ""))
    for item in _items(tags):
        if text_of(item.get("Key")) == key:
            return text_of(item.get("Value"))
    return None


def _items(value: Value) -> Iterator[Value]:
    """Yield the items of a list, or a single value."""
    if isinstance(value, ListValue):
        yield from value.items
    elif isinstance(value, (Scalar, MapValue, Unknown)):
        yield value
