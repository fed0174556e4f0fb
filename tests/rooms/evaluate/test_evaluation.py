"""Suppressions, fingerprints, thresholds and the decision."""

from __future__ import annotations

from datetime import date

import pytest

from scanner.core.artifact import Artifact, Notification
from scanner.core.errors import UsageError
from scanner.core.location import Location
from scanner.core.report import EXIT_FAILED, EXIT_INCOMPLETE, EXIT_PASSED
from scanner.core.result import Result
from scanner.core.subject import PeerSuppression, Subject
from scanner.evaluate import baseline, gate, inline, peers, waivers
from scanner.evaluate.fingerprints import fingerprinted
from scanner.evaluate.paths import matches
from scanner.evaluate.policy import BUILT_IN, policy_from

TODAY = date(2026, 11, 21)
KNOWN = frozenset({"open", "plain", "weak"})


def result(rule: str = "open", line: int = 3, path: str = "t.yaml", **more: object) -> Result:
    filled: dict[str, object] = {
        "rule": rule, "category": "network", "compliance": "NON_COMPLIANT", "severity": "high", "confidence": "high",
        "message": "m", "address": "Web", "at": Location(path, line, 5, line, 9), "fingerprint": f"{rule}{line}", **more,
    }
    return Result(**filled)  # type: ignore[arg-type]


def ignored(text: str, *results: Result) -> tuple[list[Result], list[tuple[str, str]]]:
    made, notes = inline.apply(list(results), [Artifact("t.yaml", text.encode())], TODAY, lambda: KNOWN)
    return made, [(note.level, note.kind) for note in notes]


INLINE = {
    "same-line": ("a\nb\nc # leftgate: ignore[open] reason=known\n", True, []),
    "line-above": ("a\n  # leftgate: ignore[open] reason=known\nc\n", True, []),
    "line-above-behind-code": ("a\nb # leftgate: ignore[open] reason=known\nc\n", False, ["ignore-unused"]),
    "two-lines-above": ("# leftgate: ignore[open] reason=known\nb\nc\n", False, ["ignore-unused"]),
    "line-below": ("a\nb\nc\n# leftgate: ignore[open] reason=known\n", False, ["ignore-unused"]),
    "several-rules": ("a\nb\nc # leftgate: ignore[plain, open] reason=known\n", True, []),
    "another-rule": ("a\nb\nc # leftgate: ignore[plain] reason=known\n", False, ["ignore-unused"]),
    "until-today": ("a\nb\nc # leftgate: ignore[open] reason=known until=2026-11-21\n", True, []),
    "ended": ("a\nb\nc # leftgate: ignore[open] reason=known until=2026-11-20\n", False, ["ignore-expired"]),
    "no-reason": ("a\nb\nc # leftgate: ignore[open]\n", False, ["ignore-malformed"]),
    "empty-reason": ('a\nb\nc # leftgate: ignore[open] reason=""\n', False, ["ignore-malformed"]),
    "no-rule": ("a\nb\nc # leftgate: ignore reason=known\n", False, ["ignore-malformed"]),
    "bad-day": ("a\nb\nc # leftgate: ignore[open] reason=known until=tomorrow\n", False, ["ignore-malformed"]),
    "other-word": ("a\nb\nc # leftgate: disable[open] reason=known\n", False, ["ignore-malformed"]),
    "unknown-rule": ("a\nb\nc # leftgate: ignore[nope] reason=known\n", False, ["ignore-unknown-rule"]),
    "slashes": ("a\nb\nc // leftgate: ignore[open] reason=known\n", True, []),
    "block-comment": ("a\nb\nc /* leftgate: ignore[open] reason=known */\n", True, []),
    "no-comment": ("a\nb\nc leftgate: ignore[open] reason=known\n", False, []),
}


@pytest.mark.parametrize(("text", "suppressed", "kinds"), INLINE.values(), ids=INLINE)
def test_inline(text: str, suppressed: bool, kinds: list[str]) -> None:
    (made,), notes = ignored(text, result())
    assert bool(made.suppressions) is suppressed
    assert [kind for _, kind in notes] == kinds
    if suppressed:
        assert made.suppressions[0][:2] == ("inline", "known")


