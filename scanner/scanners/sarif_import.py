"""Takes the results of other tools from SARIF 2.1.0 files, so that one policy decides about all of them.

The files are read by the flow; here they are untrusted text: bounded, checked value by value, and nothing that they
name is opened. Facts: SARIF 2.1.0 (OASIS), sections 3.14 (run), 3.27 (result), 3.35 (suppression).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scanner.core.artifact import Artifact
from scanner.core.context import Context
from scanner.core.location import Location
from scanner.core.result import (
    COMPLIANT,
    INSUFFICIENT_DATA,
    NON_COMPLIANT,
    NOT_APPLICABLE,
    Result,
    Suppression,
    order,
)
from scanner.core.rule import CATEGORIES, CONFIDENCES, SEVERITIES
from scanner.scanners.sarif_values import Json, entries, mapping, number, plain, text, uri_path

MOST_RUNS = 100
MOST_RESULTS = 50_000
MOST_RELATED = 12
ELSEWHERE, EXCLUDED, UNASKED = (
    "outside of the scanned folder", "in files that are excluded", "in files that this run does not look at",
)
ASTRAY = "at paths that lead to no file of the repository"
ASTRAY_HINT = "run that tool at the top of the repository, or let it write relative paths"
HINT = "write the file again with the tool it comes from, or leave it out"
COMPLIANCE = {
    "fail": NON_COMPLIANT, "pass": COMPLIANT, "notApplicable": NOT_APPLICABLE, "open": INSUFFICIENT_DATA,
    "review": INSUFFICIENT_DATA, "informational": NOT_APPLICABLE,
}
LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": "info"}
SCORES = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"), (0.0, "info"))
"""Least `security-severity` of each severity, as GitHub reads it."""
PRECISIONS = {"very-high": "high", "high": "high", "medium": "medium", "low": "low"}
SECRET_WORDS = re.compile(r"secret|credential|gitleaks|trufflehog", re.I)


def scan(context: Context) -> Iterable[Result]:
    """Return the results in the files of the option `sarif`: (name as the user gave it, text) pairs.

    Further options: `prefix` leads from the top of the repository to the scanned root, `root` is its folder,
    `excluded(path)` tells whether the run's settings leave a path out, `only_artifacts` that results in files which are
    not the run's do not count. A file that is no SARIF, or that tells of a run that failed, is an error notification:
    our run is then incomplete.
    """
    files = context.options.get("sarif")
    if not isinstance(files, (list, tuple)) or not files:
        message = "the scanner sarif-import has no file to read"
        context.note("error", "scanner-missing", message, None, "add --sarif FILE")
        return []
    found: list[Result] = []
    for name, content in files:
        runs = _runs(context, str(name), str(content))
        for place, run in enumerate(runs, 1):
            found.extend(_Run(context, str(name), place, run).results(MOST_RESULTS - len(found)))
    return sorted(found, key=order)


def _runs(context: Context, name: str, content: str) -> list[Json]:
    """Return the runs of a file; a file without any is noted."""
    import json

    problem = ""
    log: object = None
    try:
        log = json.loads(content)
    except json.JSONDecodeError as fault:
        problem = f"is not JSON: {fault.msg} (line {fault.lineno})"
    except (ValueError, RecursionError):
        problem = "holds numbers or nesting beyond what we read"
    version = mapping(log).get("version")
    runs = entries(mapping(log).get("runs"))
    if not problem and version != "2.1.0":
        problem = f"is not SARIF 2.1.0: its version is {plain(version, 40) if version is not None else 'missing'}"
    elif not problem and not runs:
        problem = "holds no run"
    elif len(runs) > MOST_RUNS:
        problem = f"holds more than {MOST_RUNS} runs"
    if problem:
        context.note("error", "sarif-unusable", f"{name} {problem}", None, HINT)
        return []
    return [mapping(run) for run in runs]


class _Run:
    """One run of a log: what its tool is called, its rules, and what its paths are relative to."""

    def __init__(self, context: Context, file: str, place: int, run: Json) -> None:
        self._context, self._run = context, run
        self._name, self._file = f"{file}, run {place}", file.replace("\\", "/").rpartition("/")[2]
        tool = mapping(run.get("tool"))
        components = [mapping(tool.get("driver")), *map(mapping, entries(tool.get("extensions")))]
        self._tool = plain(components[0].get("name") or "unknown", 60)
        self._family = _kebab(self._tool) or "unknown"
        self._rules = [list(map(mapping, entries(component.get("rules")))) for component in components]
        self._by_id: dict[str, Json] = {}
        for rule in (rule for rules in self._rules for rule in rules):
            self._by_id.setdefault(text(rule.get("id")), rule)
        self._characters = run.get("columnKind") == "unicodeCodePoints"
        self._artifacts = {artifact.path: artifact for artifact in context.artifacts}
        self._honoured = context.options.get("peer_suppressions") is not False
        self._left_out: dict[str, int] = {}

    def results(self, most: int) -> Iterator[Result]:
        """Yield the results, at most so many; what is left out, and why, is noted."""
        listed = self._run.get("results")
        if not isinstance(listed, list):
            self._note("error", "sarif-unusable", "has no list of results: the tool did not get so far", HINT)
            return
        if self._run.get("externalPropertyFileReferences"):
            self._note("error", "sarif-unusable", "keeps parts in other files, which are not read", HINT)
        if any(mapping(one).get("executionSuccessful") is False for one in entries(self._run.get("invocations"))):
            self._note("error", "sarif-run-failed", f"says that {self._tool} did not succeed",
                       "look at what that tool could not do, and run it again")
        if len(listed) > most:
            self._note("error", "too-many-results", f"has {len(listed):,} results; {most:,} were read",
                       f"keep the files below {MOST_RESULTS:,} results in all")
        for item in listed[: max(0, most)]:
            made = self._result(mapping(item))
            if made is not None and (self._context.all_results or made.compliance not in (COMPLIANT, NOT_APPLICABLE)):
                yield made
        for reason, count in sorted(self._left_out.items()):
            level, hint = ("error", ASTRAY_HINT) if reason == ASTRAY else ("warning", "")
            self._note(level, "sarif-left-out", f"has {count:,} results {reason}; they were left out", hint)

    def _note(self, level: str, kind: str, message: str, hint: str) -> None:
        self._context.note(level, kind, f"{self._name} {message}", None, hint)

    def _result(self, item: Json) -> Result | None:
        """Return one result, or None for one that does not concern this run."""
        if item.get("baselineState") == "absent":
            return None
        identifier, rule = self._rule(item)
        locations = [mapping(place) for place in entries(item.get("locations"))]
        at = self._location(locations[0] if locations else {})
        if isinstance(at, str):
            self._left_out[at] = self._left_out.get(at, 0) + 1
            return None
        properties = mapping(item.get("properties"))
        rule_properties = mapping(rule.get("properties"))
        logical = mapping(next(iter(entries((locations[0] if locations else {}).get("logicalLocations"))), {}))
        address = plain(logical.get("fullyQualifiedName") or logical.get("name") or at.path, 300)
        return Result(
            rule=f"sarif-{self._family}-{_kebab(identifier) or 'unnamed'}",
            category=self._category(identifier, rule_properties),
            compliance=COMPLIANCE.get(text(item.get("kind")), NON_COMPLIANT),
            severity=_severity(item, properties, rule, rule_properties),
            confidence=_confidence(properties, rule_properties),
            message=f"{self._message(item, rule) or identifier} ({self._tool} {identifier})",
            address=address, at=at, related=tuple(self._related(item)), controls={self._family: (identifier,)},
            scanner="sarif-import", suppressions=self._suppressions(item),
        )

    def _rule(self, item: Json) -> tuple[str, Json]:
        """Return the id of a result's rule, and what the tool says about that rule (3.27.5 to 3.27.7)."""
        reference = mapping(item.get("rule"))
        component = number(mapping(reference.get("toolComponent")).get("index"), -1) + 1
        index = number(item.get("ruleIndex"), number(reference.get("index"), -1))
        identifier = text(item.get("ruleId")) or text(reference.get("id"))
        rules = self._rules[component] if component < len(self._rules) else []
        rule = rules[index] if 0 <= index < len(rules) else {}
        if identifier and text(rule.get("id")) not in ("", identifier, identifier.rpartition("/")[0]):
            rule = {}  # a tool that miscounts: the id is what it means
        rule = rule or self._by_id.get(identifier) or self._by_id.get(identifier.rpartition("/")[0]) or {}
        return plain(identifier or text(rule.get("id")) or "unnamed", 200), rule

    def _message(self, item: Json, rule: Json) -> str:
        """Return the message in one line: its own text, or the rule's with its arguments put in (3.11)."""
        message = mapping(item.get("message"))
        said = text(message.get("text"))
        if not said:
            strings = mapping(rule.get("messageStrings"))
            said = text(mapping(strings.get(text(message.get("id")))).get("text"))
        arguments = [text(each) for each in entries(message.get("arguments"))[:20]]
        for at, argument in enumerate(arguments):
            said = said[:4000].replace(f"{{{at}}}", argument[:500])
        said = said or text(mapping(rule.get("shortDescription")).get("text"))
        return plain(re.sub(r"\[([^\[\]]{0,500})\]\(\d{1,9}\)", r"\1", said[:4000]), 1000)

    def _category(self, identifier: str, properties: Json) -> str:
        """Return what kind of fault a rule is about; a secret's place is then masked in reports."""
        tags = [text(tag).lower() for tag in entries(properties.get("tags"))]
        found = next((tag for tag in tags if tag in CATEGORIES), "")
        if SECRET_WORDS.search(self._tool) or SECRET_WORDS.search(identifier) or "secret" in tags:
            return found or "secrets"
        return found or "code"

    def _location(self, location: Json) -> Location | str:
        """Return a place in the scanned root, or why it is left out; a result without a file stands at its log."""
        physical = mapping(location.get("physicalLocation"))
        artifact_location = mapping(physical.get("artifactLocation"))
        index = number(artifact_location.get("index"), -1)
        listed = entries(self._run.get("artifacts"))
        if not artifact_location.get("uri") and 0 <= index < len(listed):
            artifact_location = mapping(mapping(listed[index]).get("location"))
        if not artifact_location.get("uri"):
            return Location(self._file, 1, 1, 1, 1)
        path, reason = self._path(artifact_location)
        excluded = self._context.options.get("excluded")
        if not reason and callable(excluded) and excluded(path):
            reason = EXCLUDED
        elif not reason and path not in self._artifacts and self._context.options.get("only_artifacts"):
            reason = UNASKED
        return reason or _span(path, self._artifacts.get(path), mapping(physical.get("region")), self._characters)

    def _path(self, artifact_location: Json) -> tuple[str, str]:
        """Return the path relative to the scanned root, and why it is left out (empty: it is not)."""
        root = text(self._context.options.get("root")).replace("\\", "/").rstrip("/") + "/"
        prefix = text(self._context.options.get("prefix"))
        path = uri_path(artifact_location, mapping(self._run.get("originalUriBaseIds")))
        if path is None:
            return "", ASTRAY
        if path.startswith("/"):
            top = root.removesuffix(prefix) if prefix else root
            if not path.startswith(top):
                return "", ASTRAY
            path = path[len(top):]
        elif path in self._artifacts and not (prefix and path.startswith(prefix)):
            return path, ""
        return (path[len(prefix):], "") if path.startswith(prefix) else ("", ELSEWHERE)

    def _related(self, item: Json) -> Iterator[tuple[str, Location]]:
        """Yield the related places inside the scanned root, with what the tool says about them."""
        for place in map(mapping, entries(item.get("relatedLocations"))[:MOST_RELATED]):
            at = self._location(place)
            if isinstance(at, Location) and at.path != self._file:
                yield plain(text(mapping(place.get("message")).get("text")) or "related", 200), at

    def _suppressions(self, item: Json) -> tuple[Suppression, ...]:
        """Return what suppresses a result: nothing when the policy honours no marks, or when one is not accepted."""
        marks = [mapping(mark) for mark in entries(item.get("suppressions"))]
        if not self._honoured or any(mark.get("status") not in (None, "accepted") for mark in marks):
            return ()
        return tuple(
            Suppression("peer", plain(mark.get("justification") or "", 300),
                        f"{self._tool} ({'in source' if mark.get('kind') == 'inSource' else 'external'})")
            for mark in marks[:20]
        )


