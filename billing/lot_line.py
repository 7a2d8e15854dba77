"""Lots on a line of time: how far each reaches from now, in hundredths of the line, for a drawing beside its table."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.site_policy import timeline

from .models import Lot, Subscription
from .standing import Standing
from .words import is_without_end, lot_name

# A line of a few days would make a week look like a life.
SHORTEST = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class LotBar:
    """`ends_at` is empty for a lot without end; `with_plan`: it ends because the plan does."""

    name: str
    credits: int
    is_plans: bool
    ends_at: datetime | None
    with_plan: bool
    width: int
    is_disputed: bool = False


@dataclass(frozen=True, kw_only=True)
class LotLine:
    """Bars in spending order; the line goes from now to `until`."""

    bars: list[LotBar]
    until: datetime


def lot_line(held: Standing, plan: Subscription | None, *, at: datetime) -> LotLine:
    """All lots of a wallet, disputed ones last: they can neither be spent nor end."""
    cancel_at = plan.cancel_at if plan else None
    ends = {lot.pk: _end(lot, cancel_at) for lot in (*held.lots, *held.disputed)}
    finite = [end for end in ends.values() if end is not None]
    until = max([at + SHORTEST, *finite])
    bars = [_bar(lot, ends[lot.pk], at=at, until=until) for lot in (*held.lots, *held.disputed)]
    return LotLine(bars=bars, until=until)


def end_of(lot: Lot, *, cancel_at: datetime | None) -> datetime:
    """A plan that ends takes its own credits, and by policy bought ones too (domain 5.7); FOREVER = without end."""
    if cancel_at is None:
        return lot.expires_at
    takes_bought = timeline().at(cancel_at).purchased_on_cancel == "forfeit"
    taken = {Lot.Priority.PLAN, Lot.Priority.PURCHASE} if takes_bought else {Lot.Priority.PLAN}
    return min(lot.expires_at, cancel_at) if lot.priority in taken else lot.expires_at


def _end(lot: Lot, cancel_at: datetime | None) -> datetime | None:
    end = end_of(lot, cancel_at=cancel_at)
    return None if is_without_end(end) else end


def _bar(lot: Lot, ends_at: datetime | None, *, at: datetime, until: datetime) -> LotBar:
    width = 100 if ends_at is None else max(int(100 * (ends_at - at) / (until - at)), 1)
    return LotBar(
        name=lot_name(lot),
        credits=lot.remaining,
        is_plans=lot.priority == Lot.Priority.PLAN,
        ends_at=ends_at,
        with_plan=ends_at is not None and ends_at < lot.expires_at,
        width=width,
        is_disputed=lot.frozen_at is not None,
    )
