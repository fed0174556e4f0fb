"""The flow of a run: discover, classify, model, scan, evaluate, report. No logic of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NamedTuple

from scanner import plugins
from scanner.classify import classify
from scanner.classify.skips import skip_reason
from scanner.core.artifact import Artifact, Files, Notification
from scanner.core.context import Context
from scanner.core.errors import UsageError
from scanner.core.report import Coverage, Report
from scanner.core.result import NON_COMPLIANT, Result, order
from scanner.core.rule import Rule
from scanner.core.subject import Text
from scanner.discover import intake
from scanner.discover.config import policy_text, sarif_text, text_of, values_file
from scanner.discover.roots import Place, place_of
from scanner.discover.walk import Found, Limits, excluding
from scanner.evaluate import baseline, fingerprints, gate, inline, peers, waivers
from scanner.evaluate.merge import GUESTS, merged, told_once, without_echoes
from scanner.evaluate.policy import BUILT_IN, Policy, policy_from, stale_names, threshold
from scanner.model.workspace import Settings, Workspace
from scanner.packs.cache import open_pack
from scanner.packs.pack import Pack
from scanner.report.redaction import Redactor

Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """Show no progress."""


class Request(NamedTuple):
    """All that a run is asked, as the command line says it.

    `paths` are relative to `cwd`. `mode` is paths (everything below them), files (a commit hook: the files, with
    context around them) or index (what is staged). `policy_name` is a built-in policy or a file, `policy_reference`
    a git reference to read it from, `search_policy` allows to look for one. `profile` and `fail_on` overrule the
    policy. `scanners` run in order; `rule_folders` are the user's packs; `cache` is a folder for compiled packs.
    `long_texts` asks for rationale and remediation of the rules.
    `since` is a git reference: findings that were there when HEAD left it do not count. `progress(stage, done,
    total)` is told how far we are; an empty stage is the end.
    `history` is a range of commits whose secrets are looked for, too. `sarif` are files of other tools' results, which
    the scanner sarif-import reads.
    """

    paths: tuple[str, ...]
    cwd: str
    today: date
    mode: str = "paths"
    policy_name: str = ""
    policy_reference: str = ""
    search_policy: bool = True
    profile: str = ""
    fail_on: str = ""
    exclude: tuple[str, ...] = ()
    settings: tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...]] = ((), (), ())
    scanners: tuple[str, ...] = ("rules", "secrets")
    rule_folders: tuple[str, ...] = ()
    cache: str | None = None
    all_results: bool = False
    long_texts: bool = False
    baseline: str = ""
    since: str = ""
    history: str = ""
    sarif: tuple[str, ...] = ()
    options: dict[str, object] = {}
    progress: Progress = silent


class Run(NamedTuple):
    """A request after discovery: where it stands, what holds, what is read."""

    request: Request
    place: Place
    policy: Policy
    found: Found
    files: Files
    baseline: dict[str, int] | None = None
    baseline_name: str = ""
    baseline_reason: str = "it was there before"


def run(request: Request) -> Report:
    """Return the report of a run; raises UsageError for what the user has to put right first."""
    pack = open_pack(request.rule_folders, request.cache)
    place = place_of(list(request.paths), request.cwd)
    policy = policy_of(request, place)
    limits = Limits(policy.file_size, (*policy.exclude, *request.exclude), place.prefix)
    request.progress("finding files", 0, 0)
    found, files = INTAKES[request.mode](place, limits)
    prepared = Run(request, place, policy, found, files)
    if request.baseline:
        prepared = _with_baseline(prepared)
    elif request.since:
        prepared = _with_past(prepared, pack, limits)
    report = report_of(prepared, pack)
    request.progress("", 1, 1)
    return report


INTAKES = {"paths": intake.of_paths, "files": intake.of_commit_files, "index": intake.of_index}


def policy_in_force(request: Request) -> Policy:
    """Return the policy that a run of the request would use."""
    return policy_of(request, place_of(list(request.paths), request.cwd))


def policy_of(request: Request, place: Place) -> Policy:
    """Return the policy of a run: built in, named, found in the root, or from a git reference; options overrule it."""
    name = request.policy_name
    policy = BUILT_IN.get(name or "default")
    if policy is None or request.policy_reference or not name:
        named = "" if name in BUILT_IN else name
        found = policy_text(place, request.cwd, named, request.policy_reference, request.search_policy)
        policy = policy_from(*found) if found else BUILT_IN[name or "default"]
    if request.profile:
        policy = policy._replace(profile=request.profile)
    if request.fail_on:
        policy = policy._replace(block=threshold(request.fail_on), sections=tuple(
            section._replace(block=None) for section in policy.sections))
    return policy


def _with_baseline(prepared: Run) -> Run:
    """Return the run with the entries of its baseline file."""
    name = prepared.request.baseline
    text = text_of(name, os.path.join(prepared.request.cwd, name))
    return prepared._replace(baseline=baseline.read(name, text), baseline_name=name)


def _with_past(prepared: Run, pack: Pack, limits: Limits) -> Run:
    """Return the run with the findings of the past as its baseline: the same paths, in the commit HEAD came from.

    Other tools' files tell of the present only, so all that is in them is new.
    """
    request, since = prepared.request, prepared.request.since
    own = request._replace(scanners=tuple(name for name in request.scanners if name != "sarif-import"))
    found, files = intake.of_reference(prepared.place, since, limits)
    past = report_of(prepared._replace(request=own, found=found, files=files), pack)
    known = {result.fingerprint: 1 for result in past.results if result.compliance == NON_COMPLIANT}
    return prepared._replace(baseline=known, baseline_name=since, baseline_reason=f"it is in {since} already")


def report_of(prepared: Run, pack: Pack) -> Report:
    """Return the report on what discovery found."""
    request, place = prepared.request, prepared.place
    parameters, variable_files, variables = request.settings
    named = {name: values_file(place, request.cwd, name) for name in (*parameters, *variable_files)}
    settings = Settings(
        tuple(named[name].path for name in parameters), tuple(named[name].path for name in variable_files), variables,
    )
    artifacts = prepared.found.artifacts
    workspace = inventory_of(artifacts, prepared.files, settings, request.progress, list(named.values()))
    for note in prepared.found.notifications:
        workspace.note(*note)
    raw = scanned(prepared, workspace, pack)
    return _report(prepared, workspace, pack, raw)


def inventory_of(
    artifacts: list[Artifact], files: Files, settings: Settings | None = None,
    progress: Progress = silent, named: list[Artifact] | None = None,
) -> Workspace:
    """Return the workspace with all subjects of the artifacts; an artifact whose dialects are set keeps them.

    `named` are files that may be read for their values although they are not scanned.
    """
    by_dialect: dict[str, list[Artifact]] = {name: [] for name in plugins.DIALECTS}
    workspace = Workspace(files, [*(named or ()), *artifacts], settings)
    for artifact in artifacts:
        if not artifact.dialects:
            artifact.dialects = classify(artifact)
        for name in artifact.dialects:
            by_dialect[name].append(artifact)
        workspace.inventory.add(Text(artifact))
    spoken = [name for name, members in by_dialect.items() if members]
    for number, name in enumerate(spoken):
        progress(f"reading {name}", number, len(spoken))
        _bounded(plugins.DIALECTS[name], workspace, by_dialect[name], workspace)
    progress("linking", len(spoken), len(spoken))
    for reference, kinds in plugins.DERIVATIONS:
        if "*" in kinds or any(workspace.inventory.of_kind(kind) for kind in kinds):
            _bounded(reference, workspace, workspace)
    return workspace


def _bounded(reference: str, workspace: Workspace, *arguments: object) -> None:
    """Call a reader or derivation; input that nests too deeply for it is noted."""
    module = reference.partition(":")[0]
    try:
        _function(reference)(*arguments)
    except RecursionError:
        message = f"{module} met input that nests too deeply; part of it was not looked at"
        workspace.note("error", "nested-too-deeply", message, None, "exclude the file, or split it")


def _function(reference: str) -> Callable[..., Any]:
    """Return what a plugin table names; a test holds the signatures."""
    return plugins.resolve(reference)  # type: ignore[return-value]  # the tables hold functions only


def _switched(policy: Policy) -> dict[str, object]:
    """Return the options that say which rules the policy switches off and on."""
    return {
        "rules_off": frozenset(name for name, override in policy.rules.items() if override.run is False),
        "rules_on": frozenset(name for name, override in policy.rules.items() if override.run),
    }


def scanned(prepared: Run, workspace: Workspace, pack: Pack) -> list[Result]:
    """Return what the scanners say, in no particular order."""
    request, policy = prepared.request, prepared.policy
    options = {
        **request.options,
        "parameters": _parameters(policy, pack),
        **_switched(policy),
        **_guest_options(prepared),
        "peer_suppressions": policy.peer_suppressions,
        "not_for_secrets": {
            artifact.path: reason for artifact in prepared.found.artifacts if (reason := skip_reason(artifact))
        } if "secrets" in request.scanners else {},
    }
    context = Context(
        workspace.inventory, tuple(prepared.found.artifacts), pack, policy.profile, request.today, workspace.note,
        request.all_results or not GUESTS.isdisjoint(request.scanners), options,
    )
    results: list[Result] = []
    for number, name in enumerate(request.scanners):
        request.progress(f"scanning: {name}", number, len(request.scanners))
        if name not in plugins.SCANNERS:
            raise UsageError(f"no scanner is called {name!r}\nexpected: one of {', '.join(sorted(plugins.SCANNERS))}")
        results += _function(plugins.SCANNERS[name])(context)
    return results


def _guest_options(prepared: Run) -> dict[str, object]:
    """Return what scanners have to know about places and about other tools' files."""
    request, place = prepared.request, prepared.place
    return {
        "root": place.root, "prefix": place.prefix, "only_artifacts": request.mode != "paths",
        "excluded": excluding(Limits(exclude=(*prepared.policy.exclude, *request.exclude), prefix=place.prefix)),
        "sarif": tuple((name, sarif_text(name, os.path.join(request.cwd, name))) for name in request.sarif)
        if "sarif-import" in request.scanners else (),
    }


