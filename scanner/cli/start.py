"""The first step of every command: which one is meant, and what users see when the command line is wrong."""

from __future__ import annotations

import gc
import os
import sys

from scanner import __version__, plugins
from scanner.core.errors import UsageError
from scanner.core.report import EXIT_USAGE

COLLECTION = (100_000, 50, 100)
"""When the garbage collector looks for cycles: rarely. What a scan reads stays until its end, and looking through
all of it again and again took an eighth of the time; memory grows by less than a tenth."""
USAGE = f"""\
leftgate {__version__}: a shift-left policy gate for AWS pipelines and infrastructure as code

usage: leftgate COMMAND [OPTION...]        leftgate COMMAND --help tells more

commands:
  scan PATH...       scan files and folders, decide, report
  hook FILE...       scan the files of a commit (for pre-commit); context around them is read
  baseline           write down today's findings, so that the gate looks at new ones only
  explain RULE       why a rule exists, what it wants, how to fix a finding
  rules              list, test and write rules
  policy             show and check policy files

examples:
  leftgate scan .
  leftgate scan . --format sarif-github -o leftgate.sarif
  leftgate scan infra --fail-on critical --output json=report.json --output junit=report.xml
  leftgate baseline write leftgate-baseline.jsonl && leftgate scan . --baseline leftgate-baseline.jsonl
  leftgate explain rds-instance-unencrypted

exit status:
  0 gate passed   1 gate failed   2 usage   3 incomplete   4 internal error   130 interrupted
"""


def command(arguments: list[str]) -> int:
    """Run the command that the first argument names; UsageError becomes a message and exit status 2."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(USAGE)
        return 0 if arguments else EXIT_USAGE
    name = arguments[0]
    try:
        if name not in plugins.COMMANDS:
            raise UsageError(_unknown(name))
        gc.set_threshold(*COLLECTION)
        return plugins.resolve(plugins.COMMANDS[name])(arguments[1:])  # type: ignore[operator,no-any-return]
    except UsageError as error:
        sys.stderr.write(f"leftgate: {error}\n")
        return EXIT_USAGE


def _unknown(name: str) -> str:
    """Return the message for a command that does not exist."""
    import difflib

    if os.path.exists(name):
        return f"{name!r} is no command\nto scan it: leftgate scan {name}"
    close = difflib.get_close_matches(name, plugins.COMMANDS, 1)
    hint = f"did you mean {close[0]!r}?" if close else "`leftgate --help` lists the commands"
    return f"{name!r} is no command\n{hint}"


def staged(argv: list[str] | None = None) -> int:
    """Run `leftgate-staged`: the hook on what the index holds."""
    from scanner.__main__ import main

    return main(["hook", "--staged", *(sys.argv[1:] if argv is None else argv)])


def drop_output() -> None:
    """Send what is still unwritten nowhere: the reader of our output has gone away."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
