"""The pages of a report, of Spam and of one's standing: what they say, to whom, and what their forms do."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import letters
from accounts.clock import set_to
from accounts.models import Member, Notice
from messaging import appealing, conduct, reporting
from messaging.models import Appeal, Decision, Message, Report
from tests.messaging.outreach_rows import wrote

Browse = Callable[[Member], Client]

FACTS = "You wrote the same text to forty people within one hour."
DAY = timedelta(days=1)


@pytest.fixture
def inmail(sender: Member, recipient: Member, send: Callable[..., Any], at: datetime) -> Message:
    return send(sender, recipient, at=at - DAY).message


def decide(member: Member, outcome: str, *, at: datetime, by: Member | None = None) -> Decision:
    case = conduct.open_case(about=member, source="report", harm=2, key=f"staff:{outcome}", evidence={}, at=at)
    words = {"rule": "bulk", "facts": FACTS, "is_grave": True, "note": "Fraud"}
    return conduct.decide_case(case=case, outcome=outcome, decided_by=by, at=at, **words)


def test_a_report_from_the_conversation_moves_it_to_spam_and_back(
    inmail: Message, recipient: Member, browse: Browse, clock: datetime
) -> None:
    client = browse(recipient)
    where = reverse("messaging:report", args=[inmail.public_id])
    assert where in client.get(inmail.conversation.get_absolute_url()).content.decode()
    assert where in client.get(reverse("messaging:requests")).content.decode()
    assert client.post(where, {"reason": ""}).status_code == 422

    client.post(where, {"reason": "scam", "words": "Wants money", "also_stop": "on"})
    assert (Report.objects.get().reason, recipient.stops_made.count()) == ("scam", 1)
    assert "Nadia Osei" in client.get(reverse("messaging:spam")).content.decode()
    assert "You reported it: Scam." in client.get(where).content.decode()
    assert "Not spam" in client.get(inmail.conversation.get_absolute_url()).content.decode()

    client.post(reverse("messaging:not_spam", args=[inmail.conversation.public_id]))
    assert "Nothing is in Spam" in client.get(reverse("messaging:spam")).content.decode()


def test_the_sender_sees_nothing_of_a_report(
    inmail: Message, sender: Member, recipient: Member, browse: Browse, clock: datetime, at: datetime
) -> None:
    reporting.report(message=inmail, reporter=recipient, reason="spam", at=at)

    assert browse(sender).get(reverse("messaging:report", args=[inmail.public_id])).status_code == 404
    for page in (inmail.conversation.get_absolute_url(), reverse("messaging:cases"), reverse("accounts:notices")):
        assert "eport" not in browse(sender).get(page).content.decode().replace("/report/", "")


def test_standing_shows_limits_figures_and_what_would_lift_them(
    sender: Member, recipient: Member, browse: Browse, clock: datetime, at: datetime
) -> None:
    assert "No decision limits you." in browse(sender).get(reverse("messaging:cases")).content.decode()

    wrote(sender, recipient, at=at - 10 * DAY, times=100, answered=7)
    decide(sender, "week", at=at)
    shown = browse(sender).get(reverse("messaging:cases")).content.decode()
    assert "29 Nov 2026" in shown
    assert "7 of 100: 7.0%" in shown
    assert "6 more answers to these messages reach the least." in shown
    assert "3.4 to 13.7%" in shown


def test_the_day_s_figures_do_not_contradict_each_other(
    sender: Member, recipient: Member, make_member: Any, send: Callable[..., Any], browse: Browse, clock: datetime
) -> None:
    """A day's limit of 5 leaves no 10 for Open Profiles; the bar says what it measures."""
    newcomer = browse(make_member("Ina Roth")).get(reverse("messaging:cases")).content.decode()
    assert newcomer.count("0 of 5<") == 2 and "of 10" not in newcomer

    send(sender, recipient, at=clock)
    shown = browse(sender).get(reverse("messaging:cases")).content.decode()
    assert 'aria-label="1 of 15 messages to new people today"' in shown and "0 of 10<" in shown


