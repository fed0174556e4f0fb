"""Every line of the plugin tables leads somewhere, and everything pluggable has a line."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from scanner import plugins

ROOT = Path(__file__).resolve().parent.parent.parent

TABLES: dict[str, dict[str, str]] = {
    "DIALECTS": plugins.DIALECTS,
    "DERIVATIONS": {reference: reference for reference, _ in plugins.DERIVATIONS},
    "PREDICATES": plugins.PREDICATES,
    "SCANNERS": plugins.SCANNERS,
    "REPORTERS": plugins.REPORTERS,
    "COMMANDS": plugins.COMMANDS,
}
ENTRIES = [(table, name, reference) for table, entries in TABLES.items() for name, reference in entries.items()]
SIGNATURES = {
    "DIALECTS": ["artifacts", "workspace"],
    "DERIVATIONS": ["workspace"],
    "PREDICATES": ["subject", "arguments", "view"],
    "SCANNERS": ["context"],
    "REPORTERS": ["report", "options"],
    "COMMANDS": ["arguments"],
}


@pytest.mark.parametrize(("table", "name", "reference"), ENTRIES, ids=lambda value: str(value))
def test_entry_resolves(table: str, name: str, reference: str) -> None:
    function = plugins.resolve(reference)
    assert callable(function), reference
    names = [p.lstrip("_") for p in inspect.signature(function).parameters]
    # a predicate may call its subject what it is (command, statement); the others are called by the words of the table
    expected = SIGNATURES[table]
    assert (len(names) >= 3 if table == "PREDICATES" else names[: len(expected)] == expected), f"{reference} takes {names}"
    for parameter in list(inspect.signature(function).parameters.values())[len(SIGNATURES[table]):]:
        assert parameter.default is not inspect.Parameter.empty, f"{reference}: {parameter.name} has no default"


@pytest.mark.parametrize(
    ("table", "folder"),
    [("DIALECTS", "model"), ("DERIVATIONS", "model/derived"), ("SCANNERS", "scanners"), ("REPORTERS", "report"), ("COMMANDS", "cli")],
)
def test_nothing_pluggable_is_forgotten(table: str, folder: str) -> None:
    """A module that has the plug's function is in the table."""
    function = {"DIALECTS": "state", "DERIVATIONS": "derive", "SCANNERS": "scan", "REPORTERS": "render", "COMMANDS": "run"}[table]
    listed = {reference.partition(":")[0] for reference in TABLES[table].values()}
    missing = []
    for path in sorted((ROOT / "scanner" / folder).iterdir()):
        module = path if path.suffix == ".py" else path / "__init__.py"
        if path.stem.startswith("_") or not module.is_file():
            continue
        if f"\ndef {function}(" in module.read_text():
            name = f"scanner.{folder.replace('/', '.')}.{path.stem}"
            if name not in listed:
                missing.append(name)
    assert not missing
