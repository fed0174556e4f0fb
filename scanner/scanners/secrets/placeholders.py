"""Tells values that stand for a secret from secrets: placeholders, references, interpolations, words."""

from __future__ import annotations

import re
from itertools import pairwise

from scanner.core.patterns import Pattern


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, for tables."""
    return frozenset(text.split())


_TEMPLATE = Pattern(
    r"""
      \A[$%#@]?[({<\[].*[)}>\]]\Z            # <token>, ${VAR}, $(command), {{ x }}, %(name)s, [PASSWORD]
    | \A\$\(?[A-Za-z_][\w.]*\)?\Z            # $VAR
    | \A\$[1-9@*]\Z                          # $1
    | \A%[A-Za-z_]\w*%\Z                     # %VAR%
    | \A%[sd]\Z | \A%\(\w+\)s
    | \A!!?[A-Za-z]                          # a tag of YAML: !Ref, !!binary
    | \$\{\{?\s*[A-Za-z_!#][\w.:\-\[\]'"/ ]*\}?\}    # ... ${VAR} ...
    | \$\(\s*[A-Za-z_/]                      # ... $(cat file) ...
    | \A(?:\$env|env|ENV|ENVIRON|process\.env|os\.environ|System\.getenv|getenv)\b
    | \A(?:var|local|data|module|each|self|secrets|vars|github|params|inputs|steps|needs)\.[A-Za-z_]
    | \{\{[^{}]*\}\}
    | \#\{[^{}]+\}
    """,
    re.VERBOSE | re.DOTALL,
)
_REFERENCE = Pattern(
    r"\A(?:arn:aws[\w-]*:(?:secretsmanager|ssm|kms)|vault:|op://|ssm:|awssm:|secretsmanager:|sm://|gsm:|akv://|keyring:"
    r"|ref\+|ENC\[|AQICAH|file:|!(?:Ref|Sub|GetAtt|ImportValue|vault|reference)\b|\{cipher\}|CHANGE_?ME|@Microsoft\.KeyVault"
    r"|vault/|kms:|/run/secrets/|/aws/reference/secretsmanager)",
    re.IGNORECASE,
)
_MARKED = Pattern(
    r"(?i)x{5,}|\*{3,}|\.{3,}|_{4,}|-{5,}|change[-_ ]?(?:me|this|it)|place[-_ ]?holder|example|dummy|fake|redacted"
    r"|replace[-_ ]?(?:me|with|this)|\byour|your[-_ ]|insert[-_ ]|\btodo\b|put[-_ ]?your|[-_ ]here\b|lorem|abcdefg"
    r"|not[-_ ]?(?:a[-_ ]?|the[-_ ]?)?(?:real|secret)|deadbeef|sample|foobar|0123456789"
    r"|12345678\b|super[-_]?secret|secret[-_]?here"
)
_WORDS = word_set(
    """
    a access account admin api app auth author basic bearer bot client code cred credential credentials database
    db default demo dev empty false foo bar baz field from get has hash hidden id in input is item key keys
    local login my name need new nil no none not null ok optional pass passphrase passwd password passwords pin
    plain pre private prod public pwd read real required root secret secrets service set some string temp test
    testing tests text the this token tokens true type undefined unknown unset use user username users value var
    void with word write yes yyy zzz hello world something anything nothing off on public prompt missing invalid
    wrong correct bad good old mypassword mysecret mytoken passw0rd pw letmein
    """
)
_PLAIN = Pattern(r"[\w\s.:/-]*\Z")
_PIECES = Pattern(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


def template(value: str) -> bool:
    """Tell whether the value is an interpolation, or a reference to where the secret is kept."""
    return _TEMPLATE.search(value) is not None or _REFERENCE.match(value) is not None


def repetitive(value: str) -> bool:
    """Tell whether the value is one short piece said over and over, or a run along the keyboard or alphabet."""
    size = len(value)
    if size >= 6 and len(set(value)) <= max(2, size // 12):
        return True
    for period in range(1, min(6, size // 3) + 1):
        if size >= 6 and value == (value[:period] * (size // period + 1))[:size]:
            return True
    steps = sum(1 for left, right in pairwise(value) if ord(right) - ord(left) in (0, 1))
    return size >= 8 and steps >= (size - 1) * 0.6


def marked(value: str) -> bool:
    """Tell whether the value says itself that it is an example (`changeme`, `your-token-here`, `xxxxx`)."""
    return _MARKED.search(value) is not None


def plain_words(value: str) -> bool:
    """Tell whether the value consists of words that name a secret rather than are one (`real_key`, `my-password`)."""
    if not _PLAIN.match(value):
        return False
    pieces = _PIECES.findall(value)
    return all(piece.lower() in _WORDS or (piece.isdigit() and len(piece) <= 3) for piece in pieces)


def placeholder(value: str) -> bool:
    """Tell whether the value stands for a secret instead of being one."""
    return template(value) or repetitive(value) or marked(value) or plain_words(value)