def _parameters(policy: Policy, pack: Pack) -> dict[str, dict[str, object]]:
    """Return the parameters that the policy sets, by rule; raises UsageError for one that a rule does not have."""
    found = {name: override.parameters for name, override in policy.rules.items() if override.parameters}
    for name, parameters in found.items():
        compiled = pack.compiled(name)
        known = compiled.parameters if compiled is not None else parameters  # an unknown rule gets its own warning
        for key in parameters:
            if key not in known:
                listed = ", ".join(sorted(known)) or "none"
                raise UsageError(f"{policy.source}: rule {name} has no parameter {key!r}\nexpected: one of {listed}")
    return found


def _report(prepared: Run, workspace: Workspace, pack: Pack, raw: list[Result]) -> Report:
    """Evaluate and put everything together."""
    request, policy, prefix = prepared.request, prepared.policy, prepared.place.prefix
    evaluations = len(raw)
    past, past_texts = _past_secrets(prepared, pack) if request.history else ([], {})
    texts = _Texts(workspace, past_texts, _only_named(raw, prepared.found.artifacts))
    results = _evaluated(prepared, workspace, pack, raw, past, texts.original)
    redactor = Redactor(results, texts.original)
    results = [redactor.result(result) for result in results]
    notifications = tuple(sorted(
        (redactor.notification(note) for note in workspace.notifications),
        key=lambda note: (note.at is not None, note.at or (), note.kind, note.message),
    ))
    decision, blocking = gate.decide(
        results, notifications, policy, artifacts=len(prepared.found.artifacts), prefix=prefix,
        may_be_empty=request.mode != "paths",
    )
    return Report(
        decision, _coverage(prepared, workspace, pack, evaluations), tuple(results), notifications,
        _rules(request, pack, results),
        policy.profile, prepared.place.root, redactor.text, blocking, texts.original, prefix, policy.name,
    )


