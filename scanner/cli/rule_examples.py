"""Runs the examples of rules: each one is a small project in memory, scanned with its rule alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple, cast

from scanner import plugins
from scanner.core.artifact import Artifact, Notification
from scanner.core.context import Context
from scanner.core.errors import UsageError
from scanner.core.result import COMPLIANT, INSUFFICIENT_DATA, NON_COMPLIANT, Result
from scanner.packs.cache import rules_folder
from scanner.packs.examples import Example, examples_of
from scanner.packs.files import TABLES, rule_files
from scanner.packs.load import rules_at
from scanner.packs.pack import Pack
from scanner.packs.schema import RuleSource

TODAY = date(2026, 1, 1)
"""The day on which examples are judged: a fixed one, so that they answer the same tomorrow."""


class MemoryFiles:
    """The files of an example, as a dialect may ask for them."""

    def __init__(self, artifacts: list[Artifact]) -> None:
        """Take the artifacts of the example."""
        self._artifacts = {artifact.path: artifact for artifact in artifacts}

    def read(self, path: str) -> Artifact | None:
        """Return the file, or None."""
        return self._artifacts.get(os.path.normpath(path).replace(os.sep, "/"))

    def below(self, folder: str) -> list[str]:
        """Return the sorted paths below a folder."""
        prefix = "" if folder in ("", ".") else folder.rstrip("/") + "/"
        return sorted(path for path in self._artifacts if path.startswith(prefix))


class Failure(NamedTuple):
    """An example that did not answer as it says: `text` is ready to print."""

    rule: str
    example: str
    text: str


class Outcome(NamedTuple):
    """What running some examples gave."""

    examples: int
    failures: list[Failure]


def run_rule(source: RuleSource, pack: Pack) -> Outcome:
    """Run all examples of one rule; raises UsageError for an example that cannot be used."""
    narrowed = pack.narrowed([source.compiled])
    failures = []
    count = 0
    for example in examples_of(source):
        if source.compiled.mode == "secret" and any("{{" in text for _, text in example.files):
            continue  # tokens are made up by the tests of the secrets scanner, so that none stands in a file
        count += 1
        failure = run_example(source, example, narrowed)
        if failure is not None:
            failures.append(failure)
    return Outcome(count, failures)


def run_example(source: RuleSource, example: Example, pack: Pack) -> Failure | None:
    """Scan one example with its rule alone; None when it answers as it says."""
    results, notes = _scanned(source, example, pack)
    problem = _problem(example, results, notes, source)
    if not problem:
        return None
    text = "\n".join((
        f"{source.document.path}:{example.line}: {source.facts.rule}: example {example.name}",
        f"  {problem}",
        *_told(results, notes),
        *_framed(example, results),
    ))
    return Failure(source.facts.rule, example.name, text)


def _scanned(source: RuleSource, example: Example, pack: Pack) -> tuple[list[Result], list[Notification]]:
    from scanner import flow

    dialects = dict(example.dialects)
    artifacts = []
    for path, text in example.files:
        artifact = Artifact(path, text.encode())
        if path in dialects:
            artifact.dialects = (dialects[path],)
        artifacts.append(artifact)
    workspace = flow.inventory_of(artifacts, MemoryFiles(artifacts))
    rule = source.facts.rule
    context = Context(
        workspace.inventory, tuple(artifacts), pack, "default", TODAY, workspace.note, True,
        {"only": frozenset((rule,)), "parameters": {rule: example.parameters}},
    )
    scanner = "secrets" if source.compiled.mode == "secret" else "rules"
    scan = cast(Callable[[Context], Iterable[Result]], plugins.resolve(plugins.SCANNERS[scanner]))
    results = [result for result in scan(context) if result.rule == rule]
    return sorted(results, key=lambda result: (result.at, result.address)), workspace.notifications


def _problem(
    example: Example, results: list[Result], notes: list[Notification], source: RuleSource
) -> str:
    """Return what is wrong in one sentence; empty when nothing is."""
    for note in notes:
        if note.level == "error" and note.kind.startswith("rule-"):
            return note.message
    found = {(result.at.path, result.at.start_line) for result in results if result.compliance == NON_COMPLIANT}
    verdicts = {result.compliance for result in results}
    if example.verdict == "non_compliant":
        return _finding_problem(set(example.places), found)
    if example.places:
        return "`# finding` stands in an example that has none"
    wanted = {"compliant": COMPLIANT, "insufficient_data": INSUFFICIENT_DATA}.get(example.verdict)
    allowed = {"NOT_APPLICABLE", COMPLIANT, wanted} if wanted else {"NOT_APPLICABLE"}
    if found or not verdicts <= allowed:
        return f"expected {example.verdict.upper()}"
    judged = all(kind.startswith("AWS::") for kind in source.compiled.subjects)
    if wanted and wanted not in verdicts and (judged or example.verdict == "insufficient_data"):
        return f"expected {example.verdict.upper()}; no subject answered so"
    return ""


def _finding_problem(expected: set[tuple[str, int]], found: set[tuple[str, int]]) -> str:
    if not expected:
        return "expected a `# finding` mark on the line of the finding (or `finding: text of that line`)"
    if expected == found:
        return ""
    wanted = ", ".join(f"{path}:{line}" for path, line in sorted(expected))
    if not found:
        return f"expected a finding at {wanted}; found none"
    told = ", ".join(f"{path}:{line}" for path, line in sorted(found))
    return f"expected a finding at {wanted}; found it at {told}"


def _told(results: list[Result], notes: list[Notification]) -> Iterator[str]:
    for result in results[:12]:
        place = f"{result.at.path}:{result.at.start_line}:{result.at.start_column}"
        yield f"  got {result.compliance:<17} {place}  {result.message}"
    if not results:
        yield "  got no result: no subject of the rule's kind came out of the example"
    for note in notes:
        if note.kind == "plugin-missing" and ".derived." in note.message:
            continue
        place = f"{note.at.path}:{note.at.start_line}: " if note.at else ""
        yield f"  {note.level}: {place}{note.message}"


def _framed(example: Example, results: list[Result]) -> Iterator[str]:
    """Yield the example with line numbers: `>` where a finding is expected, `*` where one was found."""
    found = {(result.at.path, result.at.start_line) for result in results if result.compliance == NON_COMPLIANT}
    for path, text in example.files:
        yield f"  --- {path}"
        for number, line in enumerate(text.splitlines(), 1):
            wanted = ">" if (path, number) in example.places else " "
            got = "*" if (path, number) in found else " "
            yield f"  {wanted}{got}{number:3} | {line}"


def chosen_files(names: list[str], folder: str) -> list[tuple[str, str]]:
    """Return (path, rule id or empty) for names of rules, files or folders; everything in `folder` without names.

    Raises UsageError for a name that is nothing of these. A family's member is found by the family's file.
    """
    if not names:
        return [(path, "") for path in sorted(_paths(folder))]
    chosen: list[tuple[str, str]] = []
    by_stem: dict[str, str] = {}
    for name in names:
        if os.path.isdir(name):
            chosen += [(path, "") for path in sorted(_paths(name))]
        elif os.path.isfile(name):
            chosen.append((name, ""))
        else:
            by_stem = by_stem or {os.path.splitext(os.path.basename(path))[0]: path for path in _paths(folder)}
            chosen.append((by_stem[name], "") if name in by_stem else (_home_of(name, folder), name))
    return chosen


def _paths(folder: str) -> Iterator[str]:
    for path, _ in rule_files(folder):
        if os.path.relpath(path, folder) not in TABLES and os.path.basename(path) not in TABLES:
            yield path


def _home_of(rule: str, folder: str) -> str:
    for path in sorted(_paths(folder)):
        with open(path, encoding="utf-8") as file:
            if not file.read(7).startswith("family:"):
                continue
        if any(source.facts.rule == rule for source in rules_at(path)):
            return path
    raise UsageError(f"{rule!r} is no rule, file or folder\nexpected: an id of `leftgate rules list`, or a path")


def sources_of(names: list[str], folder: str | None = None) -> Iterator[RuleSource | UsageError]:
    """Yield the rules that names mean, and the error of each file that cannot be used."""
    for path, rule in chosen_files(names, folder or rules_folder()):
        try:
            for source in rules_at(path):
                if not rule or source.facts.rule == rule:
                    yield source
        except UsageError as error:
            yield error
