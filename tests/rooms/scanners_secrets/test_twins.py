"""A made-up token of each rule is found in every kind of file, with its exact span; a mutated twin is not."""

from __future__ import annotations

import pytest

from scanner.scanners.secrets.samples import broken_checksum, token
from tests.rooms.scanners_secrets.made_up import cut, found, rules

CONTEXTS = {
    "app.py": 'import os\n{name} = "{value}"\n',
    "app.js": "const {name} = '{value}';\n",
    "app.go": 'func main() {{\n\t{name} := "{value}"\n}}\n',
    "App.java": 'class App {{ String {name} = "{value}"; }}\n',
    "config.yaml": "service:\n  {name}: {value}\n",
    "config.json": '{{\n  "{name}": "{value}",\n  "port": 1\n}}\n',
    "service.env": "PORT=1\n{name}={value}\n",
    "service.ini": "[main]\n{name} = {value}\n",
    "service.toml": '[main]\n{name} = "{value}"\n',
    "main.tf": 'locals {{\n  {name} = "{value}"\n}}\n',
    "run.sh": '#!/bin/sh\nexport {name}="{value}"\n',
    "service.xml": "<settings>\n  <{name}>{value}</{name}>\n</settings>\n",
    "Dockerfile": "FROM scratch\nENV {name}={value}\n",
    "notes.ipynb": '{{"cells": [{{"source": ["{name} = \\"{value}\\"\\n"]}}]}}\n',
}
AWKWARD = frozenset("\"'`\\<>&;, $")


SPECIAL = frozenset((
    "sidekiq-secret",  # its name is a whole variable, not a vendor's
    "json-web-token", "json-web-token-encoded", "private-key-block",  # their content is checked, a pattern cannot make it up
    "aws-session-token", "firebase-server-key",  # other rules overlap them on purpose
))


def whole_tokens() -> list[str]:
    """Rules whose whole match is the secret and that any file may hold, the certain ones."""
    return [
        name for name, rule in rules().items()
        if name not in SPECIAL and (rule.anchors or rule.named) and not rule.group and not rule.files and rule.certain and not rule.near
        and not AWKWARD & set(token(rule, 1))
    ]




def named(name: str) -> str:
    """A variable name that says no more than it must: a rule by name needs its vendor in it."""
    rule = rules()[name]
    if not rule.named:
        return "setting_x"
    return "".join(c if c.isalnum() else "_" for c in rule.named[0]) + "_token"


def test_there_are_two_hundred() -> None:
    assert len(whole_tokens()) >= 200


@pytest.mark.parametrize("name", whole_tokens())
def test_token_is_found_with_its_exact_span(name: str) -> None:
    value = token(rules()[name], 1)
    missing = []
    for path, template in CONTEXTS.items():
        text = template.format(name=named(name), value=value)
        spans = [cut(text, result) for result in found(text, path, low=False)]
        if value not in spans:
            missing.append((path, spans))
    assert not missing, value


def fixed_size(name: str) -> bool:
    """Whether all tokens of the rule have one length."""
    return len({len(token(rules()[name], number)) for number in range(6)}) == 1


@pytest.mark.parametrize("name", [name for name in whole_tokens() if rules()[name].anchors])
def test_mutated_token_is_not_found(name: str) -> None:
    rule = rules()[name]
    value = token(rule, 2)
    anchor = next((a for a in rule.anchors if value.lower().startswith(a)), "")
    twins = [value[:len(anchor)] + "x" * (len(value) - len(anchor)), "EXAMPLE" + value[7:]]
    if fixed_size(name):
        twins.append(value[:max(len(anchor), len(value) * 2 // 3)])
    if "crc32-base62" in rule.checks:
        twins.append(broken_checksum(value))
    for twin in twins:
        text = f'setting_x = "{twin}"\n'
        assert not [r for r in found(text, "app.py", low=False) if r.rule == name], twin
