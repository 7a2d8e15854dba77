"""Whatever changes between the price that was shown and the press of Send: refused never charges, sent never dearer."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import blocks, stops
from accounts.models import Connection, Member, PolicyVersion, Reach, RefusedPurpose, Restriction
from accounts.pairs import low_and_high
from billing.models import Charge, Wallet
from billing.standing import standing
from messaging.drafts import new_send_key
from messaging.models import Draft, Message, Outreach, Reception, SendingDay
from messaging.quotes import Quote
from messaging.refusals import VerdictChanged
from messaging.sending import Sent
from messaging.verdicts import verdict_for

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SECOND = timedelta(seconds=1)
Change = Callable[[Member, Member, datetime], object]


def reach(**chosen: Any) -> Change:
    return lambda sender, recipient, at: Reach.objects.filter(member=recipient).update(**chosen)


def rules(**changed: Any) -> Change:
    def set_to(sender: Member, recipient: Member, at: datetime) -> None:
        PolicyVersion.objects.create(catalog="test", settings=changed, in_force_from=at, approved_at=at)

    return set_to


def restrict(sender: Member, recipient: Member, at: datetime) -> None:
    moderator = Member.objects.create_user(email=f"mo{at.timestamp()}@example.org", name="Mo Derator")
    who = {"member": sender, "decided_by": moderator, "reference": f"r{at.timestamp()}"[:14]}
    why = {"step": "week", "rule": Restriction._meta.get_field("rule").choices[0][0], "facts": "Ten alike."}
    Restriction.objects.create(**who, **why, found_by="staff", starts_at=at, ends_at=at + timedelta(days=7))


CHANGES: dict[str, Change] = {
    "blocks": lambda sender, recipient, at: blocks.block(blocker=recipient, blocked=sender, at=at),
    "unblocks": lambda sender, recipient, at: blocks.unblock(blocker=recipient, blocked=sender),
    "stops": lambda sender, recipient, at: stops.stop(recipient=recipient, sender=sender, at=at),
    "nobody": reach(who="nobody"),
    "premium only": reach(who="premium"),
    "everyone": reach(who="everyone"),
    "takes one a day": reach(cap_day=1),
    "leaves": lambda sender, recipient, at: Member.objects.filter(pk=recipient.pk).update(is_active=False),
    "refuses": lambda sender, recipient, at: RefusedPurpose.objects.get_or_create(
        member=recipient, purpose="job_offer"
    ),
    "connects": lambda sender, recipient, at: Connection.objects.get_or_create(
        **low_and_high(sender.pk, recipient.pk), defaults={"connected_at": at}
    ),
    "parts": lambda sender, recipient, at: Connection.objects.all().delete(),
    "is full": lambda sender, recipient, at: Reception.objects.update_or_create(
        member=recipient, span="day", starts_on=at.date(), defaults={"new_senders": 10}
    ),
    "wrote enough": lambda sender, recipient, at: SendingDay.objects.update_or_create(
        member=sender, day=at.date(), defaults={"outreach": 15}
    ),
    "is on hold": lambda sender, recipient, at: Wallet.objects.filter(member=sender).update(frozen_at=at),
    "is restricted": restrict,
    "costs two": rules(inmail_cost=2),
    "costs one": rules(),
    "gives nothing back": rules(return_enabled=False),
    "gives back shorter": rules(return_window_hours=24),
}


EXAMPLES = 300 if os.environ.get("POSTERN_DEEP") == "1" else 25


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.lists(st.sampled_from(sorted(CHANGES)), max_size=2),
    then=st.lists(st.sampled_from(sorted(CHANGES)), max_size=4),
)
def test_a_refused_send_takes_nothing_and_a_sent_one_no_more_than_was_shown(sender, recipient, send, at, first, then):
    with transaction.atomic():
        _try(sender, recipient, send, at, first, then)
        transaction.set_rollback(True)


def _try(sender: Member, recipient: Member, send: Callable[..., Sent], at: datetime, first: Any, then: Any) -> None:
    moments = iter(at + number * SECOND for number in range(10))
    for name in first:
        CHANGES[name](sender, recipient, next(moments))
    recipient.refresh_from_db()
    shown = Quote.of(verdict_for(sender, recipient, purpose="job_offer", at=next(moments)))
    for name in then:
        CHANGES[name](sender, recipient, next(moments))
    recipient.refresh_from_db()
    before = standing(sender, at=next(moments)).balance
    day = _written(sender)
    try:
        sent = send(sender, recipient, at=next(moments), shown=shown, send_key=new_send_key())
    except VerdictChanged:
        left = (Message.objects.count(), Outreach.objects.count(), Charge.objects.count(), _written(sender))
        assert left == (0, 0, 0, day)
        assert standing(sender, at=at + 10 * SECOND).balance == before
        return
    taken = before - standing(sender, at=at + 10 * SECOND).balance
    assert taken == sent.cost <= shown.cost
    charge = Charge.objects.first()
    assert (charge.cost if charge else 0) == taken
    assert charge is None or not shown.is_returnable or charge.returnable
    assert charge is None or shown.refundable_until is None or charge.refundable_until >= shown.refundable_until
    assert not Draft.objects.exists()


def _written(sender: Member) -> int:
    return sum(SendingDay.objects.filter(member=sender).values_list("outreach", flat=True))
