"""`leftgate rules`: list the rules, run their examples, check their files, begin a new one."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from scanner.cli.options import Parser
from scanner.core.errors import UsageError

if TYPE_CHECKING:
    import argparse

EXAMPLES = """\
examples:
  leftgate rules list --format json
  leftgate rules new s3-bucket-example --subject AWS::S3::Bucket
  leftgate rules test s3-bucket-example          its examples are its tests
  leftgate rules test rules/aws/s3               all rules of a folder
  leftgate rules lint

docs/writing-rules.md explains the language. exit status: 0 all well, 1 something failed, 2 usage
"""


def run(arguments: list[str]) -> int:
    """Run one of the subcommands and return the exit status."""
    parser = Parser("rules", "List, test, check and write rules.", EXAMPLES)
    parser.add_argument("action", choices=("list", "new", "test", "lint"), help="what to do")
    parser.add_argument("names", nargs="*", metavar="RULE", help="rule ids, rule files or folders; none means all")
    parser.add_argument("--rules", metavar="DIR", default="", help="a folder with rules of yours")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="for list")
    parser.add_argument("--category", default="", help="for list: only this category")
    parser.add_argument("--subject", metavar="KIND", default="", help="for new: the kind that the rule judges")
    options = parser.parse_args(arguments)
    actions = {"list": _list, "new": _new, "test": _test, "lint": _lint}
    return actions[options.action](options)


def _list(options: argparse.Namespace) -> int:
    from scanner.packs.cache import open_pack

    pack = open_pack((options.rules,) if options.rules else ())
    rules = [
        rule for rule in pack.all_rules()
        if (not options.category or rule.facts.category == options.category)
        and (not options.names or rule.facts.rule in options.names)
    ]
    for fault in pack.faults():
        sys.stderr.write(f"leftgate: {fault}\n")
    if options.format == "json":
        import json

        rows = [
            {
                "rule": rule.facts.rule, "title": rule.facts.title, "category": rule.facts.category,
                "severity": rule.facts.severity, "confidence": rule.facts.confidence, "profile": rule.facts.profile,
                "stage": rule.facts.stage, "controls": rule.facts.controls, "subjects": rule.subjects,
                "parameters": rule.parameters, "file": rule.file,
            }
            for rule in rules
        ]
        sys.stdout.write(json.dumps(rows, indent=1, sort_keys=False) + "\n")
        return 0
    width = max((len(rule.facts.rule) for rule in rules), default=0)
    for rule in rules:
        facts = rule.facts
        sys.stdout.write(f"{facts.rule:<{width}}  {facts.severity:<8}  {facts.category:<9}  {facts.title}\n")
    sys.stdout.write(f"{len(rules)} rules\n")
    return 0


def _test(options: argparse.Namespace) -> int:
    from scanner.cli.rule_examples import run_rule, sources_of
    from scanner.packs.cache import open_pack

    pack = open_pack()
    rules = examples = 0
    failures: list[str] = []
    for source in sources_of(options.names, options.rules or None):
        if isinstance(source, UsageError):
            failures.append(str(source))
            continue
        rules += 1
        try:
            outcome = run_rule(source, pack)
        except UsageError as error:
            failures.append(str(error))
            continue
        examples += outcome.examples
        failures += [failure.text for failure in outcome.failures]
    for failure in failures:
        sys.stdout.write(failure + "\n\n")
    state = f"{len(failures)} failed" if failures else "all answer as they say"
    sys.stdout.write(f"{rules} rules, {examples} examples: {state}\n")
    return 1 if failures else 0


def _lint(options: argparse.Namespace) -> int:
    from scanner.cli.rule_examples import sources_of
    from scanner.packs.lint import Linter

    linter = Linter()
    count = 0
    problems: list[str] = []
    for source in sources_of(options.names, options.rules or None):
        if isinstance(source, UsageError):
            problems.append(str(source))
        else:
            count += 1
            problems += linter.problems(source)
    for problem in problems:
        sys.stdout.write(problem + "\n")
    for note in linter.notes:
        sys.stdout.write(f"note: {note}\n")
    state = f"{len(problems)} problems" if problems else "nothing to complain about"
    sys.stdout.write(f"{count} rules: {state}\n")
    return 1 if problems else 0


def _new(options: argparse.Namespace) -> int:
    from scanner.packs.cache import rules_folder
    from scanner.packs.skeleton import place_for, skeleton

    if len(options.names) != 1 or not options.subject:
        raise UsageError(
            "leftgate rules new needs one id and a subject\nexpected: leftgate rules new ID --subject AWS::S3::Bucket"
        )
    rule = options.names[0]
    text = skeleton(rule, options.subject)
    path = os.path.join(options.rules or rules_folder(), place_for(rule, options.subject, bool(options.rules)))
    if os.path.exists(path):
        raise UsageError(f"{path}: expected a new rule id; found this file already")
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    sys.stdout.write(f"{path}\nnow fill it in, then: leftgate rules test {path}\n")
    return 0