def test_a_decision_is_read_and_appealed_once(
    sender: Member, outsider: Member, make_member: Any, browse: Browse, clock: datetime, at: datetime
) -> None:
    moderator, second = make_member("Mo Ames"), make_member("Noor Haas")
    decision = decide(sender, "week", by=moderator, at=at)
    page, asking = (reverse(f"messaging:{name}", args=[decision.public_id]) for name in ("case", "appeal"))
    assert browse(outsider).get(page).status_code == browse(outsider).get(asking).status_code == 404
    client = browse(sender)
    shown = client.get(page).content.decode()
    for words in (FACTS, "no identical bulk", "a report by a member", "a moderator", "29 Nov 2026"):
        assert words in shown
    assert "Mo Ames" not in shown

    assert client.post(asking, {"statement": "No."}).status_code == 422
    client.post(asking, {"statement": "They had all asked for it."})
    assert client.post(asking, {"statement": "And once more, please."}).status_code == 302
    asked = Appeal.objects.get()
    appealing.decide_appeal(appeal=asked, outcome="reversed", reasons=FACTS, decided_by=second, at=at)
    shown = client.get(page).content.decode()
    assert "Reversed" in shown and "They had all asked for it." in shown
    assert "No decision limits you." in client.get(reverse("messaging:cases")).content.decode()


def test_after_six_months_the_page_says_that_it_is_too_late(sender: Member, browse: Browse, at: datetime) -> None:
    decision = decide(sender, "week", at=at)
    with set_to(at + 184 * DAY):
        assert "The time for an appeal ended" in browse(sender).get(decision.get_absolute_url()).content.decode()
        asking = reverse("messaging:appeal", args=[decision.public_id])
        assert browse(sender).post(asking, {"statement": "They had all asked for it."}).status_code == 302
    assert not Appeal.objects.exists()


def test_who_is_suspended_still_reads_exports_and_appeals(
    inmail: Message, sender: Member, make_member: Any, browse: Browse, clock: datetime, at: datetime
) -> None:
    client = browse(sender)
    decision = decide(sender, "suspended", by=make_member("Mo Ames"), at=at)

    pages = ("messaging:inbox", "messaging:cases", "billing:ledger_csv")
    assert [client.get(reverse(page)).status_code for page in pages] == [200, 200, 200]
    assert client.get(reverse("messaging:appeal", args=[decision.public_id])).status_code == 200
    composer = client.get(reverse("messaging:compose", args=[make_member("Somebody").handle])).content.decode()
    assert decision.get_absolute_url() in composer and "You cannot send until 22 Dec 2026" in composer


@pytest.mark.parametrize(
    ("outcome", "subject"),
    [
        ("warning", "You have a warning"),
        ("week", "You cannot start conversations until 29 Nov 2026"),
        ("suspended", "You cannot send until 22 Dec 2026"),
    ],
)
def test_the_mail_says_what_was_decided_and_why(
    sender: Member, make_member: Any, at: datetime, outcome: str, subject: str
) -> None:
    decide(sender, outcome, by=make_member("Mo Ames"), at=at)
    mail = letters.write(Notice.objects.get(kind="decision"))

    assert mail.subject == subject
    assert FACTS in mail.body and "Rule: no identical bulk." in mail.body and "/cases/" in mail.body
    assert "Mo Ames" not in mail.body
    assert FACTS in str(mail.alternatives[0][0])


def test_the_mail_to_a_reporter_says_what_came_of_it(
    inmail: Message, recipient: Member, make_member: Any, at: datetime
) -> None:
    made = reporting.report(message=inmail, reporter=recipient, reason="spam", at=at)
    conduct.decide_case(
        case=made.case, outcome="warning", rule="bulk", facts=FACTS, decided_by=make_member("Mo Ames"), at=at
    )
    mail = letters.write(Notice.objects.get(kind="report_outcome"))

    assert mail.subject == "Your report of a message from Nadia Osei"
    assert "found a rule broken, and acted" in mail.body and FACTS not in mail.body
