"""Discovery: what is read, what is left out, and what is said about it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from random import Random

import pytest

from scanner.core.errors import UsageError
from scanner.discover import git, intake
from scanner.discover.ignore import Ignored
from scanner.discover.roots import place_of
from scanner.discover.walk import Found, Limits, RootFiles, gather, normal
from scanner.evaluate.paths import matches


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def found_below(root: Path, **limits: object) -> Found:
    real = os.path.realpath(root)
    return gather(real, [real], Limits(**limits))  # type: ignore[arg-type]


def paths(found: Found) -> list[str]:
    return [artifact.path for artifact in found.artifacts]


def commit(root: Path, *add: str) -> None:
    run = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run([*run, "add", *(add or (".",))], check=True, capture_output=True)
    subprocess.run([*run, "commit", "-q", "-m", "x", "--no-verify"], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path)], check=True, capture_output=True)
    return tmp_path


def test_files_come_sorted_and_relative(tmp_path: Path) -> None:
    write(tmp_path, {"b/z.yaml": "1", "a.yaml": "2", "b/a/c.tf": "3"})
    assert paths(found_below(tmp_path)) == ["a.yaml", "b/a/c.tf", "b/z.yaml"]


def test_a_plain_walk_honours_ignore_files(tmp_path: Path) -> None:
    write(tmp_path, {
        ".gitignore": "*.log\n/build/\n!keep.log\n", "a.log": "", "keep.log": "", "build/x.yaml": "", "sub/build/x.yaml": "",
        "sub/.leftgateignore": "secret-*.json\n", "sub/secret-1.json": "", "node_modules/x.js": "", "sub/.terraform/x": "",
    })
    found = found_below(tmp_path)
    assert paths(found) == [".gitignore", "keep.log", "sub/.leftgateignore", "sub/build/x.yaml"]
    assert found.skipped == {"excluded": 3, "tool folder": 2}


def test_git_says_what_belongs_to_a_repository(repository: Path) -> None:
    write(repository, {".gitignore": "ignored.yaml\nforced.yaml\n", "ignored.yaml": "", "forced.yaml": "", "new.yaml": "", "old.yaml": ""})
    subprocess.run(["git", "-C", str(repository), "add", "-f", "forced.yaml", "old.yaml"], check=True)
    (repository / "old.yaml").unlink()
    found = found_below(repository)
    assert paths(found) == [".gitignore", "forced.yaml", "new.yaml"]
    assert found.skipped == {"deleted": 1}


def test_a_repository_inside_a_repository_is_read(repository: Path) -> None:
    write(repository, {"inner/a.yaml": "x"})
    subprocess.run(["git", "init", "-q", str(repository / "inner")], check=True, capture_output=True)
    assert paths(found_below(repository)) == ["inner/a.yaml"]


def test_excluded_paths_count_from_the_top_of_the_repository(repository: Path) -> None:
    write(repository, {"infra/tests/a.yaml": "", "infra/b.yaml": "", "tests/c.yaml": ""})
    assert paths(found_below(repository / "infra", exclude=("/tests/",), prefix="infra/")) == ["b.yaml", "tests/a.yaml"]
    assert paths(found_below(repository / "infra", exclude=("/infra/tests/",), prefix="infra/")) == ["b.yaml"]


def test_a_named_file_is_read_though_ignored_but_not_though_excluded(repository: Path) -> None:
    write(repository, {".gitignore": "a.yaml\n", "a.yaml": "x", "b.yaml": "x"})
    root = os.path.realpath(repository)
    found = gather(root, [f"{root}/a.yaml", f"{root}/b.yaml"], Limits(exclude=("b.yaml",)))
    assert paths(found) == ["a.yaml"]


def test_symbolic_links_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"root/a.yaml": "x", "outside.yaml": "x"})
    root = tmp_path / "root"
    (root / "loop").symlink_to(root)
    (root / "link.yaml").symlink_to(root / "a.yaml")
    (root / "out.yaml").symlink_to(tmp_path / "outside.yaml")
    (root / "nowhere.yaml").symlink_to("nowhere")
    found = found_below(root)
    assert paths(found) == ["a.yaml"]
    assert found.skipped == {"symbolic link": 4}


def test_special_files_are_counted(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert found_below(tmp_path).skipped == {"not a regular file": 1}


def test_binary_files_are_counted_and_named_when_their_name_promises_text(tmp_path: Path) -> None:
    write(tmp_path, {"logo.png": b"\x89PNG\0\0", "template.yaml": b"a: \0b", "utf16.yaml": "a: b".encode("utf-16")})
    found = found_below(tmp_path)
    assert paths(found) == ["utf16.yaml"]
    assert found.skipped == {"binary": 2}
    assert [(note.level, note.kind, note.at and note.at.path) for note in found.notifications] == [
        ("error", "binary-content", "template.yaml")]


def test_too_large_files_are_named(tmp_path: Path) -> None:
    write(tmp_path, {"big.yaml": b"x" * 2000, "fits.yaml": b"x" * 1000, "big.bin": b"\0" * 2000})
    found = found_below(tmp_path, file_size=1000)
    assert paths(found) == ["fits.yaml"]
    (note,) = found.notifications
    assert (note.level, note.kind, note.at and note.at.path) == ("error", "file-too-large", "big.yaml")
    assert "2,000 bytes" in note.message
    assert note.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_things_are_named(tmp_path: Path) -> None:
    write(tmp_path, {"closed/a.yaml": "x", "b.yaml": "x"})
    (tmp_path / "b.yaml").chmod(0)
    (tmp_path / "closed").chmod(0)
    kinds = sorted(note.kind for note in found_below(tmp_path).notifications)
    (tmp_path / "closed").chmod(0o700)
    assert kinds == ["file-unreadable", "folder-unreadable"]


def test_an_unlistable_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"closed/a.yaml": "x", "b.yaml": "x"})
    real = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = found_below(tmp_path)
    assert paths(found) == ["b.yaml"]
    assert [(note.level, note.kind, note.at and note.at.path) for note in found.notifications] == [
        ("error", "folder-unreadable", "closed")]


def test_deep_folders_end_the_walk(tmp_path: Path) -> None:
    here = tmp_path
    for _ in range(205):
        here = here / "d"
    here.mkdir(parents=True)
    (here / "a.yaml").write_text("x")
    found = found_below(tmp_path)
    assert [note.kind for note in found.notifications] == ["folder-too-deep"]


def test_a_missing_path_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere: no such file"):
        place_of(["nowhere"], str(tmp_path))


@pytest.mark.parametrize(("given", "root", "prefix"), [
    (["infra"], "infra", "infra/"), (["."], ".", ""), (["infra/a.yaml", "b.yaml"], ".", ""), (["infra", "app"], ".", ""),
])
def test_roots(repository: Path, given: list[str], root: str, prefix: str) -> None:
    write(repository, {"infra/a.yaml": "", "b.yaml": "", "app/c.yaml": ""})
    place = place_of(given, str(repository))
    assert place.root == os.path.realpath(repository / root)
    assert place.prefix == prefix


def test_paths_outside_the_current_folder_meet_above(tmp_path: Path) -> None:
    write(tmp_path, {"x/one/a.yaml": "", "x/two/b.yaml": "", "here/c": ""})
    place = place_of(["../x/one/a.yaml", "../x/two"], str(tmp_path / "here"))
    assert place.root == os.path.realpath(tmp_path / "x")


@pytest.mark.parametrize("path", ["../a", "/etc/passwd", "a/../../b", "a\0b", "link/passwd", "out"])
def test_files_never_leave_the_root(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"a": "x", "b": "x", "root/c": "x"})
    (tmp_path / "root/link").symlink_to("/etc")
    (tmp_path / "root/out").symlink_to(tmp_path / "a")
    files = RootFiles(os.path.realpath(tmp_path / "root"), Limits())
    assert files.read(path) is None
    assert files.below(path) == []


def test_files_read_and_list_inside(tmp_path: Path) -> None:
    write(tmp_path, {"x/a.tf": "1", "x/b/c.tf": "2", "y": "3"})
    files = RootFiles(os.path.realpath(tmp_path), Limits())
    artifact = files.read("./x/b/../a.tf")
    assert artifact is not None
    assert (artifact.path, artifact.data, artifact.focus) == ("x/a.tf", b"1", False)
    assert files.below("x") == ["x/a.tf", "x/b/c.tf"]
    assert files.below("") == ["x/a.tf", "x/b/c.tf", "y"]


@pytest.mark.parametrize(("path", "expected"), [
    ("a/./b", "a/b"), ("a//b/", "a/b"), ("a/../b", "b"), ("", ""), (".", ""), ("..", None), ("/a", None)])
def test_normal(path: str, expected: str | None) -> None:
    assert normal(path) == expected


GLOBS = [
    ("*.log", "a.log", True), ("*.log", "x/y/a.log", True), ("/a", "a", True), ("/a", "x/a", False), ("a/b", "a/b", True),
    ("a/b", "x/a/b", False), ("**/b", "x/y/b", True), ("a/**", "a/x/y", True), ("a/**/b", "a/b", True), ("a/**/b", "a/x/b", True),
    ("a?c", "abc", True), ("a?c", "a/c", False), ("[ab].tf", "b.tf", True), ("[!ab].tf", "b.tf", False), ("x/", "x", False),
    ("x/", "x/y", True), ("\\#a", "#a", True), ("# a", "# a", False), ("a b ", "a b", True), ("[z-a]", "z", False),
]


@pytest.mark.parametrize(("pattern", "path", "covered"), GLOBS)
def test_ignore_patterns(pattern: str, path: str, covered: bool) -> None:
    assert Ignored().below("", [pattern]).covers_any_part(path) is covered


@pytest.mark.parametrize(("pattern", "path", "covered"), [case for case in GLOBS if case[0] not in ("a b ", "[z-a]")])
def test_ignore_patterns_as_git_reads_them(repository: Path, pattern: str, path: str, covered: bool) -> None:
    (repository / ".gitignore").write_text(pattern + "\n")
    write(repository, {path: ""})
    done = subprocess.run(["git", "-C", str(repository), "check-ignore", "-q", "--no-index", path], check=False)
    assert (done.returncode == 0) is covered


def test_many_patterns_as_git_reads_them(repository: Path) -> None:
    random = Random(20261127)
    parts = ["a", "b", "ab", "*", "**", "?", "/", "/**/", "**/", "[ab]", "[!a]", "a*b", "*a*"]
    found = {"/".join(random.choice(["a", "b", "ab", "aab", "ba"]) for _ in range(random.randint(1, 4))) for _ in range(80)}
    for _ in range(200):
        pattern = "".join(random.choice(parts) for _ in range(random.randint(1, 6))).rstrip("/")
        if not pattern or "//" in pattern:
            continue
        (repository / ".gitignore").write_text(pattern + "\n")
        done = subprocess.run(["git", "-C", str(repository), "check-ignore", "--no-index", "--stdin"], check=False,
                              input="\n".join(sorted(found)), capture_output=True, text=True)
        ours = Ignored().below("", [pattern])
        assert {path for path in found if ours.covers_any_part(path)} == set(done.stdout.split()), pattern


@pytest.mark.parametrize("pattern", ["*a" * 20 + "b", "**/a/" * 20 + "b", "a*" * 20 + "b", "**/*a*/" * 12 + "b", "a**" * 20 + "b"])
def test_no_pattern_is_slow(pattern: str) -> None:
    """Each ends at once, or not within a year."""
    ours = Ignored().below("", [pattern])
    for path in ("a" * 250, "a/" * 1000 + "a", ("a" * 100 + "/") * 20 + "c"):
        assert not ours.covers_any_part(path)
        assert not matches(pattern, path)


def test_the_index_is_read_instead_of_the_work_tree(repository: Path) -> None:
    write(repository, {"a.tf": "old", "vars.tf": "same", "gone.yaml": "x", "other/x.tf": "x"})
    commit(repository)
    write(repository, {"a.tf": "staged", "new.yaml": "staged too"})
    subprocess.run(["git", "-C", str(repository), "add", "a.tf", "new.yaml"], check=True)
    subprocess.run(["git", "-C", str(repository), "rm", "-q", "--cached", "gone.yaml"], check=True)
    write(repository, {"a.tf": "unstaged", "untracked.yaml": "x"})
    found, files = intake.of_index(place_of(["."], str(repository)), Limits())
    assert [(one.path, one.data, one.focus) for one in found.artifacts] == [
        ("a.tf", b"staged", True), ("new.yaml", b"staged too", True), ("vars.tf", b"same", False)]
    assert files.read("untracked.yaml") is None
    assert files.below("other") == ["other/x.tf"]


def test_a_commit_hook_reads_what_stands_around_its_files(tmp_path: Path) -> None:
    write(tmp_path, {
        "net/main.tf": "x", "net/vars.tf": "x", "net/notes.txt": "x", "net/sub/deep.tf": "x", "appspec.yml": "x",
        "scripts/start.sh": "x", "other.yaml": "x",
    })
    place = place_of(["net/main.tf", "scripts/start.sh"], str(tmp_path))
    found, _ = intake.of_commit_files(place, Limits())
    assert [(one.path, one.focus) for one in found.artifacts] == [
        ("appspec.yml", False), ("net/main.tf", True), ("net/vars.tf", False), ("scripts/start.sh", True)]


def test_an_older_commit_can_be_read(repository: Path) -> None:
    write(repository, {"a.yaml": "old", "sub/b.yaml": "old"})
    commit(repository)
    write(repository, {"a.yaml": "new"})
    commit(repository)
    found, _ = intake.of_reference(place_of(["."], str(repository)), "HEAD~1", Limits())
    assert [(one.path, one.data) for one in found.artifacts] == [("a.yaml", b"old"), ("sub/b.yaml", b"old")]
    inner, _ = intake.of_reference(place_of(["sub"], str(repository)), "HEAD", Limits())
    assert [one.path for one in inner.artifacts] == ["b.yaml"]


@pytest.mark.parametrize("reference", ["no-such-branch", "--output=/tmp/x", "-h", ""])
def test_an_unknown_reference_is_a_usage_error(repository: Path, reference: str) -> None:
    write(repository, {"a.yaml": "x"})
    commit(repository)
    with pytest.raises(UsageError, match="names no commit"):
        git.commit_files(str(repository), reference)


def test_nothing_of_a_hostile_repository_is_executed(repository: Path) -> None:
    """A configuration that would run programs in ordinary git commands runs none of ours."""
    write(repository, {"a.yaml": "old", ".gitattributes": "*.yaml filter=evil diff=evil\n"})
    commit(repository)
    mark = repository / "ran"
    program = f"touch {mark}; cat"
    for key in ("core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "diff.external", "core.pager",
                "alias.ls-files", "core.sshCommand", "diff.evil.command"):
        subprocess.run(["git", "-C", str(repository), "config", key, program], check=True)
    hooks = repository / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "fsmonitor-watchman", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (hooks / name).chmod(0o755)
    write(repository, {"a.yaml": "new", "b.yaml": "x"})
    place = place_of(["."], str(repository))
    intake.of_paths(place, Limits())
    intake.of_index(place, Limits())
    intake.of_reference(place, "HEAD", Limits())
    git.merge_base(place.root, "HEAD")
    git.file_at(place.root, "HEAD", "a.yaml")
    assert not mark.exists()
