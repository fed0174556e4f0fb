"""Predicates on policies and statements. Each judges one question; rules choose severity and words.

On a Statement the whole policy's denials count too. All answers are three-valued: what hangs on a condition or on
an unknown value is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

from scanner.analysis.globs import matches
from scanner.analysis.iam import access
from scanner.analysis.iam.actions import Wanted, by_level, by_name, granted, level_of, names_action
from scanner.analysis.iam.conditions import limited
from scanner.analysis.iam.denials import EVERYONE, shut_out
from scanner.analysis.iam.escalation import Held, held, open_path, spelled
from scanner.analysis.iam.grants import Grant, Test, grants_of, lowered, part_of
from scanner.analysis.iam.scope import any_resource, is_star, reaches_all
from scanner.core.location import Location
from scanner.core.subject import ActionGrant, Statement, Subject
from scanner.core.value import HOLE
from scanner.core.view import NO, Answer, View
from scanner.facts.iam import Service
from scanner.facts.iam.escalation import PATHS
from scanner.facts.iam.sensitive import CREDENTIALS, EXFILTRATION, OWN_TOKENS

SHOWN = 3
"""How many actions a message names."""


def _manages_permissions(service: Service, action: str) -> bool:
    """Tell whether an action changes permissions: by its level, or because it changes identities themselves."""
    level = level_of(service, action)
    return level == "P" or (service.name == "iam" and level in "WT")


NAMED = {"exfiltration": EXFILTRATION, "credentials": CREDENTIALS, "own-tokens": OWN_TOKENS}
_SETS: dict[str, Wanted] = {
    "permissions-management": _manages_permissions,
    "infrastructure": by_level("WTP", limitable=True),
    "write": by_level("WTP"),
    "any": by_level("RLWTP"),
    "limitable": by_level("RLWTP", limitable=True),
    **{name: by_name(actions) for name, actions in NAMED.items()},
}


def _texts(argument: object) -> tuple[str, ...]:
    """Return an argument that is one text (words apart by blanks) or a list of texts."""
    if argument is None:
        return ()
    if isinstance(argument, str):
        return tuple(argument.split())
    return tuple(str(entry) for entry in argument) if isinstance(argument, Sequence) else (str(argument),)


def _denials(subject: Subject, view: View) -> list[Grant]:
    """Return the denying statements of the policy a statement stands in (or of the policy itself)."""
    if isinstance(subject, ActionGrant):
        subject = subject.statement
    policy: Subject = subject.policy if isinstance(subject, Statement) else subject
    return [grant for grant in grants_of(policy, view) if grant.effect == "deny"]


def _allowing(subject: Subject, view: View) -> Iterator[Grant]:
    return (grant for grant in grants_of(subject, view) if grant.effect == "allow")


def _open_statement(subject: Subject, view: View) -> Answer | None:
    """Return the unknown answer for a subject with a statement that cannot be read; None when all can be."""
    for grant in grants_of(subject, view):
        if grant.statement_open:
            return Answer(None, grant.at, grant.statement_open)
    return None


def escalation_path(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a policy opens a path of `scanner.facts.iam.escalation`: `path` names it, without it any path.

    `actions` (with `passed_to`) states a path of one's own instead.
    """
    grants = grants_of(subject, view)
    unsure: Held | None = None
    first: Held | None = None
    count = 0
    for path in _paths(arguments):
        answer = open_path(grants, path)
        if answer.holds:
            first, count = first or answer, count + 1
        elif answer.holds is None:
            unsure = unsure or answer
    if first is not None:
        more = f" and opens {count - 1} further way{'s' if count > 2 else ''}" if count > 1 else ""
        return Answer(True, first.at or subject.at, first.why + more)
    if unsure is None:
        return _open_statement(subject, view) or NO
    return Answer(None, unsure.at or subject.at, unsure.why)


def _paths(arguments: Mapping[str, object]) -> Iterator:  # type: ignore[type-arg]  # of EscalationPath
    from scanner.facts.iam.escalation import EscalationPath

    if "actions" in arguments:
        actions = tuple(action.lower() for action in _texts(arguments["actions"]))
        yield EscalationPath(actions, _texts(arguments.get("passed_to")))
    elif "path" in arguments:
        yield PATHS[str(arguments["path"])]
    else:
        yield from PATHS.values()


