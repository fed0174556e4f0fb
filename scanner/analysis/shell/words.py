"""How the words of a command read: options, their values, positional words, addresses."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from scanner.core.subject import Command, Script, Word

URL = re.compile(r"\b(https?|ftp|git|s3)://[^\s'\"|;)>]+", re.IGNORECASE)


def known(word: Word) -> bool:
    """Tell whether the word's text is certain: literals and globs only."""
    return all(part.kind in ("literal", "glob") for part in word.parts)


def arguments(command: Command) -> tuple[Word, ...]:
    """Return the words after the command's name."""
    return command.words[1:]


def option(command: Command, *names: str) -> Word | None:
    """Return the word of the first given of these options: `-k`, `--insecure`, `--acl=x`, also inside `-sSk`."""
    letters = {name[1] for name in names if len(name) == 2 and name[0] == "-"}
    for word in arguments(command):
        text = word.text
        if text == "--":
            return None
        if text in names or any(name.startswith("--") and text.startswith(name + "=") for name in names):
            return word
        if letters and re.fullmatch(r"-[A-Za-z]{2,8}", text) and letters & set(text[1:]):
            return word
    return None


def value_of(command: Command, *names: str) -> Word | None:
    """Return the word that carries an option's value: the next one, or `--name=value` itself."""
    words = arguments(command)
    for index, word in enumerate(words):
        if word.text in names:
            return words[index + 1] if index + 1 < len(words) else None
        if any(word.text.startswith(name + "=") for name in names):
            return word
    return None


def value_text(command: Command, *names: str) -> str:
    """Return an option's value as text; empty when it is not given."""
    word = value_of(command, *names)
    if word is None:
        return ""
    for name in names:
        if word.text.startswith(name + "="):
            return word.text[len(name) + 1 :]
    return word.text


def positional(command: Command, with_value: Collection[str] = ()) -> list[Word]:
    """Return the words that are no options and no values of the options `with_value`."""
    found: list[Word] = []
    skip = False
    for word in arguments(command):
        if skip:
            skip = False
        elif word.text.startswith("-") and len(word.text) > 1:
            skip = word.text in with_value
        else:
            found.append(word)
    return found


def subcommands(command: Command, with_value: Collection[str] = ()) -> tuple[str, ...]:
    """Return the first three positional words as texts: `terraform -chdir=x apply` gives ("apply",)."""
    return tuple(word.text for word in positional(command, with_value)[:3])


def urls(command: Command) -> Iterator[tuple[str, Word]]:
    """Yield (address, word) for every address in the words."""
    for word in command.words:
        for match in URL.finditer(word.text):
            yield match.group(), word


LOOK_AROUND = 400
"""Commands before and after one that are looked at, so that a script of any length is judged in linear time."""


@lru_cache(maxsize=16)
def positions(script: Script) -> dict[int, int]:
    """Return the position of every command of a script by its identity; kept for the scripts asked for last."""
    return {id(command): index for index, command in enumerate(script.commands)}


def sequence(script: Script, command: Command) -> tuple[list[Command], list[Command]]:
    """Return the commands of the script before and after a command, LOOK_AROUND of them on each side at most."""
    index = positions(script)[id(command)]
    commands = script.commands
    return list(commands[max(0, index - LOOK_AROUND) : index]), list(commands[index + 1 : index + 1 + LOOK_AROUND])


def text_of(command: Command) -> str:
    """Return the command as one line of text, for messages: at most 80 characters."""
    text = " ".join(word.text.replace("\n", " ") for word in command.words)
    return text if len(text) <= 80 else text[:77] + "..."
