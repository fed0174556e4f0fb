"""Processes that Python starts: which calls are read, and where their words stand."""

from __future__ import annotations

import pytest

from scanner.core.artifact import Artifact
from scanner.core.subject import Command, Script
from scanner.flow import inventory_of


class NoFiles:
    """A root without further files."""

    def read(self, path: str) -> Artifact | None:
        return None

    def below(self, folder: str) -> list[str]:
        return []


def commands(source: str) -> list[Command]:
    inventory = inventory_of([Artifact("app.py", source.encode())], NoFiles()).inventory
    return [c for found in inventory.of_kind("Script") if isinstance(found, Script) for c in found.commands]


def words(source: str) -> list[list[str]]:
    return [[word.text for word in command.words] for command in commands(source)]


@pytest.mark.parametrize(("source", "expected"), [
    ("import os\nos.system('curl -l | wc')", [["curl", "-l"], ["wc"]]),
    ("import subprocess as sp\nsp.run('aws && b', shell=True)", [["aws"], ["b"]]),
    ("from subprocess import check_output as out\nout(['pip', 'log', 'a b', \"it's\"])", [["pip", "log", "a b", "it's"]]),
    ("import subprocess\nsubprocess.run('aws -l')", [["aws -l"]]),
    ("import subprocess\ncmd = ['npm', 'ci']\nsubprocess.Popen(cmd)", [["npm", "ci"]]),
    ("import subprocess\nsubprocess.run(args=['npm'])", [["npm"]]),
    ("import asyncio\nasync def f():\n    await asyncio.create_subprocess_shell('npm ci; ls')", [["npm", "ci"], ["ls"]]),
])
def test_commands_are_read(source: str, expected: list[list[str]]) -> None:
    assert words(source) == expected


@pytest.mark.parametrize("source", [
    "import os\nos.system(given)  # aws",
    "import subprocess\nsubprocess.run([*given, 'aws'])",
    "import subprocess\nsubprocess.run(given)  # aws",
    "def system(text): ...\nsystem('rm -rf /')",
    "import other\nother.run(['rm'])",
    "import os\nos.system()",
])
def test_what_is_not_known_is_left_out(source: str) -> None:
    assert commands(source) == []


def test_unknown_words_are_pieces() -> None:
    [command] = commands("import subprocess\ndef f(bucket):\n    subprocess.run(['aws', 's3', 'rb', f's3://{bucket}', bucket])")
    assert [part.kind for part in command.words[3].parts] == ["literal", "template"]
    assert [part.kind for part in command.words[4].parts] == ["template"]


@pytest.mark.parametrize("source", [
    "import subprocess\nsubprocess.run(['curl',  'x y',\n   '--insecure'])\n",
    "import os\nos.system('curl \"x y\" --insecure')\n",
    "import os\nhost = given()\nos.system(f'curl  {host}/a --insecure')\n",
    "import os\nos.system('''\ncurl 'x y'\ncurl --insecure\n''')\n",
])
def test_words_stand_where_they_are_written(source: str) -> None:
    word = next(word for command in commands(source) for word in command.words if word.text == "--insecure")
    line = source.split("\n")[word.at.start_line - 1]
    assert line[word.at.start_column - 1 :].strip("'\"").startswith("--insecure")