def _rules(request: Request, pack: Pack, results: list[Result]) -> dict[str, Rule]:
    """Return the facts of the rules that have results; with their long texts when a format shows them."""
    names = sorted({result.rule for result in results})
    rules = {name: rule for name in names if (rule := pack.rule(name)) is not None}
    if request.long_texts:
        from scanner.packs.load import rules_at

        files = {file for name in rules if (file := pack.file_of(name)) is not None}
        for file in sorted(files):
            rules.update({source.facts.rule: source.facts for source in rules_at(file) if source.facts.rule in rules})
    return rules


def _past_secrets(prepared: Run, pack: Pack) -> tuple[list[Result], dict[str, str]]:
    """Return the secrets that git remembers, at `path@commit`, with the texts of those places."""
    from scanner.discover.history import versions
    from scanner.scanners.secrets.past import scan_versions

    request, place = prepared.request, prepared.place
    texts: dict[str, str] = {}

    def identified(results: list[Result], artifact: Artifact) -> list[Result]:
        made = fingerprints.fingerprinted(results, lambda path: artifact.text, place.prefix)
        texts.update((result.fingerprint, artifact.text) for result in made if result.fingerprint not in texts)
        return made

    request.progress("scanning: history", 0, 0)
    found = gate.overridden(
        scan_versions(versions(place.root, request.history), pack, identified, profile=prepared.policy.profile,
                      options={**request.options, **_switched(prepared.policy)}, skip=skip_reason),
        prepared.policy, place.prefix,
    )
    moved = []
    places: dict[str, str] = {}
    for result in found:
        commit = next((label.removeprefix("commit ") for label, _ in result.related if label.startswith("commit ")), "")
        at = result.at._replace(path=f"{result.at.path}@{commit[:12]}")
        places[at.path] = texts[result.fingerprint]
        moved.append(result._replace(at=at, related=()))
    return moved, places


