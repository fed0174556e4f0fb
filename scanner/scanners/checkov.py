"""Runs checkov as a program of its own over the run's infrastructure files; off unless the configuration names it.

Nothing of the scanned tree reaches checkov but the text of files that it can read, copied from memory: no configuration
file, no check, no link of the tree can change what it does. It gets no environment of the caller (no keys, no `CKV_`
switches), nothing to download, and limits of time and output. Facts: checkov 3.3, `--help` and the JSON it writes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from scanner.core.artifact import Artifact
from scanner.core.context import Context
from scanner.core.location import Location
from scanner.core.result import INSUFFICIENT_DATA, NON_COMPLIANT, Result, Suppression, order
from scanner.core.rule import SEVERITIES, Rule
from scanner.core.subject import Subject

if TYPE_CHECKING:
    from scanner.packs import Pack

FRAMEWORKS = {"cloudformation": "cloudformation", "terraform": "terraform", "terraform-plan": "terraform_plan"}
"""Which of checkov's frameworks reads the files of a dialect."""
MODULE_ENDINGS = (".tf", ".tfvars")
SECONDS = 600
LARGEST_OUTPUT = 64 << 20
MOST_RESULTS = 100_000
INSTALL = "install the extra leftgate[checkov] or put checkov on PATH, or take checkov out of the scanners"
REPORT = "run checkov on its own to see more, or take checkov out of the scanners"
_CHECK = re.compile(r"CK[A-Z0-9]{0,4}_[A-Z0-9_]{1,60}")
_SHOWN = 200


class _Output(NamedTuple):
    """What checkov wrote, its last words on standard error, and why it is no use (empty: it is)."""

    data: bytes = b""
    said: str = ""
    problem: str = ""


class _Copy(NamedTuple):
    """A file as checkov gets it: `name` below the folder of copies, the framework that reads it."""

    name: str
    framework: str
    artifact: Artifact


def scan(context: Context) -> Iterable[Result]:
    """Return the checks that failed, and those that a mark of its own kept checkov from making (INSUFFICIENT_DATA).

    The option `checkov_seconds` limits its time. A checkov that is missing, crashes, takes too long or writes something
    else than its JSON is an error notification: the run is then incomplete.
    """
    copies = list(_copies(context))
    if not copies:
        return []
    path = _search_path()
    program = _program(path)
    if program is None:
        context.note("error", "scanner-missing", "the scanner checkov is not installed", None, INSTALL)
        return []
    import tempfile

    limit = context.options.get("checkov_seconds")
    with tempfile.TemporaryDirectory(prefix="leftgate-checkov-", ignore_cleanup_errors=True) as folder:
        _write(copies, os.path.join(folder, "tree"))
        frameworks = sorted({copy.framework for copy in copies})
        output = _run(program, path, folder, frameworks, limit if isinstance(limit, (int, float)) else SECONDS)
    reports, problem = _reports(output)
    if problem:
        context.note("error", "scanner-failed", problem, None, REPORT)
        return []
    return sorted(_Reading(context, copies).results(reports), key=order)


def _copies(context: Context) -> Iterator[_Copy]:
    """Yield what checkov can read of the run. Modules keep their folders, because they name each other by them."""
    for number, artifact in enumerate(context.artifacts):
        framework = next((FRAMEWORKS[name] for name in artifact.dialects if name in FRAMEWORKS), "")
        parts = artifact.path.split("/")
        if artifact.path.endswith(MODULE_ENDINGS):
            if not {"", ".", ".."} & set(parts):
                yield _Copy(f"modules/{artifact.path}", "terraform", artifact)
        elif framework == "terraform":
            message = f"checkov reads no files that end like {parts[-1]}"
            context.note("warning", "scanner-skipped-file", message, Location(artifact.path, 1, 1, 1, 1), "")
        elif framework:
            ending = "json" if artifact.text.lstrip("\ufeff \t\r\n").startswith("{") else "yaml"
            yield _Copy(f"documents/{number}.{ending}", framework, artifact)


def _write(copies: list[_Copy], folder: str) -> None:
    for copy in copies:
        full = os.path.join(folder, *copy.name.split("/"))
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(copy.artifact.text.lstrip("\ufeff").encode("utf-8", "replace"))


def _search_path() -> str:
    """Return the absolute folders of PATH, then the one our own interpreter is in.

    A relative folder would look for the program in whatever is scanned. Looking for programs is why this module reads
    the environment.
    """
    import sys

    folders = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(folder)]
    return os.pathsep.join([*folders, os.path.dirname(os.path.abspath(sys.executable))])


def _program(path: str) -> str | None:
    import shutil

    return shutil.which("checkov", path=path)


