"""Whose account is closed appeals by the link of the mail: signed out, in time, once; the link opens nothing else."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse

from accounts import letters
from accounts.clock import set_to
from accounts.models import Member, Notice
from messaging import appeal_links, appealing, conduct
from messaging.models import Appeal, Decision
from tests.only_reading import nothing_written

FACTS = "You wrote the same text to forty people within one hour."
WORDS = {"statement": "They had all asked for it."}
DAY = timedelta(days=1)


@pytest.fixture
def closing(sender: Member, make_member: Any, clock: datetime, at: datetime) -> Decision:
    """In force: the sender's account is closed."""
    case = conduct.open_case(about=sender, source="report", harm=2, key="staff:closing", evidence={}, at=at)
    said = {"rule": "bulk", "facts": FACTS, "is_grave": True, "note": "Fraud"}
    decision = conduct.decide_case(case=case, outcome="closing", decided_by=make_member("Mo Ames"), at=at, **said)
    return conduct.confirm_closing(decision=decision, by=make_member("Noor Haas"), at=at)


def shown(client: Client, link: str) -> str:
    answer = client.get(link)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_mail_of_a_closing_leads_to_the_decision_and_its_appeal(closing: Decision, client: Client) -> None:
    mail = letters.write(Notice.objects.get(kind="decision"))
    link = appeal_links.appeal_path(closing)
    assert f"{settings.SITE_URL}{link}" in mail.body and link in str(mail.alternatives[0][0])
    with nothing_written():
        page = shown(client, link)
    for words in (
        FACTS,
        "no identical bulk",
        "a report by a member",
        "22 Nov 2026",
        "the account is closed",
        "May 2027",
    ):
        assert words in page
    assert "Mo Ames" not in page and "Noor Haas" not in page

    assert client.post(link, {"statement": "No."}).status_code == 422
    assert client.post(link, WORDS).headers["Location"] == link
    assert "Waits for a moderator who did not take the decision." in shown(client, link)
    client.post(link, {"statement": "And once more, with more words."})
    assert [asked.statement for asked in Appeal.objects.all()] == [WORDS["statement"]]
    assert "sessionid" not in client.cookies


@pytest.mark.parametrize(("outcome", "leads_to"), [("upheld", "/appeal/"), ("reversed", "/cases/")])
def test_the_answer_leads_where_the_member_can_read_it(
    closing: Decision, make_member: Any, client: Client, at: datetime, outcome: str, leads_to: str
) -> None:
    client.post(appeal_links.appeal_path(closing), WORDS)
    asked = Appeal.objects.get()
    appealing.decide_appeal(appeal=asked, outcome=outcome, reasons=FACTS, decided_by=make_member("Ola Berg"), at=at)

    told = Notice.objects.filter(kind="decision").latest("pk")
    assert told.context["path"].startswith(leads_to)
    page = shown(client, appeal_links.appeal_path(closing))
    assert ("The decision stays." in page) is (outcome == "upheld")


def test_after_six_months_the_link_says_that_it_is_too_late(closing: Decision, client: Client, at: datetime) -> None:
    with set_to(at + 184 * DAY):
        link = appeal_links.appeal_path(closing)
        assert "The time for an appeal ended" in shown(client, link)
        assert "The time for an appeal ended" in client.post(link, WORDS).content.decode()
    assert not Appeal.objects.exists()


def test_no_other_signature_opens_it(closing: Decision, sender: Member, client: Client) -> None:
    link = appeal_links.appeal_path(closing)
    forged = [
        f"{closing.public_id}:x",
        closing.public_id,
        Signer(salt="accounts.letters.unsubscribe").sign(closing.public_id),
        letters.unsubscribe_path(sender).split("/")[-2],
        link.split("/")[-2][:-1],
    ]
    for token in forged:
        for answer in (client.get, client.post):
            assert answer(reverse("messaging:appeal_by_mail", args=[token]), WORDS).status_code == 404
    assert client.get(reverse("accounts:unsubscribe", args=[link.split("/")[-2]])).status_code == 404


def test_a_closing_that_still_waits_has_no_page(sender: Member, make_member: Any, client: Client, at: datetime) -> None:
    case = conduct.open_case(about=sender, source="report", harm=2, key="staff:closing", evidence={}, at=at)
    said = {"rule": "bulk", "facts": FACTS, "is_grave": True, "note": "Fraud"}
    decision = conduct.decide_case(case=case, outcome="closing", decided_by=make_member("Mo Ames"), at=at, **said)

    assert client.get(appeal_links.appeal_path(decision)).status_code == 404
