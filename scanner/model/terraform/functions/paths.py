"""Functions over path texts that touch no disk."""

from __future__ import annotations

import posixpath

from scanner.model.terraform.functions.strings import _text


def tf_basename(path: object) -> str:
    """Return the last part of a path."""
    return posixpath.basename(_text(path).rstrip("/")) or ("." if not _text(path) else "/")


def tf_dirname(path: object) -> str:
    """Return a path without its last part."""
    return posixpath.normpath(posixpath.dirname(_text(path)) or ".")
