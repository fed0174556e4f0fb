"""Shell text -> simple commands with words, neighbours and surroundings; offsets are code points of the text.

Nothing is executed or expanded. `commands(text)` never raises for bad input: what the grammar cannot
read is reported in `Parsed.faults`, the rest is still returned.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from scanner.parse.shell_words import WordReader, WordSyntax, byte_offsets, joined
from scanner.parse.shell_wrappers import unwrapped

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_DEPTH = 60
"""Nesting that is followed; deeper constructs are left out and reported as a fault."""
MAX_CHARACTERS = 1_000_000
MAX_POWERSHELL = 200_000
"""Characters of a PowerShell text that are read: noise costs its reader some 50 microseconds a character."""
SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh", "ash", "busybox"})
OPTION_LETTERS = {"e": "errexit", "x": "xtrace", "u": "nounset"}
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_PIPELINE_TEXT = re.compile(r"#\{[A-Za-z0-9_.@-]+\}")


class CommandSyntax:
    """A simple command; fields as in `scanner.core.subject.Command`, neighbours as objects of this class.

    `outer` is the command in whose words (or `-c` string) this one stands; `rescue` the first command that
    runs when this one fails because of a `||` after it.
    """

    __slots__ = (
        "assignments", "connector", "downstream", "end", "inside", "options", "outer", "redirects", "rescue", "start",
        "upstream", "words", "wrappers",
    )

    def __init__(self, start: int, end: int, inside: tuple[str, ...], options: frozenset[str]) -> None:
        """Take the span and the surroundings."""
        self.start = start
        self.end = end
        self.inside = inside
        self.options = options
        self.words: tuple[WordSyntax, ...] = ()
        self.assignments: list[tuple[str, WordSyntax]] = []
        self.redirects: list[tuple[str, WordSyntax]] = []
        self.upstream: CommandSyntax | None = None
        self.downstream: CommandSyntax | None = None
        self.outer: CommandSyntax | None = None
        self.rescue: CommandSyntax | None = None
        self.connector = ""
        self.wrappers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the base name of a literal first word, else an empty string."""
        if not self.words or any(part.kind != "literal" for part in self.words[0].parts):
            return ""
        return self.words[0].text.rsplit("/", 1)[-1]


class Parsed(NamedTuple):
    """The commands in source order (an outer one before those in its words), spans of what could not be read.

    `refused` is True when some text was not even tried, because reading it would take far too long.
    """

    commands: list[CommandSyntax]
    faults: list[tuple[int, int]]
    options: frozenset[str]
    refused: bool = False


def commands(
    text: str, options: frozenset[str] = frozenset(), templates: tuple[tuple[int, int], ...] = (),
) -> Parsed:
    """Return the simple commands of `text`; `options` are in force at its start.

    `templates` are spans (start, end) of `text` whose final content is not known; spans of workflow and
    pipeline expressions are found without being told.
    """
    text = text[:MAX_CHARACTERS]
    reader = _Reader(text, template_spans(text, templates))
    reader.options = frozenset(options | _shebang_options(text))
    reader.read(text, 0, (), None)
    return Parsed(reader.commands, reader.faults, reader.options, reader.refused)


def template_spans(text: str, known: tuple[tuple[int, int], ...] = ()) -> list[tuple[int, int]]:
    """Return where something else puts text in before the shell reads it, in order, the `known` places among them.

    That is `${{ expr }}` of workflows and `#{ns.var}` of pipelines. Behind the last `}}` no expression is looked for:
    each one that is never closed would be followed to the end.
    """
    found = [*_EXPRESSION.finditer(text, 0, text.rfind("}}") + 2), *_PIPELINE_TEXT.finditer(text)]
    return sorted({*known, *((match.start(), match.end()) for match in found)})


