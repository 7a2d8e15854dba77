"""A pool's journal as team admins read it: which seat, how much, when. Never to whom, so nothing here asks that."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Team

from .ledger import NOT_DELIVERED
from .models import Entry
from .words import lot_name

PAGE = 50
CSV_CHUNK = 1_000
Kind = Entry.Kind


@dataclass(frozen=True, kw_only=True)
class Line:
    """`who` is the member whose seat it was; empty where no seat had a part."""

    at: datetime
    what: str
    who: str
    source: str
    delta: int
    balance: int


@dataclass(frozen=True, kw_only=True)
class Page:
    """`older` and `newer` are numbers of entries to go on from; None = nothing there."""

    lines: list[Line]
    older: int | None = None
    newer: int | None = None


def entries_of(team: Team, *, kind: str = "") -> QuerySet[Entry]:
    """The pool's journal, newest first."""
    own = Entry.objects.filter(wallet__team=team).select_related("charge__payer", "lot").order_by("-seq")
    return own.filter(kind=kind) if kind else own


def page(entries: QuerySet[Entry], *, before: int | None = None, after: int | None = None) -> Page:
    """Fifty lines: the newest, those older than `before`, or the next newer than `after`."""
    if after is not None:
        found = list(entries.filter(seq__gt=after).reverse()[: PAGE + 1])
        shown, has_newer, has_older = found[:PAGE][::-1], len(found) > PAGE, True
    else:
        found = list((entries if before is None else entries.filter(seq__lt=before))[: PAGE + 1])
        shown, has_newer, has_older = found[:PAGE], before is not None, len(found) > PAGE
    return Page(
        lines=read(shown),
        newer=shown[0].seq if shown and has_newer else None,
        older=shown[-1].seq if shown and has_older else None,
    )


def in_chunks(entries: QuerySet[Entry]) -> Iterator[list[Line]]:
    """All lines, a thousand at a time, so that memory does not grow with the journal."""
    before: int | None = None
    while chunk := list((entries if before is None else entries.filter(seq__lt=before))[:CSV_CHUNK]):
        yield read(chunk)
        before = chunk[-1].seq


def read(entries: Iterable[Entry]) -> list[Line]:
    """These entries as lines."""
    return [
        Line(
            at=entry.occurred_at,
            what=_("Not delivered") if entry.reason == NOT_DELIVERED else entry.get_kind_display(),
            who=entry.charge.payer.name if entry.charge else "",
            source=lot_name(entry.lot),
            delta=entry.delta,
            balance=entry.balance_after,
        )
        for entry in entries
    ]
