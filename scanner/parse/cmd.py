"""cmd text (batch files) -> commands, line by line: words, neighbours, `if`, `for` and what follows a failure.

There is no grammar to fail: cmd reads a line, replaces `%NAME%`, and splits it at `&`, `|` and brackets. What is left
open (a bracket, a quotation mark) is a fault; the rest is read.
"""

from __future__ import annotations

import re
from itertools import pairwise

from scanner.core.subject import WordPart
from scanner.parse.powershell_names import canonical
from scanner.parse.powershell_text import TextReader
from scanner.parse.shell import MAX_CHARACTERS, CommandSyntax, Parsed, template_spans
from scanner.parse.shell_words import WordSyntax

MAX_DEPTH = 40
"""Brackets that are followed; deeper ones are a fault, and their commands are read as if they were not nested."""
_BLANK = re.compile(r"(?:[^\S\n]|\^\r?\n|[,;=](?=[^\S\n]))+")
_COMMENT = re.compile(r"(?:@?rem(?=[\s.:;,]|$)|::|:)[^\n]*", re.IGNORECASE)
_OPERATOR = re.compile(r"&&|\|\||&|\|")
_REDIRECT = re.compile(r"(?P<stream>[0-9]?)(?P<operator>>>|>&|>|<)(?P<target>(?<=&)[0-9])?")
_OPERAND = r"(?:\"[^\"\n]{0,1000}\"|[^\s=()&|]{1,500})"
_IF = re.compile(
    r"if\s+(?:/i\s+)?(?P<not>not\s+)?(?:/i\s+)?(?:(?:errorlevel|exist|defined|cmdextversion)\s+" + _OPERAND
    + "|" + _OPERAND + r"(?:\s{0,9}==\s{0,9}|\s{1,9}(?:equ|neq|lss|leq|gtr|geq)\s{1,9})" + _OPERAND + ")",
    re.IGNORECASE,
)
_FOR = re.compile(
    r"for\s+(?:/[dlrf]\s+(?:\"[^\"\n]{0,200}\"\s+)?)?%%?\S\s+in\s*\([^)\n]{0,2000}\)\s*do\b", re.IGNORECASE
)
_ELSE = re.compile(r"else(?=[\s(]|$)", re.IGNORECASE)
_PIECE = re.compile(
    r"(?P<variable>%(?P<name>[A-Za-z_][\w.()-]{0,200})(?::[^%\n]{0,200})?%|!(?P<late>[A-Za-z_]\w{0,200})(?::[^!\n]{0,200})?!"
    r"|%(?:~[a-z$:]*)?[0-9*]|%%(?:~[a-z$:]*)?[A-Za-z])|\^(?P<escaped>[^\n])|(?P<plain>[^%!^]+|.)",
    re.IGNORECASE | re.DOTALL,
)
_WORD = re.compile(r"(?:\"[^\"\n]*\"|\^[^\n]|[^\s&|<>()\"^])+|\"[^\n]*|[()^]")
_ECHO = re.compile(r"echo[.:,;(/+\[]", re.IGNORECASE)
_SET = re.compile(
    r"\s*(?:/a\s+)?(?:\"(?P<quoted>[^=\"\n]{1,200})=(?P<text>[^\"\n]*)\"?|(?P<name>[^=\"\n&|<>]{1,200})=(?P<value>[^\n&|<>]*))",
    re.IGNORECASE,
)


class CmdCommand(CommandSyntax):
    """A command of cmd text, whose name does not depend on case, folder and suffix."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Return the base name of a literal first word, else an empty string."""
        if not self.words or any(part.kind not in ("literal", "glob") for part in self.words[0].parts):
            return ""
        text = self.words[0].text
        return "echo" if _ECHO.match(text) else canonical(text).lower()


def commands(
    text: str, options: frozenset[str] = frozenset(), templates: tuple[tuple[int, int], ...] = ()
) -> Parsed:
    """Return the commands of the text in order; `templates` as for the shell reader. cmd has no options that matter."""
    text = text[:MAX_CHARACTERS]
    reader = Reader(text, template_spans(text, templates), 0)
    reader.read((), None)
    return Parsed(reader.commands, sorted(reader.faults), options)


