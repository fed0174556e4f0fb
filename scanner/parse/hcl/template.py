"""Templates: quoted strings with interpolations, heredocs, directives, and template files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scanner.parse.hcl.tokens import END, IDENTIFIER, Trouble
from scanner.parse.hcl.tree import Literal, Node, TemplateFor, TemplateIf

if TYPE_CHECKING:
    from scanner.parse.hcl.parser import Parser

_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[\s\S])")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_QUOTED_TEXT = re.compile(r'(?:[^"\\$%\r\n]++|\\[^\r\n]|\$\$\{|%%\{|\$(?!\{)|%(?!\{))++')
_BARE_TEXT = re.compile(r"(?:[^$%]++|\$\$\{|%%\{|\$(?!\{)|%(?!\{))++")
_LINE_TEXT = re.compile(r"(?:[^$%\r\n]++|\$\$\{|%%\{|\$(?!\{)|%(?!\{))*+(?:\r\n|\n|\r)?")
_DOUBLED = re.compile(r"\$\$\{|%%\{")
_QUOTED_SPECIAL = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[^\r\n])|\$\$\{|%%\{")


def unescape(content: str) -> str:
    """Return quoted text with its escapes decoded; an unknown escape stays as it is."""
    if "\\" not in content:
        return content
    return _ESCAPE.sub(lambda match: _escaped(match[0]), content)


def _escaped(word: str) -> str:
    simple = _SIMPLE.get(word[1])
    if simple is not None:
        return simple
    if len(word) > 2:
        point = int(word[2:], 16)
        return chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else "\ufffd"
    return word


def decoded(raw: str, source: int, special: re.Pattern[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return the text of a raw template literal and its pieces (content offset, source offset)."""
    out: list[str] = []
    pieces = [(0, source)]
    content = at = 0
    for match in special.finditer(raw):
        word = match[0]
        text = word[1:] if word[0] != "\\" else _escaped(word)
        content += match.start() - at
        out += (raw[at : match.start()], text)
        pieces.append((content, source + match.start()))
        content += len(text)
        at = match.end()
        pieces.append((content, source + at))
    out.append(raw[at:])
    return "".join(out), tuple(pieces)


class TemplateReader:
    """Reads template parts of the parser's text; sequences `${` and `%{` go back to the parser."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser
        self.limit = len(parser.text)
        self.strip_next = False

    def quoted(self, position: int) -> tuple[list[Node], int]:
        """Read after an opening quote; returns the parts and where the text goes on after the closing one."""
        text = self.parser.text
        flat: list[Node] = []
        while True:
            if text.startswith('"', position):
                return nested(flat, self.parser), position + 1
            match = _QUOTED_TEXT.match(text, position)
            if match:
                content, pieces = decoded(match[0], position, _QUOTED_SPECIAL)
                self.text_part(flat, content, pieces, position, match.end())
                position = match.end()
            elif text.startswith(("${", "%{"), position):
                position = self.sequence(flat, position)
            else:
                raise Trouble("the string does not end on its line", position, position + 1)

    def heredoc(self, opening: str, position: int) -> tuple[list[Node], int]:
        """Read after a heredoc's first line, up to and without the line end of the closing marker."""
        text = self.parser.text
        word = opening.strip().lstrip("<")
        marker = word.removeprefix("-")
        closing = re.compile(rf"^[ \t]*{re.escape(marker)}[ \t]*(?=\r|\n|\Z)", re.MULTILINE)
        found = closing.search(text, position)
        if found is None:
            raise Trouble(f'no line "{marker}" ends the heredoc', position - len(opening), position - 1)
        self.limit = found.start()
        flat: list[Node] = []
        while position < self.limit:
            if text.startswith(("${", "%{"), position):
                position = self.sequence(flat, position)
                if position > self.limit:  # the marker stood inside an interpolation
                    found = closing.search(text, position)
                    if found is None:
                        raise Trouble(f'no line "{marker}" ends the heredoc', position - 1, position)
                    self.limit = found.start()
                continue
            match = _LINE_TEXT.match(text, position)
            end = match.end() if match else position + 1
            content, pieces = decoded(text[position:end], position, _DOUBLED)
            self.text_part(flat, content, pieces, position, end)
            position = end
        if word.startswith("-"):
            flush(flat)
        return nested(joined(flat), self.parser), found.end()

    def bare(self) -> list[Node]:
        """Read the whole text as a template file."""
        text = self.parser.text
        flat: list[Node] = []
        position = 0
        while position < len(text):
            match = _BARE_TEXT.match(text, position)
            if match:
                content, pieces = decoded(match[0], position, _DOUBLED)
                self.text_part(flat, content, pieces, position, match.end())
                position = match.end()
            else:
                position = self.sequence(flat, position)
        return nested(flat, self.parser)

    def text_part(
        self, flat: list[Node], content: str, pieces: tuple[tuple[int, int], ...], start: int, end: int
    ) -> None:
        """Append a literal; the sequence before it may have asked to strip its leading blanks."""
        part = Literal(content, start, end, pieces)
        if self.strip_next:
            trim_start(part, len(content) - len(content.lstrip()))
            self.strip_next = False
        flat.append(part)

    def sequence(self, flat: list[Node], position: int) -> int:
        """Read `${...}` or `%{...}` at `position`; returns where the text goes on."""
        parser = self.parser
        directive = parser.text[position] == "%"
        opened = position + 2
        if parser.text.startswith("~", opened):
            opened += 1
            if flat and isinstance(flat[-1], Literal):
                flat[-1].content = str(flat[-1].content).rstrip()
        parser.flat = True
        parser.jump(opened)
        node = self.directive(position) if directive else parser.expression()
        self.strip_next = False
        if parser.symbol("~") or (parser.kind != END and parser.word == "~"):
            self.strip_next = True
            parser.next()
        if not parser.symbol("}"):
            raise parser.trouble('"}" after the interpolation')
        flat.append(Interpolation(node, position, parser.end) if not directive else node)
        return parser.end

    def directive(self, start: int) -> Node:
        """Read the words of a directive; `nested` builds the tree from them."""
        parser = self.parser
        word = parser.word if parser.kind == IDENTIFIER else ""
        if word not in ("if", "else", "endif", "for", "endfor"):
            raise parser.trouble("if, else, endif, for or endfor")
        parser.next()
        mark = Directive(word, start, parser.end)
        if word == "if":
            mark.expression = parser.expression()
        elif word == "for":
            mark.names = parser.loop_names()
            mark.expression = parser.expression()
        return mark


