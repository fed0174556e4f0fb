"""Instances: facts about their types that rules ask for."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.core.subject import Subject
from scanner.core.value import Absent, Unknown, text_of
from scanner.core.view import Answer, View
from scanner.facts.instance_types import OPTIONAL_EBS_OPTIMISATION


def ebs_optimized_by_default(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the instance type at `path` is EBS-optimised without being told.

    Where neither it nor a launch template is written, EC2 takes m1.small (RunInstances, InstanceType), which is not.
    """
    found = view.value(subject, str(arguments["path"]))
    if isinstance(found, Absent) and isinstance(view.value(subject, "LaunchTemplate"), Absent):
        return Answer(False, found.at)
    name = text_of(found)
    if name is None:
        why = found.reason if isinstance(found, Unknown) else "the instance type is not written here"
        return Answer(None, found.at, why) if isinstance(found, (Unknown, Absent)) else Answer(None, found.at)
    return Answer(name.partition(".")[0] not in OPTIONAL_EBS_OPTIMISATION, found.at)
