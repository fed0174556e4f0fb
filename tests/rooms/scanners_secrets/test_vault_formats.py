"""Vault's tokens by their source: service and recovery tokens have 24 characters behind the prefix, batch tokens many more."""

from __future__ import annotations

import re

import pytest
from yaml import safe_load

BODY = "7hQ2mZ9kLr4TxVb8NcW1pYsD"


@pytest.mark.parametrize(("text", "found"), [
    ("hvr." + BODY, True), ("hvr." + BODY[:20], False), ("hvb." + BODY, False), ("hvb." + BODY * 6, True),
])
def test_recovery_and_batch_tokens(text: str, found: bool) -> None:
    with open("rules/secrets/hashicorp/vault-batch-token.yaml", encoding="utf-8") as file:
        pattern = safe_load(file)["secret"]["pattern"]
    assert (re.fullmatch(pattern, text) is not None) == found
