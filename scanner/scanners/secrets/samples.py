"""Makes up tokens from a rule's own grammar, always the same ones, so that no file of ours holds a token.

`{{token}}` in the example of a secrets rule stands for a made-up token of the rule, `{{group}}` for the secret part of
one, `{{placeholder}}` and `{{short}}` for what is no token, `{{<rule>}}` for a token of another rule.
"""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Mapping
from re import _parser  # type: ignore[attr-defined]  # the stdlib's own parser of patterns has no public name
from typing import Any

from scanner.scanners.secrets.checks import CHECKS, base62, entropy
from scanner.scanners.secrets.rules import SecretRule
from scanner.scanners.secrets.values import strength_of_token

MOST_TRIES = 400
_PRINTABLE = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"
_CATEGORIES = {
    "CATEGORY_DIGIT": "0123456789", "CATEGORY_WORD": _PRINTABLE[:-1], "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": _PRINTABLE[:62],
}


def text_of(pattern: str, chance: random.Random, most: int = 12) -> str:
    """Return a text that the pattern describes, lookarounds aside; repeats end at most `most` above their least."""
    return "".join(_made(list(_parser.parse(pattern)), chance, most))


def _made(items: list[Any], chance: random.Random, most: int) -> list[str]:
    return [_one(str(operator), argument, chance, most) for operator, argument in items]


def _one(operator: str, argument: Any, chance: random.Random, most: int) -> str:
    """Return a text for one node of a parsed pattern."""
    if operator == "LITERAL":
        return chr(argument)
    if operator in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, greatest, inner = argument
        count = chance.randint(least, min(greatest, least + most))
        return "".join("".join(_made(list(inner), chance, most)) for _ in range(count))
    if operator in ("SUBPATTERN", "ATOMIC_GROUP"):
        return "".join(_made(list(argument[-1] if operator == "SUBPATTERN" else argument), chance, most))
    if operator == "BRANCH":
        return "".join(_made(list(chance.choice(argument[1])), chance, most))
    if operator == "IN":
        return chance.choice(_members(argument))
    if operator in ("ANY", "NOT_LITERAL"):
        return chance.choice(_PRINTABLE[:62])
    return ""


def _members(argument: list[Any]) -> str:
    """Return the printable characters of a class."""
    chosen, negated = set(), False
    for operator, value in argument:
        name = str(operator)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            chosen.add(chr(value))
        elif name == "RANGE":
            chosen.update(chr(code) for code in range(value[0], min(value[1], 126) + 1))
        elif name == "CATEGORY":
            chosen.update(_CATEGORIES.get(str(value), _PRINTABLE))
    pool = [c for c in _PRINTABLE if c not in chosen] if negated else sorted(c for c in chosen if 32 <= ord(c) < 127)
    return "".join(pool) or "\n"


def token(rule: SecretRule, number: int = 0, *, group: bool = False) -> str:
    """Return the made-up token `number` of a rule, one that the rule's checks accept; `group`: its secret part only."""
    chance = random.Random(f"{rule.rule}/{number}")
    for _ in range(MOST_TRIES):
        made = text_of(rule.pattern, chance)
        if "crc32-base62" in rule.checks:
            made = _with_checksum(made)
        match = re.compile(rule.pattern).match(made)
        if match is None:
            continue
        secret = match.group(rule.group if rule.group >= 0 else match.lastindex or 0)
        if _accepted(rule, secret):
            return secret if group else match.group()
    raise ValueError(f"{rule.rule}: no token after {MOST_TRIES} tries")


def _accepted(rule: SecretRule, secret: str) -> bool:
    return (
        (rule.trusted or strength_of_token(secret))
        and (not rule.entropy or entropy(secret) >= rule.entropy)
        and all(CHECKS[name](secret) is not False for name in rule.checks)
        and (rule.shape == "everywhere" or any(c.isdigit() for c in secret) or not rule.named)
    )


def _with_checksum(made: str) -> str:
    """Return a token with its last six characters replaced by the checksum that GitHub and npm tokens carry."""
    import zlib

    head, _, body = made.rpartition("_")
    payload = body[:-6]
    return f"{head}_{payload}{base62(zlib.crc32(payload.encode()), 6)}"


def broken_checksum(made: str) -> str:
    """Return the token with another last character."""
    return made[:-1] + ("a" if made[-1] != "a" else "b")


def expanded(text: str, rule: SecretRule, rules: Mapping[str, SecretRule]) -> str:
    """Return the text of an example with its `{{...}}` filled in."""
    chance = random.Random(f"{rule.rule}/example")

    def filled(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in rules:
            return token(rules[name])
        return _word(name, rule, chance)

    return re.sub(r"\{\{([a-z0-9-]+)\}\}", filled, text)


def _word(name: str, rule: SecretRule, chance: random.Random) -> str:
    """Return what one placeholder of an example stands for."""
    def pick(alphabet: str, size: int) -> str:
        return "".join(chance.choice(alphabet) for _ in range(size))

    letters = _PRINTABLE[:62]
    if name in ("token", "group"):
        return token(rule, group=name == "group")
    if name == "short":
        return token(rule)[:-3]
    if name == "placeholder":
        made = token(rule)
        anchor = next((a for a in rule.anchors if made.lower().startswith(a)), "")
        return made[:len(anchor)] + "x" * (len(made) - len(anchor))
    if name == "jwt":
        parts = ('{"alg":"HS256","typ":"JWT"}', '{"sub":"made-up","iat":1}', pick(letters, 32))
        return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)
    if name == "basic":
        return base64.b64encode(f"robot:{pick(letters, 18)}".encode()).decode()
    if name == "base64-lines":
        return "\n".join(pick(letters, 64) for _ in range(4))
    sizes = {"random": 24, "random-long": 44, "base64-word": 40}
    if name not in sizes:
        raise ValueError(f"{rule.rule}: no example word is called {name}")
    return pick(letters, sizes[name] - 2) + pick("0123456789", 1) + pick("ABCDEF", 1)

