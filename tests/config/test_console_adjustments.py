"""Credits given and taken by staff: at once up to a limit, above it by two of them, and never one's own approval."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.clock import set_to
from accounts.models import Member
from billing import ledger
from billing.models import Adjustment, Entry, Lot, Shortfall, Wallet
from tests.config.test_console import biller, make_staff, supporter

__all__ = ["biller", "supporter"]

Browse = Callable[[Member], Client]


@pytest.fixture
def second(make_member: Callable[..., Member]) -> Member:
    return make_staff(make_member("Jo Park"), "Billing operator")


def adjust(client: Client, member: Member, **facts: Any) -> Any:
    url = reverse("admin:member_adjust", args=[member.pk])
    key = client.get(url).context["form"]["form_key"].value()
    return client.post(url, {"form_key": key, **facts})


def balance(member: Member) -> int:
    return Wallet.objects.get(member=member).balance


def test_it_posts_through_the_ledger_with_the_staff_member_as_actor(
    biller: Member, sender: Member, browse: Browse
) -> None:
    before = balance(sender)
    assert adjust(browse(biller), sender, amount=3, life_days=30, reason="Outage of 18 Nov").status_code == 302
    entry = Entry.objects.latest("pk")
    assert (entry.kind, entry.delta, entry.actor, entry.reason) == ("adjust", 3, biller, "Outage of 18 Nov")
    assert balance(sender) == before + 3
    assert entry.lot.expires_at - entry.lot.effective_at == timedelta(days=30)


def test_a_page_posted_twice_posts_once(biller: Member, sender: Member, browse: Browse) -> None:
    client, url = browse(biller), reverse("admin:member_adjust", args=[sender.pk])
    facts = {"form_key": client.get(url).context["form"]["form_key"].value(), "amount": 2, "reason": "Gift"}
    assert [client.post(url, facts).status_code for _ in range(2)] == [302, 302]
    assert Adjustment.objects.count() == 1


@pytest.mark.parametrize(
    ("amount", "said"),
    [(0, "Zero changes nothing"), ("1e3", "whole number"), (10**9, "less than or equal"), ("", "required")],
)
def test_what_cannot_be_posted_is_said_and_kept(
    amount: object, said: str, biller: Member, sender: Member, browse: Browse
) -> None:
    answer = adjust(browse(biller), sender, amount=amount, reason="A reason")
    content = answer.content.decode()
    assert answer.status_code == 422 and said in content and "A reason" in content
    assert not Adjustment.objects.exists()


def test_more_than_there_is_cannot_be_taken(biller: Member, recipient: Member, browse: Browse) -> None:
    refused = adjust(browse(biller), recipient, amount=-1, reason="Correction")
    assert refused.status_code == 422 and "has 0 credits" in refused.content.decode()


def test_without_the_right_it_is_refused(supporter: Member, sender: Member, browse: Browse) -> None:
    assert browse(supporter).get(reverse("admin:member_adjust", args=[sender.pk])).status_code == 403


def test_above_the_limit_it_waits_and_only_somebody_else_approves_it(
    biller: Member, second: Member, sender: Member, browse: Browse, clock: datetime
) -> None:
    before = balance(sender)
    adjust(browse(biller), sender, amount=50, reason="Outage of 18 Nov", evidence="Ticket 12")
    waiting = Adjustment.objects.get()
    assert (waiting.state, balance(sender)) == ("waiting", before)
    page = reverse("admin:adjustment_decide", args=[waiting.pk])
    own = browse(biller).get(page).content.decode()
    assert "somebody else decides" in own and 'value="approve"' not in own
    assert browse(biller).post(page, {"act": "approve"}).status_code == 403
    assert balance(sender) == before
    theirs = browse(second).get(page).content.decode()
    assert f"{before} → {before + 50}" in theirs and "Ticket 12" in theirs
    assert browse(second).post(page, {"act": "approve"}).status_code == 302
    assert balance(sender) == before + 50
    assert browse(second).post(page, {"act": "approve"}).status_code == 302
    assert balance(sender) == before + 50
    done = browse(biller).get(page).content.decode()
    assert biller.name in done and second.name in done


def test_the_database_refuses_ones_own_approval(
    biller: Member, sender: Member, browse: Browse, clock: datetime
) -> None:
    adjust(browse(biller), sender, amount=50, reason="Outage")
    with pytest.raises(IntegrityError), transaction.atomic():
        Adjustment.objects.update(state="posted", decided_by=biller, decided_at=clock, posted_at=clock)


@pytest.mark.parametrize(("act", "state"), [("return", "returned"), ("reject", "rejected")])
def test_returning_and_rejecting_need_a_comment_and_move_nothing(
    act: str, state: str, biller: Member, second: Member, sender: Member, browse: Browse, clock: datetime
) -> None:
    before = balance(sender)
    adjust(browse(biller), sender, amount=50, reason="Outage")
    adjustment = Adjustment.objects.get()
    page = reverse("admin:adjustment_decide", args=[adjustment.pk])
    assert browse(second).post(page, {"act": act}).status_code == 422
    assert browse(second).post(page, {"act": act, "comment": "Which outage?"}).status_code == 302
    adjustment.refresh_from_db()
    assert (adjustment.state, adjustment.comment, balance(sender)) == (state, "Which outage?", before)


def test_after_72_hours_nobody_can_approve_it(
    biller: Member, second: Member, sender: Member, browse: Browse, clock: datetime
) -> None:
    before = balance(sender)
    adjust(browse(biller), sender, amount=50, reason="Outage")
    page = reverse("admin:adjustment_decide", args=[Adjustment.objects.get().pk])
    with set_to(clock + timedelta(hours=72)):
        assert browse(second).post(page, {"act": "approve"}).status_code == 302
        assert balance(sender) == before


def test_a_shortfall_is_written_off_by_two_persons(
    biller: Member, second: Member, sender: Member, browse: Browse, clock: datetime
) -> None:
    with transaction.atomic():
        wallet = ledger.lock_wallet(sender, at=clock)
    lot = Lot.objects.filter(wallet=wallet).first()
    short = Shortfall.objects.create(
        wallet=wallet, lot=lot, cause="repayment-1", amount=6, remaining=6, opened_at=clock
    )
    page = reverse("admin:write_off", args=[short.pk])
    key = browse(biller).get(page).context["form"]["form_key"].value()
    assert browse(biller).post(page, {"form_key": key, "reason": ""}).status_code == 422
    assert browse(biller).post(page, {"form_key": key, "reason": "Bank's mistake"}).status_code == 302
    short.refresh_from_db()
    assert short.closed_at is None
    decide = reverse("admin:adjustment_decide", args=[Adjustment.objects.get().pk])
    assert browse(second).post(decide, {"act": "approve"}).status_code == 302
    short.refresh_from_db()
    assert (short.remaining, short.closed_at is not None) == (0, True)
