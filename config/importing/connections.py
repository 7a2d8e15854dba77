"""Connections from a file of pairs of addresses: of members, or of rows of the members' file."""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Block, Connection, Invitation, Member
from accounts.pairs import low_and_high
from config.importing import cells
from config.importing.chunks import in_chunks
from config.importing.csv_file import CsvFile, Row
from config.importing.report import Fault, Report

REQUIRED = ("email_a", "email_b")
OPTIONAL = ("connected_on",)
CHUNK = 400

Pair = tuple[int, int]


@dataclass(frozen=True)
class Entry:
    """One row that is right in itself; whether its addresses are members' is asked a chunk at a time."""

    line: int
    addresses: tuple[str, str]
    connected_at: datetime


class ConnectionImport:
    """One run over one file. `announced` holds the hashes of addresses that the members' file brings."""

    def __init__(
        self, file: CsvFile, *, report: Report, at: datetime, write: bool, announced: Container[int] = ()
    ) -> None:
        self.file, self.report, self.at, self.write, self.announced = file, report, at, write, announced
        self.pairs: dict[int, int] = {}

    def run(self, *, on_line: Callable[[int], None]) -> None:
        """Read everything; write a chunk at a time."""
        for chunk in in_chunks(self.file, size=CHUNK, read=self._read, report=self.report, on_line=on_line):
            self._take(chunk)

    def _read(self, row: Row) -> Entry | None:
        read = cells.Cells(row)
        addresses = (
            read.read("email_a", cells.address, empty=""),
            read.read("email_b", cells.address, empty=""),
        )
        connected_at = read.read("connected_on", cells.day_before(self.at), empty=self.at)
        for column in REQUIRED:
            if not row.cells[column]:
                read.refuse(column, _("It is empty."))
        if all(addresses):
            self._refuse_pair(read, addresses)
        if read.faults:
            self.report.refuse(read.faults)
            return None
        return Entry(row.line, addresses, connected_at)

    def _refuse_pair(self, read: cells.Cells, addresses: tuple[str, str]) -> None:
        pair = hash(frozenset(addresses))
        if addresses[0] == addresses[1]:
            read.refuse("email_b", _("Nobody is connected with themselves."))
        elif pair in self.pairs:
            read.refuse("", _("Line %(n)s has the same pair.") % {"n": self.pairs[pair]})
        elif not read.faults:
            self.pairs[pair] = read.row.line

    @transaction.atomic
    def _take(self, chunk: Sequence[Entry]) -> None:
        addresses = {address for entry in chunk for address in entry.addresses}
        ids = dict(Member.objects.filter(email__in=addresses).values_list("email", "pk"))
        known = [entry for entry in chunk if self._are_members(entry, ids)]
        pairs = {entry.line: _pair(entry, ids) for entry in known if set(entry.addresses) <= ids.keys()}
        joined, parted = _joined(pairs.values()), _parted(pairs.values())
        fresh: list[Entry] = []
        for entry in known:
            pair = pairs.get(entry.line)
            if pair in parted:
                self.report.refuse([Fault(entry.line, "", _("One of the two blocked the other."))])
            elif pair in joined:
                self.report.unchanged += 1
            else:
                self.report.new += 1
                fresh.append(entry)
        if self.write:
            self._write([(pairs[entry.line], entry.connected_at) for entry in fresh])

    def _are_members(self, entry: Entry, ids: dict[str, int]) -> bool:
        faults = [
            Fault(entry.line, column, _("No member has this address."))
            for column, address in zip(REQUIRED, entry.addresses, strict=True)
            if address not in ids and not self._is_announced(address)
        ]
        if faults:
            self.report.refuse(faults)
        return not faults

    def _is_announced(self, address: str) -> bool:
        return not self.write and hash(address) in self.announced

    def _write(self, fresh: Sequence[tuple[Pair, datetime]]) -> None:
        # Somebody may accept an invitation at this moment: then the pair is connected already.
        Connection.objects.bulk_create(
            (Connection(**low_and_high(*pair), connected_at=connected_at) for pair, connected_at in fresh),
            ignore_conflicts=True,
        )
        pairs = {pair for pair, _connected_at in fresh}
        ends = {end for pair in pairs for end in pair}
        answered = [
            row.pk
            for row in Invitation.objects.filter(
                sender__in=ends, recipient__in=ends, state__in=[Invitation.State.PENDING, Invitation.State.IGNORED]
            )
            if _ordered(row.sender_id, row.recipient_id) in pairs
        ]
        Invitation.objects.filter(pk__in=answered).update(state=Invitation.State.ACCEPTED, decided_at=self.at)


def _pair(entry: Entry, ids: dict[str, int]) -> Pair:
    one, other = entry.addresses
    return _ordered(ids[one], ids[other])


def _ordered(one_id: int, other_id: int) -> Pair:
    return min(one_id, other_id), max(one_id, other_id)


def _joined(pairs: Iterable[Pair]) -> set[Pair]:
    wanted = set(pairs)
    lows, highs = {low for low, _high in wanted}, {high for _low, high in wanted}
    found = Connection.objects.filter(low__in=lows, high__in=highs).values_list("low_id", "high_id")
    return wanted.intersection(found)


def _parted(pairs: Iterable[Pair]) -> set[Pair]:
    wanted = set(pairs)
    ends = {end for pair in wanted for end in pair}
    found = Block.objects.filter(blocker__in=ends, blocked__in=ends).values_list("blocker_id", "blocked_id")
    return wanted.intersection(_ordered(*pair) for pair in found)
