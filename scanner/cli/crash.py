"""The log of an internal error: ready to paste, without source text, values or messages that may hold secrets."""

from __future__ import annotations

import os
import sys
import traceback

from scanner import __version__

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def log(error: BaseException, arguments: list[str]) -> str:
    """Return the log: versions, option names, and where in our code it happened."""
    names = [argument.partition("=")[0] for argument in arguments if argument.startswith("-")]
    command = arguments[0] if arguments and not arguments[0].startswith("-") else ""
    lines = [
        "leftgate: internal error; this is a fault of leftgate, not of your files. Please report this log:",
        "",
        f"leftgate {__version__}, Python {sys.version.split()[0]}, {sys.platform}",
        f"command: {command} {' '.join(names)}".rstrip(),
    ]
    current: BaseException | None = error
    while current is not None:
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}")
        frames = traceback.extract_tb(current.__traceback__)
        lines += [f"  {_name(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
        current = current.__cause__ or current.__context__
        if current is not None:
            lines.append("while this was handled:")
    return "\n".join(lines) + "\n"


def _name(path: str) -> str:
    """Return a program file's name: below our package, or its last two parts."""
    if path.startswith(PACKAGE + os.sep):
        return "scanner/" + os.path.relpath(path, PACKAGE).replace(os.sep, "/")
    return "/".join(path.replace(os.sep, "/").split("/")[-2:])
