"""Finds rule folders and keeps their compiled indexes fresh; the only part of the room that writes to disk."""

from __future__ import annotations

import json
import os
from zlib import crc32

from scanner.core.errors import UsageError
from scanner.packs.files import rule_files
from scanner.packs.pack import Index, Pack

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHIPPED = os.path.join(_PACKAGE, "_rules")
CHECKOUT = os.path.join(os.path.dirname(_PACKAGE), "rules")
INDEX_NAME = "index.json"


def rules_folder() -> str:
    """Return the folder of the built-in rules: inside the package when installed, beside it in a checkout."""
    return SHIPPED if os.path.isdir(SHIPPED) else CHECKOUT


def open_pack(folders: tuple[str, ...] = (), cache: str | None = None) -> Pack:
    """Return the built-in pack, and after it the rules of the user's `folders`.

    `cache` is a folder for compiled indexes; a checkout has its own, and without one user folders are compiled
    in memory. Raises UsageError when a user's folder or one of its rules cannot be used; faults of built-in
    rules are left to `Pack.faults`, so that one bad file does not take the others away.
    """
    folder = rules_folder()
    if folder == SHIPPED:
        indexes = [Index.at(os.path.join(SHIPPED, INDEX_NAME), folder)]
    else:
        indexes = [_fresh(folder, os.path.join(os.path.dirname(CHECKOUT), ".leftgate-cache"))]
    for added in folders:
        if not os.path.isdir(added):
            raise UsageError(f"{added}: expected a folder with rule files; found none")
        index = _fresh(os.path.abspath(added), cache)
        if index.faults():
            raise UsageError(index.faults()[0])
        indexes.append(index)
    pack = Pack(tuple(indexes))
    if folders:
        _refuse_doubles(indexes)
    return pack


def _refuse_doubles(indexes: list[Index]) -> None:
    seen: set[str] = set()
    for index in indexes:
        for rule in index.ids():
            if rule in seen:
                raise UsageError(f"{index.folder}: expected new rule ids; found {rule!r}, which another pack has")
            seen.add(rule)


def _fresh(folder: str, cache: str | None) -> Index:
    stamp = _stamp(folder)
    if cache is None:
        return Index(_compiled(folder, {}, stamp)[0], folder)
    name = f"rules-{crc32(folder.encode()):08x}"
    path = os.path.join(cache, name + ".json")
    try:
        index = Index.at(path, folder)
        if index.stamp == stamp:
            return index
    except (OSError, ValueError, KeyError):
        pass  # no usable index: make one
    notes = os.path.join(cache, name + ".files.json")
    data, entries = _compiled(folder, _known(notes), stamp)
    try:
        os.makedirs(cache, exist_ok=True)
        _write(path, data)
        _write(notes, json.dumps([_code_stamp(), entries]).encode())
    except OSError:
        pass  # a read-only checkout works too, only slower
    return Index(data, folder)


def _compiled(folder: str, known: dict[str, list[object]], stamp: str) -> tuple[bytes, dict[str, tuple[object, ...]]]:
    from scanner.packs.compile import FileEntry, entries_of, index_of

    entries = entries_of(folder, {name: FileEntry._make(entry) for name, entry in known.items()})
    return index_of(folder, entries, stamp), {name: tuple(entry) for name, entry in entries.items()}


def _known(path: str) -> dict[str, list[object]]:
    try:
        with open(path, encoding="utf-8") as file:
            code, entries = json.load(file)
    except (OSError, ValueError):
        return {}
    return entries if code == _code_stamp() and isinstance(entries, dict) else {}


def _write(path: str, data: bytes) -> None:
    part = f"{path}.{os.getpid()}"
    with open(part, "wb") as file:
        file.write(data)
    os.replace(part, path)


def _stamp(folder: str) -> str:
    """Return a cheap mark that changes with any rule file: count, sizes and times, none of the contents."""
    count = total = 0
    for path, status in rule_files(folder):  # in no order, hence a sum
        count += 1
        total += crc32(path.encode("utf-8", "surrogateescape")) * (status.st_mtime_ns * 31 + status.st_size)
    return f"{count}-{total % (1 << 128):x}-{_code_stamp()}"


def _code_stamp() -> str:
    room = os.path.dirname(os.path.abspath(__file__))
    marks = [
        str(os.stat(os.path.join(room, name)).st_mtime_ns)
        for name in ("compile.py", "compiled.py", "grammar.py", "load.py", "reading.py", "schema.py")
    ]
    return f"{crc32(' '.join(marks).encode()):08x}"
