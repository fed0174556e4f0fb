"""`leftgate baseline`: write down today's findings, so that the gate looks at new ones only."""

from __future__ import annotations

import sys

from scanner.cli.options import Parser, add_gate_options, add_input_options, add_report_options
from scanner.core.errors import UsageError
from scanner.core.result import NON_COMPLIANT

EXAMPLES = """\
examples:
  leftgate baseline write leftgate-baseline.jsonl .
  leftgate baseline check leftgate-baseline.jsonl .       1 when an entry matches no finding any more
  leftgate scan . --baseline leftgate-baseline.jsonl

The file has one line for each finding: path, rule, address, fingerprint. It is sorted, and has no dates and no line
numbers, so it changes only when findings do.
"""


def run(arguments: list[str]) -> int:
    """Write or check a baseline and return the exit status."""
    parser = Parser("baseline", "Write down findings that are known, or check what is left of them.", EXAMPLES)
    parser.add_argument("action", choices=("write", "check"), help="what to do with FILE")
    parser.add_argument("file", metavar="FILE", help="the baseline")
    parser.add_argument("paths", nargs="*", default=["."], metavar="PATH", help="what to scan (default: this folder)")
    add_report_options(parser)
    add_gate_options(parser)
    add_input_options(parser)
    options = parser.parse_args(arguments)
    from scanner import flow
    from scanner.cli.session import request_from
    from scanner.evaluate import baseline

    request = request_from(options, options.paths or ["."], "paths")._replace(baseline="")
    if options.action == "check":
        # the baseline is asked about these paths, whether they are the whole repository or not
        report = flow.run(request._replace(baseline=options.file, options={**request.options, "whole": True}))
        outdated = [note for note in report.notifications if note.kind == "baseline-outdated"]
        for note in outdated:
            sys.stdout.write(f"{note.message}\n{note.hint}\n")
        return 1 if outdated else 0
    report = flow.run(request)
    data = baseline.written(report.results, report.prefix)
    try:
        with open(options.file, "wb") as file:
            file.write(data)
    except OSError as error:
        raise UsageError(f"{options.file}: {error.strerror}\nexpected: a file that can be written") from None
    known = sum(result.compliance == NON_COMPLIANT and not result.suppressions for result in report.results)
    sys.stdout.write(f"{options.file}: {known:,} finding{'s' if known != 1 else ''} written down\n")
    return 0