def _environment(path: str, folder: str) -> dict[str, str]:
    """Return all that checkov knows of its surroundings: no key, no home, and a proxy that is not there."""
    proxies = {name: "http://127.0.0.1:9" for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")}
    home = os.path.join(folder, "home")
    return {
        "PATH": path, "HOME": home, "USERPROFILE": home, "TMPDIR": home, "TEMP": home, "TMP": home,
        "PYTHONUSERBASE": os.path.expanduser("~/.local"), "PYTHONIOENCODING": "utf-8", "LANG": "C.UTF-8",
        "GIT_ALLOW_PROTOCOL": "none", "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1",
        "CHECKOV_RUN_SCA_PACKAGE_SCAN_V2": "false", **proxies, **{name.lower(): url for name, url in proxies.items()},
    }


def _run(program: str, path: str, folder: str, frameworks: list[str], seconds: float) -> _Output:
    """Return what checkov writes about the copies. Its folder of work is empty: it would look for settings there."""
    import subprocess

    home = os.path.join(folder, "home")
    os.makedirs(home)
    command = [
        program, "--directory", os.path.join(folder, "tree"), "--framework", ",".join(frameworks), "--output", "json",
        "--compact", "--skip-download", "--download-external-modules", "false",
    ]
    written, said = os.path.join(folder, "output"), os.path.join(folder, "errors")
    with open(written, "wb") as output, open(said, "wb") as errors:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, cwd=home,
                env=_environment(path, folder), start_new_session=True,
            )
        except OSError as error:
            return _Output(problem=f"checkov could not be started: {error.strerror}")
        problem = _watched(process, (written, said), seconds)
    if problem:
        return _Output(problem=problem)
    with open(written, "rb") as file:
        data = file.read(LARGEST_OUTPUT)
    if process.returncode in (0, 1):  # 1: some check failed, which is what we ask it for
        return _Output(data, _last_line(said))
    return _Output(problem=f"checkov ended with status {process.returncode}: {_last_line(said)}")


def _watched(process: Any, files: tuple[str, ...], seconds: float) -> str:
    """Wait for the end of checkov and return nothing, or stop it and return why; an interrupted run stops it, too."""
    import subprocess
    import time

    end = time.monotonic() + seconds
    try:
        while True:
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                if time.monotonic() > end:
                    return f"checkov took longer than {seconds:g} seconds and was stopped"
            if sum(os.path.getsize(file) for file in files) > LARGEST_OUTPUT:
                return f"checkov wrote more than {LARGEST_OUTPUT >> 20} MB and was stopped"
            if process.returncode is not None:
                return ""
    finally:
        if process.returncode is None:
            _stop(process)


def _stop(process: Any) -> None:
    """End checkov and what it started; it leads a process group of its own."""
    import signal

    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (AttributeError, ProcessLookupError, PermissionError):  # AttributeError: a system without process groups
        process.kill()
    process.wait()


def _last_line(file: str) -> str:
    """Return the last line that checkov wrote to standard error, made short."""
    with open(file, "rb") as opened:
        opened.seek(max(0, os.path.getsize(file) - 4096))
        lines = opened.read().decode("utf-8", "replace").split("\n")
    told = [line.strip() for line in lines if line.strip()]
    return _plain(told[-1], _SHOWN) if told else "it did not say why"


def _plain(text: object, longest: int = 1000) -> str:
    """Return a text of checkov's in one line, without control characters, bounded."""
    one_line = " ".join("".join(c if c.isprintable() else " " for c in str(text)[: longest * 2]).split())
    return one_line if len(one_line) <= longest else one_line[: longest - 3] + "..."


def _reports(output: _Output) -> tuple[list[dict[str, Any]], str]:
    """Return the reports in checkov's JSON, one for each framework, and why there are none (empty: there are)."""
    if output.problem:
        return [], output.problem
    import json

    try:
        read = json.loads(output.data)
    except (ValueError, RecursionError):
        return [], f"checkov did not write the JSON that it was asked for: {output.said}"
    reports = read if isinstance(read, list) else [read]
    if all(isinstance(report, dict) and ("results" in report or "passed" in report) for report in reports):
        return reports, ""
    return [], "checkov wrote JSON that is no report of its own"


