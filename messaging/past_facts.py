"""The facts of outreach that was sent, as they stood then, as far as rows and dates still tell.

What carries a date is taken as it was: earlier messages, answers, counts of a day, connections that still are, the
balance. What carries none is taken as it is now: reach, purposes taken, own caps, plans. That it was sent says the
rest: nobody was restricted, blocked, stopped or out of allowance then.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Min, Q

from accounts.models import Connection, Member, Reach
from accounts.reach import refused_purposes_of
from accounts.site_policy import SitePolicy
from billing.entitlements import Entitlements, entitlements_of
from billing.models import Entry
from messaging.dates import local_day, monday_of, zone_of
from messaging.models import Outreach, Participation
from messaging.names import first_name
from messaging.verdict import Facts

OPEN_PROFILE, OPEN_PAID = Outreach.Code.OPEN_PROFILE, Outreach.Code.OPEN_PAID
# A week of any zone began at most so long before an instant.
WEEK = timedelta(days=8)
# Of what was free the wallet is not known: it is taken to hold the dearest message.
ENOUGH = 10

Pair = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Past:
    """All that a page of messages needs, read by a dozen queries."""

    allowed: Mapping[int, Entitlements]
    reaches: Mapping[int, Reach]
    refused: Mapping[int, set[str]]
    connected_at: Mapping[Pair, datetime]
    closed_at: Mapping[Pair, datetime]
    # When, and when answered, by pair; when, on which day of their own zone and as what, by sender; when and on which
    # day, by recipient. All oldest first.
    written: Mapping[Pair, list[tuple[datetime, datetime | None]]]
    sent: Mapping[int, list[tuple[datetime, date, str]]]
    received: Mapping[int, list[tuple[datetime, date]]]
    balances: Mapping[int, int]

    @classmethod
    def read(cls, attempts: Collection[Outreach], *, until: datetime) -> "Past":
        """Of this outreach, each with its message, both members and the charge."""
        zones = {one.message.sender_id: zone_of(one.message.sender) for one in attempts}
        zones_there = {one.message.recipient_id: zone_of(one.message.recipient) for one in attempts}
        senders, recipients = set(zones), set(zones_there)
        since = min((one.message.sent_at for one in attempts), default=until) - WEEK
        return cls(
            allowed=entitlements_of(senders | recipients, at=until),
            reaches=Reach.objects.in_bulk(recipients),
            refused=refused_purposes_of(list(recipients)),
            connected_at=_connected(senders, recipients),
            closed_at=_closed(senders, recipients),
            written=_written(senders, recipients),
            sent=_sent(zones, since=since),
            received=_received(zones_there, since=since),
            balances=_balances([one.charge_id for one in attempts if one.charge_id]),
        )

    def facts(self, outreach: Outreach, *, policy: SitePolicy) -> Facts:
        """What `decide` would have been given for this message if `policy` had ruled."""
        message = outreach.message
        pair = (message.sender_id, message.recipient_id)
        closed_at = self.closed_at.get(pair)
        is_connected = self.connected_at.get(pair, message.sent_at) < message.sent_at
        return Facts(
            at=message.sent_at,
            policy=policy,
            is_sending=True,
            purpose=outreach.purpose,
            reason=outreach.reason,
            is_connected=is_connected,
            wants_inmail=is_connected,
            is_first_contact=outreach.is_first,
            opened_at=message.sent_at if outreach.code == OPEN_PAID else None,
            is_starter=outreach.code == OPEN_PAID,
            closed_at=closed_at if closed_at and closed_at < message.sent_at else None,
            has_open_profile=outreach.code == OPEN_PROFILE,
            balance=self.balances.get(outreach.charge_id or 0, ENOUGH),
            **self._of_sender(message.sender, at=message.sent_at, policy=policy),
            **self._of_recipient(message.recipient, at=message.sent_at),
            **self._unanswered(pair, at=message.sent_at),
        )

    def _of_sender(self, sender: Member, *, at: datetime, policy: SitePolicy) -> dict[str, Any]:
        zone, allowed = zone_of(sender), self.allowed[sender.pk]
        day = local_day(at, zone)
        codes = [code for when, on, code in self.sent[sender.pk] if on == day and when < at]
        new_until = sender.joined_at + timedelta(days=policy.new_account_days)
        cap = min(allowed.inmail_daily_cap, policy.new_account_daily_cap) if at < new_until else None
        return {
            "sender_id": sender.pk,
            "zone": zone,
            "is_premium": allowed.is_premium,
            "has_plan": allowed.has_plan,
            "sent_today": len(codes),
            "open_profile_today": codes.count(OPEN_PROFILE),
            "daily_cap": allowed.inmail_daily_cap if cap is None else cap,
        }

    def _of_recipient(self, recipient: Member, *, at: datetime) -> dict[str, Any]:
        zone, reach = zone_of(recipient), self.reaches[recipient.pk]
        today = local_day(at, zone)
        days = [on for when, on in self.received[recipient.pk] if when < at]
        return {
            "recipient_id": recipient.pk,
            "recipient_name": first_name(recipient.name),
            "recipient_handle": recipient.handle,
            "recipient_is_premium": self.allowed[recipient.pk].is_premium,
            "recipient_zone": zone,
            "received_today": days.count(today),
            "received_this_week": sum(monday_of(day) == monday_of(today) for day in days),
            "reach": reach.who,
            "own_cap_day": reach.cap_day,
            "own_cap_week": reach.cap_week,
            "hides_caps": reach.hides_caps,
            "refused_purposes": frozenset(self.refused.get(recipient.pk, ())),
        }

    def _unanswered(self, pair: Pair, *, at: datetime) -> dict[str, Any]:
        before = [when for when, answered in self.written[pair] if when < at and (answered is None or answered > at)]
        return {"unanswered": len(before), "last_outreach_at": before[-1] if before else None}


def _connected(senders: set[int], recipients: set[int]) -> dict[Pair, datetime]:
    ends = Q(low__in=senders, high__in=recipients) | Q(low__in=recipients, high__in=senders)
    rows = Connection.objects.filter(ends).values_list("low_id", "high_id", "connected_at")
    return dict(chain.from_iterable((((low, high), at), ((high, low), at)) for low, high, at in rows))


def _closed(senders: set[int], recipients: set[int]) -> dict[Pair, datetime]:
    """When the recipient's no closed the conversation to the sender."""
    closed = Participation.objects.filter(member__in=recipients, other__in=senders, closed_at__isnull=False)
    return {(other, member): at for member, other, at in closed.values_list("member_id", "other_id", "closed_at") if at}


