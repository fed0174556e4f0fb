from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.core.errors import UsageError
from scanner.packs import describe, open_pack
from tests.rooms.packs.test_reading import GOOD


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "mine"
    home.mkdir()
    (home / "some-rule.yaml").write_text(GOOD)
    (home / "other-rule.yaml").write_text(GOOD.replace("some-rule", "other-rule").replace("AWS::S3::Bucket", "AWS::SNS::Topic"))
    return home


def test_a_users_folder_is_added_to_the_built_in_rules(folder: Path) -> None:
    pack = open_pack((str(folder),))
    assert "some-rule" in [rule.facts.rule for rule in pack.rules_for("AWS::S3::Bucket")]
    assert "some-rule" not in [rule.facts.rule for rule in pack.rules_for("AWS::SNS::Topic")]
    rule = pack.rule("other-rule")
    assert rule is not None
    assert (rule.title, rule.severity) == ("Something is wrong", "high")
    assert pack.digest != open_pack().digest


def test_the_long_texts_stay_in_the_rule_file(folder: Path) -> None:
    pack = open_pack((str(folder),))
    rule = pack.rule("some-rule")
    source = describe(pack, "some-rule")
    assert rule is not None
    assert source is not None
    assert (rule.rationale, source.facts.rationale) == ("", "because")


def test_the_index_follows_the_files(folder: Path, tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    first = open_pack((str(folder),), cache)
    assert first.rule("some-rule") is not None
    made = {name: os.stat(os.path.join(cache, name)).st_mtime_ns for name in os.listdir(cache)}
    open_pack((str(folder),), cache)
    assert {name: os.stat(os.path.join(cache, name)).st_mtime_ns for name in os.listdir(cache)} == made
    path = folder / "some-rule.yaml"
    path.write_text(GOOD.replace("high", "low"))
    changed = open_pack((str(folder),), cache).rule("some-rule")
    assert changed is not None
    assert changed.severity == "low"
    path.unlink()
    assert open_pack((str(folder),), cache).rule("some-rule") is None


def test_a_damaged_cache_is_made_again(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    open_pack((str(folder),), str(cache))
    for path in cache.iterdir():
        path.write_text("{}\nnot an index")
    assert open_pack((str(folder),), str(cache)).rule("some-rule") is not None


def test_a_wrong_file_in_a_users_folder_stops_the_run(folder: Path) -> None:
    (folder / "bad-rule.yaml").write_text(GOOD.replace("some-rule", "bad-rule").replace("severity: high", "severity: bad"))
    with pytest.raises(UsageError, match=r"bad-rule\.yaml:4: expected one of"):
        open_pack((str(folder),))


def test_a_rule_id_of_another_pack_is_refused(folder: Path) -> None:
    taken = next(iter(open_pack().all_rules())).facts.rule
    (folder / f"{taken}.yaml").write_text(GOOD.replace("some-rule", taken))
    with pytest.raises(UsageError, match="expected new rule ids"):
        open_pack((str(folder),))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere: expected a folder"):
        open_pack((str(tmp_path / "nowhere"),))


def test_start_up_with_a_fresh_index_needs_no_yaml() -> None:
    open_pack()
    code = "import sys; from scanner.packs import open_pack; open_pack().rules_for('AWS::S3::Bucket'); print('yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
