"""What a container image will be, from the instructions that build it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scanner.core.subject import Subject
from scanner.core.value import ListValue, Scalar, Unknown, text_of
from scanner.core.view import NO, Answer, View

_ROOT = re.compile(r"(?:root|0+)(?::.*)?\Z")


def final_user_is_root(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the image runs as root because its last USER says so.

    Only the last USER of the last stage counts: building as root is usual. Without one the base image decides, which
    is not known here; the answer is then no unless `unset` is true, which holds for an image that names no user.
    """
    instructions = view.value(subject, "Instructions")
    if isinstance(instructions, Unknown):
        return Answer(None, why=instructions.reason)
    last = view.value(subject, "FinalStage")
    stage = last.content if isinstance(last, Scalar) else 0
    user = None
    for entry in instructions.items if isinstance(instructions, ListValue) else ():
        here = entry.get("Stage")
        if text_of(entry.get("Instruction")) == "USER" and isinstance(here, Scalar) and here.content == stage:
            user = entry.get("User")
    if user is None:
        return Answer(bool(arguments.get("unset")), subject.at, "the base image decides which user it runs as")
    if isinstance(user, Unknown):
        return Answer(None, user.at, user.reason)
    if arguments.get("unset"):
        return NO
    return Answer(bool(_ROOT.match(text_of(user) or "")), user.at, f"its last USER is {text_of(user)}", value=user)
