"""What happened in a conversation besides its messages: credits that came back or were used, a no, a stop."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Entry
from messaging.dates import day_words, days_words, zone_of
from messaging.models import Message, Outreach, Participation
from messaging.names import first_name


@dataclass(frozen=True)
class Event:
    at: datetime
    sentence: str
    symbol: str


def of(side: Participation, *, at: datetime) -> list[Event]:
    """The events that the member of this side knows of at `at`; a constant number of queries."""
    outreach = list(
        Outreach.objects.filter(
            message__conversation=side.conversation_id, message__sender=side.member_id, message__undone_at=None
        )
        .select_related("message", "charge")
        .order_by("message__sent_at")
    )
    charged = [one for one in outreach if one.charge is not None]
    given_back = _reversals(charged)
    paid = [one for one in charged if one.charge_id not in given_back]
    gone = [_gone(entry) for entry in given_back.values() if entry.occurred_at <= at]
    return [*_answers(paid, side, at=at), *_closed_windows(paid, side, at=at), *gone, *_own_refusals(side, at=at)]


def _reversals(charged: Iterable[Outreach]) -> dict[int | None, Entry]:
    """By charge, the last entry that gave it back although its message was delivered: its recipient is gone."""
    entries = Entry.objects.filter(charge__in=[one.charge_id for one in charged], kind=Entry.Kind.REVERSE)
    return {entry.charge_id: entry for entry in entries.order_by("seq")}


def _gone(entry: Entry) -> Event:
    words = _("The account was closed. Your credit is back, balance %(balance)s.")
    return Event(entry.occurred_at, words % {"balance": entry.balance_after}, "returned")


def _answers(paid: Iterable[Outreach], side: Participation, *, at: datetime) -> list[Event]:
    """One line for each answer; it may have answered an InMail and its follow-up."""
    answered = [one for one in paid if one.answered_at is not None and one.answered_at <= at]
    back = _returned([one.charge_id for one in answered if one.charge_id is not None])
    by_answer = groupby(sorted(answered, key=_answered_at), key=_answered_at)
    return [_answer(answered_at, list(group), back, side) for answered_at, group in by_answer]


def _answered_at(outreach: Outreach) -> datetime:
    assert outreach.answered_at is not None
    return outreach.answered_at


def _answer(answered_at: datetime, group: list[Outreach], back: dict[int, list[Entry]], side: Participation) -> Event:
    name = first_name(side.other.name)
    values = {"name": name, "time": days_words(answered_at - group[0].message.deliver_at)}
    answered = _("%(name)s answered after %(time)s.") % values
    entries = [entry for one in group for entry in back.get(one.charge_id or 0, [])]
    if entries:
        last = max(entries, key=lambda entry: entry.seq)
        return Event(max(answered_at, last.occurred_at), f"{answered} {_came_back(entries, last)}", "returned")
    if any(one.charge and one.charge.answered_at for one in group):
        return Event(answered_at, f"{answered} {_('Your credit is coming back.')}", "returned")
    if any(_is_late(one) for one in group):
        # The end of the window has a line of its own.
        return Event(answered_at, answered, "clock")
    return Event(answered_at, f"{answered} {_('The credit was used.')}", "clock")


def _is_late(outreach: Outreach) -> bool:
    until = outreach.charge.refundable_until if outreach.charge else None
    return until is not None and _answered_at(outreach) >= until


def _came_back(entries: list[Entry], last: Entry) -> str:
    credits = sum(entry.delta for entry in entries)
    words = ngettext(
        "Your credit is back, balance %(balance)s.", "Your %(credits)s credits are back, balance %(balance)s.", credits
    )
    return words % {"credits": credits, "balance": last.balance_after}


def _returned(charge_ids: list[int]) -> dict[int, list[Entry]]:
    entries = defaultdict(list)
    for entry in Entry.objects.filter(charge__in=charge_ids, kind=Entry.Kind.REFUND):
        entries[entry.charge_id or 0].append(entry)
    return entries


def _closed_windows(paid: Iterable[Outreach], side: Participation, *, at: datetime) -> list[Event]:
    events = []
    for outreach in paid:
        until = outreach.charge.refundable_until if outreach.charge else None
        if until is not None and until <= at and not _is_answered_in_time(outreach, until):
            values = {"date": day_words(until, zone_of(side.member))}
            events.append(Event(until, _("No answer by %(date)s. The credit was used.") % values, "clock"))
    return events


def _is_answered_in_time(outreach: Outreach, until: datetime) -> bool:
    # A tap just before the end is told after it: the charge knows when it was tapped.
    is_marked = outreach.charge is not None and outreach.charge.answered_at is not None
    return is_marked or (outreach.answered_at is not None and outreach.answered_at < until)


def _own_refusals(side: Participation, *, at: datetime) -> list[Event]:
    """What the member's own no or stop does, said once it is told."""
    refusal = Q(answer=Message.Answer.NO_THANKS, body="") | Q(answer=Message.Answer.STOP)
    own = Message.objects.filter(refusal, conversation=side.conversation_id, sender=side.member_id).delivered(at)
    return [Event(message.deliver_at, _refused(message, side), "stop") for message in own]


def _refused(message: Message, side: Participation) -> str:
    values = {"name": first_name(side.other.name)}
    if message.closes:
        return _("You said no. %(name)s can't write again unless you write or connect.") % values
    return _("You asked %(name)s not to write again.") % values
