"""The coverage page: which identifiers of AWS Config and of other tools our rules answer to, and why not the rest.

Reads tools/coverage_facts.json (the identifiers, and for AWS Config whether files alone decide a rule) and
tools/coverage_reasons.yaml (why an identifier has no rule). `python tools/control_coverage.py FACTS` writes the
first from a folder with config-rule-meanings.jsonl and peer-rules.csv: identifiers and our own judgements only.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
FACTS = ROOT / "tools" / "coverage_facts.json"
REASONS = ROOT / "tools" / "coverage_reasons.yaml"
TITLES = {"checkov": "checkov", "trivy": "trivy", "cfn-nag": "cfn_nag", "guard": "Guard rules registry"}
OPEN = "no rule yet"


def rules_by_control() -> dict[str, dict[str, list[str]]]:
    """Return for each family of controls, each id with the sorted ids of the rules that name it."""
    sys.path.insert(0, str(ROOT))
    from scanner.packs.cache import rules_folder
    from scanner.packs.files import TABLES, rule_files
    from scanner.packs.load import rules_at

    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    paths = [path for path, _ in rule_files(rules_folder()) if Path(path).name not in TABLES]
    for rule in (source.facts for path in paths for source in rules_at(path)):
        for family, ids in rule.controls.items():
            for each in ids:
                found[family][each].append(rule.rule)
    return {family: {each: sorted(rules) for each, rules in ids.items()} for family, ids in found.items()}


def reasons() -> dict[str, str]:
    """Return why an identifier has no rule, by identifier."""
    return {each: group["why"].strip() for group in yaml.safe_load(REASONS.read_text()) for each in group["ids"]}


def share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "none"


def config_part(covered: dict[str, list[str]], why: dict[str, str]) -> list[str]:
    """Return the sections about AWS Config's identifiers."""
    facts: dict[str, list[str]] = json.loads(FACTS.read_text())["config"]
    groups: dict[str, list[str]] = {"yes": [], "partly": [], "no": []}
    for identifier, (decidable, _) in facts.items():
        groups[decidable].append(identifier)
    decided = [each for each in groups["yes"] if each in covered]
    partly = [each for each in groups["partly"] if each in covered]
    lines = [
        "## AWS Config's managed rules", "",
        "| What files can tell | Identifiers | With a rule |", "|---|---|---|",
        f"| all that the rule asks | {len(groups['yes'])} | {share(len(decided), len(groups['yes']))} |",
        f"| a part of it | {len(groups['partly'])} | {share(len(partly), len(groups['partly']))} |",
        f"| nothing: only a running account knows | {len(groups['no'])} | "
        f"{share(sum(each in covered for each in groups['no']), len(groups['no']))} |",
    ]
    lines += ["", "### Decided in part", ""]
    lines += ["Outside what files can tell, these rules answer unknown, with the reason.", ""]
    lines += ["| Identifier | Rule | What only the account knows |", "|---|---|---|"]
    lines += [f"| `{each}` | {named(covered[each])} | {facts[each][1]} |" for each in partly]
    lines += ["", "### Without a rule", "", "| Identifier | Why |", "|---|---|"]
    lines += [
        f"| `{each}` | {why.get(each) or (facts[each][1] if facts[each][0] == 'no' else OPEN)} |"
        for each in facts if each not in covered
    ]
    lines += ["", "### Decided", "", "| Identifier | Rule |", "|---|---|"]
    return lines + [f"| `{each}` | {named(covered[each])} |" for each in decided]


def named(rules: list[str]) -> str:
    return ", ".join(f"`{each}`" for each in rules)


def peer_part(family: str, ids: list[str], covered: dict[str, list[str]], why: dict[str, str]) -> list[str]:
    """Return the section about one peer's identifiers."""
    have = [each for each in ids if each in covered]
    lines = ["", f"## {TITLES[family]}", "", f"{share(len(have), len(ids))} have a rule.", ""]
    lines += ["| Identifier | Rule, or why there is none |", "|---|---|"]
    return lines + [
        f"| `{each}` | {named(covered[each]) if each in covered else why.get(each, OPEN)} |" for each in ids
    ]


def page() -> str:
    """Return docs/coverage.md."""
    covered, why = rules_by_control(), reasons()
    peers: dict[str, list[str]] = json.loads(FACTS.read_text())["peers"]
    lines = [
        "<!-- Written by `make docs` from the rules' `controls` and tools/coverage_reasons.yaml. -->", "",
        "# Coverage", "",
        "Which identifiers of AWS Config and of other tools a rule of leftgate answers to. One condition is one rule;",
        "the same condition under several names is several `controls` of it.", "",
    ]
    lines += config_part(covered.get("aws-config", {}), why)
    for family in TITLES:
        lines += peer_part(family, peers[family], covered.get(family, {}), why)
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write tools/coverage_facts.json from a folder of facts; return the exit status."""
    folder = Path(arguments[0])
    config = {}
    for line in (folder / "config-rule-meanings.jsonl").open(encoding="utf-8"):
        rule = json.loads(line)
        config[rule["identifier"]] = [rule["decidable"], rule["decidable_why"]]
    peers: dict[str, list[str]] = {}
    with (folder / "peer-rules.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            peers.setdefault(row["family"], []).append(row["id"])
    facts = {"config": dict(sorted(config.items())), "peers": {family: sorted(ids) for family, ids in peers.items()}}
    FACTS.write_text(json.dumps(facts, indent=0) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
