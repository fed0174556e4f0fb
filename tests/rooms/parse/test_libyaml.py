"""libyaml without PyYAML's package: the same events and errors, and the package is whole for whoever imports it later."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

ALONE = """
import sys
from scanner.parse.libyaml import library
names = library()
assert "yaml.reader" not in sys.modules, "the rest of the package was loaded"
for text in TEXTS:
    try:
        loader = names.Loader(text)
        while True:
            event = loader.get_event()
            print(type(event).__name__, event.start_mark.index, event.end_mark.index, getattr(event, "value", ""))
            if isinstance(event, names.StreamEndEvent):
                break
    except names.YAMLError as error:
        print(type(error).__name__, getattr(error, "problem", ""))
import yaml
assert yaml.load("a: [1, 2020-01-01]", yaml.CSafeLoader) == yaml.safe_load("a: [1, 2020-01-01]")
try:
    yaml.load("a: [", yaml.CSafeLoader)
except yaml.YAMLError:
    print("whole")
"""
TEXTS = ["a: [1, &x b, *x]\\n--- !t |\\n  c\\n", "a: [1\\n", "a: \\x01", "'", "*a", "\\t- a", ""]


def of_the_package(text: str) -> list[str]:
    lines = []
    try:
        loader = yaml.CSafeLoader(text)
        while not lines or not lines[-1].startswith("StreamEndEvent"):
            event = loader.get_event()
            lines.append(f"{type(event).__name__} {event.start_mark.index} {event.end_mark.index} {getattr(event, 'value', '')}")
    except yaml.YAMLError as error:
        lines.append(f"{type(error).__name__} {getattr(error, 'problem', '')}")
    return lines


@pytest.mark.skipif(not hasattr(yaml, "CSafeLoader"), reason="PyYAML was built without libyaml")
def test_events_are_those_of_the_package_and_it_stays_whole() -> None:
    literal = "[" + ", ".join(f'"{text}"' for text in TEXTS) + "]"
    done = subprocess.run([sys.executable, "-c", ALONE.replace("TEXTS", literal)], capture_output=True, text=True, check=True)
    wanted = [line for text in TEXTS for line in of_the_package(text.encode().decode("unicode_escape"))]
    assert done.stdout.splitlines() == "\n".join([*wanted, "whole"]).splitlines()


def test_without_the_extension_the_package_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    from scanner.parse import libyaml

    monkeypatch.setattr(libyaml, "_extension", lambda: None)
    monkeypatch.delitem(sys.modules, "yaml", raising=False)
    names = libyaml.library()
    assert isinstance(names.Loader("a: 1").get_event(), names.StreamStartEvent)
