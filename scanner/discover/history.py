"""Every version of every file that git remembers: each content once, with the commit that brought it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from scanner.core.artifact import Artifact, Version
from scanner.core.errors import UsageError
from scanner.discover import git

BLOB_LIMIT = 5 * 1024 * 1024
_RANGE = re.compile(r"[^-\s][^\s]{0,400}\Z")
_FORMAT = "--format=%x01%H%x02%aN <%aE>%x02%aI%x02"


class Introduced(NamedTuple):
    """A content, its path, and the oldest commit of the range that has it there."""

    identity: str
    path: str
    commit: str
    author: str
    date: str


def introduced(folder: str, revisions: str = "HEAD") -> list[Introduced]:
    """Return each blob of the range once, oldest commit first; raises UsageError for a range that git does not know.

    `revisions` is what `git log` takes: a commit (all its ancestors) or `main..HEAD`; `--all` for every branch.
    """
    if revisions != "--all" and not _RANGE.match(revisions):
        raise UsageError(f"{revisions!r} is no range of commits\nexpected: HEAD, main..HEAD, a tag or --all")
    listed = git.run(
        folder, "log", "--raw", "-z", "--no-abbrev", "--no-renames", "--reverse", "--diff-filter=AM", "--relative",
        "--diff-merges=first-parent", "--no-show-signature", "--no-notes", "--no-ext-diff", "--no-textconv", "--root",
        _FORMAT, *(("--all",) if revisions == "--all" else ("--end-of-options", revisions)), "--",
    )
    if listed is None:
        raise UsageError(
            f"git cannot list the commits of {revisions!r} in {folder}\n"
            "expected: a git work tree, and a range of its commits (a shallow clone lacks older ones)"
        )
    return list(_parsed(listed))


def _parsed(listed: bytes) -> Iterator[Introduced]:
    """Yield the first mention of each blob in the output of `git log --raw -z`."""
    seen: set[bytes] = set()
    for section in listed.split(b"\x01")[1:]:
        commit, author, date, changes = section.split(b"\x02", 3)
        words = changes.strip(b"\n\0").split(b"\0")
        for about, name in zip(words[0::2], words[1::2], strict=False):
            fields = about.lstrip(b"\n:").split(b" ")
            if len(fields) < 5 or fields[1] not in git.REGULAR or fields[3] in seen:
                continue
            seen.add(fields[3])
            yield Introduced(
                fields[3].decode(), name.decode("utf-8", "surrogateescape"), commit.decode(),
                _plain(author.decode("utf-8", "replace")), date.decode(),
            )


def _plain(text: str) -> str:
    """Return an author's name without control characters, bounded."""
    return "".join(character if character.isprintable() else " " for character in text)[:200]


def versions(folder: str, revisions: str = "HEAD", limit: int = BLOB_LIMIT) -> Iterator[Version]:
    """Yield every text that the range holds, once each; contents over `limit` bytes and binary ones are left out."""
    found = introduced(folder, revisions)
    head = {blob.identity for blob in git.commit_files(folder, "HEAD")}
    about = {entry.identity: entry for entry in found}
    blobs = [git.Blob(entry.path, entry.identity) for entry in found]
    for blob, data in git.contents(folder, blobs, limit):
        if data is None or b"\0" in data[:8192]:
            continue
        entry = about[blob.identity]
        yield Version(Artifact(blob.path, data), entry.commit, entry.author, entry.date, blob.identity in head)
