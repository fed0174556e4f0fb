"""Values and words of PowerShell text: expressions, arguments, brackets, script blocks, tables, calls of methods.

The middle of the reader. What stands between brackets are statements again: `scanner.parse.powershell` reads them.
"""

from __future__ import annotations

import re

from scanner.core.subject import WordPart
from scanner.parse.powershell_names import FETCHING_METHODS, canonical, is_cmdlet
from scanner.parse.powershell_text import HERE, TextReader
from scanner.parse.shell import CommandSyntax
from scanner.parse.shell_words import WordSyntax
from scanner.parse.shell_wrappers import unwrapped

MAX_DEPTH = 40
"""Nesting that is followed; deeper constructs are left out and reported as a fault."""
NATIVE_ERRORS = "native-errors"
"""The option behind `$PSNativeCommandUseErrorActionPreference = $true`."""
KEYWORD = re.compile(
    r"(if|foreach|for|while|do|switch|try|trap|function|filter|workflow|configuration|param|dynamicparam|begin|process"
    r"|end|clean|return|exit|throw|break|continue|class|enum|using|data)(?![\w\-.\\/:=])",
    re.IGNORECASE,
)
TOKEN = re.compile(
    r"""(?P<name>\??(?:\.|::)\s*[A-Za-z_]\w*(?=\())
      | (?P<assign>(?:[-+*/%]|\?\?)?=(?!=))
      | (?P<step>\+\+|--)
      | (?P<operator>-[A-Za-z]+|\.\.|::|[-+*/%!?:,<.=])
      | (?P<word>[^\s"'$@(){}\[\];|&`,<>#!+*/%=?:.\-]+)""",
    re.VERBOSE,
)
GENERIC = re.compile(r"(?:[^\s\"'`$(){};,|&<>\[]|`(?!\r?\n).)+")
REDIRECT = re.compile(r"(?P<stream>[1-6*]?)(?P<operator>>>|>&|>|<)(?P<target>(?<=&)[12])?")
PLAIN = re.compile(r"\s*[\w.]+\s*")
METHOD = re.compile(r"[.:](\w+)$")
VERBATIM = re.compile(r"--%[^\n|]*")
SEPARATORS = re.compile(r"[\s;]+")
_COMMA = re.compile(r"[^\S\n]*,\s*")
_KEY = re.compile(r"[\w.\-]+")
_LOOPS = frozenset({"ForEach-Object", "foreach", "%", "Where-Object", "where", "?"})


class PowerShellCommand(CommandSyntax):
    """A command of PowerShell text, whose name does not depend on case, folder and suffix."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Return the base name of a literal first word, else an empty string."""
        if not self.words or any(part.kind != "literal" for part in self.words[0].parts):
            return ""
        return canonical(self.words[0].text)


