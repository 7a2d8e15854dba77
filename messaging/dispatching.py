"""Sends what waits: texts whose time has come, and those that a moderator let pass (domain 7.7).

The decision is made at that time, at no more than was agreed; what cannot go comes back to Drafts uncharged. The send
key makes it exactly once, whoever runs this and however often.
"""

from contextlib import suppress
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.busy import Busy, short_wait
from billing import pools
from messaging import sending
from messaging.coming_back import come_back, reason
from messaging.dates import same_time_of_a_later_day, zone_of
from messaging.handing_over import hand_over, is_left_behind
from messaging.models import Draft
from messaging.quotes import Quote
from messaging.refusals import KeyReused, VerdictChanged
from messaging.sending_for import seat_for
from messaging.verdict import Verdict

A_SWEEP = 500


def due(at: datetime) -> QuerySet[Draft]:
    """What is to go by `at`, of members who still are."""
    waits = Q(send_at__lte=at) | Q(passed_review_at__lte=at)
    return Draft.objects.filter(waits, member__is_active=True)


def send_due(*, at: datetime) -> int:
    """Send what no hint has sent, oldest first; counts them. What is locked at the moment waits for the next sweep."""
    count = 0
    for draft_id in due(at).order_by("send_at", "passed_review_at", "pk").values_list("pk", flat=True)[:A_SWEEP]:
        with suppress(Busy):
            count += send_waiting(draft_id, at=at)
    return count


def send_waiting(draft_id: int, *, at: datetime) -> bool:
    """Send one text, or give it back to its writer with the reason; False if it does not wait any more. Raises Busy."""
    waiting = due(at).select_related("member").filter(pk=draft_id).first()
    if waiting is None:
        return False
    seat = seat_for(waiting.member, waiting.sending_for)
    with short_wait():
        # Its writer may take it back at this moment: read again under the lock that every verb of drafts takes.
        pools.lock_wallets(waiting.member, seat.team if seat else None, at=at)
        draft = due(at).select_related("member", "recipient__profile").filter(pk=draft_id).first()
        if draft is None:
            return False
        _send(draft, at=at)
        return True


def _send(draft: Draft, *, at: datetime) -> None:
    agreed = Quote.from_json(draft.agreed)
    text = {name: getattr(draft, name) for name in ("subject", "body", "purpose", "reason", "send_key")}
    try:
        sending.send(
            sender=draft.member,
            recipient=draft.recipient,
            shown=agreed,
            as_inmail=draft.as_inmail,
            sending_for=draft.sending_for,
            passed_review=draft.passed_review_at is not None,
            at=at,
            **text,
        )
    except VerdictChanged as refusal:
        _give_back(draft, agreed, refusal.verdict, at=at)
    except KeyReused:
        come_back(draft=draft, code="key_reused", why=_("It was sent before, with other words."), at=at)


def _give_back(draft: Draft, agreed: Quote, verdict: Verdict, *, at: datetime) -> None:
    if is_left_behind(draft, agreed):
        hand_over(draft, agreed, at=at)
        return
    if verdict.code == "daily_limit" and agreed.ends_with_answer and draft.send_at is not None:
        # Only a planned follow-up waits for a free place: until the next day (domain 7.6).
        later = same_time_of_a_later_day(draft.send_at, zone_of(draft.member), at=at)
        Draft.objects.filter(pk=draft.pk).update(send_at=later)
        return
    why = reason(agreed=agreed, verdict=verdict, draft=draft)
    come_back(draft=draft, code=verdict.code, why=why, at=at)
