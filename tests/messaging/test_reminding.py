"""Told on the day that a refusal names, once; refusals that hide their cause name none (rows 14 and 17)."""

from datetime import timedelta

import pytest

from accounts.models import Block, Notice, Reach
from messaging import reminding
from messaging.models import Reminder
from messaging.refusals import VerdictChanged

DAY = timedelta(days=1)


def test_who_waits_for_an_answer_is_told_when_the_gap_ends(sender, recipient, send, at):
    send(sender, recipient, at=at)

    reminding.remind(member=sender, about=recipient, at=at)
    reminding.remind(member=sender, about=recipient, at=at)

    assert reminding.tell_due(at=at + 7 * DAY - timedelta(microseconds=1)) == 0
    assert reminding.tell_due(at=at + 7 * DAY) == 1
    assert reminding.tell_due(at=at + 7 * DAY) == 0
    notice = Notice.objects.get(kind="reminder")
    assert (notice.member, notice.context["path"]) == (sender, f"/new/{recipient.handle}/")


def test_who_is_full_is_reminded_of_at_their_midnight(sender, recipient, make_member, send, at):
    Reach.objects.filter(pk=recipient.pk).update(cap_day=1)
    send(make_member("Other Sender", plan="premium-business"), recipient, at=at)

    reminding.remind(member=sender, about=recipient, at=at)

    assert Reminder.objects.get().due_at == at.replace(hour=0) + DAY


def test_a_hidden_cause_names_no_day(sender, recipient, make_member, send, at):
    Reach.objects.filter(pk=recipient.pk).update(cap_day=1, hides_caps=True)
    send(make_member("Other Sender", plan="premium-business"), recipient, at=at)
    blocker = make_member("Bea Blocker")
    Block.objects.create(blocker=blocker, blocked=sender, blocked_at=at)

    for about in (recipient, blocker):
        with pytest.raises(VerdictChanged):
            reminding.remind(member=sender, about=about, at=at)

    assert not Reminder.objects.exists()
