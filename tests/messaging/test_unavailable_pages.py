"""Whoever blocked the reader, left, or is held by staff: each page is that of somebody who takes nobody new (M6)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import blocks
from accounts.models import Member, Restriction, Rule
from messaging.models import Reception

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PAGES: dict[str, Callable[[Member], str]] = {
    "profile": lambda person: person.get_absolute_url(),
    "composer": lambda person: reverse("messaging:compose", args=[person.handle]),
    "price": lambda person: reverse("messaging:quote", args=[person.handle]) + "?purpose=job_offer",
    "introduction": lambda person: reverse("messaging:introduce", args=[person.handle]),
    "invitation": lambda person: reverse("accounts:invite", args=[person.handle]),
}


@pytest.fixture
def alike(make_member: Any, sender: Member, connect: Any, at: datetime) -> dict[str, Member]:
    """Four of one name, each known to a contact of the sender's."""
    through = make_member("Theo Brandt")
    connect(through, sender, at=at)
    found = {cause: make_member("Mei Tanaka") for cause in ("nobody", "blocked", "left", "held")}
    for person in found.values():
        connect(through, person, at=at)
    found["nobody"].reach.who = "nobody"
    found["nobody"].reach.save()
    blocks.block(blocker=found["blocked"], blocked=sender, at=at)
    Member.objects.filter(pk=found["left"].pk).update(is_active=False)
    Restriction.objects.create(
        member=found["held"],
        step="suspended",
        rule=Rule.values[0],
        facts="The same text forty times.",
        found_by="staff",
        reference="held",
        starts_at=at - timedelta(days=1),
        ends_at=at + timedelta(days=1),
        decided_by=through,
    )
    return found


def seen(client: Client, person: Member, path: str, **form: str) -> tuple[int, str, list[str]]:
    """Status, page and queries, without what belongs to the one person: handle, colour, ids."""
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(path, form) if form else client.get(path)
    html = answer.content.decode().replace(person.handle, "HANDLE")
    html = re.sub(r'data-hue="\d+"|name="(csrfmiddlewaretoken|send_key)" value="[\w-]+"|nonce="[^"]+"', "", html)
    # PostgreSQL names the type of an instant, and none of an empty one: a value, not a step.
    value = re.compile(r"(\d+|'[^']*'|NULL)(::timestamptz)?")
    queries = [value.sub("?", query["sql"].replace(person.handle, "HANDLE")) for query in captured]
    return answer.status_code, html, queries


@pytest.mark.parametrize("which", PAGES)
def test_a_page_tells_none_of_them_from_somebody_who_takes_nobody_new(
    which: str, alike: dict[str, Member], sender: Member, browse: Callable[[Member], Client]
) -> None:
    client = browse(sender)
    nobody, *others = (seen(client, person, PAGES[which](person)) for person in alike.values())

    assert nobody[0] == 200
    for other in others:
        assert other == nobody


@pytest.mark.parametrize("which", ["introduction", "invitation"])
def test_asking_each_of_them_takes_the_very_same_steps(
    which: str, alike: dict[str, Member], sender: Member, browse: Callable[[Member], Client]
) -> None:
    client = browse(sender)
    form = {"through": Member.objects.get(name="Theo Brandt").handle, "context": "We both weave.", "note": "Hello."}
    # The first of the day opens the day's count.
    first, *others = (seen(client, person, PAGES[which](person), **form) for person in alike.values())

    assert first[0] == 302
    assert others[0] == others[1] == others[2]


def test_the_directory_prices_a_blocker_and_somebody_who_takes_nobody_new_alike(
    alike: dict[str, Member], sender: Member, browse: Callable[[Member], Client]
) -> None:
    page = browse(sender).get(reverse("messaging:people"), {"q": "Mei Tanaka"}).content.decode()
    rows = dict(re.findall(r'<a href="/p/([\w-]+)/">.*?row__do">(.*?)</li>', page, re.S))

    assert rows[alike["blocked"].handle] == rows[alike["nobody"].handle] == rows[alike["held"].handle]
    assert "InMail unavailable" in rows[alike["blocked"].handle]


def test_the_filters_for_what_people_take_leave_all_of_them_out_and_who_is_full_and_hides_it(
    alike: dict[str, Member], sender: Member, browse: Callable[[Member], Client], make_member: Any, at: datetime
) -> None:
    full = make_member("Mei Tanaka", cap_day=1, hides_caps=True)
    Reception.objects.create(member=full, span="day", starts_on=at.date(), new_senders=1)
    takes = make_member("Mei Tanaka", cap_day=2, hides_caps=True)
    Reception.objects.create(member=takes, span="day", starts_on=at.date(), new_senders=1)

    query = {"q": "Mei Tanaka", "purpose": "job_offer"}
    page = browse(sender).get(reverse("messaging:people"), query).content.decode()

    assert set(re.findall(r'<a href="/p/([\w-]+)/">', page)) == {takes.handle}
