"""Runs the engine over the artifacts of a run, then over its structure, and collects results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from scanner.core.artifact import Artifact
from scanner.core.context import Context
from scanner.core.location import Location
from scanner.core.result import Result, Suppression, order
from scanner.scanners.secrets.engine import Engine, Hit
from scanner.scanners.secrets.findings import certainty, result
from scanner.scanners.secrets.pairs import paired
from scanner.scanners.secrets.rules import SecretRule, row_of, rows_below, rules_of

if TYPE_CHECKING:
    from scanner.scanners.secrets.gitleaks_settings import Settings

SETTINGS = (".gitleaks.toml", "gitleaks.toml")
SMALL = 1_000_000
"""A run of fewer bytes is over before a faster matcher is built."""


def results(context: Context) -> list[Result]:
    """Return all findings of the run, sorted."""
    low = context.profile == "audit" or "only" in context.options
    settings = _settings(context)
    rules = [*chosen(rules_in(context.pack), context.options), *(settings.rules if settings is not None else ())]
    named = frozenset(context.options.get("rules_on") or ())  # type: ignore[call-overload]  # ids
    small = sum(len(artifact.data) for artifact in context.artifacts) < SMALL
    engine = Engine(rules, low=low or bool(named), small=small)
    marks = _marks(context)
    left_out: Any = context.options.get("not_for_secrets") or {}
    found: list[Result] = []
    for artifact in context.artifacts:
        if artifact.path not in left_out:
            found.extend(scan_artifact(engine, artifact, low=low, named=named, marks=marks))
    found.extend(structural(engine, context, found, low=low, named=named, marks=marks))
    if settings is not None and settings.lets_pass:
        texts = {artifact.path: artifact for artifact in context.artifacts}
        found = [allowed(result, settings, texts.get(result.at.path)) for result in found]
    if settings is not None and settings.budget.spent:
        message = ".gitleaks.toml: its expressions cost more than one run may; the rest was read without them"
        hint = "give its rules rarer keywords and shorter expressions"
        context.note("error", "gitleaks-settings", message, None, hint)
    return sorted(found, key=order)


def _settings(context: Context) -> Settings | None:
    """Return what a `.gitleaks.toml` at the top of the scanned root says; faults in it become notifications."""
    file = next((artifact for artifact in context.artifacts if artifact.path in SETTINGS), None)
    if file is None or context.options.get("peer_suppressions", True) is False:
        return None
    from scanner.scanners.secrets.gitleaks_settings import settings_of

    settings = settings_of(file.text)
    for fault in settings.faults:
        hint = "correct it there, or write the rule in ours (docs/secrets.md)"
        context.note("warning", "gitleaks-settings", f".gitleaks.toml: {fault}", None, hint)
    return settings


def allowed(found: Result, settings: Settings, artifact: Artifact | None) -> Result:
    """Return the result with a suppression when the allow-lists of `.gitleaks.toml` let it pass."""
    if artifact is None or found.suppressions:
        return found
    at = found.at
    start = artifact.offset(at.start_line, at.start_column)
    end = artifact.offset(at.end_line, at.end_column)
    line_start = artifact.offset(at.start_line)
    line = artifact.text[line_start:max(end, line_start + 400)].split("\n", 1)[0]
    if not settings.allows(found.controls.get("gitleaks", ()), at.path, line, artifact.text[start:end]):
        return found
    return found._replace(suppressions=(Suppression("peer", "allowed by .gitleaks.toml", ".gitleaks.toml"),))


def rules_in(pack: object) -> list[SecretRule]:
    """Return the secrets rules of a compiled pack; without one, those of the rules folder beside the package."""
    compiled = getattr(pack, "secret_rules", None)
    if compiled is not None:
        return rules_of(row_of(rule.facts, rule.secret, rule.message) for rule in compiled())
    import os

    import scanner

    home = os.path.dirname(os.path.abspath(scanner.__file__))
    for folder in (os.path.join(home, "_rules"), os.path.join(os.path.dirname(home), "rules")):
        if os.path.isdir(folder):
            return rules_of(rows_below(os.path.join(folder, "secrets")))
    return []


def chosen(rules: list[SecretRule], options: dict[str, Any]) -> list[SecretRule]:
    """Return the rules that the options leave: without those in `rules_off`, and only those in `only` when given."""
    only = options.get("only")
    off = options.get("rules_off") or frozenset()
    return [rule for rule in rules if rule.rule not in off and (only is None or rule.rule in only)]


def _marks(context: Context) -> Any:
    """Return what the ignore files of other tools say, or None when nobody asked or there are none."""
    if context.options.get("peer_suppressions", True) is False:
        return None
    from scanner.scanners.secrets.peers import marks_in

    return marks_in(context.artifacts)


def scan_artifact(
    engine: Engine, artifact: Artifact, *, low: bool, named: frozenset[str] = frozenset(), marks: Any = None,
) -> Iterator[Result]:
    """Yield the findings in one artifact.

    `low` wants those of low confidence too, `named` those of these rules; `marks` (of `peers.marks_in`) also asks for
    other tools' comments.
    """
    data, offsets_are_bytes = content(artifact)
    deep = low or bool(named)
    hits = paired(engine, engine.hits(data, artifact.path, low=deep), data)
    if deep:
        hits = merged(hits, engine.strings(data, artifact.path))
    for hit in hits:
        if not (low or hit.rule.rule in named) and certainty(hit, artifact.path) == "low":
            continue
        secret = hit.secret or data[hit.start:hit.end]
        start, end = (hit.start, hit.end) if offsets_are_bytes else points(data, hit.start, hit.end)
        found = result(hit, artifact.path, artifact.span(start, end), secret)
        if hit.beside is not None:
            first, last = hit.beside if offsets_are_bytes else points(data, *hit.beside)
            found = found._replace(related=(("its key id", artifact.span(first, last)),))
        yield suppressed(found, artifact, start, secret, marks)


def suppressed(found: Result, artifact: Artifact, start: int, secret: bytes, marks: Any) -> Result:
    """Return the result with the suppression that another tool's comment or ignore file states."""
    if marks is None:
        return found
    from scanner.scanners.secrets import peers

    said = peers.comment(artifact, start) or (None if marks.empty else peers.marked(found, secret, marks))
    return found._replace(suppressions=(said,)) if said else found


