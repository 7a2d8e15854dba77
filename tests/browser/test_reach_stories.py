"""Stories 22 and 33: a planned message that its recipient meanwhile refuses, and many requests declined at once."""

import re

from playwright.sync_api import expect

from tests.browser.test_main_job import balance
from tests.browser.test_stories import strangers, write
from tests.processes import until

# Five with one credit each write to Ada, long enough ago that nothing can be undone.
FIVE_WRITE = """
from datetime import timedelta
from django.db import transaction
from accounts.clock import now
from accounts.models import Member
from billing import ledger
from billing.models import Lot
from messaging import drafts, sending, verdicts
from messaging.quotes import Quote
ada, at = Member.objects.get(email="ada@demo.example"), now() - timedelta(minutes=5)
kinds = {"source": Lot.Source.PROMO, "priority": Lot.Priority.GIFT}
for one in Member.objects.filter(email__endswith="@members.example").order_by("pk")[:5]:
    with transaction.atomic():
        wallet = ledger.lock_wallet(one, at=at)
        ledger.grant(wallet=wallet, amount=1, expires_at=at + timedelta(days=9), key=f"story:{one.pk}", at=at, **kinds)
    shown = Quote.of(verdicts.verdict_for(one, ada, purpose="advice", at=at))
    words = {"subject": "A short question", "body": f"Would you advise {one.handle}?", "purpose": "advice"}
    sending.send(sender=one, recipient=ada, shown=shown, send_key=drafts.new_send_key(), at=at, **words)
"""
RETURNED = """
from billing.models import Entry
returned = Entry.objects.filter(kind="refund", charge__outreach__message__subject="A short question")
print(returned.count())
"""
# Its recipient takes no messages any more, and then its time comes.
REFUSED_IN_TIME = """
from accounts.clock import now
from accounts.models import Reach
from messaging import dispatching
from messaging.models import Draft
draft = Draft.objects.get(subject="When you are back")
Reach.objects.filter(member=draft.recipient).update(who="nobody")
Draft.objects.filter(pk=draft.pk).update(send_at=now())
dispatching.send_waiting(draft.pk, at=now())
"""


def test_five_requests_are_declined_at_once_and_five_credits_come_back(visitors, demo):
    demo.manage("shell", "-v0", "-c", FIVE_WRITE)
    ada = visitors.sign_in("ada")
    ada.goto("/requests/")
    cards = ada.get_by_role("article")
    expect(cards).to_have_count(5)

    _decline_all(ada)
    expect(ada.get_by_role("main")).to_contain_text("Nobody new is waiting")
    ada.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(ada.locator("#toasts")).to_contain_text("Taken back. Nobody was told.")
    expect(cards).to_have_count(5)

    _decline_all(ada)
    expect(ada.get_by_role("main")).to_contain_text("Nobody new is waiting")
    until(lambda: demo.manage("shell", "-v0", "-c", RETURNED).split()[-1] == "5", seconds=60, every=1)


def test_a_planned_message_that_is_refused_in_its_time_is_a_draft_with_the_reason(visitors, demo):
    elena = visitors.sign_in("elena")
    before, handle = balance(elena), strangers(elena)[4]
    write(elena, handle, subject="When you are back")
    expect(elena.locator("[data-draft-status]").first).to_contain_text("Draft saved")
    elena.get_by_role("button", name="Schedule").click()
    elena.get_by_role("main").get_by_role("button", name="Schedule").click()
    expect(elena.locator("#toasts")).to_contain_text(re.compile("Scheduled|goes"))
    elena.goto("/scheduled/")
    expect(elena.get_by_role("main")).to_contain_text("When you are back")

    demo.manage("shell", "-v0", "-c", REFUSED_IN_TIME)

    elena.goto("/drafts/")
    row = elena.get_by_role("listitem").filter(has_text="When you are back")
    expect(row).to_contain_text(re.compile("Came back: .+ does not take messages from new people"))
    elena.goto("/notices/")
    expect(elena.get_by_role("main")).to_contain_text("does not take messages from new people")
    assert balance(elena) == before


def _decline_all(page):
    page.get_by_role("link", name="Decline all").click()
    page.get_by_role("button", name="Decline 5 requests").click()
