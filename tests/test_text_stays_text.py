"""Markup that members type is shown as they typed it: on every page, in the console, in mails."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from accounts import notices
from accounts.clock import set_to
from accounts.models import Member, Notice
from accounts.public_ids import new_public_id
from messaging.models import Message
from tests.markup import faults
from tests.site_map import POLYGLOT, Community, address, browser, make_community, names, rename_everybody

# A walk over all pages: what they ask is proved on both engines by the tests of each behaviour.
pytestmark = pytest.mark.once

MakeMember = Callable[..., Member]


@pytest.fixture
def rude(make_member: MakeMember, at: datetime) -> Iterator[Community]:
    """A community in which everybody's every word is markup."""
    with set_to(at):
        community = make_community(make_member, at=at, words=POLYGLOT)
        rename_everybody(POLYGLOT)
        yield community


def _page(answer: Any) -> str:
    return "" if answer.streaming else answer.content.decode()


@pytest.mark.parametrize("actor", ["reader", "author", "stranger"])
def test_words_of_members_are_text_on_every_page(rude: Community, actor: str) -> None:
    client = browser(rude.actors[actor])
    shown = 0
    for name in names():
        if not name.startswith("admin:") and name != "accounts:events":
            page = _page(client.get(address(name, rude)))
            assert faults(page) == [], name
            assert "<script>alert" not in page, name
            assert "<img src=x" not in page, name
            shown += "&lt;script&gt;alert(1)" in page
            assert "49&lt;" not in page.replace("{{ 7*7 }}", ""), name
    assert shown > 6
    page = _page(client.get(reverse("messaging:people"), {"q": POLYGLOT[:100], "company": POLYGLOT[:100]}))
    assert faults(page) == []
    assert "{{ 7*7 }}" in page


def test_words_of_members_are_text_in_the_console(rude: Community) -> None:
    client = browser(rude.chief)
    client.post(
        reverse("admin:member_adjust", args=[rude.author.pk]),
        {"amount": "3", "life_days": "", "reason": POLYGLOT, "form_key": new_public_id()},
    )
    shown = 0
    every = [name for name in names() if name.startswith("admin:")]
    overview = reverse("admin:member_overview", args=[rude.author.pk])
    for where in [*(address(name, rude) for name in every), overview, reverse("billing:credits")]:
        page = _page(client.get(where))
        assert faults(page) == [], where
        assert "<script>alert" not in page, where
        shown += "&lt;script&gt;alert(1)" in page
    assert shown > 8
    assert "&lt;script&gt;" in _page(browser(rude.author).get(reverse("billing:credits")))


def test_words_of_members_are_text_in_mails(rude: Community, at: datetime) -> None:
    message = Message.objects.filter(sender=rude.author, recipient=rude.reader).latest("pk")
    notice = notices.queue(
        member=rude.reader,
        kind="message",
        context={"sender": message.sender.name, "why": POLYGLOT, "path": message.get_absolute_url(), "name": POLYGLOT},
        key="rude",
        due_at=at,
        not_after=at.replace(year=2027),
    )
    notices.send(notice.pk, at=at)

    assert Notice.objects.get(pk=notice.pk).sent_at == at
    sent = mail.outbox[-1]
    html = str(sent.alternatives[0].content)  # type: ignore[attr-defined]
    assert "<script>" not in html
    assert "<img src=x" not in html
    assert "\n" not in sent.subject