def _only_named(raw: Iterable[Result], artifacts: list[Artifact]) -> frozenset[str]:
    """Return the files that only another tool's results name: a report must not show lines nobody looked at."""
    named = {
        at.path for result in raw if result.scanner == "sarif-import"
        for at in (result.at, *(at for _, at in result.related))
    }
    return frozenset(named.difference(artifact.path for artifact in artifacts))


class _Texts:
    """Texts of files by path, as they were read; `past` holds those of other commits, by `path@commit`.

    Files of `unread` have none.
    """

    def __init__(self, workspace: Workspace, past: dict[str, str], unread: frozenset[str]) -> None:
        self._workspace = workspace
        self._past = past
        self._unread = unread

    def original(self, path: str) -> str | None:
        """Return the text of a file of the run, or None."""
        if path in self._past or path in self._unread:
            return self._past.get(path)
        artifact = self._workspace.artifact(path)
        return artifact.text if artifact is not None else None


def _evaluated(
    prepared: Run, workspace: Workspace, pack: Pack, raw: list[Result], past: list[Result],
    source: Callable[[str], str | None],
) -> list[Result]:
    """Return the results in order, with severities as the policy has them, fingerprints and suppressions."""
    request, policy, artifacts = prepared.request, prepared.policy, prepared.found.artifacts
    prefix = prepared.place.prefix
    results = sorted(told_once(gate.overridden(raw, policy, prefix)), key=order)
    if not GUESTS.isdisjoint(request.scanners):
        results = without_echoes(results, request.all_results)
    if policy.frameworks:
        wanted = set(policy.frameworks)
        results = [result for result in results if wanted & set(result.controls)]
    if request.mode != "paths":
        results = _of_focus(results, artifacts)
    results = fingerprints.fingerprinted(merged(results), source, prefix)
    if past:
        present = {result.fingerprint for result in results}
        results = sorted([*results, *(one for one in past if one.fingerprint not in present)], key=order)
    notes: list[Notification] = []
    results = peers.apply(
        results, peers.marks_of(workspace.inventory), request.today, own=policy.inline_ignores,
        others=policy.peer_suppressions,
    )
    if policy.inline_ignores:
        results, notes = inline.apply(results, artifacts, request.today, lambda: _rule_names(pack, raw))
    results, said = waivers.apply(results, policy, request.today, prefix)
    notes += said
    if prepared.baseline is not None:
        results, said = baseline.apply(results, prepared.baseline, prepared.baseline_name, prepared.baseline_reason)
        notes += said if request.baseline else []
    if policy.source != "built in":
        notes += stale_names(policy, _rule_names(pack, raw))
    place = prepared.place
    whole = request.mode == "paths" and place.paths == (place.repository or place.root,)
    around = frozenset(artifact.path for artifact in artifacts if not artifact.focus)
    for note in waivers.knowable(notes, whole or bool(request.options.get("whole")), around):
        workspace.note(*note)
    return results


def _rule_names(pack: Pack, raw: Iterable[Result]) -> frozenset[str]:
    """Return every name that a policy or an ignore comment may use."""
    return frozenset((
        *pack.rule_ids(), *pack.retired(), *(result.rule for result in raw),
    ))


def _of_focus(results: list[Result], artifacts: list[Artifact]) -> list[Result]:
    """Return the results that touch a file that was asked for, or one that such a file brought in."""
    around = {artifact.path for artifact in artifacts if not artifact.focus}
    return [
        result for result in results
        if result.at.path not in around or any(
            at.path not in around for at in (*(at for _, at in result.related), *(step.at for step in result.path))
        )
    ]


def _coverage(prepared: Run, workspace: Workspace, pack: Pack, evaluations: int) -> Coverage:
    """Return what was looked at."""
    focus = [artifact for artifact in prepared.found.artifacts if artifact.focus]
    dialects: dict[str, int] = {}
    skipped = dict(prepared.found.skipped)
    for artifact in focus:
        for name in artifact.dialects or ("text",):
            dialects[name] = dialects.get(name, 0) + 1
        reason = skip_reason(artifact) if "secrets" in prepared.request.scanners else None
        if reason:
            skipped[f"{reason}, for secrets"] = skipped.get(f"{reason}, for secrets", 0) + 1
    kinds = workspace.inventory.kinds()
    subjects = tuple((kind, len(workspace.inventory.of_kind(kind))) for kind in kinds)
    rules = {rule.facts.rule for kind in kinds for rule in pack.rules_for(kind)}
    return Coverage(
        len(focus), sum(len(artifact.data) for artifact in focus), tuple(sorted(dialects.items())),
        tuple(sorted(skipped.items())), subjects, len(rules), evaluations,
    )
