"""What the name that a value is assigned to says: a secret, something about a secret, or neither."""

from __future__ import annotations

from scanner.core.patterns import Pattern
from scanner.scanners.secrets.placeholders import word_set

KEYWORDS: tuple[tuple[str, int], ...] = (
    # (literal, how many of its last characters belong to what follows the keyword)
    ("passw", 0), ("passphrase", 0), ("passcode", 0), ("pass_phrase", 0), ("pwd", 0),
    ("_pass", 0), ("-pass", 0), (".pass", 0), ("dbpass", 0), ("userpass", 0),
    ("pass=", 1), ("pass:", 1), ("pass =", 2), ("pass\"", 1), ("pass'", 1),
    ("pass ", 1), ("secret", 0), ("token", 0), ("apikey", 0), ("api_key", 0),
    ("api-key", 0), ("api.key", 0), ("api key", 0), ("accesskey", 0), ("access_key", 0),
    ("access-key", 0), ("privatekey", 0), ("private_key", 0), ("private-key", 0), ("secretkey", 0),
    ("encryptionkey", 0), ("encryption_key", 0), ("encryption-key", 0), ("signingkey", 0), ("signing_key", 0),
    ("signing-key", 0), ("masterkey", 0), ("master_key", 0), ("master-key", 0), ("accountkey", 0),
    ("account_key", 0), ("sharedkey", 0), ("shared_key", 0), ("licensekey", 0), ("license_key", 0),
    ("authkey", 0), ("auth_key", 0), ("auth-key", 0), ("appkey", 0), ("app_key", 0),
    ("servicekey", 0), ("service_key", 0), ("storage_key", 0), ("storagekey", 0), ("hmac_key", 0),
    ("hmackey", 0), ("aes_key", 0), ("aeskey", 0), ("webhook_key", 0), ("session_key", 0),
    ("deploy_key", 0), ("rsa_key", 0), ("ssh_key", 0), ("jwt_key", 0), ("_auth", 0),
    ("-auth", 0), ("auth\"", 1), ("auth=", 1), ("credential", 0), ("creds", 0),
    ("_salt", 0),
)
"""Literals of names that hold secrets; each is looked for in the lowered bytes."""

_SPLIT = Pattern(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_ABOUT = word_set(
    """
    id ids identifier name names url uri urls endpoint endpoints host file files filename path paths dir folder
    length len size sizes version type types kind count counts alias aliases hash hashes digest policy policies
    field fields label labels regex regexp pattern patterns prefix suffix header headers required enabled
    disabled enable expiry expires expiration expire ttl lifetime timeout age max min method methods algorithm
    alg format provider providers class cls param params parameter parameters arg args argument option options
    rule rules validator validators validation error errors message messages msg help hint hints text title
    description desc prompt input inputs form forms page view views link reset strength checker check index idx
    position pos start end begin stream iterator list lists map store manager service services handler factory
    builder generator exists invalid valid status state mode level scope scopes audience issuer arn vault board
    code frame mesh pair pairs press pressed ring selector signature stone storetype up down left right event
    binding bindings spec info data set sets cache store regexes column columns table attr attribute property
    properties ref refs reference placeholder env var variable vars mapping rotation days history reuse category
    group groups owner user username source chars alphabet charset kinds usage limit limits budget price cost
    threshold encoding encoder decoder parser lexer tokenizer meta metadata flag flags plugin plugins icon
    changed change update updated created date time timestamp at on off symbol symbols tmpl template templates
    test tests func function fn callback cb hook hooks keying used last request response result results
    stdin helper helpers
    """
)
_BEFORE = word_set(
    """
    hashed masked encrypted arn
    public pub primary foreign csrf xsrf sequence bucket natural schema hot idx sort partition next previous
    prev page pagination continuation continue cache cancellation cancel lex lexer syntax pad unk eos bos sep
    mask cls special stop end start begin max min num number count total input output cursor idempotency
    client_request dedup change sync resume csrfmiddleware antiforgery verification_uri id unauthorized no is
    has forgot forgotten reset show hide toggle confirm require requires allow enable disable missing invalid
    bad wrong expired weak non without
    """
)
_STRONG = frozenset(("password", "passwd", "passphrase", "pwd", "pass", "secret", "passcode"))


def words_of(name: str) -> list[str]:
    """Return the lower-case words of a camel, snake, kebab or dotted name."""
    return [piece.lower() for piece in _SPLIT.findall(name)]


def describes(name: str) -> bool:
    """Tell whether the name is of something about a secret (`token_url`, `publicKey`)."""
    words = words_of(name)
    if not words:
        return True
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    if words[-1] in _ABOUT:
        return True
    return any(word in _BEFORE for word in words[:-1])


def strong(name: str) -> bool:
    """Tell whether the name says password or secret in so many words, as its last or only meaning."""
    lowered = name.lower()
    return any(word in lowered for word in _STRONG)
