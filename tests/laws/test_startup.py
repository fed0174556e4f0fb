"""What each kind of run may load. Start-up is felt at every commit, so heavy modules wait until something needs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

# needed by no run that draws, parses and reports nothing
HEAVY = {
    "rich", "sarif_om", "tree_sitter", "tree_sitter_hcl", "tree_sitter_bash", "yaml", "ahocorasick_rs", "ahocorasick",
    "bandit", "detect_secrets", "checkov", "boto3", "botocore", "jsonschema_rs", "cfnlint", "hcl2", "pydantic",
    "importlib.metadata", "asyncio", "concurrent.futures", "multiprocessing", "logging", "sqlite3", "xml", "http", "urllib.request",
    "ssl", "socket", "email", "unittest", "tempfile", "shutil", "dataclasses", "inspect",
}
PRINT_MODULES = """
import sys
sys.argv = ["leftgate", *{arguments!r}]
try:
    from scanner.__main__ import main
    main()
except SystemExit:
    pass
finally:
    sys.stderr.write("\\n@@@" + " ".join(sorted(sys.modules)))
"""


def loaded(arguments: list[str], cwd: Path) -> set[str]:
    """Return the modules that a run of leftgate has loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + PRINT_MODULES.format(arguments=arguments)],
        capture_output=True, text=True, check=False, cwd=cwd,
    )
    output, _, modules = done.stderr.rpartition("@@@")
    assert modules, f"no list of modules: {output}{done.stderr[-1500:]}"
    assert "Traceback" not in output, output
    return set(modules.split())


def bare() -> set[str]:
    """Return what the interpreter has loaded by itself (editable installs add hooks of their own)."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; print(' '.join(sys.modules))"], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def found(forbidden: set[str], modules: set[str]) -> list[str]:
    """Return the forbidden modules, or parts of forbidden packages, among `modules`."""
    return sorted(m for m in modules if m in forbidden or any(m.startswith(f"{name}.") for name in forbidden))


def test_version_loads_next_to_nothing(tmp_path: Path) -> None:
    extra = loaded(["--version"], tmp_path) - bare()
    assert not found(HEAVY | {"argparse", "re", "json", "subprocess", "typing"}, extra)
    assert len(extra) <= 12, f"{len(extra)} modules for one line of text: {sorted(extra)}"


def test_explain_draws_but_does_not_scan(tmp_path: Path) -> None:
    """`explain` reads one rule: it may parse YAML, it does not load readers, scanners or reporters."""
    modules = loaded(["explain", "rds-instance-unencrypted"], tmp_path) - bare()
    assert not found({
        "sarif_om", "tree_sitter", "tree_sitter_hcl", "tree_sitter_bash", "ahocorasick_rs", "bandit", "detect_secrets", "boto3",
        "botocore", "scanner.model", "scanner.parse", "scanner.discover", "scanner.scanners", "scanner.report",
    }, modules)


def test_empty_scan_loads_no_reader(tmp_path: Path) -> None:
    modules = loaded(["scan", str(tmp_path), "--format", "json"], tmp_path) - bare()
    assert not found({
        "sarif_om", "tree_sitter", "tree_sitter_hcl", "tree_sitter_bash", "bandit", "detect_secrets", "boto3", "botocore", "rich",
        "jsonschema_rs", "cfnlint", "hcl2", "pydantic", "xml", "asyncio", "importlib.metadata", "sqlite3",
        "scanner.model.cloudformation", "scanner.model.terraform", "scanner.parse.yaml", "scanner.parse.hcl", "scanner.parse.shell",
        "scanner.report.sarif", "scanner.report.text", "scanner.report.junit",
    }, modules)


@pytest.mark.parametrize(
    ("name", "content", "unneeded"),
    [
        ("template.yaml", "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n", {
            "tree_sitter_hcl", "scanner.parse.hcl", "scanner.model.terraform", "yaml.reader", "yaml.loader", "re2",
            "scanner.analysis.untrusted", "scanner.scanners.secrets.gitleaks_settings", "dataclasses", "inspect", "sqlite3",
        }),
        ("main.tf", 'resource "aws_s3_bucket" "b" {}\n', {"scanner.model.cloudformation", "scanner.parse.dockerfile", "tree_sitter_bash"}),
        ("notes.txt", "nothing here\n", {"tree_sitter", "scanner.model.terraform", "scanner.model.cloudformation", "scanner.parse.shell"}),
    ],
)
def test_a_dialect_is_loaded_when_a_file_speaks_it(tmp_path: Path, name: str, content: str, unneeded: set[str]) -> None:
    (tmp_path / name).write_text(content)
    modules = loaded(["hook", "--", name], tmp_path)
    assert not found(unneeded | {"rich", "sarif_om", "bandit", "detect_secrets"}, modules)
