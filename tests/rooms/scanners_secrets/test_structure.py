"""What only the inventory shows, and what it adds to the text: located in the source, never twice."""

from __future__ import annotations

from datetime import date

from scanner.core.artifact import Artifact
from scanner.core.context import Context
from scanner.core.inventory import Inventory
from scanner.core.location import Location, Piece, TextMap
from scanner.core.result import Result
from scanner.core.subject import Resource, Variable
from scanner.core.value import MapValue, Scalar
from scanner.scanners.secrets import scan
from scanner.scanners.secrets.samples import token
from tests.rooms.scanners_secrets.made_up import rules

VALUE = token(rules()["stripe-secret-key"], 5)
SECRET_HALF = "k7Jq2mZx9Wb4Tn8Rv3ab/5cYs1HdL6gEpU0oQfXi"
NOTES: list[tuple[object, ...]] = []


def results(artifact: Artifact, *subjects: object, profile: str = "default", **options: object) -> list[Result]:
    inventory = Inventory()
    for subject in subjects:
        inventory.add(subject)  # type: ignore[arg-type]
    NOTES.clear()
    context = Context(
        inventory, (artifact,), None, profile, date(2026, 1, 1), lambda *note: NOTES.append(note), True, dict(options),
    )
    return list(scan(context))


def joined() -> tuple[Artifact, Resource]:
    head, tail = VALUE[:10], VALUE[10:]
    artifact = Artifact("t.yaml", f"a:\n  - {head}\n  - {tail}\n".encode())
    pieces = TextMap((Piece(0, "t.yaml", 2, 5), Piece(10, "t.yaml", 3, 5)))
    value = Scalar(VALUE, Location("t.yaml", 2, 5, 3, 5 + len(tail)), pieces)
    at = Location("t.yaml", 1, 1, 1, 2)
    return artifact, Resource("AWS::Lambda::Function", "F", at, MapValue({"Key": value}, at), "t.yaml")


def test_joined_string_is_found_where_its_pieces_stand() -> None:
    artifact, resource = joined()
    assert not results(artifact)
    result, = results(artifact, resource)
    assert (result.rule, result.address) == ("stripe-secret-key", "F")
    assert result.at == Location("t.yaml", 2, 5, 3, 5 + len(VALUE) - 10)


def variable(artifact: Artifact, source: str, text: str) -> Variable:
    at = Location(artifact.path, 1, 8, 1, 8 + len(text))
    return Variable("DB_PASSWORD", at, "DB_PASSWORD", Scalar(text, at), source, "buildspec", artifact.path)


def test_variable_counts_by_its_source() -> None:
    text = "Tr0mbone" + "-maker9"
    artifact = Artifact("b.txt", f"------ {text}\n".encode())
    assert [r.rule for r in results(artifact, variable(artifact, "plaintext", text))] == ["password-in-clear"]
    assert not results(artifact, variable(artifact, "parameter-store", text))
    assert not results(artifact, variable(artifact, "secrets-manager", text))


def test_a_span_is_reported_once() -> None:
    artifact = Artifact("b.txt", f"x = '{VALUE}'\n".encode())
    at = Location("b.txt", 1, 6, 1, 6 + len(VALUE))
    twice = Variable("K", at, "K", Scalar(VALUE, at), "plaintext", "buildspec", "b.txt")
    assert len(results(artifact, twice)) == 1


def test_a_key_id_that_has_its_secret_is_not_told_again() -> None:
    key_id = token(rules()["aws-access-key-id"], 5)
    artifact = Artifact("b.txt", f"id = '{key_id}'\nsecret = '{SECRET_HALF}'\n".encode())
    at = Location("b.txt", 1, 7, 1, 7 + len(key_id))
    twice = Variable("AWS_ACCESS_KEY_ID", at, "AWS_ACCESS_KEY_ID", Scalar(key_id, at), "plaintext", "buildspec", "b.txt")
    result, = results(artifact, twice)
    assert result.rule == "aws-credential-pair"
    assert result.related == (("its key id", at),)


def test_options_choose_rules_and_files() -> None:
    artifact = Artifact("b.txt", f"x = '{VALUE}'\n".encode())
    assert not results(artifact, rules_off=frozenset(("stripe-secret-key",)))
    assert not results(artifact, only=frozenset(("npm-token",)))
    assert not results(artifact, not_for_secrets={"b.txt": "lockfile"})


def test_a_policy_switches_on_what_is_uncertain() -> None:
    artifact = Artifact("b.py", b"password = 'tangerine'\nthing = '9f8aK2mQx7LpZ4wTr6VbN1cYs3HdJ5gE'\n")
    assert not results(artifact)
    assert [r.rule for r in results(artifact, rules_on=frozenset(("password-in-clear",)))] == ["password-in-clear"]
    assert [r.rule for r in results(artifact, rules_on=frozenset(("high-entropy-string",)))] == ["high-entropy-string"]
    assert len(results(artifact, profile="audit")) == 2


def test_faults_in_gitleaks_settings_are_told() -> None:
    results(Artifact(".gitleaks.toml", b"= broken"))
    assert [note[1] for note in NOTES] == ["gitleaks-settings"]
    results(Artifact(".gitleaks.toml", b"= broken"), peer_suppressions=False)
    assert not NOTES