MAX_OPERATORS = 600
MAX_BRACKETS = 20_000
MAX_UNCLOSED = 1000
MAX_TORN = 20
_STATEMENT_END = re.compile(r"(?<![|&\\])\n|;")
_OPERATORS = re.compile(r"[|&]")
_BRACKETS = re.compile(r"[\"'`(){}$<]")


def too_tangled(text: str) -> bool:
    """Tell whether one statement has so many operators or brackets that the grammar's error recovery runs away.

    Measured: an unfinished pipeline of 4,000 members takes 2 s and 240 MB, growing with the square; 20,000 arrays that
    are never closed take 40 s.
    """
    if text.count("(") - text.count(")") > MAX_UNCLOSED:
        return True
    if text.count("|") + text.count("&") <= MAX_OPERATORS and len(text) <= MAX_BRACKETS:
        return False
    return any(
        len(_OPERATORS.findall(part)) > MAX_OPERATORS or len(_BRACKETS.findall(part)) > MAX_BRACKETS
        for part in _STATEMENT_END.split(text)
    )


def _shebang_options(text: str) -> set[str]:
    if not text.startswith("#!"):
        return set()
    flags = text.split("\n", 1)[0].split()[1:]
    letters = "".join(flag[1:] for flag in flags if flag[:1] == "-")
    return {OPTION_LETTERS[letter] for letter in letters if letter in OPTION_LETTERS}


_PARSER: list[object] = []


def _grammar() -> object:
    """Return the grammar of Bash from its package's binding.

    The package's front door imports importlib.resources for query files that we do not use, and with it half of what
    a commit hook takes to start on a shell script.
    """
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    package = PathFinder.find_spec("tree_sitter_bash")
    name = "tree_sitter_bash._binding"
    found = PathFinder.find_spec(name, package.submodule_search_locations) if package is not None else None
    if found is None or found.loader is None:
        import tree_sitter_bash

        return tree_sitter_bash.language()
    binding = module_from_spec(found)
    found.loader.exec_module(binding)
    return binding.language()


def _root(data: bytes) -> Node:
    """Return the syntax tree; the parser is made once a process (it holds no state between parses)."""
    if not _PARSER:
        import tree_sitter

        _PARSER.append(tree_sitter.Parser(tree_sitter.Language(_grammar())))
    return _PARSER[0].parse(data).root_node  # type: ignore[attr-defined,no-any-return]  # a tree_sitter.Parser