def structural(
    engine: Engine, context: Context, known: Iterable[Result], *, low: bool, named: frozenset[str], marks: Any,
) -> Iterator[Result]:
    """Yield the findings that only the inventory shows: those whose place has no finding yet."""
    if not len(context.inventory):
        return
    from scanner.scanners.secrets.structure import hits_in

    places: dict[str, list[Location]] = {}
    for finding in known:
        for at in (finding.at, *(at for _, at in finding.related)):
            places.setdefault(at.path, []).append(at)
    by_path = {artifact.path: artifact for artifact in context.artifacts}
    for hit, at, secret, subject in hits_in(engine, context.inventory, low or bool(named)):
        artifact = by_path.get(at.path)
        if artifact is None or (not (low or hit.rule.rule in named) and certainty(hit, at.path) == "low"):
            continue
        if any(overlap(at, other) for other in places.get(at.path, ())):
            continue
        places.setdefault(at.path, []).append(at)
        found = result(hit, at.path, at, secret)._replace(address=subject.address)
        start = artifact.offset(at.start_line, at.start_column)
        yield suppressed(found, artifact, start, secret, marks)


def overlap(one: Location, other: Location) -> bool:
    """Tell whether two spans of one file share a character."""
    return one[1:3] < other[3:5] and other[1:3] < one[3:5]


def content(artifact: Artifact) -> tuple[bytes, bool]:
    """Return the bytes to scan, and whether their offsets equal code points of the artifact's text."""
    data = artifact.data
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = artifact.text.encode("utf-8", "replace")
    return data, data.isascii()


def points(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Return code point offsets for byte offsets."""
    first = len(data[:start].decode("utf-8", "replace"))
    return first, first + len(data[start:end].decode("utf-8", "replace"))


def merged(hits: list[Hit], more: list[Hit]) -> list[Hit]:
    """Return both lists in order, without those of the second that overlap one of the first."""
    kept = [hit for hit in more if not any(hit.start < other.end and other.start < hit.end for other in hits)]
    return sorted([*hits, *kept], key=lambda hit: hit.start)
