"""The errors that cross rooms.

    LeftgateError
    ├── UsageError      option, policy or rule file is wrong: exit status 2
    └── SyntaxFault     an artifact does not parse: becomes a notification
"""

from __future__ import annotations

from scanner.core.location import Location
from scanner.core.node import Node


class LeftgateError(Exception):
    """What we expect to go wrong; the text is written for the user."""


class UsageError(LeftgateError):
    """Something the user wrote for us cannot be used: says file, line, expected and found."""


class SyntaxFault(LeftgateError):
    """An artifact does not parse: what was expected, and where.

    `partial` holds what was read nevertheless (root nodes whose unfinished collections are `cut`), for dialects
    that can make sense of it; empty when nothing was.
    """

    partial: list[Node]

    def __init__(self, message: str, at: Location, kind: str = "syntax", hint: str = "") -> None:
        """Take a sentence, the place, the notification kind and what to do."""
        super().__init__(message)
        self.message = message
        self.at = at
        self.kind = kind
        self.hint = hint
        self.partial = []
