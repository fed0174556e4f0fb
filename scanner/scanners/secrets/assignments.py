"""Reads `name operator value` around a keyword, in every syntax that assigns."""

from __future__ import annotations

import re
from typing import NamedTuple

from scanner.core.patterns import Pattern

IDENTIFIER = bytes(sorted(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-$"))
_NAME_OR_BLANK = IDENTIFIER + b" \t"
LONGEST_NAME = 60
_AFTER = Pattern(
    rb"""
    (?P<rest>[A-Za-z0-9_.\-]{0,40}+)
    (?: \[[^\]\n]{0,20}\] )?+                                   # char secret[25], secret[]
    (?: (?P<close>\\?["'`]|&quot;) \]? \)? )?+
    (?: (?P<pair> [ \t]{0,8}+[,;]?+ (?:\r?\n)? [ \t]{0,60}+ (?:\\?["'`]|<)? (?:[A-Za-z]{1,16}_)? [Vv]alue (?:\\?["'`])?
             [ \t]{0,20}+ (?:[:=]|>) )
      | [ \t]{0,40}+
        (?: :[ \t]{0,4}+ (?:(?:const|final)\ )? [A-Za-z_][A-Za-z0-9_.&\[\]|]{0,24}+ [ \t]{1,4}+ (?==(?!=)) )?+
        (?P<operator> => | ={1,3} | !={1,2} | :{1,3}= | [?.+|]{1,2}= | <- | -> | \|\|:? | : | , | > )
      | (?P<space> [ \t]{1,40}+ )
    )
    (?P<gap> [ \t]{0,80}+ )
    (?: (?:[A-Za-z_][\w.]{0,30}+\( | [@LRrbBuU$]{1,2} | (?:new\ )?[A-Z]\w{0,20}\( )?
        (?P<quote> \\?["'`] | &quot; ) )?
    """,
    re.VERBOSE,
)
_QUOTED = {
    b'"': Pattern(rb'(?:[^"\\\r\n]|\\[^\r\n]){0,2000}'),
    b"'": Pattern(rb"(?:[^'\\\r\n]|\\[^\r\n]){0,2000}"),
    b"`": Pattern(rb"(?:[^`\\\r\n]|\\[^\r\n]){0,2000}"),
    b'\\"': Pattern(rb'(?:[^"\\\r\n]){0,2000}'),
    b"\\'": Pattern(rb"(?:[^'\\\r\n]){0,2000}"),
    b"\\`": Pattern(rb"(?:[^`\\\r\n]){0,2000}"),
    b"&quot;": Pattern(rb"(?:[^&\r\n]){0,2000}"),
}
_BARE = Pattern(rb"""[^\s"'`;,<>(){}\[\]\\]{1,500}""")
_LINE = Pattern(rb"""[^\r\n]{1,500}""")
_ELEMENT = Pattern(rb"""\s{0,40}+([^<>\s](?:[^<>\r\n]{0,500}[^<>\s])?)\s{0,40}</""")


class Assigned(NamedTuple):
    """A value and the name it is assigned to: byte offsets of the value, without quotes.

    `form` is quoted, bare, element (XML content), flag (after white space) or line (rest of a config line).
    """

    name: str
    start: int
    end: int
    form: str
    operator: str


def name_before(data: bytes, start: int) -> int:
    """Return where the identifier that covers `start` begins."""
    window = data[max(0, start - LONGEST_NAME):start]
    return start - len(window) + len(window.rstrip(IDENTIFIER))


def assigned(data: bytes, start: int, end: int, config: bool) -> Assigned | None:
    """Return what is assigned to the name around the keyword at `start` to `end`; None when nothing is.

    `config` says that bare values are literals there (ini, YAML, env files), not variables.
    """
    match = _AFTER.match(data, end)
    if match is None or (data[start - 1:start] == b":" and b"arn:aws" in data[max(0, start - 80):start]):
        return None
    operator = (match["operator"] or match["pair"] or b" ").decode("latin-1").strip() or " "
    at = match.end()
    quote = match["quote"]
    if quote is not None:
        body = _QUOTED[quote].match(data, at)
        if body is None or not data.startswith(quote, body.end()) or body.end() == at:
            return None
        if operator == "," and not _first_argument(data, start, match):
            return None
        if operator == " " and match["close"] and _block_type(data, start):
            return None
        return _made(data, start, match, at, body.end(), "quoted", operator)
    return _bare(data, start, match, at, operator, config)


def _first_argument(data: bytes, start: int, match: re.Match[bytes]) -> bool:
    """Tell whether the quoted name is the first argument of a call (`setProperty("x", "y")`), not an item of a list."""
    begin = name_before(data, start)
    return match["close"] is not None and data[max(0, begin - 4):begin].rstrip(b"\"'` \\").endswith(b"(")


def _block_type(data: bytes, start: int) -> bool:
    """Tell whether the quoted name is the type of a Terraform block: what follows is the block's own name."""
    begin = name_before(data, start)
    return data[max(0, begin - 14):begin].rstrip(b'" \t').endswith((b"resource", b"data", b"ephemeral"))


def _made(data: bytes, start: int, match: re.Match[bytes], at: int, end: int, form: str, operator: str) -> Assigned:
    begin = name_before(data, start)
    name = data[begin:match.end("rest")].decode("latin-1")
    return Assigned(name, at, end, form, operator)


def _bare(data: bytes, start: int, match: re.Match[bytes], at: int, operator: str, config: bool) -> Assigned | None:
    """Return an unquoted value: XML content, a flag's argument, or a plain word behind an operator."""
    if operator in (",", "||", "->", "<-") or (match["pair"] and operator.endswith(">") and match["close"]):
        return None
    if operator.endswith(">") and operator != "=>":
        element = _ELEMENT.match(data, at - len(match["gap"]))
        return _made(data, start, match, *element.span(1), "element", ">") if element else None
    if operator == " ":
        name = data[name_before(data, start):match.end("rest")]
        if not name.startswith(b"-") or match["close"]:
            return None
        body = _BARE.match(data, at)
        return _made(data, start, match, at, body.end(), "flag", operator) if body else None
    if config and data[at:at + 1] not in b"\"'`":
        last = _line_end(data, at)
        return _made(data, start, match, at, last, "line", operator) if last > at else None
    body = _BARE.match(data, at)
    return _made(data, start, match, at, body.end(), "bare", operator) if body else None


def _line_end(data: bytes, at: int) -> int:
    """Return where a bare value that reaches to the end of its line ends, without comment and punctuation."""
    line = _LINE.match(data, at)
    if line is None:
        return at
    return at + len(re.split(rb"\s+#|\s+;|\s+//", line.group(), maxsplit=1)[0].rstrip(b" \t,;\"'`"))


_BLOCK = Pattern(
    rb"""[A-Za-z0-9_.\-]{0,40}+ (?:["'`])? [ \t]{0,20}+ :? [ \t]{0,20}+ \{? [ \t]{0,20}+ \r?\n
         (?P<body> (?: [^\r\n]{0,300}+ \r?\n ){0,8}? )
         [ \t]{1,80}+ ["']? [Dd]efault ["']? [ \t]{0,20}+ [:=] [ \t]{0,20}+
         (?P<quote> ["'] )? """,
    re.VERBOSE,
)


def defaulted(data: bytes, start: int, end: int) -> Assigned | None:
    """Return the default of the parameter or variable block that the name around the keyword opens."""
    match = _BLOCK.match(data, end, min(len(data), end + 3000))
    if match is None:
        return None
    begin = name_before(data, start)
    line = data.rfind(b"\n", 0, begin) + 1
    depth = len(data[line:begin]) - len(data[line:begin].lstrip())
    for inner in match["body"].splitlines():
        if inner.strip() and (len(inner) - len(inner.lstrip()) <= depth or inner.lstrip().startswith(b"}")):
            return None
    at, quote = match.end(), match["quote"]
    body = _QUOTED[quote].match(data, at) if quote else _BARE.match(data, at)
    if body is None or body.end() == at:
        return None
    last = body.end() if quote else _line_end(data, at)
    name = data[begin:end + len(match.group()) - len(match.group().lstrip(IDENTIFIER))].decode("latin-1")
    return Assigned(name, at, last, "quoted" if quote else "line", "=")


def compared(data: bytes, start: int, end: int) -> Assigned | None:
    """Return the quoted literal that the name around the keyword is compared with, when it stands on the left."""
    if not data[max(0, start - 64):start].rstrip(_NAME_OR_BLANK).endswith(b"="):
        return None
    begin = name_before(data, start)
    head = data[max(0, begin - 300):begin].rstrip(b" \t")
    stripped = head.rstrip(b"=")
    signs = len(head) - len(stripped)
    if stripped.endswith(b"!"):
        stripped, signs = stripped[:-1], signs + 1
    if not 2 <= signs <= 3:
        return None
    left = stripped.rstrip(b" \t")
    quote = left[-1:]
    if quote not in (b'"', b"'", b"`"):
        return None
    opening = left.rfind(quote, 0, len(left) - 1)
    if opening < 0 or b"\n" in left[opening:] or len(left) - opening < 3:
        return None
    base = begin - len(data[max(0, begin - 300):begin])
    tail = re.compile(rb"[A-Za-z0-9_.\-]{0,40}").match(data, end)
    name = data[begin:tail.end() if tail else end].decode("latin-1")
    return Assigned(name, base + opening + 1, base + len(left) - 1, "quoted", "==")
