"""The options of commands that run the flow, and the parser that explains what it did not understand."""

from __future__ import annotations

import argparse
from typing import NoReturn

from scanner import plugins
from scanner.core.errors import UsageError
from scanner.core.rule import PROFILES, SEVERITIES


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Help of a fixed width: asking the terminal, as argparse does for every option, costs more than parsing."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=110)


class Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are ours: what is wrong, and the nearest thing that would be right."""

    def __init__(self, name: str, description: str, epilog: str) -> None:
        """Take the command's name, what it does, and examples."""
        super().__init__(
            prog=f"leftgate {name}", description=description, epilog=epilog, allow_abbrev=False,
            formatter_class=_Formatter,
        )

    def error(self, message: str) -> NoReturn:
        """Raise a UsageError; an unknown option comes with a suggestion."""
        import difflib

        hint = f"`{self.prog} --help` lists the options"
        if message.startswith("unrecognized arguments: "):
            given = message.partition(": ")[2].split()
            words = [word for word in given if word.startswith("-")] or given
            known = [name for action in self._actions for name in action.option_strings]
            close = difflib.get_close_matches(words[0].partition("=")[0], known, 1)
            message = f"{words[0]!r} is no option of {self.prog}"
            hint = f"did you mean {close[0]!r}?" if close else hint
        raise UsageError(f"{message}\n{hint}")


def output_option(text: str) -> tuple[str, str]:
    """Return (format, file) of `FORMAT=FILE`."""
    form, separator, file = text.partition("=")
    if not separator or not file:
        raise argparse.ArgumentTypeError(f"expected FORMAT=FILE, found {text!r}")
    return _format(form), file


def _format(text: str) -> str:
    """Return a format's name."""
    if text not in plugins.REPORTERS:
        import difflib

        close = difflib.get_close_matches(text, plugins.REPORTERS, 1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise argparse.ArgumentTypeError(f"{text!r} is no format{hint} (formats: {', '.join(plugins.REPORTERS)})")
    return text


def variable_option(text: str) -> tuple[str, str]:
    """Return (name, value) of `NAME=VALUE`."""
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, found {text!r}")
    return name, value


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add what says how a report looks and where it goes."""
    group = parser.add_argument_group("report")
    group.add_argument("-f", "--format", type=_format, default="text", metavar="FORMAT",
                       help=f"format of the report: {', '.join(plugins.REPORTERS)} (default text)")
    group.add_argument("-o", "--output-file", metavar="FILE", default="",
                       help="write the report to FILE instead of standard output")
    group.add_argument("--output", type=output_option, action="append", default=[], metavar="FORMAT=FILE",
                       help="write a further report; may be repeated")
    group.add_argument("--results", choices=("findings", "all"), default="findings",
                       help="`all` also lists what complies or cannot be decided (default findings)")
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto",
                       help="colours (default auto: on a terminal)")
    group.add_argument("-q", "--quiet", action="store_true",
                       help="no progress bar, and no text report on standard output")


def add_gate_options(parser: argparse.ArgumentParser) -> None:
    """Add what says which rules run and what closes the gate."""
    group = parser.add_argument_group("rules and gate")
    group.add_argument("--profile", choices=PROFILES, default="",
                       help="which rules run (default: what the policy says)")
    group.add_argument("--policy", metavar="NAME|FILE", default="",
                       help="default, strict, audit, or a file (default: leftgate.yaml of the root or repository)")
    group.add_argument("--policy-from", metavar="REF", default="",
                       help="read the policy file from this git reference, so that a change cannot waive itself")
    group.add_argument("--no-config", action="store_true", help="look for no policy file in the scanned root")
    group.add_argument("--fail-on", choices=(*reversed(SEVERITIES), "never"), default="",
                       help="least severity that fails the gate, from medium confidence (default: the policy's)")
    group.add_argument("--baseline", metavar="FILE", default="",
                       help="findings in FILE do not count (`leftgate baseline` writes it)")
    group.add_argument("--rules", metavar="DIR", action="append", default=[],
                       help="folder with rules of your own; may be repeated")
    group.add_argument("--scanner", metavar="NAME", action="append", default=[],
                       help=f"run this one too ({', '.join(sorted(plugins.SCANNERS))}); may be repeated")
    group.add_argument("--sarif", metavar="FILE", action="append", default=[],
                       help="let the results in FILE count, SARIF 2.1.0 that another tool wrote; may be repeated")


def add_input_options(parser: argparse.ArgumentParser) -> None:
    """Add what says which values templates get and what is read."""
    group = parser.add_argument_group("input")
    group.add_argument("--parameters", metavar="FILE", action="append", default=[],
                       help="CloudFormation parameter file (JSON, as the CLI takes it); may be repeated")
    group.add_argument("--var", metavar="NAME=VALUE", type=variable_option, action="append", default=[],
                       help="value of a Terraform variable; may be repeated")
    group.add_argument("--var-file", metavar="FILE", action="append", default=[],
                       help="Terraform variable file; may be repeated")
    group.add_argument("--exclude", metavar="PATTERN", action="append", default=[],
                       help="leave out these paths (patterns as in .gitignore); may be repeated")
    group.add_argument("--no-cache", action="store_true", help="neither read nor write caches")
