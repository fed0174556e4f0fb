"""Does a blocking check dominate every deployment: one case for each way round it, and its twin that is right."""

from __future__ import annotations

import textwrap
from datetime import date
from pathlib import Path

import pytest

from scanner.flow import Request, run

RULES = ("deployment-passes-failed-check", "batch-deploys-beside-check")
SOURCE = ("Source", [("Src", "Source", "CodeCommit", "", "")], "")


def action(name: str, category: str, provider: str, configuration: str, more: str) -> str:
    return textwrap.dedent(f"""\
        - Name: {name}
          ActionTypeId: {{Category: {category}, Owner: AWS, Provider: {provider}, Version: "1"}}
          Configuration: {{{configuration}}}
          {more}
        """)


def template(*stages: tuple[str, list[tuple[str, str, str, str, str]], str]) -> str:
    text = "Resources:\n  Release:\n    Type: AWS::CodePipeline::Pipeline\n    Properties:\n      Stages:\n"
    for name, actions, more in (SOURCE, *stages):
        body = f"- Name: {name}\n{textwrap.indent(more, '  ')}  Actions:\n"
        body += textwrap.indent("".join(action(*one) for one in actions), "    ")
        text += textwrap.indent(body, "        ")
    for project in ("scan", "ship", "both"):
        text += (
            f"  P{project}:\n    Type: AWS::CodeBuild::Project\n    Properties:\n      Name: {project}\n"
            f"      Source: {{Type: CODEPIPELINE, BuildSpec: {project}.yml}}\n"
        )
    return text


def spec(*commands: str, more: str = "") -> str:
    return f"version: 0.2\nphases:\n  build:\n{more}    commands:\n" + "".join(f"      - {line}\n" for line in commands)


def build(name: str, more: str = "") -> tuple[str, str, str, str, str]:
    return (name, "Build", "CodeBuild", f"ProjectName: {name}", more)


DEPLOY = ("Live", "Deploy", "CodeDeploy", "ApplicationName: web", "")
SKIP = 'BeforeEntry: {Conditions: [{Result: SKIP, Rules: [{Name: r, RuleTypeId: {Category: Rule, Owner: AWS, Provider: VariableCheck, Version: "1"}}]}]}\n'
CHECKED = spec("checkov -d .")
BATCH = """\
version: 0.2
batch:
  build-graph:
    - identifier: checks
      buildspec: scan.yml
{checks}
    - identifier: middle
      buildspec: unit.yml
      depend-on: [checks]
    - identifier: release
      buildspec: ship.yml
      depend-on: [{needs}]
"""
SHIP = spec("sam deploy")
UNIT = spec("pytest")


def batch(needs: str = "middle", checks: str = "") -> dict[str, str]:
    return {"both.yml": BATCH.format(needs=needs, checks=checks), "unit.yml": UNIT, "ship.yml": SHIP, "scan.yml": CHECKED}


