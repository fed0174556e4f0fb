"""Commands that only run another command: `sudo -u app env A=b timeout 30 deploy` is `deploy`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.parse.shell_words import WordSyntax

WRAPPERS: dict[str, tuple[str, int]] = {
    # name -> (option letters that take a value, positional words before the command)
    "sudo": ("ugpCDhRrtT", 0),
    "doas": ("uC", 0),
    "env": ("uCS", 0),
    "time": ("fo", 0),
    "nohup": ("", 0),
    "nice": ("n", 0),
    "ionice": ("cnp", 0),
    "exec": ("a", 0),
    "command": ("", 0),
    "builtin": ("", 0),
    "stdbuf": ("ioe", 0),
    "timeout": ("ks", 1),
    "setsid": ("", 0),
    "xargs": ("aEIiLlnPsd", 0),
    "retry": ("", 0),
    "catchsegv": ("", 0),
    "dumb-init": ("", 0),
    "tini": ("", 0),
    "aws-vault": ("", 0),
    "runuser": ("ugGs", 0),
    "chroot": ("", 1),
    "nsenter": ("tSGT", 0),
    "unshare": ("", 0),
    "flock": ("wE", 1),
}
ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\+?=")
MAX_WRAPPERS = 8


def unwrapped(
    words: tuple[WordSyntax, ...],
) -> tuple[tuple[str, ...], tuple[WordSyntax, ...], list[tuple[str, WordSyntax]]]:
    """Return (wrappers, words of the wrapped command, assignments made by the wrappers).

    A wrapper without a command after it (`env`, `sudo -l`, `time -p`) stays the command itself.
    """
    wrappers: list[str] = []
    assignments: list[tuple[str, WordSyntax]] = []
    while words and len(wrappers) < MAX_WRAPPERS:
        name = words[0].text.rsplit("/", 1)[-1]
        known = WRAPPERS.get(name)
        if known is None or (name == "command" and len(words) > 1 and words[1].text in ("-v", "-V")):
            break
        rest = _after_options(words[1:], *known)
        while rest and name in ("env", "sudo", "doas"):
            match = ASSIGNMENT.match(rest[0].text)
            if match is None:
                break
            assignments.append((match.group(1), rest[0]._replace(text=rest[0].text[match.end():])))
            rest = rest[1:]
        if not rest or (name == "runuser" and "-c" in [word.text for word in words]):
            break
        wrappers.append(name)
        words = rest
    return tuple(wrappers), words, assignments


def _after_options(words: tuple[WordSyntax, ...], with_value: str, positional: int) -> tuple[WordSyntax, ...]:
    """Return the words after a wrapper's own options and positional words."""
    index = 0
    while index < len(words) and words[index].text.startswith("-") and len(words[index].text) > 1:
        text = words[index].text
        index += 1
        if text == "--":
            break
        if len(text) == 2 and text[1] in with_value:
            index += 1
    return words[index + positional:]
