"""Whether the run holds other subjects that a rule depends on."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.core.subject import Subject
from scanner.core.value import Scalar, Unknown, text_of
from scanner.core.view import NO, Answer, View


def some_subject_of_kind(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the run has a subject of `kind` that exists."""
    for other in view.inventory.of_kind(str(arguments["kind"])):
        if view.exists(other):
            return Answer(True, related=((f"{other.kind} {other.address}", other.at),))
    return NO


def scaled_by_application_autoscaling(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether scalable targets of the run cover every dimension in `dimensions` of the subject.

    Never answers no: a target of another stack may scale it.
    """
    wanted = arguments["dimensions"]
    missing = [str(one) for one in wanted] if isinstance(wanted, (list, tuple)) else [str(wanted)]
    for target in view.inventory.of_kind("AWS::ApplicationAutoScaling::ScalableTarget"):
        dimension = text_of(view.value(target, "ScalableDimension"))
        identifier = view.value(target, "ResourceId")
        named = isinstance(identifier, Unknown) and subject in view.targets(target, identifier)
        literal = isinstance(identifier, Scalar) and _ends_with_name(identifier, subject, view)
        if view.exists(target) and dimension in missing and (named or literal):
            missing.remove(dimension)
    if missing:
        return Answer(None, None, "no scalable target of this run covers it, and one elsewhere may")
    return Answer(True)


def _ends_with_name(identifier: Scalar, subject: Subject, view: View) -> bool:
    name = text_of(view.value(subject, "TableName")) or text_of(view.value(subject, "ServiceName"))
    return name is not None and str(identifier.content).rpartition("/")[2] == name


def names_service(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the endpoint service name at `path` is that of `service` (the last part of the name)."""
    found = view.value(subject, str(arguments["path"]))
    name = text_of(found)
    service = str(arguments["service"])
    if name is not None:
        return Answer(name == service or name.endswith("." + service), found.at)
    if isinstance(found, Unknown) and found.parts:
        last = found.parts[-1]
        return Answer(last.endswith("." + service), found.at) if isinstance(last, str) else Answer(None, found.at)
    return Answer(None, found.at, "the service name is not known") if isinstance(found, Unknown) else NO


def parameter_is(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the rule's parameter `value` equals `equals`: the switch of an optional part of a rule."""
    return Answer(arguments.get("value") == arguments.get("equals"))
