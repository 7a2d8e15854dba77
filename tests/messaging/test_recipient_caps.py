"""A recipient's caps hold under any race, give a place back with an undo, and can look like taking nobody (E21, M7)."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member, Reach
from billing.models import Charge, Entry
from messaging import sending
from messaging.models import Message, Reception
from messaging.quotes import Quote
from messaging.sending import VerdictChanged
from messaging.verdicts import verdict_for
from tests.messaging.test_races import at_once
from tests.test_not_yours import TOKEN

Make = Callable[..., Member]
Send = Callable[..., Any]
# The page's token and the form's key.
CHANCE = re.compile(rf'{TOKEN.pattern}|name="send_key" value="[\w-]+"')
PAID = Quote(code="inmail", cost=1)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
@pytest.mark.parametrize("cap", ["cap_day", "cap_week"])
def test_of_twenty_senders_at_once_five_are_sent_and_fifteen_refused_uncharged(
    make_member: Make, send: Send, at: datetime, cap: str
) -> None:
    member = make_member("Tomas Lind", **{cap: 5})
    senders = [make_member(f"Sender {number}", plan="premium-career") for number in range(20)]

    def act(one: Member) -> Callable[[], object]:
        return lambda: send(one, member, at=at, shown=PAID)

    results = at_once([act(one) for one in senders])

    refused = Counter(result.verdict.code for result in results if isinstance(result, VerdictChanged))
    assert refused == {"recipient_full": 15}
    assert (Message.objects.count(), Charge.objects.count()) == (5, 5)
    assert Entry.objects.filter(kind="charge").count() == 5
    assert set(Reception.objects.values_list("new_senders", flat=True)) == {5}


def test_a_week_has_its_own_cap_and_ends_on_the_members_monday(make_member: Make, send: Send, at: datetime) -> None:
    """The instant is a Sunday in UTC, and still one in Berlin; the day before was another day of that week."""
    member = make_member("Tomas Lind", cap_day=2, cap_week=2)
    Member.objects.filter(pk=member.pk).update(time_zone="Europe/Berlin")
    member.refresh_from_db()
    first, second, third = (make_member(f"Sender {number}", plan="premium-career") for number in range(3))
    send(first, member, at=at)
    send(second, member, at=at + MINUTE)

    refused = verdict_for(third, member, at=at + 2 * MINUTE)

    assert refused.code == "recipient_full"
    assert "takes no more new people until 22 Nov 2026, 23:00" in refused.sentence
    assert verdict_for(third, member, at=datetime.fromisoformat("2026-11-22T22:59:59+00:00")).code == "recipient_full"
    assert verdict_for(third, member, at=datetime.fromisoformat("2026-11-22T23:00:00+00:00")).code == "inmail"


def test_an_undone_first_message_gives_its_place_back(make_member: Make, send: Send, at: datetime) -> None:
    member = make_member("Tomas Lind", cap_week=1)
    first, second = (make_member(f"Sender {number}", plan="premium-career") for number in range(2))
    sent = send(first, member, at=at).message
    assert verdict_for(second, member, at=at).code == "recipient_full"

    sending.undo(message=sent, member=first, at=at + timedelta(seconds=5))

    assert verdict_for(second, member, at=at + MINUTE).code == "inmail"
    send(second, member, at=at + MINUTE)
    assert set(Reception.objects.values_list("new_senders", flat=True)) == {1}


def test_who_wrote_before_is_never_new_and_a_lower_cap_binds_at_once(
    make_member: Make, send: Send, at: datetime
) -> None:
    member = make_member("Tomas Lind")
    first, second = (make_member(f"Sender {number}", plan="premium-career") for number in range(2))
    send(first, member, at=at)
    Reach.objects.filter(member=member).update(cap_day=1)

    assert verdict_for(second, member, at=at + MINUTE).code == "recipient_full"
    assert verdict_for(first, member, at=at + 8 * DAY).code == "inmail"


def test_a_hidden_cap_reads_byte_for_byte_like_reach_nobody(
    make_member: Make, send: Send, browse: Callable[[Member], Client], at: datetime, clock: datetime
) -> None:
    member = make_member("Tomas Lind", cap_day=1, hides_caps=True)
    send(make_member("Sam Rivera", plan="premium-career"), member, at=at)
    client = browse(make_member("Nadia Osei", plan="premium-business"))

    def read() -> list[tuple[int, str]]:
        posted = {"purpose": "job_offer", "subject": "S", "body": "B", "send_key": "k" * 12} | PAID.as_hidden()
        pages = [reverse(f"messaging:{name}", args=[member.handle]) for name in ("compose", "profile", "quote")]
        answers = [client.post(pages[0], posted), *(client.get(page) for page in pages)]
        return [(answer.status_code, CHANCE.sub("", answer.content.decode())) for answer in answers]

    # What is refused first becomes a draft, which the pages then show.
    read()
    full = read()
    Reach.objects.filter(member=member).update(who="nobody", cap_day=None, hides_caps=False)

    assert read() == full
    assert full[0][0] == 409
    assert all("does not take messages from new people" in words for _status, words in full)
    assert Message.objects.count() == 1
