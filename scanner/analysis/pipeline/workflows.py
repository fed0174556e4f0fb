"""GitHub workflows that pull requests start, and the roles they take on through GitHub's identity provider.

Sources: GitHub Docs, "OpenID Connect reference" (the subject of a pull request is `repo:OWNER/NAME:pull_request`;
workflows of forks get no token) and "Events that trigger workflows" (`pull_request_target` runs with the rights of the
base branch).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from scanner.analysis.globs import matches
from scanner.analysis.iam.grants import Grant, Item, grants_of
from scanner.analysis.iam.principals import FEDERATED, principals_of
from scanner.analysis.pipeline.pull_requests import runs_source
from scanner.analysis.pipeline.roles import known_name, power_of
from scanner.core.location import Location
from scanner.core.result import Step
from scanner.core.subject import Command, Policy, Script, Subject
from scanner.core.value import HOLE, Absent, ListValue, MapValue, Value, text_of
from scanner.core.view import NO, Answer, View

PROVIDER = "token.actions.githubusercontent.com"
OF_STRANGERS = ("pull_request_target", "issue_comment", "workflow_run")
"""Events that a stranger sets off and that run with the rights of the base branch."""
_HEAD = re.compile(r"github\.event\.(?:pull_request\.head\.|workflow_run\.head_)|github\.head_ref|refs/pull/")
_GUARD = re.compile(
    r"(?i)head\.repo\.|author_association|\.labels?\b|github\.(?:actor|triggering_actor)|\.fork\b|\.user\.login"
)
"""What a job's condition asks when it looks at who opened the pull request, or where it comes from."""


def events(workflow: Subject, view: View) -> dict[str, Location]:
    """Return the events that start a workflow: name -> place."""
    value = view.value(workflow, "on")
    if isinstance(value, MapValue):
        return {name: value.key_at(name) for name in value.entries}
    items = value.items if isinstance(value, ListValue) else (value,)
    return {text: item.at for item in items if (text := text_of(item))}


def role_given_to_strangers(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a workflow that runs code of a stranger's pull request in a job with a role that changes what runs.

    Unknown where the job waits for an environment, which may ask for an approval.
    """
    event, started = next((found for found in events(subject, view).items() if found[0] in OF_STRANGERS), ("", None))
    if started is None:
        return NO
    for name, job in _entries(view.value(subject, "jobs")):
        if _GUARD.search(text_of(job.get("if")) or ""):
            continue
        steps = _items(job.get("steps"))
        head = next((ref for step in steps if (ref := _checked_out(step)) is not None), None)
        run = next((c for c in _commands(subject, name, view) if runs_source(c)), None) if head is not None else None
        taken = next(_roles_taken(subject, steps, view), None)
        if head is None or run is None or taken is None:
            continue
        role, place = taken
        power = power_of(role, view)
        if power is None:
            continue
        if not isinstance(job.get("environment"), Absent):
            return Answer(None, started, "the environment of the job may ask for an approval, which stands in no file")
        return Answer(
            True,
            started,
            f"{event} runs code of a pull request in a job with the role {role.address}, which {power}",
            path=(
                Step(f"anyone sets off {event}", started),
                Step("the job takes the code of the pull request", head),
                Step(f"and runs it: {run.name}", run.at),
                Step(f"with the role {role.address}", place),
                Step(f"which {power}", power.at),
            ),
            related=((f"the role {role.address}", role.at), ("what it may do", power.at)),
        )
    return NO


def role_of_pull_requests(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a role that changes what runs and that trusts the subject of a repository's pull requests."""
    found = next(_trusted_pull_requests(subject, view), None)
    power = power_of(subject, view) if found is not None else None
    if found is None or power is None:
        return NO
    repository = ":".join(found.text.split(":", 2)[:2]).removeprefix("repo:").replace(HOLE, "...")
    steps = []
    for workflow in view.inventory.linking(subject, "role"):
        started = events(workflow, view).get("pull_request") if workflow.kind == "GitHubWorkflow" else None
        if started is not None:
            steps.append(Step(f"a pull request starts {workflow.at.path}", started))
            break
    steps += [
        Step(f"the role trusts pull requests of {repository}", found.at),
        Step(f"it {power}", power.at),
    ]
    return Answer(
        True,
        found.at,
        f"a pull request that nobody merged takes on {subject.address}, which {power}",
        path=tuple(steps),
        related=(("what it may do", power.at),),
    )


def _trusted_pull_requests(role: Subject, view: View) -> Iterator[Item]:
    for policy in view.inventory.linked(role, "trust-policy"):
        for statement in policy.statements if isinstance(policy, Policy) else ():
            for grant in grants_of(statement, view):
                if grant.effect == "allow" and _federated(grant, view):
                    yield from _subjects(grant)


def _federated(grant: Grant, view: View) -> bool:
    found, _ = principals_of(grant.statement.principal, view)
    return any(principal.kind == FEDERATED and PROVIDER in principal.text for principal in found)


def _subjects(grant: Grant) -> Iterator[Item]:
    """Yield the entries of a condition on `sub` that fit a pull request of the repository they name."""
    for test in grant.condition:
        if test.key != f"{PROVIDER}:sub" or test.operator not in ("stringequals", "stringlike"):
            continue
        for item in test.values.items:
            kind, _, rest = item.text.partition(":")
            _, _, context = rest.partition(":")
            if kind != "repo" or not context or HOLE in context:
                continue
            fits = matches(context, "pull_request") if test.operator == "stringlike" else context == "pull_request"
            if fits:
                yield item


def _entries(value: Value) -> Iterator[tuple[str, Value]]:
    if isinstance(value, MapValue):
        yield from value.entries.items()


def _items(value: Value) -> tuple[Value, ...]:
    return value.items if isinstance(value, ListValue) else ()


def _checked_out(step: Value) -> Location | None:
    """Return the place of the reference when a step checks out the code of a pull request."""
    if not (text_of(step.get("uses")) or "").startswith("actions/checkout@"):
        return None
    for name in ("ref", "repository"):
        if _HEAD.search(text_of(step.get("with").get(name)) or ""):
            return step.get("with").get(name).at
    return None


def _commands(workflow: Subject, job: str, view: View) -> Iterator[Command]:
    for script in view.inventory.linked(workflow, "script"):
        if isinstance(script, Script) and script.stage == f"jobs.{job}":
            yield from script.commands


def _roles_taken(workflow: Subject, steps: tuple[Value, ...], view: View) -> Iterator[tuple[Subject, Location]]:
    """Yield the roles of the run that steps take on, with the place that names them."""
    roles = [found for found in view.inventory.linked(workflow, "role") if view.exists(found)]
    for step in steps:
        value = step.get("with").get("role-to-assume")
        short = (text_of(value) or "").rsplit("/", 1)[-1]
        for role in roles if short else ():
            if known_name(view.seen(role.get("RoleName"))) == short:
                yield role, value.at
