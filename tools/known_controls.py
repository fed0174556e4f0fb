"""Writes tools/known_controls.json: the ids of other tools' rules that ours may name, and AWS Config's parameters.

Usage: python tools/known_controls.py FACTS [CORPUS]. FACTS holds config-rules.csv, peer-rules.csv, controls.csv and
config-rule-meanings.jsonl; only identifiers are taken. CORPUS holds labelled cases that name rules of other tools.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "tools" / "known_controls.json"
OPEN_FAMILIES = (
    "gitleaks", "detect-secrets", "zizmor", "parliament", "cloudsplaining", "custodian", "bandit", "cis", "trivy",
    "leftgate-catalogue", "owasp-cicd", "prowler",
)
"""Families of which we have no complete list of ids: named, but not checked."""
ADDED = {"security-hub": ("AppSync.1", "AppSync.6", "Athena.1", "Glue.2", "MQ.3")}
"""Ids that AWS documents and the facts lack."""


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def controls(facts: Path, corpus: Path | None) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"aws-config": {row["identifier"] for row in rows(facts / "config-rules.csv")}}
    for row in rows(facts / "peer-rules.csv"):
        if row["family"] in OPEN_FAMILIES:
            continue
        found.setdefault(row["family"], set()).add(row["id"])
    found["guard"] |= found["aws-config"]  # the registry of Guard rules names them alike
    for row in rows(facts / "controls.csv"):
        named = row["security_hub_controls"].replace(";", " ").replace(",", " ")
        found.setdefault("security-hub", set()).update(named.split())
    for family, ids in ADDED.items():
        found[family].update(ids)
    for path in sorted(corpus.glob("*.jsonl")) if corpus else ():
        family = path.stem.split("_")[0].replace("cfn", "cfn-nag")
        if family not in ("checkov", "guard", "cfn-nag"):
            continue
        for line in path.open(encoding="utf-8"):
            found.setdefault(family, set()).update(str(case["rule"]) for case in json.loads(line)["expect"])
    return found


def main(arguments: list[str]) -> int:
    facts = Path(arguments[0])
    corpus = Path(arguments[1]) if len(arguments) > 1 else None
    parameters = {}
    for line in (facts / "config-rule-meanings.jsonl").open(encoding="utf-8"):
        rule = json.loads(line)
        parameters[rule["identifier"]] = sorted(parameter["name"] for parameter in rule.get("parameters") or ())
    for row in rows(facts / "config-rules.csv"):
        names = [part.replace("!", "").partition("=")[0].strip() for part in row["parameters(!=required)"].split(";")]
        known = parameters.setdefault(row["identifier"], [])
        parameters[row["identifier"]] = sorted({*known, *filter(None, names)})
    data = {
        "controls": {family: sorted(ids) for family, ids in sorted(controls(facts, corpus).items())},
        "open-families": OPEN_FAMILIES,
        "config-parameters": {name: names for name, names in sorted(parameters.items()) if names},
    }
    TARGET.write_text(json.dumps(data, indent=0, separators=(",", ":")) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
