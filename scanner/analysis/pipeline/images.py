"""Predicates about Dockerfiles: stages, copies, updates, what is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scanner.core.subject import Script, Subject
from scanner.core.value import ListValue, Value, text_of
from scanner.core.view import NO, Answer, View

ARCHIVE = re.compile(r"(?i)\.(?:tar(?:\.\w+)?|tgz|txz|tbz2?|gz|bz2|xz)$")
REMOTE = re.compile(r"(?i)^(?:https?|ftp|git)://|^git@")


def _instructions(subject: Subject, view: View) -> tuple[Value, ...]:
    value = view.value(subject, "Instructions")
    return value.items if isinstance(value, ListValue) else ()


def alias_repeated(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a Dockerfile in which two stages have the same name."""
    seen: set[str] = set()
    for item in _instructions(subject, view):
        name = (text_of(item.get("As")) or "").lower()
        if name and name in seen:
            return Answer(True, item.get("As").at, f"a stage before is called `{name}` too", value=item.get("As"))
        seen.add(name)
    return NO


def without_instruction(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a Dockerfile without an instruction of the given `name`."""
    if any(text_of(item.get("Instruction")) == arguments.get("name") for item in _instructions(subject, view)):
        return NO
    return Answer(True, subject.at, f"there is no {arguments.get('name')}")


def update_alone(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for a RUN that fetches package lists and installs nothing: later ones install from an old list."""
    if not isinstance(subject, Script) or subject.stage != "RUN":
        return NO
    updates = [command for command in subject.commands if _verb(command, ("update",))]
    installs = any(_verb(command, ("install", "add", "upgrade", "dist-upgrade")) for command in subject.commands)
    if not updates or installs:
        return NO
    return Answer(True, updates[0].at, "the package lists are kept in a layer of their own and grow old")


def _verb(command: object, verbs: tuple[str, ...]) -> bool:
    words = [word.text for word in getattr(command, "words", ())]
    managers = ("apt-get", "apt", "yum", "dnf", "apk", "zypper", "microdnf")
    return bool(words) and words[0] in managers and any(word in verbs for word in words[1:])


def add_local(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for an ADD of local files that are no archives."""
    if text_of(subject.get("Instruction")) != "ADD":
        return NO
    sources = view.value(subject, "Sources")
    texts = [text_of(item) for item in (sources.items if isinstance(sources, ListValue) else ())]
    if any(text is None or REMOTE.match(text) or ARCHIVE.search(text) for text in texts):
        return NO
    return Answer(True, subject.at, "COPY does the same without unpacking or fetching by surprise")


def add_remote(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Hold for an ADD from an address without a checksum."""
    if text_of(subject.get("Instruction")) != "ADD" or text_of(view.value(subject, "Flags").get("checksum")):
        return NO
    sources = view.value(subject, "Sources")
    for item in sources.items if isinstance(sources, ListValue) else ():
        if REMOTE.match(text_of(item) or "") and not (text_of(item) or "").endswith(".git"):
            return Answer(True, item.at, f"nothing checks what `{text_of(item)}` answers", value=item)
    return NO
