"""No input makes a rule slow: each gets 100 kB of what it likes least, within a bound far above the usual."""

from __future__ import annotations

import time

import pytest

from scanner.scanners.secrets.engine import Engine
from scanner.scanners.secrets.strings import public_addresses, random_strings
from tests.rooms.scanners_secrets.made_up import rules

SIZE = 100_000
BOUND_SECONDS = 3.0


def worst_inputs(name: str) -> list[bytes]:
    rule = rules()[name]
    literals = [literal.encode() for literal in (*rule.anchors, *rule.named)][:1] or [b"secret"]
    inputs = []
    for literal in literals:
        lead = rule.lead[:1] or b"a"
        inputs += [
            (literal * SIZE)[:SIZE],
            (literal + b"=" + literal + b":") * (SIZE // (2 * len(literal) + 2)),
            (lead * 200 + literal) * (SIZE // (200 + len(literal))),
            (literal.upper() + b"\n " + b"x" * 40 + b"\n") * (SIZE // (len(literal) + 43)),
            literal + b"=" + b"a" * SIZE,
            (literal + b'="1.2' + b"a" * 60 + b'!"\n') * (SIZE // (len(literal) + 68)),
            literal + b" " * SIZE,
            literal + b"\n " * (SIZE // 2),
        ]
    return inputs


@pytest.mark.parametrize("name", sorted(rules()))
def test_rule_is_linear(name: str) -> None:
    engine = Engine([rules()[name]])
    for data in worst_inputs(name):
        began = time.process_time()
        engine.hits(data, "settings.yaml")
        assert time.process_time() - began < BOUND_SECONDS, data[:60]


@pytest.mark.parametrize("data", [b"a" * SIZE, b"a=" * (SIZE // 2), b'"' * SIZE, b"1." * (SIZE // 2), b"x_" * (SIZE // 2)])
def test_strings_are_linear(data: bytes) -> None:
    began = time.process_time()
    random_strings(rules()["high-entropy-string"], data, "settings.env")
    public_addresses(rules()["public-ip-address"], data)
    assert time.process_time() - began < BOUND_SECONDS
