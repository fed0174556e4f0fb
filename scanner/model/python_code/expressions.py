"""Python expressions to values: literals, names with one assignment, f-strings, json.dumps, dict and list displays."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from scanner.core.artifact import Artifact
from scanner.core.location import Location, Piece, TextMap
from scanner.core.value import ListValue, MapValue, Scalar, Unknown, Value

MAX_DEPTH = 16


class Names:
    """What names and `self.` attributes are assigned in a module, by the function they stand in (None: the module)."""

    def __init__(self, tree: ast.Module) -> None:
        """Read all simple assignments of a module."""
        self.parents: dict[ast.AST, ast.AST] = {}
        self.assigned: dict[tuple[ast.AST | None, str], list[ast.expr]] = {}
        self.attributes: dict[str, list[ast.expr]] = {}
        stack: list[ast.AST] = [tree]
        while stack:
            node = stack.pop()
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
                stack.append(child)
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._assign(target, node.value)
            elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                self._assign(node.target, node.value)
            elif isinstance(node, ast.AugAssign):
                self._assign(node.target, node)  # type: ignore[arg-type]  # an unreadable second assignment
            elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
                self._assign(node.target, node.iter, element=True)
            elif isinstance(node, ast.withitem) and node.optional_vars is not None:
                self._assign(node.optional_vars, node.context_expr)

    def _assign(self, target: ast.AST, value: ast.expr, *, element: bool = False) -> None:
        if isinstance(target, ast.Name):
            known = self.assigned.setdefault((self.function_of(target), target.id), [])
            known.append(ast.Starred(value=value) if element else value)
        elif isinstance(target, ast.Attribute):
            self.attributes.setdefault(target.attr, []).append(value)

    def function_of(self, node: ast.AST) -> ast.AST | None:
        """Return the function a node stands in, or None."""
        current = self.parents.get(node)
        while current is not None and not isinstance(current, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            current = self.parents.get(current)
        return current

    def values(self, name: ast.Name) -> list[ast.expr]:
        """Return what a name may be: its assignments in the function, else in the enclosing ones, else the module."""
        scope = self.function_of(name)
        while True:
            found = self.assigned.get((scope, name.id))
            if found:
                return found
            if scope is None:
                return []
            if _is_parameter(scope, name.id):
                return []
            scope = self.function_of(scope)


def _is_parameter(function: ast.AST, name: str) -> bool:
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return False
    every = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return any(argument.arg == name for argument in every)


class Reader:
    """Turns the expressions of one module into values."""

    def __init__(self, artifact: Artifact, names: Names) -> None:
        """Take the module's text, for columns, and its names."""
        self.artifact = artifact
        self.names = names
        self._lines = artifact.text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def at(self, node: ast.AST) -> Location:
        """Return where a node stands; columns count characters, where the tree counts UTF-8 bytes."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        last, end = getattr(node, "end_lineno", None) or line, getattr(node, "end_col_offset", None) or column + 1
        return Location(
            self.artifact.path, line, self._column(line, column), last, self._column(last, end)
        )

    def _column(self, line: int, offset: int) -> int:
        text = self._lines[line - 1] if 0 < line <= len(self._lines) else ""
        if text.isascii():
            return offset + 1
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace")) + 1

    def value(self, node: ast.expr, depth: int = 0) -> Value:
        """Return the value of an expression."""
        if depth > MAX_DEPTH:
            return self.unknown(node)
        readers: tuple[tuple[type, Callable[[Any, int], Value]], ...] = (
            (ast.Dict, self._mapping), (ast.List, self._list), (ast.Tuple, self._list), (ast.Set, self._list),
            (ast.Name, self._name), (ast.JoinedStr, self._joined), (ast.Call, self._call), (ast.BinOp, self._sum),
        )
        for kind, read in readers:
            if isinstance(node, kind):
                return read(node, depth)
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            number = node.operand.value
            if isinstance(number, (int, float)):
                return Scalar(-number, self.at(node))
        return self.unknown(node)

    def unknown(self, node: ast.AST) -> Unknown:
        """Return an unknown that says what was not followed."""
        text = ast.unparse(node) if isinstance(node, (ast.Name, ast.Attribute)) else "the expression"
        return Unknown(f"{text[:60]} is not known without running the program", self.at(node), present=True)

    def _constant(self, node: ast.Constant) -> Value:
        content = node.value
        if isinstance(content, (str, int, float, bool)) or content is None:
            at = self.at(node)
            simple = isinstance(content, str) and at.start_line == at.end_line
            quoted = simple and at.end_column - at.start_column == len(str(content)) + 2
            if isinstance(content, str) and "\n" in content:
                return Scalar(content, at, lambda: _block_map(content, at))
            return Scalar(content, at, quoted=quoted)
        return self.unknown(node)

    def _mapping(self, node: ast.Dict, depth: int) -> Value:
        entries: dict[str, Value] = {}
        places: dict[str, Location] = {}
        rest: Unknown | None = None
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                inner = self.value(value, depth + 1)
                if isinstance(inner, MapValue):
                    entries.update(inner.entries)
                    places.update(inner.keys_at)
                else:
                    rest = self.unknown(value)
            elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                entries[key.value] = self.value(value, depth + 1)
                places[key.value] = self.at(key)
            else:
                rest = self.unknown(key)
        return MapValue(entries, self.at(node), places, rest)

    def _list(self, node: ast.List | ast.Tuple | ast.Set, depth: int) -> Value:
        rest = next((self.unknown(item) for item in node.elts if isinstance(item, ast.Starred)), None)
        items = tuple(self.value(item, depth + 1) for item in node.elts if not isinstance(item, ast.Starred))
        return ListValue(items, self.at(node), rest)

    def _name(self, node: ast.Name, depth: int) -> Value:
        found = self.names.values(node)
        if len(found) == 1 and not isinstance(found[0], (ast.Starred, ast.AugAssign)):
            value = self.value(found[0], depth + 1)
            # A plain constant is pointed at where it is used: there its meaning shows.
            return Scalar(value.content, self.at(node)) if isinstance(value, Scalar) else value
        return self.unknown(node)

    def _joined(self, node: ast.JoinedStr, depth: int) -> Value:
        parts: list[str | Unknown] = []
        for piece in node.values:
            if isinstance(piece, ast.Constant):
                parts.append(str(piece.value))
            elif isinstance(piece, ast.FormattedValue):
                inner = self.value(piece.value, depth + 1)
                known = isinstance(inner, Scalar) and isinstance(inner.content, (str, int))
                parts.append(str(inner.content) if known and isinstance(inner, Scalar) else self.unknown(piece.value))
        return self._text(parts, node, self._piece_map(parts, self.at(node)))

    def _piece_map(self, parts: list[str | Unknown], at: Location) -> TextMap | None:
        """Return the map of a formatted text on one line: its known pieces are looked up in order."""
        if at.start_line != at.end_line:
            return None
        source = self._lines[at.start_line - 1]
        cursor = source.find(source[at.end_column - 2], at.start_column - 1) + 1
        pieces, offset = [Piece(0, at.path, at.start_line, cursor + 1)], 0
        for part in parts:
            if isinstance(part, str) and part:
                found = source.find(part, cursor, at.end_column - 1)
                if found >= 0:
                    pieces.append(Piece(offset, at.path, at.start_line, found + 1))
                    cursor = found + len(part)
            elif isinstance(part, Unknown):
                cursor = max(cursor, part.at.end_column - 1) if part.at.start_line == at.start_line else cursor
                pieces.append(Piece(offset, at.path, at.start_line, cursor))
            offset += len(part) if isinstance(part, str) else 1
        return TextMap(tuple(pieces))

    def _sum(self, node: ast.BinOp, depth: int) -> Value:
        if not isinstance(node.op, ast.Add):
            return self.unknown(node)
        sides = [self.value(node.left, depth + 1), self.value(node.right, depth + 1)]
        parts: list[str | Unknown] = []
        for side in sides:
            if isinstance(side, Scalar) and isinstance(side.content, str):
                parts.append(side.content)
            elif isinstance(side, Unknown):
                parts += side.parts or (side,)
            elif isinstance(side, ListValue):
                items = [item for part in sides if isinstance(part, ListValue) for item in part.items]
                every = all(isinstance(part, ListValue) for part in sides)
                return ListValue(tuple(items), self.at(node), None if every else self.unknown(node))
            else:
                return self.unknown(node)
        return self._text(parts, node)

    def _text(self, parts: list[str | Unknown], node: ast.expr, text_map: TextMap | None = None) -> Value:
        if all(isinstance(part, str) for part in parts):
            return Scalar("".join(part for part in parts if isinstance(part, str)), self.at(node), text_map)
        reason = next(part.reason for part in parts if isinstance(part, Unknown))
        known = tuple(part for part in parts if part != "")
        return Unknown(reason, self.at(node), parts=known, text_map=text_map)

    def _call(self, node: ast.Call, depth: int) -> Value:
        """Return what `json.dumps(x)`, `dict(a=b)`, `str(x)` and `str.format` without holes amount to."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in ("dumps", "str", "deepcopy", "list") and len(node.args) >= 1:
            return self.value(node.args[0], depth + 1)
        if name == "dict" and not node.args:
            return self.keywords(node, depth + 1)
        return self.unknown(node)

    def keywords(self, node: ast.Call, depth: int = 0) -> MapValue:
        """Return the keyword arguments of a call as a mapping; `**known` is opened, `**unknown` leaves a rest."""
        entries: dict[str, Value] = {}
        places: dict[str, Location] = {}
        rest: Unknown | None = None
        for keyword in node.keywords:
            inner = self.value(keyword.value, depth + 1)
            if keyword.arg is not None:
                entries[keyword.arg] = inner
                places[keyword.arg] = self.at(keyword)
            elif isinstance(inner, MapValue):
                entries.update(inner.entries)
                places.update(inner.keys_at)
                rest = rest or inner.rest
            else:
                rest = self.unknown(keyword.value)
        return MapValue(entries, self.at(node), places, rest)


def _block_map(content: str, at: Location) -> TextMap:
    """Return a map by lines for a triple-quoted text; a first line that is empty stands behind the quotes."""
    pieces, offset = [], 0
    for index, line in enumerate(content.split("\n")):
        column = at.start_column + 3 if index == 0 else 1
        pieces.append(Piece(offset, at.path, min(at.start_line + index, at.end_line), column))
        offset += len(line) + 1
    return TextMap(tuple(pieces))
