"""Judges a value that is assigned to a secret's name: random, a literal worth a look, or neither."""

from __future__ import annotations

import re
from itertools import pairwise

from scanner.core.patterns import Pattern
from scanner.scanners.secrets.checks import entropy
from scanner.scanners.secrets.placeholders import marked, placeholder, plain_words, repetitive, template

RANDOM, LITERAL, NOTHING = "random", "literal", ""

_TOKEN = Pattern(r"[A-Za-z0-9_.=+/~@!$%^&*#?:|\-]+\Z")
_HEX = Pattern(r"[0-9a-f]{16,}\Z|[0-9A-F]{16,}\Z")
_UUID = Pattern(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_SEPARATORS = {ord(character): None for character in "-_.:/"}
_CODE = Pattern(r"[A-Za-z_$][\w$]*(?:(?:\.|->|::)[A-Za-z_$][\w$]*)+(?:\(.*)?;?\Z|[A-Za-z_]\w*\(.*")
_PATH = Pattern(r"(?:\.{0,2}/|~/|[A-Za-z]:\\|https?://|file:|s3://)[^\s]*\Z|[\w.\-/]+\.(?:pem|crt|cer|key|p12|pfx|jks|json|ya?ml|txt|py|js|ts|"
                   r"java|go|rb|php|xml|html?|conf|cfg|ini|env|sh|png|svg|jpe?g|gif|css|com|net|org|io|local|jar)(?::\d+)?(?:/\S*)?\Z")
_VERSION = Pattern(r"[vV]?\d+(?:\.\d+)+[-._+\w]*\Z")
_NAMES = Pattern(
    r"[A-Za-z_.:/\-]*(?:pass|secret|token|credential|auth|key)[A-Za-z_.:/\-]*\Z|[a-z_]+\.[a-z_]+[.:][a-z_.:]+\Z",
    re.IGNORECASE,
)
"""Words that name a secret (`RefreshTokenValidity`) or a place in a program (`package.module:function`), no digits."""
_LABEL = Pattern(r"(?:[A-Z][\w\-]{0,40} ){1,6}(?:Token|Password|Passphrase|Secret|Key|Credential)s?\Z")
"""What a form calls a field (`GitHub OAuth2 Token`, in the labels of a template's parameters)."""
_DATE = Pattern(r"\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?\Z")
_TYPE = Pattern(
    r"(?:str|string|int|bool|bytes|object|any|none|null|number|boolean|float|optional|text|varchar|char|true|false)\b.{0,24}\Z",
    re.IGNORECASE,
)


def judge(value: str, form: str, operator: str) -> str:
    """Return RANDOM, LITERAL or NOTHING for a value as it was assigned (`form` and `operator` as in `Assigned`)."""
    size = len(value)
    if size < 3 or size > (1000 if form == "quoted" else 256) or not any(character.isalnum() for character in value):
        return NOTHING
    if placeholder(value) or _PATH.match(value) or _TYPE.match(value) or _DATE.match(value):
        return NOTHING
    if _NAMES.match(value) or _LABEL.match(value):
        return NOTHING
    if form in ("bare", "flag") and (_CODE.match(value) or operator in ("==", "===", "!=", "!==")):
        return NOTHING
    if looks_random(value):
        return RANDOM
    if form == "bare":
        return NOTHING
    return LITERAL if size >= 4 or form == "quoted" else NOTHING


def looks_random(value: str) -> bool:
    """Tell whether a value looks made by a generator: long, mixed, and not built of words.

    Text of words changes between lower case, upper case and digits seldom; generated text does so about
    every second character, and hexadecimal every second or third.
    """
    size = len(value)
    if size < 10 or not _TOKEN.match(value) or _UUID.match(value) or _VERSION.match(value):
        return False
    if not any(character.isdigit() for character in value) or not any(character.isalpha() for character in value):
        return False
    bits = entropy(value)
    if _HEX.match(value):
        return bits >= 2.9
    if bits < 3.2:
        return False
    return changes(value) >= (0.25 if size >= 16 else 0.34)


def changes(value: str) -> float:
    """Return how often neighbouring characters differ in class (lower, upper, digit, other), from 0 to 1."""
    value = value.translate(_SEPARATORS)
    classes = ["l" if c.islower() else "u" if c.isupper() else "d" if c.isdigit() else "o" for c in value]
    pairs = list(pairwise(classes))
    # A capital that begins a word is no sign of chance: Upper followed by lower counts once, at the capital.
    count = sum(1 for left, right in pairs if left != right and not (left == "u" and right == "l"))
    return count / max(1, len(pairs))


def strength_of_token(value: str) -> bool:
    """Tell whether a token that matched its format is a real value rather than an example of the format."""
    return not (repetitive(value) or marked(value) or plain_words(value) or template(value))
