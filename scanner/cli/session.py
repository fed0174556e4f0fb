"""From parsed options to a run, and from its report to files, standard output and the exit status."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from datetime import date

from scanner import flow, plugins
from scanner.cli.start import drop_output
from scanner.core.errors import UsageError
from scanner.core.report import Report


def request_from(options: Namespace, paths: list[str], mode: str) -> flow.Request:
    """Return the request that the options state."""
    return flow.Request(
        paths=tuple(paths), cwd=current_folder(), today=date.today(), mode=mode,
        policy_name=options.policy, policy_reference=options.policy_from, search_policy=not options.no_config,
        profile=options.profile, fail_on=options.fail_on, exclude=tuple(options.exclude),
        settings=(tuple(options.parameters), tuple(options.var_file), tuple(options.var)),
        scanners=tuple(dict.fromkeys(
            ("rules", "secrets", *options.scanner, *(("sarif-import",) if options.sarif else ())))),
        sarif=tuple(options.sarif),
        rule_folders=tuple(options.rules), cache=None if options.no_cache else _cache_folder(),
        all_results=options.results == "all", baseline=options.baseline,
        long_texts=any(form.startswith("sarif") for form in _formats(options)),
        since=getattr(options, "diff", "") or "", history=getattr(options, "history", "") or "",
        options={"no_cache": options.no_cache},
        progress=_progress(options),
    )


def current_folder() -> str:
    """Return the folder we were called in; raises UsageError when it is gone."""
    try:
        return os.getcwd()
    except OSError:
        message = "the current folder does not exist any more\nexpected: a call from a folder that is there"
        raise UsageError(message) from None


def _formats(options: Namespace) -> list[str]:
    """Return the formats of all reports."""
    return [options.format, *(form for form, _ in options.output)]


def _cache_folder() -> str | None:
    """Return the folder for caches: where the platform keeps them, None when there is no home."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "leftgate") if os.path.isabs(base) else None


def _progress(options: Namespace) -> flow.Progress:
    """Return what shows progress: nothing, unless a person is watching."""
    if options.quiet or not _is_terminal(sys.stderr):
        return flow.silent
    from scanner.cli.progress import Bar

    return Bar(sys.stderr).show


def _is_terminal(stream: object) -> bool:
    """Tell whether a stream is a terminal that draws."""
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty()) and os.environ.get("TERM") != "dumb"


def deliver(report: Report, options: Namespace) -> int:
    """Write all reports and return the exit status, which is the same whatever the format."""
    wanted = [(options.format, options.output_file), *options.output]
    for form, file in wanted:
        if not file and options.quiet and form == "text":
            continue
        data = plugins.resolve(plugins.REPORTERS[form])(report, _looks(options, file))  # type: ignore[operator]
        if file:
            _write(file, data)
        else:
            _print(data)
    return report.decision.exit_status


def _looks(options: Namespace, file: str) -> dict[str, object]:
    """Return how a report looks: which results, whether in colour, how wide."""
    terminal = not file and _is_terminal(sys.stdout)
    color = options.color == "always" or (options.color == "auto" and terminal and not os.environ.get("NO_COLOR"))
    width = 100
    if terminal:
        width = os.get_terminal_size(sys.stdout.fileno()).columns or width
    return {"results": options.results, "color": color, "width": width}


def _write(file: str, data: bytes) -> None:
    """Write a report to a file; raises UsageError when that is not possible."""
    try:
        with open(file, "wb") as opened:
            opened.write(data)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}\nexpected: a file that can be written") from None


def _print(data: bytes) -> None:
    """Write a report to standard output; a reader that goes away early is no fault."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        drop_output()
