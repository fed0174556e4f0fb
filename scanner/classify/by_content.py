"""What the bytes of a YAML or JSON file say: which of the AWS shapes it has, if any.

Each row of `SHAPES` reads like documentation: a file speaks the dialect when every pattern of the row occurs in it and
none of the forbidden ones does; the first row that fits wins. Patterns are searched in the whole file (a template may
start with pages of comments and mappings). A key counts only at the top: at the start of a line for YAML, anywhere
(quoted) for JSON.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Shape(NamedTuple):
    """A dialect, what a file of it must contain, and what would make it something else."""

    dialect: str
    needs: tuple[re.Pattern[bytes], ...]
    forbids: tuple[re.Pattern[bytes], ...] = ()


def _key(*names: str) -> re.Pattern[bytes]:
    """Return a pattern for one of the keys at the top of a YAML document (any place in JSON)."""
    either = "|".join(names)
    return re.compile(rf"""^(?:"(?:{either})"|'(?:{either})'|(?:{either}))[ \t]*:(?=\s)|[{{,]\s*"(?:{either})"\s*:"""
                      .encode(), re.MULTILINE)


def _anywhere(text: str) -> re.Pattern[bytes]:
    """Return a pattern for text in any place."""
    return re.compile(text.encode(), re.MULTILINE)


def _entry(name: str, value: str) -> re.Pattern[bytes]:
    """Return a pattern for `name: value` at any depth, quoted or not, in YAML or JSON."""
    return _anywhere(rf"""["']?\b{name}["']?\s*:\s*["']?(?:{value})""")


KUBERNETES = (_key("apiVersion"), _key("kind"))
MANIFEST = KUBERNETES[:1]
SPECIFICATION = (_key("openapi", "swagger", "asyncapi"), _key("typeName"))
LISTED = re.compile(
    rb"""^["']?Resources["']?[ \t]*:\s*(?:#[^\n]*)?\n\s*-[ \t]|[{,]\s*"Resources"\s*:\s*\[""", re.MULTILINE)
NOT_OURS = (*SPECIFICATION, LISTED)  # an AppSpec's Resources are a list, a template's a mapping

SHAPES: tuple[Shape, ...] = (
    Shape("terraform-plan", (_key("planned_values", "resource_changes"), _key("format_version", "terraform_version"))),
    Shape("config-item", (_entry("resourceType", "AWS::"), _key("configuration", "supplementaryConfiguration"))),
    Shape("cloudformation", (_key("AWSTemplateFormatVersion"),), SPECIFICATION),
    Shape("cloudformation", (_key("Resources"), _entry("Type", "(?:AWS|Alexa|Custom)::")), NOT_OURS),
    Shape("cloudformation", (_key("Resources"), _entry("Transform", r"(?:\[|-|\s|\")*AWS::")), NOT_OURS),
    Shape("buildspec", (_key("version"), _entry("version", r"0\.[12]\b"), _key("phases", "batch", "env")), MANIFEST),
    Shape("appspec", (_key("version"), _entry("version", r"0\.0"), _key("Resources", "hooks", "Hooks", "files", "os"))),
    Shape("codepipeline", (_key("pipeline", "stages"), _anywhere(r"""\bactionTypeId["']?\s*:"""))),
    Shape("task-definition", (_key("containerDefinitions"),), MANIFEST),
    Shape("codebuild", (_key("serviceRole", "projects", "project"), _entry("computeType", "BUILD_|ATTRIBUTE_"))),
    Shape("codebuild", (_key("environment"), _key("source"), _entry("computeType", "BUILD_|ATTRIBUTE_"))),
    Shape("iam-policy", (_key("Statement"), _entry("Effect", "Allow|Deny")), KUBERNETES),
    Shape("gitlab-ci", (_key("stages"), _anywhere(r"^[ \t]+(?:script|before_script)[ \t]*:")), MANIFEST),
    Shape("github-actions", (_key("jobs"), _key("on", "true"), _anywhere(r"\b(?:runs-on|uses)[ \t]*:")), MANIFEST),
    Shape("github-actions", (_key("runs"), _anywhere(r"""^\s+["']?using["']?\s*:"""))),
)
_MARGIN = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?\n|---[^\n]*\n)*([ \t]*)[^\s#{\[]")
"""The indentation of a YAML document's first line: some are indented as a whole."""
_GATE = re.compile(
    rb"AWS|Resources|resourceType|planned_values|resource_changes|phases|batch|version|actionTypeId|containerDefinitions|"
    rb"computeType|Statement|script|jobs|runs"
)


def by_content(data: bytes) -> str:
    """Return the dialect of a YAML or JSON file, or an empty string when it is none of ours."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not _GATE.search(data):
        return ""
    margin = _MARGIN.match(data)
    if margin is not None and margin[1]:
        data = re.sub(rb"^" + margin[1], b"", data, flags=re.MULTILINE)
    for shape in SHAPES:
        if all(need.search(data) for need in shape.needs) and not any(found.search(data) for found in shape.forbids):
            return shape.dialect
    return ""
