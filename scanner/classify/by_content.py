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
    """A dialect, a word without which no file speaks it, what a file must contain, and what makes it something else."""

    dialect: str
    word: bytes
    needs: tuple[str, ...]
    forbids: tuple[str, ...] = ()


_COMPILED: dict[str, re.Pattern[bytes]] = {}


def _occurs(pattern: str, data: bytes) -> bool:
    """Tell whether a pattern occurs; patterns are compiled when they are used: few files need more than three."""
    compiled = _COMPILED.get(pattern)
    if compiled is None:
        compiled = _COMPILED[pattern] = re.compile(pattern.encode(), re.MULTILINE)
    return compiled.search(data) is not None


def _key(*names: str) -> str:
    """Return a pattern for one of the keys at the top of a YAML document (any place in JSON)."""
    either = "|".join(names)
    return rf"""^(?:"(?:{either})"|'(?:{either})'|(?:{either}))[ \t]*:(?=\s)|[{{,]\s*"(?:{either})"\s*:"""


def _entry(name: str, value: str) -> str:
    """Return a pattern for `name: value` at any depth, quoted or not, in YAML or JSON."""
    return rf"""["']?\b{name}["']?\s*:\s*["']?(?:{value})"""


MANIFEST_KEYS = (r"^apiVersion[ \t]*:",)
KUBERNETES = (_key("apiVersion"), _key("kind"))
MANIFEST = KUBERNETES[:1]
SPECIFICATION = (_key("openapi", "swagger", "asyncapi"), _key("typeName"))
LISTED = r"""^["']?Resources["']?[ \t]*:\s*(?:#[^\n]*)?\n\s*-[ \t]|[{,]\s*"Resources"\s*:\s*\["""
NOT_OURS = (*SPECIFICATION, LISTED)  # an AppSpec's Resources are a list, a template's a mapping
BUILD_COMPUTE = _entry("computeType", "BUILD_|ATTRIBUTE_")
VERSIONED = _key("format_version", "terraform_version")

PROVIDER_AWS = (
    r"""^["']?provider["']?[ \t]*:[ \t]*["']?aws\b|"""
    r"""^["']?provider["']?[ \t]*:[ \t]*(?:#[^\n]*)?\n(?:#[^\n]*\n|\n|[ \t][^\n]*\n)*?"""
    r"""[ \t]+["']?name["']?[ \t]*:[ \t]*["']?aws\b|"""
    r"""^["']?provider["']?[ \t]*:[ \t]*\{[^{}\n]*\bname["']?[ \t]*:[ \t]*["']?aws\b|"""
    r"""[{,]\s*"provider"\s*:\s*(?:"aws"|\{[^{}]*"name"\s*:\s*"aws")"""
)

SHAPES: tuple[Shape, ...] = (
    Shape("serverless", b"provider", (_key("service"), PROVIDER_AWS), MANIFEST_KEYS),
    Shape("terraform-plan", b"planned_values", (_key("planned_values"), VERSIONED)),
    Shape("terraform-plan", b"resource_changes", (_key("resource_changes"), VERSIONED)),
    Shape("config-item", b"resourceType",
          (_entry("resourceType", "AWS::"), _key("configuration", "supplementaryConfiguration"))),
    Shape("cloudformation", b"AWSTemplateFormatVersion", (_key("AWSTemplateFormatVersion"),), SPECIFICATION),
    Shape("cloudformation", b"::", (_key("Resources"), _entry("Type", "(?:AWS|Alexa|Custom)::")), NOT_OURS),
    Shape("cloudformation", b"Transform", (_key("Resources"), _entry("Transform", r"(?:\[|-|\s|\")*AWS::")), NOT_OURS),
    Shape("buildspec", b"version",
          (_key("version"), _entry("version", r"0\.[12]\b"), _key("phases", "batch", "env")), MANIFEST),
    Shape("appspec", b"version",
          (_key("version"), _entry("version", r"0\.0"), _key("Resources", "hooks", "Hooks", "files", "os"))),
    Shape("codepipeline", b"actionTypeId", (_key("pipeline", "stages"), _entry("actionTypeId", ""))),
    # a declaration that is cut before its first action; the pipelines of IoT Analytics have activities
    Shape("codepipeline", b"roleArn", (_key("pipeline"), _key("roleArn")), (_key("activities"),)),
    Shape("task-definition", b"containerDefinitions", (_key("containerDefinitions"),), MANIFEST),
    Shape("codebuild", b"computeType", (_key("serviceRole", "projects", "project"), BUILD_COMPUTE)),
    Shape("codebuild", b"computeType", (_key("environment"), _key("source"), BUILD_COMPUTE)),
    Shape("codedeploy", b"revisionType",
          (_key("revision", "revisionType"), _entry("revisionType", "(?:S3|GitHub|String|AppSpecContent)\\b"))),
    Shape("iam-policy", b"Statement", (_key("Statement"), _entry("Effect", "Allow|Deny")), KUBERNETES),
    Shape("gitlab-ci", b"stages",
          (_key("stages"), r"^[ \t]+(?:script|before_script)[ \t]*:"), MANIFEST),
    Shape("github-actions", b"jobs",
          (_key("jobs"), _key("on", "true"), r"\b(?:runs-on|uses)[ \t]*:"), MANIFEST),
    Shape("github-actions", b"using", (_key("runs"), r"""^\s+["']?using["']?\s*:""")),
)
_MARGIN = r"\A(?:[ \t]*(?:#[^\n]*)?\n|---[^\n]*\n)*[ \t]+[^\s#{\[]"
"""A YAML document whose first line is indented: some are indented as a whole."""


def by_content(data: bytes) -> str:
    """Return the dialect of a YAML or JSON file, or an empty string when it is none of ours."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    shapes = [shape for shape in SHAPES if shape.word in data]
    if shapes and data[:1] not in (b"{", b"[") and _occurs(_MARGIN, data):
        data = _without_margin(data)
    for shape in shapes:
        fits = all(_occurs(need, data) for need in shape.needs)
        if fits and not any(_occurs(wrong, data) for wrong in shape.forbids):
            return shape.dialect
    return ""


def _without_margin(data: bytes) -> bytes:
    """Return the text without the indentation of its first line, taken from every line that has it."""
    first = next(line for line in data.split(b"\n") if line.strip() and not line.lstrip().startswith((b"#", b"---")))
    margin = first[: len(first) - len(first.lstrip())]
    return b"\n".join(line.removeprefix(margin) for line in data.split(b"\n"))
