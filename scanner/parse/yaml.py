"""YAML: bytes to positioned nodes, through PyYAML's event stream.

Only events are used, never `compose` or `load`: those recurse in C and end the process on deep input. Depth,
expanded size (aliases) and errors are bounded here. Lines and columns are 1-based, ends exclusive, and only
CR, LF and CRLF end a line (libyaml also counts NEL, LS and PS; such files take the slower exact path).
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from typing import Any

from scanner.core.artifact import Artifact
from scanner.core.errors import SyntaxFault
from scanner.core.location import Location, line_starts
from scanner.core.node import Node
from scanner.parse.libyaml import library
from scanner.parse.yaml_text import text_map_of, token_start

MAX_DEPTH = 200
MAX_ALIASED_NODES = 200_000
"""Nodes that the aliases of a document may stand for, all together."""

# what libyaml refuses; spelled as what is forbidden, because compiling "all but the allowed planes" takes 12 ms
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_OTHER_BREAKS = re.compile("[\x85\u2028\u2029]")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)$")
_OCTAL = re.compile(r"[-+]?0[0-7_]+$")
_HEXADECIMAL = re.compile(r"[-+]?0x[0-9a-fA-F_]+$")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
                    r"|[0-9]+[eE][-+]?[0-9]+)$")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
for _true, _false in (("true", "false"), ("yes", "no"), ("on", "off")):
    for _spell in (str.lower, str.capitalize, str.upper):
        _WORDS[_spell(_true)] = True
        _WORDS[_spell(_false)] = False
_STANDARD = "tag:yaml.org,2002:"
_NO_NODES: list[Node] = []
_NO_PAIRS: list[tuple[Node, Node]] = []

_HINTS = (
    # (words in libyaml's message, what is wrong in ours, what to do)
    ("'\\t'", "a tab where YAML expects spaces", "indent with spaces"),
    ("cannot start any token", "a character that cannot start a value", "put the value in quotes"),
    ("mapping values are not allowed", "a colon where no key is expected",
     "put the value in quotes, or check the indentation of this line and the one above"),
    ("could not find expected ':'", "a key without its colon", "write `key: value`, or indent the continuation line"),
    ("did not find expected key", "a line that fits no open block", "check the indentation, and quotes above it"),
    ("did not find expected '-' indicator", "a line that is no item of the list above", "indent it like its list"),
    ("unexpected end of stream", "a quote that is never closed", "close the quote"),
    ("document separator", "a quote that is never closed", "close the quote"),
    ("did not find expected ',' or ']'", "a list in brackets that is never closed", "close the bracket"),
    ("did not find expected ',' or '}'", "a mapping in braces that is never closed", "close the brace"),
    ("undefined alias", "an alias whose anchor does not exist", "define the anchor above"),
    ("undefined tag handle", "a tag prefix that is not declared", "use a tag with one exclamation mark"),
    ("escape", "an escape that YAML does not know", "double the backslash or use single quotes"),
    ("block sequence entries are not allowed", "a list item where none can stand", "put it on a line of its own"),
    ("did not find expected <document start>", "text after the end of the document", "start it with `---`"),
)


def documents(artifact: Artifact) -> list[Node]:
    """Return the root node of every document; raises SyntaxFault with place, hint and the part that was read.

    The fault's `partial` holds the documents as far as they were read; containers that were still open are
    marked `cut`, so that what is missing in them can be told from what was never written.
    """
    collecting = gc.isenabled()
    gc.disable()  # large trees of live objects: the collector costs more than the parse
    try:
        return _Composer(artifact).run()
    finally:
        if collecting:
            gc.enable()


def resolve(text: str) -> str | int | float | bool | None:
    """Return what a plain scalar means in YAML 1.1, without dates, sexagesimals, infinities and not-a-number."""
    first = text[:1]
    if first in "~nNtTfFyYoO":
        return _WORDS.get(text, text)
    if first not in "-+.0123456789":
        return text
    if _INTEGER.match(text):
        return _number(int, text)
    if _FLOAT.match(text):
        return float(text.replace("_", "")) if len(text) < 64 else text
    if _OCTAL.match(text):
        return int(text.replace("_", ""), 8)
    if _HEXADECIMAL.match(text):
        return int(text.replace("_", ""), 16)
    return text


def _number(kind: type[int], text: str) -> int | str:
    """Return the integer; absurdly long digit strings stay text (Python bounds their conversion)."""
    return kind(text.replace("_", "")) if len(text) <= 64 else text


class _Frame:
    """An open collection while its events arrive."""

    __slots__ = ("anchor", "block", "height", "key", "merges", "node", "weight")

    def __init__(self, node: Node, anchor: str | None, block: bool) -> None:
        self.node = node
        self.anchor = anchor
        self.block = block
        self.key: Node | None = None
        self.weight = 1
        self.height = 1
        self.merges = False


class _Composer:
    """Builds the nodes of one artifact from its events."""

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact
        self.path = artifact.path
        text = artifact.text
        self.marked = 1 if text.startswith("\ufeff") else 0
        source = text[1:] if self.marked else text
        if _UNREADABLE.search(source):
            # 1:1, so that columns stay; libyaml refuses the whole file otherwise
            source = _UNREADABLE.sub(" ", source)
        self.source = source
        self.starts: list[int] | None = None
        if self.marked or _OTHER_BREAKS.search(source):
            self.starts = line_starts(text)
        self.roots: list[Node] = []
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Node, int, int]] = {}
        self.aliased = 0

    def run(self) -> list[Node]:
        """Return the roots, or raise the fault with what was read so far."""
        yaml = library()
        loader = None
        try:
            loader = yaml.Loader(self.source)  # the C scanner takes text as it is
            self._consume(loader.get_event, yaml)
        except yaml.YAMLError as error:
            raise self._fault(error) from None
        except SyntaxFault as fault:
            fault.partial = self._partial()
            raise
        finally:
            if loader is not None:
                loader.dispose()
        return self.roots

    def _consume(self, get_event: Callable[[], Any], yaml: Any) -> None:
        scalar, alias, mapping, sequence = (
            yaml.ScalarEvent, yaml.AliasEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent)
        ends = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
        over, fresh = yaml.StreamEndEvent, yaml.DocumentStartEvent
        while True:
            event = get_event()
            kind = type(event)
            if kind is scalar:
                node = self._scalar(event)
                if event.anchor is not None:
                    self.anchors[event.anchor] = (node, 1, 0)
                self._place(node, 1, 0)
            elif kind is mapping or kind is sequence:
                self._open("mapping" if kind is mapping else "sequence", event)
            elif kind in ends:
                self._close(event)
            elif kind is alias:
                self._alias(event)
            elif kind is fresh:
                self.anchors = {}
            elif kind is over:
                return

    # places

    def _mark(self, mark: Any) -> tuple[int, int]:
        """Return the 1-based (line, column) of a libyaml mark."""
        if self.starts is None:
            return mark.line + 1, mark.column + 1
        from bisect import bisect_right

        offset = mark.index + self.marked
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    # nodes

    def _scalar(self, event: Any) -> Node:
        value, style, tag = event.value, event.style or "", event.tag
        start, end = event.start_mark, event.end_mark
        index = start.index
        exact = self.starts is not None
        line, column = self._mark(start) if exact else (start.line + 1, start.column + 1)
        if tag is not None or event.anchor is not None:
            index, line, column = token_start(self.source, index, line, column, bool(style) or bool(value))
        last_line, last_column = self._mark(end) if exact else (end.line + 1, end.column + 1)
        if style in ("|", ">"):
            last_line, last_column = self._block_end(index, end.index, line, column)
        if last_line == line:
            last_line = line  # one number object instead of two
        content: str | int | float | bool | None = value
        if tag is None:
            if not style:
                content = resolve(value)
            tag = ""
        elif tag.startswith(_STANDARD):
            kind = tag[len(_STANDARD):]
            tag = ""
            if kind in ("int", "float", "bool", "null"):
                content = resolve(value)
        elif tag == "!":
            tag = ""
        node: Node = Node.__new__(Node)
        node.kind = "scalar"
        node.at = Location(self.path, line, column, last_line, last_column)
        node.content, node.text, node.style, node.tag = content, value, style, tag
        node.pairs, node.items = _NO_PAIRS, _NO_NODES
        node.cut = False
        if style == "" and last_line == line:
            node.text_map = None
        else:
            node.text_map = text_map_of(self.path, self.source, index, end.index, style, value, (line, column),
                                        last_line == line)
        return node

    def _block_end(self, index: int, end: int, line: int, column: int) -> tuple[int, int]:
        """Return where the last character of a block scalar ends, without the blank lines after it."""
        segment = self.source[index:end].rstrip(" \t\r\n")
        starts = line_starts(segment)
        if len(starts) == 1:
            return line, column + len(segment)
        return line + len(starts) - 1, len(segment) - starts[-1] + 1

    def _open(self, kind: str, event: Any) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self._limit(event, f"nesting deeper than {MAX_DEPTH} levels", "flatten the document")
        tag = event.tag or ""
        if tag == "!" or tag.startswith(_STANDARD):
            tag = ""
        line, column = self._mark(event.start_mark)
        at = Location(self.path, line, column, line, column + 1)
        node = Node(kind, at, tag=tag)
        if event.anchor is not None:
            self.anchors.pop(event.anchor, None)
        self.stack.append(_Frame(node, event.anchor, not event.flow_style))

    def _close(self, event: Any) -> None:
        frame = self.stack.pop()
        node = frame.node
        if frame.merges:
            _merge(node)
        self._end(frame, None if frame.block else event.end_mark)
        if frame.anchor is not None:
            self.anchors[frame.anchor] = (node, frame.weight, frame.height)
        self._place(node, frame.weight, frame.height)

    def _end(self, frame: _Frame, mark: Any) -> None:
        """Set the end of a collection: its closing bracket, or the end of its last child."""
        node = frame.node
        at = node.at
        if mark is not None:
            line, column = self._mark(mark)
        else:
            last = node.pairs[-1][1] if node.pairs else (node.items[-1] if node.items else None)
            line, column = (last.at.end_line, last.at.end_column) if last is not None else (at[1], at[2])
            if (line, column) < (at[1], at[2]):  # an alias: its node stands above
                line, column = node.pairs[-1][0].at[3:5] if node.pairs else (at[1], at[2] + 1)
        node.at = Location(at[0], at[1], at[2], line, column)

    def _alias(self, event: Any) -> None:
        name = event.anchor
        if any(frame.anchor == name for frame in self.stack):
            raise self._limit(event, f"alias *{name} stands inside its own anchor", "write the value out")
        found = self.anchors.get(name)
        if found is None:
            raise self._limit(event, f"alias *{name} has no anchor", "define the anchor above", "yaml-syntax")
        node, weight, height = found
        if len(self.stack) + height > MAX_DEPTH:
            raise self._limit(event, f"aliases nest deeper than {MAX_DEPTH} levels", "write the value out")
        self.aliased += weight
        if self.aliased > MAX_ALIASED_NODES:
            raise self._limit(event, f"aliases expand to more than {MAX_ALIASED_NODES} nodes",
                              "write the values out instead of nesting aliases")
        self._place(node, weight, height)

    def _place(self, node: Node, weight: int, height: int) -> None:
        """Put a finished node where it belongs: into the open collection, or among the roots."""
        if not self.stack:
            self.roots.append(node)
            return
        frame = self.stack[-1]
        frame.weight += weight
        if height >= frame.height:
            frame.height = height + 1
        if frame.node.kind == "sequence":
            frame.node.items.append(node)
        elif frame.key is None:
            frame.key = node
            if node.text == "<<" and node.style == "" and node.kind == "scalar":
                frame.merges = True
        else:
            frame.node.pairs.append((frame.key, node))
            frame.key = None

    # faults

    def _limit(self, event: Any, message: str, hint: str, kind: str = "yaml-limit") -> SyntaxFault:
        line, column = self._mark(event.start_mark)
        last_line, last_column = self._mark(event.end_mark)
        return SyntaxFault(message, Location(self.path, line, column, last_line, last_column), kind, hint)

    def _partial(self) -> list[Node]:
        """Return the documents read so far; containers that were still open are closed and marked cut."""
        while self.stack:
            frame = self.stack.pop()
            frame.node.cut = True
            if frame.merges:
                _merge(frame.node)
            self._end(frame, None)
            if frame.key is not None and self.stack:
                frame.key = None
            if not self.stack:
                self.roots.append(frame.node)
                break
            self._place(frame.node, 0, 0)
        return self.roots

    def _fault(self, error: Any) -> SyntaxFault:
        problem = str(getattr(error, "problem", "") or "")
        context = str(getattr(error, "context", "") or "")
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        words = f"{problem} {context}"
        if mark is not None and self.source[mark.index:mark.index + 1] == "\t":
            words = "'\\t'"  # the C scanner does not name the character
        message, hint = problem or "not YAML", "check the indentation and the quotes around this place"
        for needle, wrong, advice in _HINTS:
            if needle in words:
                message, hint = wrong, advice
                break
        line, column = self._mark(mark) if mark is not None else (1, 1)
        said, kind = f"not valid YAML: {message}", "yaml-syntax"
        if "maximum nesting depth" in problem:  # newer versions of libyaml have a limit of their own, and look ahead
            said, kind, hint = f"nesting deeper than {MAX_DEPTH} levels", "yaml-limit", "flatten the document"
        fault = SyntaxFault(said, Location(self.path, line, column, line, column + 1), kind, hint)
        fault.partial = self._partial()
        return fault


def _merge(node: Node) -> None:
    """Apply `<<`: pairs of the merged mappings whose keys are not written here come first."""
    own = [pair for pair in node.pairs if not (pair[0].text == "<<" and pair[0].style == "")]
    taken = {key.text for key, _ in own}
    merged: list[tuple[Node, Node]] = []
    for key, value in node.pairs:
        if not (key.text == "<<" and key.style == ""):
            continue
        sources = value.items if value.kind == "sequence" else [value]
        for source in sources:
            for name, entry in source.pairs:
                if name.text not in taken:
                    taken.add(name.text)
                    merged.append((name, entry))
    node.pairs = merged + own


__all__ = ["MAX_ALIASED_NODES", "MAX_DEPTH", "documents", "resolve"]
