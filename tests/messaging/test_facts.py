"""Facts are read by the same queries for one recipient or fifty, for a friend or a blocker."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import blocks
from accounts.models import Member, Reach, RefusedPurpose
from messaging.verdicts import verdict_for, verdicts_for

pytestmark = pytest.mark.django_db


def queries(act) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    return [query["sql"] for query in captured]


def test_fifty_recipients_take_as_many_queries_as_one(sender, make_member, at):
    people = [make_member(f"Person {number}") for number in range(50)]

    one = queries(lambda: verdicts_for(sender, people[:1], at=at))
    fifty = queries(lambda: verdicts_for(sender, people, at=at))

    assert len(one) == len(fifty)
    assert len(fifty) <= 27


def test_a_blocker_a_deactivated_member_and_reach_nobody_take_the_very_same_queries(sender, make_member, at):
    nobody, blocker, gone = (make_member(name) for name in ("Nina Weiss", "Bruno Fell", "Gita Rao"))
    Reach.objects.filter(member=nobody).update(who="nobody")
    blocks.block(blocker=blocker, blocked=sender, at=at)
    Member.objects.filter(pk=gone.pk).update(is_active=False)

    def read(person):
        sql = queries(lambda: verdict_for(sender, person, at=at))
        # Ids differ, and nothing else.
        return [re.sub(r"\d+", "?", query) for query in sql]

    verdicts = [verdict_for(sender, person, at=at) for person in (nobody, blocker, gone)]

    assert read(nobody) == read(blocker) == read(gone)
    names = ("Nina", "Bruno", "Gita")
    assert {verdict.code for verdict in verdicts} == {"not_accepting"}
    for verdict, name in zip(verdicts, names, strict=True):
        assert verdict.sentence == f"{name} does not take messages from new people."
        assert [way.code for way in verdict.alternatives] == ["connect"]


def test_one_page_knows_each_relation(sender, make_member, connect, send, at):
    friend, stranger, picky, premium = (make_member(f"{name} Test") for name in ("Fay", "Sol", "Pia", "Pru"))
    connect(sender, friend, at=at)
    RefusedPurpose.objects.create(member=picky, purpose="sales")
    Reach.objects.filter(member=premium).update(who="premium")
    send(sender, stranger, at=at - timedelta(days=1))

    codes = {
        pk: verdict.code for pk, verdict in verdicts_for(sender, [friend, stranger, picky, premium], at=at).items()
    }

    assert codes == {
        friend.pk: "connection",
        stranger.pk: "awaiting_answer",
        picky.pk: "inmail",
        premium.pk: "inmail",
    }
    assert verdict_for(sender, picky, purpose="sales", at=at).code == "purpose_refused"


def test_a_free_member_without_credits_needs_a_plan(outsider, recipient, at):
    assert verdict_for(outsider, recipient, at=at).code == "plan_required"


def test_the_first_name_stands_in_sentences(sender, make_member, at):
    for name, called in [
        ("Dr. Ada Okafor", "Ada"),
        ("Mei Tanaka", "Mei"),
        ("山田太郎", "山田太郎"),
        ("김 민준", "김 민준"),
        ("J. R. Smith", "J. R. Smith"),
        ("Plato", "Plato"),
    ]:
        member = make_member(name, who="nobody")
        assert verdict_for(sender, member, at=at).sentence.startswith(f"{called} does not take")
