"""Values of AWS CLI options: plain words, JSON, shorthand (`Key=a,Other=[b,c]`) and files.

A shell variable or substitution inside a word is a HOLE; the values it touches are unknown with that as their reason.
"""

from __future__ import annotations

import posixpath

from scanner.core.errors import SyntaxFault
from scanner.core.location import Location, Piece, TextMap
from scanner.core.subject import Word
from scanner.core.value import HOLE, ListValue, MapValue, Scalar, Unknown, Value
from scanner.model.values import embedded_values, value_of
from scanner.model.workspace import Workspace

MAX_DEPTH = 12
_OPENING = {"[": "]", "{": "}"}


def text_map_of(text: str, at: Location) -> TextMap:
    """Return where the characters of a word stand, quotes taken into account; lines are exact, columns nearly."""
    width = at.end_column - at.start_column if at.end_line == at.start_line else -1
    quote = 1 if width == len(text) + 2 or (width < 0 and text.count("\n") == at.end_line - at.start_line) else 0
    pieces = [Piece(0, at.path, at.start_line, at.start_column + quote)]
    offset = text.find("\n")
    line = at.start_line
    while 0 <= offset < len(text) - 1:
        line += 1
        pieces.append(Piece(offset + 1, at.path, min(line, at.end_line), 1))
        offset = text.find("\n", offset + 1)
    return TextMap(tuple(pieces))


def word_value(word: Word) -> Value:
    """Return a word as a string value, unknown in the parts that the shell fills in."""
    if word.literal:
        return Scalar(word.text, word.at, text_map_of(word.text, word.at))
    parts: list[str | Unknown] = []
    for part in word.parts:
        if part.kind == "literal":
            parts.append(part.text)
        else:
            parts.append(Unknown(f"{part.text or part.kind} is not known before the command runs", word.at))
    reason = next(part.reason for part in parts if isinstance(part, Unknown))
    if len(parts) == 1:
        return Unknown(reason, word.at, present=True)
    text = "".join(part if isinstance(part, str) else HOLE for part in parts)
    return Unknown(reason, word.at, parts=tuple(parts), text_map=text_map_of(text, word.at))


def option_value(words: tuple[Word, ...], near: str, workspace: Workspace) -> Value:
    """Return the value of an option from its words; `near` is the path of the file with the command."""
    values = [_structured(word_value(word), near, workspace) for word in words]
    if len(values) == 1:
        return values[0]
    return ListValue(tuple(values), words[0].at)


def _structured(value: Value, near: str, workspace: Workspace) -> Value:
    """Return what a word says: the content of a file, a JSON document, a shorthand structure, or the text itself."""
    text = _rendered(value)
    if text is None:
        return value
    if text.startswith(("file://", "fileb://")) and isinstance(value, Scalar):
        return _file(text.split("://", 1)[1], near, value, workspace)
    if text.lstrip()[:1] in ("{", "["):
        try:
            found = embedded_values(value, "json")
        except SyntaxFault:
            found = []
        if found:
            return found[0]
    if _is_shorthand(text):
        return _Shorthand(text, value).structure()
    return value


def _rendered(value: Value) -> str | None:
    if isinstance(value, Scalar) and isinstance(value.content, str):
        return value.content
    if isinstance(value, Unknown) and value.parts:
        return value.rendering
    return None


def _file(name: str, near: str, value: Scalar, workspace: Workspace) -> Value:
    """Return the content of a JSON file the command reads: beside the script, else from the root."""
    for folder in (posixpath.dirname(near), ""):
        path = posixpath.normpath(posixpath.join(folder, name))
        artifact = None if path.startswith(("..", "/")) else workspace.artifact(path)
        if artifact is not None:
            nodes = workspace.nodes(artifact)
            if nodes:
                return value_of(nodes[0])
    return Unknown(f"the file {name} is not there", value.at)


def _is_shorthand(text: str) -> bool:
    """Tell whether a text starts like `Key=`, as the CLI's shorthand does."""
    key, equals, _ = text.partition("=")
    return bool(equals) and key.replace("_", "").replace("-", "").isalnum() and key[:1].isalpha() and "://" not in key


class _Shorthand:
    """Reads `A=b,C=[d,{E=f}]`; what does not fit the grammar ends the structure there."""

    def __init__(self, text: str, value: Value) -> None:
        self.text = text
        self.map = value.text_map if isinstance(value, (Scalar, Unknown)) else None
        self.value = value
        self.at = 0

    def structure(self, closing: str = "", depth: int = 0) -> MapValue:
        """Read key-value pairs up to the closing bracket or the end."""
        entries: dict[str, Value] = {}
        places: dict[str, Location] = {}
        start = self.at
        key = ""
        while self.at < len(self.text) and self.text[self.at] != closing:
            begin = self.at
            name = self._until("=,]}")
            if self.at < len(self.text) and self.text[self.at] == "=":
                self.at += 1
                key = name.strip()
                places[key] = self._place(begin, begin + len(name))
                entries[key] = self._entry(depth)
            elif key and name:
                entries[key] = self._longer(entries[key], self._leaf(name, begin))
            self._past_comma(begin)
        self.at += bool(closing)
        return MapValue(entries, self._place(start, self.at), places)

    def _entry(self, depth: int) -> Value:
        mark = self.text[self.at : self.at + 1]
        begin = self.at
        if mark and mark in "'\"":
            return self._quoted(mark)
        if mark in _OPENING and depth < MAX_DEPTH:
            self.at += 1
            if mark == "{":
                return self.structure("}", depth + 1)
            return self._list(depth + 1)
        return self._leaf(self._until(",]}"), begin)

    def _list(self, depth: int) -> ListValue:
        start, items = self.at - 1, []
        while self.at < len(self.text) and self.text[self.at] != "]":
            begin = self.at
            items.append(self._entry(depth))
            self._past_comma(begin)
        self.at += 1
        return ListValue(tuple(items), self._place(start, self.at))

    def _past_comma(self, begin: int) -> None:
        """Step over a comma; also over a character that fits nowhere, so that reading always ends."""
        if self.at == begin or self.text[self.at : self.at + 1] == ",":
            self.at += 1

    def _quoted(self, mark: str) -> Value:
        begin = self.at + 1
        end = self.text.find(mark, begin)
        end = len(self.text) if end < 0 else end
        self.at = end + 1
        inner = self.text[begin:end]
        if inner[:1] in ("[", "{"):
            nested = _Shorthand(self.text[:end], self.value)
            nested.at = begin
            return nested._entry(1)
        return self._leaf(inner, begin)

    def _leaf(self, text: str, begin: int) -> Value:
        at = self._place(begin, begin + len(text))
        if HOLE not in text:
            return Scalar(text.strip(), at)
        reason = self.value.reason if isinstance(self.value, Unknown) else "part of the word is not known"
        gap = Unknown(reason, at)
        if text.strip() == HOLE:
            return Unknown(reason, at, present=True)
        parts: list[str | Unknown] = []
        for index, piece in enumerate(text.split(HOLE)):
            parts += ([gap] if index else []) + ([piece] if piece else [])
        return Unknown(reason, at, parts=tuple(parts))

    @staticmethod
    def _longer(value: Value, more: Value) -> ListValue:
        """Return `Key=a,b,c` as a list."""
        items = value.items if isinstance(value, ListValue) else (value,)
        return ListValue((*items, more), value.at)

    def _until(self, marks: str) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in marks:
            self.at += 1
        return self.text[start : self.at]

    def _place(self, start: int, end: int) -> Location:
        return self.map.span(start, max(end, start + 1)) if self.map is not None else self.value.at
