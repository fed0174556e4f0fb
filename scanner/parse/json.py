"""JSON: bytes to positioned nodes, with precise faults.

Strict JSON is what AWS takes; comments are read over with a warning, a trailing comma is a fault whose `partial`
still holds the whole document. Strings are decoded by the interpreter's C scanner. Lines and columns are 1-based,
ends exclusive. Depth is bounded; time and memory are linear in the size of the document.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable

from scanner.core.artifact import Artifact, Notification
from scanner.core.errors import SyntaxFault
from scanner.core.location import Location, Piece, TextMap, line_starts
from scanner.core.node import Node
from scanner.parse.json_nodes import JsonNode, LaterNode, collection, later, leaf

MAX_DEPTH = 200
LARGE = 1_000_000
"""Characters above which a document's collections are read when they are asked for."""
WHOLE = 50_000
"""Characters up to which a collection of a large document is read at once."""

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_COMMENT = re.compile(r"(?://|#)[^\r\n]*|/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"[^\s,:{}\[\]\"]+")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*"')
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_KEY = re.compile(  # a key, its colon, and the value when that is a plain scalar
    r'"([^"\\\x00-\x1f]*)"[ \t\r\n]*:[ \t\r\n]*'
    r'(?:"([^"\\\x00-\x1f]*)"|(true|false|null)(?![\w.])|(-?(?:0|[1-9][0-9]{0,15}))(?=[ \t\r\n,}]))?')
_NEXT = re.compile(r"[ \t\r\n]*(?:,[ \t\r\n]*(?=[^]}/# \t\r\n])|([]}]))")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def documents(artifact: Artifact) -> list[Node]:
    """Return the root node in a list (empty for an empty file); raises SyntaxFault with what was read so far.

    Warnings (comments, raw control characters) are appended to `artifact.notes`.
    """
    collecting = gc.isenabled()
    gc.disable()  # worth a factor of two on large documents
    try:
        return (_large(artifact) if len(artifact.text) > LARGE else None) or _Reader(artifact).document()
    finally:
        if collecting:
            gc.enable()


class _Reader:
    """Reads one artifact, or one collection of it."""

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact
        self.path = artifact.path
        self.text = artifact.text
        self.depth = 0
        self.soft: SyntaxFault | None = None  # a fault after which reading goes on
        self.open: list[JsonNode] = []

    def document(self) -> list[Node]:
        """Return [root], or raise the first fault."""
        at = self.skip(1 if self.text.startswith("\ufeff") else 0)
        if at >= len(self.text):
            return []
        try:
            root, end = self.value(at)
        except SyntaxFault as fault:
            fault.partial = self.partial()
            raise
        end = self.skip(end)
        if self.soft is None and end < len(self.text):
            self.soft = self.fault(end, "more text after the end of the document",
                                   "one JSON document a file; remove what follows or check the brackets above")
        if self.soft is not None:
            self.soft.partial = [root]
            raise self.soft
        return [root]

    def partial(self) -> list[Node]:
        """Return the root as far as it was read; what was still open is marked cut."""
        for outer, inner in zip(self.open, self.open[1:], strict=False):
            if outer.kind == "sequence" and (not outer.items or outer.items[-1] is not inner):
                outer.items.append(inner)
        for node in self.open:
            node.cut = True
        return list(self.open[:1])

    # places

    def skip(self, at: int) -> int:
        """Return the offset of the next token."""
        at = _SPACE.match(self.text, at).end()  # type: ignore[union-attr]  # matches the empty string
        while self.text[at:at + 1] in ("/", "#") and at < len(self.text):
            match = _COMMENT.match(self.text, at)
            if match is None:
                break
            self.remark(at, "json-comment", "comments are not JSON; read as if they were not there",
                        "remove the comments: AWS refuses the document")
            at = _SPACE.match(self.text, match.end()).end()  # type: ignore[union-attr]
        return at

    def remark(self, at: int, kind: str, message: str, hint: str) -> None:
        """Note something that did not stop the reading, once a file."""
        if not any(note.kind == kind for note in self.artifact.notes):
            line, column = self.artifact.position(at)
            self.artifact.notes.append(
                Notification("warning", kind, message, Location(self.path, line, column, line, column + 1), hint))

    def fault(self, at: int, message: str, hint: str) -> SyntaxFault:
        line, column = self.artifact.position(min(at, len(self.text)))
        return SyntaxFault(f"not valid JSON: {message}", Location(self.path, line, column, line, column + 1),
                           "json-syntax", hint)

    # values

    def value(self, at: int) -> tuple[Node, int]:
        character = self.text[at:at + 1]
        if character == '"':
            return self.string(at)
        if character == "{":
            return self.mapping(at)
        if character == "[":
            return self.sequence(at)
        return self.literal(at)

    def leaf(self, start: int, end: int, content: str | int | float | bool | None, text: str) -> JsonNode:
        return leaf(self.artifact, start, end, content, text, "", None)

    def string(self, at: int) -> tuple[Node, int]:
        text = self.text
        match = _PLAIN.match(text, at + 1)
        if match is not None:
            end = match.end()
            content = text[at + 1:end - 1]
            return leaf(self.artifact, at, end, content, content, '"', None), end
        content, end = self.decoded(at)
        artifact = self.artifact
        return leaf(artifact, at, end, content, content, '"', lambda: _escaped_map(artifact, at, end)), end

    def decoded(self, at: int) -> tuple[str, int]:
        """Return a string with escapes or control characters, and its end."""
        from json import JSONDecodeError, decoder

        scanstring: Callable[[str, int, bool], tuple[str, int]] = vars(decoder)["scanstring"]
        try:
            return scanstring(self.text, at + 1, True)
        except JSONDecodeError as error:
            if "control character" not in error.msg:
                raise self._string_fault(at, error.pos, error.msg) from None
        try:
            found = scanstring(self.text, at + 1, False)
        except JSONDecodeError as error:
            raise self._string_fault(at, error.pos, error.msg) from None
        self.remark(at, "json-control-character", "a string holds a raw line end, tab or control character",
                    "write it as an escape, \\n or \\t")
        return found

    def _string_fault(self, start: int, at: int, message: str) -> SyntaxFault:
        if "Unterminated" in message:
            return self.fault(start, "a string that is never closed", "close the quote")
        return self.fault(at, "an escape that JSON does not know", "double the backslash")

    def literal(self, at: int) -> tuple[Node, int]:
        text = self.text
        match = _NUMBER.match(text, at)
        if match is not None:
            end = match.end()
            written = match.group()
            content: str | int | float = written
            if match.group(1) or match.group(2):
                content = float(written) if len(written) < 64 else written
            elif len(written) <= 64:
                content = int(written)
            return self.leaf(at, end, content, written), end
        word = _WORD.match(text, at)
        written = word.group() if word else ""
        if written in _WORDS:
            return self.leaf(at, at + len(written), _WORDS[written], written), at + len(written)
        raise self._value_fault(at, written)

    def _value_fault(self, at: int, written: str) -> SyntaxFault:
        if at >= len(self.text):
            return self.fault(at, "the document ends where a value is expected", "complete the document")
        if written[:1] == "'":
            return self.fault(at, "a string in single quotes", "use double quotes")
        if written:
            return self.fault(at, "a word that is no JSON value",
                              "put text in double quotes; true, false and null in lower case")
        return self.fault(at, f"{self.text[at]!r} where a value is expected",
                          "write a value or remove the comma before it")

    def enter(self, kind: str, at: int) -> JsonNode:
        if self.depth >= MAX_DEPTH:
            raise self.fault(at, f"nesting deeper than {MAX_DEPTH} levels", "flatten the document")
        self.depth += 1
        node = collection(self.artifact, kind, at, at + 1)
        self.open.append(node)
        return node

    def leave(self, node: JsonNode, end: int) -> None:
        node.end = end
        self.depth -= 1
        self.open.pop()

    def after_item(self, at: int, closing: str, opened: JsonNode) -> tuple[int, bool]:
        """Return (offset of the next item or after the end, whether the collection ended)."""
        match = _NEXT.match(self.text, at)
        if match is not None:
            if match.lastindex is None:
                return match.end(), False
            if match.group(1) == closing:
                return match.end(), True
        at = self.skip(at)
        character = self.text[at:at + 1]
        if character == closing:
            return at + 1, True
        if character != ",":
            if not character:
                raise self.fault(at, f"the document ends before {closing!r}",
                                 f"close what line {opened.at.start_line} opens")
            raise self.fault(at, f"{character!r} where ',' or {closing!r} is expected",
                             "check for a missing comma above")
        comma = at
        at = self.skip(at + 1)
        if self.text[at:at + 1] == closing:
            if self.soft is None:
                self.soft = self.fault(comma, "a trailing comma", "remove the comma after the last entry")
            return at + 1, True
        return at, False

    def sequence(self, at: int) -> tuple[Node, int]:
        node = self.enter("sequence", at)
        items = node.items
        at = self.skip(at + 1)
        done = self.text[at:at + 1] == "]"
        if done:
            at += 1
        while not done:
            item, at = self.value(at)
            items.append(item)
            at, done = self.after_item(at, "]", node)
        self.leave(node, at)
        return node, at

    def mapping(self, at: int) -> tuple[Node, int]:
        node = self.enter("mapping", at)
        pairs, text, artifact = node.pairs, self.text, self.artifact
        at = self.skip(at + 1)
        done = text[at:at + 1] == "}"
        if done:
            at += 1
        while not done:
            match = _KEY.match(text, at)
            if match is not None:
                name = match.group(1)
                key: Node = leaf(artifact, at, at + len(name) + 2, name, name, '"', None)
                at = match.end()
                if match.lastindex != 1:
                    pairs.append((key, _plain_value(artifact, match, at)))
                    at, done = self.after_item(at, "}", node)
                    continue
                at = self.skip(at)
            else:
                key, at = self.key(at)
            if text[at:at + 1] in ("{", "["):
                size = len(pairs)
                nested = len(self.open)
                try:
                    value, at = self.value(at)
                except SyntaxFault:
                    if len(self.open) > nested:
                        pairs.insert(size, (key, self.open[nested]))
                    raise
            else:
                value, at = self.value(at)
            pairs.append((key, value))
            at, done = self.after_item(at, "}", node)
        self.leave(node, at)
        return node, at

    def key(self, at: int) -> tuple[Node, int]:
        """Return a key with escapes or remarks around it, and the offset of its value."""
        if self.text[at:at + 1] != '"':
            raise self._key_fault(at)
        key, at = self.string(at)
        at = self.skip(at)
        if self.text[at:at + 1] != ":":
            raise self.fault(at, "a key without its colon", 'write "key": value')
        return key, self.skip(at + 1)

    def _key_fault(self, at: int) -> SyntaxFault:
        if at >= len(self.text):
            return self.fault(at, "the document ends where a key is expected", "complete the document")
        return self.fault(at, f"{self.text[at]!r} where a key in double quotes is expected",
                          "put the key in double quotes")


def _plain_value(artifact: Artifact, match: re.Match[str], end: int) -> Node:
    """Return the scalar that `_KEY` matched behind a key; it ends at `end`."""
    written = match.group(match.lastindex or 0)
    if match.lastindex == 2:
        return leaf(artifact, end - len(written) - 2, end, written, written, '"', None)
    content = int(written) if match.lastindex == 4 else _WORDS[written]
    return leaf(artifact, end - len(written), end, content, written, "", None)


def _large(artifact: Artifact) -> list[Node] | None:
    """Return the root of a large document with its collections unread; None when it must be read for its faults."""
    return _LargeDocument(artifact).document()


class _LargeDocument:
    """Finds where collections end with the interpreter's C decoder, and reads each when it is asked for."""

    def __init__(self, artifact: Artifact) -> None:
        from json import JSONDecoder

        self.artifact = artifact
        self.text = artifact.text
        self.decoder = JSONDecoder(object_pairs_hook=_forget)

    def document(self) -> list[Node] | None:
        at = _SPACE.match(self.text, 1 if self.text.startswith("\ufeff") else 0).end()  # type: ignore[union-attr]
        try:
            _, end = self.decoder.raw_decode(self.text, at)
        except (ValueError, RecursionError):
            return None
        if self.text[end:].strip(" \t\r\n") or self.text[at:at + 1] not in ("{", "["):
            return None
        return [self.collection(at, end)]

    def collection(self, at: int, end: int) -> LaterNode:
        kind = "mapping" if self.text[at] == "{" else "sequence"
        return later(self.artifact, kind, at, end, self.read)

    def read(self, node: LaterNode) -> tuple[list[tuple[Node, Node]], list[Node]]:
        """Return (pairs, items) of a collection: small ones whole, large ones one level."""
        reader = _Reader(self.artifact)
        if node.end - node.start <= WHOLE:
            try:
                whole, _ = reader.value(node.start)
            except SyntaxFault:
                node.cut = True  # nested too deep, or a number or string that only the lenient decoder takes
                return [], []
            return whole.pairs, whole.items
        pairs: list[tuple[Node, Node]] = []
        items: list[Node] = []
        at = reader.skip(node.start + 1)
        while at < node.end - 1:
            key = None
            if node.kind == "mapping":
                key, at = reader.key(at)
            value, at = self.value(reader, at)
            if key is None:
                items.append(value)
            else:
                pairs.append((key, value))
            at = reader.skip(reader.skip(at) + 1)
        return pairs, items

    def value(self, reader: _Reader, at: int) -> tuple[Node, int]:
        if self.text[at] in "{[":
            _, end = self.decoder.raw_decode(self.text, at)
            return self.collection(at, end), end
        return reader.value(at)


def _forget(pairs: object) -> None:
    """Drop what the C decoder read: only its end is wanted."""


def _escaped_map(artifact: Artifact, start: int, end: int) -> TextMap:
    """Return the map of a string token (with its quotes) that holds escapes or raw line ends."""
    token, path, first = artifact.text[start:end], artifact.path, artifact.position(start)
    starts = line_starts(token)
    pieces: list[Piece] = []
    row, offset, at, expected = 0, 0, 1, -1
    last = len(token) - 1
    while at < last:
        while row + 1 < len(starts) and starts[row + 1] <= at:
            row += 1
            expected = -1
        if at != expected:
            pieces.append(Piece(offset, path, first[0] + row, at - starts[row] + (first[1] if row == 0 else 1)))
        size = 1
        if token[at] == "\\":
            size = _escape_size(token, at)
        at += size
        expected = at if size == 1 else -1
        offset += 1
    return TextMap(tuple(pieces) or (Piece(0, path, first[0], first[1] + 1),))


def _escape_size(token: str, at: int) -> int:
    """Return how many source characters stand for the one character at `at`; surrogate pairs are one."""
    match = _ESCAPE.match(token, at)
    if match is None or match.group(1) is None:
        return 2
    if 0xD800 <= int(match.group(1), 16) < 0xDC00:
        low = _ESCAPE.match(token, at + 6)
        if low is not None and low.group(1) is not None and 0xDC00 <= int(low.group(1), 16) < 0xE000:
            return 12
    return 6
