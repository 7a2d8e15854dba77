"""A bar on the terminal while a long import runs; nothing where nobody watches."""

import sys
import time
from types import TracebackType
from typing import Self

WIDTH = 30
EVERY_SECONDS = 0.1


def clear() -> None:
    """Take the bar away: what is written next stands in its place."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


class Progress:
    """Shows how many of a file's lines are done."""

    def __init__(self, label: str, lines: int) -> None:
        self.label, self.lines = label, max(lines, 1)
        self.is_watched = sys.stderr.isatty()
        self._shown_at = 0.0

    def show(self, line: int) -> None:
        if self.is_watched and time.monotonic() - self._shown_at > EVERY_SECONDS:
            self._shown_at = time.monotonic()
            self._draw(min(line / self.lines, 1.0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        clear()

    def _draw(self, done: float) -> None:
        bar = "█" * round(WIDTH * done)
        sys.stderr.write(f"\r{self.label:<12} {bar:░<{WIDTH}} {done:4.0%}")
        sys.stderr.flush()