class Interpolation(Node):
    """`${inner}` inside a template; spans the whole sequence."""

    __slots__ = ("inner",)

    def __init__(self, inner: Node, start: int, end: int) -> None:
        self.inner = inner
        self.start = start
        self.end = end


class Directive(Node):
    """A directive's opening, before the tree is built."""

    __slots__ = ("expression", "names", "word")

    def __init__(self, word: str, start: int, end: int) -> None:
        self.word = word
        self.start = start
        self.end = end
        self.expression: Node | None = None
        self.names = ("", "")


def trim_start(part: Literal, count: int) -> None:
    """Take `count` characters off the front of a literal part."""
    part.content = str(part.content)[count:]
    kept = [(max(0, offset - count), source + max(0, count - offset)) for offset, source in part.pieces]
    last_at_start = max(index for index, (offset, _) in enumerate(kept) if offset == 0)
    part.pieces = tuple(kept[last_at_start:])


def flush(flat: list[Node]) -> None:
    """Remove the common indentation of a `<<-` heredoc; blank lines do not count and stay."""
    line_start, least, adjusted = True, 1 << 30, []
    for part in flat:
        if line_start:
            spaces = 0
            if isinstance(part, Literal):
                content = str(part.content)
                bare = content.lstrip()
                if not bare and content.endswith("\n"):
                    spaces = least
                else:
                    spaces = len(content) - len(bare)
                    adjusted.append(part)
            least = min(least, spaces)
        line_start = isinstance(part, Literal) and str(part.content).endswith(("\n", "\r"))
    for part in adjusted:
        trim_start(part, least)


def joined(flat: list[Node]) -> list[Node]:
    """Return the parts with neighbouring literals made one."""
    out: list[Node] = []
    run: list[Literal] = []

    def close() -> None:
        if len(run) == 1:
            out.append(run[0])
        elif run:
            texts, pieces, length = [], [], 0
            for part in run:
                texts.append(str(part.content))
                pieces += [(length + offset, source) for offset, source in part.pieces]
                length += len(texts[-1])
            out.append(Literal("".join(texts), run[0].start, run[-1].end, tuple(pieces)))
        run.clear()

    for part in flat:
        if isinstance(part, Literal):
            run.append(part)
        else:
            close()
            out.append(part)
    close()
    return out


def nested(flat: list[Node], parser: Parser) -> list[Node]:
    """Return the parts with directives made into `TemplateIf` and `TemplateFor`."""
    if any(isinstance(part, Directive) for part in flat):
        parts, rest, _ = _branch(flat, 0, (), parser)
        if rest < len(flat):
            raise Trouble("a directive ends what was not begun", flat[rest].start, flat[rest].end)
        return parts
    return flat


def _branch(flat: list[Node], index: int, ends: tuple[str, ...], parser: Parser) -> tuple[list[Node], int, str]:
    """Read parts from `index` up to a directive in `ends`; returns them, the next index, and that word."""
    parts: list[Node] = []
    while index < len(flat):
        part = flat[index]
        index += 1
        if not isinstance(part, Directive):
            parts.append(part)
            continue
        if part.word in ends:
            return parts, index, part.word
        if part.word not in ("if", "for"):
            raise Trouble(f'"{part.word}" without its beginning', part.start, part.end)
        parser.deeper()
        node, index = _open(flat, index, part, parser)
        parser.depth -= 1
        parts.append(node)
    if ends:
        raise Trouble(f"expected a directive {' or '.join(ends)} before the end of the template",
                      flat[-1].start, flat[-1].end)
    return parts, index, ""


def _open(flat: list[Node], index: int, mark: Directive, parser: Parser) -> tuple[Node, int]:
    """Build the node of an `if` or `for` directive."""
    assert mark.expression is not None
    if mark.word == "for":
        parts, index, _ = _branch(flat, index, ("endfor",), parser)
        key, value = mark.names
        return TemplateFor(key, value, mark.expression, parts, mark.start, flat[index - 1].end), index
    then, index, word = _branch(flat, index, ("else", "endif"), parser)
    otherwise: list[Node] = []
    if word == "else":
        otherwise, index, _ = _branch(flat, index, ("endif",), parser)
    return TemplateIf(mark.expression, then, otherwise, mark.start, flat[index - 1].end), index