class ValueReader(TextReader):
    """Reads words and values; the statements in them are left to the class that knows statements."""

    def __init__(
        self, text: str, templates: list[tuple[int, int]], base: int, options: frozenset[str], depth: int
    ) -> None:
        """Take the text as `TextReader` does, what is in force at its start, and how deep it stands in others."""
        super().__init__(text, templates, base)
        self.options = options
        self.depth = depth
        self.closers: list[str] = []
        self.last = 0

    def statements(self, closer: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        """Read statements up to `closer`, which stays unread, or to the end."""
        raise NotImplementedError

    def statement(self, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        """Read one statement; return the commands of its last pipeline."""
        raise NotImplementedError

    def chain(
        self, inside: tuple[str, ...], outer: CommandSyntax | None
    ) -> tuple[list[CommandSyntax], list[WordPart] | None]:
        """Read pipelines joined by `&&` and `||`; return the commands of the last, and the pieces of a lone value."""
        raise NotImplementedError

    def _strings_that_run(self, command: CommandSyntax) -> None:
        """Read the text that a command runs as commands of its own."""
        raise NotImplementedError

    def made(self, start: int, inside: tuple[str, ...], outer: CommandSyntax | None) -> PowerShellCommand:
        """Return a new command that begins at `start`."""
        command = PowerShellCommand(self.base + start, self.base + self.at, inside, self.options - {"errexit"})
        command.outer = outer
        self.commands.append(command)
        return command

    def _in_force(self, command: CommandSyntax) -> frozenset[str]:
        """Return the options in force for a command; `errexit` where its failure ends the script.

        `$ErrorActionPreference = "Stop"` makes errors of cmdlets end the script; `-ErrorAction` says otherwise for one.
        Programs raise no error unless `$PSNativeCommandUseErrorActionPreference` is true (about_Preference_Variables,
        PowerShell 7.4). Microsoft's pages and measurements disagree whether it is so by default, and Windows PowerShell
        does not know it: only a script that sets it is believed.
        """
        stops = "errexit" in self.options
        if not is_cmdlet(command.name):
            return self.options if stops and NATIVE_ERRORS in self.options else self.options - {"errexit"}
        for index, word in enumerate(command.words):
            match = re.fullmatch(r"(?i)-(?:ea|erroraction)(?::(.*))?", word.text)
            if match is not None:
                follows = command.words[index + 1].text if index + 1 < len(command.words) else ""
                stops = (match[1] or follows).lower() in ("stop", "1")
        return self.options | {"errexit"} if stops else self.options - {"errexit"}

    def stray(self) -> None:
        """Note one character that stands where none of its kind can."""
        self.fault(self.at, self.at + 1)
        self.at += 1

    def bracketed(self, closer: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        """Read statements in brackets, the opening one being next."""
        start = self.at
        if self.too_deep():
            return
        self.at += 1
        self.rest_of(start, closer, inside, outer)

    def too_deep(self) -> bool:
        """Leave the bracket that is next out where it stands too deep, and say so."""
        start = self.at
        if self.depth < MAX_DEPTH:
            return False
        self.skip_group()
        self.fault(start, self.at)
        return True

    def rest_of(self, start: int, closer: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        """Read statements up to the bracket that closes the one at `start`."""
        self.depth += 1
        self.closers.append(closer)
        self.statements(closer, inside, outer)
        self.closers.pop()
        self.depth -= 1
        self.close(start, closer)

    def close(self, start: int, closer: str) -> None:
        """Go past the closing bracket, or note that the one at `start` has none."""
        if self.peek() == closer:
            self.at += 1
        else:
            self.fault(start, start + 1)
        self.last = self.at

    def expression(
        self, parts: list[WordPart], inside: tuple[str, ...], outer: CommandSyntax | None, lines: bool = False
    ) -> None:
        """Read a value up to what ends it; with `lines` it stands in brackets, where line feeds do not count."""
        cursor = last = self.at
        open_ended, named = True, False
        while self.at < self.end:
            start = self.at
            self.blanks()
            if self.peek() == "\n" and (lines or open_ended):
                self.lines()
            if self.at > start:
                continue
            if self.at >= self.end or self.peek() in ("\n;|&)}]>" if not lines else ";|&)}]"):
                break
            waiting: list[WordPart] = []
            if self.peek() == "(" and named and last == self.at:
                self.bracket(waiting, ")", inside, outer)
                token: re.Match[str] | bool | None = True
            else:
                token = self._operand(waiting, inside, outer) or self.match(TOKEN)
            named = False
            if isinstance(token, re.Match):
                if token.lastgroup == "assign" and not lines:
                    break
                self.at = token.end()
                open_ended = token.lastgroup in ("operator", "assign")
                named = token.lastgroup == "word"
                if token.lastgroup == "name":
                    self.code(parts, cursor, self.at)
                    self.call(parts, token.group().lstrip("?.: \t\n"), inside, outer)
                    cursor = self.at
            elif token is None:
                self.at += 1
            else:
                self.code(parts, cursor, start)
                parts.extend(waiting)
                cursor, open_ended = self.at, False
            last = self.at
        self.code(parts, cursor, max(last, cursor))
        self.last = last

    def code(self, parts: list[WordPart], start: int, end: int) -> None:
        """Add the text of an expression between its operands: a plain number or word, or code whose value is open."""
        count = len(parts)
        self.literal(parts, start, end, False, raw=True)
        if not PLAIN.fullmatch(self.source, start, end):
            parts[count:] = [
                WordPart("arithmetic", part.text, False) if part.kind == "literal" else part for part in parts[count:]
            ]

    def _operand(self, parts: list[WordPart], inside: tuple[str, ...], outer: CommandSyntax | None) -> bool | None:
        """Read a string, a variable or something in brackets; None when none of them is next."""
        start, first = self.at, self.peek()
        if first in "\"'":
            self.string(parts, inside, outer)
        elif self.peek(2) in ("$(", "@("):
            self.group(parts, 2, False, inside, outer)
        elif first == "(":
            self.group(parts, 1, False, inside, outer)
        elif self.peek(2) == "@{":
            self.table(parts, inside, outer)
        elif first == "{":
            self.block(parts, inside, outer)
        elif first == "[":
            self.bracket(parts, "]", inside, outer)
        elif first in "$@" and (self.match(HERE) is None or not self.here_string(parts, inside, outer)):
            self.variable(parts, False)
        return True if self.at > start else None

    def bracket(
        self, parts: list[WordPart], closer: str, inside: tuple[str, ...], outer: CommandSyntax | None
    ) -> None:
        """Read an index, a type, parameters or the arguments of a method."""
        start = self.at
        if self.too_deep():
            return
        self.at += 1
        parts.append(WordPart("arithmetic", self.text[start : self.at], False))
        self.depth += 1
        self.closers.append(closer)
        while self.at < self.end and self.peek() != closer:
            self.expression(parts, inside, outer, lines=True)
            if self.at >= self.end or (self.peek() != closer and self.peek() in self.closers):
                break
            if self.peek() != closer:
                self.stray()
        self.closers.pop()
        self.depth -= 1
        if self.peek() == closer:
            self.at += 1
            parts.append(WordPart("arithmetic", closer, False))
        else:
            self.fault(start, start + 1)

    def call(
        self, parts: list[WordPart], name: str, inside: tuple[str, ...], outer: CommandSyntax | None
    ) -> None:
        """Read the arguments of the method `name`; one that fetches is a command, whose words they are."""
        start, arguments = self.at, list[WordPart]()
        command: PowerShellCommand | None = None
        if name.lower() in FETCHING_METHODS:
            command = self.made(start - len(name), inside, outer)
            command.words = (self.word([WordPart("literal", name, False)], start - len(name), start),)
        self.bracket(arguments, ")", inside, outer)
        if command is None:
            parts.extend(arguments)
            return
        parts.append(WordPart("substitution", self.text[start : self.at], False))
        command.words += tuple(self._separated(arguments, start))
        command.end = self.base + self.at
        command.options = self._in_force(command)

    def _separated(self, parts: list[WordPart], start: int) -> list[WordSyntax]:
        """Return the arguments of a call as words; they share the span of the list."""
        groups: list[list[WordPart]] = [[]]
        for part in parts:
            if part.kind in ("literal", "arithmetic") and not part.quoted:
                for index, text in enumerate(part.text.strip("()").split(",")):
                    if index:
                        groups.append([])
                    if text.strip():
                        groups[-1].append(WordPart("literal", text.strip(), False))
            else:
                groups[-1].append(part)
        return [self.word(group, start, self.at) for group in groups if group]

    def group(
        self, parts: list[WordPart], opening: int, quoted: bool, inside: tuple[str, ...], outer: CommandSyntax | None
    ) -> None:
        """Add `(...)`, `$(...)` or `@(...)`: statements whose result is used."""
        start = self.at
        self.at += opening - 1
        place = inside if inside[-1:] == ("substitution",) else (*inside, "substitution")
        self.bracketed(")", place, outer)
        parts.append(WordPart("substitution", self.text[start : self.at], quoted))

    def block(self, parts: list[WordPart], inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        """Add `{ ... }` as an argument: what a command does once or for each thing it is given."""
        name = outer.name if outer is not None else ""
        place = inside[:-1] if inside[-1:] == ("substitution",) else inside
        kept = self.options
        self.bracketed("}", (*place, "loop" if name in _LOOPS else "script-block"), outer)
        self.options = kept
        parts.append(WordPart("block", "{}", False))

    def table(self, parts: list[WordPart], inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        """Add `@{ name = value }`: the values are statements."""
        start = self.at
        self.at += 1
        if self.too_deep():
            return
        self.at += 1
        self.depth += 1
        self.closers.append("}")
        while True:
            self.take(SEPARATORS)
            self.lines()
            if self.at >= self.end or self.peek() in ")}]":
                break
            before = self.at
            if not self.take(_KEY):
                self.argument([], inside, outer, True)
            self.lines()
            if self.peek() == "=":
                self.at += 1
                self.lines()
                if self.peek() not in ")}];":
                    self.entry(parts, inside, outer)
            if self.at == before:
                self.stray()
        self.closers.pop()
        self.depth -= 1
        self.close(start, "}")

    def entry(self, parts: list[WordPart], inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        """Read the value of a table's entry; its pieces count as pieces of the word that holds the table."""
        start = self.at
        place = inside if inside[-1:] == ("substitution",) else (*inside, "substitution")
        if self.match(KEYWORD) is not None:
            self.statement(place, outer)
            return
        found = self.chain(place, outer)[1]
        parts.extend(found if found is not None else [WordPart("substitution", self.text[start : self.at], False)])

    def argument(
        self, parts: list[WordPart], inside: tuple[str, ...], outer: CommandSyntax | None, first: bool
    ) -> None:
        """Read one word: everything up to a blank, and what commas join; `first` is the word that names a command."""
        primary = self._primary(parts, inside, outer)
        while self.at < self.end:
            start, next_one = self.at, self.peek()
            if next_one in "\"'":
                self.string(parts, inside, outer)
            elif next_one == "$":
                if self.peek(2) == "$(":
                    self.group(parts, 2, False, inside, outer)
                elif not self.variable(parts, False):
                    self.at += 1
                    self.literal(parts, start, self.at, False)
            elif next_one == "[":
                self._square(parts, primary, inside, outer)
            elif next_one == "(" and primary and (found := METHOD.search(self.source[max(0, start - 80) : start])):
                self.call(parts, found[1], inside, outer)
            elif self.take(GENERIC):
                self._generic(parts, start, first)
            elif not self._comma(parts, inside, outer):
                return

    def _primary(self, parts: list[WordPart], inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        """Read what only the beginning of a word can be; tell whether members and indices may follow."""
        if self.peek() == "@":
            if self.peek(2) == "@(":
                self.group(parts, 2, False, inside, outer)
            elif self.peek(2) == "@{":
                self.table(parts, inside, outer)
            elif not self.here_string(parts, inside, outer):
                return self.variable(parts, False)
            return True
        if self.peek() == "(":
            self.group(parts, 1, False, inside, outer)
            return True
        if self.peek() == "{":
            self.block(parts, inside, outer)
            return False
        return self.peek() in ("$", '"', "'")

    def _generic(self, parts: list[WordPart], start: int, first: bool) -> None:
        """Add unquoted text: a pattern where it holds a wildcard."""
        text = self.source[start : self.at]
        if not first and "`" not in text and re.search(r"[*?]", text):
            count = len(parts)
            self.literal(parts, start, self.at, False)
            parts[count:] = [
                WordPart("glob", part.text, False) if part.kind == "literal" else part for part in parts[count:]
            ]
        else:
            self.literal(parts, start, self.at, False)

    def _square(
        self, parts: list[WordPart], primary: bool, inside: tuple[str, ...], outer: CommandSyntax | None
    ) -> None:
        """Read `[0]` behind a value; elsewhere the bracket is text."""
        if primary:
            self.bracket(parts, "]", inside, outer)
        else:
            self.at += 1
            self.literal(parts, self.at - 1, self.at, False)

    def _comma(self, parts: list[WordPart], inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        """Read a comma and the blanks around it, when one joins this word to the next."""
        found = self.match(_COMMA)
        if found is None:
            return False
        self.literal(parts, self.at, found.end(), False)
        self.at = found.end()
        self._primary(parts, inside, outer)
        return True

    def command(self, inside: tuple[str, ...], outer: CommandSyntax | None) -> CommandSyntax:
        """Read a command with its words and redirections, up to what ends it."""
        start = self.at
        command = self.made(start, inside, outer)
        words: list[WordSyntax] = []
        if self.peek() == "&":
            self.at += 1
            self.blanks()
        elif self.peek() == "." and (self.source[self.at + 1 : self.at + 2] or " ") in " \t$\"'({":
            self.at += 1
            words.append(self.word([WordPart("literal", ".", False)], start, self.at))
            self.blanks()
        while self.at < self.end and self.peek() not in "\n;|&)}":
            before = self.at
            verbatim = self.take(VERBATIM)
            if verbatim:
                words.extend(
                    self.word([WordPart("literal", found.group(), False)], before + found.start(), before + found.end())
                    for found in re.finditer(r"\S+", verbatim)
                )
            elif not self.redirect(command, inside, outer):
                self._word(command, words, inside)
            if self.at == before:
                self.stray()
            self.blanks()
        if words and words[0].text == "sudo":
            command.wrappers, words[:], _ = unwrapped(tuple(words))
        command.words = tuple(words)
        ends = [word.end for word in (*words, *(target for _, target in command.redirects))]
        command.end = max([*ends, self.base + start])
        command.options = self._in_force(command)
        self.last = command.end - self.base
        self._strings_that_run(command)
        return command

    def _word(self, command: CommandSyntax, words: list[WordSyntax], inside: tuple[str, ...]) -> None:
        """Read the next word of a command."""
        command.words = tuple(words[:1])
        start, parts = self.at, list[WordPart]()
        self.argument(parts, (*inside, "substitution"), command, not words)
        if self.at > start:
            words.append(self.word(parts, start, self.at))

    def redirect(self, command: CommandSyntax, inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        """Read a redirection, if one is next."""
        found = self.match(REDIRECT)
        if found is None:
            return False
        start = self.at
        self.at = found.end()
        if found["target"] is not None:
            target = self.word([WordPart("literal", found["target"], False)], self.at - 1, self.at)
        else:
            self.blanks()
            start = self.at
            parts: list[WordPart] = []
            if self.peek() not in "\n;|&)}":
                self.argument(parts, (*inside, "substitution"), command, False)
            target = self.word(parts, start, self.at)
        command.redirects.append((found["stream"] + found["operator"], target))
        return True


def keep_status(members: list[list[CommandSyntax]]) -> None:
    """Note `pipefail` for programs with only cmdlets behind them: those leave `$LASTEXITCODE` as it is."""
    for member in reversed(members[:-1]):
        after = member[0].downstream
        if after is None or not is_cmdlet(after.name) or ("pipefail" not in after.options and after.downstream):
            return
        for command in member:
            command.options |= {"pipefail"}
