"""The matrix of detectors and artefacts: reads tests/matrix/cells.yaml, finds the marked lines, makes its page."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parent.parent
CELLS = ROOT / "tests" / "matrix" / "cells.yaml"
FIXTURES = ROOT / "tests" / "fixtures" / "matrix"
CATEGORIES = ("secrets", "network", "iam", "resources", "pipeline")


class Cell(NamedTuple):
    """One pair of detector and artefact: a fixture with its lines, or a reason."""

    row: str
    column: str
    reason: str
    what: str
    file: str
    line: int
    quiet: tuple[int, ...]
    categories: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Return the folder that is scanned for this cell."""
        return FIXTURES / self.row / self.column


def lines_with(text: str, mark: str) -> tuple[int, ...]:
    """Return the 1-based numbers of the lines that contain `mark`; its trailing line feed means the line's end."""
    if not mark:
        return ()
    return tuple(
        number for number, line in enumerate(text.split("\n"), 1)
        if (line.endswith(mark[:-1]) if mark.endswith("\n") else mark in line)
    )


def columns() -> dict[str, str]:
    """Return the column names with their titles, in order."""
    return dict(yaml.safe_load(CELLS.read_text())["columns"])


def cells() -> list[Cell]:
    """Return all cells in row and column order; raises ValueError for a mark that is not on exactly one line."""
    table = yaml.safe_load(CELLS.read_text())
    found = []
    for row in CATEGORIES:
        for column in table["columns"]:
            about = table["rows"][row][column]
            if "reason" in about:
                found.append(Cell(row, column, about["reason"].strip(), "", "", 0, (), ()))
                continue
            text = (FIXTURES / row / column / about["file"]).read_text()
            marked = lines_with(text, about["finding"])
            if len(marked) != 1:
                raise ValueError(f"{row}/{column}: {about['finding']!r} is on lines {marked}, expected exactly one")
            quiet = lines_with(text, about.get("quiet", ""))
            if about.get("quiet") and not quiet:
                raise ValueError(f"{row}/{column}: no line has {about['quiet']!r}")
            categories = tuple(about.get("categories", [row]))
            found.append(Cell(row, column, "", about["what"], about["file"], marked[0], quiet, categories))
    return found


def page() -> str:
    """Return docs/matrix.md."""
    titles = columns()
    by_pair = {(cell.row, cell.column): cell for cell in cells()}
    lines = [
        "<!-- Written by `make docs` from tests/matrix/cells.yaml; change it there. -->",
        "",
        "# What is found where",
        "",
        "Every ● is a test: a fixture in which leftgate must find the fault on exactly that line, and must stay",
        "quiet on the harmless twin next to it. Every – says why there is nothing to find.",
        "",
        "| | " + " | ".join(titles.values()) + " |",
        "|---|" + "---|" * len(titles),
    ]
    for row in CATEGORIES:
        marks = ("–" if by_pair[row, column].reason else "●" for column in titles)
        lines.append(f"| **{row}** | " + " | ".join(marks) + " |")
    for row in CATEGORIES:
        lines += ["", f"## {row}", "", "| artefact | what is found | fixture and line |", "|---|---|---|"]
        for column, title in titles.items():
            cell = by_pair[row, column]
            if cell.reason:
                lines.append(f"| {title} | – | {cell.reason} |")
                continue
            path = (cell.folder / cell.file).relative_to(ROOT).as_posix()
            lines.append(f"| {title} | {cell.what} | [{path}:{cell.line}](../{path}#L{cell.line}) |")
    return "\n".join(lines) + "\n"
