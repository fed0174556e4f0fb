"""Makes inventories from texts and judges them by single rules, for the tests of IAM, network and Python reasoning."""

from datetime import date
from functools import cache

from scanner import flow, plugins
from scanner.cli.rule_examples import MemoryFiles
from scanner.core.artifact import Artifact
from scanner.core.context import Context
from scanner.core.result import NON_COMPLIANT
from scanner.packs.cache import open_pack


@cache
def pack():
    return open_pack((), None)


def workspace_of(files, dialects=None):
    artifacts = []
    for path, text in files.items():
        artifact = Artifact(path, text if isinstance(text, bytes) else text.encode())
        if dialects and path in dialects:
            artifact.dialects = (dialects[path],)
        artifacts.append(artifact)
    return flow.inventory_of(artifacts, MemoryFiles(artifacts)), tuple(artifacts)


def results_of(rule, files, dialects=None, scanner="rules", options=None):
    workspace, artifacts = workspace_of(files, dialects)
    context = Context(
        workspace.inventory, artifacts, pack(), "audit", date(2026, 1, 1), workspace.note, True,
        {"only": frozenset((rule,)), "parameters": {}, **(options or {})},
    )
    scan = plugins.resolve(plugins.SCANNERS[scanner])
    return [result for result in scan(context) if scanner != "rules" or result.rule == rule]


def verdicts(rule, files, dialects=None):
    return {result.compliance for result in results_of(rule, files, dialects)}


def lines(rule, files, dialects=None):
    """Return (path, line) of the findings."""
    return sorted({
        (result.at.path, result.at.start_line) for result in results_of(rule, files, dialects)
        if result.compliance == NON_COMPLIANT
    })
