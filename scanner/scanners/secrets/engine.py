"""One pass over one file's bytes: literals, then each rule's regex where its literal stands, then checks."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from scanner.core.patterns import Pattern
from scanner.scanners.secrets.anchors import finder
from scanner.scanners.secrets.assignments import Assigned, assigned, compared, defaulted
from scanner.scanners.secrets.checks import CHECKS, entropy
from scanner.scanners.secrets.encoded import blob_around
from scanner.scanners.secrets.encoded import literals as encoded_literals
from scanner.scanners.secrets.names import KEYWORDS, describes, strong, words_of
from scanner.scanners.secrets.placeholders import word_set
from scanner.scanners.secrets.rules import BOUNDARIES, WINDOW, WORD, Line, SecretRule
from scanner.scanners.secrets.values import LITERAL, RANDOM, judge, strength_of_token

CONFIG = Pattern(
    r"(?i)(?:\.(?:ya?ml|conf|cfg|cnf|ini|properties|env|toml|tfvars|editorconfig|npmrc|pypirc|netrc|service|config)"
    r"|(?:^|/)\.env[\w.-]*|(?:^|/)(?:credentials|config))\Z"
)
"""Files in which a bare value is a literal."""
BARE_LITERALS = Pattern(r"\.go\Z")
DOUBLE_QUOTES_ONLY = Pattern(r"(?i)\.(?:c|h|cc|cpp|cxx|hpp|hh|m|mm|cs)\Z")
STRUCTURED = Pattern(
    r"(?i)\.(?:ya?ml|json|conf|cfg|cnf|ini|properties|env|toml|tf|tfvars|hcl|xml|config|plist|tfstate|dockerfile)\Z"
    r"|(?:^|/)\.env[\w.-]*\Z|(?:^|/)Dockerfile[^/]*\Z"
)
"""Files that hold settings: a literal password there is one, however weak it looks."""
TESTS = Pattern(
    r"(?i)(?:^|/)(?:tests?|testing|testdata|test[_-]data|__tests__|specs?|fixtures?|examples?|samples?|mocks?|docs?|e2e"
    r"|testutils?|demos?)/|(?:^|/)(?:test_[^/]*|[^/]*[_.-](?:test|spec)\.\w+|conftest\.py|examples?-[^/]*)\Z"
)
"""Paths in which a finding is one step less certain."""

RANDOM_RULE, LITERAL_RULE, STRING_RULE = "random-value-in-secret-name", "password-in-clear", "high-entropy-string"
ADDRESS_RULE = "public-ip-address"


MOST_NAMES = 20_000


class Hit(NamedTuple):
    """A secret in bytes: `start` and `end` are byte offsets of the secret itself.

    `rank` decides between overlapping hits (higher wins): 4 pair, 3 token format, 2 format by name, 1 keyword,
    0 entropy. `note` is for the message and never holds the secret. `secret` is set when the secret is not what
    stands at the offsets (it was decoded). `beside` are the offsets of the other half of a pair.
    """

    rule: SecretRule
    start: int
    end: int
    confidence: str
    rank: int
    note: str = ""
    name: str = ""
    secret: bytes = b""
    beside: tuple[int, int] | None = None


class Engine:
    """The rules of a pack, ready to scan; make one a run."""

    def __init__(
        self, rules: list[SecretRule], engine: str = "", *, low: bool = True, small: bool = False,
    ) -> None:
        """Take the rules; `engine` and `small` as in `anchors.finder`; without `low`, never certain rules stay out."""
        rules = rules if low else [rule for rule in rules if rule.certain or rule.rule == LITERAL_RULE]
        table: dict[bytes, tuple[list[SecretRule], list[SecretRule], list[int]]] = {}
        for rule in rules:
            for literal in rule.anchors:
                table.setdefault(literal.encode(), ([], [], []))[0].append(rule)
            for literal in rule.named:
                table.setdefault(literal.encode(), ([], [], []))[1].append(rule)
        self.by_name = {rule.rule: rule for rule in rules}
        self._described: dict[str, bool] = {}
        self._everywhere = [rule for rule in rules if rule.shape == "everywhere"]
        self._random = self.by_name.get(RANDOM_RULE)
        self._literal = self.by_name.get(LITERAL_RULE)
        self._string = self.by_name.get(STRING_RULE)
        self._address = self.by_name.get(ADDRESS_RULE)
        if self._random or self._literal:
            for keyword, trim in KEYWORDS:
                table.setdefault(keyword.encode(), ([], [], []))[2].append(trim)
        self.encoded = encoded_literals()
        for spelled in self.encoded:
            table.setdefault(spelled, ([], [], []))
        literals = list(table)
        self.jobs = [(*work, self.encoded.get(literal, b""), _bounded(work)) for literal, work in table.items()]
        """What to do at each literal: format rules, rules by name, keyword trims, exact base64 spelling, and whether
        all formats begin with the literal at the start of a word."""
        self.find = finder(literals, engine, small=small)

    def hits(self, data: bytes, path: str, *, low: bool = True, decode: bool = True) -> list[Hit]:
        """Return the hits in one file in order, the best ones where some overlap.

        `low` also wants the uncertain ones; `decode` looks into base64, one level deep.
        """
        return best(_Pass(self, data, path, low, decode).run())

    def strings(self, data: bytes, path: str) -> list[Hit]:
        """Return high-entropy values and token shapes without a literal; slower, for profile audit."""
        from scanner.scanners.secrets.strings import public_addresses, random_strings

        shaped: list[Hit] = []
        for rule in self._everywhere:
            for match in rule.regex.finditer(data):
                text = match.group()
                if not rule.entropy or (text.translate(None, b"0123456789") != text and entropy(text) >= rule.entropy):
                    shaped.append(Hit(rule, match.start(), match.end(), "low", 1))
        found = random_strings(self._string, data, path) if self._string else []
        more = public_addresses(self._address, data) if self._address else []
        return best([*shaped, *found, *more])

    def describes(self, name: str) -> bool:
        """Answer `names.describes`, once for each name."""
        known = self._described.get(name)
        if known is None:
            if len(self._described) > MOST_NAMES:
                self._described.clear()
            known = self._described[name] = describes(name)
        return known

    @property
    def keyword_rules(self) -> tuple[SecretRule | None, SecretRule | None]:
        """Return the rules for random and for literal values."""
        return self._random, self._literal


def _bounded(work: tuple[list[SecretRule], list[SecretRule], list[int]]) -> bool:
    """Tell whether all format rules of a literal begin with it, at the start of a word."""
    return all(rule.boundary in ("word", "left") and not (rule.led or rule.shape or rule.line) for rule in work[0])


class _Pass:
    """The state of one pass over one file."""

    def __init__(self, engine: Engine, data: bytes, path: str, low: bool, decode: bool) -> None:
        self.engine = engine
        self.data = data
        self.path = path
        self.low = low
        self.decode = decode
        self.decoded_to = 0
        self.config = CONFIG.search(path) is not None
        self.bare = self.config or BARE_LITERALS.search(path) is not None
        self.structured = STRUCTURED.search(path) is not None
        self.double_only = DOUBLE_QUOTES_ONLY.search(path) is not None
        self.by_file: dict[str, bool] = {}
        self.found: list[Hit] = []
        self.seen: set[tuple[int, str]] = set()
        self.lines: set[tuple[int, str]] = set()

    def run(self) -> list[Hit]:
        engine = self.engine
        data = self.data
        jobs = engine.jobs
        for index, start, end in engine.find(data.lower()):
            formats, named, trims, spelling, bounded = jobs[index]
            if formats and not (
                bounded and start and data[start - 1] in WORD and not _free_before(data, start, "word")
            ):
                for rule in formats:
                    self.format(rule, start, end)
            if trims:
                self.keyword(start, end - trims[0], named)
            elif named and begins_word(data, start, end):
                value = assigned(data, start, end, self.bare)
                if value is not None:
                    self.by_name(value, named)
            if spelling and self.decode and start >= self.decoded_to and data[start:end] == spelling:
                self.inside(start, end)
        return self.found

    def inside(self, start: int, end: int) -> None:
        """Scan what the base64 around a telling spelling decodes to; its findings stand where the blob stands."""
        blob = blob_around(self.data, start, end)
        self.decoded_to = end
        if blob is None:
            return
        first, last, decoded = blob
        self.decoded_to = last
        shape = ".json" if decoded.lstrip()[:1] in (b"{", b"[") else ".env"
        for hit in self.engine.hits(decoded, self.path + shape, low=self.low, decode=False):
            note = "; ".join(text for text in (hit.note, "inside base64") if text)
            self.found.append(hit._replace(start=first, end=last, note=note, secret=decoded[hit.start:hit.end]))

    def format(self, rule: SecretRule, start: int, end: int) -> None:
        """Match a token format at its literal."""
        data = self.data
        if rule.some_files and not self.applies(rule):
            return
        if rule.line is not None:
            self.in_line(rule, rule.line, start)
            return
        bounded = rule.boundary != "none"
        if rule.lead:
            match = self.led(rule, start)
        elif bounded and not _free_before(data, start, rule.boundary):
            return
        else:
            match = rule.regex.match(data, start, start + WINDOW)
        if match is None or (bounded and not _free_after(data, match.end(), rule.boundary)):
            return
        if rule.near and not _near(data, match.start(), rule):
            return
        first, last = match.span(rule.group if rule.group >= 0 else match.lastindex or 0)
        self.token(rule, first, last, 3)

    def in_line(self, rule: SecretRule, pattern: Line, start: int) -> None:
        """Search a rule of another tool in the line of its keyword, once a line, in at most 1,000 bytes."""
        data = self.data
        first = max(start - 500, 0)
        begin = max(data.rfind(b"\n", first, start) + 1, first)
        if (begin, rule.rule) in self.lines:
            return
        self.lines.add((begin, rule.rule))
        last = min(start + 500, len(data))
        stop = data.find(b"\n", start, last)
        found = pattern.span(data, begin, stop if stop >= 0 else last)
        if found is not None:
            self.token(rule, *found, 3)

    def led(self, rule: SecretRule, start: int) -> re.Match[bytes] | None:
        """Match a format whose literal stands inside the token: try each start that its lead characters allow."""
        data = self.data
        window = data[max(0, start - rule.lead_most):start]
        begin = start - len(window) + len(window.rstrip(rule.lead))
        for at in range(begin, start + 1):
            if rule.boundary == "none" or _free_before(data, at, rule.boundary):
                match = rule.regex.match(data, at, start + WINDOW)
                if match is not None and match.end() > start:
                    return match
        return None

    def applies(self, rule: SecretRule) -> bool:
        """Tell whether the rule looks at files of this path."""
        known = self.by_file.get(rule.rule)
        if known is None:
            known = self.by_file[rule.rule] = rule.applies(self.path)
        return known

    def token(self, rule: SecretRule, start: int, end: int, rank: int, name: str = "") -> None:
        """Hold a candidate against its rule's checks and keep it."""
        if (start, rule.rule) in self.seen or (rule.some_files and not self.applies(rule)):
            return
        self.seen.add((start, rule.rule))
        text = self.data[start:end].decode("latin-1")
        if not rule.trusted and not strength_of_token(text):
            if not (rule.named and text.endswith("EXAMPLEKEY")):
                return
            confidence, note = "low", "an example key from documentation"
        else:
            confidence, note = rule.confidence, ""
        if rule.entropy and entropy(text) < rule.entropy:
            return
        for name_of_check in rule.checks:
            proof = CHECKS[name_of_check](text)
            if proof is True:
                confidence = "high" if confidence != "low" or rule.confidence == "low" else confidence
            elif proof is False:
                if name_of_check not in ("crc32-base62",):
                    return
                confidence, note = "low", "its checksum does not fit"
        self.found.append(Hit(rule, start, end, confidence, rank, note, name))

    def by_name(self, value: Assigned, rules: list[SecretRule]) -> None:
        """Hold an assigned value against the formats of the vendor that its name mentions."""
        data = self.data[value.start:value.end]
        for rule in rules:
            if rule.shape == "any-name" or not _about_only(value.name, rule):
                match = rule.regex.fullmatch(data)
                literal = value.form != "bare" or rule.trusted or data.translate(None, b"0123456789") != data
                if match is not None and literal:
                    first, last = match.span(rule.group)
                    self.token(rule, value.start + first, value.start + last, 2, value.name)

    def keyword(self, start: int, end: int, named: list[SecretRule]) -> None:
        """Judge a value that is assigned to, or compared with, a secret's name."""
        value = assigned(self.data, start, end, self.bare) or compared(self.data, start, end)
        if value is None and self.structured:
            value = defaulted(self.data, start, end)
        if value is None:
            return
        if named:
            self.by_name(value, named)
        if (value.start, "") in self.seen:
            return
        self.seen.add((value.start, ""))
        if self.engine.describes(value.name) or (self.double_only and self.data[value.start - 1:value.start] == b"'"):
            return
        text = self.data[value.start:value.end].decode("utf-8", "replace")
        verdict = judge(text, value.form, value.operator)
        random_rule, literal_rule = self.engine.keyword_rules
        if verdict == RANDOM and random_rule is not None:
            confidence = "medium" if value.operator not in ("==", "===", "!=", "!==") else "low"
            self.found.append(Hit(random_rule, value.start, value.end, confidence, 1, "", value.name))
        elif verdict == LITERAL and literal_rule is not None:
            confidence = self.certainty(value, text)
            if confidence != "low" or self.low:
                self.found.append(Hit(literal_rule, value.start, value.end, confidence, 1, "", value.name))

    def certainty(self, value: Assigned, text: str) -> str:
        """Return how sure it is that a literal that does not look random is a secret in use."""
        plain = self.structured and strong(value.name) and value.operator in ("=", ":", ">")
        settled = plain or "value" in value.operator.lower()
        unlike_words = any(c.isdigit() or c in "!@#$%^&*+?~|" for c in text)
        mixed = unlike_words and any(c.isalpha() for c in text) and " " not in text
        if settled and mixed and 6 <= len(text) <= 80 and value.form in ("quoted", "line", "element"):
            return "medium"
        return "low"


