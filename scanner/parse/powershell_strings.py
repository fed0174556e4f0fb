"""Words that a PowerShell command runs as text: `iex "..."`, `powershell -Command ...`, `cmd /c ...`."""

from __future__ import annotations

import re

from scanner.parse.powershell_text import TextReader
from scanner.parse.shell import CommandSyntax
from scanner.parse.shell_words import WordSyntax

_VALUES = re.compile(r"(?i)-(?:ex|ep|ec|e$|enc|f$|file|v|w|in|o|config|custom|settings|psconsole)")


def script_span(command: CommandSyntax) -> tuple[int, int] | None:
    """Return where the text stands that the command runs, or None."""
    words, name = command.words[1:], command.name
    if name in ("iex", "Invoke-Expression"):
        found = [word for word in words if not word.text.lower().startswith("-c")]
        return _run(found[0]) if found else None
    if name == "cmd":
        for index, word in enumerate(words[:-1]):
            if word.text.lower() in ("/c", "/k"):
                return words[index + 1].start, words[-1].end
        return None
    if name not in ("powershell", "pwsh"):
        return None
    index = 0
    while index < len(words):
        text = words[index].text.lower()
        if re.fullmatch(r"-c(?:o(?:m(?:m(?:a(?:nd?)?)?)?)?)?", text):
            rest = words[index + 1 :]
            return (_run(rest[0]) if len(rest) == 1 else (rest[0].start, rest[-1].end)) if rest else None
        if not text.startswith(("-", "/")):
            break
        index += 2 if _VALUES.match(text) else 1
    rest = words[index:]
    if name == "pwsh" or not rest or rest[0].text.lower().endswith(".ps1"):
        return None
    return _run(rest[0]) if len(rest) == 1 else (rest[0].start, rest[-1].end)


def _run(word: WordSyntax) -> tuple[int, int] | None:
    """Return the span of a word when its text can hold commands."""
    plain = all(part.kind in ("literal", "glob") for part in word.parts)
    quoted = word.parts[:1] != () and word.parts[0].quoted
    return (word.start, word.end) if plain or quoted else None


def substitutions(source: str) -> list[tuple[int, int]]:
    """Return the spans of `$(...)` in a string: their commands are read where the string stands."""
    found, reader = [], TextReader(source, [], 0)
    while (start := source.find("$(", reader.at)) >= 0:
        reader.at = start + 1
        reader.skip_group()
        found.append((start, reader.at))
    return found
