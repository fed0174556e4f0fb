"""The syntax tree of HCL: bodies, blocks, attributes and expressions, with code point offsets into the text.

Every node has `start` and `end` (exclusive); `Artifact.span(start, end)` makes a location of them. The tree
says what was written, nothing is evaluated here.
"""

from __future__ import annotations

from typing import NamedTuple

from scanner.core.artifact import Artifact


class Node:
    """What all expressions share: where they stand."""

    __slots__ = ("end", "start")
    start: int
    end: int


class Literal(Node):
    """A number, a boolean, null, or a string without interpolation.

    `pieces` leads from offsets of a string's content to offsets of the source; empty when the content stands
    character by character from `start + 1` (after one quote).
    """

    __slots__ = ("content", "pieces", "quoted")

    def __init__(
        self, content: str | int | float | bool | None, start: int, end: int,
        pieces: tuple[tuple[int, int], ...] = (), quoted: bool = False,
    ) -> None:
        self.content = content
        self.start = start
        self.end = end
        self.pieces = pieces
        self.quoted = quoted


class Template(Node):
    """A string with interpolations or directives; `parts` are text literals, expressions, `If` and `For`."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[Node], start: int, end: int) -> None:
        self.parts = parts
        self.start = start
        self.end = end


class TemplateIf(Node):
    """`%{ if condition }then%{ else }otherwise%{ endif }`; both branches are part lists."""

    __slots__ = ("condition", "otherwise", "then")

    def __init__(self, condition: Node, then: list[Node], otherwise: list[Node], start: int, end: int) -> None:
        self.condition = condition
        self.then = then
        self.otherwise = otherwise
        self.start = start
        self.end = end


class TemplateFor(Node):
    """`%{ for key, value in collection }parts%{ endfor }`; `key` is empty when not named."""

    __slots__ = ("collection", "key", "parts", "value")

    def __init__(self, key: str, value: str, collection: Node, parts: list[Node], start: int, end: int) -> None:
        self.key = key
        self.value = value
        self.collection = collection
        self.parts = parts
        self.start = start
        self.end = end


class Name(Node):
    """A bare identifier: the root of a traversal, or a loop variable."""

    __slots__ = ("name",)

    def __init__(self, name: str, start: int, end: int) -> None:
        self.name = name
        self.start = start
        self.end = end


class Attribute(Node):
    """`target.name`; an index `.0` of the old style has digits as name."""

    __slots__ = ("name", "target")

    def __init__(self, target: Node, name: str, end: int) -> None:
        self.target = target
        self.name = name
        self.start = target.start
        self.end = end


class Index(Node):
    """`target[key]`."""

    __slots__ = ("key", "target")

    def __init__(self, target: Node, key: Node, end: int) -> None:
        self.target = target
        self.key = key
        self.start = target.start
        self.end = end


class Splat(Node):
    """`target[*].rest` or `target.*.rest`; `each` is the rest as an expression over the name `""`, one element."""

    __slots__ = ("each", "target")

    def __init__(self, target: Node, each: Node, end: int) -> None:
        self.target = target
        self.each = each
        self.start = target.start
        self.end = end


class Call(Node):
    """`name(arguments)`; `expand` when the last argument ends in `...`."""

    __slots__ = ("arguments", "expand", "name")

    def __init__(self, name: str, arguments: list[Node], expand: bool, start: int, end: int) -> None:
        self.name = name
        self.arguments = arguments
        self.expand = expand
        self.start = start
        self.end = end


class Unary(Node):
    """`-operand` or `!operand`."""

    __slots__ = ("operand", "operator")

    def __init__(self, operator: str, operand: Node, start: int) -> None:
        self.operator = operator
        self.operand = operand
        self.start = start
        self.end = operand.end


class Binary(Node):
    """`left operator right`."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, operator: str, left: Node, right: Node) -> None:
        self.operator = operator
        self.left = left
        self.right = right
        self.start = left.start
        self.end = right.end


class Conditional(Node):
    """`condition ? then : otherwise`."""

    __slots__ = ("condition", "otherwise", "then")

    def __init__(self, condition: Node, then: Node, otherwise: Node) -> None:
        self.condition = condition
        self.then = then
        self.otherwise = otherwise
        self.start = condition.start
        self.end = otherwise.end


class Tuple(Node):
    """`[items]`."""

    __slots__ = ("items",)

    def __init__(self, items: list[Node], start: int, end: int) -> None:
        self.items = items
        self.start = start
        self.end = end


class Object(Node):
    """`{pairs}`; a bare identifier as key is a string literal, a key in parentheses any expression."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: list[tuple[Node, Node]], start: int, end: int) -> None:
        self.pairs = pairs
        self.start = start
        self.end = end


class For(Node):
    """`[for key, value in collection : result if condition]`, or with `key_result => result...` in braces."""

    __slots__ = ("collection", "condition", "group", "key", "key_result", "result", "value")

    def __init__(
        self, key: str, value: str, collection: Node, key_result: Node | None, result: Node,
        condition: Node | None, group: bool, start: int, end: int,
    ) -> None:
        self.key = key
        self.value = value
        self.collection = collection
        self.key_result = key_result
        self.result = result
        self.condition = condition
        self.group = group
        self.start = start
        self.end = end


class Parenthesis(Node):
    """`(inner)`: kept because a key in parentheses is an expression."""

    __slots__ = ("inner",)

    def __init__(self, inner: Node, start: int, end: int) -> None:
        self.inner = inner
        self.start = start
        self.end = end


class Argument:
    """`name = expression` in a body; `start` and `end` span the name.

    `origin` is the file it stands in, when that is not the file of the block around it (override files).
    """

    __slots__ = ("end", "expression", "name", "origin", "start")

    def __init__(self, name: str, expression: Node, start: int, end: int) -> None:
        self.origin: Artifact | None = None
        self.name = name
        self.expression = expression
        self.start = start
        self.end = end


class Body:
    """What stands between the braces of a block, or in a file: arguments by name and blocks in order."""

    __slots__ = ("arguments", "blocks")

    def __init__(self) -> None:
        self.arguments: dict[str, Argument] = {}
        self.blocks: list[Block] = []

    def of_type(self, name: str) -> list[Block]:
        """Return the blocks of one type, in order."""
        return [block for block in self.blocks if block.name == name]


class Block:
    """`name "label" { body }`; `start` to `header_end` is the header without the brace, `end` is after the body.

    `origin` as in `Argument`.
    """

    __slots__ = ("body", "end", "header_end", "labels", "name", "origin", "start")

    def __init__(self, name: str, labels: tuple[str, ...], start: int, header_end: int) -> None:
        self.name = name
        self.labels = labels
        self.start = start
        self.header_end = header_end
        self.body = Body()
        self.end = header_end
        self.origin: Artifact | None = None


class Fault(NamedTuple):
    """A syntax error: a sentence, and the span of what was found."""

    message: str
    start: int
    end: int


class Document(NamedTuple):
    """A parsed file: everything that could be read, and the faults."""

    body: Body
    faults: tuple[Fault, ...]
