"""Predicates on Code subjects: calls with telling arguments."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from scanner.core.location import Location
from scanner.core.subject import Code, Subject
from scanner.core.view import NO, Answer, View


def code_calls(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether a module makes a call that the arguments describe; the place is the telling argument.

    `names`: methods or functions, by their last name (any when left out). `keywords`: keyword arguments with the
    literal values they must all have; `alternatives`: one of these is enough as well. `keyword` with `above`: a number
    greater than that. `module`: the text of the module must import something of that name.
    """
    if not isinstance(subject, Code):
        return NO
    if "module" in arguments and str(arguments["module"]) not in subject.artifact.text:
        return NO
    if not any(word in subject.artifact.text for word in _words(arguments)):
        return NO
    tree = subject.tree
    if not isinstance(tree, ast.Module):
        return Answer(None, subject.at, "the module does not parse") if tree is None else NO
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            telling = _telling(node, arguments)
            if telling is not None:
                return Answer(True, _place(subject, telling), _said(node, telling))
    return NO


def _words(arguments: Mapping[str, object]) -> list[str]:
    """Return texts of which a module that can hold such a call has at least one."""
    if "keyword" in arguments:
        return [str(arguments["keyword"])]
    words: list[str] = []
    for key in ("keywords", "alternatives"):
        stated = arguments.get(key)
        words += list(stated) if isinstance(stated, Mapping) else []
    names = arguments.get("names")
    if not words and isinstance(names, (list, tuple)):
        words = [str(name) for name in names]
    return words or [""]


def _telling(node: ast.Call, arguments: Mapping[str, object]) -> ast.AST | None:
    """Return the argument (or the function) that makes the call the one looked for; None when it is another."""
    names = arguments.get("names")
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if isinstance(names, (list, tuple)) and name not in names:
        return None
    given = {keyword.arg: keyword for keyword in node.keywords if keyword.arg}
    if "above" in arguments:
        found = given.get(str(arguments["keyword"]))
        number = _number(found.value) if found is not None else None
        return found if number is not None and number > int(str(arguments["above"])) else None
    for key in ("keywords", "alternatives"):
        wanted = arguments.get(key)
        if isinstance(wanted, Mapping) and wanted and all(_is(given.get(str(k)), v) for k, v in wanted.items()):
            return given[str(next(iter(wanted)))]
    return node.func if "keywords" not in arguments and "alternatives" not in arguments else None


def _number(value: ast.expr) -> float | None:
    """Return a number that is written out, also as a product: `7 * 24 * 3600`."""
    product: float = 1
    factors: list[ast.expr] = []
    while isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
        factors.append(value.right)
        value = value.left
    for factor in (value, *factors):
        number = factor.value if isinstance(factor, ast.Constant) else None
        if not isinstance(number, (int, float)) or isinstance(number, bool):
            return None
        product *= number
    return product


def _is(keyword: ast.keyword | None, wanted: object) -> bool:
    return keyword is not None and isinstance(keyword.value, ast.Constant) and keyword.value.value is wanted


def _said(node: ast.Call, telling: ast.AST) -> str:
    name = ast.unparse(node.func)[:60]
    if isinstance(telling, ast.keyword):
        return f"{name}(... {telling.arg}={ast.unparse(telling.value)[:40]})"
    return f"{name}(...)"


def _place(code: Code, node: ast.AST) -> Location:
    """Return where a node stands; columns count characters."""
    line, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", 1) or 1
    start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 0) or 0
    lines = code.artifact.text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def column(number: int, offset: int) -> int:
        text = lines[number - 1] if 0 < number <= len(lines) else ""
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace")) + 1

    return Location(code.artifact.path, line, column(line, start), last, column(last, end))