def _free_before(data: bytes, start: int, boundary: str) -> bool:
    """Tell whether a token may begin at `start`: no letter before it, unless that letter ends an escape."""
    if start == 0 or data[start - 1] not in BOUNDARIES[boundary]:
        return True
    before = data[start - 1]
    if data[start - 2:start - 1] == b"\\" and before in b"nrtbf":
        return True
    if data[start - 3:start - 2] == b"%" and before in b"0123456789ABCDEFabcdef":
        return True
    return boundary == "bot" and data[start - 3:start] == b"bot"


def _free_after(data: bytes, end: int, boundary: str) -> bool:
    return boundary == "left" or end >= len(data) or data[end] not in BOUNDARIES[boundary]


def begins_word(data: bytes, start: int, end: int) -> bool:
    """Tell whether a vendor's name at these offsets is a word of the identifier, not a part of one (`rookTable`)."""
    before, first = data[start - 1:start], data[start:start + 1]
    if before.isalpha() and not (before.islower() and first.isupper()):
        return False
    last, after = data[end - 1:end], data[end:end + 1]
    return not (last.isupper() and after.islower() and data[end - 2:end - 1].islower())


def _near(data: bytes, start: int, rule: SecretRule) -> bool:
    lowered = data[max(0, start - rule.near_most):start + rule.near_most].lower()
    return any(text in lowered for text in rule.near)


