"""Walks the disk: which files a run reads, and the bounded reader that dialects use for further files."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from typing import NamedTuple

from scanner.core.artifact import Artifact, Notification
from scanner.core.errors import UsageError
from scanner.core.location import Location
from scanner.discover import git
from scanner.discover.ignore import IGNORE_FILES, MACHINE_FOLDERS, Ignored

FILE_LIMIT = 10 * 1024 * 1024
FILES_BELOW_LIMIT = 20_000
DEPTH_LIMIT = 200
SNIFFED = 8192
TEXT_MARKS = (b"\xff\xfe", b"\xfe\xff")
OURS = (
    ".yaml", ".yml", ".json", ".template", ".tf", ".tofu", ".hcl", ".tfvars", ".py", ".sh", ".bash", ".env",
    ".dockerfile",
)
"""Names that promise text we have rules for: one that holds binary data is worth a word."""


class Limits(NamedTuple):
    """How far discovery goes: bytes a file may have, and patterns (gitignore's language) of paths to leave out.

    Patterns start at the top of the repository; `prefix` leads from there to the root ("" or "infra/").
    """

    file_size: int = FILE_LIMIT
    exclude: tuple[str, ...] = ()
    prefix: str = ""


def excluding(limits: Limits) -> Callable[[str], bool]:
    """Return what tells whether the settings leave out a path (relative to the root), itself or a folder above it."""
    outside = Ignored().below("", limits.exclude)
    return lambda path: outside.covers_any_part(limits.prefix + path)


class Found(NamedTuple):
    """What discovery brought: the artifacts in path order, skipped files by reason, and what went wrong."""

    artifacts: list[Artifact]
    skipped: dict[str, int]
    notifications: list[Notification]


class _Gathering:
    """The state of one discovery."""

    __slots__ = ("excluded", "limits", "notifications", "root", "skipped", "wanted")

    def __init__(self, root: str, limits: Limits) -> None:
        """Take the root, absolute and without symbolic links."""
        self.root = root
        self.limits = limits
        self.wanted: dict[str, None] = {}
        self.skipped: dict[str, int] = {}
        self.notifications: list[Notification] = []
        self.excluded = excluding(limits)

    def skip(self, reason: str) -> None:
        """Count a file that is not read."""
        self.skipped[reason] = self.skipped.get(reason, 0) + 1

    def fault(self, level: str, kind: str, message: str, path: str, hint: str) -> None:
        """Record what is wrong with a path."""
        self.notifications.append(Notification(level, kind, message, Location(path, 1, 1, 1, 1), hint))


def gather(root: str, paths: list[str], limits: Limits) -> Found:
    """Return the files below `paths` (absolute, inside `root`, both without symbolic links), read once each.

    A path that names a file is read even when an ignore file covers it, but not when the policy excludes it: a commit
    hook is called with names. Raises UsageError for a path that does not
    exist.
    """
    gathering = _Gathering(root, limits)
    for path in paths:
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror or error}\nexpected: a file or a folder to scan") from error
        if stat.S_ISDIR(mode):
            _list_folder(gathering, path)
        elif gathering.excluded(relative(root, path)):
            gathering.skip("excluded")
        else:
            gathering.wanted[relative(root, path)] = None
    artifacts = [found for path in sorted(gathering.wanted) if (found := _read(gathering, path)) is not None]
    return Found(artifacts, gathering.skipped, gathering.notifications)


def relative(root: str, path: str) -> str:
    """Return an absolute path relative to the root, with forward slashes."""
    inner = os.path.relpath(path, root)
    return inner.replace(os.sep, "/") if os.sep != "/" else inner


def _list_folder(gathering: _Gathering, folder: str) -> None:
    """Add the files of a folder: those git would keep when it is in a repository, else all that a walk finds."""
    listed = git.files_below(folder) if git.repository_of(folder) else None
    if listed is None:
        for path in _walk(gathering, folder):
            gathering.wanted[path] = None
        return
    own = _own_ignore_file(gathering, folder)
    for name in listed:
        full = os.path.join(folder, name)
        path = relative(gathering.root, full)
        if gathering.excluded(path) or own.covers_any_part(path):
            gathering.skip("excluded")
        elif os.path.isdir(full) and not os.path.islink(full):
            for inner in _walk(gathering, full):  # another repository inside this one
                gathering.wanted[inner] = None
        else:
            gathering.wanted[path] = None


def _own_ignore_file(gathering: _Gathering, folder: str) -> Ignored:
    """Return the patterns of `.leftgateignore` in the folder, which git does not know."""
    return Ignored().below(_inner(gathering.root, folder), _lines(os.path.join(folder, ".leftgateignore")))


def _inner(root: str, folder: str) -> str:
    """Return a folder relative to the root, "" for the root."""
    inner = relative(root, folder)
    return "" if inner == "." else inner


def _lines(path: str) -> list[str]:
    """Return the lines of an ignore file, none when there is no such file."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(FILE_LIMIT).splitlines()
    except OSError:
        return []


def _walk(gathering: _Gathering, folder: str) -> Iterator[str]:
    """Yield the files below a folder; symbolic links are counted, not followed, so there are no loops."""
    stack = [(folder, Ignored())]
    while stack:
        current, ignored = stack.pop()
        inner = _inner(gathering.root, current)
        if inner.count("/") > DEPTH_LIMIT:
            gathering.fault("error", "folder-too-deep", f"folders nest deeper than {DEPTH_LIMIT}; not looked at",
                            inner, "scan the inner folder on its own, or exclude it")
            continue
        try:
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
        except OSError as error:
            gathering.fault("error", "folder-unreadable", f"the folder cannot be listed: {error.strerror}",
                            inner or ".", "make it readable for this user, or exclude it")
            continue
        for entry in entries:
            if entry.name in IGNORE_FILES:
                ignored = ignored.below(inner, _lines(entry.path))
        for entry in entries:
            path = f"{inner}/{entry.name}" if inner else entry.name
            yield from _entry(gathering, entry, path, ignored, stack)


def _entry(
    gathering: _Gathering, entry: os.DirEntry[str], path: str, ignored: Ignored, stack: list[tuple[str, Ignored]],
) -> Iterator[str]:
    """Yield the path of an entry that is a file to read; push a folder; count the rest."""
    is_folder = entry.is_dir(follow_symlinks=False)
    if is_folder and entry.name in MACHINE_FOLDERS:
        gathering.skip("tool folder")
    elif ignored.covers(path, is_folder) or gathering.excluded(path + "/" if is_folder else path):
        gathering.skip("excluded")
    elif is_folder:
        stack.append((entry.path, ignored))
    else:
        yield path


def _read(gathering: _Gathering, path: str) -> Artifact | None:
    """Return the file as an artifact, or None after counting why not."""
    full = os.path.join(gathering.root, path)
    try:
        about = os.lstat(full)
        if stat.S_ISLNK(about.st_mode):
            gathering.skip("symbolic link")  # its target, if it is inside the root, is found under its own name
            return None
        if not stat.S_ISREG(about.st_mode):
            gathering.skip("not a regular file")
            return None
        with open(full, "rb") as file:
            data = file.read(SNIFFED)
            if is_binary(data):
                _binary(gathering, path)
                return None
            if about.st_size > gathering.limits.file_size:
                _too_large(gathering, path, about.st_size)
                return None
            data += file.read(gathering.limits.file_size + 1 - len(data))
    except FileNotFoundError:
        gathering.skip("deleted")  # git still lists a file that the work tree has no more
        return None
    except OSError as error:
        gathering.fault("error", "file-unreadable", f"the file cannot be read: {error.strerror}", path,
                        "make it readable for this user, or exclude it")
        gathering.skip("unreadable")
        return None
    if len(data) > gathering.limits.file_size:
        _too_large(gathering, path, len(data))
        return None
    return Artifact(path, data)


def is_binary(head: bytes) -> bool:
    """Tell whether the first bytes of a file are no text: a NUL byte, unless a UTF-16 mark explains it."""
    return b"\0" in head and not (head.startswith(TEXT_MARKS) and head[2:4] != b"\0\0")


def _binary(gathering: _Gathering, path: str) -> None:
    """Count a binary file; say so when its name promises text we read."""
    gathering.skip("binary")
    if path.lower().endswith(OURS):
        message = "the name promises text, but the file holds binary data; not looked at"
        gathering.fault("error", "binary-content", message, path, "save it as UTF-8 text, or exclude it")


def _too_large(gathering: _Gathering, path: str, size: int) -> None:
    """Count a text file over the limit, and say so: what is in it was not looked at."""
    gathering.skip("too large")
    limit = gathering.limits.file_size
    gathering.fault("error", "file-too-large", f"the file has {size:,} bytes, the limit is {limit:,}; not looked at",
                    path, "raise limits.file-size in the policy, or exclude it")


class RootFiles:
    """Reads further files of the root on demand; never leaves it, through `..` or through symbolic links."""

    __slots__ = ("limits", "root")

    def __init__(self, root: str, limits: Limits) -> None:
        """Take the root, absolute and without symbolic links."""
        self.root = root
        self.limits = limits

    def read(self, path: str) -> Artifact | None:
        """Return the file at a path relative to the root; None when missing, outside, binary or too large."""
        full = self._inside(path)
        if full is None:
            return None
        try:
            about = os.stat(full)
            if not stat.S_ISREG(about.st_mode) or about.st_size > self.limits.file_size:
                return None
            with open(full, "rb") as file:
                data = file.read(self.limits.file_size)
        except OSError:
            return None
        return None if is_binary(data[:SNIFFED]) else Artifact(normal(path) or path, data, focus=False)

    def below(self, folder: str) -> list[str]:
        """Return the sorted paths of the files below a folder of the root, at most 20,000; links are not followed."""
        full = self._inside(folder)
        if full is None or not os.path.isdir(full):
            return []
        gathering = _Gathering(self.root, self.limits)
        found = []
        for path in _walk(gathering, full):
            found.append(path)
            if len(found) >= FILES_BELOW_LIMIT:
                break
        return sorted(found)

    def _inside(self, path: str) -> str | None:
        """Return the real place of a path, or None when it is not below the root."""
        inner = normal(path)
        if inner is None:
            return None
        full = os.path.realpath(os.path.join(self.root, inner))
        return full if full == self.root or full.startswith(self.root.rstrip(os.sep) + os.sep) else None


class BlobFiles:
    """The same for files that git holds (the index, a commit): nothing of the work tree is read."""

    __slots__ = ("_blobs", "_root", "limits")

    def __init__(self, root: str, blobs: list[git.Blob], limits: Limits) -> None:
        """Take the folder to run git in, and the files with paths relative to it."""
        self._root = root
        self._blobs = {blob.path: blob for blob in blobs}
        self.limits = limits

    def read(self, path: str) -> Artifact | None:
        """Return the file at a path relative to the root; None when missing, outside, binary or too large."""
        blob = self._blobs.get(normal(path) or "")
        if blob is None:
            return None
        for _, data in git.contents(self._root, [blob], self.limits.file_size):
            if data is not None and not is_binary(data[:SNIFFED]):
                return Artifact(blob.path, data, focus=False)
        return None

    def below(self, folder: str) -> list[str]:
        """Return the sorted paths of the files below a folder, at most 20,000."""
        inner = normal(folder)
        if inner is None:
            return []
        prefix = inner + "/" if inner else ""
        return sorted(path for path in self._blobs if path.startswith(prefix))[:FILES_BELOW_LIMIT]


def gather_blobs(root: str, blobs: list[git.Blob], limits: Limits) -> Found:
    """Return files that git holds as artifacts, with the same counts and notes as `gather`."""
    gathering = _Gathering(root, limits)
    artifacts = []
    wanted = []
    for blob in blobs:
        if gathering.excluded(blob.path):
            gathering.skip("excluded")
        else:
            wanted.append(blob)
    for blob, data in git.contents(root, wanted, limits.file_size):
        if data is None:
            gathering.skip("too large")
            message = (f"the file is over the limit of {limits.file_size:,} bytes, or its object is not in this clone; "
                       "not looked at")
            hint = "raise limits.file-size in the policy, or exclude it"
            gathering.fault("error", "file-too-large", message, blob.path, hint)
        elif is_binary(data[:SNIFFED]):
            _binary(gathering, blob.path)
        else:
            artifacts.append(Artifact(blob.path, data))
    return Found(artifacts, gathering.skipped, gathering.notifications)


def normal(path: str) -> str | None:
    """Return a relative path without `.` and `..` parts ("" for the root), or None when it leads outside."""
    if path.startswith("/") or "\0" in path or (os.sep != "/" and os.path.isabs(path)):
        return None
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
