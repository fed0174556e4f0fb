"""Predicates about pipelines: what comes before what, who can start them, what they carry in plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from scanner.analysis.pipeline.actions import (
    GATE_NAME,
    actions_of,
    category,
    commands_of,
    is_approval,
    is_deploy,
    is_gate,
    position,
    siblings,
)
from scanner.analysis.shell import tables
from scanner.analysis.shell.purposes import checks
from scanner.core.subject import Subject
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Unknown, Value, text_of
from scanner.core.view import NO, Answer, View, unless_unknown

FEATURE_BRANCHES = ("feature/probe-1", "renovate/probe", "probe")


def production(stage: str, patterns: object) -> bool:
    """Tell whether a stage's name matches one of the parameter's patterns."""
    words = patterns if isinstance(patterns, (list, tuple)) else []
    return any(re.search(f"(?i){pattern}", stage) for pattern in words if isinstance(pattern, str))


def stage_unapproved(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a stage that deploys before any person or entry condition stopped the pipeline.

    `production` are patterns of stage names; `wanted` tells whether such stages or all others are judged.
    """
    name = text_of(subject.get("Name")) or ""
    if production(name, arguments.get("production")) is not bool(arguments.get("wanted", True)):
        return NO
    index = subject.get("StageIndex")
    mine = [a for a in siblings(subject, view) if position(a)[0] == getattr(index, "content", 0)]
    deploys = [a for a in mine if is_deploy(a)]
    if not deploys:
        return unless_unknown(*(a.get("ActionTypeId").get("Category") for a in mine))
    first = min(deploys, key=position)
    approvals = [a for a in siblings(subject, view) if is_approval(a) and position(a) < position(first)]
    conditions = view.value(subject, "BeforeEntry.Conditions")
    if approvals or (isinstance(conditions, ListValue) and conditions.items):
        return NO
    return Answer(
        True, subject.at, f"stage {name} deploys, and nobody had to agree", related=(("the deployment", first.at),)
    )


