"""The program: `leftgate` and `python -m scanner`. Imports nothing before it knows what is asked."""

from __future__ import annotations

import sys


def main(argv: list[str] | None = None) -> int:
    """Run one command line and return its exit status."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments in (["--version"], ["-V"]):
        from scanner import __version__

        sys.stdout.write(f"leftgate {__version__}\n")
        return 0
    from scanner.cli import start

    try:
        return start.command(arguments)
    except KeyboardInterrupt:
        from scanner.core.report import EXIT_INTERRUPTED

        sys.stderr.write("leftgate: interrupted\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        start.drop_output()
        return 0
    except Exception as error:  # the last resort of the whole program: a log that can be pasted, no secrets in it
        from scanner.cli.crash import log
        from scanner.core.report import EXIT_INTERNAL

        sys.stderr.write(log(error, arguments))
        return EXIT_INTERNAL


if __name__ == "__main__":
    sys.exit(main())
