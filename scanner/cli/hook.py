"""`leftgate hook`: the files of a commit, for pre-commit; with --staged what the index holds."""

from __future__ import annotations

from scanner.cli.options import Parser, add_gate_options, add_input_options, add_report_options

EXAMPLES = """\
examples:
  leftgate hook -- infra/app.yaml scripts/deploy.sh
  leftgate-staged                     the same for everything that is staged, read from the index

The files are in focus; what gives them their meaning (the module around a .tf file, the AppSpec above a script) is read
too, but findings are shown only when they touch a file in focus or one that it brings in.
"""


def run(arguments: list[str]) -> int:
    """Scan the files of a commit and return the exit status."""
    parser = Parser("hook", "Scan the files of a commit.", EXAMPLES)
    parser.add_argument("paths", nargs="*", metavar="FILE", help="a file of the commit")
    parser.add_argument("--staged", action="store_true", help="read everything that is staged, from the index")
    add_report_options(parser)
    add_gate_options(parser)
    add_input_options(parser)
    options = parser.parse_args(arguments)
    if not options.paths and not options.staged:
        return 0
    from scanner import flow
    from scanner.cli.session import deliver, request_from

    if options.staged:
        return deliver(flow.run(request_from(options, ["."], "index")), options)
    return deliver(flow.run(request_from(options, options.paths, "files")), options)
