"""Predicates about who may write, push, merge or read around a pipeline: buckets, repositories, foreign accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from scanner.analysis.pipeline.pull_requests import pull_groups
from scanner.analysis.pipeline.roles import known_name, texts
from scanner.core.subject import Policy, Statement, Subject
from scanner.core.value import Absent, ListValue, MapValue, Value, text_of
from scanner.core.view import NO, Answer, View

OPEN_ACLS = ("PublicRead", "PublicReadWrite", "AuthenticatedRead")
ACCOUNT = re.compile(r"arn:[\w-]*:[\w-]+:[\w-]*:(\d{12}):")


def builds_pull_requests(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a project with a filter group that builds pull requests."""
    groups = pull_groups(subject, view)
    return Answer(True, groups[0].at, "it builds pull requests") if groups else NO


def own_accounts(subject: Subject, view: View) -> set[str]:
    """Return the account numbers that a pipeline or repository itself names as its own: its role's, its key's."""
    found: set[str] = set()
    for name in ("RoleArn", "KmsKeyId"):
        match = ACCOUNT.match(text_of(view.seen(subject.get(name))) or "")
        if match:
            found.add(match.group(1))
    return found


def foreign_without_role(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for an action that names something of another account without a role of its own."""
    if not isinstance(view.value(subject, "RoleArn"), Absent) or subject.holder is None:
        return NO
    own = own_accounts(subject.holder, view)
    if not own:
        return NO
    configuration = view.value(subject, "Configuration")
    for value in configuration.entries.values() if isinstance(configuration, MapValue) else ():
        match = ACCOUNT.match(text_of(value) or "")
        if match and match.group(1) not in own:
            return Answer(
                True, value.at, f"it reaches into account {match.group(1)} with the role of the pipeline", value=value
            )
    return NO


def foreign_target(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a repository trigger to a literal account that is neither the repository's own nor in `accounts`."""
    allowed = arguments.get("accounts")
    trusted = {str(item) for item in allowed} if isinstance(allowed, (list, tuple)) else set()
    triggers = view.value(subject, "Triggers")
    for item in triggers.items if isinstance(triggers, ListValue) else ():
        target = item.get("DestinationArn")
        match = ACCOUNT.match(text_of(target) or "")
        if match and match.group(1) not in trusted | own_accounts(subject, view):
            return Answer(True, target.at, f"events go to account {match.group(1)}", value=target)
    return NO


def _allowing(policy: Subject, view: View, effect: str = "Allow") -> Iterator[Statement]:
    for statement in policy.statements if isinstance(policy, Policy) else ():
        if text_of(view.seen(statement.effect)) == effect:
            yield statement


def names_action(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for an allowing identity statement that names one of `actions` in full, or by a wildcard of its verb."""
    wanted = arguments.get("actions")
    if (
        not isinstance(subject, Statement)
        or text_of(view.seen(subject.effect)) != "Allow"
        or not isinstance(wanted, (list, tuple))
    ):
        return NO
    names = {str(name).lower() for name in wanted}
    for text, item in texts(view.seen(subject.action)):
        lower = text.lower()
        verbs = (
            lower.endswith("*") and len(lower.split(":")[-1]) > 4 and any(name.startswith(lower[:-1]) for name in names)
        )
        if lower in names or verbs:
            return Answer(True, item.at, f"{text} is allowed", value=item)
    return NO


def branch_unprotected(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a policy that allows pushes without a denial or condition on codecommit:References."""
    if not isinstance(subject, Policy) or subject.role not in ("identity", ""):
        return NO
    for statement in _allowing(subject, view, "Deny"):
        if "codecommit:references" in _condition_keys(view.seen(statement.condition)):
            return NO
    for statement in _allowing(subject, view):
        if "codecommit:references" in _condition_keys(view.seen(statement.condition)):
            continue
        for text, item in texts(view.seen(statement.action)):
            if re.fullmatch(r"(?i)codecommit:(?:GitPush|MergePull\w*|MergeBranches\w*|PutFile|CreateCommit)", text):
                return Answer(True, item.at, f"{text} is allowed on every branch", value=item)
    return NO


def _condition_keys(condition: Value) -> set[str]:
    found: set[str] = set()
    for block in condition.entries.values() if isinstance(condition, MapValue) else ():
        if isinstance(block, MapValue):
            found.update(key.lower() for key in block.entries)
    return found


def artifacts_written_by_others(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a pipeline whose artifact bucket lets others than the roles on the path write."""
    own = _roles_on_path(subject, view)
    for bucket in view.inventory.linked(subject, "artifact-bucket"):
        for attached in view.inventory.linking(bucket, "bucket"):
            document = view.seen(attached.get("PolicyDocument"))
            for statement in _statements(document):
                if text_of(statement.get("Effect")) != "Allow" or not _writes(statement.get("Action")):
                    continue
                stranger = _stranger(statement.get("Principal"), own)
                if stranger is not None:
                    return Answer(
                        True,
                        stranger.at,
                        f"`{text_of(stranger)}` may write to the artifact bucket",
                        value=stranger,
                        related=(("the bucket", bucket.at),),
                    )
    return NO


def _statements(document: Value) -> tuple[Value, ...]:
    found = document.get("Statement")
    return found.items if isinstance(found, ListValue) else (found,)


def _writes(actions: Value) -> bool:
    return any(re.fullmatch(r"(?i)\*|s3:(?:\*|put\*|putobject\w*|put\w*\*)", text) for text, _ in texts(actions))


def _stranger(principal: Value, own: set[str]) -> Value | None:
    """Return the first literal principal that is not on the path; services and roots of the account are left out."""
    if text_of(principal) == "*":
        return principal
    for text, item in texts(principal.get("AWS")):
        name = text.rsplit("/", 1)[-1]
        if text == "*" or (":root" not in text and not text.isdigit() and name not in own and text not in own):
            return item
    return None


def _roles_on_path(pipeline: Subject, view: View) -> set[str]:
    """Return names and ARNs of the roles of a pipeline, its actions and its projects."""
    found: set[str] = set()
    values = [view.seen(pipeline.get("RoleArn"))]
    for action in view.inventory.linked(pipeline, "part"):
        values += [view.seen(action.get("RoleArn")), view.seen(action.get("Configuration")).get("RoleArn")]
    for project in view.inventory.linked(pipeline, "project"):
        values.append(view.seen(project.get("ServiceRole")))
    for value in values:
        name = known_name(value)
        if name:
            found |= {name, name.rsplit("/", 1)[-1]}
    return found


def environment_file_open(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a container whose environment file lies in a bucket of this run that is open to the public."""
    files = view.value(subject, "EnvironmentFiles")
    for item in files.items if isinstance(files, ListValue) else ():
        value = item.get("Value")
        name = (text_of(value) or "").removeprefix("arn:aws:s3:::").split("/")[0]
        for bucket in view.inventory.of_kind("AWS::S3::Bucket"):
            opened = text_of(view.seen(bucket.get("AccessControl"))) in OPEN_ACLS
            if opened and name and text_of(view.seen(bucket.get("BucketName"))) == name:
                return Answer(
                    True,
                    value.at,
                    f"the bucket {name} is open to the public",
                    value=value,
                    related=(("the bucket", bucket.at),),
                )
    return NO
