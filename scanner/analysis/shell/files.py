"""Predicates about files that commands open up: world-writable modes, system folders, symlinks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scanner.analysis.shell.answers import command_of, yes
from scanner.analysis.shell.words import positional
from scanner.core.subject import Subject
from scanner.core.view import NO, Answer, View


def world_writable_bits(mode: str) -> bool:
    """Tell whether an octal or symbolic mode lets everyone write; the sticky bit makes folders safe."""
    if re.fullmatch(r"[0-7]{3,5}", mode):
        sticky = len(mode) >= 4 and int(mode[-4]) & 1
        return bool(int(mode[-1]) & 2) and not sticky
    return any(
        "w" in rights and ("o" in who or "a" in who or not who) and operator in "+="
        for who, operator, rights in re.findall(r"([ugoa]*)([+=-])([rwxXst]*)", mode)
        if not (not who and rights == "x")
    ) and not re.fullmatch(r"\+w|u\+w", mode)


def set_id_bits(mode: str) -> bool:
    """Tell whether an octal or symbolic mode makes programs run as their owner or group."""
    if re.fullmatch(r"[0-7]{4,5}", mode):
        return bool(int(mode[-4]) & 6)
    return any(
        "s" in rights and operator in "+=" for _, operator, rights in re.findall(r"([ugoa]*)([+=])([rwxXst]*)", mode)
    )


def opened_to_all(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for `chmod` and `install -m` with a mode that lets everyone write."""
    command = command_of(subject)
    if command is None or command.name not in ("chmod", "install", "mkdir", "umask"):
        return NO
    words = positional(command) if command.name == "chmod" else list(command.words[1:])
    if command.name == "umask":
        mode = words[0].text if words else ""
        return (
            yes(command.at, "umask 000 lets everyone write what is made from here on")
            if re.fullmatch(r"0+", mode)
            else NO
        )
    if command.name == "chmod":
        candidates = words[:1]
    else:
        candidates = [words[i + 1] for i, word in enumerate(words[:-1]) if word.text in ("-m", "--mode")]
    for word in candidates:
        if world_writable_bits(word.text):
            return yes(command.at, f"mode {word.text} lets every user and process change the files")
    return NO


def set_id(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for `chmod` with a set-user-id or set-group-id bit."""
    command = command_of(subject)
    if command is None or command.name != "chmod":
        return NO
    for word in positional(command)[:1]:
        if set_id_bits(word.text):
            return yes(command.at, f"mode {word.text} runs the program with its owner's rights")
    return NO
