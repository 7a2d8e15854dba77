"""What members are told of their credits: they arrived, came back, are few, or are about to end.

Both sweeps read what happened since they last succeeded (and a little before: the key of each notice keeps it from
being told twice), so that a worker that was away for a night tells in the morning what is still news. Of a team's
pool its admins are told; of a return, who wrote the message.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import jobs, news
from accounts.models import Member, NoticeKind, TeamAdmin
from accounts.news import News
from billing.ledger import NOT_DELIVERED, RECIPIENT_GONE
from billing.lot_line import end_of
from billing.models import Charge, Entry, Lot, Subscription, Wallet
from billing.references import Meaning, describe
from billing.standing import standing
from billing.words import day, is_without_end

Kind = Entry.Kind
LOW = 2
# A transaction writes its time before it commits: what it wrote is looked for a little longer.
AGAIN = timedelta(minutes=10)
CHUNK = 500
SECONDS_A_RUN = 60


class Place(NamedTuple):
    """After which entry a run stopped."""

    recorded_at: datetime
    entry_id: int


class Told(NamedTuple):
    """What a run told, and where the next one goes on; None = everything was read."""

    told: int
    rest: Place | None


def since_last(job: str, *, at: datetime) -> datetime:
    """From when on a sweep looks: its last success, at most as long ago as news is news."""
    last = jobs.last_success(job)
    start = at - timedelta(days=1) if last is None else last.started_at - AGAIN
    return max(start, at - news.NEWS_FOR)


def tell_of_entries(*, after: Place, at: datetime) -> Told:
    """Tell of what the journals say since `after`, for at most a minute."""
    told, stop_at = 0, time.monotonic() + SECONDS_A_RUN
    while entries := _next_entries(after):
        told += news.tell(_news_of(entries, at=at), at=at)
        after = Place(entries[-1].recorded_at, entries[-1].pk)
        if time.monotonic() > stop_at:
            return Told(told, after)
    return Told(told, None)


def _next_entries(after: Place) -> list[Entry]:
    later = Q(recorded_at__gt=after.recorded_at) | Q(recorded_at=after.recorded_at, pk__gt=after.entry_id)
    kinds = [Kind.GRANT, Kind.ADJUST, Kind.REFUND, Kind.REVERSE, Kind.CHARGE]
    facts = ("wallet__member", "wallet__team", "lot__subscription__plan_version__plan", "charge__payer")
    found = Entry.objects.filter(later, kind__in=kinds).select_related(*facts)
    return list(found.order_by("recorded_at", "pk")[:CHUNK])


def _news_of(entries: list[Entry], *, at: datetime) -> list[News]:
    told_of = _recipients({entry.wallet for entry in entries})
    back = [entry for entry in entries if _came_back(entry)]
    meanings = describe(sorted({entry.charge.reference for entry in back if entry.charge}))
    found = list(_returned(back, meanings))
    for entry in entries:
        if entry.kind in (Kind.GRANT, Kind.ADJUST) and entry.delta > 0:
            found += [_granted(entry, member) for member in told_of[entry.wallet_id]]
        if entry.kind == Kind.CHARGE and entry.balance_after <= LOW < entry.balance_after - entry.delta:
            found += _low(entry, told_of[entry.wallet_id], at=at)
    return found


def _recipients(wallets: set[Wallet]) -> dict[int, list[Member]]:
    """Whose a wallet is; of a pool, who looks after the team."""
    found = {wallet.pk: [wallet.member] if wallet.member else [] for wallet in wallets}
    pools = {wallet.team_id: wallet.pk for wallet in wallets if wallet.team_id}
    for admin in TeamAdmin.objects.filter(team__in=pools, until=None).select_related("member"):
        found[pools[admin.team_id]].append(admin.member)
    return found


# --- Arrived, came back, few ----------------------------------------------------------------------------


def _granted(entry: Entry, member: Member) -> News:
    lot = entry.lot
    plan = lot.subscription.plan_version.plan.name if lot.subscription else ""
    facts = {"credits": entry.delta, "source": lot.source, "plan": plan, "reason": entry.reason}
    facts["until"] = "" if is_without_end(lot.expires_at) else _day(lot.expires_at, member)
    return _one(NoticeKind.CREDITS_GRANTED, member, entry, f"granted:{entry.pk}:{member.pk}", facts)


def _came_back(entry: Entry) -> bool:
    """Not what the member took back, and not what is lost at once because the plan has ended."""
    is_lost = entry.lot.source == Lot.Source.RETURN and entry.lot.closed_at == entry.occurred_at
    is_for_nothing = entry.kind == Kind.REVERSE and entry.reason in (NOT_DELIVERED, RECIPIENT_GONE)
    return (entry.kind == Kind.REFUND or is_for_nothing) and not is_lost


def _returned(entries: Iterable[Entry], meanings: Mapping[str, Meaning]) -> Iterator[News]:
    """One for each charge, however many lots it came back to."""
    by_charge = sorted((entry for entry in entries if entry.charge), key=lambda entry: (entry.charge_id, entry.seq))
    for charge_id, group in groupby(by_charge, key=lambda entry: entry.charge_id):
        parts = list(group)
        last, charge = parts[-1], parts[-1].charge
        assert isinstance(charge, Charge)
        meaning = meanings.get(charge.reference, Meaning(_("Someone"), ""))
        facts = {
            "credits": sum(entry.delta for entry in parts),
            "who": meaning.text,
            "failed": int(last.reason == NOT_DELIVERED),
            "gone": int(last.reason == RECIPIENT_GONE),
            "balance": last.balance_after,
        }
        found = _one(NoticeKind.CREDITS_RETURNED, charge.payer, last, f"returned:{charge_id}", facts)
        found.context["path"] = meaning.url or reverse("billing:credits")
        yield found


def _low(entry: Entry, members: list[Member], *, at: datetime) -> list[News]:
    """Once a day, and only while it is still so: an undone message is back before anybody hears of it."""
    holder = entry.wallet.member or entry.wallet.team
    assert holder is not None
    now_held = standing(holder, at=at)
    if now_held.balance > LOW:
        return []
    found = []
    for member in members:
        facts = {"balance": now_held.balance, "next_credits": now_held.next_amount or 0, "next_day": ""}
        if now_held.next_at is not None:
            facts["next_day"] = _day(now_held.next_at, member)
        key = f"low:{entry.wallet_id}:{member.pk}:{_local(at, member):%Y-%m-%d}"
        found.append(_one(NoticeKind.CREDITS_LOW, member, entry, key, facts))
    return found


def _one(kind: NoticeKind, member: Member, entry: Entry, key: str, facts: dict[str, Any]) -> News:
    context = facts | _whose(entry.wallet)
    return News(member_id=member.pk, kind=kind, key=key, context=context, happened_at=entry.occurred_at)


def _whose(wallet: Wallet) -> dict[str, Any]:
    page = "billing:pool" if wallet.team else "billing:credits"
    return {"team": wallet.team.name if wallet.team else "", "path": reverse(page)}


# --- About to end ---------------------------------------------------------------------------------------


class Ending(NamedTuple):
    """Credits, and when they end as things stand."""

    lot: Lot
    at: datetime


# Told at this hour of the member's day, so many days before the day on which the credits end.
HOUR = 8
DAYS_BEFORE = (7, 1)


def tell_of_ends(*, since: datetime, at: datetime) -> int:
    """Tell of the credits whose day for it came after `since`: one notice a wallet and day, whatever ends then.

    They end by themselves, or with a plan that is cancelled.
    """
    told = 0
    with_plan = _cancelled(since, at).values_list("wallet_id", flat=True)
    by_themselves = _ending(since, at).order_by().values_list("wallet_id", flat=True).distinct()
    wallet_ids = sorted({*by_themselves, *with_plan})
    for start in range(0, len(wallet_ids), CHUNK):
        lots = _ends_of(wallet_ids[start : start + CHUNK], since=since, at=at)
        told += news.tell(_news_of_ends(lots, since=since, at=at), at=at)
    return told


def _ending(since: datetime, at: datetime) -> QuerySet[Lot]:
    return _spendable(at).filter(_may_be_due("expires_at", since, at))


def _cancelled(since: datetime, at: datetime) -> QuerySet[Subscription]:
    return Subscription.objects.running().filter(_may_be_due("cancel_at", since, at))


def _may_be_due(field: str, since: datetime, at: datetime) -> Q:
    """All zones and both changes of clocks lie within these spans."""
    due = Q()
    for days in DAYS_BEFORE:
        after, until = since + timedelta(days=days, hours=-10), at + timedelta(days=days, hours=18)
        due |= Q((f"{field}__gt", after), (f"{field}__lte", until))
    return due


def _spendable(at: datetime) -> QuerySet[Lot]:
    spendable = Lot.objects.filter(closed_at=None, frozen_at=None, remaining__gt=0, expires_at__gt=at)
    return spendable.select_related("wallet__member", "wallet__team")


def _ends_of(wallet_ids: list[int], *, since: datetime, at: datetime) -> list[Ending]:
    """What may be due of these wallets, each lot with the instant at which it ends as things stand."""
    cancelled = Subscription.objects.running().filter(wallet__in=wallet_ids, cancel_at__gt=at)
    with_plan = dict(cancelled.values_list("wallet_id", "cancel_at"))
    due = Q(wallet__in=with_plan) | _may_be_due("expires_at", since, at)
    lots = _spendable(at).filter(due, wallet__in=wallet_ids).order_by("wallet_id", "pk")
    ends = (Ending(lot, end_of(lot, cancel_at=with_plan.get(lot.wallet_id))) for lot in lots)
    return [end for end in ends if not is_without_end(end.at)]


def _news_of_ends(ends: list[Ending], *, since: datetime, at: datetime) -> Iterator[News]:
    told_of = _recipients({end.lot.wallet for end in ends})
    for _wallet_id, group in groupby(ends, key=lambda end: end.lot.wallet_id):
        own = list(group)
        for member in told_of[own[0].lot.wallet_id]:
            due = {end: moment for end in own for moment in _moments(end, member) if since < moment <= at}
            if due:
                yield _ending_news(own[0].lot.wallet, member, due)


def _moments(end: Ending, member: Member) -> Iterator[datetime]:
    """When the member is to hear of this lot, unless it came later than that."""
    ends_on = _local(end.at, member).date()
    for days in DAYS_BEFORE:
        told_on = ends_on - timedelta(days=days)
        moment = datetime(told_on.year, told_on.month, told_on.day, HOUR, tzinfo=ZoneInfo(member.time_zone))
        if end.lot.effective_at <= moment:
            yield moment


def _ending_news(wallet: Wallet, member: Member, due: Mapping[Ending, datetime]) -> News:
    latest = max(due.values())
    by_day: dict[str, int] = {}
    for end in sorted(due, key=lambda end: end.at):
        name = _day(end.at, member)
        by_day[name] = by_day.get(name, 0) + end.lot.remaining
    ends = [{"day": name, "credits": credits} for name, credits in by_day.items()]
    context = {"credits": sum(by_day.values()), "ends": ends} | _whose(wallet)
    key = f"ending:{wallet.pk}:{member.pk}:{latest:%Y-%m-%d}"
    return News(member_id=member.pk, kind=NoticeKind.CREDITS_ENDING, key=key, context=context, happened_at=latest)


def _local(instant: datetime, member: Member) -> datetime:
    return instant.astimezone(ZoneInfo(member.time_zone))


def _day(instant: datetime, member: Member) -> str:
    with timezone.override(ZoneInfo(member.time_zone)):
        return day(instant)
