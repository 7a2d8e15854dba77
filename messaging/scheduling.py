"""Sending at a time of the writer's choice: planned, changed, called off (domain 7.7).

What is scheduled holds no credit. messaging.dispatching sends it at its time, at no more than was agreed.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from accounts.busy import short_wait
from accounts.hints import hint
from accounts.models import Member
from accounts.site_policy import policy_in_force
from billing import ledger
from messaging import drafts, facts
from messaging.dates import morning_after, tomorrow_morning
from messaging.models import Draft
from messaging.policy import decide
from messaging.quotes import Quote
from messaging.refusals import VerdictChanged
from messaging.sending_for import seat_for
from messaging.similarity import main_part
from messaging.verdict import CONVERSATION_CODES, Facts, Verdict

LONGEST = timedelta(days=90)
# What time alone lifts: the day's limits, the gap before a follow-up, credits that arrive.
LIFTED: dict[str, dict[str, Any]] = {
    "connection_limit": {"starts_today": 0},
    "awaiting_answer": {"last_outreach_at": None},
    "daily_limit": {"sent_today": 0, "open_profile_today": 0},
}


class NotAtThatTime(Exception):
    """The time is past, too far ahead, or before a follow-up may go; `earliest` is the first that may be chosen."""

    def __init__(self, earliest: datetime, latest: datetime) -> None:
        super().__init__(earliest, latest)
        self.earliest, self.latest = earliest, latest


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What sending later will be, as far as it is known now; `earliest` and `suggested` are instants."""

    verdict: Verdict
    earliest: datetime
    suggested: datetime

    @property
    def can_be_made(self) -> bool:
        return self.verdict.sends


def plan_for(
    sender: Member, recipient: Member, draft: Draft, *, at: datetime, as_inmail: bool = False, sending_for: str = ""
) -> Plan:
    """The verdict of a later time for the text of `draft`, and when it may go."""
    chosen: dict[str, Any] = {"wants_inmail": as_inmail, "seat": seat_for(sender, sending_for)}
    written: dict[str, Any] = {"purpose": draft.purpose, "reason": draft.reason, "is_sending": True}
    written["text"] = main_part(draft.subject, draft.body)
    policy = policy_in_force(at)
    known = facts.load(sender, [recipient], **written, **chosen, at=at, policy=policy)[recipient.pk]
    return _plan(known)


def schedule(
    *,
    sender: Member,
    recipient: Member,
    send_at: datetime,
    shown: Quote,
    at: datetime,
    as_inmail: bool = False,
    sending_for: str = "",
) -> Draft:
    """Send the text that the draft holds, or what is scheduled already, at `send_at`.

    Raises Draft.DoesNotExist without a text, drafts.DraftRests while it is in review, VerdictChanged when it could not
    go then or costs more than was shown, NotAtThatTime, accounts.busy.Busy.
    """
    with short_wait():
        ledger.lock_wallet(sender, at=at)
        draft = Draft.objects.select_related("recipient").get(member=sender, recipient=recipient)
        if draft.in_review_since is not None:
            raise drafts.DraftRests
        plan = plan_for(sender, recipient, draft, at=at, as_inmail=as_inmail, sending_for=sending_for)
        if not shown.holds(plan.verdict):
            raise VerdictChanged(plan.verdict)
        if not plan.earliest <= send_at <= at + LONGEST:
            raise NotAtThatTime(plan.earliest, at + LONGEST)
        _write(draft, _agreed(plan.verdict), send_at, as_inmail=as_inmail, sending_for=sending_for)
        hint("messaging.tasks.send_waiting", draft.pk, at=send_at)
        return draft


def unschedule(*, member: Member, recipient: Member, at: datetime) -> Draft | None:
    """Call it off before it goes: a plain draft again. None if nothing is scheduled."""
    with short_wait():
        ledger.lock_wallet(member, at=at)
        draft = drafts.resting(member, recipient)
        if draft is None or draft.send_at is None:
            return None
        drafts.rest_no_more(draft, at=at)
        return draft


def unschedule_all(*, member: Member, why: str, at: datetime, code: str = "sender_restricted") -> int:
    """What is scheduled or in review becomes drafts that say `why`, and their cases close; counts them (domain 8.4).

    For restrictions and closed accounts; the writer is told of that by its own notice. `why`: a sentence.
    """
    with short_wait():
        ledger.lock_wallet(member, at=at)
        waiting = list(Draft.objects.filter(_RESTING, member=member))
        for draft in waiting:
            drafts.rest_no_more(draft, at=at, came_back=code, came_back_why=why[:400])
        return len(waiting)


def scheduled(member: Member) -> QuerySet[Draft]:
    """What is to go by itself, by `send_at`."""
    return Draft.objects.filter(member=member, send_at__isnull=False).select_related("recipient__profile")


_RESTING = Q(send_at__isnull=False) | Q(in_review_since__isnull=False)


def _plan(known: Facts) -> Plan:
    """The table again without the rows that time lifts, one after the other."""
    verdict, earliest, suggested = (
        decide(known),
        known.at + timedelta(minutes=1),
        tomorrow_morning(known.at, known.zone),
    )
    for _row in LIFTED:
        if verdict.code == "awaiting_answer":
            assert known.follow_up_at is not None
            earliest = known.follow_up_at
            suggested = morning_after(earliest, known.zone)
        if verdict.code not in LIFTED:
            break
        known = replace(known, **LIFTED[verdict.code])
        verdict = decide(known)
    if verdict.code == "no_credits" and known.next_at is not None:
        suggested = max(suggested, morning_after(known.next_at, known.zone))
        verdict = decide(replace(known, balance=known.cost))
    return Plan(verdict=verdict, earliest=earliest, suggested=suggested)


def _agreed(verdict: Verdict) -> Quote:
    follows_up = verdict.code not in CONVERSATION_CODES and not verdict.is_first_contact
    return replace(Quote.of(verdict), ends_with_answer=follows_up)


def _write(draft: Draft, agreed: Quote, send_at: datetime, *, as_inmail: bool, sending_for: str) -> None:
    draft.send_at, draft.agreed = send_at, agreed.as_json()
    draft.as_inmail, draft.sending_for = as_inmail, sending_for
    draft.came_back, draft.came_back_why = "", ""
    draft.save(update_fields=["send_at", "agreed", "as_inmail", "sending_for", "came_back", "came_back_why"])
