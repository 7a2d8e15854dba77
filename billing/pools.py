"""What the seats of a team may spend of its pool, and what they did; every change of its seats, after settling.

A change of seats changes the next allotment, not those that are due already: these are posted first, under the
pool's lock, which every verb here takes before the team's.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Sum

from accounts import live, seats
from accounts.busy import short_wait
from accounts.models import Member, Seat, SeatInvitation, Team
from accounts.site_policy import policy_in_force

from . import allotments, ledger
from .entitlements import held_at
from .models import Charge, Period, Subscription, Wallet
from .standing import Standing, standing


class SeatLimit(Exception):
    """A seat's allowance of this period does not cover the charge."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """Most credits a seat may spend in this period (None = no limit), and what it spent of them since `since`."""

    limit: int | None
    used: int = 0
    since: datetime | None = None

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(self.limit - self.used, 0)

    def covers(self, cost: int) -> bool:
        return self.left is None or cost <= self.left


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a team's plan says of its seats now; without a plan the last one's figure and period count on."""

    licences: int = 0
    # The allotment of one seat; None = there never was a plan.
    allotment: int | None = None
    since: datetime | None = None
    subscription: Subscription | None = None


def terms_of(team: Team, *, at: datetime) -> Terms:
    """As they are at `at`, whether or not a worker has renewed or ended the plan since."""
    held = held_at(at).filter(wallet__team=team).select_related("plan_version__plan", "wallet__team").first()
    if held is not None:
        since = _period_start(held, at=at)
        # Of fewer that wait no more are given out: each seat will have its licence then.
        licences = min(held.seats, held.next_seats or held.seats)
        return Terms(licences=licences, allotment=_per_seat(held), since=since, subscription=held)
    periods = Period.objects.filter(subscription__wallet__team=team, starts_at__lte=at)
    last = periods.select_related("subscription__plan_version").order_by("-starts_at").first()
    return Terms(allotment=_per_seat(last.subscription), since=last.starts_at) if last else Terms()


def allowance_of(seat: Seat, *, at: datetime) -> Allowance:
    """What one seat may spend in the period that holds `at`, and did."""
    return allowances_of(seat.team, [seat], at=at)[seat.pk]


def allowances_of(team: Team, of: Collection[Seat], *, at: datetime) -> dict[int, Allowance]:
    """The same for several seats of one team, by seat id, by as many queries."""
    terms = terms_of(team, at=at)
    used = _used(team, {seat.member_id for seat in of}, since=terms.since, at=at)
    return {
        seat.pk: Allowance(limit=_limit(seat, terms), used=used.get(seat.member_id, 0), since=terms.since)
        for seat in of
    }


@dataclass(frozen=True, kw_only=True)
class Share:
    """A member's part in a team, for the credits page."""

    seat: Seat
    allowance: Allowance
    pool: Standing


def share_of(member: Member, *, at: datetime) -> Share | None:
    """The seat that a member holds, parked or not, what it may still spend, and what the pool has."""
    seat = seats.seat_of(member)
    if seat is None:
        return None
    return Share(seat=seat, allowance=allowance_of(seat, at=at), pool=standing(seat.team, at=at))


def lock_wallets(member: Member, team: Team | None, *, at: datetime) -> dict[Member | Team, Wallet]:
    """The member's own wallet and the pool of a team, locked in order of id, as everywhere (each made if missing)."""
    holders: list[Member | Team] = [member] if team is None else [member, team]
    known = Wallet.objects.filter(Q(member=member) | Q(team=team, team__isnull=False))
    ids = {(row.member_id, row.team_id): row.pk for row in known}
    # One that is made now has the largest id.
    keys = {holder: (None, holder.pk) if isinstance(holder, Team) else (holder.pk, None) for holder in holders}
    ordered = sorted(holders, key=lambda holder: ids.get(keys[holder], float("inf")))
    return {holder: ledger.lock_wallet(holder, at=at) for holder in ordered}


def check_allowance(*, seat: Seat, cost: int, at: datetime) -> None:
    """Called under the pool's lock before a charge, so that parallel ones never pass it. Raises SeatLimit."""
    if not allowance_of(seat, at=at).covers(cost):
        raise SeatLimit


def _limit(seat: Seat, terms: Terms) -> int | None:
    if seat.is_unlimited:
        return None
    return terms.allotment if seat.allowance is None else seat.allowance


