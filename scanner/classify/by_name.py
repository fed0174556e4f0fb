"""What a path alone says: names that a tool looks for, and endings that belong to one language."""

from __future__ import annotations

import re

DATA_ENDINGS = (".yaml", ".yml", ".json", ".template", ".cfn", ".cform", ".json5", ".jsonc", ".txt", "")

_BY_NAME: tuple[tuple[str, re.Pattern[str]], ...] = (
    # dialect, what the whole file name looks like; the first that fits wins
    ("buildspec", re.compile(r"buildspec\.ya?ml", re.IGNORECASE)),
    ("appspec", re.compile(r"appspec\.(?:ya?ml|json)", re.IGNORECASE)),
    ("gitlab-ci", re.compile(r"(?:.*\.)?\.?gitlab-ci\.ya?ml")),
    ("dockerfile", re.compile(
        r"(?:Docker|Container)file(?:[.-](?!md$|txt$|j2$|tpl$|tmpl$|erb$|dockerignore$|lock$|ya?ml$|json$|py$|sh$)[\w.-]+)?",
        re.IGNORECASE)),
    ("dockerfile", re.compile(r".+\.(?:docker|container)file", re.IGNORECASE)),
    ("env-file", re.compile(r"\.env(?:\.(?!(?:[cm]?[jt]s|md|py|json|ya?ml)$)[\w-]+)*|[\w.-]+\.env|\.envrc")),
    ("terraform", re.compile(r".+\.(?:tf|tofu)(?:\.json)?")),
    ("shell", re.compile(r".+\.(?:sh|bash|zsh|ksh|bats)")),
    ("python", re.compile(r".+\.pyw?")),
)
_WORKFLOW = re.compile(r"(?:.*/)?\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml")
_INTERPRETER = re.compile(
    rb"#!\s*\S*?(?:/env\s+(?:-\S+\s+)*)?(?:\S*/)?(?:(?P<shell>(?:ba|da|k|z|a)?sh)|(?P<python>python[\d.]*))\b")


def by_name(path: str) -> str:
    """Return the dialect a path alone decides, or an empty string."""
    name = path.rpartition("/")[2]
    if _WORKFLOW.fullmatch(path):
        return "github-actions"
    for dialect, pattern in _BY_NAME:
        if pattern.fullmatch(name):
            return dialect
    return ""


def by_interpreter(head: bytes) -> str:
    """Return the dialect of a script's first line (`#!`), or an empty string."""
    if not head.startswith(b"#!"):
        return ""
    found = _INTERPRETER.match(head[:256].splitlines()[0])
    if found is None:
        return ""
    return "shell" if found["shell"] else "python"


def may_hold_data(path: str) -> bool:
    """Tell whether the ending of a path leaves open that it is YAML or JSON."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return (name[dot:].lower() if dot > 0 else "") in DATA_ENDINGS