class _Reading:
    """From checkov's reports to results: places and addresses are those of the run's own files and subjects."""

    def __init__(self, context: Context, copies: list[_Copy]) -> None:
        self._context = context
        self._artifacts = {copy.name: copy.artifact for copy in copies}
        self._honoured = context.options.get("peer_suppressions") is not False
        self._subjects: dict[tuple[str, str], Subject] = {}
        for kind in context.inventory.kinds():
            for subject in context.inventory.of_kind(kind) if "::" in kind else ():
                self._subjects.setdefault((subject.at.path, subject.address), subject)
        self._answering = _answering(cast("Pack", context.pack)) if context.pack is not None else {}
        self._strange = 0

    def results(self, reports: list[dict[str, Any]]) -> list[Result]:
        """Return the results of all reports; what they say beyond our files is counted and noted."""
        found: list[Result] = []
        for report in reports:
            results = report.get("results")
            if not isinstance(results, dict):
                continue
            self._unread(results.get("parsing_errors"))
            for key in ("failed_checks", "skipped_checks"):
                checks = results.get(key)
                for check in checks if isinstance(checks, list) else ():
                    made = self._result(check, key == "skipped_checks") if isinstance(check, dict) else None
                    self._strange += made is None
                    found += [made] if made is not None else []
                    if len(found) >= MOST_RESULTS:
                        message = f"checkov has more than {MOST_RESULTS:,} results; the others were left out"
                        self._context.note("error", "too-many-results", message, None, "scan parts of the tree")
                        return found
        if self._strange:
            message = f"{self._strange} of checkov's results name no check or no file of this run; they were left out"
            self._context.note("warning", "scanner-output", message, None, REPORT)
        return found

    def _unread(self, files: object) -> None:
        """Note the files that checkov could not parse: it should have looked at them."""
        for name in files if isinstance(files, list) else ():
            _, _, inner = str(name).replace(os.sep, "/").rpartition("/tree/")
            artifact = self._artifacts.get(inner)
            if artifact is not None:
                self._context.note(
                    "error", "scanner-failed", "checkov could not parse the file", Location(artifact.path, 1, 1, 1, 1),
                    "correct the file, exclude it, or take checkov out of the scanners",
                )

    def _result(self, check: dict[str, Any], skipped: bool) -> Result | None:
        """Return the result of one check, or None when it names no check or no file of ours."""
        identifier = check.get("check_id")
        artifact = self._artifacts.get(str(check.get("file_path")).replace(os.sep, "/").lstrip("/"))
        if artifact is None or not isinstance(identifier, str) or not _CHECK.fullmatch(identifier):
            return None
        address, at = self._place(artifact, check)
        ours = self._answering.get(identifier)
        said = f"{_plain(check.get('check_name') or identifier)} (checkov {identifier})"
        suppressions: tuple[Suppression, ...] = ()
        if skipped:
            outcome = check.get("check_result")
            reason = _plain((outcome.get("suppress_comment") if isinstance(outcome, dict) else "") or "", _SHOWN)
            suppressions = (Suppression("peer", reason, f"{at.path}:{at.start_line} (checkov {identifier})"),)
            said = f"checkov was told to skip this check, and did not make it: {said}"
        return Result(
            rule=f"checkov-{identifier.lower().replace('_', '-')}",
            category=ours.category if ours is not None and ours.category != "secrets" else "resources",
            compliance=INSUFFICIENT_DATA if skipped else NON_COMPLIANT,
            severity=_severity(check.get("severity"), ours), confidence="medium", message=said, address=address, at=at,
            controls={"checkov": (identifier,)}, scanner="checkov",
            suppressions=suppressions if self._honoured else (),
        )

    def _place(self, artifact: Artifact, check: dict[str, Any]) -> tuple[str, Location]:
        """Return address and place of what a check judged: the header of our subject, else the first line it names."""
        named = _plain(check.get("resource") or artifact.path, _SHOWN)
        short = named.rpartition(".")[2]
        for address in (named, short) if "::" in named else (named,):
            subject = self._subjects.get((artifact.path, address))
            if subject is not None:
                return address, subject.at
        lines = check.get("file_line_range")
        first = lines[0] if isinstance(lines, list) and lines and type(lines[0]) is int else 1
        last = artifact.position(len(artifact.text))[0]
        return short if "::" in named else named, artifact.whole_line(min(max(first, 1), last))


def _answering(pack: Pack) -> dict[str, Rule]:
    """Return the first of our rules that answers each of checkov's checks."""
    found: dict[str, Rule] = {}
    for name in pack.rule_ids():
        rule = pack.rule(name)
        for identifier in rule.controls.get("checkov", ()) if rule is not None else ():
            found.setdefault(identifier, cast("Rule", rule))
    return found


def _severity(stated: object, ours: Rule | None) -> str:
    """Return checkov's severity, which only its vendor's platform adds; else that of our rule; else medium."""
    if isinstance(stated, str) and stated.lower() in SEVERITIES:
        return stated.lower()
    return ours.severity if ours is not None else "medium"
