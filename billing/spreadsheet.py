"""Lines as a CSV file in UTF-8, sent as they are read, with nothing in them that a spreadsheet would run."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from functools import partial
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from django.utils import timezone, translation

Line = TypeVar("Line")
Cells = Sequence[str | int]

# What a spreadsheet takes for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def download(
    chunks: Iterator[list[Line]], *, head: Cells, row: Callable[[Line], Cells], name: str, at: datetime
) -> StreamingHttpResponse:
    """The answer with a file of all lines; `row` makes the cells of one, in the member's zone and language."""
    parts = _parts(chunks, head, row, zone=timezone.get_current_timezone(), language=translation.get_language())
    response = StreamingHttpResponse(_sent_while_read(parts), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{timezone.localtime(at):%Y-%m-%d}.csv"'
    return response


def when(instant: datetime) -> str:
    """An instant to the second in the active zone, which is named by its distance from UTC."""
    return timezone.localtime(instant).isoformat(sep=" ", timespec="seconds")


async def _sent_while_read(parts: Iterator[str]) -> AsyncIterator[str]:
    read_next = sync_to_async(partial(next, parts, ""))
    while part := await read_next():
        yield part


def _parts(
    chunks: Iterator[list[Line]], head: Cells, row: Callable[[Line], Cells], *, zone: tzinfo, language: str
) -> Iterator[str]:
    """Zone and language are given, because the request's own are gone when the lines are read."""
    # The mark makes spreadsheets read UTF-8.
    yield "\ufeff" + _csv([head])
    while True:
        with timezone.override(zone), translation.override(language):
            rows = [row(line) for line in next(chunks, [])]
        if not rows:
            return
        yield _csv(rows)


def _csv(rows: Iterable[Cells]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([_defused(cell) for cell in row] for row in rows)
    return text.getvalue()


def _defused(cell: str | int) -> str | int:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