class Reader(TextReader):
    """Reads the lines of one text."""

    def read(self, inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        """Read the whole text."""
        self.outer = outer
        self.places: list[tuple[str, ...]] = [inside]
        self.opened: list[int] = []
        while self.at < self.end:
            self._line()
        for start in self.opened:
            self.fault(start, start + 1)

    def _line(self) -> None:
        """Read pipelines up to the end of a line; a bracket that is still open goes on in the next."""
        waiting: list[CommandSyntax] = []
        members: list[CommandSyntax] = []
        place = self.places[-1]
        while self.at < self.end:
            self.take(_BLANK)
            if self.peek() == "\n":
                self.at += 1
                break
            if self.take(_COMMENT):
                continue
            operator = self.take(_OPERATOR)
            if operator:
                members = self._joined(operator, members, waiting)
                continue
            opened = len(self.opened)
            place = self._prefix(place)
            made = self._command(place) if self._starts() else None
            if made is not None:
                members.append(made)
                if len(members) == 1 and waiting and waiting[-1].connector == "||":
                    self._rescue(waiting, made)
            if len(self.opened) < opened:
                place = self.places[-1]
        self._linked(members)

    def _starts(self) -> bool:
        return self.peek() not in ("", "\n", "&", "|", "(", ")")

    def _prefix(self, place: tuple[str, ...]) -> tuple[str, ...]:
        """Go past `@`, `if ...`, `for ... do`, `else`, `call` and brackets; return where the next command stands."""
        while True:
            self.take(_BLANK)
            start = self.at
            if self.peek() == "@":
                self.at += 1
            elif self.peek() == "(":
                self.at += 1
                self.opened.append(start)
                self.places.append(place)
                if len(self.opened) > MAX_DEPTH:
                    self.fault(start, self.at)
            elif self.peek() == ")":
                self.at += 1
                if not self.opened:
                    self.fault(start, self.at)
                else:
                    self.opened.pop()
                    self.places.pop()
                place = self.places[-1]
            elif self.take(_ELSE):
                place = (*self.places[-1], "if-body")
            elif self.match(_IF):
                place = self._condition(place)
            elif self.take(_FOR):
                place = (*place[: MAX_DEPTH], "loop")
            else:
                return place

    def _condition(self, place: tuple[str, ...]) -> tuple[str, ...]:
        """Read a condition: a command without words, whose value says what it compares."""
        start, text = self.at, self.take(_IF)
        condition = self._made(start, (*place, "if-condition"))
        parts: list[WordPart] = []
        self._pieces(parts, start, start + len(text))
        if "errorlevel" in text.lower():
            parts = [WordPart("variable", "ERRORLEVEL", False, text)]
        condition.assignments.append(("", self.word(parts, start, self.at)))
        return (*place[: MAX_DEPTH], "if-body")

    def _made(self, start: int, inside: tuple[str, ...]) -> CommandSyntax:
        command = CmdCommand(self.base + start, self.base + self.at, inside, frozenset())
        command.outer = self.outer
        self.commands.append(command)
        return command

    def _joined(
        self, operator: str, members: list[CommandSyntax], waiting: list[CommandSyntax]
    ) -> list[CommandSyntax]:
        """Note an operator behind a command; return the pipeline that goes on."""
        if operator == "|":
            return members
        for command in members:
            command.connector = ";" if operator == "&" else operator
        self._linked(members)
        if operator == "&":
            waiting.clear()
        else:
            waiting.extend(members)
        return []

    def _rescue(self, waiting: list[CommandSyntax], rescue: CommandSyntax) -> None:
        """Note the command that runs when one of those before it fails."""
        for command in waiting:
            command.rescue = command.rescue or rescue
        waiting.clear()

    def _linked(self, members: list[CommandSyntax]) -> None:
        for left, right in pairwise(members):
            left.downstream = left.downstream or right
            right.upstream = right.upstream or left

    def _command(self, inside: tuple[str, ...]) -> CommandSyntax:
        """Read one command with its words and redirections."""
        start = self.at
        command = self._made(start, inside)
        words: list[WordSyntax] = []
        while self.at < self.end:
            self.take(_BLANK)
            if self.peek() in ("", "\n", "&", "|") or (self.peek() == ")" and self.opened):
                break
            if not words and command.redirects == [] and self._assignment(command):
                break
            if not self._redirect(command):
                words.append(self._word())
        if len(words) > 1 and words[0].text.lower() == "call" and not words[1].text.startswith(":"):
            command.wrappers, words = ("call",), words[1:]
        command.words = tuple(words)
        command.end = max([self.base + start] + [w.end for w in words] + [w.end for _, w in command.redirects]
                          + [w.end for _, w in command.assignments])
        return command

    def _assignment(self, command: CommandSyntax) -> bool:
        """Read `set NAME=value` and `set "NAME=value"` to the end of the value."""
        if self.source[self.at : self.at + 4].lower() not in ("set ", "set\t"):
            return False
        found = _SET.match(self.source, self.at + 3, self.end)
        if found is None:
            return False
        start, end = found.span("value") if found["quoted"] is None else found.span("text")
        parts: list[WordPart] = []
        self._pieces(parts, start, end)
        command.assignments.append(((found["name"] or found["quoted"]).strip(), self.word(parts, start, end)))
        self.at = found.end()
        return True

    def _redirect(self, command: CommandSyntax) -> bool:
        found = self.match(_REDIRECT)
        if found is None:
            return False
        self.at = found.end()
        if found["target"] is not None:
            target = self.word([WordPart("literal", found["target"], False)], self.at - 1, self.at)
        else:
            self.take(_BLANK)
            target = self._word() if self.peek() not in ("", "\n", "&", "|") else self.word([], self.at, self.at)
        command.redirects.append((found["stream"] + found["operator"], target))
        return True

    def _word(self) -> WordSyntax:
        """Read one word; quotation marks group, and do not belong to its text."""
        start = self.at
        source = self.take(_WORD)
        if not source:
            self.at += 1
            source = self.source[start : self.at]
        parts: list[WordPart] = []
        if source.startswith('"') and source.count('"') == 1:
            self.fault(start, self.at)
        cursor = start
        for index, piece in enumerate(source.split('"')):
            self._pieces(parts, cursor, cursor + len(piece), quoted=index % 2 == 1)
            cursor += len(piece) + 1
        return self.word(parts, start, self.at)

    def _pieces(self, parts: list[WordPart], start: int, end: int, quoted: bool = False) -> None:
        """Add the literal text and the variables between two offsets."""
        cursor = start
        for found in _PIECE.finditer(self.source, start, end):
            if found["variable"] is not None:
                self.literal(parts, cursor, found.start(), quoted, raw=True)
                source = self.text[found.start() : found.end()]
                parts.append(WordPart("variable", found["name"] or found["late"] or source.strip("%"), quoted, source))
            elif found["escaped"] is not None and not quoted:
                self.literal(parts, cursor, found.start(), quoted, raw=True)
                self.literal(parts, found.start() + 1, found.end(), quoted, raw=True)
            else:
                continue
            cursor = found.end()
        self.literal(parts, cursor, end, quoted, raw=True)
