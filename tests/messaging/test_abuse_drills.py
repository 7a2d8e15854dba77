"""What people will try: each drill ends with a case for a moderator, and with nobody harmed by a rule alone."""

from datetime import timedelta

import pytest

from accounts.models import Restriction
from billing import refunds
from messaging import answering, reporting, signals
from messaging.models import Case, Message
from messaging.verdicts import verdict_for
from tests.messaging.outreach_rows import wrote
from tests.teams import give_credits, give_seat, make_team

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def rang(*, at) -> dict[str, set[int]]:
    """By signal, about whom; a second look opens nothing more."""
    opened = signals.look(at=at)
    assert Case.objects.filter(source="signal").count() == opened
    assert signals.look(at=at) == 0
    found: dict[str, set[int]] = {}
    for case in Case.objects.filter(source="signal"):
        found.setdefault(case.evidence["signal"], set()).add(case.about_id)
    return found


def test_a_report_bomb_is_one_case_and_nothing_by_itself(sender, make_member, balance, at):
    bombers = [make_member(f"Bomber {number}") for number in range(12)]
    before = balance(sender, at=at)
    for bomber in bombers:
        sent = wrote(sender, bomber, at=at - DAY)[0]
        for one, other in ((sender, bomber), (bomber, sender)):
            sent.message.conversation.participations.create(member=one, other=other, last_message=sent.message)
        reporting.report(message=sent.message, reporter=bomber, reason="scam", at=at)

    case = Case.objects.get()
    assert (case.reports.count(), case.harm) == (12, Case.Harm.GRAVE)
    assert not Restriction.objects.exists() and not sender.page_notices.exists()
    assert balance(sender, at=at) == before
    assert verdict_for(sender, make_member("Somebody else"), purpose="press", at=at).code == "inmail"


def test_a_refund_ring_is_seen_while_its_returns_go_on(make_member, sender, recipient, send, balance, at):
    ring = [make_member(f"Ring {number}") for number in range(9)]
    for place, one in enumerate(ring):
        for step in range(1, 5):
            wrote(one, ring[(place + step) % 9], at=at - DAY, answered=1, charged=True)
    wrote(sender, recipient, at=at - DAY, times=6, answered=6, charged=True)
    honest = make_member("Hana Honest", plan="premium-business")
    before = balance(honest, at=at - HOUR)
    letter = send(honest, ring[0], at=at - HOUR).message

    assert rang(at=at) == {"ring": {one.pk for one in ring}}
    answering.answer(conversation=letter.conversation, member=ring[0], answer="accept", at=at)
    refunds.return_due(at=at + HOUR)
    assert balance(honest, at=at + HOUR) == before


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("returns", {"times": 21, "answered": 21, "charged": True}),
        ("quick", {"times": 10, "answered": 10, "after": timedelta(seconds=90), "charged": True}),
        ("burst", {"times": 5, "span": timedelta(minutes=10)}),
    ],
)
def test_a_pattern_rings_once(sender, recipient, at, kind, rows):
    wrote(sender, recipient, at=at - rows.pop("span", DAY), **rows)

    assert rang(at=at) == {kind: {sender.pk}}
    assert not Restriction.objects.exists()


def test_answers_from_new_accounts_ring(sender, make_member, at):
    for number in range(10):
        young = make_member(f"Young {number}")
        young.joined_at = at - 3 * DAY
        young.save(update_fields=["joined_at"])
        wrote(sender, young, at=at - DAY, answered=1, charged=True)

    assert rang(at=at) == {"young": {sender.pk}}


def test_a_bulk_sender_who_is_reported_and_stopped_rings(sender, make_member, at):
    people = [make_member(f"Person {number}") for number in range(4)]
    for number, person in enumerate(people):
        sent = wrote(sender, person, at=at - DAY, times=5, body=f"Buy now {number}")[0]
        sent.message.conversation.participations.create(member=person, other=sender, last_message=sent.message)
        sent.message.conversation.participations.create(member=sender, other=person, last_message=sent.message)
        reporting.report(message=sent.message, reporter=person, reason="spam", also_stop=True, at=at)

    assert rang(at=at) == {"reports": {sender.pk}, "stops": {sender.pk}}


def test_a_swarm_of_new_accounts_rings_for_each_of_them(make_member, recipient, at):
    swarm = [make_member(f"Swarm {number}") for number in range(3)]
    for one in swarm:
        one.joined_at = at - 2 * DAY
        one.save(update_fields=["joined_at"])
        wrote(one, recipient, at=at - HOUR, body=f"Hello from {one.name}")
    wrote(make_member("Old friend"), recipient, at=at - HOUR)

    assert rang(at=at) == {"swarm": {one.pk for one in swarm}}


def test_a_stalker_with_a_second_seat_meets_the_same_stop(make_member, recipient, send, at):
    team = make_team(make_member("Ada Admin"), licences=3, at=at - 40 * DAY)
    give_credits(team, 10, at=at - 3 * DAY)
    stalker, second = make_member("Sid Stark"), make_member("Sid Stark Again")
    for member in (stalker, second):
        give_seat(team, member, at=at - 2 * DAY)
    letter = send(stalker, recipient, at=at - DAY)
    reporting.report(message=letter.message, reporter=recipient, reason="harassment", also_stop=True, at=at)

    for member in (stalker, second):
        assert verdict_for(member, recipient, purpose="press", at=at + 10 * DAY).code == "stopped"
    assert Message.objects.filter(recipient=recipient).count() == 1
