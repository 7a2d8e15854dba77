"""A month of a member's journal on one sheet: what there was before, every line, sums by kind, what was left."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Member

from . import journal
from .line_names import NAMES, name_of
from .models import Entry, Wallet
from .months import Month, month_of


class NoStatement(Exception):
    """The month lies before the member's first credits, or ahead."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """`opening` and the sum of all lines are `closing`; `sums` are (name, credits) in the order of the names."""

    month: Month
    opening: int
    closing: int
    lines: list[journal.Line]
    sums: list[tuple[str, int]]
    previous: Month | None
    next: Month | None
    is_over: bool


def statement(member: Member, month: Month, *, at: datetime) -> Statement:
    """Oldest line first. The running month ends with its last line. Raises NoStatement."""
    first, last = first_month(member, at=at), month_of(at)
    if not first <= month <= last:
        raise NoStatement
    own = Entry.objects.filter(wallet__member=member)
    before = own.filter(occurred_at__lt=month.starts_at).order_by("-seq").first()
    entries = list(journal.with_facts(journal.in_month(own, month)).order_by("seq"))
    opening = before.balance_after if before else 0
    return Statement(
        month=month,
        opening=opening,
        closing=entries[-1].balance_after if entries else opening,
        lines=journal.read(entries, at=at),
        sums=_sums(entries),
        previous=month.previous if month > first else None,
        next=month.next if month < last else None,
        is_over=month < last,
    )


def first_month(member: Member, *, at: datetime) -> Month:
    """The month in which the member's wallet was opened; the running one without a wallet."""
    wallet = Wallet.objects.filter(member=member).first()
    return month_of(at) if wallet is None else min(month_of(wallet.opened_at), month_of(at))


def _sums(entries: list[Entry]) -> list[tuple[str, int]]:
    sums: Counter[str] = Counter()
    for entry in entries:
        sums[name_of(entry)] += entry.delta
    found = {name_of(entry) for entry in entries}
    return [(str(name.label), sums[value]) for value, name in NAMES.items() if value in found]
