"""Follows docs/writing-rules.md with the real commands, in a folder of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scanner.__main__ import main
from scanner.packs.grammar import BARE_TESTS, CONDITIONS, TESTS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "writing-rules.md"


def test_the_page_names_every_word_of_the_language() -> None:
    text = PAGE.read_text()
    missing = [word for word in sorted({*TESTS, *CONDITIONS, *BARE_TESTS}) if not re.search(rf"\b{word}\b", text)]
    assert missing == []


def test_a_newcomer_gets_from_the_skeleton_to_a_passing_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "my-rules")
    assert main(["rules", "new", "s3-bucket-example", "--subject", "AWS::S3::Bucket", "--rules", folder]) == 0
    path = Path(folder, "s3-bucket-example.yaml")
    assert main(["rules", "test", str(path)]) == 0
    assert "1 rules, 2 examples: all answer as they say" in capsys.readouterr().out

    assert main(["rules", "lint", str(path)]) == 1
    assert "AWS::S3::Bucket has no property SomeProperty" in capsys.readouterr().out

    path.write_text(path.read_text().replace("SomeProperty", "ObjectLockEnabled"))
    assert main(["rules", "test", str(path)]) == 0
    assert main(["rules", "list", "--rules", folder]) == 0
    assert "s3-bucket-example" in capsys.readouterr().out
    assert main(["explain", "s3-bucket-example", "--rules", folder]) == 0
    assert "ObjectLockEnabled: false  # finding" in capsys.readouterr().out


def test_a_wrong_mark_is_shown_beside_the_place_that_was_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path)
    main(["rules", "new", "wrong-mark", "--subject", "AWS::S3::Bucket", "--rules", folder])
    path = tmp_path / "wrong-mark.yaml"
    text = path.read_text().replace("false  # finding", "false").replace("  Example:\n", "  Example:  # finding\n", 1)
    path.write_text(text)
    assert main(["rules", "test", str(path)]) == 1
    out = capsys.readouterr().out
    assert "expected a finding at template.yaml:2; found it at template.yaml:5" in out
    assert ">   2 |   Example:  # finding" in out
    assert "*  5 |       SomeProperty: false" in out


def test_new_refuses_an_id_that_is_not_kebab_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "new", "S3Example", "--subject", "AWS::S3::Bucket", "--rules", str(tmp_path)]) == 2
    assert "s3-example" in capsys.readouterr().err.lower()


def test_the_patterns_of_the_page_compile() -> None:
    from scanner.packs.load import rules_in
    from scanner.packs.reading import Document
    from tests.rooms.packs.test_reading import GOOD

    cells = [row.split("|")[2].strip().strip("`") for row in PAGE.read_text().splitlines() if re.match(r"\| [^|]+\| `(require|forbid):", row)]
    assert len(cells) >= 10
    for cell in cells:
        body = cell.replace(", ...}", "}").replace("{...}", "{A: present}")
        body = body.replace("{parameter: minimum}", "7")
        rules_in(Document("some-rule.yaml", GOOD.replace("require: {A: present}", body)))
