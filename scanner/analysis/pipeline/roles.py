"""What the role of a project, action or task may do: administrator, change of rights, change of running things."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from scanner.core.location import Location
from scanner.core.subject import Policy, Statement, Subject
from scanner.core.value import Absent, ListValue, Unknown, Value, text_of
from scanner.core.view import NO, Answer, View

MANAGED = re.compile(
    r"policy/(?:job-function/)?(AdministratorAccess|PowerUserAccess|IAMFullAccess|SystemAdministrator|DatabaseAdministrator)\b"
)
READS = re.compile(
    r"(?i)^(?:get|list|describe|batchget|view|lookup|read|head|select|query|scan|search|validate|check|estimate|decode|test|poll|retrieve)"
)
HARMLESS = re.compile(
    r"(?i)^(?:logs|codebuild:(?:createreport|updatereport|batchput|createreportgroup)|s3:(?:get|list|put)object|xray|ssmmessages"
    r"|cloudwatch:putmetricdata|kms:(?:decrypt|encrypt|generatedatakey|reencrypt)|ecr:(?:batchcheck|get|batchget|initiate|upload|complete)"
    r"|ec2:(?:createnetworkinterface|deletenetworkinterface|describe)|codestar-connections:useconnection|codeconnections:useconnection"
    r"|codecommit:gitpull|sts:getcalleridentity|codepipeline:putjob|codeartifact|secretsmanager:getsecretvalue|ssm:getparameter)"
)


class Power(str):
    """What a role can do, in words; `rank` 3 administrator, 2 changes rights, 1 changes what runs; `at` its place."""

    rank: int
    at: Location

    def __new__(cls, words: str, rank: int, at: Location) -> Power:
        """Take the words, the rank and the place."""
        made = super().__new__(cls, words)
        made.rank = rank
        made.at = at
        return made


def texts(value: Value) -> list[tuple[str, Value]]:
    """Return the known texts of a list or single value with their values."""
    if isinstance(value, ListValue):
        return [(text, item) for item in value.items if (text := text_of(item)) is not None]
    text = text_of(value)
    return [] if text is None else [(text, value)]


def policies_of(role: Subject, view: View) -> list[Policy]:
    """Return the identity policies that are linked to a role."""
    return [found for found in view.inventory.linked(role, "policy") if isinstance(found, Policy)]


def statements_of(role: Subject, view: View) -> Iterator[Statement]:
    """Yield the allowing statements of a role's identity policies."""
    for policy in policies_of(role, view):
        for statement in policy.statements:
            if text_of(view.seen(statement.effect)) == "Allow":
                yield statement


def power_of(role: Subject, view: View) -> Power | None:
    """Return the strongest thing that a role can do; None when it only reads and writes its own logs and artifacts."""
    strongest: Power | None = None
    for found in _powers(role, view):
        if strongest is None or found.rank > strongest.rank:
            strongest = found
    return strongest


def _powers(role: Subject, view: View) -> Iterator[Power]:
    for text, item in texts(view.seen(role.get("ManagedPolicyArns"))):
        match = MANAGED.search(text)
        if match:
            yield Power(f"has {match.group(1)}", 3, item.at)
        elif re.search(r"policy/\w+FullAccess$|policy/AmazonEC2ContainerRegistryPowerUser$", text):
            yield Power(f"has {text.rsplit('/', 1)[-1]}", 1, item.at)
    for statement in statements_of(role, view):
        everywhere = any(text == "*" for text, _ in texts(view.seen(statement.resource)))
        for text, item in texts(view.seen(statement.action)):
            power = _power(text, everywhere, item.at)
            if power is not None:
                yield power
        if not isinstance(statement.not_action, type(statement.action)) and texts(view.seen(statement.not_action)):
            yield Power("may do everything except a few actions", 3, statement.at)


def _power(action: str, everywhere: bool, at: Location) -> Power | None:
    lower = action.lower()
    if lower in ("*", "*:*"):
        return Power("may do everything", 3 if everywhere else 2, at)
    service, _, name = lower.partition(":")
    if service == "iam" and not READS.match(name) and (everywhere or name != "passrole"):
        return Power(f"may {action}", 3 if name == "*" and everywhere else 2, at)
    if service == "sts" and name in ("assumerole", "*") and everywhere:
        return Power(f"may {action} on every role", 2, at)
    if READS.match(name) or (HARMLESS.match(lower) and name != "*") or service in ("logs", "xray"):
        return None
    return Power(f"may {action}", 1, at)


def role_of(subject: Subject, view: View, relation: str = "role") -> Subject | None:
    """Return the role that a subject is linked to."""
    return next(iter(view.inventory.linked(subject, relation)), None)


def role_value(subject: Subject) -> Value:
    """Return the value that names a project's or pipeline's role."""
    return subject.get("ServiceRole") if subject.kind == "AWS::CodeBuild::Project" else subject.get("RoleArn")


def service_prefixes(role: Subject, view: View) -> dict[str, Location]:
    """Return the service prefixes a role's statements allow, with a place for each; wildcards and unknowns left out."""
    found: dict[str, Location] = {}
    for statement in statements_of(role, view):
        for text, item in texts(view.seen(statement.action)):
            prefix = text.partition(":")[0].lower()
            if prefix and "*" not in prefix:
                found.setdefault(prefix, item.at)
    return found


def known_name(value: Value) -> str:
    """Return a stable key for a role value: its text, or the address it refers to; empty when neither is known."""
    text = text_of(value)
    if text:
        return text
    if isinstance(value, Unknown):
        return next((reference.address for reference in value.references()), "")
    return ""


def strong_role(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a project or pipeline whose role is administrator or may change rights; `relation` chooses the role."""
    relation = str(arguments.get("relation", "role"))
    for role in view.inventory.linked(subject, relation):
        power = power_of(role, view)
        if power is not None and power.rank >= 2:
            at = (
                role_value(subject).at
                if relation == "role" and not isinstance(role_value(subject), Absent)
                else subject.at
            )
            return Answer(True, at, f"its role {role.address} {power}", related=(("what the role may do", power.at),))
    named = role_value(subject)
    if relation == "role" and not isinstance(named, Absent) and not view.inventory.linked(subject, relation):
        return Answer(None, named.at, "its role is not in the run")
    return NO
