"""Denials of a resource or trust policy: whom do they keep out, whatever else the policy allows?

A denial counts when no condition limits it. One of an account keeps out everyone in it (see NotPrincipal in IAM's
reference of policy elements, which has to spare the account beside the principal).
"""

from __future__ import annotations

from collections.abc import Mapping

from scanner.analysis.iam.actions import names_action
from scanner.analysis.iam.grants import Grant, grants_of
from scanner.analysis.iam.principals import ACCOUNT, ANY, principals_of
from scanner.analysis.iam.scope import is_star
from scanner.core.subject import Subject
from scanner.core.value import HOLE, Absent
from scanner.core.view import NO, Answer, View

EVERYONE = "*"
_OWNS_POLICY = ("s3:putbucketpolicy", "s3:deletebucketpolicy")


def shut_out(grant: Grant, view: View) -> frozenset[str]:
    """Return the accounts and principals that the policy denies all that this statement allows; EVERYONE for all."""
    actions = grant.action.exact
    if not actions or grant.action.globs or grant.action.open:
        return frozenset()
    found: set[str] = set()
    for denial in grants_of(grant.statement.policy, view):
        if denial.effect != "deny" or denial.condition or denial.condition_open:
            continue
        if not all(names_action(denial, action) for action in actions):
            continue
        for principal in principals_of(denial.statement.principal, view)[0]:
            if principal.kind == ANY:
                found.add(EVERYONE)
            elif principal.kind == ACCOUNT and HOLE not in principal.account:
                found.add(principal.account)
            elif HOLE not in principal.text:
                found.add(principal.text)
    return frozenset(found)


def locks_out(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a statement of a bucket policy denies everyone to change or remove the policy."""
    for grant in grants_of(subject, view):
        if grant.effect != "deny" or grant.condition or grant.not_resource.stated:
            continue
        principals, reason = principals_of(grant.statement.principal, view)
        everyone = next((principal for principal in principals if principal.kind == ANY), None)
        named = [names_action(grant, action) for action in _OWNS_POLICY]
        bucket = _bucket(grant)
        if not isinstance(view.seen(grant.statement.not_principal), Absent) or False in (*named, bucket):
            continue
        if everyone is None and not reason:
            continue
        if grant.condition_open or everyone is None or None in (*named, bucket):
            return Answer(None, grant.at, grant.condition_open or reason or grant.resource.open or grant.action.open)
        return Answer(True, everyone.at, "everyone but the root user of the account")
    return NO


def denies_actions(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether one statement of a resource policy denies all of `actions`, to whomever and on what condition."""
    wanted = arguments["actions"]
    actions = [str(action).lower() for action in wanted] if isinstance(wanted, (list, tuple)) else [str(wanted).lower()]
    nearest, doubt = NO, ""
    for grant in grants_of(subject, view):
        named = [names_action(grant, action) for action in actions]
        unread = grant.effect != "allow" and False not in named and (not grant.effect or None in named)
        if grant.statement_open or unread:
            doubt = doubt or grant.statement_open or grant.action.open or "the effect is not known"
        elif grant.effect == "deny" and False not in named:
            return Answer(True, grant.at)
        elif grant.effect == "deny":
            nearest = Answer(False, grant.at)
    return Answer(None, subject.at, doubt) if doubt else nearest


def _bucket(grant: Grant) -> bool | None:
    """Tell whether the resources take in the bucket itself, not only its objects."""
    texts = grant.resource.texts
    if any(is_star(text) or "/" not in (text.partition(":::")[2] or text) for text in texts):
        return True
    return None if grant.resource.open else False
