"""The examples of a rule as files to scan: names by dialect, expected verdict and place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from scanner.core.errors import UsageError
from scanner.packs.schema import RuleSource

FILE_NAMES = {
    "cloudformation": "template.yaml", "terraform": "main.tf", "terraform-plan": "plan.json",
    "config-item": "item.json", "buildspec": "buildspec.yml", "appspec": "appspec.yml", "codepipeline": "pipeline.json",
    "codebuild": "project.json", "codedeploy": "deployment.json", "task-definition": "taskdef.json",
    "iam-policy": "policy.json", "dockerfile": "Dockerfile", "shell": "script.sh", "powershell": "script.ps1",
    "python": "app.py", "github-actions": ".github/workflows/ci.yml", "gitlab-ci": ".gitlab-ci.yml",
    "env-file": ".env", "text": "text.txt",
}
BESIDE = frozenset(("finding", "files", "note", "parameters", "dialect"))
_MARK = re.compile(r"#\s*finding\b|//\s*finding\b|<!--\s*finding\b")


class Example(NamedTuple):
    """One example: `files` are (path, text) pairs; `places` the (path, line) pairs where findings are expected."""

    verdict: str
    name: str
    files: tuple[tuple[str, str], ...]
    dialects: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, int], ...]
    parameters: dict[str, object]
    line: int


def examples_of(source: RuleSource) -> Iterator[Example]:
    """Yield the examples of a rule in order; raises UsageError for one that cannot be used."""
    for verdict, cases in source.examples.items():
        for number, case in enumerate(cases, 1):
            line = source.document.line(case)
            files, dialects = _files(case, source, line)
            keys = [key for key in case if key not in BESIDE] or ["files"]
            yield Example(
                verdict, f"{verdict}-{number}-{keys[0]}", files, dialects, _places(case, files, source, line),
                case.get("parameters") or {}, line,
            )


def _files(
    case: dict[str, object], source: RuleSource, line: int
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    files: list[tuple[str, str]] = []
    dialects: list[tuple[str, str]] = []
    for key, text in case.items():
        if key in FILE_NAMES:
            name = FILE_NAMES[key]
            if not isinstance(text, str):
                raise UsageError(f"{source.document.path}:{line}: expected text under {key}; found {text!r:.60}")
            if key == "cloudformation" and text.lstrip().startswith("{"):
                name = "template.json"
            files.append((name, text))
            if key != "text":
                dialects.append((name, "shell" if key == "powershell" else key))
        elif key not in BESIDE:
            known = ", ".join(sorted({*FILE_NAMES, "files"}))
            raise UsageError(f"{source.document.path}:{line}: expected a dialect, one of {known}; found {key!r}")
    added = case.get("files") or {}
    if not isinstance(added, dict) or not all(isinstance(text, str) for text in added.values()):
        raise UsageError(f"{source.document.path}:{line}: expected files: {{path: text}}; found {added!r:.60}")
    files.extend((str(path), str(text)) for path, text in added.items())
    return tuple(files), tuple(dialects)


def _places(
    case: dict[str, object], files: tuple[tuple[str, str], ...], source: RuleSource, line: int
) -> tuple[tuple[str, int], ...]:
    wanted = case.get("finding")
    if wanted is None:
        return tuple(
            (path, number)
            for path, text in files
            for number, content in enumerate(text.splitlines(), 1)
            if _MARK.search(content)
        )
    places = []
    for text_wanted in wanted if isinstance(wanted, list) else [wanted]:
        found = [
            (path, number)
            for path, text in files
            for number, content in enumerate(text.splitlines(), 1)
            if str(text_wanted) in content
        ]
        if len(found) != 1:
            raise UsageError(
                f"{source.document.path}:{line}: expected `finding` to stand on exactly one line of the example; "
                f"found {text_wanted!r} on {len(found)}"
            )
        places += found
    return tuple(places)
