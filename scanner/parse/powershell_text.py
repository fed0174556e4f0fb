"""Words and strings of PowerShell text: pieces at offsets, under bounds, with what could not be read.

This is the lower half of the reader: it knows strings, variables, blanks and comments. What stands in `$(...)` is
left to the upper half (`scanner.parse.powershell`), which overrides `group`.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from scanner.core.subject import WordPart
from scanner.parse.shell import CommandSyntax
from scanner.parse.shell_words import WordSyntax

MAX_FAULTS = 100
MAX_JOINED = 2000
"""Literal pieces are joined up to this length, so that a word of very many pieces takes linear time."""
REREAD = 4
"""How many times the length of a text may be read again: a quotation mark is never closed, a string is run as text."""
VARIABLE = re.compile(
    r"[$@](?:\{(?P<braced>[^}\n]{0,200})\}|(?P<name>(?:(?:env|global|script|local|private|using|variable|function|alias|workflow):)?"
    r"[A-Za-z0-9_]+|(?<=\$)[?^$]))",
    re.IGNORECASE,
)
SCOPE = re.compile(r"^(?:env|global|script|local|private|using|variable|workflow):", re.IGNORECASE)
BLANK = re.compile(r"(?:[^\S\n]|`\r?\n)+")
COMMENT = re.compile(r"#[^\n]*")
_SINGLE = re.compile(r"'[^']*(?:''[^']*)*'")
_DOUBLE_RUN = re.compile(r"(?:[^\"`$]|`.|\"\"|\$(?![\w{(?^$]))+", re.DOTALL)
_HERE_RUN = re.compile(r"(?:[^`$]|`.|\$(?![\w{(?^$]))+", re.DOTALL)
HERE = re.compile(r"@(['\"])[^\S\n]*\n")
_ESCAPE = re.compile(r"`(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\n": ""}
_SKIPPED = re.compile(
    r"'[^']*'|\"[^\"`]*(?:(?:`.|\"\")[^\"`]*)*\"|(?P<open>[({\[])|(?P<close>[)}\]])|`.|[^'\"`(){}\[\]]+|.", re.DOTALL
)


def variable_name(source: str) -> str:
    """Return a variable's bare name: `$env:TOKEN` and `${env:TOKEN}` are TOKEN."""
    return SCOPE.sub("", source.strip("$@{}"))


