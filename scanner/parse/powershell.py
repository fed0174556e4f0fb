"""PowerShell text -> commands with words, neighbours and surroundings, as `scanner.parse.shell` gives them.

Nothing is executed or expanded, and no text is an error: what cannot be read is a fault, the rest is still returned.
What is different from a shell:

* A statement that is a value (`$true`, `"text"`, `$LASTEXITCODE -ne 0`, `(a).b`) is a command without words whose one
  assignment has no name; what `(...)`, `$(...)` and `@(...)` hold runs inside it, as a substitution.
* `$x = a b` is `x=$(a b)`: a command without words, and `a b` as a substitution in it.
* A method that fetches (`$client.DownloadString(url)`) is a command of that name.
* `try { a } catch { b }`: the `catch` is a command of its own, the `rescue` of `a`; `b` runs inside it (`outer`).
* The option `errexit` is in force for a command whose failure ends the script: see `_in_force`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from scanner.core.subject import WordPart
from scanner.parse.powershell_strings import script_span, substitutions
from scanner.parse.powershell_text import VARIABLE, variable_name
from scanner.parse.powershell_values import (
    GENERIC,
    KEYWORD,
    MAX_DEPTH,
    NATIVE_ERRORS,
    SEPARATORS,
    TOKEN,
    ValueReader,
    keep_status,
)
from scanner.parse.shell import MAX_POWERSHELL, CommandSyntax, Parsed, template_spans
from scanner.parse.shell_words import WordSyntax

if TYPE_CHECKING:
    from scanner.parse.cmd import Reader as CmdReader

LABEL = re.compile(r":[A-Za-z_]\w*\s+(?=(?:foreach|for|while|do|switch)\b)", re.IGNORECASE)
VALUE_START = re.compile(
    r"[$\"'(\[{!,+]|@[({'\"]|\.\d|-(?:\d|\.\d|-\$|[A-Za-z]+[\s(\"'$@])"
    r"|(?:0x[\da-f]+|\d+(?:\.\d+)?)(?:[kmgtp]b|[ld])?(?=$|[\s;|)},+*/%-]|\.\.)",
    re.IGNORECASE,
)
AGAIN_A_PIPE = re.compile(r"(?:[^\S\n]*(?:#[^\n]*)?\n){1,50}[^\S\n]*\|(?!\|)")
_FUNCTION_NAME = re.compile(r"[\w:.\-\\]+")
_CLASS_NAME = re.compile(r"\w+[^\S\n]*(?::[^{\n]*)?")
_CLASS_TEXT = re.compile(r"[^{}(\"'\[#<]+")
_USING = re.compile(r"(?:namespace|module|assembly)\b[^\n;]*", re.IGNORECASE)
_REST = re.compile(r"[^\n;)}\]]+")
_LEFT_SIDE = re.compile(r"(?:\[[^\]]*\]\s*)*([$@](?:\{[^}\n]*\}|[\w:]+))\s*$")
_BLOCKS = frozenset({"dynamicparam", "begin", "process", "end", "clean", "data"})


def commands(
    text: str, options: frozenset[str] = frozenset(), templates: tuple[tuple[int, int], ...] = ()
) -> Parsed:
    """Return the commands of the text in order; `options` and `templates` as for the shell reader.

    `errexit` among `options` means that `$ErrorActionPreference` is `Stop` from the start.
    """
    text = text[:MAX_POWERSHELL]
    reader = Reader(text, template_spans(text, templates), 0, options, 0)
    reader.read((), None)
    return Parsed(reader.commands, sorted(reader.faults), reader.options)


class Reader(ValueReader):
    """Reads the statements of one text."""

    def read(self, inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        """Read the whole text."""
        self.statements("", inside, outer)

    # -- statements -------------------------------------------------------------------------------

    def statements(self, closer: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        """Read statements up to `closer`, which stays unread, or to the end."""
        while True:
            self.lines()
            while self.peek() == ";":
                self.at += 1
                self.lines()
            if self.at >= self.end:
                return
            if self.peek() in ")}]":
                if self.peek() == closer or self.peek() in self.closers:
                    return
                self.stray()
                continue
            before = self.at
            tail = self.statement(inside, outer)
            if self.at == before:
                self.stray()
            self.blanks()
            if self.peek() == ";":
                for command in tail:
                    command.connector = ";"

    def statement(self, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        """Read one statement; return the commands of its last pipeline.

        A keyword's reader declines (and the text is a command) only before it has read any statement: going back over
        what was read would take time that doubles with every level of nesting.
        """
        self.take(LABEL)
        found = self.match(KEYWORD)
        if found is not None:
            start = self.at
            self.at = found.end()
            if _STATEMENTS[found[1].lower()](self, found[1].lower(), inside, outer):
                return []
            self.at = start
        return self.chain(inside, outer)[0]

    def body(self, inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        """Read the `{ ... }` that has to follow."""
        if self.after("{"):
            self.bracketed("}", inside, outer)
        else:
            self.fault(self.at, self.at + 1)

    def _if(self, word: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        if not self.after("("):
            return False
        self.bracketed(")", (*inside, "if-condition"), outer)
        self.body((*inside, "if-body"), outer)
        while self.clause("elseif"):
            if self.after("("):
                self.bracketed(")", (*inside, "if-condition"), outer)
            self.body((*inside, "if-body"), outer)
        if self.clause("else"):
            self.body((*inside, "if-body"), outer)
        return True

    def _loop(self, word: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        """Read `for`, `foreach` and `while`; `foreach` as a command is left to the pipeline."""
        if word == "foreach" and self.after("-"):
            self.take(GENERIC)
        if not self.after("("):
            return False
        start = self.at
        if word != "foreach":
            self.bracketed(")", (*inside, "loop-condition"), outer)
        elif not self.too_deep():
            self.at += 1
            self.lines()
            self.take(VARIABLE)
            self.clause("in")
            self.rest_of(start, ")", inside, outer)
        self.body((*inside, "loop"), outer)
        return True

    def _do(self, word: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        if not self.after("{"):
            return False
        self.body((*inside, "loop"), outer)
        if (self.clause("while") or self.clause("until")) and self.after("("):
            self.bracketed(")", (*inside, "loop-condition"), outer)
        return True

    def _switch(self, word: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        while self.after("-"):
            self.take(GENERIC)
        if self.after("("):
            self.bracketed(")", inside, outer)
        elif not self.after("{"):
            self.blanks()
            self.argument([], inside, outer, True)
        if not self.after("{"):
            self.fault(self.at, self.at + 1)
            return True
        start = self.at
        self.at += 1
        self.closers.append("}")
        while True:
            self.lines()
            if self.at >= self.end or self.peek() in ")}]":
                break
            before = self.at
            self.case_pattern(inside, outer)
            self.body((*inside, "if-body"), outer)
            self.at = max(self.at, before + 1)
            self.take(SEPARATORS)
        self.closers.pop()
        self.close(start, "}")
        return True

    def case_pattern(self, inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        """Read what a case of `switch` compares with: a value, or a block that decides."""
        if self.peek() == "{":
            self.bracketed("}", (*inside, "if-condition"), outer)
        else:
            self.argument([], inside, outer, True)

    def _try(self, word: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        if not self.after("{"):
            return False
        first = len(self.commands)
        self.body((*inside, "try"), outer)
        tried = self.commands[first:]
        rescue: CommandSyntax | None = None
        while self.clause("catch"):
            if rescue is None:
                start = self.at - len("catch")
                rescue = self.made(start, inside, outer)
                rescue.words = (self.word([WordPart("literal", "catch", False)], start, self.at),)
                for command in tried:
                    command.rescue = command.rescue or rescue
            while self.after("[,"):
                self.skip_group()
            self.body((*inside, "catch"), rescue)
            rescue.end = self.base + self.at
        if self.clause("finally"):
            self.body((*inside, "finally"), outer)
        return True

    def _trap(self, word: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        if self.after("["):
            self.skip_group()
        if not self.after("{"):
            return False
        self.body((*inside, "catch"), outer)
        return True

    def _function(self, word: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        self.blanks()
        name = self.take(_FUNCTION_NAME)
        if not name:
            return False
        if self.after("("):
            self.bracket([], ")", inside, outer)
        kept = self.options
        if self.after("{"):
            self.body((*inside, f"function:{name}"), outer)
        else:
            self.fault(self.at, self.at + 1)
        self.options = kept
        return True

    def _param(self, word: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        if not self.after("("):
            return False
        self.bracket([], ")", inside, outer)
        return True

    def _named_block(self, word: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        if not self.after("{"):
            return False
        self.body(inside, outer)
        return True

    def _class(self, word: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        """Read a class for the commands in its methods; the values of an enumeration are left out."""
        self.blanks()
        name = self.take(_CLASS_NAME).split(":")[0].strip()
        if not name or not self.after("{"):
            return False
        if word == "enum":
            self.skip_group()
            return True
        start = self.at
        self.at += 1
        self.closers.append("}")
        while self.at < self.end and self.peek() != "}":
            before = self.at
            self.lines()
            if self.peek() == "{":
                self.bracketed("}", (*inside, f"function:{name}"), outer)
            elif self.peek() and self.peek() in "(\"'[":
                self.skip_group()
            elif not self.take(_CLASS_TEXT) and self.at == before:
                self.at += 1
        self.closers.pop()
        self.close(start, "}")
        return True

    def _using(self, word: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        self.blanks()
        return self.take(_USING) != ""

    def _flow(self, word: str, inside: tuple[str, ...], outer: CommandSyntax | None) -> bool:
        """Read `exit 1`, `throw "x"`, `return a b`: a command with its value as second word."""
        start = self.at - len(word)
        command = self.made(start, inside, outer)
        words = [self.word([WordPart("literal", word, False)], start, self.at)]
        self.blanks()
        if word in ("break", "continue"):
            self.take(GENERIC)
        elif self.at < self.end and self.peek() not in "\n;|)}]&":
            words.append(self.value(inside, command))
        command.words = tuple(words)
        command.end = words[-1].end
        self.blanks()
        if self.peek() == ";":
            command.connector = ";"
        return True

    # -- pipelines --------------------------------------------------------------------------------

    def chain(
        self, inside: tuple[str, ...], outer: CommandSyntax | None
    ) -> tuple[list[CommandSyntax], list[WordPart] | None]:
        """Read pipelines joined by `&&` and `||`; return the commands of the last, and the pieces of a lone value."""
        waiting: list[CommandSyntax] = []
        tail, value = self.pipeline(inside, outer)
        while self.peek(2) in ("&&", "||"):
            operator = self.peek(2)
            for command in tail:
                command.connector = operator
            waiting.extend(tail)
            self.at += 2
            self.lines()
            first = len(self.commands)
            tail, value = self.pipeline(inside, outer)[0], None
            if operator == "||" and first < len(self.commands):
                for command in waiting:
                    command.rescue = command.rescue or self.commands[first]
                waiting.clear()
        if self.peek() == "&":
            self.at += 1
            for command in tail:
                command.connector = "&"
        return tail, value

    def pipeline(
        self, inside: tuple[str, ...], outer: CommandSyntax | None
    ) -> tuple[list[CommandSyntax], list[WordPart] | None]:
        """Read `a | b | c` and link the neighbours; return its commands, and the pieces of a lone value."""
        members: list[list[CommandSyntax]] = []
        while True:
            made, value = self.element(inside, outer)
            if made:
                members.append(made)
            self.blanks()
            again = self.match(AGAIN_A_PIPE)
            if again is not None:
                self.at = again.end() - 1
            if self.peek() != "|" or self.peek(2) == "||":
                break
            self.at += 1
            self.lines()
            value = None
        for left, right in pairwise(members):
            for command in left:
                command.downstream = command.downstream or right[0]
            for command in right:
                command.upstream = command.upstream or left[-1]
        if len(members) > 1:
            keep_status(members)
        return [command for member in members for command in member], value if len(members) < 2 else None

    def element(
        self, inside: tuple[str, ...], outer: CommandSyntax | None
    ) -> tuple[list[CommandSyntax], list[WordPart] | None]:
        """Read one member of a pipeline: an assignment, a value or a command."""
        if self.match(VALUE_START) is None:
            return [self.command(inside, outer)], None
        start, first = self.at, len(self.commands)
        nested = inside[-1:] == ("substitution",)
        bare = self.made(start, inside, outer)
        parts: list[WordPart] = []
        self.expression(parts, inside if nested else (*inside, "substitution"), outer if nested else bare)
        finish = self.last
        found = self.match(TOKEN)
        if found is not None and found.lastgroup == "assign":
            self.assignment(bare, start, found, inside)
            return [bare], None
        while self.redirect(bare, inside, outer):
            self.blanks()
        bare.end = self.base + finish
        bare.assignments.append(("", self.word(parts, start, finish)))
        if nested:
            del self.commands[first]
        made = [command for command in self.commands[first:] if command.outer is bare or command.outer is outer]
        return made, parts

    def assignment(
        self, bare: CommandSyntax, start: int, operator: re.Match[str], inside: tuple[str, ...]
    ) -> None:
        """Read the right side of an assignment into the command `bare`, whose left side has been read."""
        names = [
            found[1] for side in self.text[start : self.at].split(",") if (found := _LEFT_SIDE.match(side.strip()))
        ] or [self.text[start : self.at].strip()[:80]]
        self.at = operator.end()
        self.lines()
        word = self.value(inside, bare)
        bare.end = word.end
        bare.assignments.extend((variable_name(name), word) for name in names)
        self._note_options(names[0], word)

    def value(self, inside: tuple[str, ...], outer: CommandSyntax) -> WordSyntax:
        """Read the statement whose result is used, as one word: a plain value keeps its pieces."""
        start = self.at
        if self.depth >= MAX_DEPTH:
            self.take(_REST)
            self.fault(start, self.at)
            self.last = self.at
            return self.word([], start, self.at)
        self.depth += 1
        place = (*inside, "substitution")
        parts: list[WordPart] | None = None
        if self.match(KEYWORD) is not None:
            self.statement(place, outer)
        else:
            parts = self.chain(place, outer)[1]
        self.depth -= 1
        end = max(start, self.last)
        if parts is None:
            parts = [WordPart("substitution", self.text[start:end], False)] if end > start else []
        return self.word(parts, start, end)

    def _note_options(self, name: str, word: WordSyntax) -> None:
        """Follow the two preferences that decide whether a failure ends the script."""
        lower, text = variable_name(name).lower(), word.text.lower()
        if lower == "erroractionpreference":
            stops = re.search(r"(?:^|::)(?:stop|1)$", text) is not None
            self.options = self.options | {"errexit"} if stops else self.options - {"errexit"}
        elif lower == "psnativecommanduseerroractionpreference":
            self.options = self.options | {NATIVE_ERRORS} if text == "$true" else self.options - {NATIVE_ERRORS}

    # -- what running a command means -------------------------------------------------------------

    def _strings_that_run(self, command: CommandSyntax) -> None:
        """Read the text that `iex "..."`, `pwsh -Command ...` and `cmd /c ...` run as commands of their own."""
        span = script_span(command)
        if span is None or self.depth >= MAX_DEPTH:
            return
        start, end = span[0] - self.base, span[1] - self.base
        source = self.text[start:end]
        quoted = len(source) > 1 and source[0] == source[-1] and source[0] in "\"'"
        label = "shell-string"
        if quoted and source[0] == '"':
            label = "expanded-shell-string" if VARIABLE.search(source) or "$(" in source else label
            source = re.sub(r"`([$\"`])", r" \1", source).replace('""', ' "')
        if quoted:
            source, start = source[1:-1], start + 1
        self._nested(command, source, self.base + start, (*command.inside, label))

    def _nested(self, command: CommandSyntax, source: str, base: int, inside: tuple[str, ...]) -> None:
        """Read a string that a command runs, and add its commands; its faults are nobody's."""
        self.rereads -= len(source)
        if self.rereads < 0:
            self.fault(base - self.base, base - self.base + 1)
            return
        spans = template_spans(source)
        nested: Reader | CmdReader
        if command.name == "cmd":
            from scanner.parse.cmd import Reader as CmdReader

            nested = CmdReader(source, spans, base)
        else:
            if inside[-1] == "expanded-shell-string":
                spans = sorted([*spans, *substitutions(source)])
            nested = Reader(source, spans, base, frozenset(), self.depth + 1)
            nested.rereads = self.rereads
        nested.read(inside, command)
        self.rereads = min(self.rereads, nested.rereads)
        self.commands.extend(nested.commands)


_STATEMENTS: dict[str, Callable[[Reader, str, tuple[str, ...], CommandSyntax | None], bool]] = {
    "if": Reader._if,
    "foreach": Reader._loop,
    "for": Reader._loop,
    "while": Reader._loop,
    "do": Reader._do,
    "switch": Reader._switch,
    "try": Reader._try,
    "trap": Reader._trap,
    "function": Reader._function,
    "filter": Reader._function,
    "workflow": Reader._function,
    "configuration": Reader._function,
    "param": Reader._param,
    **dict.fromkeys(_BLOCKS, Reader._named_block),
    "class": Reader._class,
    "enum": Reader._class,
    "using": Reader._using,
    **dict.fromkeys(("return", "exit", "throw", "break", "continue"), Reader._flow),
}