def test_inline_reasons_and_days() -> None:
    (made,), _ = ignored('a\nb\nc # leftgate: ignore[open] reason="it is a trap" until=2027-01-31\n', result())
    assert made.suppressions == (("inline", "it is a trap", "t.yaml:3", "2027-01-31"),)
    (made,), _ = ignored("a\nb\nc # leftgate: ignore[open] reason=it is a trap until=2027-01-31\n", result())
    assert made.suppressions[0].reason == "it is a trap"


def test_inline_at_the_header_of_the_resource() -> None:
    header = Location("t.yaml", 1, 1, 1, 4)
    (made,), _ = ignored("Web: # leftgate: ignore[open] reason=known\n  x\n  c\n", result(related=(("header", header),)))
    assert made.suppressions


def test_inline_touches_findings_only() -> None:
    (made,), _ = ignored("a\nb\nc # leftgate: ignore[open] reason=known\n", result(compliance="INSUFFICIENT_DATA"))
    assert not made.suppressions


def policy(text: str):  # type: ignore[no-untyped-def]
    return policy_from("p.yaml", text)


WAIVER = "waivers:\n  - rule: open\n    reason: r\n    owner: o\n    "
WAIVERS = {
    "path": (WAIVER + "path: infra/\n", result(path="infra/t.yaml"), True, []),
    "path-from-top": (WAIVER + "path: /repo/infra/\n", result(path="infra/t.yaml"), True, []),
    "other-path": (WAIVER + "path: app/\n", result(path="infra/t.yaml"), False, ["waiver-unused"]),
    "address": (WAIVER + "address: Web\n", result(), True, []),
    "other-address": (WAIVER + "address: Db\n", result(), False, ["waiver-unused"]),
    "address-elsewhere": (WAIVER + "address: Web\n    path: app/\n", result(), False, ["waiver-unused"]),
    "fingerprint": (WAIVER + "fingerprint: open3\n", result(), True, []),
    "other-rule": (WAIVER + "address: Web\n", result("plain"), False, ["waiver-unused"]),
    "last-day": (WAIVER + "address: Web\n    expires: 2026-11-21\n", result(), True, []),
    "ended": (WAIVER + "address: Web\n    expires: 2026-11-20\n", result(), False, ["waiver-expired"]),
}


@pytest.mark.parametrize(("text", "finding", "suppressed", "kinds"), WAIVERS.values(), ids=WAIVERS)
def test_waivers(text: str, finding: Result, suppressed: bool, kinds: list[str]) -> None:
    (made,), notes = waivers.apply([finding], policy(text), TODAY, "repo/")
    assert [found.kind for found in made.suppressions] == (["waiver"] if suppressed else [])
    assert [note.kind for note in notes] == kinds
    assert all(note.at and note.at.path == "p.yaml" for note in notes)


def test_baseline_goes_round() -> None:
    findings = [result("open"), result("plain", 9), result("weak", compliance="COMPLIANT")]
    data = baseline.written(findings, "repo/")
    assert data.decode().splitlines() == [
        '{"path": "repo/t.yaml", "rule": "open", "address": "Web", "fingerprint": "open3"}',
        '{"path": "repo/t.yaml", "rule": "plain", "address": "Web", "fingerprint": "plain9"}',
    ]
    entries = baseline.read("b.jsonl", data.decode())
    made, notes = baseline.apply([findings[0], result("plain", 10)], entries, "b.jsonl")
    assert [[found.source for found in one.suppressions] for one in made] == [["b.jsonl:1"], []]
    assert [(note.kind, note.at and note.at.start_line) for note in notes] == [("baseline-outdated", 2)]


@pytest.mark.parametrize("text", ["nonsense\n", "[]\n", '{"rule": "x"}\n', "[" * 5000])
def test_a_broken_baseline_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match=r"b\.jsonl:2: expected"):
        baseline.read("b.jsonl", '{"fingerprint": "a"}\n' + text)


