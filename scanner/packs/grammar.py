"""Turns the conditions of a rule file into a small tree of plain lists, and refuses everything else.

A condition becomes one of

    ["all", [c, ...]]  ["any", [c, ...]]  ["none", [c, ...]]  ["not", c]  ["if", c, c]
    ["at", [name, ...], test]  ["predicate", name, arguments]  ["related", {...}]  ["always"]  ["undecided", why]

and a test one of

    ["present"] ["absent"] ["equals", operand] ... ["count", test] ["keys", test] ["refers_to", [kind, ...]]
    ["each", c] ["some", c] ["no", c] ["json", c] ["any_of", [test, ...]] ["all_of", [test, ...]] ["not", test]

Inside each, some, no and json a bare test is the condition ["at", [], test] on the item itself.
"""

from __future__ import annotations

import re
from typing import Any

from scanner.packs.reading import Document

BARE_TESTS = ("present", "absent")
SCALAR_TESTS = (
    "equals", "not_equals", "equals_ignoring_case", "matches", "not_matches", "starts_with", "ends_with",
    "at_least", "at_most", "above", "below", "contains",
)
LIST_TESTS = ("in", "not_in", "in_ignoring_case", "allowed_by", "contains_all", "contains_any")
NUMBER_TESTS = ("at_least", "at_most", "above", "below")
REGEX_TESTS = ("matches", "not_matches")
FLAG_TESTS = ("empty", "not_empty", "literal", "shown")
ITEM_TESTS = ("each", "some", "no", "json")
NESTED_TESTS = ("count", "keys")
GROUP_TESTS = ("any_of", "all_of")
TESTS = frozenset(
    (*BARE_TESTS, *SCALAR_TESTS, *LIST_TESTS, *FLAG_TESTS, *ITEM_TESTS, *NESTED_TESTS, *GROUP_TESTS, "refers_to", "not")
)
CONDITIONS = frozenset(
    ("all", "any", "none", "not", "if", "then", "predicate", "with", "related", "always", "undecided")
)
RELATED_KEYS = frozenset(
    ("from", "to", "link", "linking", "kind", "where", "quantifier", "if_unresolved", "count")
)
_PATH = re.compile(r'(?:"[^"]+"|[^".]+)(?:\.(?:"[^"]+"|[^".]+))*\Z')
_SEGMENT = re.compile(r'"([^"]+)"|([^".]+)')


def path_of(text: str) -> list[str] | None:
    """Return the names of a dotted path (`.` is the item: no names), or None when it is not a path.

    Names with dots stand in double quotes; a leading dot tells a name from a word of the language.
    """
    if text == ".":
        return []
    body = text[1:] if text.startswith(".") else text
    if not _PATH.match(body):
        return None
    return [quoted or bare for quoted, bare in _SEGMENT.findall(body)]