def _used(team: Team, member_ids: Collection[int], *, since: datetime | None, at: datetime) -> dict[int, int]:
    """Credits by member: a seat that was taken back and given to its holder again begins nothing anew."""
    charges = Charge.objects.not_reversed().filter(seat__team=team, seat__member__in=member_ids)
    if since is not None:
        charges = charges.filter(charged_at__gte=since)
    if policy_in_force(at).return_restores_allowance:
        charges = charges.exclude(entries__kind="refund")
    return dict(charges.order_by().values_list("seat__member").annotate(Sum("cost")))


def _per_seat(subscription: Subscription) -> int:
    by_contract = subscription.contract_allotment
    return subscription.plan_version.allotment if by_contract is None else by_contract


def _period_start(subscription: Subscription, *, at: datetime) -> datetime:
    """Of the last period that started by `at`; one that is due and not posted yet has started all the same."""
    n = subscription.next_n
    while True:
        starts_at, _ends_at = allotments.period_bounds(subscription, n)
        if starts_at > at or starts_at >= subscription.paid_through:
            break
        n += 1
    return allotments.period_bounds(subscription, max(n - 1, 0))[0]


# --- Changes ------------------------------------------------------------------------------------


def invite(*, team: Team, address: str, actor: Member, at: datetime) -> SeatInvitation:
    """Offer a seat to an address (`accounts.seats.invite`). Raises accounts.teams.TeamRefused."""
    with _settled(team, at=at) as (at, licences):
        return seats.invite(team=team, address=address, licences=licences, actor=actor, at=at)


def take(*, invitation: SeatInvitation, member: Member, at: datetime) -> Seat:
    """The member takes the seat that was offered (`accounts.seats.take`). Raises accounts.teams.TeamRefused."""
    with _settled(invitation.team, at=at) as (at, licences):
        seat = seats.take(invitation=invitation, member=member, licences=licences, at=at)
    live.tell(member.pk, changed="credits")
    return seat


def remove(*, seat: Seat, actor: Member, at: datetime) -> Seat:
    """Take a seat back, or leave it (`accounts.seats.remove`)."""
    with _settled(seat.team, at=at) as (at, _licences):
        seat = seats.remove(seat=seat, actor=actor, at=at)
    live.tell(seat.member_id, changed="credits")
    return seat


def reassign(*, seat: Seat, address: str, actor: Member, at: datetime) -> SeatInvitation:
    """Give a seat on to somebody else (`accounts.seats.reassign`). Raises accounts.teams.TeamRefused."""
    with _settled(seat.team, at=at) as (at, licences):
        invitation = seats.reassign(seat=seat, address=address, licences=licences, actor=actor, at=at)
    live.tell(seat.member_id, changed="credits")
    return invitation


def park(*, seat: Seat, actor: Member, at: datetime) -> Seat:
    """Let a seat rest (`accounts.seats.park`). Raises accounts.teams.TeamRefused."""
    with _settled(seat.team, at=at) as (at, licences):
        return seats.park(seat=seat, licences=licences, actor=actor, at=at)


def unpark(*, seat: Seat, actor: Member, at: datetime) -> Seat:
    """Let a parked seat spend again (`accounts.seats.unpark`). Raises accounts.teams.TeamRefused."""
    with _settled(seat.team, at=at) as (at, licences):
        return seats.unpark(seat=seat, licences=licences, actor=actor, at=at)


def set_allowance(*, seat: Seat, allowance: int | None, is_unlimited: bool, actor: Member, at: datetime) -> Seat:
    """Most credits a period for a seat (`accounts.seats.set_allowance`). Raises accounts.teams.TeamRefused."""
    with _settled(seat.team, at=at) as (at, _licences):
        return seats.set_allowance(seat=seat, allowance=allowance, is_unlimited=is_unlimited, actor=actor, at=at)


@contextmanager
def _settled(team: Team, *, at: datetime) -> Iterator[tuple[datetime, int]]:
    """The pool locked and up to date: the time moved up to its last entry, and the licences that are paid for."""
    with short_wait():
        wallet = ledger.lock_wallet(team, at=at)
        at = max(at, wallet.last_entry_at or at)
        ledger.settle(wallet, at=at)
        yield at, terms_of(team, at=at).licences
