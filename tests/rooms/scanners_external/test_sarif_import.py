"""Other tools' SARIF: what it becomes, where it may point, and files that are wrong or hostile."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import flow
from scanner.core.artifact import Artifact
from scanner.core.context import Context
from scanner.core.errors import UsageError
from scanner.core.inventory import Inventory
from scanner.core.report import Report
from scanner.core.rule import CATEGORIES, CONFIDENCES, SEVERITIES
from scanner.report import sarif, text
from scanner.scanners import sarif_import

CODE = "import os\nx = 1  # 😀 eval(y)\nprint(x)\n"


def at(uri: str, line: int = 2, **more: object) -> dict[str, object]:
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": line, **more}}}


def item(uri: str = "app/a.py", **more: object) -> dict[str, object]:
    return {"ruleId": "py.eval", "level": "error", "message": {"text": "eval of input"}, "locations": [at(uri)], **more}


def log(*results: object, rules: object = (), tool: str = "Semgrep OSS", **run: object) -> str:
    return json.dumps({"version": "2.1.0", "runs": [
        {"tool": {"driver": {"name": tool, "rules": list(rules)}}, "results": list(results), **run}]})  # type: ignore[call-overload]


def imported(content: str, **options: object) -> tuple[list[object], list[object]]:
    notes: list[object] = []
    context = Context(Inventory(), (Artifact("app/a.py", CODE.encode()),), None, "default", date(2026, 11, 21),
                      lambda *note: notes.append(note), True, {"sarif": (("tool.sarif", content),), "root": "/work/repo", **options})
    return list(sarif_import.scan(context)), notes


def one(result: dict[str, object], **more: object):
    found, notes = imported(log(result, **more))
    assert notes == []
    assert len(found) == 1
    return found[0]


def scan(folder: Path, *files: str, paths: tuple[str, ...] = (".",), **more: object) -> Report:
    request = {"search_policy": False, "scanners": ("rules", "secrets", "sarif-import"), "sarif": files, **more}
    return flow.run(flow.Request(paths, str(folder), date(2026, 11, 21), **request))  # type: ignore[arg-type]


def test_a_result_as_ours() -> None:
    result = one(item())
    assert (result.rule, result.severity, result.confidence, result.category, result.compliance) == (
        "sarif-semgrep-oss-py-eval", "high", "medium", "code", "NON_COMPLIANT")
    assert result.at == ("app/a.py", 2, 1, 2, 19)
    assert result.address == "app/a.py"
    assert result.controls == {"semgrep-oss": ("py.eval",)}
    assert result.message == "eval of input (Semgrep OSS py.eval)"


@pytest.mark.parametrize(("result", "rule", "severity"), [
    ({"level": "error"}, {}, "high"), ({"level": "warning"}, {}, "medium"), ({"level": "note"}, {}, "low"), ({"level": "none"}, {}, "info"),
    ({}, {}, "medium"), ({}, {"defaultConfiguration": {"level": "error"}}, "high"),
    ({"level": "note"}, {"properties": {"security-severity": "9.8"}}, "critical"),
    ({"level": "error"}, {"properties": {"security-severity": "7.0"}}, "high"),
    ({"level": "error"}, {"properties": {"security-severity": 4.0}}, "medium"),
    ({"level": "error"}, {"properties": {"security-severity": "3.9"}}, "low"),
    ({"level": "error"}, {"properties": {"security-severity": "0.0"}}, "info"),
    ({"properties": {"security-severity": "2"}}, {"properties": {"security-severity": "9.8"}}, "low"),
    ({"properties": {"severity": "CRITICAL"}}, {}, "critical"),
    ({"level": "error"}, {"properties": {"security-severity": "nan"}}, "high"),
    ({"level": "error"}, {"properties": {"security-severity": "1e999"}}, "high"),
    ({"level": "error"}, {"properties": {"security-severity": -1}}, "high"),
    ({"level": "error"}, {"properties": {"security-severity": True}}, "high"),
    ({"level": ["error"]}, {}, "medium"),
])
def test_severity(result, rule, severity) -> None:
    made = {key: value for key, value in item().items() if key != "level"} | result
    assert one(made, rules=[{"id": "py.eval", **rule}]).severity == severity


@pytest.mark.parametrize("reference", [
    {"ruleId": "b"}, {"ruleIndex": 1}, {"ruleId": "b/sub"}, {"rule": {"id": "b"}}, {"rule": {"index": 1}}, {"ruleId": "b", "ruleIndex": 0},
])
def test_the_rule_is_found_however_it_is_named(reference) -> None:
    made = {key: value for key, value in item().items() if key not in ("ruleId", "level")} | reference
    rules = [{"id": "a", "properties": {"security-severity": "1"}}, {"id": "b", "properties": {"security-severity": "9.9"}}]
    result = one(made, rules=rules)
    assert result.severity == "critical"
    assert result.rule.startswith("sarif-semgrep-oss-b")


def test_a_rule_of_an_extension() -> None:
    made = item(rule={"index": 0, "toolComponent": {"index": 0}}, ruleId=None)
    content = json.loads(log(made))
    content["runs"][0]["tool"]["extensions"] = [{"name": "queries", "rules": [{"id": "ext", "properties": {"precision": "very-high"}}]}]
    (result,), _ = imported(json.dumps(content))
    assert (result.rule, result.confidence) == ("sarif-semgrep-oss-ext", "high")


def test_messages_from_the_rule_with_arguments_and_without_links_or_control_characters() -> None:
    rules = [{"id": "py.eval", "messageStrings": {"m": {"text": "calls {0} of\n{1} \x1b[31m"}}}]
    assert one(item(message={"id": "m", "arguments": ["eval", "[y](1)"]}), rules=rules).message == \
        "calls eval of y [31m (Semgrep OSS py.eval)"
    assert one(item(message={"text": "x" * 10**6})).message.startswith("x" * 990)
    assert len(one(item(message={"text": "x" * 10**6})).message) < 1100


@pytest.mark.parametrize(("kind", "compliance"), [
    ("pass", "COMPLIANT"), ("open", "INSUFFICIENT_DATA"), ("review", "INSUFFICIENT_DATA"), ("notApplicable", "NOT_APPLICABLE"), ("fail", "NON_COMPLIANT"),
])
def test_kinds(kind, compliance) -> None:
    assert one(item(kind=kind, level="none")).compliance == compliance


def test_a_result_that_is_gone_is_none() -> None:
    assert imported(log(item(baselineState="absent"))) == ([], [])


@pytest.mark.parametrize(("marks", "options", "kept"), [
    ([{"kind": "inSource", "justification": "reviewed"}], {}, ["reviewed"]),
    ([{"kind": "external", "status": "accepted"}], {}, [""]),
    ([{"kind": "external", "status": "underReview"}], {}, []),
    ([{"kind": "inSource"}, {"kind": "external", "status": "rejected"}], {}, []),
    ([{"kind": "inSource"}], {"peer_suppressions": False}, []),
    ([], {}, []), ("yes", {}, []),
])
def test_suppressions(marks, options, kept) -> None:
    (result,), _ = imported(log(item(suppressions=marks)), **options)
    assert [(mark.kind, mark.reason) for mark in result.suppressions] == [("peer", reason) for reason in kept]


@pytest.mark.parametrize(("uri", "path"), [
    ("app/a.py", "app/a.py"), ("./app//x/../a.py", "app/a.py"), ("file:///work/repo/app/a.py", "app/a.py"), ("/work/repo/app/a.py", "app/a.py"),
    ("file:/work/repo/b.py", "b.py"), ("file://localhost/work/repo/b.py", "b.py"), ("a%20b.py", "a b.py"), ("app\\a.py", "app/a.py"),
])
def test_paths_inside(uri, path) -> None:
    assert one(item(uri)).at.path == path


@pytest.mark.parametrize("uri", [
    "../x.py", "app/../../x.py", "%2e%2e/x.py", "/etc/passwd", "file:///etc/passwd", "/work/repo2/x.py", "/work/repo/../x.py", "https://x/y.py",
    "//host/x.py", "file://host/work/repo/a.py", "a\n.py", "a%00b", "a%1b[31m.py", "..\\x.py", ".", "a/..", "x" * 5000, "%ff\udc80",
])
def test_paths_outside_are_left_out_and_make_the_run_incomplete(uri) -> None:
    found, notes = imported(log(item(uri), item()))
    assert [result.at.path for result in found] == ["app/a.py"]
    assert [(note[0], note[1]) for note in notes] == [("error", "sarif-left-out")]


def test_bases() -> None:
    bases = {"ROOT": {"uri": "file:///work/repo/"}, "APP": {"uri": "app/", "uriBaseId": "ROOT"}, "HERE": {}, "LOOP": {"uriBaseId": "LOOP"},
             "UP": {"uri": "../", "uriBaseId": "ROOT"}}

    def located(base: str) -> dict[str, object]:
        return item(locations=[{"physicalLocation": {"artifactLocation": {"uri": "a.py", "uriBaseId": base}}}])

    assert one(located("APP"), originalUriBaseIds=bases).at.path == "app/a.py"
    assert one(located("HERE"), originalUriBaseIds=bases).at.path == "a.py"
    assert one(located("unknown"), originalUriBaseIds=bases).at.path == "a.py"
    for base in ("LOOP", "UP"):
        assert imported(log(located(base), originalUriBaseIds=bases))[0] == []


def test_a_location_by_index_and_none_at_all() -> None:
    by_index = item(locations=[{"physicalLocation": {"artifactLocation": {"index": 0}, "region": {"startLine": 3}}}])
    assert one(by_index, artifacts=[{"location": {"uri": "app/a.py"}}]).at[:2] == ("app/a.py", 3)
    assert one(item(locations=[])).at[:2] == ("tool.sarif", 1)


@pytest.mark.parametrize(("region", "run", "place"), [
    ({"startLine": 2, "startColumn": 13, "endColumn": 20}, {}, (2, 12, 2, 19)),  # UTF-16: the emoji counts twice
    ({"startLine": 2, "startColumn": 12, "endColumn": 19}, {"columnKind": "unicodeCodePoints"}, (2, 12, 2, 19)),
    ({"startLine": 1, "endLine": 2}, {}, (1, 1, 2, 19)),
    ({"charOffset": 10, "charLength": 5}, {}, (2, 1, 2, 6)),
    ({"startLine": 10**6}, {}, (4, 1, 4, 1)),
    ({"startLine": 10**30, "startColumn": 10**30}, {}, (1, 1, 1, 10)),
    ({"startLine": -5, "startColumn": -5, "endLine": -7, "endColumn": -1}, {}, (1, 1, 1, 10)),
    ({"startLine": "2"}, {}, (1, 1, 1, 10)), ({"startLine": True}, {}, (1, 1, 1, 10)), ([], {}, (1, 1, 1, 10)),
    ({"startLine": 2, "startColumn": 9, "endLine": 2, "endColumn": 3}, {}, (2, 9, 2, 9)),
])
def test_regions(region, run, place) -> None:
    made = item(locations=[{"physicalLocation": {"artifactLocation": {"uri": "app/a.py"}, "region": region}}])
    assert tuple(one(made, **run).at)[1:] == place


def test_below_the_top_of_the_repository() -> None:
    results = log(item("repo/app/a.py"), item("app/a.py"), item("other/b.py"), item("/work/repo/app/a.py"), item("/work/x.py"), item("repo/new.py"))
    found, notes = imported(results, prefix="repo/")
    assert [result.at.path for result in found] == ["app/a.py", "app/a.py", "app/a.py", "new.py"]
    assert [(note[0], note[2]) for note in notes] == [
        ("warning", "tool.sarif, run 1 has 2 results outside of the scanned folder; they were left out")]


def test_excluded_and_unasked_files() -> None:
    found, notes = imported(log(item(), item("b.py")), excluded=lambda path: path == "app/a.py")
    assert [result.at.path for result in found] == ["b.py"]
    found, notes = imported(log(item(), item("b.py")), only_artifacts=True)
    assert [result.at.path for result in found] == ["app/a.py"]
    assert notes[0][0] == "warning"


@pytest.mark.parametrize(("content", "said"), [
    ("", "is not JSON"), ("{", "is not JSON"), ("[" * 100_000, "nesting"), ('{"a": ' * 100_000, "nesting"), ("1" * 5000, "numbers"),
    ("[]", "version is missing"), ("null", "version is missing"), ('{"version": "2.0.0", "runs": [{}]}', "its version is 2.0.0"),
    ('{"version": "2.1.0"}', "holds no run"), ('{"version": "2.1.0", "runs": {}}', "holds no run"),
    (json.dumps({"version": "2.1.0", "runs": [{}] * 101}), "more than 100 runs"),
    ('{"version": "2.1.0", "runs": [7]}', "no list of results"), ('{"version": "2.1.0", "runs": [{"results": null}]}', "no list of results"),
])
def test_files_that_are_no_use(content, said) -> None:
    found, notes = imported(content)
    assert found == []
    assert notes[0][0] == "error"
    assert notes[0][2].startswith("tool.sarif")
    assert said in notes[0][2]


def test_a_run_that_failed_is_not_a_clean_run() -> None:
    _, notes = imported(log(invocations=[{"executionSuccessful": False}]))
    assert [(note[0], note[1]) for note in notes] == [("error", "sarif-run-failed")]
    assert imported(log(invocations=[{"executionSuccessful": True}])) == ([], [])


def test_too_many_results_are_bounded_and_told(monkeypatch) -> None:
    monkeypatch.setattr(sarif_import, "MOST_RESULTS", 10)
    found, notes = imported(log(*[item() for _ in range(11)]))
    assert len(found) == 10
    assert [(note[0], note[1]) for note in notes] == [("error", "too-many-results")]


def test_no_file_named() -> None:
    notes: list[object] = []
    context = Context(Inventory(), (), None, "default", date(2026, 11, 21), lambda *note: notes.append(note))
    assert list(sarif_import.scan(context)) == []
    assert [(note[0], note[1], note[4]) for note in notes] == [("error", "scanner-missing", "add --sarif FILE")]


def test_a_tool_cannot_take_the_name_of_a_rule_of_ours() -> None:
    assert one(item(ruleId="instance-public"), tool="rds").rule == "sarif-rds-instance-public"
    assert one(item(ruleId="\x1b]0;\n"), tool="\u202e").rule == "sarif-unknown-0"


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["fail", "error", "a", "../x", "file:"])
KEYS = st.sampled_from([
    "ruleId", "ruleIndex", "rule", "index", "id", "toolComponent", "level", "kind", "message", "text", "arguments", "locations", "properties",
    "physicalLocation", "artifactLocation", "uri", "uriBaseId", "region", "startLine", "endLine", "startColumn", "endColumn", "charOffset",
    "charLength", "logicalLocations", "fullyQualifiedName", "relatedLocations", "suppressions", "status", "security-severity", "severity", "tags",
])
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=30)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, TREES, max_size=8), TREES, TREES)
def test_whatever_stands_where(result, tool, bases) -> None:
    """Any shape in any place gives well-formed results or none; never an exception."""
    content = json.dumps({"version": "2.1.0", "runs": [
        {"tool": tool, "results": [result, item(**result)], "originalUriBaseIds": bases, "artifacts": bases, "invocations": bases}]})
    found, _ = imported(content)
    for made in found:
        assert made.severity in SEVERITIES
        assert made.confidence in CONFIDENCES
        assert made.category in CATEGORIES
        assert not made.at.path.startswith(("/", ".."))
        assert 1 <= made.at.start_line <= made.at.end_line
        assert made.at.start_column >= 1
        assert made.at.end_column >= 1
        assert made.rule.startswith("sarif-")


TEMPLATE = "Resources:\n  Db:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      PubliclyAccessible: true\n"


def test_our_own_output_comes_back(tmp_path) -> None:
    """Same findings, places, severities and confidences, under names that say where they come from."""
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    first = scan(tmp_path, scanners=("rules",), sarif=())
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "own.sarif").write_bytes(sarif.render(first, {}))
    again = scan(tmp_path, "out/own.sarif", scanners=("sarif-import",), exclude=("out",))
    ours = [r for r in first.results if r.compliance == "NON_COMPLIANT"]
    assert len(ours) >= 3
    assert [(f"sarif-leftgate-{r.rule}", r.severity, r.confidence, r.category, r.address, r.at) for r in ours] == [
        (r.rule, r.severity, r.confidence, r.category, r.address, r.at) for r in again.results]
    assert again.decision.exit_status == first.decision.exit_status == 1


def test_what_a_rule_of_ours_judged_is_said_once(tmp_path) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    other = tmp_path.parent / "checkov.sarif"
    other.write_text(log(item("t.yaml", ruleId="CKV_AWS_17", locations=[at("t.yaml", 2, endLine=5)]),
                         item("t.yaml", ruleId="CKV_AWS_9999", locations=[at("t.yaml", 2, endLine=5)]), tool="Checkov"))
    found = scan(tmp_path, str(other))
    assert [r.rule for r in found.results if r.scanner == "sarif-import"] == ["sarif-checkov-ckv-aws-9999"]
    assert [r.rule for r in found.results if "CKV_AWS_17" in r.controls.get("checkov", ())] == ["rds-instance-public"]


def test_the_policy_decides_about_imported_results(tmp_path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "leftgate.yaml").write_text("rules:\n  sarif-semgrep-oss-py-eval: {severity: low}\n")
    (tmp_path / "s.sarif").write_text(log(item("a.py")))
    assert scan(tmp_path, "s.sarif").decision.exit_status == 1
    lowered = scan(tmp_path, "s.sarif", search_policy=True)
    assert lowered.decision.exit_status == 0
    assert not [note for note in lowered.notifications if note.level != "note"]


def test_an_unreadable_file_is_a_matter_of_usage(tmp_path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    with pytest.raises(UsageError, match=r"missing\.sarif"):
        scan(tmp_path, "missing.sarif")
    (tmp_path / "b.sarif").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(UsageError, match="UTF-8"):
        scan(tmp_path, "b.sarif")


def test_the_command_line(tmp_path, capsys) -> None:
    from scanner.cli import scan as command

    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "s.sarif").write_text(log(item("a.py")))
    status = command.run([str(tmp_path), "--no-config", "--no-cache", "--format", "json", "--sarif", os.path.join(tmp_path, "s.sarif")])
    shown = json.loads(capsys.readouterr().out)
    assert status == 1
    assert [(r["rule"], r["location"]["path"]) for r in shown["results"]] == [("sarif-semgrep-oss-py-eval", "a.py")]


def test_what_is_imported_is_new_in_a_pull_request(tmp_path) -> None:
    """The past has no SARIF to compare with: the file must not be its own baseline."""
    import subprocess

    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", *words], cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "a.py").write_text("x = 1\n")
    git("init", "-q")
    git("add", "a.py")
    git("commit", "-qm", "one")
    other = tmp_path.parent / "diff.sarif"
    other.write_text(log(item("a.py")))
    found = scan(tmp_path, str(other), since="HEAD")
    assert [(r.rule, r.suppressions) for r in found.results] == [("sarif-semgrep-oss-py-eval", ())]
    assert found.decision.exit_status == 1


def test_a_file_that_the_run_does_not_read_is_not_shown(tmp_path) -> None:
    """Otherwise whoever writes the SARIF could have any ignored file of the folder printed, unmasked."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".leftgateignore").write_text("private.txt\n")
    (tmp_path / "private.txt").write_text("one\nvery-private-line\n")
    (tmp_path / "a.py").write_text("x = 1\n")
    other = tmp_path.parent / "shown.sarif"
    other.write_text(log(item("private.txt", relatedLocations=[at("private.txt")]), item("a.py", locations=[at("a.py", 1)])))
    found = scan(tmp_path, str(other))
    assert sorted(r.at.path for r in found.results) == ["a.py", "private.txt"]
    assert found.source("a.py") == "x = 1\n"
    assert found.source("private.txt") is None
    assert b"very-private-line" not in text.render(found, {"color": False, "width": 100})
