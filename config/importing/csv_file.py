"""Reading an operator's CSV as a stream: its encoding, its separator, its header, its rows.

Comma, semicolon or tab, as the header shows; UTF-8 with or without a byte order mark. What cannot
be read as that is refused before the first row.
"""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.importing.report import Fault

SEPARATORS = ",;\t"
BLOCK = 1 << 20


class FileRefused(Exception):
    """The file as a whole cannot be read; the text is a sentence for the operator."""


@dataclass(frozen=True)
class Row:
    """Cells by column, without the spaces around them; `line` is where the row begins."""

    line: int
    cells: dict[str, str]


class CsvFile:
    """A file that passed the first look. Raises FileRefused."""

    def __init__(self, path: Path, *, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
        self.path = path
        self.lines = _count_lines(path)
        self.separator, self.header = _read_header(path)
        _check_header(self.header, required=required, optional=optional)

    def rows(self) -> Iterator[Row | Fault]:
        """Rows after the header, blank lines left out; a row that is no row is a Fault."""
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=self.separator)
            next(reader)
            while True:
                line = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield Fault(line, "", _("This row cannot be read (%(error)s).") % {"error": error})
                    continue
                if any(cell.strip() for cell in cells):
                    yield self._row(line, cells)

    def _row(self, line: int, cells: list[str]) -> Row | Fault:
        if any("\n" in cell or "\r" in cell for cell in cells):
            return Fault(line, "", _("A cell goes on over several lines. Is a quotation mark missing?"))
        if len(cells) != len(self.header):
            reason = ngettext(
                "It has %(n)s column where the header has %(k)s.",
                "It has %(n)s columns where the header has %(k)s.",
                len(cells),
            )
            return Fault(line, "", reason % {"n": len(cells), "k": len(self.header)})
        return Row(line, {name: cell.strip() for name, cell in zip(self.header, cells, strict=True)})


def _count_lines(path: Path) -> int:
    """Reads the whole file once, so that a wrong byte is named before anything is written."""
    decode = codecs.getincrementaldecoder("utf-8")("strict")
    lines, offset = 0, 0
    try:
        with path.open("rb") as file:
            for block in iter(partial(file.read, BLOCK), b""):
                pending = len(decode.getstate()[0])
                decode.decode(block)
                lines, offset = lines + block.count(b"\n"), offset + len(block)
                pending = 0
            pending = len(decode.getstate()[0])
            decode.decode(b"", final=True)
    except OSError as error:
        raise FileRefused(_("%(file)s cannot be read: %(error)s.") % {"file": path, "error": error.strerror}) from error
    except UnicodeDecodeError as error:
        raise _not_utf8(path, error, lines=lines, offset=offset - pending) from error
    return lines


def _not_utf8(path: Path, error: UnicodeDecodeError, *, lines: int, offset: int) -> FileRefused:
    place = {
        "file": path.name,
        "n": offset + error.start + 1,
        "line": lines + error.object[: error.start].count(b"\n") + 1,
        "byte": f"0x{error.object[error.start]:02X}",
    }
    return FileRefused(
        _("%(file)s is not UTF-8: byte %(n)s, on line %(line)s, is %(byte)s. Save the file as UTF-8.") % place
    )


def _read_header(path: Path) -> tuple[str, list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        line = file.readline()
    if not line.strip():
        raise FileRefused(_("%(file)s has no header in its first line.") % {"file": path.name})
    # The separator that makes most of the header.
    read = {separator: next(csv.reader([line], delimiter=separator)) for separator in SEPARATORS}
    separator = max(SEPARATORS, key=lambda candidate: len(read[candidate]))
    return separator, [name.strip().lower() for name in read[separator]]


def _check_header(header: list[str], *, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    missing = [name for name in required if name not in header]
    if missing:
        raise FileRefused(_("The header lacks: %(names)s.") % {"names": ", ".join(missing)})
    unknown = [name or _("(empty)") for name in header if name not in (*required, *optional)]
    if unknown:
        known = ", ".join((*required, *optional))
        raise FileRefused(
            _("The header has unknown columns: %(names)s. Known are: %(known)s.")
            % {"names": ", ".join(unknown), "known": known}
        )
    if len(set(header)) < len(header):
        raise FileRefused(_("The header names a column twice."))
