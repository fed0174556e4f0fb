"""Words of shell text: syntax nodes -> words with their pieces, at offsets of the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from scanner.core.subject import WordPart

if TYPE_CHECKING:
    from tree_sitter import Node

EXPANSIONS = frozenset({
    "simple_expansion", "expansion", "command_substitution", "process_substitution", "arithmetic_expansion",
})
WORDS = frozenset({"word", "number", "string", "raw_string", "ansi_c_string", "concatenation", "regex", *EXPANSIONS})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class WordSyntax(NamedTuple):
    """A word: `text` without quotes and with expansions as written, its parts, and its span."""

    text: str
    parts: tuple[WordPart, ...]
    start: int
    end: int


class WordReader:
    """Reads the words of one text; `templates` are spans whose final content is not known, in order."""

    def __init__(self, text: str, templates: list[tuple[int, int]]) -> None:
        """Take the whole text; offsets of nodes are shifted by `base` and translated by `byte_at`."""
        self.text = text
        self.templates = templates
        self.template_starts = [start for start, _ in templates]
        self.base = 0
        self.byte_at: list[int] | None = None

    def at(self, byte: int) -> int:
        """Return the text offset of a byte offset of the tree."""
        if self.byte_at is None:
            return self.base + byte
        return self.base + bisect_right(self.byte_at, byte) - 1

    def span(self, node: Node) -> tuple[int, int]:
        """Return the text offsets of a node."""
        return self.at(node.start_byte), self.at(node.end_byte)

    def flat_words(self, node: Node) -> list[WordSyntax]:
        """Return the words of `[ ... ]` in order, operators included."""
        words: list[WordSyntax] = []
        stack = list(reversed(node.children))
        while stack:
            child = stack.pop()
            if child.type in WORDS or child.child_count == 0:
                words.append(self.word(child))
            else:
                stack.extend(reversed(child.children))
        return words

    def source(self, node: Node) -> str:
        """Return the text of a node as written."""
        start, end = self.span(node)
        return self.text[start:end]

    def word(self, node: Node) -> WordSyntax:
        """Return a word node with its pieces."""
        parts: list[WordPart] = []
        self._parts(node, False, parts)
        start, end = self.span(node)
        return WordSyntax("".join(_shown(part) for part in parts), tuple(parts), start, end)

    def _parts(self, node: Node, quoted: bool, parts: list[WordPart]) -> None:
        """Append the pieces of a word node."""
        kind = node.type
        start, end = self.span(node)
        if kind in EXPANSIONS:
            parts.append(self._expansion(node, quoted))
        elif kind == "raw_string":
            parts.extend(self._literal(start + 1, end - 1, True, raw=True))
        elif kind == "ansi_c_string":
            parts.extend(self._literal(start + 2, end - 1, True, raw=True))
        elif kind in ("string", "translated_string"):
            self._string(node, parts)
        elif node.child_count and kind not in ("word", "number"):
            cursor = start
            for child in node.children:
                left, right = self.span(child)
                parts.extend(self._literal(cursor, left, quoted))
                self._parts(child, quoted, parts)
                cursor = right
            parts.extend(self._literal(cursor, end, quoted))
        else:
            parts.extend(self._literal(start, end, quoted))

    def _string(self, node: Node, parts: list[WordPart]) -> None:
        """Append the pieces of a double-quoted string; blanks between children belong to it."""
        start, end = self.span(node)
        opening = self.text.find('"', start, end)
        closing = end - 1 if self.text[end - 1 : end] == '"' else end
        self._interpolated(node, (opening if opening >= 0 else start) + 1, closing, parts)
        if not parts:
            parts.append(WordPart("literal", "", True))

    def _literal(self, start: int, end: int, quoted: bool, raw: bool = False) -> list[WordPart]:
        """Return literal, glob and template pieces of a stretch of source."""
        parts: list[WordPart] = []
        cursor = start
        index = bisect_right(self.template_starts, start) - 1
        for left, right in self.templates[max(index, 0):]:
            if left >= end:
                break
            if right <= cursor:
                continue
            left = max(left, cursor)
            parts.extend(_plain(self.text[cursor:left], quoted, raw))
            parts.append(WordPart("template", self.text[left : min(right, end)], quoted))
            cursor = min(right, end)
        parts.extend(_plain(self.text[cursor:end], quoted, raw))
        return parts

    def _expansion(self, node: Node, quoted: bool) -> WordPart:
        """Return the piece for `$x`, `${x}`, `$(x)`, `` `x` ``, `<(x)` or `$((x))`."""
        source = self.source(node)
        if node.type in ("command_substitution", "process_substitution"):
            return WordPart("substitution", source, quoted)
        if node.type == "arithmetic_expansion":
            return WordPart("arithmetic", source, quoted)
        match = re.match(r"\$\{?[!#]?([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!_-])", source)
        part = WordPart("variable", match.group(1) if match else source, quoted)
        part.source = source
        return part

    def heredoc_word(self, node: Node, literal: bool) -> WordSyntax:
        """Return the body of a here-document as a word; `literal` when the shell expands nothing in it."""
        start, end = self.span(node)
        if literal:
            return WordSyntax(self.text[start:end], (WordPart("literal", self.text[start:end], True),), start, end)
        parts: list[WordPart] = []
        self._interpolated(node, start, end, parts)
        return WordSyntax(self.text[start:end], tuple(parts), start, end)

    def _interpolated(self, node: Node, start: int, end: int, parts: list[WordPart]) -> None:
        """Append the quoted text from `start` to `end`, the expansions among the children in their places."""
        cursor = start
        for child in node.named_children:
            if child.type in EXPANSIONS:
                left, right = self.span(child)
                parts.extend(self._literal(cursor, left, True))
                parts.append(self._expansion(child, True))
                cursor = right
        parts.extend(self._literal(cursor, end, True))


def joined(left: WordSyntax, right: WordSyntax) -> WordSyntax:
    """Return two words that touch as the one they are.

    The grammar (tree-sitter-bash 0.25) ends a word behind a `$` that follows a dot: `$A.dkr.$B.com` becomes `$A.dkr.$`
    and `B.com`.
    """
    parts = [*left.parts]
    more = [*right.parts]
    name = _NAME.match(more[0].text) if more and more[0].kind == "literal" and not more[0].quoted else None
    if name and parts and parts[-1].kind == "literal" and not parts[-1].quoted and parts[-1].text.endswith("$"):
        before, after = parts.pop().text[:-1], more.pop(0).text[name.end():]
        parts += [*_plain(before, False, False), WordPart("variable", name[0], False, f"${name[0]}")]
        more = [*_plain(after, False, False), *more]
    parts += more
    return WordSyntax("".join(_shown(part) for part in parts), tuple(parts), left.start, right.end)


def _plain(source: str, quoted: bool, raw: bool) -> list[WordPart]:
    """Return literal and glob pieces of source text without expansions."""
    if not source:
        return []
    if raw:
        return [WordPart("literal", source, True)]
    if quoted:
        if "\\" in source:
            source = re.sub(r"\\([$`\"\\])", r"\1", source).replace("\\\n", "")
        return [WordPart("literal", source, True)]
    if "\\" in source:
        return [WordPart("literal", re.sub(r"\\(.)", r"\1", source.replace("\\\n", "")), False)]
    if re.search(r"[*?\[]", source) and source not in ("[", "[["):
        return [WordPart("glob", source, False)]
    return [WordPart("literal", source, False)]


def _shown(part: WordPart) -> str:
    """Return a piece as a word's text shows it: expansions as written."""
    return part.source or part.text


def byte_offsets(text: str) -> list[int]:
    """Return the UTF-8 byte offset of every character, and of the end."""
    offsets, total = [], 0
    for character in text:
        offsets.append(total)
        code = ord(character)
        total += 1 if code < 0x80 or 0xD800 <= code < 0xE000 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
    offsets.append(total)
    return offsets