def _written(senders: set[int], recipients: set[int]) -> Mapping[Pair, list[tuple[datetime, datetime | None]]]:
    rows = _kept().filter(message__sender__in=senders, message__recipient__in=recipients)
    found: dict[Pair, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    chosen = rows.values_list("message__sender", "message__recipient", "message__sent_at", "answered_at")
    for sender, recipient, at, answered_at in chosen:
        found[sender, recipient].append((at, answered_at))
    return found


def _sent(zones: Mapping[int, ZoneInfo], *, since: datetime) -> Mapping[int, list[tuple[datetime, date, str]]]:
    """What counted for the day's caps: not what continues a conversation."""
    rows = _kept().filter(message__sender__in=set(zones), message__sent_at__gte=since).exclude(code=OPEN_PAID)
    found: dict[int, list[tuple[datetime, date, str]]] = defaultdict(list)
    for sender, at, code in rows.values_list("message__sender", "message__sent_at", "code"):
        found[sender].append((at, local_day(at, zones[sender]), code))
    return found


def _received(zones: Mapping[int, ZoneInfo], *, since: datetime) -> Mapping[int, list[tuple[datetime, date]]]:
    rows = _kept().filter(message__recipient__in=set(zones), message__sent_at__gte=since, is_first=True)
    found: dict[int, list[tuple[datetime, date]]] = defaultdict(list)
    for recipient, at in rows.values_list("message__recipient", "message__sent_at"):
        found[recipient].append((at, local_day(at, zones[recipient])))
    return found


def _kept() -> Any:
    return Outreach.objects.filter(message__undone_at=None).order_by("message__sent_at", "pk")


def _balances(charges: list[int]) -> dict[int, int]:
    """What the wallet held before each charge."""
    entries = Entry.objects.filter(charge__in=charges, kind=Entry.Kind.CHARGE)
    rows = entries.values("charge").annotate(after=Min("balance_after"), cost=F("charge__cost"))
    return {row["charge"]: row["after"] + row["cost"] for row in rows}
