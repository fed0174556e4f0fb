"""What a run reads: files and folders, the files of a commit with their surroundings, the index, another commit."""

from __future__ import annotations

import os

from scanner.core.artifact import Artifact, Files
from scanner.core.errors import UsageError
from scanner.discover import git
from scanner.discover.roots import Place
from scanner.discover.walk import BlobFiles, Found, Limits, RootFiles, gather, gather_blobs, relative

NEIGHBOURS = {
    # ending of a file -> endings of files in the same folder that belong to it
    ".tf": (".tf", ".tf.json", ".tofu", ".tfvars", ".tfvars.json"),
    ".tofu": (".tf", ".tf.json", ".tofu", ".tfvars", ".tfvars.json"),
    ".tf.json": (".tf", ".tf.json", ".tofu", ".tfvars", ".tfvars.json"),
    ".tfvars": (".tf", ".tf.json", ".tofu", ".tfvars", ".tfvars.json"),
}
CALLERS = ("appspec.yml", "appspec.yaml", "appspec.json", "buildspec.yml", "buildspec.yaml")
"""Files that run scripts of their folder and of folders below: context for a script in a commit."""


def of_paths(place: Place, limits: Limits) -> tuple[Found, Files]:
    """Return everything below the paths."""
    return gather(place.root, list(place.paths), limits), RootFiles(place.root, limits)


def of_commit_files(place: Place, limits: Limits) -> tuple[Found, Files]:
    """Return the files of a commit hook in focus, and around them what gives them their meaning."""
    found = gather(place.root, list(place.paths), limits)
    files = RootFiles(place.root, limits)
    return _surrounded(found, files), files


def of_index(place: Place, limits: Limits) -> tuple[Found, Files]:
    """Return what is staged, as the index has it; the rest of the index is context."""
    staged = git.staged_files(place.root)
    if staged is None:
        raise UsageError(f"{place.root} is in no git repository (or git is missing)\n"
                         "expected: a scan of staged files inside a clone")
    everything = git.index_files(place.root) or []
    files = BlobFiles(place.root, everything, limits)
    return _surrounded(gather_blobs(place.root, staged, limits), files), files


def of_reference(place: Place, reference: str, limits: Limits) -> tuple[Found, Files]:
    """Return what the paths held in the commit where HEAD left `reference`."""
    blobs = git.commit_files(place.root, git.merge_base(place.root, reference))
    inside = [relative(place.root, path) for path in place.paths]
    wanted = [
        blob for blob in blobs
        if any(path in (".", blob.path) or blob.path.startswith(path + "/") for path in inside)
    ]
    return gather_blobs(place.root, wanted, limits), BlobFiles(place.root, blobs, limits)


def _surrounded(found: Found, files: Files) -> Found:
    """Return the artifacts with those around them, which are not in focus."""
    have = {artifact.path for artifact in found.artifacts}
    around: dict[str, Artifact] = {}
    for path in _around(sorted(have), files):
        if path not in have and path not in around:
            artifact = files.read(path)
            if artifact is not None:
                around[path] = artifact
    artifacts = sorted([*found.artifacts, *around.values()], key=lambda artifact: artifact.path)
    return found._replace(artifacts=artifacts)


def _around(paths: list[str], files: Files) -> list[str]:
    """Return the paths of the files that give these their meaning."""
    listed: dict[str, list[str]] = {}
    wanted: list[str] = []
    for path in paths:
        folder, _, name = path.rpartition("/")
        endings = next((partners for ending, partners in NEIGHBOURS.items() if name.endswith(ending)), ())
        if endings:
            if folder not in listed:
                listed[folder] = [
                    inner for inner in files.below(folder) if "/" not in inner[len(folder) + 1 if folder else 0:]
                ]
            wanted += [inner for inner in listed[folder] if inner.endswith(endings)]
        elif "." not in name or name.endswith((".sh", ".bash", ".py", ".ps1")):
            wanted += [os.path.join(above, caller) for above in _folders_above(folder) for caller in CALLERS]
    return wanted


def _folders_above(folder: str) -> list[str]:
    """Return the folder and all above it, "" for the root, nearest first."""
    found = []
    while folder:
        found.append(folder)
        folder = folder.rpartition("/")[0]
    return [*found, ""]
