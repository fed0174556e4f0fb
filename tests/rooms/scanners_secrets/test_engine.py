"""What the engine finds around the formats: keywords, encodings, pairs, structure, and what it leaves alone."""

from __future__ import annotations

import base64
from hashlib import blake2b

import pytest

from scanner.core.artifact import Artifact
from scanner.scanners.secrets.engine import Engine
from scanner.scanners.secrets.run import scan_artifact
from scanner.scanners.secrets.samples import token
from tests.rooms.scanners_secrets.made_up import NO_MARKS, cut, found, rules

RANDOM = "k7Jq2" + "mZx9Wb4Tn8Rv3"
WORDY = "Tr0mbone" + "-maker9"


def made(rule: str) -> str:
    return token(rules()[rule], 7)


@pytest.mark.parametrize(("path", "line"), [
    ("a.py", 'db_password = "{}"'), ("a.py", "settings['api_key'] = '{}'"), ("a.py", 'connect(password="{}")'),
    ("a.rb", "  :secret => '{}',"), ("a.go", '\tapiToken := "{}"'), ("a.php", "define('DB_PASSWORD', '{}');"),
    ("a.c", '#define API_SECRET "{}"'), ("a.c", 'char password[40] = "{}";'), ("a.m", 'secret = @"{}";'),
    ("a.ts", "const apiKey: string = '{}';"), ("a.java", 'System.setProperty("db.password", "{}");'),
    ("a.xml", "<password>{}</password>"), ("a.xml", '<add key="ApiSecret" value="{}" />'),
    ("a.json", '{{"name": "DB_PASSWORD", "value": "{}"}}'), ("a.yaml", "password: {}"), ("a.env", "DB_PASSWORD={}"),
    ("a.yaml", "- name: DB_PASSWORD\n  value: {}"), ("a.ini", "password = {}"), ("a.sh", "tool --api-token {}"),
    ("a.sh", 'export DB_PASSWORD="{}"'), ("a.py", 'if password == "{}":'), ("a.js", 'if ("{}" === password) {{'),
    ("a.tf", 'variable "db_password" {{\n  type = string\n  default = "{}"\n}}'),
    ("a.yaml", "Parameters:\n  DbPassword:\n    Type: String\n    Default: {}\n"), ("a.mk", 'TOKEN ?= "{}"'),
    ("a.json", '"{{\\"password\\": \\"{}\\"}}"'), ("a.html", "data-token=&quot;x&quot; secret=&quot;{}&quot;"),
])
def test_assignment_is_found_in_every_syntax(path: str, line: str) -> None:
    text = "first line\n" + line.format(RANDOM) + "\n"
    spans = [cut(text, result) for result in found(text, path)]
    assert RANDOM in spans


@pytest.mark.parametrize("line", [
    'password = "changeme"', 'password = "${DB_PASSWORD}"', 'password = "{{ vault.password }}"', 'password = "<password>"',
    'password = "your-password-here"', 'password = os.environ["PASSWORD"]', 'secret = "op://vault/item/field"',
    'token_url = "https://login.test/k7Jq2mZx9Wb4Tn8Rv3"', 'public_key = "k7Jq2mZx9Wb4Tn8Rv3"', 'password = ""',
    'next_token = "k7Jq2mZx9Wb4Tn8Rv3"', 'secret_name = "k7Jq2mZx9Wb4Tn8Rv3"', 'password = "xxxxxxxxxxxx"',
    'password_length = "k7Jq2mZx9Wb4Tn8Rv3"', 'csrf_token = "k7Jq2mZx9Wb4Tn8Rv3"', 'token = "1234567890"',
    'secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:k7Jq2mZx9Wb4Tn8Rv3"', "password = get_password()",
    'names = ["token", "k7Jq2mZx9Wb4Tn8Rv3"]', 'secret_id = "203db13e-70c7-462b-9a3d-bf32640cb0be"', "def password(self, token): pass", 'password = "password"',
])
@pytest.mark.parametrize("path", ["a.py", "a.yaml"])
def test_what_stands_for_a_secret_is_no_finding(line: str, path: str) -> None:
    assert not found(line + "\n", path, low=False)


def test_weak_password_counts_in_settings_and_not_in_program_text() -> None:
    assert [r.rule for r in found(f"db_password: {WORDY}\n", "a.yaml", low=False)] == ["password-in-clear"]
    assert not found(f'db_password = "{WORDY}"\n', "a.py", low=False)
    assert [r.confidence for r in found(f'db_password = "{WORDY}"\n', "a.py")] == ["low"]


