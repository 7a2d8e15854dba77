"""The credits page: what there is, what may come back, and every line of the journal."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.clock import FOREVER, set_to
from accounts.models import Member
from accounts.public_ids import new_public_id
from accounts.site_policy import policy_in_force
from billing import ledger, references, refunds, subscriptions
from billing.book import Book
from billing.bookkeeping import write
from billing.models import Charge, Entry, Lot, PlanVersion, Subscription, Wallet
from billing.references import Meaning
from tests.conftest import MakeMember
from tests.rewriting import rewrite

Browse = Callable[[Member], Client]

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture(autouse=True)
def names() -> Iterator[None]:
    """What the app above would say a reference means."""

    def describe(wanted: Sequence[str]) -> dict[str, Meaning]:
        return {one: Meaning(one.replace("-", " "), f"/inbox/c/{one}/") for one in wanted if not one.startswith("x")}

    before = references._describers[:]
    references._describers[:] = [describe]
    yield
    references._describers[:] = before


def spend(member: Member, reference: str, *, at: datetime) -> Charge:
    wallet = ledger.lock_wallet(member, at=at)
    ledger.settle(wallet, at=at)
    return ledger.charge(wallet=wallet, payer=member, cost=1, reference=reference, policy=policy_in_force(at), at=at)


def answered(reference: str, *, at: datetime) -> None:
    refunds.mark_answered(references=[reference], answer="reply", answered_at=at, due_at=at, policy=policy_in_force(at))
    ledger.refund(charge_id=Charge.objects.get(reference=reference).pk, at=at)


def give(member: Member, amount: int, *, expires_at: datetime = FOREVER, at: datetime) -> None:
    wallet = ledger.lock_wallet(member, at=at)
    ledger.grant(
        wallet=wallet,
        amount=amount,
        source=Lot.Source.ADMIN,
        priority=Lot.Priority.GIFT,
        expires_at=expires_at,
        key=f"gift:{amount}",
        kind="adjust",  # type: ignore[arg-type]
        reason="Outage of 18 Nov",
        at=at,
    )


def page(client: Client, query: str = "") -> str:
    response = client.get(f"/credits/{query}")
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    text = re.sub(r"<[^>]+>", " ", re.sub(r"</?(bdi|time)[^>]*>", "", html))
    return " ".join(unescape(text).split())


def rows(html: str) -> list[str]:
    """The ledger's lines in words."""
    body = html.partition('id="lines"')[2].partition("<tbody")[2].partition("</tbody>")[0]
    return [words(row.partition("</tr>")[0].partition(">")[2]) for row in body.split("<tr")[1:]]


def test_the_figures_say_what_there_is_what_is_out_and_what_came_back(
    sender: Member, browse: Browse, at: datetime
) -> None:
    give(sender, 2, at=at)
    for name in ("Mei-Tanaka", "Ada-Okafor", "Jonas-Weber"):
        spend(sender, name, at=at)
    answered("Ada-Okafor", at=at)
    shown = words(page(browse(sender)))
    assert "To use now 15 13 monthly, 2 others" in shown
    assert "May come back 2 next deadline 20 Feb" in shown
    assert "Came back this month 1 3 spent" in shown
    assert "Business · 15 more on 22 Dec" in shown


def test_the_journal_says_why_in_words_with_a_way_there(sender: Member, browse: Browse, at: datetime) -> None:
    give(sender, 2, at=at)
    spend(sender, "Mei-Tanaka", at=at)
    spend(sender, "Ada-Okafor", at=at)
    answered("Ada-Okafor", at=at)
    ledger.reverse(reference="Mei-Tanaka", reason="undone", at=at)
    html = page(browse(sender))
    assert [row.partition(", 11:00 ")[2] for row in rows(html)[:5]] == [
        "Undone To Mei Tanaka, taken back before delivery +1 17",
        "Returned Ada Okafor answered +1 16",
        "InMail To Ada Okafor −1 15",
        "InMail To Mei Tanaka −1 16",
        "Adjusted Outage of 18 Nov +2 17",
    ]
    assert rows(html)[5].endswith("Granted Business, 22 Nov 2026 +15 15")
    assert '<a href="/inbox/c/Ada-Okafor/"><bdi dir="auto">Ada Okafor</bdi> answered</a>' in html


