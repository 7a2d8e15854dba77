"""Rows of a file, read one by one and handed on in chunks: one chunk is one transaction."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeVar

from config.importing.csv_file import CsvFile, Row
from config.importing.report import Fault, Report

Entry = TypeVar("Entry")


def in_chunks(
    file: CsvFile,
    *,
    size: int,
    read: Callable[[Row], Entry | None],
    report: Report,
    on_line: Callable[[int], None],
) -> Iterator[list[Entry]]:
    """What `read` makes of the good rows, at most `size` at a time; broken rows are reported."""
    entries = _entries(file, read=read, report=report, on_line=on_line)
    while chunk := list(islice(entries, size)):
        yield chunk


def _entries(
    file: CsvFile, *, read: Callable[[Row], Entry | None], report: Report, on_line: Callable[[int], None]
) -> Iterator[Entry]:
    for row in file.rows():
        on_line(row.line)
        if isinstance(row, Fault):
            report.refuse([row])
        elif entry := read(row):
            yield entry