def grants_actions(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a statement grants actions of a kind without limiting them to resources.

    `set`: permissions-management, infrastructure (what changes something and could be limited), write, any,
    limitable, exfiltration, credentials, own-tokens; or `actions`: names and globs. `resources`: `all` (default) or
    `any`.
    `conditions`: `limited` (default) takes a statement with a limiting condition as harmless, `ignored` does not.
    """
    denials = _denials(subject, view)
    unsure = ""
    for grant in _allowing(subject, view):
        if arguments.get("conditions", "limited") == "limited" and limited(grant):
            continue
        found, place, maybe = _matching(grant, arguments, denials)
        if found:
            more = " and more" if len(found) > SHOWN else ""
            return Answer(True, place, ", ".join(found[:SHOWN]) + more)
        unsure = unsure or maybe
    if unsure:
        return Answer(None, subject.at, unsure)
    return _open_statement(subject, view) or NO


def _matching(
    grant: Grant, arguments: Mapping[str, object], denials: list[Grant],
) -> tuple[list[str], Location, str]:
    """Return the first granted actions that the arguments ask for, where, and why more may be there."""
    everywhere = arguments.get("resources", "all") == "all"
    found: list[str] = []
    place = grant.at
    if everywhere and any_resource(grant) is False and not grant.resource.items:
        return found, place, ""
    candidates = _candidates(grant, arguments)
    for action, at in candidates:
        if everywhere and not reaches_all(grant, action):
            continue
        if _taken_away(denials, action.lower()):
            continue
        if not found:
            place = at
        found.append(action)
        if len(found) > SHOWN:
            break
    maybe = ""
    if not found and (grant.action.open or (everywhere and grant.resource.open)):
        maybe = grant.action.open or grant.resource.open
    return found, place, maybe


def _candidates(grant: Grant, arguments: Mapping[str, object]) -> Iterator[tuple[str, Location]]:
    if "set" in arguments:
        names = NAMED.get(str(arguments["set"]))
        if names is None:
            yield from granted(grant, _SETS[str(arguments["set"])])
            return
        wanted: Sequence[str] = sorted(names)
    else:
        wanted = [text.lower() for text in _texts(arguments.get("actions"))]
    for name in wanted:
        if "*" in name:
            yield from granted(grant, lambda service, action, glob=name: matches(  # type: ignore[misc]
                glob, f"{service.name}:{action.lower()}"))
        elif names_action(grant, name):
            yield spelled(name), _place(grant, name)


def _place(grant: Grant, action: str) -> Location:
    for item in grant.action.items:
        if matches(item.text, action):
            return item.at
    return grant.statement.not_action.at if grant.not_action.stated else grant.at


def _taken_away(denials: list[Grant], action: str) -> bool:
    """Tell whether an unconditional denial on every resource takes an action away."""
    return any(
        not grant.condition and not grant.condition_open and not grant.not_resource.stated
        and any_resource(grant) and names_action(grant, action)
        for grant in denials
    )


def administrator(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a statement allows every action on every resource, in any spelling (`*`, `*:*`, `**`)."""
    unsure = ""
    for grant in _allowing(subject, view):
        widest = any(_every_action(text) for text in grant.action.globs)
        item = next((item for item in grant.action.items if _every_action(item.text)), None) if widest else None
        every = item is not None or (grant.not_action.stated and not grant.not_action.items)
        reach = any_resource(grant)
        if every and reach and not (grant.condition and limited(grant)):
            return Answer(True, item.at if item is not None else grant.at, "every action on every resource")
        if (every or grant.action.open) and reach is not False and (reach is None or grant.action.open):
            unsure = unsure or grant.action.open or grant.resource.open
    if unsure:
        return Answer(None, subject.at, unsure)
    return _open_statement(subject, view) or NO


def _every_action(text: str) -> bool:
    return text[:1] == "*" and not text.replace(":", "").strip("*") and text.count(":") <= 1


def action_wildcard(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether an allowing statement names actions by wildcard.

    `width` says how wide at least: `every` (`*`), `service` (`s3:*`, the default), `any` (`s3:Get*`).
    `resources: all` asks only where the statement reaches every resource; `services` limits the question to some.
    """
    width = str(arguments.get("width", "service"))
    services = _texts(arguments.get("services"))
    unsure = ""
    for grant in _allowing(subject, view):
        if arguments.get("resources") == "all" and not any_resource(grant):
            continue
        part = grant.action
        if isinstance(subject, ActionGrant):
            part = lowered(part_of(subject.action, view))
        for item in part.items:
            if _as_wide(item.text, width) and (not services or item.text.split(":")[0] in services):
                return Answer(True, item.at, item.text.replace(HOLE, "..."), value=item.value)
        unsure = unsure or part.open
    if unsure:
        return Answer(None, subject.at, unsure)
    return _open_statement(subject, view) or NO


def _as_wide(text: str, width: str) -> bool:
    if _every_action(text):
        return True
    if width == "every":
        return False
    _, colon, name = text.partition(":")
    return bool(colon) and (is_star(name) if width == "service" else "*" in name)


def resource_wildcard(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether an allowing statement has Resource `*`; `actions` asks for it on some actions only.

    `limitable: true` leaves out statements whose actions all accept nothing but `*`.
    """
    unsure = ""
    for grant in _allowing(subject, view):
        item = next((item for item in grant.resource.items if is_star(item.text)), None)
        if item is None:
            unsure = unsure or grant.resource.open
            continue
        actions = [text.lower() for text in _texts(arguments.get("actions"))]
        named = [names_action(grant, action) for action in actions]
        if actions and not any(named):
            unsure = unsure or (grant.action.open if None in named else "")
            continue
        if arguments.get("limitable") and next(islice(granted(grant, _SETS["limitable"]), 1), None) is None:
            continue
        return Answer(True, item.at, "every resource", value=item.value)
    if unsure:
        return Answer(None, subject.at, unsure)
    return _open_statement(subject, view) or NO


def grants_anywhere(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the policy as a whole grants one of `actions` without limits of resource, condition or denial."""
    grants = grants_of(subject, view)
    unsure: Held | None = None
    for action in _texts(arguments.get("actions")):
        answer = held(grants, action.lower(), _texts(arguments.get("passed_to")))
        if answer.holds:
            return Answer(True, answer.at or subject.at, spelled(action.lower()))
        if answer.holds is None:
            unsure = unsure or answer
    if unsure is None:
        return NO
    return Answer(None, unsure.at or subject.at, unsure.why)


def open_to_anyone(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a statement lets anyone in.

    `conditions`: `narrowing` (default) takes a condition on the caller into account, `ignored` does not, `only` holds
    exactly when such a condition is all that stands before everyone. `actions` limits the question to statements
    that name one of them (globs allowed).
    """
    mode = arguments.get("conditions", "narrowing")
    actions = [text.lower() for text in _texts(arguments.get("actions"))]
    unsure: Answer | None = None
    for grant in grants_of(subject, view):
        if actions and not _names_one(grant, actions):
            continue
        opening = access.public(grant, view) if mode == "narrowing" else access.anyone(grant, view)
        if mode == "only" and opening.holds and access.public(grant, view).holds is not False:
            continue
        if opening.holds:
            return Answer(True, opening.at or grant.at, opening.why)
        if opening.holds is None:
            unsure = unsure or Answer(None, grant.at, opening.why)
    return unsure or NO


def _names_one(grant: Grant, actions: list[str]) -> bool:
    from scanner.analysis.globs import overlaps

    if grant.not_action.stated:
        return True
    return any(overlaps(text, action) for text in grant.action.texts for action in actions)


def open_to_account(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a statement lets a named foreign account in, or anyone.

    `trusted`: accounts, principals and organisations that are no strangers. `unless_keys`: condition keys whose
    presence makes the statement acceptable. `federated: false` leaves identity providers out. `anyone: true` counts
    public statements too; `anyone: untrusted` counts everyone whom conditions do not confine to the trusted.
    """
    trusted = frozenset(_texts(arguments.get("trusted")))
    keys = [key.lower() for key in _texts(arguments.get("unless_keys"))]
    unsure: Answer | None = None
    for grant in grants_of(subject, view):
        denied = shut_out(grant, view)
        if EVERYONE in denied or any(test.key in keys and not _takes_any(test) for test in grant.condition):
            continue
        judge = access.beyond if arguments.get("anyone") == "untrusted" else partial(_stranger, arguments)
        opening = judge(grant, view, trusted | denied)
        if opening.holds:
            return Answer(True, opening.at or grant.at, opening.why)
        if opening.holds is None:
            unsure = unsure or Answer(None, grant.at, opening.why)
    return unsure or NO


def _takes_any(test: Test) -> bool:
    """Tell whether a condition line is content with every value of its key (`StringLike` with `*`)."""
    return test.operator in ("stringlike", "arnlike") and any(not text.strip("*") for text in test.values.texts)


def _stranger(
    arguments: Mapping[str, object], grant: Grant, view: View, trusted: frozenset[str],
) -> access.Opening:
    """Return whether a statement lets a stranger in: by name, or among everyone that its conditions leave over."""
    if arguments.get("anyone"):
        opening = access.public(grant, view)
        if opening.holds is not False:
            return opening
        if access.anyone(grant, view).holds:
            if access.organisation_pinned(grant):
                return access.CLOSED
            accounts, _ = access.accounts_in_conditions(grant)
            strange = sorted(text for text in accounts if text not in trusted and HOLE not in text)
            if strange:
                return access.Opening(True, f"{strange[0]} by a condition", grant.at)
            return access.CLOSED
    return access.foreign(grant, view, trusted, arguments.get("federated") is not False)


def confused_deputy(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a statement trusts a service without saying for which account or resource it may act.

    `services` limits the question to services by the first word of their principal (`sns`, `s3`).
    """
    services = frozenset(_texts(arguments.get("services")))
    for grant in grants_of(subject, view):
        opening = access.confused_deputy(grant, view, services)
        if opening.holds is not False:
            return Answer(opening.holds, opening.at or grant.at, opening.why)
    return NO


def excludes(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether an allowing statement states `element`: NotAction, NotResource or NotPrincipal."""
    from scanner.core.value import Absent

    element = str(arguments["element"])
    for grant in _allowing(subject, view):
        value = view.seen(grant.statement.element.get(element))
        if not isinstance(value, Absent):
            at = grant.statement.element.get(element).at
            return Answer(True, at, f"everything but what {element} lists", value=value)
    return _open_statement(subject, view) or NO


def denies_plain_http(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a bucket policy denies everyone all requests for bucket and objects that are made without TLS.

    It holds too when the parts are stated apart: one statement for the bucket and one for its objects.
    """
    unsure = ""
    covered: set[str] = set()
    for grant in grants_of(subject, view):
        unsure = unsure or grant.statement_open
        if grant.effect != "deny":
            continue
        tests = grant.condition
        if tests and all(_without_tls(test) for test in tests):
            unsure = unsure or _denied_parts(grant, view, covered)
            if covered >= {"bucket", "objects"}:
                return Answer(True, grant.at)
        unsure = unsure or grant.condition_open
    return Answer(None, subject.at, unsure) if unsure else NO


def _without_tls(test: Test) -> bool:
    return test.key == "aws:securetransport" and test.operator == "bool" and "false" in test.values.texts


def _denied_parts(grant: Grant, view: View, covered: set[str]) -> str:
    """Add what a statement denies everyone whole: the bucket, its objects; return why it may be more."""
    everyone = access.named_everyone(grant, view)
    every_action = any(_every_action(text) or text == "s3:*" for text in grant.action.texts)
    if everyone and every_action:
        for text in grant.resource.texts:
            if text.endswith("*"):
                covered.add("objects")
            if "/" not in text:
                covered.add("bucket")
    if everyone is False or (not every_action and not grant.action.open):
        return ""
    return grant.resource.open or grant.action.open or ("the principal is not known" if everyone is None else "")
