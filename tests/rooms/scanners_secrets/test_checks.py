"""Checks, placeholders and names, in tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.scanners.secrets.checks import aws_account, crc32_base62, entropy
from scanner.scanners.secrets.decoding import base64_bytes, json_of
from scanner.scanners.secrets.names import describes
from scanner.scanners.secrets.placeholders import placeholder
from scanner.scanners.secrets.values import looks_random


@pytest.mark.parametrize(("key_id", "account"), [
    ("ASIAQNZGKIQY56JQ7WML", "029608264753"), ("ASIAY34FZKBOKMUTVV7A", "609629065308"),
    ("AKIAI44QH8DHBEXAMPLE", None), ("AKIA0000", None),
])
def test_account_of_a_key_id(key_id: str, account: str | None) -> None:
    assert aws_account(key_id) == account


def test_entropy() -> None:
    assert entropy("") == 0
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2


def test_checksum_accepts_only_its_own() -> None:
    from scanner.scanners.secrets.samples import broken_checksum, token
    from tests.rooms.scanners_secrets.made_up import rules

    value = token(rules()["npm-token"])
    assert crc32_base62(value)
    assert not crc32_base62(broken_checksum(value))


@given(st.binary(max_size=200))
def test_base64_round_trip(data: bytes) -> None:
    import base64

    assert base64_bytes(base64.b64encode(data)) == data
    assert base64_bytes(base64.urlsafe_b64encode(data).rstrip(b"=")) == data


@given(st.text(max_size=60))
def test_nothing_makes_the_small_ones_fail(text: str) -> None:
    placeholder(text)
    looks_random(text)
    describes(text)
    json_of(text)


@pytest.mark.parametrize("name", [
    "token_url", "publicKey", "passwordLength", "csrf_token", "next_token", "secret_name", "keyVaultSecretId", "primary_key",
    "password_policy", "tokenType", "is_secret",
])
def test_names_about_secrets(name: str) -> None:
    assert describes(name)


@pytest.mark.parametrize("name", ["token", "api_key", "dbPassword", "AWS_SECRET_ACCESS_KEY", "client-secret", "password1", "auth.token"])
def test_names_of_secrets(name: str) -> None:
    assert not describes(name)
