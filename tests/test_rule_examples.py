"""Every example of every rule answers as it says: one test per rule file."""

from __future__ import annotations

import os

import pytest

from scanner.cli.rule_examples import chosen_files, run_rule
from scanner.packs.cache import open_pack, rules_folder
from scanner.packs.load import rules_at
from scanner.packs.pack import Pack

FILES = [path for path, _ in chosen_files([], rules_folder())]


@pytest.fixture(scope="session")
def pack() -> Pack:
    return open_pack()


@pytest.mark.parametrize("path", FILES, ids=[os.path.relpath(path, rules_folder()) for path in FILES])
def test_examples(path: str, pack: Pack) -> None:
    failures = [failure.text for source in rules_at(path) for failure in run_rule(source, pack).failures]
    assert not failures, "\n\n".join(["", *failures])
