"""`leftgate scan`: look at files and folders, decide, report."""

from __future__ import annotations

from scanner.cli.options import Parser, add_gate_options, add_input_options, add_report_options

EXAMPLES = """\
examples:
  leftgate scan .                                        everything git knows or would add, below this folder
  leftgate scan . --format sarif-github -o leftgate.sarif
  leftgate scan infra app --output json=report.json --output junit=report.xml
  leftgate scan . --diff origin/main                     only what this branch brings
  leftgate scan . --policy-from origin/main              a policy that this change cannot alter
  leftgate scan . --history                              secrets of the past too
  leftgate scan . --profile audit --results all --format json

exit status: 0 gate passed, 1 gate failed, 2 usage, 3 incomplete, 4 internal error, 130 interrupted
"""


def run(arguments: list[str]) -> int:
    """Scan and return the exit status."""
    parser = Parser("scan", "Look at files and folders, decide, report.", EXAMPLES)
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file or a folder")
    add_report_options(parser)
    add_gate_options(parser)
    add_input_options(parser)
    parser.add_argument("--diff", metavar="REF", default="",
                        help="count only findings that were not there when HEAD left REF")
    parser.add_argument("--history", metavar="RANGE", nargs="?", const="HEAD", default="",
                        help="look for secrets in what git remembers, too (default: all ancestors of HEAD)")
    options = parser.parse_args(arguments)
    from scanner import flow
    from scanner.cli.session import deliver, request_from

    return deliver(flow.run(request_from(options, options.paths, "paths")), options)
