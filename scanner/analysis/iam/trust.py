"""Trust policies: who may take a role on, and whether the conditions that must be there are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scanner.analysis.iam import access
from scanner.analysis.iam.conditions import POSITIVE
from scanner.analysis.iam.grants import Grant, grants_of, text_with_holes
from scanner.analysis.iam.principals import FEDERATED, SERVICE, Principal, principals_of
from scanner.core.subject import Subject
from scanner.core.value import HOLE, ListValue, Unknown, text_of
from scanner.core.view import NO, Answer, View

COMPUTE = frozenset((
    "ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "lambda.amazonaws.com", "glue.amazonaws.com",
    "sagemaker.amazonaws.com", "batch.amazonaws.com", "codebuild.amazonaws.com", "elasticmapreduce.amazonaws.com",
    "ssm.amazonaws.com", "eks.amazonaws.com", "pods.eks.amazonaws.com", "tasks.apprunner.amazonaws.com",
    "datapipeline.amazonaws.com", "build.apprunner.amazonaws.com", "cloud9.amazonaws.com", "ecs.amazonaws.com",
    "emr-serverless.amazonaws.com", "bedrock-agentcore.amazonaws.com",
))
"""Services that run code somebody else may bring, with the role's credentials within its reach."""


def compute_service(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a compute service may assume the role: code that runs there has the role's permissions."""
    for grant in grants_of(subject, view):
        if grant.effect != "allow":
            continue
        found, _ = principals_of(grant.statement.principal, view)
        for principal in found:
            if principal.kind == SERVICE and principal.text.lower() in COMPUTE:
                return Answer(True, principal.at, principal.text, value=principal.value)
    return NO


def federation(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a federated trust leaves open who may come.

    `provider` is a text in the provider's name; `key` the claim that must be pinned (`sub`, `aud`); `check` is
    `missing` (no condition on it), `any` (only wildcards) or `owner` (a wildcard right after the owner's name).
    """
    provider, key = str(arguments.get("provider", "")), str(arguments.get("key", "sub"))
    check = str(arguments.get("check", "missing"))
    for grant in grants_of(subject, view):
        if grant.effect != "allow":
            continue
        for principal in _federated(grant, view):
            name = _provider(subject, principal, grant, view)
            if not name or provider not in name or (not provider and "saml-provider" in name):
                continue
            answer = _claim(grant, name, key, check)
            if answer.holds is not False:
                return Answer(answer.holds, answer.at or principal.at, answer.why or name.replace(HOLE, "..."))
    return NO


def _federated(grant: Grant, view: View) -> Iterator[Principal]:
    """Yield the federated principals of a statement; one without a text for what is not known."""
    found, _ = principals_of(grant.statement.principal, view)
    yield from (principal for principal in found if principal.kind == FEDERATED)
    stated = view.seen(view.seen(grant.statement.principal).get("Federated"))
    for item in stated.items if isinstance(stated, ListValue) else (stated,):
        if isinstance(item, Unknown) and text_with_holes(item) is None:
            yield Principal(FEDERATED, "", "", item.at, item)


def _provider(subject: Subject, principal: Principal, grant: Grant, view: View) -> str:
    """Return the name of an identity provider: as written, of the resource it refers to, or as a condition calls it."""
    if principal.text and HOLE not in principal.text.rpartition("provider/")[2]:
        return principal.text
    for target in view.targets(subject, principal.value):
        if target.kind == "AWS::IAM::SAMLProvider":
            return f"saml-provider/{HOLE}"
        url = text_of(view.value(target, "Url")) if target.kind == "AWS::IAM::OIDCProvider" else None
        if url:
            return f"oidc-provider/{url.removeprefix('https://')}"
    for test in grant.condition:
        name, _, claim = test.key.rpartition(":")
        if claim in ("aud", "sub", "amr") and "." in name:
            return f"oidc-provider/{name}"
    return principal.text


def _claim(grant: Grant, provider: str, key: str, check: str) -> access.Opening:
    """Return whether the claim is missing or too wide, as `check` asks."""
    name = provider.split("oidc-provider/")[-1].lower()
    tests = [test for test in grant.condition if test.operator in POSITIVE and _is_claim(test.key, name, key)]
    if grant.condition_open and not tests:
        return access.Opening(None, grant.condition_open)
    if not tests:
        return access.Opening(check == "missing", f"no condition on {key}")
    texts = [text for test in tests for text in test.values.texts]
    narrow = [test for test in tests if test.qualifier != "forallvalues" and not test.if_exists]
    if check == "missing":
        return access.Opening(not narrow, f"the condition on {key} also holds without it", tests[0].at)
    if not texts:
        return access.Opening(None if any(test.values.open for test in tests) else False, "the claim is not known")
    for test in tests:
        for item in test.values.items:
            if (_open_subject if check == "any" else _open_owner)(item.text, test.operator):
                return access.Opening(True, item.text.replace(HOLE, "..."), item.at)
    return access.CLOSED


def _is_claim(written: str, provider: str, key: str) -> bool:
    return written == f"{provider}:{key}" or written.endswith(f":{key}") or (HOLE in provider and f":{key}" in written)


def _open_subject(text: str, operator: str) -> bool:
    """Tell whether a subject pattern admits anyone: `*`, `repo:*`, `repo:*/name:...`."""
    if operator not in ("stringlike", "arnlike"):
        return False
    head, _, rest = text.partition(":")
    owner = rest.split("/")[0]
    return not text.strip("*?") or (head == "repo" and ("*" in owner or "?" in owner)) or head in ("*", "repo*")


def _open_owner(text: str, operator: str) -> bool:
    """Tell whether a subject pattern admits every repository or every branch of its owner (`repo:org/*`)."""
    if operator not in ("stringlike", "arnlike"):
        return False
    _, _, rest = text.partition(":")
    repository, _, context = rest.partition(":")
    return "*" in repository or context.strip("*") == ""


def saml_without_audience(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a SAML trust does not pin SAML:aud."""
    for grant in grants_of(subject, view):
        if grant.effect != "allow":
            continue
        found, _ = principals_of(grant.statement.principal, view)
        for principal in found:
            if principal.kind == FEDERATED and "saml-provider" in _provider(subject, principal, grant, view):
                if any(test.key in ("saml:aud", "saml:iss", "saml:sub") for test in grant.condition):
                    continue
                if grant.condition_open:
                    return Answer(None, grant.at, grant.condition_open)
                return Answer(True, principal.at, principal.text.replace(HOLE, "..."))
    return NO