def test_an_open_charge_names_its_deadline_and_a_closed_window_says_so(
    sender: Member, browse: Browse, at: datetime
) -> None:
    spend(sender, "Mei-Tanaka", at=at)
    assert rows(page(browse(sender)))[0].endswith("InMail To Mei Tanaka, may come back until 20 Feb 2027 −1 14")
    Charge.objects.update(charged_at=at - timedelta(days=90), refundable_until=at)
    assert rows(page(browse(sender)))[0].endswith("InMail To Mei Tanaka, no answer by 22 Nov 2026 −1 14")


def test_expired_and_forfeited_lines_have_their_names(sender: Member, browse: Browse, at: datetime) -> None:
    subscriptions.cancel(subscription=Subscription.objects.get(), at=at + timedelta(days=100))
    later = at + timedelta(days=200)
    ledger.settle(ledger.lock_wallet(sender, at=later), at=later)
    with set_to(later):
        shown = rows(page(browse(sender)))
    assert shown[0].endswith("Plan ended Business ended −15 0")
    expired = [row.partition(":00 ")[2] for row in shown if "Expired" in row]
    assert expired[-1] == "Expired Not used by 20 Feb 2027 −15 30"


def test_what_a_cap_takes_names_the_cap(sender: Member, browse: Browse, at: datetime) -> None:
    rewrite(PlanVersion.objects.all(), credit_life_days=None)
    later = at + timedelta(days=120)
    ledger.settle(ledger.lock_wallet(sender, at=later), at=later)
    with set_to(later):
        shown = rows(page(browse(sender)))
    assert shown[0].endswith("Over the cap Business holds 45 −15 45")


def test_a_plan_credit_that_comes_back_too_late_shows_both_lines(sender: Member, browse: Browse, at: datetime) -> None:
    spend(sender, "Mei-Tanaka", at=at)
    ends_at = subscriptions.cancel(subscription=Subscription.objects.get(), at=at)
    answered("Mei-Tanaka", at=ends_at + timedelta(days=1))
    with set_to(ends_at + timedelta(days=1)):
        shown = [row.partition(":00 ")[2] for row in rows(page(browse(sender)))[:3]]
    assert shown == [
        "Plan ended Came back after Business had ended −1 0",
        "Returned Mei Tanaka answered +1 1",
        "Plan ended Business ended −14 0",
    ]


def test_a_member_without_credits_reads_where_they_come_from(recipient: Member, browse: Browse) -> None:
    shown = words(page(browse(recipient)))
    assert "To use now 0 none left" in shown
    assert "You have no credits. A plan brings some every month" in shown
    assert "Nothing yet. Every credit you get, use and get back will stand here." in shown
    assert not Wallet.objects.filter(member=recipient).exists()


def test_credits_that_end_within_a_week_are_announced(sender: Member, browse: Browse, at: datetime) -> None:
    give(sender, 3, expires_at=at + timedelta(days=7), at=at)
    assert "3 credits end by 29 Nov 2026." in words(page(browse(sender)))


def test_a_day_later_is_not_soon(sender: Member, browse: Browse, at: datetime) -> None:
    give(sender, 3, expires_at=at + timedelta(days=7, seconds=1), at=at)
    assert "credits end by" not in words(page(browse(sender)))


def test_a_wallet_on_hold_says_so(sender: Member, browse: Browse, at: datetime) -> None:
    Wallet.objects.update(frozen_at=at)
    assert "Your credits are on hold." in words(page(browse(sender)))


def test_what_expires_when_stands_in_spending_order(sender: Member, browse: Browse, at: datetime) -> None:
    give(sender, 2, at=at)
    shown = words(page(browse(sender)))
    assert "Monthly, 22 Nov 2026 used first 15 20 Feb 2027 Given by staff, 22 Nov 2026 2 no end" in shown


def test_the_rules_are_the_policys_and_the_plans(sender: Member, browse: Browse) -> None:
    shown = words(page(browse(sender)))
    assert (
        "One InMail uses 1 credit. It comes back when the other person answers, even “no thanks”, within 90 days."
        in shown
    )
    assert "Business brings 15 credits a month. They stay for 90 days." in shown
    assert "You can hold 45 of them" in shown