@pytest.mark.parametrize("word", ["resource", "data", "ephemeral"])
def test_the_name_of_a_terraform_block_is_no_value_of_its_type(word: str) -> None:
    assert not found(f'{word} "aws_secretsmanager_secret" "orders-2024!" {{\n}}\n', "a.tf")


def test_key_id_and_secret_are_one_finding_that_names_the_account() -> None:
    key_id = "ASIAY34FZKBOKMUTVV7A"[:4].replace("S", "K") + "Y34FZKBOKMUTVV7A"
    text = f"aws_access_key_id = {key_id}\naws_secret_access_key = {made('aws-secret-access-key')}\n"
    pair, = found(text, "credentials", low=False)
    assert (pair.rule, pair.severity, pair.confidence) == ("aws-credential-pair", "critical", "high")
    assert "account 609629065308" in pair.message
    assert cut(text, pair) == made("aws-secret-access-key")


def test_key_id_alone_and_bare_secret_beside_it() -> None:
    key_id, secret = made("aws-access-key-id"), made("aws-secret-access-key")
    assert [r.rule for r in found(f"x {key_id} y\n", low=False)] == ["aws-access-key-id"]
    assert [r.rule for r in found(f"{key_id},{secret}\n", "keys.csv", low=False)] == ["aws-credential-pair"]


def test_documentation_keys_are_for_audits_only() -> None:
    text = 'k = "AKIA' + 'IOSFODNN7EXAMPLE"\n'
    assert not found(text, "a.py", low=False)
    assert [r.confidence for r in found(text, "a.py")] == ["low"]


def test_one_level_of_base64_is_undone() -> None:
    inner = f"#!/bin/sh\nexport SLACK={made('slack-bot-token')}\n"
    blob = base64.b64encode(inner.encode()).decode()
    text = f'user_data = "{blob}"\n'
    result, = found(text, "a.py", low=False)
    assert (result.rule, cut(text, result)) == ("slack-bot-token", blob)
    assert "inside base64" in result.message
    twice = base64.b64encode(blob.encode()).decode()
    assert not found(f'user_data = "{twice}"\n', "a.py", low=False)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_other_encodings(encoding: str) -> None:
    value = made("github-personal-access-token")
    text = f'é = 1\r\nname = "ü {value}"\r\n'
    result, = found(text.encode(encoding), "a.txt", low=False)
    assert (result.at.start_line, result.at.start_column) == (2, 11)
    assert result.at.end_column - result.at.start_column == len(value)


def test_columns_are_code_points() -> None:
    value = made("github-personal-access-token")
    text = f'x = "😀é" + "{value}"\n'
    result, = found(text, "a.py", low=False)
    assert cut(text, result) == value


def test_escapes_are_no_letters() -> None:
    value = made("github-personal-access-token")
    assert found(f'"a\\n{value}\\n"', "a.json", low=False)
    assert found(f"q=%3D{value}&x=1", "a.txt", low=False)
    assert not found(f"prefix{value}", "a.txt", low=False)


def test_tests_and_examples_are_less_certain_not_less_severe() -> None:
    value = made("github-personal-access-token")
    here, = found(f'x = "{value}"\n', "src/app.py")
    there, = found(f'x = "{value}"\n', "tests/fixtures/app.py")
    assert (here.confidence, there.confidence) == ("high", "medium")
    assert here.severity == there.severity


def test_one_span_has_one_finding_the_most_specific() -> None:
    value = made("github-personal-access-token")
    assert [r.rule for r in found(f'github_token = "{value}"\n', "a.py")] == ["github-personal-access-token"]


@pytest.mark.parametrize("engine", ["rust", "python"])
def test_matchers_agree(engine: str) -> None:
    text = "".join(f'k{n} = "{token(rule)}"\n' for n, rule in enumerate(list(rules().values())[:120])
                   if rule.pattern and not rule.shape and not rule.checks)
    text += f'password = "{RANDOM}"\napi_key: "{RANDOM}1"\n'
    def spans(name: str) -> list[tuple[int, int, str]]:
        hits = Engine(list(rules().values()), name).hits(text.encode(), "a.py")
        return [(hit.start, hit.end, hit.rule.rule) for hit in hits]
    assert len(spans(engine)) > 50
    assert spans(engine) == spans("rust")


def test_identity_is_keyed_and_says_nothing() -> None:
    value = made("github-personal-access-token")
    artifact = Artifact("a.py", f'x = "{value}"\n'.encode())
    engine = Engine(list(rules().values()))
    one, = scan_artifact(engine, artifact, low=False, marks=NO_MARKS)
    assert len(one.subject) == 16
    assert one.subject != blake2b(value.encode(), digest_size=8).hexdigest()
    assert value not in str(one)
    assert value[5:15] not in str(one)
