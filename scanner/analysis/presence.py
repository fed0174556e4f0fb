"""Whether the run holds other subjects that a rule depends on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scanner.analysis.globs import matches
from scanner.core.subject import Subject
from scanner.core.value import ListValue, Scalar, Unknown, Value, text_of
from scanner.core.view import NO, Answer, View


def some_subject_of_kind(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the run has a subject of `kind` that exists, if asked for one with the value `equals` at `path`."""
    unknown: Unknown | None = None
    for other in view.inventory.of_kind(str(arguments["kind"])):
        found = view.value(other, str(arguments["path"])) if "path" in arguments else None
        if not view.exists(other):
            continue
        if found is None or text_of(found) == arguments.get("equals"):
            return Answer(True, related=((f"{other.kind} {other.address}", other.at),))
        unknown = found if isinstance(found, Unknown) else unknown
    return NO if unknown is None else Answer(None, unknown.at, unknown.reason)


def scanned_by_registry(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a scanning rule of the registry covers a repository."""
    name = text_of(view.value(subject, "RepositoryName"))
    undecided: Value | None = None
    for registry in view.inventory.of_kind("AWS::ECR::RegistryScanningConfiguration"):
        if not view.exists(registry):
            continue
        for pattern in _scanned_names(view.value(registry, "Rules")):
            text = text_of(pattern)
            if text == "*" or (text and name and matches(text if "*" in text else f"*{text}*", name)):
                return Answer(True, related=((f"{registry.kind} {registry.address}", registry.at),))
            if text is None or name is None:
                undecided = pattern
    if undecided is not None:
        return Answer(None, undecided.at, "whether a scanning rule of the registry covers it is not known")
    return NO


def _scanned_names(rules: Value) -> Iterator[Value]:
    """Yield the name filters of the rules that scan; one without `*` fits every name that contains it."""
    if isinstance(rules, Unknown):
        yield rules
    for rule in rules.items if isinstance(rules, ListValue) else ():
        filters = rule.get("RepositoryFilters")
        if text_of(rule.get("ScanFrequency")) == "MANUAL":
            continue
        if isinstance(filters, ListValue):
            yield from (one.get("Filter") for one in filters.items)
        else:
            yield filters


def scaled_by_application_autoscaling(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether scalable targets of the run cover every dimension in `dimensions` of the subject.

    Open when a target of the subject's own scope has the dimension and names a resource that is not known.
    """
    wanted = arguments["dimensions"]
    missing = [str(one) for one in wanted] if isinstance(wanted, (list, tuple)) else [str(wanted)]
    unplaced: Unknown | None = None
    for target in view.inventory.of_kind("AWS::ApplicationAutoScaling::ScalableTarget"):
        dimension = text_of(view.value(target, "ScalableDimension"))
        identifier = view.value(target, "ResourceId")
        named = isinstance(identifier, Unknown) and subject in view.targets(target, identifier)
        literal = isinstance(identifier, Scalar) and _ends_with_name(identifier, subject, view)
        if not view.exists(target) or dimension not in missing:
            continue
        if named or literal:
            missing.remove(dimension)
        elif target.scope == subject.scope and isinstance(identifier, Unknown) and not view.targets(target, identifier):
            unplaced = identifier
    if not missing:
        return Answer(True)
    if unplaced is not None:
        return Answer(None, unplaced.at, "a scalable target names a resource that is not known")
    return NO


def _ends_with_name(identifier: Scalar, subject: Subject, view: View) -> bool:
    name = text_of(view.value(subject, "TableName")) or text_of(view.value(subject, "ServiceName"))
    return name is not None and str(identifier.content).rpartition("/")[2] == name


def stage_named_by_association(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether an association of `kind` writes the name of this API stage into its ResourceArn.

    Its web ACL, at `acl`, is one of `allowed`, unless that list is empty.
    """
    api, name = view.value(subject, "RestApiId"), text_of(view.value(subject, "StageName"))
    allowed = arguments.get("allowed")
    doubt: Answer | None = None
    for other in view.inventory.of_kind(str(arguments["kind"])):
        if name is None or not view.exists(other) or not _names_stage(other, subject, api, name, view):
            continue
        acl = view.value(other, str(arguments["acl"]))
        if not isinstance(allowed, (list, tuple)) or not allowed or text_of(acl) in allowed:
            return Answer(True)
        if isinstance(acl, Unknown):
            doubt = Answer(None, acl.at, acl.reason)
    return doubt or NO


def _names_stage(association: Subject, stage: Subject, api: Value, name: str, view: View) -> bool:
    arn = view.value(association, "ResourceArn")
    if isinstance(arn, Unknown) and arn.parts:
        last, apis = arn.parts[-1], view.targets(stage, api)
        same = any(found in apis for found in view.targets(association, arn))
        return same and isinstance(last, str) and last.endswith(f"/stages/{name}")
    text = text_of(arn)
    return text is not None and text.endswith(f"/restapis/{text_of(api)}/stages/{name}")


def reaches_services(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether endpoints of the run lead from a network to each of `services`; `why` names those that lack one."""
    wanted = arguments["services"]
    missing = [str(one) for one in wanted] if isinstance(wanted, (list, tuple)) else [str(wanted)]
    undecided: Value | None = None
    for endpoint in view.inventory.of_kind("AWS::EC2::VPCEndpoint"):
        network = view.value(endpoint, "VpcId")
        targets = view.targets(endpoint, network)
        if not view.exists(endpoint) or (targets and subject not in targets):
            continue
        if not targets:
            undecided = network if isinstance(network, Unknown) and endpoint.scope == subject.scope else undecided
            continue
        answers = {one: _names(one, view.value(endpoint, "ServiceName")) for one in missing}
        missing = [one for one in missing if not answers[one]]
        if None in answers.values():
            undecided = view.value(endpoint, "ServiceName")
    if not missing:
        return Answer(True)
    if undecided is not None:
        return Answer(None, undecided.at, "the network or the service of an endpoint is not known")
    return Answer(False, why=", ".join(missing))


def _names(service: str, found: Value) -> bool | None:
    """Tell whether an endpoint's service name is that of a service, its last part."""
    name = text_of(found)
    if name is not None:
        return name == service or name.endswith("." + service)
    if not isinstance(found, Unknown):
        return False
    last = found.parts[-1] if found.parts else None
    return last.endswith("." + service) if isinstance(last, str) else None


def parameter_is(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the rule's parameter `value` equals `equals`: the switch of an optional part of a rule.

    With `lists` instead: whether the list `value` has that item, or is empty, which asks for everything. With `above`
    instead: whether the number `value` is more than that.
    """
    value = arguments.get("value")
    if "lists" in arguments:
        return Answer(not value or (isinstance(value, (list, tuple)) and arguments["lists"] in value))
    if "above" in arguments:
        return Answer(isinstance(value, int) and value > int(str(arguments["above"])))
    return Answer(value == arguments.get("equals"))


def bucket_among(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the bucket at `path`, by its name or its domain name, is one of `names`, or `names` is empty."""
    names = arguments.get("names")
    found = view.value(subject, str(arguments["path"]))
    if not isinstance(names, (list, tuple)) or not names:
        return Answer(True, found.at)
    text = text_of(found)
    if text is None:
        return Answer(None, found.at, found.reason) if isinstance(found, Unknown) else Answer(False, found.at)
    return Answer(any(text == str(name) or text.startswith(f"{name}.s3") for name in names), found.at, value=found)


_LOGS = {"search": "SEARCH_SLOW_LOGS", "index": "INDEX_SLOW_LOGS", "error": "ES_APPLICATION_LOGS"}
"""Log types as AWS Config's parameter names them, and as domains do."""


def publishes_logs(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the domain publishes every log in `types` (the domain's words, or search, index and error)."""
    types = arguments.get("types")
    answer = Answer(True)
    for name in types if isinstance(types, (list, tuple)) else ():
        found = view.value(subject, f"LogPublishingOptions.{_LOGS.get(str(name), name)}.Enabled")
        if isinstance(found, Unknown):
            answer = Answer(None, found.at, found.reason)
        elif not isinstance(found, Scalar) or str(found.content).lower() != "true":
            return Answer(False, found.at, value=found)
    return answer