class _Reader(WordReader):
    """Walks syntax trees of one text, nested `-c` strings included, and collects commands."""

    def __init__(self, text: str, templates: list[tuple[int, int]]) -> None:
        super().__init__(text, templates)
        self.commands: list[CommandSyntax] = []
        self.faults: list[tuple[int, int]] = []
        self.options: frozenset[str] = frozenset()
        self.refused = False
        self.torn: list[tuple[int, int]] = []
        self.depth = 0

    # -- one text ---------------------------------------------------------------------------------

    def read(self, source: str, base: int, inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        """Read `source`, which stands at offset `base` of the text, character by character."""
        if too_tangled(source):
            self.refused = True
            self.faults.append((base, base + len(source)))
            return
        masked = self._masked(source, base)
        data = masked.encode("utf-8", "replace")
        before = (self.base, self.byte_at)
        self.base = base
        self.byte_at = None if len(data) == len(masked) else byte_offsets(masked)
        self._untorn(data, inside, outer)
        self.base, self.byte_at = before

    def _untorn(self, data: bytes, inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        """Read statements; where the grammar took the next line for words of a command, say the end of the line again.

        It does so at times behind a pipeline of three members when a redirection follows some lines below.
        """
        kept, self.torn = self.torn, []
        state = (len(self.commands), len(self.faults), self.options)
        for left in range(MAX_TORN, -1, -1):
            self._statements(_root(data), inside, outer)
            if not self.torn or not left:
                break
            start, end = self.torn[0]
            data = data[:start] + b";".ljust(end - start) + data[end:]
            del self.commands[state[0] :], self.faults[state[1] :]
            self.options, self.torn = state[2], []
        self.torn = kept

    def _masked(self, source: str, base: int) -> str:
        """Return `source` with templates replaced by letters, so that the grammar sees a plain word."""
        if not self.templates:
            return source
        letters: list[str] | None = None
        for start, end in self.templates:
            start, end = max(start - base, 0), min(end - base, len(source))
            if start < end:
                letters = letters if letters is not None else list(source)
                letters[start:end] = "X" * (end - start)
        return "".join(letters) if letters is not None else source

    # -- statements -------------------------------------------------------------------------------

    def _statements(self, node: Node, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        """Visit the children of a node in order; return the commands of the last pipeline."""
        tail: list[CommandSyntax] = []
        for child in node.children:
            if child.is_named:
                tail = self._statement(child, inside, outer) or tail
            elif child.type in (";", "&"):
                for command in tail:
                    command.connector = child.type
        return tail

    def _statement(self, node: Node, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        """Visit one statement; return the commands of its last pipeline."""
        self.depth += 1
        try:
            if self.depth > MAX_DEPTH:
                self.faults.append(self.span(node))
                return []
            visit = _VISITS.get(node.type)
            if visit is not None:
                return visit(self, node, inside, outer)
            if node.type == "ERROR":
                self.faults.append(self.span(node))
            return self._statements(node, inside, outer)
        finally:
            self.depth -= 1

    def _list(self, node: Node, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        """Visit `left && right` or `left || right`."""
        first = len(self.commands)
        tail: list[CommandSyntax] = []
        operator = ""
        for child in node.children:
            if not child.is_named:
                operator = child.type
                for command in tail:
                    command.connector = operator
                continue
            middle = len(self.commands)
            tail = self._statement(child, inside, outer) or tail
            if operator == "||" and middle < len(self.commands):
                for command in self.commands[first:middle]:
                    command.rescue = command.rescue or self.commands[middle]
        return tail

    def _pipeline(self, node: Node, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        """Visit `a | b | c` and link the neighbours."""
        members: list[list[CommandSyntax]] = []
        for child in node.children:
            if child.is_named:
                first = len(self.commands)
                self._statement(child, inside, outer)
                made = [c for c in self.commands[first:] if c.outer is outer]
                if made:
                    members.append(made)
        for left, right in pairwise(members):
            for command in left:
                command.downstream = command.downstream or right[0]
            for command in right:
                command.upstream = command.upstream or left[-1]
        return [command for member in members for command in member]

    def _negated(self, node: Node, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        return self._statements(node, (*inside, "negation"), outer)

    def _if(self, node: Node, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        part = "if-condition"
        for child in node.children:
            if child.type == "then" or node.type == "else_clause":
                part = "if-body"
            if child.is_named:
                place = inside if child.type in ("elif_clause", "else_clause") else (*inside, part)
                self._statement(child, place, outer)
        return []

    def _loop(self, node: Node, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        for child in node.children:
            if not child.is_named:
                continue
            if child.type in ("do_group", "compound_statement"):
                self._statements(child, (*inside, "loop"), outer)
            elif node.type == "while_statement":
                self._statement(child, (*inside, "loop-condition"), outer)
            else:
                self._expansions(child, inside, outer)
        return []

    def _case(self, node: Node, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        for index, child in enumerate(node.children):
            if child.is_named and node.field_name_for_child(index) not in ("value", "termination"):
                self._statement(child, (*inside, "if-body") if node.type == "case_item" else inside, outer)
        return []

    def _function(self, node: Node, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        kept = self.options
        if body is not None:
            label = self.source(name) if name is not None else ""
            self._statement(body, (*inside, f"function:{label}"), outer)
        self.options = kept
        return []

    def _subshell(self, node: Node, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        kept, first = self.options, len(self.commands)
        self._statements(node, (*inside, "subshell"), outer)
        self.options = kept
        return [c for c in self.commands[first:] if c.outer is outer]

    def _group(self, node: Node, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        first = len(self.commands)
        self._statements(node, inside, outer)
        return [c for c in self.commands[first:] if c.outer is outer]

    def _redirected(self, node: Node, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        first = len(self.commands)
        redirects: list[Node] = []
        tail: list[CommandSyntax] = []
        for child in node.children:
            if child.type.endswith("_redirect"):
                redirects.append(child)
            else:
                tail = self._statement(child, inside, outer)
        body = [c for c in (tail or self.commands[first:]) if c.outer is outer and c.downstream is None]
        if not body and redirects:
            start, end = self.span(node)
            body = [CommandSyntax(start, end, inside, self.options)]
            self.commands.extend(body)
        tail = list(body)
        for redirect in redirects:
            tail.extend(self._redirect(redirect, body, inside, outer))
        self._nested_heredocs(body)
        return tail

    def _nested_heredocs(self, body: list[CommandSyntax]) -> None:
        """Read the here-document of `bash <<EOF` as a script of its own."""
        for command in body:
            if command.name in SHELLS and len([w for w in command.words if not w.text.startswith("-")]) == 1:
                for operator, word in command.redirects:
                    if operator == "<<" and self.depth < MAX_DEPTH:
                        literal = all(part.kind == "literal" for part in word.parts)
                        label = "shell-string" if literal else "expanded-shell-string"
                        self._nested(word.start, word.end, (*command.inside, label), command)

    # -- simple commands --------------------------------------------------------------------------

    def _command(self, node: Node, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        """Visit a simple command, `export A=b`, `[ test ]` or bare assignments."""
        start, end = self.span(node)
        command = CommandSyntax(start, end, inside, self.options)
        command.outer = outer
        self.commands.append(command)
        words: list[WordSyntax] = []
        if node.type in ("test_command", "unset_command"):
            words = self.flat_words(node)
            self._expansions(node, inside, command)
        else:
            self._note_torn(node)
            for child in node.children:
                self._command_part(child, command, words, inside)
        command.wrappers, command.words, extra = unwrapped(tuple(words))
        command.assignments.extend(extra)
        self._note_options(command)
        if node.type == "command":
            self._strings_that_run(command)
        return [command]

    def _note_torn(self, node: Node) -> None:
        """Note where (bytes) a line ends between two words of a command without a backslash."""
        if node.start_point[0] == node.end_point[0]:
            return
        text, base = node.text or b"", node.start_byte
        parts = [child for child in node.children if child.type != "comment"]
        for left, right in pairwise(parts):
            gap, newline, _ = text[left.end_byte - base : right.start_byte - base].partition(b"\n")
            if newline and not gap.rstrip(b"\r").endswith(b"\\"):
                self.torn.append((left.end_byte, right.start_byte))
                return

    def _bare_assignment(self, node: Node, inside: tuple[str, ...], outer: CommandSyntax | None) -> list[CommandSyntax]:
        """Visit `A=b` without a command: a command without words."""
        start, end = self.span(node)
        command = CommandSyntax(start, end, inside, self.options)
        command.outer = outer
        self.commands.append(command)
        for assignment in [node] if node.type == "variable_assignment" else node.named_children:
            self._assignment(assignment, command, inside)
        return [command]

    def _command_part(
        self, child: Node, command: CommandSyntax, words: list[WordSyntax], inside: tuple[str, ...]
    ) -> None:
        """Add one child of a command node to the command."""
        if child.type in ("variable_assignment", "variable_assignments"):
            assignments = [child] if child.type == "variable_assignment" else child.named_children
            for assignment in assignments:
                self._assignment(assignment, command, inside)
                if command_is_declaration(child):
                    words.append(self.word(assignment))
        elif child.type.endswith("_redirect"):
            self._redirect(child, [command], inside, command.outer)
        elif child.type == "ERROR":
            self.faults.append(self.span(child))
            self._statements(child, inside, command)
        elif child.is_named or child.type in ("export", "declare", "local", "readonly", "typeset"):
            target = child.children[0] if child.type == "command_name" and child.child_count == 1 else child
            word = self.word(target)
            if words and words[-1].end == word.start:
                word = joined(words.pop(), word)
            words.append(word)
            self._expansions(target, inside, command)

    def _assignment(self, node: Node, command: CommandSyntax, inside: tuple[str, ...]) -> None:
        name = node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        label = self.source(name) if name is not None else ""
        end = self.at(node.end_byte)
        word = self.word(value) if value is not None else WordSyntax("", (), end, end)
        command.assignments.append((label, word))
        if value is not None:
            self._expansions(value, inside, command)

    def _redirect(
        self, node: Node, body: list[CommandSyntax], inside: tuple[str, ...], outer: CommandSyntax | None
    ) -> list[CommandSyntax]:
        """Add a redirection to the commands of `body`; return commands of a pipeline that follows a here-document."""
        if node.type == "heredoc_redirect":
            return self._heredoc(node, body, inside, outer)
        descriptor = ""
        operator = ""
        for child in node.children:
            if child.type == "file_descriptor":
                descriptor = self.source(child)
            elif not child.is_named:
                operator = child.type
            elif operator:
                word = self.word(child)
                for command in body:
                    command.redirects.append((descriptor + operator, word))
                self._expansions(child, inside, body[0] if body else outer)
        return []

    def _heredoc(
        self, node: Node, body: list[CommandSyntax], inside: tuple[str, ...], outer: CommandSyntax | None
    ) -> list[CommandSyntax]:
        first = len(self.commands)
        literal = False
        for child in node.children:
            if child.type == "heredoc_start":
                literal = child.text is not None and child.text[:1] in (b"'", b'"', b"\\")
            elif child.type == "heredoc_body":
                word = self.heredoc_word(child, literal)
                for command in body:
                    command.redirects.append(("<<", word))
                if not literal:
                    self._expansions(child, inside, body[0] if body else outer)
            elif child.type.endswith("_redirect"):
                self._redirect(child, body, inside, outer)
            elif child.type in ("pipeline", "command", "list", "redirected_statement"):
                self._statement(child, inside, outer)
        following = [c for c in self.commands[first:] if c.outer is outer]
        piped = any(child.type == "pipeline" for child in node.children)
        if piped and following and body:
            for command in body:
                command.downstream = command.downstream or following[0]
            following[0].upstream = following[0].upstream or body[-1]
        return following

    def _expansions(self, node: Node, inside: tuple[str, ...], outer: CommandSyntax | None) -> None:
        """Visit the commands of all substitutions below a node."""
        stack = [node]
        while stack:
            current = stack.pop()
            if current.type in ("command_substitution", "process_substitution"):
                self.depth += 1
                kept = self.options
                if self.depth <= MAX_DEPTH:
                    self._statements(current, (*inside, "substitution"), outer)
                self.options = kept
                self.depth -= 1
            else:
                stack.extend(reversed(current.named_children))

    # -- what running a command changes or starts -------------------------------------------------

    def _note_options(self, command: CommandSyntax) -> None:
        """Follow `set -e`, `set +e`, `set -o pipefail` for what comes after."""
        if command.name != "set":
            return
        on: set[str] = set(self.options)
        off: set[str] = set()
        words = [word.text for word in command.words[1:]]
        for index, word in enumerate(words):
            if len(word) < 2 or word[0] not in "-+" or word.startswith("--"):
                continue
            target = on if word[0] == "-" else off
            target.update(OPTION_LETTERS[letter] for letter in word[1:] if letter in OPTION_LETTERS)
            if word.endswith("o") and index + 1 < len(words):
                target.add(words[index + 1])
        self.options = frozenset(on - off)

    def _strings_that_run(self, command: CommandSyntax) -> None:
        """Read the script in `sh -c '...'`, `su -c`, `eval '...'` and `trap '...'` as commands of their own."""
        if command.name in ("pwsh", "powershell"):
            self._powershell(command)
            return
        word = _script_word(command)
        if word is None or self.depth >= MAX_DEPTH:
            return
        if not any(part.kind in ("literal", "glob") and part.text.strip() for part in word.parts):
            return
        expanded = any(part.kind in ("variable", "substitution", "template") for part in word.parts)
        start, end = word.start, word.end
        if self.text[start : start + 1] in ("'", '"') and end - start >= 2:
            start, end = start + 1, end - 1
        label = "expanded-shell-string" if expanded else "shell-string"
        self._nested(start, end, (*command.inside, label), command)

    def _powershell(self, command: CommandSyntax) -> None:
        """Read the text in `pwsh -Command '...'` with the reader of that language."""
        from scanner.parse.powershell import Reader
        from scanner.parse.powershell_strings import script_span

        span = script_span(command)
        if span is None:
            return
        start, end = span
        if self.text[start] in "\"'" and self.text[end - 1] == self.text[start] and end - start >= 2:
            start, end = start + 1, end - 1
        if end - start > MAX_POWERSHELL:
            self.faults.append((start + MAX_POWERSHELL, end))
        source = self.text[start : min(end, start + MAX_POWERSHELL)]
        if self.text[start - 1 : start] == '"':
            source = source.replace('\\"', ' "').replace("\\$", " $")
        nested = Reader(source, template_spans(source), start, frozenset(), 1)
        nested.read((*command.inside, "shell-string"), command)
        self.commands.extend(nested.commands)

    def _nested(self, start: int, end: int, inside: tuple[str, ...], outer: CommandSyntax) -> None:
        source = self.text[start:end]
        if self.text[start - 1 : start] == '"':
            source = source.replace('\\"', ' "').replace("\\$", " $")
        kept, faults = self.options, len(self.faults)
        self.options = frozenset()
        self.depth += 1
        self.read(source, start, inside, outer)
        self.depth -= 1
        self.options = kept
        del self.faults[faults:]


def command_is_declaration(assignment: Node) -> bool:
    """Tell whether an assignment node is an argument of `export`, `declare` and the like."""
    return assignment.parent is not None and assignment.parent.type == "declaration_command"


def _script_word(command: CommandSyntax) -> WordSyntax | None:
    """Return the word that the command runs as shell text, or None."""
    words = command.words
    if command.name in SHELLS or command.name in ("su", "runuser"):
        for index, word in enumerate(words[1:-1], 1):
            if re.fullmatch(r"-[a-z]*c|--command", word.text):
                return words[index + 1]
        return None
    if command.name == "eval" and len(words) == 2:
        return words[1]
    if command.name == "trap" and len(words) > 2:
        return words[1]
    return None


_VISITS: dict[str, Callable[[_Reader, Node, tuple[str, ...], CommandSyntax | None], list[CommandSyntax]]] = {
    "command": _Reader._command,
    "declaration_command": _Reader._command,
    "unset_command": _Reader._command,
    "test_command": _Reader._command,
    "variable_assignment": _Reader._bare_assignment,
    "variable_assignments": _Reader._bare_assignment,
    "list": _Reader._list,
    "pipeline": _Reader._pipeline,
    "negated_command": _Reader._negated,
    "if_statement": _Reader._if,
    "elif_clause": _Reader._if,
    "else_clause": _Reader._if,
    "while_statement": _Reader._loop,
    "for_statement": _Reader._loop,
    "c_style_for_statement": _Reader._loop,
    "case_statement": _Reader._case,
    "case_item": _Reader._case,
    "function_definition": _Reader._function,
    "subshell": _Reader._subshell,
    "compound_statement": _Reader._group,
    "redirected_statement": _Reader._redirected,
    "comment": lambda reader, node, inside, outer: [],
}