class TextReader:
    """A position in a text and the pieces of words there; `source` is the text with templates masked by letters."""

    def __init__(self, text: str, templates: list[tuple[int, int]], base: int) -> None:
        """Take the text, which stands at offset `base` of the whole, and spans of it whose content nobody knows."""
        self.text = text
        self.base = base
        self.templates = templates
        self.template_starts = [start for start, _ in templates]
        self.source = _masked(text, templates)
        self.at = 0
        self.end = len(text)
        self.faults: list[tuple[int, int]] = []
        self.commands: list[CommandSyntax] = []
        self.rereads = REREAD * len(text) + 2_000
        self.endless: set[str] = set()

    # -- position ---------------------------------------------------------------------------------

    def peek(self, length: int = 1) -> str:
        """Return the next characters; empty at the end."""
        return self.source[self.at : min(self.at + length, self.end)]

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return the match of a pattern right here."""
        return pattern.match(self.source, self.at, self.end)

    def take(self, pattern: re.Pattern[str]) -> str:
        """Go past what matches a pattern right here and return it; empty where nothing does."""
        found = self.match(pattern)
        if found is None:
            return ""
        self.at = found.end()
        return found.group()

    def blanks(self) -> None:
        """Go past blanks, continued lines and block comments; a line comment ends at its line feed."""
        while True:
            if self.peek(2) == "<#" and not self.block_comment():
                return
            if self.match(BLANK):
                self.take(BLANK)
            elif self.peek() == "#":
                self.take(COMMENT)
            else:
                return

    def lines(self) -> None:
        """Go past blanks, comments and line feeds."""
        self.blanks()
        while self.peek() == "\n":
            self.at += 1
            self.blanks()

    def after(self, openings: str) -> bool:
        """Go past blanks and lines to one of these characters; stay, and answer no, where another stands."""
        kept = self.at
        self.lines()
        if self.at < self.end and self.peek() in openings:
            return True
        self.at = kept
        return False

    def clause(self, word: str) -> bool:
        """Go past a word that continues a statement, on this line or a later one."""
        kept = self.at
        self.lines()
        end = self.at + len(word)
        if self.source[self.at : end].lower() == word and not self.source[end : end + 1].isalnum() and end <= self.end:
            self.at = end
            return True
        self.at = kept
        return False

    def block_comment(self) -> bool:
        """Go past `<# ... #>`; one that never ends is a fault, and its line is left out."""
        close = -1 if "#" in self.endless else self.source.find("#>", self.at + 2, self.end)
        if close >= 0:
            self.at = close + 2
            return True
        self.endless.add("#")
        self.fault(self.at, self._line_end(self.at))
        self.at = self._line_end(self.at)
        return False

    def fault(self, start: int, end: int) -> None:
        """Note a stretch that could not be read."""
        if len(self.faults) < MAX_FAULTS:
            self.faults.append((self.base + start, self.base + min(end, len(self.text))))

    def _line_end(self, start: int) -> int:
        found = self.source.find("\n", start, self.end)
        return self.end if found < 0 else found

    def skip_group(self) -> None:
        """Go past a bracket and its content without reading it."""
        depth = 0
        for found in _SKIPPED.finditer(self.source, self.at, self.end):
            depth += (found["open"] is not None) - (found["close"] is not None)
            self.at = found.end()
            if depth <= 0:
                return

    # -- pieces -----------------------------------------------------------------------------------

    def word(self, parts: list[WordPart], start: int, end: int) -> WordSyntax:
        """Return the word made of these pieces."""
        shown = "".join(part.source or part.text for part in parts)
        return WordSyntax(shown, tuple(parts), self.base + start, self.base + end)

    def literal(self, parts: list[WordPart], start: int, end: int, quoted: bool, raw: bool = False) -> None:
        """Add literal text from the source, with the templates that lie in it."""
        cursor = start
        index = max(bisect_right(self.template_starts, start) - 1, 0)
        while index < len(self.templates) and self.templates[index][0] < end:
            left, right = self.templates[index]
            index += 1
            if right <= cursor:
                continue
            self._plain(parts, self.text[cursor : max(left, cursor)], quoted, raw)
            parts.append(WordPart("template", self.text[max(left, cursor) : min(right, end)], quoted))
            cursor = min(right, end)
        self._plain(parts, self.text[cursor:end], quoted, raw)

    def _plain(self, parts: list[WordPart], text: str, quoted: bool, raw: bool) -> None:
        if not text:
            return
        if not raw and "`" in text:
            text = _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), text)
        if parts and parts[-1].kind == "literal" and parts[-1].quoted == quoted and len(parts[-1].text) < MAX_JOINED:
            parts[-1] = WordPart("literal", parts[-1].text + text, quoted)
        else:
            parts.append(WordPart("literal", text, quoted))

    def variable(self, parts: list[WordPart], quoted: bool) -> bool:
        """Add the variable right here, if there is one."""
        found = self.match(VARIABLE)
        if found is None:
            return False
        source = self.text[self.at : found.end()]
        parts.append(WordPart("variable", variable_name(source), quoted, source))
        self.at = found.end()
        return True

    # -- strings ----------------------------------------------------------------------------------

    def string(self, parts: list[WordPart], inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        """Add the string that begins here, with single or double quotation marks."""
        if self.peek() == "'":
            self._single(parts)
        else:
            self._double(parts, inside, outer)

    def _single(self, parts: list[WordPart]) -> None:
        start = self.at
        found = None if "'" in self.endless else self.match(_SINGLE)
        if found is None:
            self.endless.add("'")
            self.at = self._line_end(start)
            self.fault(start, self.at)
            self.literal(parts, start + 1, self.at, True, raw=True)
            return
        self.at = found.end()
        count = len(parts)
        self.literal(parts, start + 1, self.at - 1, True, raw=True)
        if "''" in found.group()[1:-1]:
            parts[count:] = [
                WordPart(part.kind, part.text.replace("''", "'"), True) if part.kind == "literal" else part
                for part in parts[count:]
            ]
        if len(parts) == count:
            parts.append(WordPart("literal", "", True))

    def _double(self, parts: list[WordPart], inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        start, count, made, noted = self.at, len(parts), len(self.commands), len(self.faults)
        self.at += 1
        while self.at < self.end:
            if self.peek() == '"' and self.peek(2) != '""':
                self.at += 1
                if len(parts) == count:
                    parts.append(WordPart("literal", "", True))
                return
            self._piece(parts, _DOUBLE_RUN, inside, outer)
        if self.rereads > 0:  # the quotation mark is never closed: take its line for the string, and read on
            self.rereads -= self.end - start
            del self.commands[made:], self.faults[noted:], parts[count:]
            self.at = self._line_end(start)
            self.literal(parts, start + 1, self.at, True)
        self.fault(start, self._line_end(start))

    def _piece(
        self, parts: list[WordPart], run: re.Pattern[str], inside: tuple[str, ...], outer: CommandSyntax | None
    ) -> None:
        """Add the next piece of a string in which variables and substitutions count."""
        start = self.at
        if self.take(run):
            text = self.text[start : self.at]
            self.literal(parts, start, self.at, True)
            if '""' in text and run is _DOUBLE_RUN and parts[-1].kind == "literal":
                parts[-1] = WordPart("literal", parts[-1].text.replace('""', '"'), True)
        elif self.peek(2) == "$(":
            self.group(parts, 2, True, inside, outer)
        elif not self.variable(parts, True):
            self.at += 1
            self.literal(parts, start, self.at, True, raw=True)

    def here_string(self, parts: list[WordPart], inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        """Add the here-string that begins here, if one does."""
        opened = self.match(HERE)
        if opened is None:
            return False
        start, mark = self.at, opened[1]
        close = -1 if mark + "@" in self.endless else self.source.find("\n" + mark + "@", opened.end() - 1, self.end)
        if close < 0:
            self.endless.add(mark + "@")
            self.fault(start, opened.end())
            close = self.end
        first = opened.end()
        if mark == "'":
            self.literal(parts, first, max(close, first), True, raw=True)
        else:
            kept, self.end, self.at = self.end, max(close, first), first
            while self.at < self.end:
                self._piece(parts, _HERE_RUN, inside, outer)
            self.end = kept
        self.at = min(close + 3, self.end)
        if not parts:
            parts.append(WordPart("literal", "", True))
        return True

    def group(
        self, parts: list[WordPart], opening: int, quoted: bool, inside: tuple[str, ...], outer: CommandSyntax | None
    ) -> None:
        """Add the bracketed statements that begin here; `opening` is the length of `(`, `$(` or `@(`."""
        raise NotImplementedError


def _masked(text: str, templates: list[tuple[int, int]]) -> str:
    """Return the text with letters for templates, so that quotation marks in them do not count."""
    if not templates:
        return text
    pieces, cursor = [], 0
    for start, end in templates:
        start = max(start, cursor)
        if start < end <= len(text):
            pieces += [text[cursor:start], "X" * (end - start)]
            cursor = end
    return "".join([*pieces, text[cursor:]])
