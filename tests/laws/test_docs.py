"""The documentation says what the program does: commands, options, paths, snippets, generated pages."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml

from scanner.plugins import COMMANDS, DIALECTS, REPORTERS

ROOT = Path(__file__).resolve().parent.parent.parent
GENERATED = {"docs/cli.md", "docs/matrix.md"}
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "examples/README.md", "benchmarks/README.md")]
PAGES += sorted(p for p in (ROOT / "docs").glob("*.md") if p.relative_to(ROOT).as_posix() not in GENERATED)
PAGES = [page for page in PAGES if page.exists()]
# paths that pages name before or without their being in the repository
NOT_IN_REPOSITORY = {
    "docs/rules/",  # written by make docs
}


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def cli_page() -> str:
    return (ROOT / "docs" / "cli.md").read_text()


@cache
def known_options() -> set[str]:
    return set(re.findall(r"--[a-z][a-z-]+", cli_page()))


def test_every_command_has_its_section() -> None:
    for command in COMMANDS:
        assert f"## leftgate {command}\n" in cli_page()


def test_every_format_and_dialect_is_known_to_the_reader() -> None:
    for form in REPORTERS:
        assert form in cli_page(), f"format {form} is in no help text"
    glossary = " ".join(page.read_text().lower() for page in PAGES)
    for dialect in DIALECTS:
        assert dialect.replace("-", " ") in glossary or dialect in glossary, f"dialect {dialect} is on no page"


@pytest.mark.skipif(sys.version_info[:2] > (3, 12), reason="argparse of later versions words its help differently")
def test_generated_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "generate_docs.py"), "--check"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def commands_on(text: str) -> list[str]:
    """Return every `leftgate ...` of a page that stands in code: a line of a block, or an inline span."""
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.S | re.M)
    prose = re.sub(r"^```[^\n]*\n.*?^```", "", text, flags=re.S | re.M)
    lines = [line.split(" # ")[0] for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", prose)
    return [found[1].strip() for line in lines if (found := re.search(r"(?:^|[\s/'\"-]|bin/)leftgate ([a-z][^'\"|&;#]*)", line))]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_name_only_commands_and_options_that_exist(page: Path) -> None:
    wrong = []
    for line in commands_on(page.read_text()):
        words = line.split()
        if words[0] not in COMMANDS:
            wrong.append(f"leftgate {line}")
        wrong += [word for word in re.findall(r"(?<!\S)--[a-z][a-z-]+", line) if word not in known_options()]
    assert not wrong, f"{name_of(page)} names {wrong}"


def test_the_reader_of_commands_reads() -> None:
    assert commands_on("run `leftgate scan . --format json`\n\n```sh\n- leftgate hook -- x\n```\n leftgate and more") == [
        "hook -- x", "scan . --format json"]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_name_only_paths_that_exist(page: Path) -> None:
    text = page.read_text()
    named = {
        path for path in re.findall(r"(?<![\w/.-])((?:scanner|rules|policies|tests|docs|examples|benchmarks|tools|\.ci|\.github)/[\w./-]*)", text)
    }
    named |= {
        (page.parent / link).resolve().relative_to(ROOT).as_posix()
        for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    }
    wrong = [
        path for path in sorted(named)
        if not any((base / path.rstrip(".")).exists() for base in (ROOT, page.parent, page.parent / "parcel-service"))
        and not any(path.startswith(allowed) for allowed in NOT_IN_REPOSITORY)
        and "NAME" not in path
    ]
    assert not wrong, f"{name_of(page)} names paths that do not exist: {wrong}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"`make ([a-z-]+)", page.read_text())) | set(re.findall(r"^make ([a-z-]+)", page.read_text(), re.M))
    assert named <= targets, f"{name_of(page)} names make targets that do not exist: {named - targets}"


def runnable() -> list[str]:
    """Return the commands of README blocks that follow `<!-- run -->`, one a line."""
    blocks = re.findall(r"<!-- run -->\n```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("command", runnable())
def test_readme_commands_run(command: str, tmp_path: Path) -> None:
    """In a copy of the example service every command of the README ends with a decision, never with a usage error."""
    project = tmp_path / "project"
    shutil.copytree(ROOT / "examples" / "parcel-service", project)
    shutil.copyfile(project / "cloudformation" / "service.yaml", project / "template.yaml")
    words = shlex.split(command)
    assert words[0] == "leftgate"
    done = subprocess.run(
        [sys.executable, "-m", "scanner", *words[1:]], capture_output=True, text=True, check=False, cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode in (0, 1), f"exit status {done.returncode}\n{done.stdout[-1000:]}\n{done.stderr[-2000:]}"
    assert "Traceback" not in done.stderr
    assert done.stdout.strip()


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.S)


def test_readme_snippets_parse() -> None:
    for snippet in snippets("yaml"):
        assert yaml.safe_load(snippet)
    for snippet in snippets("json"):
        assert json.loads(snippet)


def test_readme_hook_ids_exist() -> None:
    ids = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    used = {hook["id"] for snippet in snippets("yaml") if "hooks:" in snippet
            for repo in yaml.safe_load(snippet)["repos"] for hook in repo["hooks"]}
    assert used
    assert used <= ids


def test_what_the_readme_recommends_passes_the_gate(tmp_path: Path) -> None:
    """The snippets are themselves scanned: what we tell people to copy closes no gate."""
    for snippet in snippets("yaml"):
        if "phases:" in snippet:
            (tmp_path / "buildspec.yml").write_text(snippet)
        elif "jobs:" in snippet:
            (tmp_path / ".github" / "workflows").mkdir(parents=True)
            (tmp_path / ".github" / "workflows" / "gate.yml").write_text(snippet)
        elif "script:" in snippet:
            (tmp_path / ".gitlab-ci.yml").write_text(snippet)
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "scan", str(tmp_path), "--no-config", "--no-cache", "--format", "json"],
        capture_output=True, text=True, check=False, cwd=ROOT)
    found = [(r["rule"], r["location"]["path"], r["location"]["start_line"], r["severity"]) for r in json.loads(done.stdout)["results"]
             if r["compliance"] == "NON_COMPLIANT" and r["severity"] in ("critical", "high", "medium")]
    assert not found
    assert done.returncode == 0, done.stdout[-2000:]


def test_glossary_is_sorted_and_has_no_word_twice() -> None:
    words = re.findall(r"^\| ([a-z]+) \|", (ROOT / "docs" / "glossary.md").read_text(), re.M)[1:]
    assert words == sorted(words)
    assert len(words) == len(set(words))


def test_layer_table_of_the_page_is_the_one_that_is_tested() -> None:
    from tests.laws.test_layers import MAY_IMPORT

    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", (ROOT / "docs" / "architecture.md").read_text(), re.M))
    for room, allowed in rows.items():
        if room in {"flow", "core"}:
            continue
        named = {word.strip() for word in allowed.split(",")}
        assert named == MAY_IMPORT[room], room


def test_policy_of_the_page_is_accepted(tmp_path: Path) -> None:
    """The policy file that docs/policies.md shows is one that leftgate takes, with rules that exist."""
    snippet = re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / "policies.md").read_text(), re.S)
    assert snippet
    (tmp_path / "leftgate.yaml").write_text(snippet[1])
    (tmp_path / "notes.txt").write_text("nothing\n")
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "scan", str(tmp_path), "--no-cache", "--format", "json"],
        capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode != 2, done.stderr
    assert not [n for n in json.loads(done.stdout)["notifications"] if n["kind"] == "policy-unknown-rule"]
