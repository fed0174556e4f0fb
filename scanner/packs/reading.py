"""Reads one YAML file of ours (rules, tables) strictly, and remembers the line of every entry."""

from __future__ import annotations

import re
from typing import Any

from scanner.core.errors import UsageError

DEEPEST = 60
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]+\Z")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+\Z")
_AMBIGUOUS = frozenset(("yes", "no", "on", "off"))
_PLAIN = {"": None, "~": None, "null": None, "true": True, "false": False}


class Document:
    """The content of a file as plain Python data, and where its entries stand."""

    __slots__ = ("_keep", "_lines", "content", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        """Take the path to name in errors, and the text; raises UsageError for anything that is not plain YAML."""
        self.path = path
        self.text = text
        self._lines: dict[int, dict[object, int]] = {}
        self._keep: list[object] = []
        self.content: Any = self._built()

    def line(self, container: object, key: object = None) -> int:
        """Return the 1-based line of an entry of a mapping or list; of the container itself without a key."""
        return self._lines.get(id(container), {}).get(key, self._lines.get(id(container), {}).get(None, 1))

    def adopt(self, container: object, line: int) -> None:
        """Say that a container that was made from this file (a family's row) stands on `line`."""
        self._keep.append(container)
        self._lines.setdefault(id(container), {})[None] = line

    def fault(self, container: object, key: object, expected: str, found: object) -> UsageError:
        """Return the error for a wrong entry: file, line, what was expected and what was found."""
        return UsageError(f"{self.path}:{self.line(container, key)}: expected {expected}; found {shown(found)}")

    def _built(self) -> Any:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            return self._from_events(list(yaml.parse(self.text, Loader=loader)))
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark is not None else 1
            problem = getattr(error, "problem", None) or str(error)
            raise UsageError(f"{self.path}:{line}: expected YAML; found a fault: {problem}") from None

    def _from_events(self, events: list[Any]) -> Any:
        stack: list[tuple[Any, list[Any]]] = []
        root: list[Any] = []
        for event in events:
            name = type(event).__name__
            line = event.start_mark.line + 1
            if name in ("MappingStartEvent", "SequenceStartEvent"):
                if len(stack) >= DEEPEST:
                    raise UsageError(f"{self.path}:{line}: expected at most {DEEPEST} levels; found more")
                made: Any = {} if name == "MappingStartEvent" else []
                self._lines[id(made)] = {None: line}
                self._keep.append(made)
                self._put(stack, root, made, line)
                stack.append((made, []))
            elif name in ("MappingEndEvent", "SequenceEndEvent"):
                stack.pop()
            elif name == "ScalarEvent":
                is_key = bool(stack) and isinstance(stack[-1][0], dict) and not stack[-1][1]
                self._put(stack, root, str(event.value) if is_key else self._scalar(event, line), line)
            elif name == "AliasEvent":
                raise UsageError(f"{self.path}:{line}: expected plain entries; found an alias (*{event.anchor})")
        if len(root) > 1:
            raise UsageError(f"{self.path}:1: expected one document; found {len(root)}")
        return root[0] if root else None

    def _put(self, stack: list[tuple[Any, list[Any]]], root: list[Any], item: Any, line: int) -> None:
        if not stack:
            root.append(item)
            return
        container, pending = stack[-1]
        if isinstance(container, list):
            self._lines[id(container)][len(container)] = line
            container.append(item)
        elif not pending:
            if isinstance(item, (dict, list)):
                raise UsageError(f"{self.path}:{line}: expected a plain key; found {shown(item)}")
            key = str(item)
            if key in container:
                first = self._lines[id(container)][key]
                raise UsageError(f"{self.path}:{line}: expected each key once; found {key!r} again (first on {first})")
            pending.append(key)
            self._lines[id(container)][key] = line
            container[key] = None
        else:
            container[pending.pop()] = item

    def _scalar(self, event: Any, line: int) -> object:
        text = str(event.value)
        if event.style or (event.tag and event.tag != "!"):
            if event.tag and event.tag not in ("!", "tag:yaml.org,2002:str"):
                raise UsageError(f"{self.path}:{line}: expected plain values; found the tag {event.tag}")
            return text
        if text in _PLAIN:
            return _PLAIN[text]
        if text.lower() in _AMBIGUOUS:
            raise UsageError(f"{self.path}:{line}: expected true, false or quotes; found a bare {text}")
        if _LEADING_ZERO.match(text):
            raise UsageError(f"{self.path}:{line}: expected quotes around a number with leading zero; found {text}")
        if _INTEGER.match(text):
            return int(text)
        if _FLOAT.match(text):
            return float(text)
        return text


def shown(found: object) -> str:
    """Return words for an error about what was found."""
    if found is None:
        return "nothing"
    if isinstance(found, dict):
        return "a mapping with " + ", ".join(sorted(map(str, found))[:6]) if found else "an empty mapping"
    if isinstance(found, list):
        return f"a list of {len(found)}"
    text = repr(found)
    return text if len(text) <= 80 else text[:77] + "..."
