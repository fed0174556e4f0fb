"""The buildspec format, versions 0.1 and 0.2, as a schema.

Source: AWS CodeBuild User Guide, "Build specification reference for CodeBuild" and "Batch build buildspec reference".
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.core.node import Node
from scanner.model.format_check import (
    Anything,
    Breach,
    Checked,
    Either,
    Flag,
    Listed,
    Mapped,
    Number,
    OneOf,
    Shape,
    Text,
    breaches,
)

PHASES = ("install", "pre_build", "build", "post_build")
_TEXT = Text()
_TEXTS = Listed(_TEXT)
_COMMANDS = Listed(Text(expected="a command (quote it when it has a colon and a blank)"))
_STRINGS = Mapped({}, others=_TEXT)
_ON_FAILURE = Text(
    r"ABORT|CONTINUE|RETRY(-\d+)?(-.*)?", "ABORT, CONTINUE, RETRY, RETRY-count, RETRY-regex or RETRY-count-regex",
)


def _phase(install: bool) -> Shape:
    keys: dict[str, Shape] = {
        "run-as": _TEXT, "on-failure": _ON_FAILURE, "commands": _COMMANDS, "finally": _COMMANDS,
        "runtime-versions": Mapped({}, others=_TEXT) if install else Anything(),
    }
    return Checked(Mapped(keys), _phase_check if not install else _no_check)


def _no_check(node: Node, route: str) -> Iterator[Breach]:
    yield from ()


def _phase_check(node: Node, route: str) -> Iterator[Breach]:
    """Report `runtime-versions` outside the install phase."""
    for key, _ in node.pairs:
        if key.text == "runtime-versions":
            yield Breach(key.at, route, "misplaced", "`runtime-versions` is read in the install phase only")


_SECONDARY: Shape = Mapped({}, others=Mapped({
    "files": Listed(_TEXT, single=True), "name": _TEXT, "base-directory": _TEXT, "discard-paths": Flag(),
    "exclude-paths": Listed(_TEXT, single=True), "enable-symlinks": Flag(), "s3-prefix": _TEXT,
}))
_BATCH_ENV = Mapped({
    "compute-type": _TEXT, "fleet": _TEXT, "image": _TEXT, "privileged-mode": Flag(), "type": _TEXT,
    "variables": _STRINGS,
})
_BATCH_TASK = Mapped({
    "identifier": Text(r"[A-Za-z0-9_]{1,128}", "letters, digits and underscores"), "buildspec": _TEXT,
    "debug-session": Flag(), "depend-on": Listed(_TEXT, single=True), "env": _BATCH_ENV, "ignore-failure": Flag(),
})
_MATRIX_ENV = Mapped({
    "compute-type": Listed(_TEXT, single=True), "image": Listed(_TEXT, single=True), "type": _TEXT,
    "privileged-mode": Flag(), "variables": Mapped({}, others=Listed(_TEXT, single=True)),
})
_BATCH = Mapped({
    "fast-fail": Flag(),
    "build-graph": Listed(_BATCH_TASK._replace(required=("identifier",))),
    "build-list": Listed(_BATCH_TASK),
    "build-matrix": Mapped({
        "static": Mapped({"ignore-failure": Flag(), "env": _MATRIX_ENV, "debug-session": Flag(), "buildspec": _TEXT}),
        "dynamic": Mapped({"buildspec": Listed(_TEXT, single=True), "env": _MATRIX_ENV}),
    }),
    "build-fanout": Mapped({"parallelism": Number(1, 100), "ignore-failure": Flag(), "env": _BATCH_ENV}),
})
_REPORT = Mapped({
    "files": Listed(_TEXT, single=True), "base-directory": _TEXT, "discard-paths": Flag(),
    "file-format": OneOf((
        "CUCUMBERJSON", "JUNITXML", "NUNITXML", "NUNIT3XML", "TESTNGXML", "VISUALSTUDIOTRX", "CLOVERXML",
        "COBERTURAXML", "JACOCOXML", "SIMPLECOV",
    ), ignore_case=True),
}, required=("files",))
_ENV = Mapped({
    "shell": OneOf(("bash", "/bin/sh", "sh", "/bin/bash", "powershell.exe", "cmd.exe", "pwsh", "powershell")),
    "variables": _STRINGS, "parameter-store": _STRINGS, "secrets-manager": _STRINGS,
    "exported-variables": _TEXTS, "git-credential-helper": Flag(),
})
_TOP: dict[str, Shape] = {
    "version": Text(r"0\.[12]", "0.2 (or 0.1)"),
    "run-as": _TEXT,
    "env": _ENV,
    "proxy": Mapped({"upload-artifacts": Flag(), "logs": Flag()}),
    "batch": _BATCH,
    "phases": Mapped({name: _phase(name == "install") for name in PHASES}),
    "reports": Mapped({}, others=_REPORT),
    "artifacts": Mapped({
        "files": Listed(_TEXT, single=True), "name": _TEXT, "discard-paths": Flag(), "base-directory": _TEXT,
        "exclude-paths": Listed(_TEXT, single=True), "enable-symlinks": Flag(), "s3-prefix": _TEXT,
        "secondary-artifacts": _SECONDARY, "type": _TEXT,
    }),
    "eb_codebuild_settings": Anything(),  # Elastic Beanstalk's CLI keeps its own settings in the file
    "cache": Mapped({
        "key": _TEXT, "fallback-keys": Listed(_TEXT, longest=5), "action": OneOf(("restore", "save")),
        "paths": Listed(_TEXT, single=True),
    }),
}
SCHEMA = Mapped(_TOP, required=("version",))
SCHEMA_01 = Mapped({
    **_TOP,
    "environment_variables": Mapped({"plaintext": _STRINGS, "parameter-store": _STRINGS}),
    "env": Either((_ENV, Anything())),
}, required=("version",))


def faults_of(root: Node) -> Iterator[Breach]:
    """Yield every place of a buildspec that breaks the format; a phase at top level is said to be misplaced."""
    if not root.pairs and not root.cut:
        yield Breach(root.at, "", "missing", "the buildspec is empty: it needs `version` and `phases`")
        return
    version = root.get("version")
    old = version is not None and version.text.strip() == "0.1"
    for breach in breaches(root, SCHEMA_01 if old else SCHEMA):
        if breach.fault == "unknown-key" and breach.route in PHASES:
            yield breach._replace(fault="misplaced", problem=f"the phase `{breach.route}` stands at top level: indent "
                                  "it below `phases`, or it never runs")
        elif breach.fault == "unknown-key" and breach.route.endswith(".steps"):
            yield breach._replace(problem="a phase has no `steps`: those of GitHub Actions belong into a workflow that "
                                  "a runner project executes; a phase has `commands`")
        else:
            yield breach
    phases = root.get("phases")
    if phases is None and not root.cut and root.get("batch") is None:
        yield Breach(root.pairs[0][0].at, "", "missing", "the buildspec has no `phases`")
    elif phases is not None and phases.kind == "mapping":
        yield from _empty_phases(phases)


def _empty_phases(phases: Node) -> Iterator[Breach]:
    for key, phase in phases.pairs:
        whole = phase.kind == "mapping" and not phase.cut
        empty = all(phase.get(part) is None for part in ("commands", "finally", "steps"))
        if whole and empty and key.text in PHASES[1:]:
            yield Breach(key.at, f"phases.{key.text}", "missing", f"the phase `{key.text}` has no `commands`")
