"""Tags: which keys a resource carries, whatever shape its type gives them."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.core.location import Location
from scanner.core.subject import Resource, Subject
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Unknown, Value
from scanner.core.view import Answer, View


def tag_keys(tags: Value) -> tuple[set[str], str]:
    """Return the known tag keys and, when further ones may exist, the reason why we cannot see them.

    Takes a list of Key/Value mappings or a plain mapping. Keys that AWS itself sets (`aws:`) do not count.
    """
    keys: set[str] = set()
    doubt = ""
    if isinstance(tags, Unknown):
        return keys, tags.reason
    if isinstance(tags, MapValue):
        keys.update(tags.entries)
        doubt = tags.rest.reason if tags.rest else ""
    elif isinstance(tags, ListValue):
        doubt = tags.rest.reason if tags.rest else ""
        for item in tags.items:
            key = item.get("Key")
            if isinstance(key, Scalar):
                keys.add(str(key.content))
            else:
                doubt = key.reason if isinstance(key, Unknown) else "a tag's key is not known"
    return {key for key in keys if not key.startswith("aws:")}, doubt


def carries_tags(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the tags at `path` hold every key in `keys`, or any key at all when `keys` is empty.

    An unknown part may hold what is missing, so it makes the answer unknown, never no.
    """
    tags = view.value(subject, str(arguments["path"]))
    wanted = arguments.get("keys") or ()
    required = [str(key) for key in wanted] if isinstance(wanted, (list, tuple)) else [str(wanted)]
    keys, doubt = tag_keys(tags)
    missing = [key for key in required if key not in keys]
    if (keys and not required) or (required and not missing):
        return Answer(True, tags.at)
    if doubt:
        return Answer(None, tags.at, doubt)
    at = _place(subject, str(arguments["path"]), tags)
    return Answer(False, at, f"lacks {', '.join(missing)}" if missing else "has no tags", value=tags)


def _place(subject: Subject, path: str, tags: Value) -> Location:
    """Return the smallest span to edit: the tags, their key when they span lines, the resource when there are none."""
    if isinstance(tags, Absent):
        return subject.at
    if isinstance(subject, Resource) and tags.at.start_line != tags.at.end_line:
        return subject.properties.keys_at.get(path, tags.at)
    return tags.at


def carries_tag(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the tags at `path` hold the tag `key`, with one of `values` where that list is not empty.

    Without a key nothing is asked. Letter case counts, as it does for AWS.
    """
    key = str(arguments.get("key") or "")
    allowed = arguments.get("values") or ()
    if not key:
        return Answer(True, subject.at)
    carried = carries_tags(subject, {"path": arguments["path"], "keys": key}, view)
    if not carried.holds or not allowed or not isinstance(allowed, (list, tuple)):
        return carried
    value = tag_value(view.value(subject, str(arguments["path"])), key)
    if isinstance(value, Unknown):
        return Answer(None, value.at, value.reason)
    if _text(value) in {str(text) for text in allowed}:
        return Answer(True, value.at, value=value)
    return Answer(False, value.at, f"gives the tag {key} a value that is not allowed", value=value)


def tag_value(tags: Value, key: str) -> Value:
    """Return the value of one tag of a list of Key/Value mappings or of a plain mapping."""
    if isinstance(tags, MapValue):
        return tags.get(key)
    items = tags.items if isinstance(tags, ListValue) else ()
    return next((item.get("Value") for item in items if _text(item.get("Key")) == key), Absent(tags.at))


def _text(value: Value) -> str | None:
    """Return a known scalar as the service stores it: `42` and `true` become strings."""
    if not isinstance(value, Scalar):
        return None
    return str(value.content).lower() if isinstance(value.content, bool) else str(value.content)