def test_peer_marks_count_through_controls() -> None:
    subject = Subject("AWS::S3::Bucket", "Web", Location("t.yaml", 1, 1, 1, 4))
    subject.peer_suppressions = (PeerSuppression("checkov", "CKV_AWS_20", "public site", Location("t.yaml", 2, 1, 2, 9)),)
    marks = peers.marks_of([subject])
    controls = {"checkov": ("CKV_AWS_20",)}
    cases = [result(controls=controls), result(), result(controls=controls, address="Db"), result(controls={"cfn-nag": ("CKV_AWS_20",)})]
    made = peers.apply(cases, marks, TODAY)
    assert peers.apply(cases, marks, TODAY, others=False) == cases
    assert [[found.kind for found in one.suppressions] for one in made] == [["peer"], [], [], []]
    assert made[0].suppressions[0].source == "t.yaml:2 (checkov CKV_AWS_20)"


OWN = {
    "reason": ("known", True), "until-today": ("known until=2026-11-21", True), "ended": ("known until=2026-11-20", False),
    "no-reason": ("", False), "no-day": ("known until=soon", False),
}


@pytest.mark.parametrize(("reason", "suppressed"), OWN.values(), ids=OWN)
def test_own_marks_in_metadata(reason: str, suppressed: bool) -> None:
    subject = Subject("AWS::S3::Bucket", "Web", Location("t.yaml", 1, 1, 1, 4))
    subject.peer_suppressions = (PeerSuppression("leftgate", "open", reason, Location("t.yaml", 2, 1, 2, 9)),)
    cases = [result(), result("plain")]
    made = peers.apply(cases, peers.marks_of([subject]), TODAY)
    assert [[found[:2] for found in one.suppressions] for one in made] == [[("inline", "known")] if suppressed else [], []]
    assert peers.apply(cases, peers.marks_of([subject]), TODAY, own=False) == cases


TEXTS = {"t.yaml": "a\nb\n    CidrIp:   0.0.0.0/0\n", "moved.yaml": "new\nnew\na\nb\n    CidrIp: 0.0.0.0/0\n"}


def prints(*results: Result, texts: dict[str, str] = TEXTS, prefix: str = "") -> list[str]:
    return [one.fingerprint for one in fingerprinted(results, texts.get, prefix)]


def spanning(path: str, line: int, end: int, **more: object) -> Result:
    return result(path=path, at=Location(path, line, 5, line, end), **more)


def test_fingerprints_survive_moves_and_blanks() -> None:
    before = prints(spanning("t.yaml", 3, 24))
    after = prints(spanning("t.yaml", 5, 22), texts={"t.yaml": TEXTS["moved.yaml"]})
    assert before == after
    assert len(before[0]) == 32


def test_fingerprints_tell_findings_apart() -> None:
    base = spanning("t.yaml", 3, 24)
    others = [
        base, base, base._replace(rule="plain"), base._replace(address="Db"), base._replace(environment="prod"),
        base._replace(at=Location("t.yaml", 1, 1, 1, 2)), base._replace(at=Location("u.yaml", 3, 5, 3, 24)),
    ]
    assert len(set(prints(*others))) == len(others)


def test_fingerprints_count_from_the_top_of_the_repository() -> None:
    inner = spanning("t.yaml", 3, 24, address="t.yaml")
    outer = spanning("infra/t.yaml", 3, 24, address="infra/t.yaml")
    assert prints(inner, prefix="infra/") == prints(outer, texts={"infra/t.yaml": TEXTS["t.yaml"]})


def test_fingerprints_notice_another_secret() -> None:
    made = {
        prints(result(category="secrets", at=Location("t.yaml", 1, 1, 1, 9)), texts={"t.yaml": secret})[0]
        for secret in ("password", "passw0rd", "hunter2hunter2", "letmein!")
    }
    assert len(made) == 4


def test_a_secret_adds_twelve_bits_to_its_fingerprint_and_no_more() -> None:
    """Somebody who guesses secrets from a baseline is right about one in 4,096 guesses for the wrong reason."""
    from scanner.evaluate.fingerprints import _context

    made = {
        _context(result(category="secrets", at=Location("t.yaml", 1, 1, 1, 9)), {"t.yaml": f"{n:08d}"}.get, {})
        for n in range(20_000)
    }
    assert {len(one) for one in made} == {3}
    assert 3_900 < len(made) <= 4_096


PATTERNS = [
    ("a.tf", "x/a.tf", True), ("/a.tf", "x/a.tf", False), ("x/", "x/a.tf", True), ("x", "x/a.tf", True), ("x/*.tf", "x/a.tf", True),
    ("x/*.tf", "x/y/a.tf", False), ("x/**/*.tf", "x/y/a.tf", True), ("**", "a", True), ("./x/", "x/a", True), ("x/", "xy/a", False),
    ("*.TF", "a.tf", False), ("(", "(", True), ("[z-a]", "z", False), ("[ab].tf", "x/b.tf", True),
]


