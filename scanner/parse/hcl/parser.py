"""The structure of HCL files, and expressions: a recursive descent over one scanner regex.

Grammar: the HCL native syntax specification (hashicorp/hcl, hclsyntax/spec.md). Nesting is bounded by
`MAX_DEPTH`; after a fault the parser goes on at the next top-level block.
"""

from __future__ import annotations

import re

from scanner.parse.hcl.template import TemplateReader, unescape
from scanner.parse.hcl.tokens import (
    ANY,
    END,
    FLAT,
    HEREDOC,
    IDENTIFIER,
    LINE,
    NEWLINE,
    NUMBER,
    QUOTE,
    STRING,
    SYMBOL,
    Trouble,
    printable,
)
from scanner.parse.hcl.tree import (
    Argument,
    Attribute,
    Binary,
    Block,
    Body,
    Call,
    Conditional,
    Document,
    Fault,
    For,
    Index,
    Literal,
    Name,
    Node,
    Object,
    Parenthesis,
    Splat,
    Template,
    Tuple,
    Unary,
)

MAX_DEPTH = 90
MAX_FAULTS = 20
PRECEDENCE = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}
KEYWORDS = {"true": True, "false": False, "null": None}
TOP_LEVEL = re.compile(
    r"^(?:resource|data|module|variable|locals|output|provider|terraform|moved|import|removed|check|ephemeral|action|run)"
    r"\b[^\n{=]*\{", re.MULTILINE,
)


