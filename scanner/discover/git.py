"""What git knows: which files belong to a repository, what the index and other commits hold.

Nothing of a repository is executed: no hooks, no file-system monitor, no filters, no text converters, no
remote helpers, whatever its configuration asks for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from scanner.core.errors import UsageError

SAFE_OPTIONS = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.untrackedCache=false",
    "-c", "protocol.allow=never", "-c", "core.quotePath=false", "-c", "core.alternateRefsCommand=false",
    "-c", "safe.directory=*",  # reading is all we do, and a build container's files often belong to another user
)
TIMEOUT_SECONDS = 120
REGULAR = (b"100644", b"100755", b"100664")
LARGEST_BATCH = 512


class Blob(NamedTuple):
    """A file in the index or in a commit: its path relative to the folder asked about, and its object's id."""

    path: str
    identity: str


def repository_of(folder: str) -> str | None:
    """Return the top folder of the git work tree that holds `folder` (both absolute), or None; git is not run."""
    current = folder
    while True:
        if os.path.lexists(os.path.join(current, ".git")):
            return current
        parent = os.path.dirname(current)
        if parent == current:
            return None
        current = parent


def _environment(own_index: bool) -> dict[str, str]:
    """Return the environment git runs in; `own_index` keeps what names the index of a commit in progress.

    This is the one place outside `cli` that reads the environment: a child process has to have one.
    """
    kept = {
        name: value for name, value in os.environ.items()
        if not name.startswith("GIT_") or (own_index and name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"))
    }
    kept.update({
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_PAGER": "cat", "LC_ALL": "C",
    })
    return kept


def run(folder: str, *arguments: str, own_index: bool = False, data: bytes | None = None) -> bytes | None:
    """Return what git prints, or None when git is missing, refuses or takes longer than two minutes."""
    import subprocess  # 8 ms, which a run outside a repository does not pay

    try:
        done = subprocess.run(
            ["git", "-C", folder, *SAFE_OPTIONS, *arguments], input=data, capture_output=True, check=False,
            stdin=subprocess.DEVNULL if data is None else None,
            env=_environment(own_index), timeout=TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def files_below(folder: str) -> list[str] | None:
    """Return the tracked and the not ignored files below `folder`, relative to it, sorted; None without git."""
    listed = run(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed is None:
        return None
    return sorted({_text(name) for name in listed.split(b"\0") if name})


def staged_files(folder: str) -> list[Blob] | None:
    """Return the regular files of the index that differ from HEAD below `folder`; None when git cannot tell."""
    changed = run(
        folder, "diff", "--cached", "--name-only", "-z", "--no-renames", "--diff-filter=ACMT", "--no-ext-diff",
        "--no-textconv", "--relative", own_index=True,
    )
    if changed is None:
        return None
    names = {_text(name) for name in changed.split(b"\0") if name}
    return [blob for blob in index_files(folder) or [] if blob.path in names]


def index_files(folder: str) -> list[Blob] | None:
    """Return all regular files of the index below `folder`, sorted by path; None when git cannot tell."""
    listed = run(folder, "ls-files", "-z", "--stage", own_index=True)
    if listed is None:
        return None
    blobs = []
    for entry in filter(None, listed.split(b"\0")):
        about, _, name = entry.partition(b"\t")
        mode, identity, stage = about.split(b" ")
        if mode in REGULAR and stage == b"0":
            blobs.append(Blob(_text(name), identity.decode()))
    return sorted(blobs)


def commit_files(folder: str, reference: str) -> list[Blob]:
    """Return all regular files of a commit below `folder`, sorted; raises UsageError for an unknown reference."""
    listed = run(folder, "ls-tree", "-r", "-z", "--end-of-options", _commit(folder, reference), ".")
    blobs = []
    for entry in filter(None, (listed or b"").split(b"\0")):
        about, _, name = entry.partition(b"\t")
        mode, _, identity = about.split(b" ")
        if mode in REGULAR:
            blobs.append(Blob(_text(name), identity.decode()))
    return sorted(blobs)


def file_at(folder: str, reference: str, path: str) -> bytes | None:
    """Return the content of `path` (relative to the folder) in a commit, or None when it is not in there."""
    return run(folder, "cat-file", "blob", f"{_commit(folder, reference)}:./{path}")


def merge_base(folder: str, reference: str) -> str:
    """Return the id of the commit where HEAD left `reference`; the commit itself when they share nothing."""
    commit = _commit(folder, reference)
    found = run(folder, "merge-base", commit, "HEAD")
    return found.decode().strip() if found else commit


def _commit(folder: str, reference: str) -> str:
    """Return the commit id that a reference names; raises UsageError when there is none."""
    found = run(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", reference + "^{commit}")
    if not found:
        raise UsageError(
            f"git reference {reference!r} names no commit in {folder}\n"
            "expected: a branch, tag or commit id of this clone (a shallow clone may lack it: git fetch it first)"
        )
    return found.decode().strip().splitlines()[-1]


def contents(folder: str, blobs: list[Blob], limit: int) -> Iterator[tuple[Blob, bytes | None]]:
    """Yield each blob with its bytes, in the given order; None for one that is missing or has over `limit` bytes."""
    for start in range(0, len(blobs), LARGEST_BATCH):
        batch = blobs[start:start + LARGEST_BATCH]
        sizes = _sizes(folder, batch)
        wanted = [blob for blob in batch if 0 <= sizes.get(blob.identity, -1) <= limit]
        names = "".join(f"{blob.identity}\n" for blob in wanted).encode()
        answer = run(folder, "cat-file", "--batch", own_index=True, data=names) or b""
        found = dict(_entries(answer))
        for blob in batch:
            yield blob, found.get(blob.identity)


def _sizes(folder: str, blobs: list[Blob]) -> dict[str, int]:
    """Return the size in bytes of each object that is there."""
    names = "".join(f"{blob.identity}\n" for blob in blobs).encode()
    answer = run(folder, "cat-file", "--batch-check=%(objectname) %(objectsize)", own_index=True, data=names) or b""
    sizes = {}
    for line in answer.decode().splitlines():
        identity, _, size = line.partition(" ")
        if size.isdigit():
            sizes[identity] = int(size)
    return sizes


def _entries(answer: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (object id, content) from the output of `git cat-file --batch`."""
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        head = answer[at:end].split(b" ")
        at = end + 1
        if len(head) == 3:
            size = int(head[2])
            yield head[0].decode(), answer[at:at + size]
            at += size + 1


def _text(name: bytes) -> str:
    """Return a path as Python spells it: bytes that are no UTF-8 become surrogates, as in `os.fsdecode`."""
    return name.decode("utf-8", "surrogateescape")
