"""A member who is deactivated gets nothing more, and nobody pays for what never arrived."""

from datetime import timedelta

from accounts.models import Member
from billing import journal
from billing.models import Entry
from messaging import leaving
from messaging.models import Draft, Message, SendingDay
from messaging.verdicts import verdict_for


def test_outreach_on_its_way_is_reversed_and_becomes_a_draft(sender, recipient, send, balance, at) -> None:
    before = balance(sender)
    send(sender, recipient, at=at, body="On its way.")
    assert balance(sender) == before - 1
    leaving.deactivate(member=recipient, at=at + timedelta(seconds=5))
    assert balance(sender, at=at + timedelta(seconds=6)) == before
    assert Draft.objects.get(member=sender).body == "On its way."
    assert SendingDay.objects.get(member=sender).outreach == 0
    reversal = Entry.objects.select_related("charge", "lot__subscription").get(kind="reverse")
    line = journal.read([reversal], at=at)[0]
    assert line.what == "Not delivered"
    assert str(line.why) == "To Tomas Lind, could not be delivered"


def test_what_was_delivered_stays_and_keeps_its_window(sender, recipient, send, balance, at) -> None:
    send(sender, recipient, at=at)
    leaving.deactivate(member=recipient, at=at + timedelta(seconds=15))
    assert Message.objects.get().undone_at is None
    assert not Entry.objects.filter(kind="reverse").exists()


def test_afterwards_it_looks_like_nobody_new(sender, recipient, at) -> None:
    leaving.deactivate(member=recipient, at=at)
    verdict = verdict_for(sender, Member.objects.get(pk=recipient.pk), at=at)
    assert (verdict.code, verdict.sends) == ("not_accepting", False)


def test_twice_is_once_and_it_can_be_taken_back(sender, recipient, send, balance, at) -> None:
    before = balance(sender)
    send(sender, recipient, at=at)
    for _ in range(2):
        leaving.deactivate(member=recipient, at=at + timedelta(seconds=5))
    assert balance(sender, at=at + timedelta(seconds=6)) == before
    leaving.reactivate(member=recipient)
    assert Member.objects.get(pk=recipient.pk).is_active
