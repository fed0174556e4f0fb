"""Tokens of HCL: one regex that skips blanks and comments and takes the next token, in two line modes."""

from __future__ import annotations

import re

from scanner.parse.hcl.tree import Fault

NEWLINE, IDENTIFIER, STRING, SYMBOL, NUMBER, HEREDOC, QUOTE, END, ANY = 1, 2, 3, 4, 5, 6, 7, 8, 9

_COMMENT = r"\#[^\r\n]*+|//[^\r\n]*+|/\*(?:[^*]|\*(?!/))*+\*/"
_TOKEN = (
    r"(\r\n|\n|\r)"
    r"|([^\W\d][\w-]*+)"
    r'|("(?:[^"\\$%\r\n]++|\\[^\r\n]|\$(?!\{)|%(?!\{))*+")'
    r"|(\.\.\.|=>|==|!=|<=|>=|&&|\|\||[-+*/%!?=.,(){}\[\]]|:(?!:)|<(?!<-?[^\W\d])|>)"
    r"|(\d++(?:\.\d++)?(?:[eE][+-]?\d++)?)"
    r"|(<<-?[^\W\d][\w-]*+[ \t]*+(?:\r\n|\n|\r))"
    r'|(")'
    r"|(\Z)"
    r"|(::|[\s\S])"
)
LINE = re.compile(rf"(?:[ \t\f\v\u00a0]++|{_COMMENT})*+(?:{_TOKEN})").match
FLAT = re.compile(rf"(?:[ \t\r\n\f\v\u00a0]++|{_COMMENT})*+(?:{_TOKEN})").match


class Trouble(Exception):
    """Raised inside the parser; never leaves it."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.fault = Fault(message, start, end)


def printable(word: str) -> str:
    """Return a token as a message shows it."""
    if word in ("\n", "\r\n", "\r"):
        return "the end of the line"
    return f'"{word[:30]}"'
