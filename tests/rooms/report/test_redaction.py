"""Secrets are masked wherever they occur, and nothing else is."""

from __future__ import annotations

from scanner.core.artifact import Notification
from scanner.core.location import Location
from scanner.core.result import Result, Step
from scanner.report.redaction import Redactor

FILES = {
    "a.env": "KEY=abcdefghijklmnop1234\nPIN=4711\nPASS=hunter22\n",
    "b.env": "COPY=abcdefghijklmnop1234\nHOST=hunter22\nPIN=4711\n",
    "key.pem": "-----BEGIN KEY-----\nMIIabcdefgh\n  MIIqrstuvwx\n-----END KEY-----\n",
}


def secret(path: str, line: int, column: int, end_line: int, end_column: int, message: str = "found") -> Result:
    return Result("s", "secrets", "NON_COMPLIANT", "high", "high", message, path, Location(path, line, column, end_line, end_column))


SECRETS = [secret("a.env", 1, 5, 1, 25), secret("a.env", 2, 5, 2, 9), secret("a.env", 3, 6, 3, 14), secret("key.pem", 1, 1, 4, 18)]


def test_texts_keep_their_columns() -> None:
    redactor = Redactor(SECRETS, FILES.get)
    assert redactor.text("a.env") == "KEY=********************\nPIN=****\nPASS=********\n"
    assert redactor.text("b.env") == "COPY=********************\nHOST=hunter22\nPIN=4711\n"
    assert redactor.text("key.pem") == "*" * 19 + "\n" + "*" * 11 + "\n" + "*" * 13 + "\n" + "*" * 17 + "\n"
    assert redactor.text("gone") is None


def test_messages_lose_the_secrets_of_their_files_and_the_long_ones_of_all() -> None:
    redactor = Redactor(SECRETS, FILES.get)
    at = Location("b.env", 1, 1, 1, 2)
    plain = Result("r", "iam", "NON_COMPLIANT", "high", "high", "uses hunter22 and xabcdefghijklmnop1234y", "hunter22", at)
    assert redactor.result(plain).message == "uses hunter22 and x****y"
    assert redactor.result(plain).address == "hunter22"
    near = plain._replace(related=(("from hunter22", Location("a.env", 3, 1, 3, 2)),), path=(Step("hunter22", at),))
    assert redactor.result(near).message == "uses **** and x****y"
    assert redactor.result(near).related[0][0] == "from ****"
    assert redactor.result(near).path[0].message == "****"


def test_notifications_lose_them_too() -> None:
    redactor = Redactor(SECRETS, FILES.get)
    note = Notification("error", "k", "odd text hunter22", Location("a.env", 3, 1, 3, 1), "not abcdefghijklmnop1234")
    assert redactor.notification(note)[2:5:2] == ("odd text ****", "not ****")
    assert redactor.notification(note._replace(at=None)).message == "odd text ****"


def test_locations_that_lie_do_no_harm() -> None:
    redactor = Redactor([secret("a.env", 99, 1, 100, 1), secret("a.env", 1, 90, 1, 95), secret("nowhere", 1, 1, 1, 5)], FILES.get)
    assert redactor.text("a.env") == FILES["a.env"]


def test_many_secrets_cost_little() -> None:
    text = "".join(f"S{n}=secret-number-{n:08d}-x\n" for n in range(3000))
    results = [secret("many", n + 1, len(f"S{n}=") + 1, n + 1, len(f"S{n}=secret-number-{n:08d}-x") + 1) for n in range(3000)]
    redactor = Redactor(results, {"many": text, "other": text}.get)
    assert "secret-number" not in (redactor.text("other") or "")


def test_what_a_rule_passed_is_no_secret() -> None:
    passed = secret("a.env", 1, 1, 1, 4)._replace(compliance="COMPLIANT")
    redactor = Redactor([passed, *SECRETS], FILES.get)
    assert (redactor.text("a.env") or "").startswith("KEY=*")


def test_what_other_rules_take_for_a_secret_is_masked_too() -> None:
    at = Location("a.env", 3, 6, 3, 14)
    variable = Result("secret-in-plaintext-variable", "pipeline", "NON_COMPLIANT", "high", "high", "m", "a", at)
    cases = [
        variable, variable._replace(rule="secret-on-command-line"), variable._replace(compliance="COMPLIANT"),
        variable._replace(rule="secret-without-rotation"), variable._replace(rule="port-open"),
    ]
    assert ["hunter22" in (Redactor([one], FILES.get).text("a.env") or "") for one in cases] == [False, False, True, True, True]