class Grammar:
    """Reads the conditions of one document; `parameters` are the names that operands may use."""

    def __init__(self, document: Document, parameters: frozenset[str] = frozenset()) -> None:
        """Take the document (for the lines in errors) and the parameter names."""
        self.document = document
        self.parameters = parameters

    def condition(self, found: Any, holder: Any, key: object) -> list[Any]:
        """Return the tree of a condition that stands at `key` of `holder`; raises UsageError."""
        if isinstance(found, list):
            if not found:
                raise self.document.fault(holder, key, "at least one condition", found)
            return _joined("all", [self.condition(item, found, index) for index, item in enumerate(found)])
        if not isinstance(found, dict) or not found:
            raise self.document.fault(holder, key, "a condition: a mapping of paths to tests, or a list", found)
        parts: list[list[Any]] = []
        for name, body in found.items():
            if name in ("then", "with"):
                partner = "if" if name == "then" else "predicate"
                if partner not in found:
                    raise self.document.fault(found, name, f"`{name}` beside `{partner}`", sorted(found))
                continue
            parts.append(self._entry(name, body, found))
        return _joined("all", parts)

    def _entry(self, name: str, body: Any, found: dict[str, Any]) -> list[Any]:
        if name in ("all", "any", "none"):
            if not isinstance(body, list) or not body:
                raise self.document.fault(found, name, f"a list of conditions under `{name}`", body)
            return [name, [self.condition(item, body, index) for index, item in enumerate(body)]]
        if name == "not":
            return ["not", self.condition(body, found, name)]
        if name == "if":
            if "then" not in found:
                raise self.document.fault(found, name, "`then` beside `if`", sorted(found))
            return ["if", self.condition(body, found, name), self.condition(found["then"], found, "then")]
        if name == "predicate":
            return self._predicate(body, found)
        if name == "related":
            return ["related", self._related(body, found)]
        if name in ("always", "undecided"):
            return self._fixed(name, body, found)
        path = path_of(name)
        if path is None:
            raise self.document.fault(found, name, "a dotted path such as Encryption.Enabled", name)
        return ["at", path, self.test(body, found, name)]

    def _fixed(self, name: str, body: Any, found: dict[str, Any]) -> list[Any]:
        """Read a condition that needs no value: `always: true`, or `undecided: why`."""
        if name == "always":
            if body is not True:
                raise self.document.fault(found, name, "always: true", body)
            return ["always"]
        if not isinstance(body, str):
            raise self.document.fault(found, name, "the reason why it cannot be known", body)
        return ["undecided", body]

    def _predicate(self, body: Any, found: dict[str, Any]) -> list[Any]:
        if not isinstance(body, str):
            raise self.document.fault(found, "predicate", "the name of a predicate", body)
        arguments = found.get("with", {})
        if not isinstance(arguments, dict):
            raise self.document.fault(found, "with", "a mapping of arguments", arguments)
        for key, argument in arguments.items():
            self._operand(argument, arguments, key)
        return ["predicate", body, arguments]

    def _related(self, body: Any, found: dict[str, Any]) -> dict[str, Any]:
        fault = self.document.fault
        if not isinstance(body, dict):
            raise fault(found, "related", "a mapping with from, to, link or linking", body)
        strange = [key for key in body if key not in RELATED_KEYS]
        if strange:
            raise fault(body, strange[0], "one of " + ", ".join(sorted(RELATED_KEYS)), strange[0])
        ways = [way for way in ("from", "to", "link", "linking") if way in body]
        if len(ways) != 1:
            raise fault(found, "related", "exactly one of from, to, link, linking", ways)
        made: dict[str, Any] = {"way": ways[0], "quantifier": "some", "if_unresolved": "unknown"}
        self._way(ways[0], body, made)
        if "kind" in body:
            made["kinds"] = self._texts(body, "kind")
        for key, scale in (("quantifier", ("some", "each", "none")), ("if_unresolved", ("unknown", "holds", "fails"))):
            if key in body:
                if body[key] not in scale:
                    raise fault(body, key, "one of " + ", ".join(scale), body[key])
                made[key] = body[key]
        if "count" in body:
            made["count"] = self.test(body["count"], body, "count")
        if "where" in body:
            made["where"] = self.condition(body["where"], body, "where")
        return made

    def _way(self, name: str, body: dict[str, Any], made: dict[str, Any]) -> None:
        way = body[name]
        if name == "from":
            if not isinstance(way, dict) or set(way) != {"kind", "by"}:
                raise self.document.fault(body, "from", "{kind: ..., by: ...}", way)
            made["kinds"], made["by"] = self._texts(way, "kind"), self._paths(way, "by")
        elif name == "to":
            made["by"] = self._paths(body, "to")
        else:
            made["relation"] = self._texts(body, name)[0]

    def _texts(self, holder: dict[str, Any], key: str) -> list[str]:
        found = holder[key]
        texts = found if isinstance(found, list) else [found]
        if not texts or not all(isinstance(text, str) for text in texts):
            raise self.document.fault(holder, key, "a name or a list of names", found)
        return texts

    def _paths(self, holder: dict[str, Any], key: str) -> list[list[str]]:
        paths = []
        for text in self._texts(holder, key):
            path = path_of(text.replace("[]", ""))
            if path is None:
                raise self.document.fault(holder, key, "a dotted path", text)
            paths.append(path)
        return paths

    def test(self, found: Any, holder: Any, key: object) -> list[Any]:
        """Return the tree of a test that stands at `key` of `holder`; raises UsageError."""
        if isinstance(found, str) and found in BARE_TESTS:
            return [found]
        if not isinstance(found, dict) or not found:
            raise self.document.fault(holder, key, "a test such as present, absent or {equals: value}", found)
        return _joined("all_of", [self._operator(name, body, found) for name, body in found.items()])

    def _operator(self, name: str, body: Any, found: dict[str, Any]) -> list[Any]:
        fault = self.document.fault
        if name in SCALAR_TESTS:
            return [name, self._checked(name, body, found)]
        if name in LIST_TESTS:
            if not isinstance(body, list) and not _is_parameter(body):
                raise fault(found, name, f"a list under `{name}`", body)
            return [name, self._operand(body, found, name)]
        if name in FLAG_TESTS and body is True:
            return [name]
        if name in ITEM_TESTS:
            return [name, self._item_condition(body, found, name)]
        if name in NESTED_TESTS or name == "not":
            return [name, self.test(body, found, name)]
        if name in GROUP_TESTS:
            return self._group(name, body, found)
        if name == "refers_to":
            return [name, self._texts(found, name)]
        if name in FLAG_TESTS:
            raise fault(found, name, f"{{{name}: true}}", body)
        raise fault(found, name, "a test, one of " + ", ".join(sorted(TESTS)), name)

    def _group(self, name: str, body: Any, found: dict[str, Any]) -> list[Any]:
        if not isinstance(body, list) or not body:
            raise self.document.fault(found, name, f"a list of tests under `{name}`", body)
        return [name, [self.test(item, body, index) for index, item in enumerate(body)]]

    def _checked(self, name: str, body: Any, found: dict[str, Any]) -> object:
        operand = self._operand(body, found, name)
        if _is_parameter(operand):
            return operand
        if operand is None:
            raise self.document.fault(found, name, "a value (null counts as not set: say absent)", operand)
        if name in NUMBER_TESTS and (isinstance(operand, bool) or not isinstance(operand, (int, float))):
            raise self.document.fault(found, name, "a number", operand)
        if name in REGEX_TESTS:
            try:
                re.compile(str(operand))
            except re.error as error:
                raise self.document.fault(found, name, f"a regular expression ({error})", operand) from None
        return operand

    def _operand(self, operand: Any, holder: Any, key: object) -> object:
        if _is_parameter(operand) and operand["parameter"] not in self.parameters:
            known = ", ".join(sorted(self.parameters)) or "none is declared"
            raise self.document.fault(holder, key, f"a parameter of the rule ({known})", operand["parameter"])
        return operand

    def _item_condition(self, body: Any, holder: Any, key: object) -> list[Any]:
        if _looks_like_test(body):
            return ["at", [], self.test(body, holder, key)]
        return self.condition(body, holder, key)


def _is_parameter(operand: object) -> bool:
    return isinstance(operand, dict) and set(operand) == {"parameter"}


def _looks_like_test(body: object) -> bool:
    if isinstance(body, str):
        return True
    if not isinstance(body, dict) or not body:
        return False
    if set(body) == {"not"}:
        return _looks_like_test(body["not"])
    return all(name in TESTS for name in body)


def _joined(word: str, parts: list[list[Any]]) -> list[Any]:
    return parts[0] if len(parts) == 1 else [word, parts]