BATCHED = ("both", "Build", "CodeBuild", "ProjectName: both, BatchEnabled: true", "")
# name -> (files, where the deployment is found and what the message says; None: silent)
CASES: dict[str, tuple[dict[str, str], tuple[str, str] | None]] = {
    "a check in an earlier stage": (
        {"t.yaml": template(("Check", [build("scan")], ""), ("Beta", [DEPLOY], "")), "scan.yml": CHECKED}, None),
    "a check with an earlier run order": (
        {"t.yaml": template(("Beta", [build("scan"), (*DEPLOY[:4], "RunOrder: 2")], "")), "scan.yml": CHECKED}, None),
    "a check beside the deployment": (
        {"t.yaml": template(("Beta", [build("scan"), DEPLOY], "")), "scan.yml": CHECKED}, ("t.yaml", "nothing waits for it")),
    "a check whose stage can be skipped": (
        {"t.yaml": template(("Check", [build("scan")], SKIP), ("Beta", [DEPLOY], "")), "scan.yml": CHECKED},
        ("t.yaml", "a condition can skip its stage")),
    "a stage that can be skipped as a whole": (
        {"t.yaml": template(("Beta", [build("scan"), (*DEPLOY[:4], "RunOrder: 2")], SKIP)), "scan.yml": CHECKED}, None),
    "a phase that goes on": (
        {"t.yaml": template(("Check", [build("scan")], ""), ("Beta", [DEPLOY], "")),
         "scan.yml": spec("checkov -d .", more="    on-failure: CONTINUE\n")},
        ("t.yaml", "its phase goes on after a failure")),
    "one of two phases goes on": (
        {"t.yaml": template(("Check", [build("scan")], ""), ("Beta", [DEPLOY], "")),
         "scan.yml": spec("checkov -d .", more="    on-failure: CONTINUE\n") + "  post_build:\n    commands:\n      - bandit -r src\n"},
        None),
    "a check under a condition": (
        {"t.yaml": template(("Check", [build("scan")], ""), ("Beta", [DEPLOY], "")),
         "scan.yml": spec('if [ -n "$SCAN" ]; then checkov -d .; fi')}, ("t.yaml", "under a condition only")),
    "a build that deploys before the check": (
        {"t.yaml": template(("Ship", [build("ship")], ""), ("Check", [build("scan")], "")),
         "scan.yml": CHECKED, "ship.yml": SHIP}, ("ship.yml", "nothing waits for it")),
    "a build that checks itself first": (
        {"t.yaml": template(("Ship", [build("ship")], "")), "ship.yml": spec("checkov -d .", "sam deploy")}, None),
    "a build that checks itself afterwards": (
        {"t.yaml": template(("Ship", [build("ship")], "")), "ship.yml": spec("sam deploy", "checkov -d .")},
        ("ship.yml", "nothing waits for it")),
    "a called script that checks": (
        {"t.yaml": template(("Ship", [build("ship")], "")), "ship.yml": spec("sh ./check.sh", "sam deploy"),
         "check.sh": "set -e\ncheckov -d .\n"}, None),
    "commands of the pipeline itself": (
        {"t.yaml": template(("Check", [("scan", "Compute", "Commands", "", "Commands: [checkov -d .]")], ""),
                            ("Beta", [DEPLOY], ""))}, None),
    "commands of the pipeline that cannot fail": (
        {"t.yaml": template(("Check", [("scan", "Compute", "Commands", "", 'Commands: ["checkov -d . || true"]')], ""),
                            ("Beta", [DEPLOY], ""))}, ("t.yaml", "hides its exit status")),
    "a batch that waits": ({"t.yaml": template(("Ship", [BATCHED], "")), **batch()}, None),
    "a batch that does not wait": (
        {"t.yaml": template(("Ship", [BATCHED], "")), **batch(needs="")}, ("both.yml", "nothing waits for it")),
    "a batch that ignores the check": (
        {"t.yaml": template(("Ship", [BATCHED], "")), **batch(checks="      ignore-failure: true")},
        ("both.yml", "the batch ignores its failure")),
    "a batch whose check cannot fail": (
        {"t.yaml": template(("Ship", [BATCHED], "")), **batch(), "scan.yml": spec("checkov -d . --soft-fail")},
        ("both.yml", "--soft-fail")),
    "a batch before a deployment": (
        {"t.yaml": template(("Check", [BATCHED], ""), ("Beta", [DEPLOY], "")), **batch(), "ship.yml": UNIT}, None),
    "a batch before a deployment that ignores its check": (
        {"t.yaml": template(("Check", [BATCHED], ""), ("Beta", [DEPLOY], "")),
         **batch(checks="      ignore-failure: true"), "ship.yml": UNIT}, ("t.yaml", "the batch ignores its failure")),
    "a batch that is not started as one": (
        {"t.yaml": template(("Ship", [build("both")], ""), ("Beta", [DEPLOY], "")),
         **batch(needs="middle"), "both.yml": BATCH.format(needs="middle", checks="") + "phases:\n  build:\n    commands:\n      - checkov -d .\n"},
        None),
}


def results(files: dict[str, str], folder: Path) -> list[tuple[str, str, str, int]]:
    for name, text in files.items():
        (folder / name).write_text(text)
    report = run(Request((".",), str(folder), date(2026, 11, 29), search_policy=False, profile="audit", scanners=("rules",)))
    return [(r.compliance, r.at.path, r.message, len(r.path)) for r in report.results if r.rule in RULES and r.compliance != "COMPLIANT"]


@pytest.mark.parametrize("case", CASES)
def test_deployment_is_dominated_or_found(case: str, tmp_path: Path) -> None:
    files, expected = CASES[case]
    found = results(files, tmp_path)
    if expected is None:
        assert found == []
        return
    [(compliance, path, message, steps)] = found
    assert (compliance, path) == ("NON_COMPLIANT", expected[0])
    assert expected[1] in message
    assert steps >= 2


def test_unread_build_before_a_deployment_is_unknown(tmp_path: Path) -> None:
    files = {
        "t.yaml": template(("Check", [build("elsewhere")], ""), ("Beta", [build("scan"), DEPLOY], "")),
        "scan.yml": CHECKED,
    }
    [(compliance, _, message, _)] = results(files, tmp_path)
    assert compliance == "INSUFFICIENT_DATA"
    assert "Check.elsewhere" in message