def _severity(item: Json, properties: Json, rule: Json, rule_properties: Json) -> str:
    """Return our severity: the result's own word before the rule's, a score before a level."""
    for holder in (properties, rule_properties):
        score = _score(holder.get("security-severity"))
        word = text(holder.get("severity")).lower()
        if score or word in SEVERITIES:
            return score or word
    configured = mapping(rule.get("defaultConfiguration")).get("level")
    return LEVELS.get(text(item.get("level")) or text(configured), "medium")


def _score(stated: object) -> str:
    """Return the severity of a `security-severity` from 0.0 to 10.0, empty for anything else."""
    try:
        score = float(stated) if isinstance(stated, (str, int, float)) and not isinstance(stated, bool) else -1.0
    except (ValueError, OverflowError):
        return ""
    return next((name for least, name in SCORES if least <= score <= 10.0), "")


def _confidence(properties: Json, rule_properties: Json) -> str:
    stated = text(properties.get("confidence")).lower()
    if stated in CONFIDENCES:
        return stated
    return PRECISIONS.get(text(rule_properties.get("precision")).lower(), "medium")


def _kebab(name: str) -> str:
    """Return a name as our rule names are written."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:150]


def _span(path: str, artifact: Artifact | None, region: Json, characters: bool) -> Location:
    """Return the place of a region, within the file when we have it; columns become code points."""
    first = max(1, number(region.get("startLine"), 1))
    last = max(first, number(region.get("endLine"), first))
    start, end = number(region.get("startColumn"), 1), number(region.get("endColumn"), 0)
    if artifact is None:
        return Location(path, first, max(1, start), last, max(end, start + 1 if first == last else 1))
    lines = artifact.position(len(artifact.text))[0]
    if "startLine" not in region and "charOffset" in region:
        offset = min(max(0, number(region.get("charOffset"), 0)), len(artifact.text))
        return artifact.span(offset, min(len(artifact.text), offset + max(0, number(region.get("charLength"), 0))))
    first, last = min(first, lines), min(last, lines)
    head, tail = artifact.whole_line(first), artifact.whole_line(last)
    start = _column(artifact, head, start, characters)
    end = _column(artifact, tail, end, characters) if end > 0 else tail.end_column
    return Location(path, first, start, last, max(end, start) if first == last else end)


def _column(artifact: Artifact, line: Location, column: int, characters: bool) -> int:
    """Return a column in code points, inside its line; tools count UTF-16 code units unless they say otherwise."""
    if not characters:
        begin = artifact.offset(line.start_line)
        content = artifact.text[begin: begin + line.end_column - 1]
        units = content.encode("utf-16-le", "surrogatepass")[: 2 * max(0, column - 1)]
        column = len(units.decode("utf-16-le", "ignore")) + 1
    return min(max(1, column), line.end_column)
