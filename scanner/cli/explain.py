"""`leftgate explain`: why a rule exists, what it wants, how to put a finding right."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from scanner.cli.options import Parser
from scanner.core.errors import UsageError

if TYPE_CHECKING:
    from scanner.packs import Pack, RuleSource

EXAMPLES = """\
examples:
  leftgate explain rds-instance-unencrypted
  leftgate explain CKV_AWS_16                what answers this rule of another tool
"""
WIDTH = 100


def run(arguments: list[str]) -> int:
    """Print what a rule is about and return the exit status."""
    parser = Parser("explain", "Why a rule exists, what it wants, how to put a finding right.", EXAMPLES)
    parser.add_argument("rule", metavar="RULE", help="a rule id, or the id of a rule of another tool")
    parser.add_argument("--rules", metavar="DIR", default="", help="a folder with rules of yours")
    options = parser.parse_args(arguments)
    from scanner.packs.cache import open_pack
    from scanner.packs.pack import describe

    pack = open_pack((options.rules,) if options.rules else ())
    name = options.rule
    replacement = pack.retired().get(name)
    if replacement:
        sys.stdout.write(f"{name} is retired; {replacement} took its place.\n\n")
        name = str(replacement)
    source = describe(pack, name)
    if source is not None:
        sys.stdout.write("\n".join(_page(source)) + "\n")
        return 0
    answering = [
        rule.facts for rule in pack.all_rules() if any(name in ids for ids in rule.facts.controls.values())
    ]
    if not answering:
        raise UsageError(_unknown(name, pack))
    sys.stdout.write(f"{name} is answered by\n\n")
    for facts in answering:
        sys.stdout.write(f"  {facts.rule}\n      {facts.title}\n")
    sys.stdout.write("\nleftgate explain RULE tells more about each.\n")
    return 0


def _unknown(name: str, pack: Pack) -> str:
    import difflib

    close = difflib.get_close_matches(name, pack.rule_ids(), 3)
    hint = f"did you mean {' or '.join(close)}?" if close else "`leftgate rules list` prints all rules"
    return f"{name!r} is no rule\n{hint}"


def _page(source: RuleSource) -> Iterator[str]:
    facts = source.facts
    yield facts.rule
    yield facts.title
    told = f"{facts.severity} severity, {facts.confidence} confidence, category {facts.category}"
    yield told + ("" if facts.profile == "default" else f", profile {facts.profile} and above")
    yield from _section("Why it matters", facts.rationale)
    yield from _section("What to do", facts.remediation)
    yield from _section("What it looks at", ", ".join(source.compiled.subjects))
    yield from _section("What it does not see", facts.limitations)
    parameters = source.body.get("parameters") or {}
    if parameters:
        yield "\nParameters (a policy may set them)"
        for name, about in parameters.items():
            default = about["default"]
            yield f"  {name} ({about['type']}): {'not set' if default in (None, [], '') else default}"
    if facts.controls:
        yield "\nThe same question elsewhere"
        for family, ids in facts.controls.items():
            yield f"  {family}: {', '.join(ids)}"
    if facts.references:
        yield "\nRead more"
        for reference in facts.references:
            yield f"  {reference}"
    for verdict, heading in (("non_compliant", "An example that fails"), ("compliant", "An example that passes")):
        cases = source.examples.get(verdict) or []
        texts = [(key, text) for case in cases[:1] for key, text in case.items() if isinstance(text, str)]
        for key, text in texts[:1]:
            yield f"\n{heading} ({key})"
            yield from (f"  {line}" for line in text.rstrip().splitlines())


def _section(heading: str, text: str) -> Iterator[str]:
    if not text:
        return
    import textwrap

    yield f"\n{heading}"
    for paragraph in text.strip().split("\n"):
        yield from textwrap.wrap(paragraph, WIDTH, initial_indent="  ", subsequent_indent="  ")
