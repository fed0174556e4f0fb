"""What a policy file may say, checked: profile, thresholds, rule overrides, sections by path, waivers, limits."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from scanner.core.artifact import Notification
from scanner.core.errors import UsageError
from scanner.core.location import Location
from scanner.core.rule import CONFIDENCES, PROFILES, SEVERITIES

if TYPE_CHECKING:
    from scanner.packs.reading import Document

NEVER = "never"
TOP_KEYS = (
    "policy", "extends", "profile", "block", "unknown", "incomplete", "inline-ignores", "peer-suppressions",
    "frameworks", "limits", "exclude", "rules", "paths", "waivers",
)
SECTION_KEYS = ("match", "block", "rules")
OVERRIDE_KEYS = ("severity", "parameters", "run")
WAIVER_KEYS = ("rule", "path", "address", "fingerprint", "reason", "owner", "expires")
_SIZE = r"([0-9]{1,12})\s*(B|KiB|MiB|GiB)?\Z"
_UNITS = {None: 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


class Override(NamedTuple):
    """What a policy changes about one rule; `run` None leaves it to the profile, severity "" to the rule."""

    run: bool | None = None
    severity: str = ""
    parameters: dict[str, object] = {}


class Section(NamedTuple):
    """Settings for some paths (patterns in gitignore's language); later sections win."""

    match: tuple[str, ...]
    block: dict[str, str] | None
    rules: dict[str, Override]


class Waiver(NamedTuple):
    """A finding that somebody answers for: which, why, who, until when; `at` is its entry in the policy file."""

    rule: str
    reason: str
    owner: str
    expires: date | None
    at: Location
    path: str = ""
    address: str = ""
    fingerprint: str = ""


class Policy(NamedTuple):
    """A checked policy. `block` maps each severity to the least confidence that blocks, or `never`.

    `unknown` and `incomplete` are `report` or `block`: what INSUFFICIENT_DATA results and error notifications
    mean for the gate. `file_size` is in bytes. `source` names the file, for reasons and notifications.
    """

    name: str
    source: str
    profile: str = "default"
    block: dict[str, str] = {
        "critical": "medium", "high": "medium", "medium": NEVER, "low": NEVER, "info": NEVER,
    }
    unknown: str = "report"
    incomplete: str = "block"
    inline_ignores: bool = True
    peer_suppressions: bool = True
    frameworks: tuple[str, ...] = ()
    file_size: int = 10 << 20
    exclude: tuple[str, ...] = ()
    rules: dict[str, Override] = {}
    sections: tuple[Section, ...] = ()
    waivers: tuple[Waiver, ...] = ()


BUILT_IN = {
    "default": Policy("default", "built in"),
    "strict": Policy(
        "strict", "built in", profile="strict",
        block={"critical": "low", "high": "low", "medium": "medium", "low": NEVER, "info": NEVER},
    ),
    "audit": Policy(
        "audit", "built in", profile="audit", block=dict.fromkeys(reversed(SEVERITIES), NEVER), incomplete="report",
    ),
}
"""The shipped policies; here, so that a run without a policy file reads no YAML. A test holds `policies/` equal."""


def policy_from(path: str, text: str) -> Policy:
    """Return the policy a file states; raises UsageError naming file, line, what was expected and what was found."""
    from scanner.packs.reading import Document

    return _Reader(Document(path, text)).policy()


def threshold(least: str, confidence: str = "medium") -> dict[str, str]:
    """Return the `block` table that stops at a severity and above; `never` for a gate that is always open."""
    if least == NEVER:
        return dict.fromkeys(reversed(SEVERITIES), NEVER)
    rank = SEVERITIES.index(least)
    return {name: confidence if SEVERITIES.index(name) >= rank else NEVER for name in reversed(SEVERITIES)}


def stale_names(policy: Policy, known: frozenset[str]) -> list[Notification]:
    """Return a warning for every rule that the policy names and the pack does not have."""
    named = {name: Location(policy.source, 1, 1, 1, 1) for name in policy.rules}
    named.update({name: Location(policy.source, 1, 1, 1, 1) for section in policy.sections for name in section.rules})
    named.update({waiver.rule: waiver.at for waiver in policy.waivers})
    notes = []
    for name, at in sorted(named.items()):
        if name not in known:
            import difflib

            close = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {close[0]}?" if close else "`leftgate rules list` shows all rules"
            message = f"the policy names {name}, which is no rule"
            notes.append(Notification("warning", "policy-unknown-rule", message, at, hint))
    return notes


class _Reader:
    """Checks one document, section by section."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def policy(self) -> Policy:
        """Return the whole policy."""
        body = self.document.content
        if body is None:
            body = {}
        self.mapping(body, None, body, TOP_KEYS)
        parent = BUILT_IN[self.choice(body, "extends", tuple(BUILT_IN), "default")]
        limits = self.mapping(body, "limits", body.get("limits") or {}, ("file-size",))
        return Policy(
            name=self.text(body, "policy", parent.name),
            source=self.document.path,
            profile=self.choice(body, "profile", PROFILES, parent.profile),
            block={**parent.block, **self.block(body)},
            unknown=self.choice(body, "unknown", ("report", "block"), parent.unknown),
            incomplete=self.choice(body, "incomplete", ("report", "block"), parent.incomplete),
            inline_ignores=self.truth(body, "inline-ignores", parent.inline_ignores),
            peer_suppressions=self.truth(body, "peer-suppressions", parent.peer_suppressions),
            frameworks=self.texts(body, "frameworks"),
            file_size=self.size(limits, parent.file_size),
            exclude=self.texts(body, "exclude"),
            rules=self.overrides(body),
            sections=tuple(self.section(body["paths"], at) for at, _ in enumerate(self.entries(body, "paths"))),
            waivers=tuple(self.waiver(body["waivers"], at) for at, _ in enumerate(self.entries(body, "waivers"))),
        )

    def mapping(self, container: Any, key: object, found: Any, keys: tuple[str, ...]) -> dict[str, Any]:
        """Return `found` when it is a mapping with no other keys than these."""
        if not isinstance(found, dict):
            raise self.document.fault(container, key, "a mapping with " + ", ".join(keys), found)
        for name in found:
            if name not in keys:
                raise self.unknown_key(found, name, keys)
        return found

    def unknown_key(self, container: dict[str, Any], name: str, keys: tuple[str, ...]) -> UsageError:
        """Return the error for a key that does not exist, with the nearest one that does."""
        import difflib

        close = difflib.get_close_matches(name, keys, 1)
        expected = f"{close[0]!r}" if close else "one of " + ", ".join(keys)
        return self.document.fault(container, name, expected, name)

    def entries(self, body: dict[str, Any], key: str) -> list[Any]:
        """Return a list section, empty when it is not there."""
        found = body.get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            raise self.document.fault(body, key, "a list", found)
        return found

    def text(self, body: dict[str, Any], key: str, default: str | None) -> str:
        """Return a text entry; without a default it must be there and say something."""
        found = body.get(key, default)
        if not isinstance(found, str) or (default is None and not found.strip()):
            raise self.document.fault(body, key if key in body else None, f"{key}: a text", found)
        return found

    def texts(self, body: dict[str, Any], key: str) -> tuple[str, ...]:
        """Return a list of texts; a single text counts as a list of one."""
        found = body.get(key)
        listed = [found] if isinstance(found, str) else found or []
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            raise self.document.fault(body, key, "a list of texts", found)
        return tuple(listed)

    def truth(self, body: dict[str, Any], key: str, default: bool) -> bool:
        """Return true or false."""
        found = body.get(key, default)
        if not isinstance(found, bool):
            raise self.document.fault(body, key, "true or false", found)
        return found

    def choice(self, body: dict[str, Any], key: str, choices: tuple[str, ...], default: str) -> str:
        """Return one of the choices."""
        found = body.get(key, default)
        if found not in choices:
            raise self.document.fault(body, key, "one of " + ", ".join(choices), found)
        return str(found)

    def block(self, body: dict[str, Any]) -> dict[str, str]:
        """Return the thresholds: one severity (`block: high`), or a least confidence for each severity."""
        found = body.get("block")
        if found is None:
            return {}
        if isinstance(found, str):
            if found not in (*SEVERITIES, NEVER):
                raise self.document.fault(body, "block", f"one of {', '.join(SEVERITIES)}, never, or a mapping", found)
            return threshold(found)
        self.mapping(body, "block", found, SEVERITIES)
        return {name: self.choice(found, name, (*CONFIDENCES, NEVER), NEVER) for name in found}

    def size(self, limits: dict[str, Any], default: int) -> int:
        """Return a size in bytes: a number, or text such as `20 MiB`."""
        import re

        found = limits.get("file-size", default)
        fits = re.match(_SIZE, str(found)) if isinstance(found, (int, str)) and not isinstance(found, bool) else None
        if fits is None or int(fits[1]) == 0:
            raise self.document.fault(limits, "file-size", "a size such as 20 MiB", found)
        return int(fits[1]) * _UNITS[fits[2]]

    def overrides(self, body: dict[str, Any]) -> dict[str, Override]:
        """Return what changes for single rules."""
        found = body.get("rules")
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise self.document.fault(body, "rules", "a mapping from rule to what changes", found)
        return {name: self.override(found, name) for name in found}

    def override(self, rules: dict[str, Any], name: str) -> Override:
        """Return what changes for one rule: a severity, `false` (not run), or a mapping."""
        found = rules[name]
        if found is False:
            return Override(run=False)
        if isinstance(found, str) and found in SEVERITIES:
            return Override(severity=found)
        if not isinstance(found, dict):
            raise self.document.fault(rules, name, f"false, one of {', '.join(SEVERITIES)}, or a mapping with "
                                      + ", ".join(OVERRIDE_KEYS), found)
        self.mapping(rules, name, found, OVERRIDE_KEYS)
        parameters = found.get("parameters") or {}
        if not isinstance(parameters, dict):
            raise self.document.fault(found, "parameters", "a mapping", parameters)
        severity = self.choice(found, "severity", SEVERITIES, SEVERITIES[0]) if "severity" in found else ""
        run = self.truth(found, "run", True) if "run" in found else None
        return Override(run, severity, parameters)

    def section(self, sections: list[Any], index: int) -> Section:
        """Return the settings for some paths."""
        found = self.mapping(sections, index, sections[index], SECTION_KEYS)
        match = self.texts(found, "match")
        if not match:
            raise self.document.fault(sections, index, "match: patterns of paths", found.get("match"))
        rules = self.overrides(found)
        for name, override in rules.items():
            if override.parameters:
                expected = "no parameters below paths (a rule runs once for all files)"
                raise self.document.fault(found["rules"], name, expected, "parameters")
        return Section(match, self.block(found) if "block" in found else None, rules)

    def waiver(self, waivers: list[Any], index: int) -> Waiver:
        """Return one waiver; a rule, a reason and an owner are the least it must say."""
        found = self.mapping(waivers, index, waivers[index], WAIVER_KEYS)
        line = self.document.line(waivers, index)
        for key in ("rule", "reason", "owner"):
            if key not in found:
                raise self.document.fault(waivers, index, f"{key}: in every waiver", found)
        if not any(key in found for key in ("path", "address", "fingerprint")):
            raise self.document.fault(waivers, index, "path, address or fingerprint: what the waiver is about", found)
        return Waiver(
            rule=self.text(found, "rule", None), reason=self.text(found, "reason", None),
            owner=self.text(found, "owner", None), expires=self.day(found),
            at=Location(self.document.path, line, 1, line, 1), path=self.text(found, "path", ""),
            address=self.text(found, "address", ""), fingerprint=self.text(found, "fingerprint", ""),
        )

    def day(self, waiver: dict[str, Any]) -> date | None:
        """Return when a waiver ends."""
        found = waiver.get("expires")
        if found is None:
            return None
        try:
            return date.fromisoformat(str(found))
        except ValueError:
            raise self.document.fault(waiver, "expires", "a day such as 2027-01-31", found) from None
