"""A month of the journal on one sheet: it adds up, it equals the journal, and its days are the member's."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.clock import FOREVER, set_to
from accounts.models import Member
from billing import journal, ledger
from billing.models import Entry, Lot
from billing.months import Month, month_of, months_between, read_month
from billing.statement import NoStatement, first_month, statement
from tests.billing import world
from tests.billing.test_credits_page import words
from tests.billing.world import AT, DAY, HOUR, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(db):
    """Three months of everything: grants, gifts, charges, a return, an end, a cap."""
    policy, member = world.make_policy(), world.make_payer()
    world.subscribe(member, world.make_terms(allotment=5, cap=7, credit_life_days=40), at=AT)
    world.give(member, 3, at=AT + DAY, life=20 * DAY)
    charges = [world.charge(member, at=AT + number * 7 * DAY, policy=policy) for number in range(5)]
    world.answer(charges[1:3], at=AT + 40 * DAY, policy=policy)
    world.settle(member, at=AT + 80 * DAY)
    return member


def test_the_sheets_together_are_the_journal_and_each_adds_up(member):
    at = AT + 80 * DAY
    sheets = [
        statement(member, month, at=at) for month in reversed(months_between(Month(2026, 1), month_of(at), limit=9))
    ]
    lines = [line for sheet in sheets for line in sheet.lines]

    assert [str(sheet.month) for sheet in sheets] == ["2026-01", "2026-02", "2026-03", "2026-04"]
    assert lines == journal.read(Entry.objects.filter(wallet__member=member).order_by("seq"), at=at)
    balance = 0
    for sheet in sheets:
        assert sheet.opening == balance
        balance += sum(line.delta for line in sheet.lines)
        assert sheet.closing == balance
        assert sum(credits for _name, credits in sheet.sums) == sheet.closing - sheet.opening
    assert balance == world.balance(member)
    assert {name for sheet in sheets for name, _credits in sheet.sums} >= {"Granted", "InMail", "Returned", "Expired"}


def test_a_month_begins_at_the_members_midnight(member):
    with timezone.override("Asia/Tokyo"):
        assert Month(2026, 2).starts_at == moment("2026-01-31 15:00")
        entry = Entry.objects.filter(wallet__member=member).latest("seq")
        inside = journal.in_month(Entry.objects.all(), month_of(entry.occurred_at))
        assert inside.filter(pk=entry.pk).exists()
        world.give(member, 1, at=moment("2026-04-30 15:00"))
        assert statement(member, Month(2026, 5), at=moment("2026-05-02 00:00")).lines[0].delta == 1
    assert month_of(moment("2026-04-30 23:59")) == Month(2026, 4)


def test_there_is_no_sheet_before_the_first_credits_nor_ahead(member):
    for month in (Month(2025, 12), Month(2026, 5)):
        with pytest.raises(NoStatement):
            statement(member, month, at=AT + 80 * DAY)
    nobody = world.make_payer()
    assert first_month(nobody, at=AT) == Month(2026, 1)
    assert (statement(nobody, Month(2026, 1), at=AT).lines, statement(nobody, Month(2026, 1), at=AT).closing) == ([], 0)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "26-01", "2026-1", "2026-011", "٢٠٢٦-01", "9999-12"]
)
def test_what_is_no_month_is_none(text):
    with pytest.raises(ValueError, match="no month"):
        read_month(text)


def shown(member: Member, path: str, *, at: datetime) -> tuple[int, str]:
    client = Client()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    with set_to(at):
        answer = client.get(path)
    return answer.status_code, words(answer.content.decode())


def test_the_page_says_what_was_before_what_came_and_what_is_left(member):
    status, text = shown(member, "/credits/statement/2026-01/", at=AT + 80 * DAY)
    assert status == 200
    assert "Statement January 2026" in text
    assert "Before 1 Jan 2026 0 Granted +8 InMail −3 Left on 1 Feb 2026 5" in text
    assert "February 2026" in text
    assert "Left so far" in shown(member, "/credits/statement/2026-04/", at=AT + 80 * DAY)[1]
    for path in ("2025-12", "2026-05", "2026-13", "0000-01"):
        assert shown(member, f"/credits/statement/{path}/", at=AT + 80 * DAY)[0] == 404


def test_the_journal_is_filtered_by_month_and_name_together(member):
    at = AT + 80 * DAY
    page = shown(member, "/credits/?month=2026-01&kind=charge", at=at)[1]
    assert page.count("InMail To someone") == 3
    assert "No lines of this kind in January 2026." in shown(member, "/credits/?month=2026-01&kind=bought", at=at)[1]
    assert "No lines in December 2027." in shown(member, "/credits/?month=2027-12", at=at)[1]
    assert shown(member, "/credits/?month=2026-1", at=at)[0] == 400


def test_every_entry_has_exactly_one_name(member):
    for number, source in enumerate(Lot.Source.values):
        wallet = ledger.lock_wallet(member, at=AT)
        grant = {"source": source, "priority": 20, "expires_at": FOREVER, "key": f"x{number}", "reason": "x"}
        ledger.grant(wallet=wallet, amount=1, at=AT + 81 * DAY + HOUR, **grant)
    every = [pk for name in journal.NAMES for pk in journal.entries_of(member, kind=name).values_list("pk", flat=True)]
    assert sorted(every) == sorted(Entry.objects.filter(wallet__member=member).values_list("pk", flat=True))
    for entry in Entry.objects.filter(wallet__member=member).select_related("lot"):
        assert journal.entries_of(member, kind=journal.name_of(entry)).filter(pk=entry.pk).exists()


def test_a_sheet_costs_the_same_queries_however_long_it_is(member, django_assert_max_num_queries):
    at = AT + 80 * DAY
    with django_assert_max_num_queries(5):
        statement(member, Month(2026, 1), at=at + timedelta(days=1))
