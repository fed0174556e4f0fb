"""What a path alone says: names that a tool looks for, and endings that belong to one language."""

from __future__ import annotations

import re

DATA_ENDINGS = (".yaml", ".yml", ".json", ".template", ".cfn", ".cform", ".json5", ".jsonc", ".txt", "")

_BY_NAME: tuple[tuple[str, str, str], ...] = (
    # dialect, a word in the lower-case file name, what the whole name looks like; the first that fits wins
    ("buildspec", "buildspec", r"(?i:buildspec\.ya?ml)"),
    ("appspec", "appspec", r"(?i:appspec\.(?:ya?ml|json))"),
    ("gitlab-ci", "gitlab-ci", r"(?:.*\.)?\.?gitlab-ci\.ya?ml"),
    ("dockerfile", "erfile",
     r"(?i:(?:Docker|Container)file"
     r"(?:[.-](?!md$|txt$|j2$|tpl$|tmpl$|erb$|dockerignore$|lock$|ya?ml$|json$|py$|sh$)[\w.-]+)?)"),
    ("dockerfile", "erfile", r"(?i:.+\.(?:docker|container)file)"),
    ("env-file", "env", r"\.env(?:\.(?!(?:[cm]?[jt]s|md|py|json|ya?ml)$)[\w-]+)*|[\w.-]+\.env|\.envrc"),
    ("terraform", ".t", r".+\.(?:tf|tofu)(?:\.json)?"),
    ("shell", "sh", r".+\.(?:sh|bash|zsh|ksh)"),
    ("shell", ".bats", r".+\.bats"),
    ("shell", ".ps", r"(?i:.+\.psm?1)"),
    ("shell", ".bat", r"(?i:.+\.bat)"),
    ("shell", ".cmd", r"(?i:.+\.cmd)"),
    ("python", ".py", r".+\.pyw?"),
)
_WORKFLOW = r"(?:.*/)?\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml"
_INTERPRETER = (
    rb"#!\s*\S*?(?:/env\s+(?:-\S+\s+)*)?(?:\S*/)?(?:(?P<shell>(?:ba|da|k|z|a)?sh)|(?P<python>python[\d.]*))\b"
)


def by_name(path: str) -> str:
    """Return the dialect a path alone decides, or an empty string."""
    name = path.rpartition("/")[2]
    if "/workflows/" in path and re.fullmatch(_WORKFLOW, path):
        return "github-actions"
    lower = name.lower()
    for dialect, word, pattern in _BY_NAME:
        if word in lower and re.fullmatch(pattern, name):
            return dialect
    return ""


def by_interpreter(head: bytes) -> str:
    """Return the dialect of a script's first line (`#!`), or an empty string."""
    if not head.startswith(b"#!"):
        return ""
    found = re.match(_INTERPRETER, head[:256].splitlines()[0])
    if found is None:
        return ""
    return "shell" if found["shell"] else "python"


def names_policy(path: str) -> bool:
    """Tell whether a JSON file is named like an IAM policy (`policy.json`, `deploy-policy.json`, `trust-role.json`)."""
    name = path.rpartition("/")[2].lower()
    if not name.endswith(".json"):
        return False
    return re.fullmatch(r"(?:.*[-_.])?policy\.json|trust(?:[-_.].*)?\.json", name) is not None


def may_hold_data(path: str) -> bool:
    """Tell whether the ending of a path leaves open that it is YAML or JSON."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return (name[dot:].lower() if dot > 0 else "") in DATA_ENDINGS
