"""The CSV is the lines of the page, all of them, and harmless in a spreadsheet."""

import asyncio
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import pytest
from django.test import AsyncClient, Client

from accounts.clock import FOREVER
from accounts.models import Member
from accounts.site_policy import policy_in_force
from billing import journal, ledger, references
from billing.models import Lot
from billing.references import Meaning

Browse = Callable[[Member], Client]
HEAD = ["When", "What", "Why", "Change", "Balance"]

pytestmark = [
    pytest.mark.usefixtures("clock"),
    # The test client is not asynchronous; the product's server is.
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators"),
]


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def describe(wanted: Sequence[str]) -> dict[str, Meaning]:
        return {one: Meaning('Zoë "Łukasz", Ltd', "/somewhere/") for one in wanted}

    monkeypatch.setattr(references, "_describers", [describe])
    return


def charge(member: Member, at: datetime) -> None:
    wallet = ledger.lock_wallet(member, at=at)
    policy = policy_in_force(at)
    ledger.charge(wallet=wallet, payer=member, cost=1, reference="one", policy=policy, at=at)


def give(member: Member, reason: str, *, key: str, at: datetime) -> None:
    ledger.grant(
        wallet=ledger.lock_wallet(member, at=at),
        amount=1,
        source=Lot.Source.ADMIN,
        priority=Lot.Priority.GIFT,
        expires_at=FOREVER,
        key=key,
        kind="adjust",  # type: ignore[arg-type]
        reason=reason,
        at=at,
    )


def table(response: object) -> list[list[str]]:
    text = b"".join(response).decode("utf-8-sig")  # type: ignore[call-overload]
    return list(csv.reader(io.StringIO(text)))


def test_the_file_has_the_lines_of_the_page(sender: Member, browse: Browse, at: datetime) -> None:
    charge(sender, at)
    response = browse(sender).get("/credits/ledger.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="credits-2026-11-22.csv"'
    assert table(response) == [
        HEAD,
        [
            "2026-11-22 11:00:00+00:00",
            "InMail",
            'To Zoë "Łukasz", Ltd, may come back until 20 Feb 2027',
            "-1",
            "14",
        ],
        ["2026-11-22 10:00:00+00:00", "Granted", "Business, 22 Nov 2026", "15", "15"],
    ]


def test_a_formula_typed_as_a_reason_stays_text(sender: Member, browse: Browse, at: datetime) -> None:
    for number, start in enumerate("=+-@\t\r"):
        give(sender, f"{start}HYPERLINK(1)", key=str(number), at=at)
    reasons = [row[2] for row in table(browse(sender).get("/credits/ledger.csv?kind=adjust"))[1:]]
    assert len(reasons) == 6
    assert all(reason.startswith("'") for reason in reasons)


def test_a_reason_with_braces_is_only_text(sender: Member, browse: Browse, at: datetime) -> None:
    give(sender, "{who.__class__} {0}", key="one", at=at)
    assert table(browse(sender).get("/credits/ledger.csv"))[1][2] == "{who.__class__} {0}"
    assert b"{who.__class__} {0}" in browse(sender).get("/credits/").content


def test_the_file_goes_on_past_a_page_and_a_chunk(
    sender: Member, browse: Browse, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "CSV_CHUNK", 4)
    for number in range(11):
        give(sender, f"gift {number}", key=str(number), at=at)
    rows = table(browse(sender).get("/credits/ledger.csv"))
    assert [int(row[4]) for row in rows[1:]] == list(range(26, 14, -1))


def test_the_file_is_in_the_members_zone_and_only_the_members_own(
    sender: Member, outsider: Member, browse: Browse, at: datetime
) -> None:
    Member.objects.filter(pk=sender.pk).update(time_zone="Asia/Tokyo")
    assert table(browse(Member.objects.get(pk=sender.pk)).get("/credits/ledger.csv"))[1][0].endswith("19:00:00+09:00")
    assert table(browse(outsider).get("/credits/ledger.csv")) == [HEAD]
    assert Client().get("/credits/ledger.csv").status_code == 302
    assert browse(sender).get("/credits/ledger.csv?kind=moon").status_code == 400


@pytest.mark.django_db(transaction=True)
def test_the_file_is_streamed_by_an_asynchronous_server(sender: Member) -> None:
    async def download() -> list[bytes]:
        client = AsyncClient()
        await client.aforce_login(sender, backend="django.contrib.auth.backends.ModelBackend")
        response = await client.get("/credits/ledger.csv")
        return [part async for part in response]

    parts = asyncio.run(download())
    assert [part.count(b"\r\n") for part in parts] == [1, 1]