def approval_too_late(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a deployment beside or before the approval of its own stage, without an approval in an earlier one."""
    if not is_deploy(subject):
        return NO
    mine = position(subject)
    approvals = [a for a in siblings(subject, view) if is_approval(a)]
    same = [a for a in approvals if position(a)[0] == mine[0]]
    if not same or any(position(a) < mine for a in approvals):
        return NO
    order = subject.get("RunOrder")
    at = order.at if isinstance(order, Scalar) else subject.at
    return Answer(
        True,
        at,
        f"{subject.address} does not wait for the approval {same[0].address}",
        related=(("the approval", same[0].at),),
    )


def gate_after_deploy(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a security check of a pipeline that only runs when something was deployed already."""
    if not is_gate(subject, view):
        return NO
    others = siblings(subject, view)
    deploys = [a for a in others if is_deploy(a)]
    if not deploys or any(position(a) < position(deploys[0]) and is_gate(a, view) for a in others):
        return NO
    first = deploys[0]
    if position(first) >= position(subject):
        return NO
    return Answer(
        True,
        subject.at,
        f"{first.address} has deployed before this check starts",
        related=(("the deployment", first.at),),
    )


def skipping(stage: Subject, view: View) -> Value | None:
    """Return the `SKIP` of a stage's entry conditions, or None when the stage always runs."""
    conditions = view.value(stage, "BeforeEntry.Conditions")
    for item in conditions.items if isinstance(conditions, ListValue) else ():
        if (text_of(item.get("Result")) or "").upper() == "SKIP":
            return item.get("Result")
    return None


def check_skipped(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a stage with a security check whose entry condition may skip it."""
    result = skipping(subject, view)
    if result is None:
        return NO
    index = getattr(subject.get("StageIndex"), "content", 0)
    inside = [a for a in siblings(subject, view) if position(a)[0] == index]
    if any(is_gate(a, view) or any(checks(c) for c in commands_of(a, view)) for a in inside) or GATE_NAME.search(
        text_of(subject.get("Name")) or ""
    ):
        return Answer(True, result.at, "a condition can skip the stage that holds the security check", value=result)
    return NO


SECRET_KEYS = re.compile(
    r"(?i)^(?:oauthtoken|password|token|secret|secrettoken|api_?key|accesskey|secretkey|auth_?token|privatekey)$"
)
NOT_LITERAL = re.compile(
    r"^\s*$|^\{\{resolve:|^#\{|^\$|^<|^\*+$|^arn:|^(?i:xxx+|changeme|placeholder|dummy|example|none|null|true|false)$"
)


def secret_in_configuration(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a literal secret in the configuration of an action, also inside its embedded JSON."""
    configuration = view.value(subject, "Configuration")
    if not isinstance(configuration, MapValue):
        return NO
    unknown = NO
    for key, value in configuration.entries.items():
        text = text_of(value)
        if text is None or NOT_LITERAL.search(text):
            if SECRET_KEYS.match(key) and not getattr(value, "secret", False):
                unknown = unless_unknown(value) if unknown is NO else unknown
            continue
        if SECRET_KEYS.match(key):
            return Answer(True, value.at, f"{key} stands in plain text in the definition of the pipeline")
        if text.lstrip()[:1] in ("{", "["):
            name = _secret_in_json(text)
            if name:
                return Answer(True, value.at, f"{name} stands in plain text in {key}")
    return unknown


def _secret_in_json(text: str) -> str:
    """Return the name of a literal secret in a JSON text: a PLAINTEXT variable, or a key with a secret's name."""
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    return next(
        (name for name, value in _pairs(loaded, 0) if tables.secret_shaped(name) and not NOT_LITERAL.search(value)), ""
    )


def _pairs(value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value:
            yield from _pairs(item, depth + 1)
    elif isinstance(value, dict):
        if isinstance(value.get("name"), str) and isinstance(value.get("value"), str):
            if str(value.get("type", "PLAINTEXT")).upper() == "PLAINTEXT":
                yield value["name"], value["value"]
            return
        for key, item in value.items():
            if isinstance(item, str):
                yield str(key), item
            else:
                yield from _pairs(item, depth + 1)


def deploys_pull_requests(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a trigger on open pull requests of a pipeline that deploys."""
    requests = view.value(subject, "GitConfiguration.PullRequest")
    unknown = NO
    for item in requests.items if isinstance(requests, ListValue) else ():
        events = item.get("Events")
        named = events.items if isinstance(events, ListValue) else ()
        names = {"OPEN"} if isinstance(events, Absent) else {text_of(event) for event in named}
        if not names & {"OPEN", "UPDATED", "OPENED"}:
            unknown = unless_unknown(events, *named) if unknown is NO else unknown
            continue
        deploy = next((a for a in siblings(subject, view) if category(a) == "Deploy"), None)
        if deploy is not None:
            at = events.at if not isinstance(events, Absent) else item.at
            return Answer(
                True,
                at,
                f"a pull request nobody merged reaches {deploy.address}",
                related=(("the deployment", deploy.at),),
            )
    return unknown


def any_branch(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a push trigger of a deploying pipeline that any new branch or tag sets off."""
    if not any(category(a) == "Deploy" for a in siblings(subject, view)):
        return NO
    pushes = view.value(subject, "GitConfiguration.Push")
    unknown = NO
    for item in pushes.items if isinstance(pushes, ListValue) else ():
        branches, tags = item.get("Branches"), item.get("Tags")
        for part, probes in ((branches, FEATURE_BRANCHES), (tags, ("probe", "v0-probe"))):
            includes = part.get("Includes")
            excluded = [text_of(i) or "" for i in _items(part.get("Excludes"))]
            unknown = unless_unknown(includes, *_items(includes)) if unknown is NO else unknown
            for pattern in _items(includes):
                text = text_of(pattern) or ""
                if any(_glob(text, probe) and not any(_glob(x, probe) for x in excluded) for probe in probes):
                    return Answer(
                        True,
                        pattern.at,
                        f"`{text}` fits a branch or tag that anyone with write access makes up",
                        value=pattern,
                    )
        if isinstance(branches, Absent) and isinstance(tags, Absent):
            files = item.get("FilePaths")
            if isinstance(files, Absent):
                return Answer(True, item.at, "without branches or tags every push starts the pipeline")
            return Answer(True, files.at, "file paths name no branch: such a push to any branch starts it")
    return unknown


def _items(value: Value) -> tuple[Value, ...]:
    return value.items if isinstance(value, ListValue) else ()


def _glob(pattern: str, probe: str) -> bool:
    """Tell whether a filter's glob fits: `*` stays inside a path segment, `**` crosses them."""
    if "**" in pattern:
        return fnmatchcase(probe, pattern.replace("**", "*"))
    return pattern.count("/") == probe.count("/") and fnmatchcase(probe, pattern)


def only_tags(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a push trigger of a deploying pipeline that listens to tags only."""
    if not any(category(a) == "Deploy" for a in siblings(subject, view)):
        return NO
    for item in _items(view.value(subject, "GitConfiguration.Push")):
        if not isinstance(item.get("Tags"), Absent) and isinstance(item.get("Branches"), Absent):
            return Answer(True, item.get("Tags").at, "a tag can be moved or made by everyone with write access")
    return NO


def artifact_missing(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for an action that takes an artifact which no earlier action makes."""
    mine = position(subject)
    made: set[str] = set()
    for action in siblings(subject, view):
        if position(action) < mine:
            made.update(text_of(item.get("Name")) or "" for item in _items(view.value(action, "OutputArtifacts")))
            if any(
                isinstance(item, Unknown) or isinstance(item.get("Name"), Unknown)
                for item in _items(view.value(action, "OutputArtifacts"))
            ):
                return NO
    for item in _items(view.value(subject, "InputArtifacts")):
        name = text_of(item.get("Name"))
        if name is not None and name not in made:
            return Answer(
                True, item.get("Name").at, f"no earlier action makes the artifact `{name}`", value=item.get("Name")
            )
    return NO


def misshapen(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a pipeline with fewer than two stages, or whose first stage has other actions than sources."""
    stages = view.value(subject, "Stages")
    if not isinstance(stages, ListValue) or stages.rest is not None:
        return NO
    if len(stages.items) < 2:
        return Answer(True, stages.at if stages.items else subject.at, "a pipeline needs at least two stages")
    for action in _items(stages.items[0].get("Actions")):
        if category(action) not in ("Source", ""):
            return Answer(True, action.get("ActionTypeId").at, "the first stage may only have source actions")
    for stage in stages.items[1:]:
        for action in _items(stage.get("Actions")):
            if category(action) == "Source":
                return Answer(True, action.get("ActionTypeId").at, "source actions may only stand in the first stage")
    return NO


def first_deployment_wide(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a pipeline whose first deploying stage makes several deployments, or a later one more than `limit`.

    A `limit` of 0 leaves the later stages alone.
    """
    stages: dict[int, list[Subject]] = {}
    for action in actions_of(subject, view):
        if is_deploy(action):
            stages.setdefault(position(action)[0], []).append(action)
    allowed = 1
    for deploys in stages.values():
        if allowed and len(deploys) > allowed:
            name = deploys[0].get("StageName")
            why = f"stage {text_of(name)} makes {len(deploys)} deployments, more than {allowed}"
            return Answer(True, name.at, why, value=name)
        allowed = int(str(arguments.get("limit", 0)))
    return NO


def region_fanout(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a stage that deploys to more than `factor` times the regions of all stages before it, added up.

    The first deploying stage may reach one region.
    """
    actions = view.value(subject, "Actions")
    if isinstance(actions, Unknown):
        return Answer(None, actions.at, actions.reason)
    stages: dict[int, list[Value]] = {}
    for action in siblings(subject, view):
        if category(action) == "Deploy":
            stages.setdefault(position(action)[0], []).append(view.value(action, "Region"))
    index = getattr(subject.get("StageIndex"), "content", 0)
    least, most = _regions(stages.get(index, []))
    before = [_regions(regions) for stage, regions in stages.items() if stage < index]
    factor = int(str(arguments.get("factor", 3)))
    lowest = factor * sum(low for low, _ in before) or 1
    highest = factor * sum(high for _, high in before) or 1
    if most <= lowest:
        return NO
    if least <= highest:
        return Answer(None, subject.at, "a region of its deployments is not known")
    return Answer(True, subject.at, f"{subject.address} deploys to {least} regions at once, more than {highest}")


def _regions(regions: list[Value]) -> tuple[int, int]:
    """Return the least and the largest number of different regions; an action without one uses the pipeline's."""
    named = {text_of(region) for region in regions} - {None}
    own = any(isinstance(region, Absent) for region in regions)
    unknown = sum(isinstance(region, Unknown) for region in regions)
    return max(len(named), min(len(regions), 1)), len(named) + own + unknown
