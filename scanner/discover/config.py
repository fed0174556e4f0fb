"""Finds the policy file of a run: named, in the scanned root, at the top of its repository, or in a git reference."""

from __future__ import annotations

import os

from scanner.core.artifact import Artifact
from scanner.core.errors import UsageError
from scanner.discover import git
from scanner.discover.roots import Place
from scanner.discover.walk import relative

CONFIG_NAMES = ("leftgate.yaml", "leftgate.yml", ".leftgate.yaml", ".leftgate.yml")
LARGEST_POLICY = 1 << 20


def policy_text(place: Place, cwd: str, named: str, reference: str, search: bool) -> tuple[str, str] | None:
    """Return (name to show, text) of the policy file, or None when there is none to use.

    `named` is a file the user named, `reference` a git reference to read it from, `search` allows to look for one
    under the usual names. Raises UsageError when a named file or reference cannot be read.
    """
    if reference:
        return _from_git(place, cwd, named, reference)
    if named:
        return named, _text(named, os.path.join(cwd, named))
    if search:
        for folder in dict.fromkeys((place.root, place.repository or place.root)):
            for name in CONFIG_NAMES:
                full = os.path.join(folder, name)
                if os.path.isfile(full):
                    return os.path.relpath(full, place.root).replace(os.sep, "/"), _text(name, full)
    return None


def values_file(place: Place, cwd: str, name: str) -> Artifact:
    """Return a file of parameters or variables that the user named, inside the root or not; raises UsageError.

    Its path is relative to the root, with `..` when it lies outside: only this file is readable there.
    """
    full = os.path.realpath(os.path.join(cwd, name))
    text = _text(name, full, 10 << 20)
    return Artifact(relative(place.root, full), text.encode(), focus=False)


def sarif_text(name: str, full: str) -> str:
    """Return the text of a SARIF file the user named, at most 64 MB; raises UsageError when it cannot be read."""
    return _text(name, full, 64 << 20)


def text_of(name: str, full: str) -> str:
    """Return the text of a file the user named (a baseline); raises UsageError when it cannot be read."""
    return _text(name, full, 256 << 20)


def _text(name: str, full: str, largest: int = LARGEST_POLICY) -> str:
    """Return the text of a file of ours."""
    try:
        with open(full, "rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}\nexpected: a file that can be read") from None
    return _decoded(name, data, largest)


def _decoded(name: str, data: bytes, largest: int = LARGEST_POLICY) -> str:
    """Return UTF-8 text; raises UsageError for anything else."""
    if len(data) > largest:
        raise UsageError(f"{name}:1: expected at most {largest:,} bytes; found more")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{line}: expected UTF-8 text; found the byte 0x{data[error.start]:02x}") from None


def _from_git(place: Place, cwd: str, named: str, reference: str) -> tuple[str, str] | None:
    """Return the policy as a commit has it; a commit without one means the built-in policy."""
    if place.repository is None:
        raise UsageError(f"--policy-from {reference}: {place.root} is in no git repository\n"
                         "expected: a scan inside a clone")
    if named:
        path = os.path.relpath(os.path.realpath(os.path.join(cwd, named)), place.repository).replace(os.sep, "/")
        data = git.file_at(place.repository, reference, path)
        if data is None:
            raise UsageError(f"{named}: {reference} has no such file\nexpected: a policy file that is in {reference}")
        return f"{path}@{reference}", _decoded(named, data)
    for folder in dict.fromkeys((place.prefix, "")):
        for name in CONFIG_NAMES:
            data = git.file_at(place.repository, reference, folder + name)
            if data is not None:
                return f"{folder}{name}@{reference}", _decoded(name, data)
    return None
