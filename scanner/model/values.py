"""Nodes to values for plain YAML and JSON documents: those without functions, tags or conditions of their own."""

from __future__ import annotations

from scanner.core.errors import SyntaxFault
from scanner.core.node import Node
from scanner.core.value import HOLE, Choice, Content, ListValue, MapValue, Scalar, Unknown, Value

CUT = "the file does not parse after this point"


def value_of(node: Node) -> Value:
    """Return the value a node states; regions are kept, of duplicate keys the last one counts.

    A number whose spelling matters (`0777`, `3.10`, `1_000`) stays the text that was written. Collections that a
    syntax fault cut off have an unknown rest. Nodes that aliases share become shared values.
    """
    return _Conversion({}).value(node)


def embedded_values(value: Value, syntax: str = "") -> list[Value]:
    """Return the documents in a string value (a policy as text, an inline buildspec), places in the outer file.

    Gaps of a partly known string come back as the unknowns they are. `syntax` and faults as in
    `scanner.parse.embedded.embedded_documents`.
    """
    from scanner.parse.embedded import embedded_documents, embedded_text

    roots = embedded_documents(value, syntax)
    holes: dict[tuple[str, int, int], Unknown] = {}
    if isinstance(value, Unknown):
        found = embedded_text(value)
        gaps = [part for part in value.parts if isinstance(part, Unknown)]
        if found is not None:
            text, text_map = found
            places = [text_map.position(offset) for offset, character in enumerate(text) if character == HOLE]
            holes = dict(zip(places, gaps, strict=False))
    return [_Conversion(holes).value(root) for root in roots]


def structure_in(value: Value) -> Value:
    """Return the structure that a text in JSON or YAML states, places in the outer file; other values as they are.

    What does not parse, or states no structure, is an unknown with the reason.
    """
    if isinstance(value, Choice):
        return Choice(value.question, structure_in(value.then), structure_in(value.otherwise), value.at)
    text = isinstance(value, Scalar) and isinstance(value.content, str)
    if not text and not (isinstance(value, Unknown) and value.parts):
        return value
    try:
        found = _documents_in(value)
    except SyntaxFault as fault:
        return Unknown(f"the text does not parse: {fault.message}", value.at, present=True)
    if found and isinstance(found[0], (MapValue, ListValue)):
        return found[0]
    return value if isinstance(value, Unknown) else Unknown("the text is no document", value.at, present=True)


def _documents_in(value: Value) -> list[Value]:
    """Return the documents of a text; JSON with gaps outside of its quotes is read as the YAML it is, too."""
    try:
        return embedded_values(value)
    except SyntaxFault:
        if isinstance(value, Unknown):
            return embedded_values(value, "yaml")
        raise


def scalar_of(node: Node) -> Scalar:
    """Return the scalar of a scalar node."""
    return Scalar(content_of(node), node.at, node.text_map, quoted=node.style in ("'", '"'))


def content_of(node: Node) -> Content:
    """Return a scalar node's content; the written text where a number's spelling carries more than its value."""
    content = node.content
    if isinstance(content, (int, float)) and not isinstance(content, bool) and str(content) != node.text:
        return content if node.style == "" and _same_number(content, node.text) else node.text
    return content


def _same_number(content: int | float, text: str) -> bool:
    """Tell whether the spelling is one that nobody would mean as text: an exponent or a plus sign."""
    return "e" in text.lower() and "x" not in text.lower() and isinstance(content, float)


def entries_of(node: Node) -> dict[str, Node]:
    """Return a mapping node's entries by key text; of duplicates the last one."""
    return {key.text: value for key, value in node.pairs}


class _Conversion:
    """Converts the nodes of one document; nodes that aliases share are converted once."""

    def __init__(self, holes: dict[tuple[str, int, int], Unknown]) -> None:
        self.made: dict[int, Value] = {}
        self.holes = holes

    def value(self, node: Node) -> Value:
        if node.kind == "scalar":
            scalar = scalar_of(node)
            return self.filled(scalar) if self.holes and HOLE in node.text else scalar
        known = self.made.get(id(node))
        if known is not None:
            return known
        rest = Unknown(CUT, node.at) if node.cut else None
        value: Value
        if node.kind == "sequence":
            value = ListValue(tuple([self.value(item) for item in node.items]), node.at, rest)
        else:
            entries = {key.text: self.value(entry) for key, entry in node.pairs}
            value = MapValue(entries, node.at, {key.text: key.at for key, _ in node.pairs}, rest)
        self.made[id(node)] = value
        return value

    def filled(self, scalar: Scalar) -> Value:
        """Return a string with gaps as an unknown with its known and unknown parts."""
        text_map = scalar.text_map
        parts: list[str | Unknown] = []
        for index, piece in enumerate(str(scalar.content).split(HOLE)):
            if index:
                offset = sum(1 if isinstance(part, Unknown) else len(part) for part in parts)
                gap = self.holes.get(text_map.position(offset))
                parts.append(gap or Unknown("part of the text is not known", scalar.at))
            if piece:
                parts.append(piece)
        only = parts[0]
        if len(parts) == 1 and isinstance(only, Unknown):
            return only
        reason = next(part.reason for part in parts if isinstance(part, Unknown))
        return Unknown(reason, scalar.at, parts=tuple(parts), text_map=text_map)
