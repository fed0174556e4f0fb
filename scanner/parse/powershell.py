"""PowerShell and cmd text -> commands, line by line: names, arguments and pipelines, no expressions."""

from __future__ import annotations

import re

from scanner.core.subject import WordPart
from scanner.parse.shell import MAX_CHARACTERS, CommandSyntax, Parsed
from scanner.parse.shell_words import WordSyntax

TOKEN = re.compile(
    r"""(?P<comment>(?<![^\s;|({])\#[^\n]*|<\#.*?\#>)
      | (?P<again>`\r?\n)
      | (?P<end>[\n;{}]|&&|\|\|)
      | (?P<pipe>\|)
      | (?P<word>(?:"(?:[^"`]|`.|"")*"|'(?:[^']|'')*'|\$\((?:[^()]|\([^()]*\))*\)|`.|[^\s;|{}"'`])+)
      | (?P<blank>[^\S\n]+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
PIECE = re.compile(
    r"\$\((?:[^()]|\([^()]*\))*\)|\$\{?(?:env:)?[A-Za-z_][A-Za-z0-9_:]*\}?|#\{[A-Za-z0-9_.]+\}|\$\{\{.*?\}\}"
)


def commands(text: str, options: frozenset[str] = frozenset(), templates: tuple[tuple[int, int], ...] = ()) -> Parsed:
    """Return the commands of the text in order; `options` and `templates` as for the shell reader."""
    found: list[CommandSyntax] = []
    words: list[WordSyntax] = []
    before: CommandSyntax | None = None

    def close(piped: bool) -> None:
        nonlocal before
        made = _command(words, options)
        words.clear()
        if made is not None:
            found.append(made)
            if before is not None:
                before.downstream, made.upstream = made, before
        before = made if piped else None

    for match in TOKEN.finditer(text[:MAX_CHARACTERS]):
        kind = match.lastgroup
        if kind == "word":
            words.append(_word(match.group(), match.start(), match.end(), templates))
        elif kind in ("end", "pipe"):
            close(kind == "pipe")
    close(False)
    return Parsed(found, [], options)


def _command(words: list[WordSyntax], options: frozenset[str]) -> CommandSyntax | None:
    """Return the command of a run of words; `$x = command` is the command."""
    if len(words) > 2 and words[1].text == "=" and words[0].text.startswith("$"):
        words = words[2:]
    while words and words[0].text in ("&", "try", "else", "finally", "."):
        words = words[1:]
    if not words:
        return None
    made = CommandSyntax(words[0].start, words[-1].end, (), options)
    made.words = tuple(words)
    return made


def _word(source: str, start: int, end: int, templates: tuple[tuple[int, int], ...]) -> WordSyntax:
    quoted = source[:1] in ('"', "'")
    text = source[1:-1] if quoted and source[-1:] == source[:1] else source
    if source[:1] == "'":
        return WordSyntax(text, (WordPart("literal", text, True),), start, end)
    parts: list[WordPart] = []
    cursor = 0
    for match in PIECE.finditer(text):
        if match.start() > cursor:
            parts.append(WordPart("literal", text[cursor : match.start()], quoted))
        piece = match.group()
        kind = (
            "template"
            if piece[:2] in ("#{",) or piece[:3] == "${{"
            else "substitution"
            if piece[1] == "("
            else "variable"
        )
        name = piece.strip("${}").removeprefix("env:") if kind == "variable" else piece
        parts.append(WordPart(kind, name, quoted, piece))
        cursor = match.end()
    if cursor < len(text) or not parts:
        parts.append(WordPart("literal", text[cursor:], quoted))
    if any(left < end and right > start for left, right in templates):
        parts = [WordPart("template", text, quoted)]
    return WordSyntax(text, tuple(parts), start, end)
