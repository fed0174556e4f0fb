"""Webhook filters of CodeBuild: are their patterns anchored, who can start a build.

CodeBuild searches a pattern anywhere in the value, except for EVENT, which is a list of names. So every top-level
alternative must begin and end with an anchor; this is judged on the parsed expression, never on its first and last
characters (`^123|456$` has both and anchors neither alternative).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from scanner.core.location import Location
from scanner.core.subject import Subject
from scanner.core.value import ListValue, MapValue, Scalar, Unknown, Value, text_of
from scanner.core.view import NO, Answer, View, unless_unknown

MAX_PATTERN = 4000
ACTOR = ("ACTOR_ACCOUNT_ID",)
NAMES = ("HEAD_REF", "BASE_REF", "TAG_NAME", "REPOSITORY_NAME", "ORGANIZATION_NAME", "WORKFLOW_NAME", "RELEASE_NAME")
PULL_EVENTS = frozenset({"PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_REOPENED"})


def unanchored_alternative(pattern: str) -> str | None:
    """Return why a pattern also matches inside longer values; None when every alternative is anchored on both sides.

    A pattern that Python cannot parse is judged by its characters only: both ends and no alternative inside.
    """
    from importlib import import_module

    codes, parser = import_module("re._constants"), import_module("re._parser")
    if len(pattern) > MAX_PATTERN:
        return "it is longer than can be judged"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = parser.parse(pattern)
    except (re.error, RecursionError, OverflowError):
        plain = pattern.startswith("^") and pattern.endswith("$") and "|" not in pattern
        return None if plain else "it is no valid expression and not anchored on both sides"
    starts = (codes.AT_BEGINNING, codes.AT_BEGINNING_STRING)
    ends = (codes.AT_END, codes.AT_END_STRING)
    if not _edge(list(parsed), codes, starts, 0):
        return "an alternative of it does not begin with ^"
    if not _edge(list(parsed), codes, ends, -1):
        return "an alternative of it does not end with $"
    return None


def _edge(items: list[Any], codes: Any, wanted: tuple[Any, ...], side: int) -> bool:
    """Tell whether every way through the parsed items meets the anchor at the given side first."""
    if not items:
        return False
    operator, argument = items[side]
    if operator is codes.AT:
        return argument in wanted
    if operator is codes.SUBPATTERN:
        return _edge(list(argument[-1]), codes, wanted, side)
    if operator is codes.BRANCH:
        return all(_edge(list(branch), codes, wanted, side) for branch in argument[1])
    return False


def filters_of(subject: Subject, view: View) -> Iterator[MapValue]:
    """Yield the filters of a WebhookFilterGroup."""
    value = view.value(subject, "Filters")
    for item in value.items if isinstance(value, ListValue) else ():
        if isinstance(item, MapValue):
            yield item


def unanchored(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a group with an unanchored filter; `types` is "actor" or "names". Deny filters are left out."""
    types = ACTOR if arguments.get("types") == "actor" else NAMES
    unknown: Answer | None = None
    for item in filters_of(subject, view):
        if text_of(item.get("Type")) not in types or _excludes(item):
            continue
        pattern = item.get("Pattern")
        text = text_of(pattern)
        if isinstance(pattern, Scalar) and text is None:
            text = str(pattern.content)
        if text is None:
            unknown = Answer(None, pattern.at, getattr(pattern, "reason", "a pattern is not known"))
            continue
        why = unanchored_alternative(text)
        if why:
            return Answer(True, pattern.at, f"{text_of(item.get('Type'))} `{text}`: {why}", value=pattern)
    return unknown or NO


def _excludes(item: MapValue) -> bool:
    value = item.get("ExcludeMatchedPattern")
    return isinstance(value, Scalar) and str(value.content).lower() == "true"


def pull_request_open(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a group that builds pull requests of anyone: no actor filter, and no approval by comment.

    Without a PullRequestBuildPolicy, a webhook made today asks for approval of all pull requests; older ones do not,
    so its absence is only taken as safe where the policy is written down.
    """
    event = pull_event(subject, view)
    if event is None:
        named = [item.get("Pattern") for item in filters_of(subject, view) if text_of(item.get("Type")) == "EVENT"]
        return unless_unknown(*named)
    for item in filters_of(subject, view):
        if text_of(item.get("Type")) == "ACTOR_ACCOUNT_ID" and not _excludes(item):
            return NO
    project = subject.holder
    policy: Value = (
        project.get("Triggers").get("PullRequestBuildPolicy") if project is not None else MapValue({}, subject.at)
    )
    policy = view.seen(policy)
    approval = policy.get("RequiresCommentApproval")
    if isinstance(approval, Unknown):
        return Answer(None, approval.at, approval.reason)
    if text_of(approval) in ("ALL_PULL_REQUESTS", "FORK_PULL_REQUESTS"):
        return NO
    return Answer(True, event, "everyone who can open a pull request runs code with the role of the build")


def pull_event(subject: Subject, view: View) -> Location | None:
    """Return where a group names a pull request event; None when it has none."""
    for item in filters_of(subject, view):
        if text_of(item.get("Type")) != "EVENT":
            continue
        names = {name.strip() for name in (text_of(item.get("Pattern")) or "").split(",")}
        if names & PULL_EVENTS:
            return item.get("Pattern").at
    return None


def only_message(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a group whose only condition besides the event is the commit message."""
    types = [text_of(item.get("Type")) for item in filters_of(subject, view)]
    rest = [name for name in types if name != "EVENT"]
    if rest and all(name == "COMMIT_MESSAGE" for name in rest):
        found = next(item for item in filters_of(subject, view) if text_of(item.get("Type")) == "COMMIT_MESSAGE")
        return Answer(True, found.get("Pattern").at, "the author of the change writes the message")
    return NO


def runner_unbounded(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a runner of a whole organisation without a filter on repositories or workflows."""
    why = "any repository of the organisation can run jobs with this role"
    groups = [
        group for group in view.inventory.of_kind("WebhookFilterGroup")
        if group.holder is subject and view.exists(group)
    ]
    for group in groups:
        types = {text_of(item.get("Type")) for item in filters_of(group, view)}
        if not types & {"REPOSITORY_NAME", "WORKFLOW_NAME"}:
            return Answer(True, group.at, why)
    return NO if groups else Answer(True, view.value(subject, "Triggers.ScopeConfiguration").at, why)
