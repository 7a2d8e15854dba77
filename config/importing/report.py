"""What an import tells: every fault by its place, and the counts at the end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with one row; `column` is empty when it is the row itself."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{place}: {self.reason}"


@dataclass
class Report:
    """Counts rows, and passes each fault on at once: a file may have more than fit in memory."""

    tell: Callable[[str], None]
    file: str
    new: int = 0
    unchanged: int = 0
    refused: int = field(default=0, init=False)
    warnings: int = field(default=0, init=False)

    def refuse(self, faults: Sequence[Fault]) -> None:
        """One row is not taken, for these reasons."""
        self.refused += 1
        for fault in faults:
            self.tell(f"{self.file}, {fault}")

    def warn(self, fault: Fault) -> None:
        """The row is taken all the same."""
        self.warnings += 1
        self.tell(f"{self.file}, {fault}")