class Parser:
    """One text with a current token: `kind`, `word` (its text), `start`, `end`."""

    def __init__(self, text: str, start: int = 0) -> None:
        self.text = text
        self.flat = False
        self.depth = 0
        self.faults: list[Fault] = []
        self.kind = NEWLINE
        self.word = ""
        self.start = self.end = self.last = start
        self.next()

    # --- tokens -----------------------------------------------------------------------------------

    def next(self) -> None:
        """Read the next token; `last` keeps where the one before it ended."""
        self.last = self.end
        match = (FLAT if self.flat else LINE)(self.text, self.end)
        if match is None:  # a block comment without end
            raise Trouble("unexpected text", self.end, self.end + 1)
        self.kind = kind = match.lastindex or END
        self.start, self.end = match.span(kind)
        self.word = match[kind]

    def jump(self, position: int) -> None:
        """Go on reading at `position`."""
        self.end = position
        self.next()
        self.last = position

    def trouble(self, expected: str) -> Trouble:
        """Return the error for the current token."""
        found = "the end of the file" if self.kind == END else printable(self.word)
        return Trouble(f"expected {expected}, found {found}", self.start, max(self.end, self.start + 1))

    def symbol(self, word: str) -> bool:
        """Tell whether the current token is this symbol."""
        return self.kind == SYMBOL and self.word == word

    def expect(self, word: str, flat: bool | None = None) -> None:
        """Pass over a symbol, and set the line mode for what follows it."""
        if self.kind != SYMBOL or self.word != word:
            raise self.trouble(f'"{word}"')
        if flat is not None:
            self.flat = flat
        self.next()

    def lines(self) -> None:
        """Pass over line ends."""
        while self.kind == NEWLINE:
            self.next()

    # --- structure --------------------------------------------------------------------------------

    def document(self) -> Document:
        """Read the file's body; a broken top-level item is named and skipped."""
        body = Body()
        while True:
            begin = self.start
            try:
                self.lines()
                begin = self.start
                if self.kind == END:
                    break
                self.item(body)
            except Trouble as trouble:
                self.faults.append(trouble.fault)
                if not self.resume(begin):
                    break
        return Document(body, tuple(self.faults[:MAX_FAULTS]))

    def resume(self, begin: int) -> bool:
        """Go to the next top-level block after `begin`; False when there is none."""
        found = TOP_LEVEL.search(self.text, begin + 1)
        self.flat = False
        self.depth = 0
        if found is None:
            return False
        self.end = found.start()
        self.next()
        return True

    def body(self, body: Body) -> None:
        """Read items up to the closing brace."""
        while True:
            self.lines()
            if self.kind == SYMBOL and self.word == "}":
                return
            self.item(body)

    def item(self, body: Body) -> None:
        """Read one argument or block."""
        if self.kind != IDENTIFIER:
            raise self.trouble("an argument or a block")
        name, start, end = self.word, self.start, self.end
        self.next()
        if self.kind == SYMBOL and self.word == "=":
            self.next()
            expression = self.expression()
            if name in body.arguments:
                self.faults.append(Fault(f'the argument "{name}" is set twice; the first one counts', start, end))
            else:
                body.arguments[name] = Argument(name, expression, start, end)
        else:
            self.block(body, name, start)
        if self.kind == NEWLINE:
            self.next()
        elif self.kind != END and not self.symbol("}"):
            raise self.trouble("a new line")

    def block(self, body: Body, name: str, start: int) -> None:
        """Read labels and the body in braces."""
        labels: list[str] = []
        while self.kind in (STRING, IDENTIFIER):
            labels.append(unescape(self.word[1:-1]) if self.kind == STRING else self.word)
            self.next()
        if not self.symbol("{"):
            raise self.trouble('"=" or "{"')
        block = Block(name, tuple(labels), start, self.last)
        self.deeper()
        self.next()
        self.body(block.body)
        block.end = self.end
        self.next()
        self.depth -= 1
        body.blocks.append(block)

    def deeper(self) -> None:
        """Count a level of nesting; too many are a fault."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Trouble(f"nested deeper than {MAX_DEPTH} levels", self.start, self.end)

    # --- expressions ------------------------------------------------------------------------------

    def expression(self) -> Node:
        """Read one expression."""
        self.deeper()
        condition = self.binary(1)
        if self.kind == SYMBOL and self.word == "?":
            self.next()
            then = self.expression()
            self.expect(":")
            condition = Conditional(condition, then, self.expression())
        self.depth -= 1
        return condition

    def binary(self, least: int) -> Node:
        """Read operators of precedence `least` and above."""
        left = self.unary()
        while self.kind == SYMBOL:
            operator = self.word
            rank = PRECEDENCE.get(operator)
            if rank is None or rank < least:
                break
            self.next()
            left = Binary(operator, left, self.binary(rank + 1))
        return left

    def unary(self) -> Node:
        """Read `-x`, `!x` or a term with its traversal."""
        if self.kind == SYMBOL and (self.word == "-" or self.word == "!"):
            operator, start = self.word, self.start
            self.deeper()
            self.next()
            operand = self.unary()
            self.depth -= 1
            return Unary(operator, operand, start)
        node = self.term()
        while self.kind == SYMBOL and (self.word == "." or self.word == "["):
            node = self.step(node)
        return node

    def step(self, node: Node) -> Node:
        """Read one `.name`, `[key]`, `.*` or `[*]` after `node`."""
        if self.word == ".":
            self.next()
            if self.symbol("*"):
                self.next()
                return self.splat(node, full=False)
            return self.attribute(node)
        outside, self.flat = self.flat, True
        self.next()
        if self.symbol("*"):
            self.next()
            self.expect("]", outside)
            return self.splat(node, full=True)
        key = self.expression()
        end = self.end
        self.expect("]", outside)
        return Index(node, key, end)

    def attribute(self, node: Node) -> Node:
        """Read the name after a dot; `a.0.1` is scanned as the number `0.1`."""
        if self.kind == IDENTIFIER:
            node = Attribute(node, self.word, self.end)
        elif self.kind == NUMBER and self.word.replace(".", "").isdigit():
            for part in self.word.split("."):
                node = Attribute(node, part, self.end)
        else:
            raise self.trouble("a name after the dot")
        self.next()
        return node

    def splat(self, node: Node, *, full: bool) -> Node:
        """Read the steps that apply to every element; indexes only after `[*]`."""
        each: Node = Name("", self.last, self.last)
        self.deeper()
        while self.kind == SYMBOL and (self.word == "." or (full and self.word == "[")):
            if full:
                each = self.step(each)
            else:
                self.next()
                each = self.attribute(each)
        self.depth -= 1
        return Splat(node, each, each.end)

    def term(self) -> Node:
        """Read a literal, template, name, call, collection or parenthesis."""
        kind, word, start = self.kind, self.word, self.start
        if kind == IDENTIFIER:
            return self.named(word, start)
        if kind == STRING:
            end = self.end
            self.next()
            content = word[1:-1]
            if "\\" in content:
                return Literal(unescape(content), start, end, escape_pieces(content, start + 1), True)
            return Literal(content, start, end, (), True)
        if kind == NUMBER:
            end = self.end
            self.next()
            return Literal(number(word), start, end)
        if kind in (QUOTE, HEREDOC):
            return self.template(kind)
        if kind == SYMBOL and word in "([{":
            self.deeper()
            node = self.parenthesis() if word == "(" else self.sequence() if word == "[" else self.mapping()
            self.depth -= 1
            return node
        raise self.trouble("an expression")

    def named(self, word: str, start: int) -> Node:
        """Read a keyword, a call, or a name."""
        end = self.end
        self.next()
        while self.kind == ANY and self.word == "::":
            self.next()
            word, end = f"{word}::{self.word}", self.end
            self.next()
        if self.kind == SYMBOL and self.word == "(":
            return self.call(word, start)
        if word in KEYWORDS:
            return Literal(KEYWORDS[word], start, end)
        return Name(word, start, end)

    def call(self, name: str, start: int) -> Node:
        """Read the arguments of a call."""
        outside, self.flat = self.flat, True
        self.next()
        arguments: list[Node] = []
        expand = False
        while not self.symbol(")"):
            arguments.append(self.expression())
            if self.symbol("..."):
                expand = True
                self.next()
                break
            if not self.symbol(","):
                break
            self.next()
        end = self.end
        self.expect(")", outside)
        return Call(name, arguments, expand, start, end)

    def parenthesis(self) -> Node:
        """Read `(expression)`."""
        start = self.start
        outside, self.flat = self.flat, True
        self.next()
        inner = self.expression()
        end = self.end
        self.expect(")", outside)
        return Parenthesis(inner, start, end)

    def sequence(self) -> Node:
        """Read `[a, b]` or `[for ...]`."""
        start = self.start
        outside, self.flat = self.flat, True
        self.next()
        if self.kind == IDENTIFIER and self.word == "for":
            return self.loop(start, "]", outside)
        items: list[Node] = []
        while not self.symbol("]"):
            items.append(self.expression())
            if not self.symbol(","):
                break
            self.next()
        end = self.end
        self.expect("]", outside)
        return Tuple(items, start, end)

    def mapping(self) -> Node:
        """Read `{key = value}` or `{for ...}`; line ends and commas separate pairs."""
        start = self.start
        outside, self.flat = self.flat, False
        self.next()
        self.lines()
        if self.kind == IDENTIFIER and self.word == "for" and self.loop_ahead():
            self.flat = True
            return self.loop(start, "}", outside)
        pairs: list[tuple[Node, Node]] = []
        while not self.symbol("}"):
            key = self.expression()
            if isinstance(key, Name):
                key = Literal(key.name, key.start, key.end)
            elif isinstance(key, Literal) and not isinstance(key.content, str):
                key = Literal(self.text[key.start : key.end], key.start, key.end)
            if not (self.symbol("=") or self.symbol(":")):
                raise self.trouble('"=" after the key')
            self.next()
            self.lines()
            pairs.append((key, self.expression()))
            if self.symbol(","):
                self.next()
            elif self.kind != NEWLINE:
                break
            self.lines()
        end = self.end
        self.expect("}", outside)
        return Object(pairs, start, end)

    def loop_ahead(self) -> bool:
        """Tell whether `for` starts a for-expression rather than being a key."""
        return re.compile(r"\s*[^\W\d][\w-]*\s*(?:,|in\b)").match(self.text, self.end) is not None

    def loop(self, start: int, closing: str, outside: bool) -> Node:
        """Read a for-expression from `for` on."""
        self.next()
        key, value = self.loop_names()
        collection = self.expression()
        self.expect(":")
        result = self.expression()
        key_result: Node | None = None
        group = False
        condition: Node | None = None
        if closing == "}":
            self.expect("=>")
            key_result, result = result, self.expression()
            if self.symbol("..."):
                group = True
                self.next()
        if self.kind == IDENTIFIER and self.word == "if":
            self.next()
            condition = self.expression()
        end = self.end
        self.expect(closing, outside)
        return For(key, value, collection, key_result, result, condition, group, start, end)

    def loop_names(self) -> tuple[str, str]:
        """Read `value in` or `key, value in`."""
        names: list[str] = []
        while self.kind == IDENTIFIER and len(names) < 2:
            names.append(self.word)
            self.next()
            if not self.symbol(","):
                break
            self.next()
        if not names or self.kind != IDENTIFIER or self.word != "in":
            raise self.trouble('"in"')
        self.next()
        return ("", names[0]) if len(names) == 1 else (names[0], names[1])

    def template(self, kind: int) -> Node:
        """Read a quoted string with interpolations, or a heredoc."""
        start = self.start
        self.deeper()
        reader = TemplateReader(self)
        outside = self.flat
        parts, position = reader.quoted(self.end) if kind == QUOTE else reader.heredoc(self.word, self.end)
        self.flat = outside
        self.depth -= 1
        end = position
        self.jump(position)
        if not parts:
            return Literal("", start, end, ((0, end - 1),), kind == QUOTE)
        if len(parts) == 1 and isinstance(parts[0], Literal):
            only = parts[0]
            return Literal(only.content, start, end, only.pieces, kind == QUOTE)
        return Template(parts, start, end)


def number(word: str) -> int | float:
    """Return the value of a number token."""
    if word.isdigit():
        return int(word) if len(word) < 4000 else float("inf")
    value = float(word)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def escape_pieces(raw: str, source: int) -> tuple[tuple[int, int], ...]:
    """Return (content offset, source offset) pairs for a quoted text with escapes that starts at `source`."""
    pieces = [(0, source)]
    content = at = 0
    while True:
        slash = raw.find("\\", at)
        if slash < 0:
            return tuple(pieces)
        length = {"u": 6, "U": 10}.get(raw[slash + 1 : slash + 2], 2)
        content += slash - at
        pieces.append((content, source + slash))
        at = slash + length
        content += 1
        pieces.append((content, source + at))


def parse(text: str) -> Document:
    """Return the file's body, with a fault for every part that could not be read."""
    try:
        return Parser(text, 1 if text[:1] == "\ufeff" else 0).document()
    except Trouble as trouble:
        return Document(Body(), (trouble.fault,))


def parse_expression(text: str) -> Node | Fault:
    """Return the expression that the whole text is, or the fault."""
    try:
        parser = Parser(text)
        parser.flat = True
        parser.jump(0)
        node = parser.expression()
        if parser.kind != END:
            raise parser.trouble("the end of the expression")
    except Trouble as trouble:
        return trouble.fault
    return node


def parse_template(text: str) -> list[Node] | Fault:
    """Return the parts of a template file."""
    try:
        parser = Parser("", 0)
        parser.text = text
        return TemplateReader(parser).bare()
    except Trouble as trouble:
        return trouble.fault
