"""`.tf.json` and `.tfvars.json`: Terraform's JSON syntax as the same tree as HCL.

Source: the language's documentation of JSON configuration syntax. Nested blocks and object arguments look the same in
JSON; both become arguments, and the translation takes either.
"""

from __future__ import annotations

from scanner.core.artifact import Artifact
from scanner.core.location import line_starts
from scanner.core.node import Node
from scanner.parse.hcl import Document, Fault, parse_template, tree
from scanner.parse.json import documents

_LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "module": 1, "variable": 1, "output": 1, "provider": 1, "check": 1}
_PLAIN = frozenset({"type", "source", "version", "provider", "providers", "depends_on", "ignore_changes"})
_BLOCKS = frozenset({"lifecycle", "provisioner", "connection", "default_tags", "backend", "required_providers"})


def document(artifact: Artifact) -> Document:
    """Return the file's body; raises SyntaxFault when the JSON does not parse."""
    return _Reader(artifact).document(documents(artifact))


class _Reader:
    """Converts the nodes of one file."""

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact
        self.starts = line_starts(artifact.text)
        self.faults: list[Fault] = []

    def offsets(self, node: Node) -> tuple[int, int]:
        """Return the node's span as offsets."""
        at, size = node.at, len(self.starts)
        start = self.starts[min(at.start_line, size) - 1] + at.start_column - 1
        return start, self.starts[min(at.end_line, size) - 1] + at.end_column - 1

    def document(self, roots: list[Node]) -> Document:
        """Return the body of a file."""
        body = tree.Body()
        for root in roots:
            for part in root.items if root.kind == "sequence" else [root]:
                for key, value in part.pairs:
                    self.top_level(body, key, value)
        return Document(body, tuple(self.faults))

    def top_level(self, body: tree.Body, key: Node, value: Node) -> None:
        """Add one top-level entry: blocks, or a variable's value in a variables file."""
        name = key.text
        if self.artifact.path.endswith(".tfvars.json"):
            self.argument(body, key, value)
        elif name in _LABELS:
            self.labelled(body, name, value, _LABELS[name], (), key)
        elif name in ("locals", "terraform", "moved", "import", "removed"):
            for part in value.items if value.kind == "sequence" else [value]:
                self.block(body, name, (), key, part)

    def labelled(
        self, body: tree.Body, name: str, value: Node, depth: int, labels: tuple[str, ...], key: Node
    ) -> None:
        """Add the blocks below a type, going one level deeper for every label."""
        parts = value.items if value.kind == "sequence" else [value]
        for part in parts:
            if depth == 0:
                self.block(body, name, labels, key, part)
                continue
            for inner, content in part.pairs:
                if inner.text != "//":
                    self.labelled(body, name, content, depth - 1, (*labels, inner.text), inner)

    def block(self, body: tree.Body, name: str, labels: tuple[str, ...], key: Node, value: Node) -> None:
        """Add one block; its header is the key."""
        start, end = self.offsets(key)
        made = tree.Block(name, labels, start, end)
        made.end = self.offsets(value)[1]
        for inner, content in value.pairs:
            word = inner.text
            if word == "//":
                continue
            if word == "dynamic":
                self.labelled_inner(made.body, "dynamic", content)
            elif word == "content" and name == "dynamic":
                for part in content.items if content.kind == "sequence" else [content]:
                    self.block(made.body, "content", (), inner, part)
            elif word in ("backend", "provisioner"):
                self.labelled_inner(made.body, word, content)
            elif word in _BLOCKS:
                for part in content.items if content.kind == "sequence" else [content]:
                    self.block(made.body, word, (), inner, part)
            else:
                self.argument(made.body, inner, content)
        body.blocks.append(made)

    def labelled_inner(self, body: tree.Body, name: str, value: Node) -> None:
        """Add nested blocks with one label."""
        self.labelled(body, name, value, 1, (), value)

    def argument(self, body: tree.Body, key: Node, value: Node) -> None:
        """Add one argument."""
        start, end = self.offsets(key)
        plain = key.text in _PLAIN
        expression = self.type_text(value) if key.text == "type" else self.expression(value, plain=plain)
        body.arguments[key.text] = tree.Argument(key.text, expression, start, end)

    def type_text(self, value: Node) -> tree.Node:
        """Return a type constraint, which is written as a text; a resource's argument `type` stays a text."""
        start, end = self.offsets(value)
        if value.text in ("string", "number", "bool", "any"):
            return tree.Literal(value.text, start, end, (), True)
        return self.expression(value, plain=False)

    def expression(self, node: Node, *, plain: bool) -> tree.Node:
        """Return the expression a value means; texts are templates unless `plain`."""
        start, end = self.offsets(node)
        if node.kind == "mapping":
            pairs = [(self.expression(key, plain=False), self.expression(value, plain=plain))
                     for key, value in node.pairs if key.text != "//"]
            return tree.Object(pairs, start, end)
        if node.kind == "sequence":
            return tree.Tuple([self.expression(item, plain=plain) for item in node.items], start, end)
        content = node.content
        if not isinstance(content, str) or plain or not ("${" in content or "%{" in content):
            return tree.Literal(content, start, end, self.pieces(node, start), isinstance(content, str))
        return self.template(content, start, end)

    def pieces(self, node: Node, start: int) -> tuple[tuple[int, int], ...]:
        """Return the map of a text with escapes; empty when it stands character by character."""
        made = node.text_map() if callable(node.text_map) else node.text_map
        if made is None or len(made.pieces) < 2:
            return ()
        return tuple((piece.offset, self.starts[piece.line - 1] + piece.column - 1) for piece in made.pieces)

    def template(self, content: str, start: int, end: int) -> tree.Node:
        """Return a text with interpolations; places are exact as long as the JSON text has no escapes."""
        parts = parse_template(content)
        if isinstance(parts, Fault):
            self.faults.append(Fault(parts.message, start, end))
            return tree.Literal(content, start, end, (), True)
        for part in parts:
            _move(part, start + 1, end)
        return tree.Template(parts, start, end)


def _move(part: object, by: int, last: int) -> None:
    """Shift a parsed expression's offsets from its text into the file."""
    if isinstance(part, (list, tuple)):
        for inner in part:
            _move(inner, by, last)
        return
    if not isinstance(part, tree.Node):
        return
    part.start, part.end = min(part.start + by, last), min(part.end + by, last)
    for name in type(part).__slots__:
        if isinstance(part, tree.Literal) and name == "pieces":
            part.pieces = tuple((offset, min(source + by, last)) for offset, source in part.pieces)
        else:
            _move(getattr(part, name), by, last)