def test_lines_are_filtered_by_kind(sender: Member, browse: Browse, at: datetime) -> None:
    spend(sender, "Mei-Tanaka", at=at)
    html = page(browse(sender), "?kind=charge")
    assert len(rows(html)) == 1
    assert "/credits/ledger.csv?kind=charge" in html
    assert "No lines of this kind." in words(page(browse(sender), "?kind=trim"))


@pytest.mark.parametrize("query", ["?kind=moon", "?before=x", "?before=-1", f"?after={10**30}", "?before=%00"])
def test_a_malformed_address_is_400(sender: Member, browse: Browse, query: str) -> None:
    assert browse(sender).get(f"/credits/{query}").status_code == 400


def many_lines(member: Member, number: int, *, at: datetime) -> None:
    """A journal of any length, quickly: credits given and taken one by one."""
    wallet = ledger.lock_wallet(member, at=at)
    book = Book(wallet=wallet, recorded_at=at)
    life = {"source": Lot.Source.ADMIN, "priority": Lot.Priority.GIFT, "effective_at": at, "expires_at": FOREVER}
    kind = Entry.Kind.ADJUST
    lot = book.grant(amount=number, at=at, key=new_public_id(), kind=kind, facts={"reason": "gift"}, **life)
    for _ in range(number - 1):
        book.take(1, at=at, kind=kind, key=new_public_id(), lots=[lot], reason="taken")
    write([book])


def test_fifty_lines_a_page_older_and_newer(sender: Member, browse: Browse, at: datetime) -> None:
    many_lines(sender, 119, at=at)
    client = browse(sender)

    def balances(query: str = "") -> tuple[int, int, int]:
        found = [int(row.rsplit(" ", 1)[1]) for row in rows(page(client, query))]
        return len(found), found[0], found[-1]

    # Line 1 has 15 credits, line 2 has 134, line n has 136 - n.
    assert balances() == (50, 16, 65)
    assert 'href="?before=71"' in page(client)
    assert balances("?before=71") == (50, 66, 115)
    assert balances("?before=21") == (20, 116, 15)
    assert 'rel="next"' not in page(client, "?before=21")
    assert balances("?after=20") == (50, 66, 115)
    assert balances("?after=70") == (50, 16, 65)
    assert 'rel="prev"' not in page(client, "?after=70")


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
        b"".join(response) if response.streaming else response.content
    return len(captured)


def test_the_pages_need_as_many_queries_for_ten_thousand_lines_as_for_ten(
    sender: Member, browse: Browse, at: datetime
) -> None:
    client = browse(sender)
    many_lines(sender, 10, at=at)
    spend(sender, "Mei-Tanaka", at=at)
    few = queries(client, "/credits/")
    many_lines(sender, 10_000, at=at)
    for number in range(10):
        spend(sender, f"Person-{number}", at=at)
    assert queries(client, "/credits/") == few
    assert queries(client, "/credits/?before=5000") <= few
    assert queries(client, "/credits/?kind=charge") == few


def test_the_page_is_only_ones_own(sender: Member, outsider: Member, browse: Browse, at: datetime) -> None:
    spend(sender, "Mei-Tanaka", at=at)
    assert "Mei Tanaka" not in page(browse(outsider))
    response = Client().get("/credits/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/credits/")


def test_the_navigation_names_the_page_it_is_on(sender: Member, browse: Browse) -> None:
    html = page(browse(sender))
    assert html.count("<h1") == 1
    assert "style=" not in html


def test_billing_asks_nobody_about_a_reference_it_was_not_told(sender: Member, browse: Browse, at: datetime) -> None:
    spend(sender, "x1", at=at)
    assert "InMail To someone, may come back until" in rows(page(browse(sender)))[0]
    assert Subscription.objects.count() == 1


def test_members_read_their_own_zone(make_member: MakeMember, browse: Browse) -> None:
    member = make_member("Kei Mori", plan="premium-career")
    Member.objects.filter(pk=member.pk).update(time_zone="Asia/Tokyo")
    assert "22 Nov, 19:00" in rows(page(browse(Member.objects.get(pk=member.pk))))[0]