@pytest.mark.parametrize(("pattern", "path", "covered"), PATTERNS)
def test_path_patterns(pattern: str, path: str, covered: bool) -> None:
    assert matches(pattern, path) is covered


def decided(*results: Result, text: str = "", notes: tuple[Notification, ...] = (), artifacts: int = 1, empty: bool = False) -> tuple[str, int, tuple[str, ...]]:
    used = policy(text) if text else BUILT_IN["default"]
    changed = gate.overridden(results, used)
    decision, _ = gate.decide(changed, notes, used, artifacts=artifacts, may_be_empty=empty)
    return decision


ERROR = (Notification("error", "yaml-syntax", "m"),)
UNKNOWN = result(compliance="INSUFFICIENT_DATA")
SUPPRESSED = result(suppressions=(("waiver", "r", "s", ""),))
DECISIONS = {
    "nothing": ((), {}, EXIT_PASSED),
    "high": ((result(),), {}, EXIT_FAILED),
    "high-of-low-confidence": ((result(confidence="low"),), {}, EXIT_PASSED),
    "medium": ((result(severity="medium"),), {}, EXIT_PASSED),
    "medium-and-strict": ((result(severity="medium"),), {"text": "extends: strict\n"}, EXIT_FAILED),
    "suppressed": ((SUPPRESSED,), {}, EXIT_PASSED),
    "unknown": ((UNKNOWN,), {}, EXIT_PASSED),
    "unknown-that-blocks": ((UNKNOWN,), {"text": "unknown: block\n"}, EXIT_FAILED),
    "incomplete": ((), {"notes": ERROR}, EXIT_INCOMPLETE),
    "incomplete-and-findings": ((result(),), {"notes": ERROR}, EXIT_FAILED),
    "incomplete-allowed": ((), {"notes": ERROR, "text": "incomplete: report\n"}, EXIT_PASSED),
    "warnings": ((), {"notes": (Notification("warning", "x", "m"),)}, EXIT_PASSED),
    "no-file": ((), {"artifacts": 0}, EXIT_INCOMPLETE),
    "no-file-in-a-hook": ((), {"artifacts": 0, "empty": True}, EXIT_PASSED),
    "rule-off": ((result(),), {"text": "rules: {open: false}\n"}, EXIT_PASSED),
    "severity-lowered": ((result(),), {"text": "rules: {open: low}\n"}, EXIT_PASSED),
    "section-opens": ((result(),), {"text": "paths:\n  - {match: t.yaml, block: never}\n"}, EXIT_PASSED),
    "section-elsewhere": ((result(),), {"text": "paths:\n  - {match: u.yaml, block: never}\n"}, EXIT_FAILED),
    "section-closes": ((result(severity="low"),), {"text": "paths:\n  - {match: '*.yaml', block: low}\n"}, EXIT_FAILED),
    "section-severity": ((result(severity="low"),), {"text": "paths:\n  - {match: t.yaml, rules: {open: critical}}\n"}, EXIT_FAILED),
    "later-section-wins": (
        (result(),), {"text": "paths:\n  - {match: '*.yaml', block: never}\n  - {match: t.yaml, block: high}\n"}, EXIT_FAILED),
}


@pytest.mark.parametrize(("results", "more", "status"), DECISIONS.values(), ids=DECISIONS)
def test_decisions(results: tuple[Result, ...], more: dict[str, object], status: int) -> None:
    outcome, found, reasons = decided(*results, **more)  # type: ignore[arg-type]
    assert found == status
    assert outcome == {EXIT_PASSED: "PASSED", EXIT_FAILED: "FAILED", EXIT_INCOMPLETE: "INCOMPLETE"}[status]
    assert reasons
    assert all(reasons)


def test_reasons_are_words() -> None:
    _, _, reasons = decided(result(), result(severity="critical"), result(), notes=ERROR)
    assert reasons == (
        "1 critical and 2 high findings are over the threshold of policy default (blocks critical, high from medium confidence)",
        "1 thing could not be looked at (yaml-syntax)",
    )
