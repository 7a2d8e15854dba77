"""A report puts away, opens a case and moves no credit; nobody learns who made it."""

from datetime import timedelta

import pytest

from accounts.models import Block, Notice, StopRequest
from billing import refunds
from messaging import answering, conduct, notifications, reporting, sending, trays
from messaging.models import Case, Message, Report
from messaging.quotes import Quote
from messaging.refusals import NothingToReport

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def inmail(sender, recipient, send, at) -> Message:
    """Delivered an hour before the test acts."""
    return send(sender, recipient, at=at - HOUR).message


def report(message, reporter, *, at, **facts):
    return reporting.report(message=message, reporter=reporter, at=at, **{"reason": "spam"} | facts)


def test_a_report_keeps_the_text_and_opens_a_case(inmail, sender, recipient, at):
    made = report(inmail, recipient, at=at, reason="scam", words="Wants money")

    assert (made.subject, made.body, len(made.text_hash)) == (inmail.subject, inmail.body, 64)
    assert (made.case.about, made.case.source, made.case.harm) == (sender, "report", Case.Harm.HIGH)
    assert made.case.closed_at is None


def test_a_reported_conversation_lies_in_spam_with_all_that_follows(inmail, sender, recipient, send, at):
    report(inmail, recipient, at=at)
    assert not trays.requests(recipient, at).exists()
    assert trays.spam(recipient, at).count() == 1

    later = at + timedelta(days=8)
    send(sender, recipient, at=later)
    assert trays.spam(recipient, later + HOUR).get().shown_id == Message.objects.latest("sent_at").pk
    assert not trays.inbox(recipient, later + HOUR).exists()
    notifications.announce_delivered(at=later + HOUR)
    assert trays.spam(recipient, later + HOUR).count() == 1
    assert not Notice.objects.filter(member=recipient, due_at__gt=at).exists()


def test_not_spam_brings_it_back(inmail, recipient, at):
    report(inmail, recipient, at=at)
    reporting.not_spam(side=trays.spam(recipient, at).get())

    assert trays.inbox(recipient, at).exists()
    assert Report.objects.count() == 1


def test_a_second_report_answers_with_the_first(inmail, recipient, at):
    first = report(inmail, recipient, at=at)
    again = report(inmail, recipient, at=at + HOUR, reason="scam")

    assert again == first
    assert (Report.objects.get().reason, Case.objects.count()) == ("spam", 1)


def test_only_the_recipient_of_a_delivered_message_reports_it(inmail, sender, outsider, recipient, at):
    for somebody in (sender, outsider):
        with pytest.raises(NothingToReport):
            report(inmail, somebody, at=at)
    with pytest.raises(NothingToReport):
        report(inmail, recipient, at=inmail.sent_at)
    assert not Report.objects.exists()


def test_a_report_gives_no_credit_back_and_a_later_text_does(inmail, sender, recipient, send, balance, at):
    before = balance(sender, at=at)
    report(inmail, recipient, at=at, also_stop=True)
    refunds.return_due(at=at + HOUR)
    assert balance(sender, at=at + HOUR) == before

    send(recipient, sender, at=at + HOUR, purpose="", shown=Quote(code="open"))
    refunds.return_due(at=at + 2 * HOUR)
    assert balance(sender, at=at + 2 * HOUR) == before + 1


@pytest.mark.parametrize("report_first", [True, False])
def test_of_stop_and_report_together_the_report_wins_and_the_stop_holds(
    inmail, sender, recipient, balance, at, report_first
):
    before = balance(sender, at=at)
    stop = lambda at: answering.answer(conversation=inmail.conversation, member=recipient, answer="stop", at=at)  # noqa: E731
    acts = [stop, lambda at: report(inmail, recipient, at=at)]
    for number, act in enumerate(reversed(acts) if report_first else acts):
        act(at + number * SECOND)

    refunds.return_due(at=at + HOUR)
    assert balance(sender, at=at + HOUR) == before
    assert StopRequest.objects.get().lifted_at is None
    with pytest.raises(sending.VerdictChanged):
        sending.send(
            sender=sender,
            recipient=recipient,
            subject="S",
            body="B",
            purpose="press",
            send_key="key-of-the-form-1",
            shown=Quote(code="inmail", cost=1),
            at=at + timedelta(days=8),
        )


def test_a_stop_told_before_the_report_keeps_its_return(inmail, sender, recipient, balance, at):
    before = balance(sender, at=at)
    answering.answer(conversation=inmail.conversation, member=recipient, answer="stop", at=at)
    report(inmail, recipient, at=at + HOUR)

    refunds.return_due(at=at + 2 * HOUR)
    assert balance(sender, at=at + 2 * HOUR) == before + 1


def test_also_block_blocks(inmail, sender, recipient, at):
    report(inmail, recipient, at=at, also_block=True)

    assert Block.objects.filter(blocker=recipient, blocked=sender).exists()


def test_further_reports_join_the_open_case_and_raise_it(sender, make_member, send, at):
    strangers = [make_member(f"Stranger {number}") for number in range(5)]
    letters = [send(sender, stranger, at=at - HOUR).message for stranger in strangers[:4]]
    for letter in letters:
        report(letter, letter.recipient, at=at)
    case = Case.objects.get()
    assert (case.reports.count(), case.harm) == (4, Case.Harm.MEDIUM)

    conduct.decide_case(case=case, outcome="nothing", decided_by=strangers[4], at=at + HOUR)
    late = send(sender, strangers[4], at=at).message
    assert report(late, strangers[4], at=at + 2 * HOUR).case != case


def test_the_reported_hears_nothing(inmail, sender, recipient, at):
    report(inmail, recipient, at=at)

    assert not sender.page_notices.exists()
    side = sender.participations.get()
    assert side.tray == "inbox"
