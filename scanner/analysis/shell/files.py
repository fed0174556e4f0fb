"""Predicates about files that commands open up: world-writable modes, system folders, symlinks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scanner.analysis.shell.answers import command_of, yes
from scanner.analysis.shell.words import positional, value_text
from scanner.core.subject import Command, Subject
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
    words = positional(command)
    if command.name == "umask":
        mode = words[0].text if words else ""
        return (
            yes(command.at, "umask 000 lets everyone write what is made from here on")
            if re.fullmatch(r"0+", mode)
            else NO
        )
    for mode in _modes(command):
        if world_writable_bits(mode):
            return yes(command.at, f"mode {mode} lets every user and process change the files")
    return NO


def _modes(command: Command) -> list[str]:
    """Return the modes that `chmod`, or the option -m of `install` and `mkdir`, is given."""
    if command.name == "chmod":
        return [word.text for word in positional(command)[:1]]
    found = value_text(command, "-m", "--mode")
    joined = (word.text[2:].removeprefix("=") for word in command.words[1:] if re.match(r"-m=?[0-7ugoa+]", word.text))
    return [found.removeprefix("-m")] if found else list(joined)


def set_id(subject: Subject, arguments_: Mapping[str, object], view: View) -> Answer:
    """Hold for `chmod` with a set-user-id or set-group-id bit."""
    command = command_of(subject)
    if command is None or command.name not in ("chmod", "install"):
        return NO
    for mode in _modes(command):
        if set_id_bits(mode):
            return yes(command.at, f"mode {mode} runs the program with its owner's rights")
    return NO
