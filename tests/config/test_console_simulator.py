"""The simulator says what the composer says, for every code, and writes nothing (M4, M19, story 42)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member, PolicyVersion
from accounts.site_policy import policy_in_force
from messaging import facts
from messaging.drafts import new_send_key
from messaging.quotes import Quote
from messaging.replaying import Outcome, replay
from messaging.sending import send
from messaging.simulating import simulate
from messaging.verdicts import verdict_for
from tests.config.test_console import biller, make_staff, supporter
from tests.messaging.test_policy import TABLE
from tests.only_reading import nothing_written

__all__ = ["biller", "supporter"]

MakeMember = Callable[..., Member]
Browse = Callable[[Member], Client]
LINE = "A line that stays out of the page, whoever looks at it."
# What stands in the pair or in the policy of the table's rows is their own.
OWN = {"recipient_id", "policy"}


@contextmanager
def known(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> Iterator[None]:
    """Every reader of the decision is given these facts, as if the database said so."""
    load = facts.load

    def told(*args: Any, **kwargs: Any) -> Any:
        return {pk: replace(found, **changed) for pk, found in load(*args, **kwargs).items()}

    with monkeypatch.context() as patch:
        patch.setattr(facts, "load", told)
        yield


def asked(sender: Member, recipient: Member, **more: str) -> dict[str, str]:
    return {"sender": sender.email, "recipient": recipient.handle, "purpose": "sales", "text": ""} | more


def test_it_says_what_the_composer_says_for_every_code(
    supporter: Member,
    sender: Member,
    recipient: Member,
    browse: Browse,
    clock: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    composer, console = browse(sender), browse(supporter)
    for code, (changed, *_rest) in TABLE.items():
        changes = {name: value for name, value in changed.items() if name not in OWN}
        if "policy" in changed:
            changes["policy"] = replace(changed["policy"], version=PolicyVersion.objects.get().pk)
        asks = {"sender": sender, "recipient": sender if code == "self" else recipient, "purpose": "sales"}
        with known(monkeypatch, **changes):
            _are_the_same(code, composer, console, at=clock, **asks)


def _are_the_same(code: str, composer: Client, console: Client, *, at: datetime, **asks: Any) -> None:
    sender, recipient, purpose = asks["sender"], asks["recipient"], asks["purpose"]
    quote = reverse("messaging:quote", args=[recipient.handle])
    with nothing_written():
        told = simulate(**asks, text="", at=at, policy=policy_in_force(at))
        answer = console.post(reverse("admin:simulator"), asked(sender, recipient))
    assert told.code == code
    assert told == verdict_for(sender, recipient, purpose=purpose, at=at)
    assert answer.context["verdict"] == composer.get(quote, {"purpose": purpose}).context["verdict"] == told
    trace = [(row.code, result) for row, result, _facts in answer.context["trace"]]
    assert {result for _code, result in trace[:-1]} <= {"no"}
    assert trace[-1] == (code, "pass" if told.sends else "stop")
    assert told.sentence.split(". ")[0].split("“")[0] in answer.content.decode().replace("&#x27;", "'")


def test_a_draft_and_a_past_policy_are_asked_at_any_time(
    supporter: Member, sender: Member, recipient: Member, browse: Browse, clock: datetime
) -> None:
    draft = PolicyVersion.objects.create(
        catalog="own", settings={"return_window_hours": 1440}, in_force_from=clock + timedelta(days=9)
    )
    client, form = browse(supporter), asked(sender, recipient)
    with nothing_written():
        now = client.post(reverse("admin:simulator"), form)
        then = client.post(reverse("admin:simulator"), form | {"version": str(draft.pk), "at": "2026-12-01 11:00"})
    assert "20 Feb 2027" in now.content.decode() and "30 Jan 2027" in then.content.decode()
    assert then.context["ruled_by"] == draft


def test_what_it_cannot_ask_is_said(supporter: Member, sender: Member, recipient: Member, browse: Browse) -> None:
    client = browse(supporter)
    unknown = client.post(reverse("admin:simulator"), asked(sender, recipient) | {"recipient": "nobody-of-this-name"})
    before = client.post(reverse("admin:simulator"), asked(sender, recipient, at="1999-01-01 00:00"))
    assert unknown.status_code == before.status_code == 422
    assert "No member has this address" in unknown.content.decode()
    assert "No policy was in force then" in before.content.decode()


def test_its_ways_on_are_read_and_not_gone(
    supporter: Member, make_member: MakeMember, recipient: Member, browse: Browse, clock: datetime
) -> None:
    free = make_member("Fred Null")
    page = browse(supporter).post(reverse("admin:simulator"), asked(free, recipient)).content.decode()
    assert "See plans" in page and f'href="{reverse("billing:plan")}"' not in page


def _sent(sender: Member, recipient: Member, *, at: datetime) -> None:
    shown = Quote.of(verdict_for(sender, recipient, purpose="sales", at=at))
    words: dict[str, Any] = {"subject": "A tool", "body": LINE, "purpose": "sales"}
    send(sender=sender, recipient=recipient, shown=shown, at=at, send_key=new_send_key(), **words)


def test_the_text_is_compared_as_the_composer_compares_it(
    sender: Member, recipient: Member, make_member: MakeMember, clock: datetime
) -> None:
    _sent(sender, make_member("Mei Lin"), at=clock)
    strict = replace(policy_in_force(clock), duplicate_hold_at=1)
    asks: dict[str, Any] = {"sender": sender, "recipient": recipient, "purpose": "sales"}
    texts = (LINE, "Something else that I wrote for you alone.")
    told = [simulate(**asks, text=text, at=clock, policy=strict).code for text in texts]
    assert told == ["held_for_review", "inmail"]


def test_a_replay_says_what_would_have_changed_and_writes_nothing(
    supporter: Member, sender: Member, make_member: MakeMember, browse: Browse, clock: datetime
) -> None:
    for number in range(4):
        _sent(sender, make_member(f"Mei Number{number}"), at=clock - timedelta(minutes=40 - number))
    settings = {"purposes": ["job_offer"], "inmail_cost": 2}
    strict = PolicyVersion.objects.create(catalog="own", settings=settings, in_force_from=clock + timedelta(days=1))
    dear = PolicyVersion.objects.create(
        catalog="own", settings={"inmail_cost": 2, "new_account_days": 900, "new_account_daily_cap": 3},
        in_force_from=clock + timedelta(days=2),
    )  # fmt: skip
    client = browse(supporter)
    with nothing_written():
        page = client.post(reverse("admin:simulator_replay"), {"version": str(strict.pk), "days": "1"})
        other = client.post(reverse("admin:simulator_replay"), {"version": str(dear.pk), "days": "7"})
    (change,) = page.context["found"].changes
    assert (change.before, change.after, change.count) == (Outcome("inmail", 1), Outcome("purpose_invalid", 0), 4)
    counts = {change.after: change.count for change in other.context["found"].changes}
    assert counts == {Outcome("inmail", 2): 3, Outcome("daily_limit", 0): 1}
    assert "A line that stays" not in page.content.decode() and "A tool" not in page.content.decode()


def test_a_replay_owns_up_to_what_it_does_not_know(
    sender: Member, make_member: MakeMember, at: datetime, django_assert_max_num_queries: Any
) -> None:
    changed, same = make_member("Mei Lin"), make_member("Tom Sy")
    for recipient in (changed, same):
        _sent(sender, recipient, at=at - timedelta(minutes=5))
    changed.reach.who = "nobody"
    changed.reach.save(update_fields=["who"])
    shorter = replace(policy_in_force(at), return_window_hours=24)
    with django_assert_max_num_queries(20):
        found = replay(policy=shorter, since=at - timedelta(days=1), until=at)
    assert (found.looked_at, found.unknown, found.moved, found.unchanged) == (2, 1, 1, 0)


def test_both_pages_are_for_staff_who_may_see_members(make_member: MakeMember, browse: Browse, clock: datetime) -> None:
    clerk = browse(make_staff(make_member("Cleo Arden")))
    addresses = [reverse("admin:simulator"), reverse("admin:simulator_replay")]
    assert [clerk.get(address).status_code for address in addresses] == [403, 403]
    for role in ("Support", "Billing operator", "Auditor", "Administrator", "Moderator"):
        client = browse(make_staff(make_member("Some Staff"), role))
        assert [client.get(address).status_code for address in addresses] == [200, 200], role
