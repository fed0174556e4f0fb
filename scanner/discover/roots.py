"""Where a run stands: the scanned root, and the way to it from the top of its repository."""

from __future__ import annotations

import os
from typing import NamedTuple

from scanner.core.errors import UsageError
from scanner.discover.git import repository_of
from scanner.discover.walk import relative


class Place(NamedTuple):
    """The scanned root (absolute, no symbolic links), the paths asked for below it, and its repository.

    `prefix` leads from the top of the repository to the root ("" or "infra/"): identities of findings, path patterns of
    policies and what GitHub shows count from the top, so they do not change with the folder a scan starts in.
    """

    root: str
    paths: tuple[str, ...]
    repository: str | None
    prefix: str


def place_of(paths: list[str], cwd: str) -> Place:
    """Return the place of a run over `paths`; raises UsageError for one that does not exist.

    One folder is its own root. Files, or several paths, have the current folder as root when all are inside it,
    else their deepest common folder.
    """
    real = []
    for path in paths:
        if not path or "\0" in path:
            raise UsageError(f"{path!r} is no path\nexpected: a file or a folder to scan")
        full = os.path.join(cwd, path)
        if not os.path.exists(full):
            raise UsageError(f"{path}: no such file or folder\nexpected: a file or a folder to scan")
        real.append(os.path.realpath(full))
    here = os.path.realpath(cwd)
    if len(real) == 1 and os.path.isdir(real[0]):
        root = real[0]
    elif all(path == here or path.startswith(here.rstrip(os.sep) + os.sep) for path in real):
        root = here
    else:
        root = os.path.commonpath([path if os.path.isdir(path) else os.path.dirname(path) for path in real])
    repository = repository_of(root)
    inner = relative(repository, root) if repository else "."
    return Place(root, tuple(dict.fromkeys(real)), repository, "" if inner == "." else inner + "/")
