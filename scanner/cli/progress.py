"""A progress line on a terminal, for runs that take longer than a second."""

from __future__ import annotations

from typing import TextIO

PATIENCE_SECONDS = 1.0
CELLS = 24


class Bar:
    """Draws one line on standard error and takes it away at the end."""

    def __init__(self, stream: TextIO) -> None:
        """Take the terminal."""
        import atexit
        from time import monotonic

        self._stream = stream
        self._clock = monotonic
        self._began = monotonic()
        self._shown = False
        atexit.register(self.clear)

    def show(self, stage: str, done: int, total: int) -> None:
        """Show the stage once the run has lasted a second; a total of 0 is not known yet.

        An empty stage is the end: the line goes away.
        """
        if not stage:
            self.clear()
        if not stage or self._clock() - self._began < PATIENCE_SECONDS:
            return
        filled = CELLS * done // total if total else 0
        self._stream.write(f"\r\x1b[2K[{'#' * filled}{'.' * (CELLS - filled)}] {stage}")
        self._stream.flush()
        self._shown = True

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
            self._shown = False
