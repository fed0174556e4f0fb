"""Every format: golden files for a report with everything and one with nothing, secrets, schema, hostile text."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import jsonschema_rs
import pytest

from scanner import plugins
from scanner.core.report import Report

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden"
ENDINGS = {"text": "txt", "json": "json", "sarif": "sarif", "sarif-github": "github.sarif", "junit": "xml"}
FORMATS = sorted(plugins.REPORTERS)
SECRET = "s3cr3t-värld-4711"


def render(form: str, report: Report, **options: object) -> bytes:
    return plugins.resolve(plugins.REPORTERS[form])(report, options)  # type: ignore[operator,no-any-return]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("amount", ["full", "empty", "all"])
def test_golden(form: str, amount: str, full_report: Report, empty_report: Report) -> None:
    """`LEFTGATE_GOLDEN=write` accepts what comes out; look at the difference before you commit it."""
    report = empty_report if amount == "empty" else full_report
    made = render(form, report, results="all" if amount == "all" else "findings")
    file = GOLDEN / f"report-{amount}.{ENDINGS.get(form, form)}"
    if os.environ.get("LEFTGATE_GOLDEN") == "write":
        file.write_bytes(made)
    assert made.decode() == file.read_bytes().decode()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("color", [False, True])
def test_no_secret_in_any_format(form: str, color: bool, full_report: Report) -> None:
    made = render(form, full_report, results="all", color=color).decode("utf-8", "backslashreplace")
    for spelling in (SECRET, json.dumps(SECRET)[1:-1], "4711"):
        assert spelling not in made


@pytest.mark.parametrize("form", ["sarif", "sarif-github"])
@pytest.mark.parametrize("amount", ["full", "empty"])
def test_sarif_is_valid(form: str, amount: str, full_report: Report, empty_report: Report) -> None:
    schema = json.loads((ROOT / "tests/schemas/sarif-2.1.0.json").read_text())
    log = json.loads(render(form, full_report if amount == "full" else empty_report, results="all"))
    errors = [f"{list(error.instance_path)}: {error.message}" for error in jsonschema_rs.validator_for(schema).iter_errors(log)]
    assert not errors


def run_of(report: Report, form: str = "sarif-github", **options: object) -> dict:
    (run,) = json.loads(render(form, report, **options))["runs"]
    return run


def test_github_sees_only_findings_that_count(full_report: Report) -> None:
    run = run_of(full_report)
    assert [(found["ruleId"], found["kind"], found["level"]) for found in run["results"]] == [
        ("security-group-open-to-world-on-ssh", "fail", "error"), ("hard-coded-token", "fail", "error"),
        ("download-piped-to-shell", "fail", "warning"),
    ]
    assert all("suppressions" not in found for found in run["results"])
    assert run["automationDetails"] == {"id": "leftgate/default/"}


def test_github_profile_of_rules(full_report: Report) -> None:
    rules = run_of(full_report)["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(rule["id"] for rule in rules)
    for index, rule in enumerate(rules):
        severity = rule["properties"]["security-severity"]
        assert isinstance(severity, str)
        assert 0 < float(severity) <= 10
        assert "security" in rule["properties"]["tags"]
        assert len(rule["properties"]["tags"]) <= 10
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
        assert run_of(full_report)["tool"]["driver"]["rules"][index]["id"] == rule["id"]
    assert {rule["id"]: rule["properties"]["security-severity"] for rule in rules} == {
        "download-piped-to-shell": "5.5", "hard-coded-token": "8.0", "security-group-open-to-world-on-ssh": "9.5",
    }


def test_github_info_has_no_severity(full_report: Report) -> None:
    rules = {rule["id"]: rule for rule in run_of(full_report, "sarif", results="all")["tool"]["driver"]["rules"]}
    assert "security-severity" not in rules["security-group-undescribed"]["properties"]


def test_github_locations(full_report: Report) -> None:
    first, second, _ = run_of(full_report)["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "service/infra/app.yaml"
    assert place["region"] == {"startLine": 6, "startColumn": 63, "endLine": 6, "endColumn": 72}
    assert second["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "service/scripts/a%20b%23.sh"


def test_github_links_related_places(full_report: Report) -> None:
    first = run_of(full_report)["results"][0]
    assert first["relatedLocations"][0]["id"] == 1
    assert first["message"]["text"].endswith("(see [AWS::EC2::SecurityGroup Web(0)](1))")
    assert "[22](x)" not in first["message"]["text"]
    steps = first["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"] for step in steps] == ["the internet reaches", "port 22"]


def test_github_hashes_come_from_the_original_text(full_report: Report) -> None:
    from scanner.report.line_hash import line_hashes

    second = run_of(full_report)["results"][1]
    assert second["partialFingerprints"]["primaryLocationLineHash"] == line_hashes(full_report.original("scripts/a b#.sh") or "")[0]


def test_sarif_keeps_suppressed_results(full_report: Report) -> None:
    suppressed = [found for found in run_of(full_report, "sarif")["results"] if "suppressions" in found]
    assert [found["suppressions"][0]["kind"] for found in suppressed] == ["external", "inSource"]
    assert [found["suppressions"][0]["justification"] for found in suppressed] == ["replaced on Monday", "known"]


def test_sarif_kinds(full_report: Report) -> None:
    found = [(one["kind"], one["level"]) for one in run_of(full_report, "sarif", results="all")["results"]]
    assert found.count(("pass", "none")) == 1
    assert found.count(("open", "none")) == 1
    assert found.count(("fail", "error")) == 3


def test_sarif_limits_results(full_report: Report) -> None:
    from scanner.report import sarif

    low, high = full_report.results[4], full_report.results[1]
    many = full_report._replace(results=(low,) * (sarif.MOST_RESULTS) + (high,))
    assert len(run_of(many)["results"]) == sarif.MOST_RESULTS
    assert run_of(many)["results"][-1]["ruleId"] == high.rule


def test_junit_is_xml(full_report: Report) -> None:
    root = ElementTree.fromstring(render("junit", full_report))
    gate = root.find("testsuite[@name='gate']/testcase/failure")
    assert gate is not None
    assert gate.get("type") == "FAILED"
    assert [suite.get("name") for suite in root] == ["gate", "not looked at", "infra/app.yaml", "scripts/a b#.sh"]
    for suite in root:
        assert int(suite.get("failures") or 0) == len(suite.findall("testcase/failure"))
        assert int(suite.get("skipped") or 0) == len(suite.findall("testcase/skipped"))


def test_text_does_not_let_files_draw(full_report: Report) -> None:
    assert b"\x1b" not in render("text", full_report, results="all")


def test_text_underlines_the_span(full_report: Report) -> None:
    lines = render("text", full_report).decode().splitlines()
    at = next(index for index, line in enumerate(lines) if "CidrIp: 0.0.0.0/0" in line)
    begin = lines[at].index("0.0.0.0/0")
    assert lines[at + 1] == " " * 4 + "  | " + " " * (begin - 8) + "^" * 9


def test_colours_change_nothing_but_colours(full_report: Report) -> None:
    import re

    drawn = render("text", full_report, color=True, width=400).decode()
    assert "\x1b[" in drawn
    undrawn = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", drawn).splitlines()]
    assert undrawn == [line.rstrip() for line in render("text", full_report).decode().splitlines()]


def test_nothing_looked_at_reads_unlike_nothing_found(empty_report: Report) -> None:
    blank = empty_report._replace(coverage=empty_report.coverage._replace(artifacts=0, dialects=(), subjects=()))
    assert render("text", blank).decode().splitlines()[-1].startswith("looked at nothing")
    assert render("text", empty_report).decode().splitlines()[-1].startswith("looked at 1 file")