def _about_only(name: str, rule: SecretRule) -> bool:
    """Tell whether the name speaks of something that is no token of the vendor (`adobe_url`, `linear_gradient_id`)."""
    words = words_of(name)
    return bool(words) and words[-1] in _NOT_A_TOKEN


_NOT_A_TOKEN = word_set(
    """
    url uri path file hash digest checksum sha sha256 sha1 md5 version image commit revision ref etag name title
    """
)


def best(hits: list[Hit]) -> list[Hit]:
    """Keep of overlapping hits the most specific, then the more certain, then the longer one."""
    certain = {"high": 2, "medium": 1, "low": 0}
    ordered = sorted(
        hits, key=lambda hit: (-hit.rank, -certain[hit.confidence], hit.start - hit.end, hit.start, hit.rule.rule)
    )
    kept: list[Hit] = []
    starts: list[int] = []
    ends: list[int] = []
    for hit in ordered:
        # what is kept does not overlap, so only the neighbours can be in the way
        index = bisect_right(starts, hit.start)
        if (index and ends[index - 1] > hit.start) or (index < len(starts) and starts[index] < hit.end):
            continue
        starts.insert(index, hit.start)
        ends.insert(index, hit.end)
        kept.append(hit)
    return sorted(kept, key=lambda hit: (hit.start, hit.rule.rule))
