"""The decision over the whole matrix: senders, relations, recipients, purposes and rules, against a plain list.

`expected` is the table of domain 6.1 written down a second time, about people and not about facts; it imports nothing
of what it judges.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from html import unescape
from typing import Any, NamedTuple

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.models import Member, PolicyVersion, Purpose
from accounts.site_policy import SitePolicy, policy_in_force
from messaging import facts
from messaging.policy import OPEN_PAID, ROWS, decide
from messaging.sending_for import seat_for
from messaging.verdict import Verdict
from messaging.verdicts import verdict_for, verdicts_for
from tests.conftest import AT, _load_catalog, _maker_of_members
from tests.emptying import lasting
from tests.messaging.crowd import TEXT, Crowd, make_crowd

# Five thousand pairs: the queries themselves are tested on both engines by tests/messaging/test_facts.py.
pytestmark = [pytest.mark.django_db, pytest.mark.once]

UNITS = ("until_answered", "conversation", "message")
# This site lets nobody promote anything.
OFFERED = [purpose for purpose in Purpose.values if purpose != "promotion"]
NEVER_WROTE = {"stranger", "connected", "i blocked them", "they blocked me", "they left", "they asked me to stop"}
NEVER_WROTE |= {"they wrote to me", "they wrote to me, then blocked me"}


class Case(NamedTuple):
    sender: str
    relation: str
    recipient: str
    purpose: str
    unit: str


@pytest.fixture(scope="module")
def standing_crowd(django_db_setup: None, django_db_blocker: Any) -> Iterator[Crowd]:
    def make() -> Crowd:
        _load_catalog()
        return make_crowd(_maker_of_members(AT), at=AT)

    with lasting(django_db_blocker, make) as made:
        yield made


@pytest.fixture(scope="module")
def decided(standing_crowd: Crowd, django_db_blocker: Any) -> dict[Case, Verdict]:
    with django_db_blocker.unblock():
        policy = replace(policy_in_force(AT), purposes=tuple(OFFERED))
        units = [(unit, "job_offer") for unit in UNITS] + [
            (UNITS[0], purpose) for purpose in ("", "sales", "promotion")
        ]
        return dict(
            case
            for sender in standing_crowd.senders
            for unit, purpose in units
            for case in _decided(standing_crowd, sender, purpose, replace(policy, charge_unit=unit))
        )


def _decided(crowd: Crowd, sender: str, purpose: str, policy: SitePolicy) -> Iterator[tuple[Case, Verdict]]:
    member = crowd.senders[sender]
    text = TEXT if sender == "repeats one text" and purpose == "job_offer" else ""
    written = {"purpose": purpose, "text": text, "at": AT, "policy": policy, "seat": seat_for(member)}
    loaded = facts.load(member, crowd.recipients.values(), **written)
    for (relation, kind), recipient in crowd.recipients.items():
        yield Case(sender, relation, kind, purpose, policy.charge_unit), decide(loaded[recipient.pk])


def expected(case: Case) -> str:
    """The first line that applies."""
    sender, relation, recipient, purpose, unit = case
    is_hidden = relation in {"they blocked me", "they left"}
    is_new = relation in NEVER_WROTE
    is_waiting = relation.startswith("unanswered")
    has_open_profile = recipient == "open profile"
    repeats = sender == "repeats one text" and purpose == "job_offer"
    goes_on_free = unit == "conversation" and is_waiting
    costs = not goes_on_free
    starter_pays = unit == "message" and relation == "they answered me" and not has_open_profile
    lines = [
        ("sender_suspended", sender == "suspended"),
        ("sender_unverified", sender == "unconfirmed"),
        ("you_blocked", relation == "i blocked them"),
        ("stopped", relation == "they asked me to stop"),
        ("unavailable", relation == "they wrote to me, then blocked me"),
        ("open", relation in {"they wrote to me", "they answered me"} and not starter_pays),
        ("wallet_held", starter_pays and sender == "on hold"),
        ("seat_limit", starter_pays and sender == "seat used up"),
        ("no_credits", starter_pays and sender in {"spent", "free"}),
        ("open_paid", starter_pays),
        ("connection_limit", relation == "connected" and sender == "began two hundred today"),
        ("connection", relation == "connected"),
        ("not_accepting", recipient == "nobody" or is_hidden or (recipient == "full and hides it" and is_new)),
        ("declined", relation == "they said no"),
        ("sender_restricted", sender == "restricted"),
        ("purpose_invalid", purpose == "promotion"),
        ("awaiting_answer", relation == "unanswered since yesterday"),
        ("unanswered_limit", relation == "unanswered twice"),
        ("purpose_refused", purpose == "sales" and recipient == "no sales"),
        ("recipient_full", recipient == "full" and is_new),
        ("daily_limit", sender == "wrote fifteen today"),
        ("held_for_review", has_open_profile and repeats),
        ("open_profile", has_open_profile),
        ("premium_only", recipient == "premium only" and sender in {"free", "free with credits"}),
        ("plan_required", sender == "free" and costs),
        ("wallet_held", sender == "on hold" and costs),
        ("seat_limit", sender == "seat used up" and costs),
        ("no_credits", sender == "spent" and costs),
        ("held_for_review", repeats),
        ("follow_up", goes_on_free),
        ("inmail", True),
    ]
    return next(code for code, applies in lines if applies)


def test_every_combination_gets_the_code_of_the_table(decided: dict[Case, Verdict]) -> None:
    assert len(decided) >= 400
    wrong = {
        case: (verdict.code, expected(case)) for case, verdict in decided.items() if verdict.code != expected(case)
    }

    assert wrong == {}


def test_every_code_is_reached(decided: dict[Case, Verdict]) -> None:
    every = {row.code for row in (*ROWS, OPEN_PAID)} - {"self"}

    assert {verdict.code for verdict in decided.values()} == every


def test_what_costs_nothing_shows_no_price_and_what_cannot_go_no_channel(decided: dict[Case, Verdict]) -> None:
    for case, verdict in decided.items():
        assert (verdict.cost > 0) == (verdict.kind == "credit"), case
        assert bool(verdict.channel) == verdict.sends, case
        assert (verdict.button == "") == (verdict.kind == "blocked"), case


# One combination a code, of those that a page can show before there is a text.
SHOWN = sorted({row.code for row in (*ROWS, OPEN_PAID)} - {"self", "held_for_review"})


@pytest.mark.parametrize("code", SHOWN)
def test_composer_profile_directory_and_verdict_say_the_same(
    code: str, standing_crowd: Crowd, decided: dict[Case, Verdict], browse: Any, clock: datetime
) -> None:
    case = next(case for case in decided if expected(case) == code and case.sender != "repeats one text")
    rules = {"charge_unit": case.unit, "purposes": OFFERED}
    PolicyVersion.objects.create(catalog="test", settings=rules, in_force_from=AT, approved_at=AT)
    sender, recipient = standing_crowd.senders[case.sender], standing_crowd.recipients[case.relation, case.recipient]
    client = browse(sender)
    verdict = verdict_for(sender, recipient, purpose=case.purpose, at=AT)
    quote = client.get(reverse("messaging:quote", args=[recipient.handle]), {"purpose": case.purpose})
    composer = client.get(reverse("messaging:compose", args=[recipient.handle]))
    profile = client.get(recipient.get_absolute_url())
    plain = verdict_for(sender, recipient, at=AT)

    assert verdict.code == code
    assert quote.context["verdict"] == verdict
    assert verdict.sentence in _words(quote)
    assert plain.sentence in _words(composer)
    assert plain.sentence in _words(profile)
    assert verdict.button in _words(quote)
    assert plain.message_button in _words(profile)
    if plain.kind == "blocked":
        assert plain.badge in _words(profile)
    assert verdicts_for(sender, [recipient], at=AT)[recipient.pk] == plain


def test_nobody_writes_to_themselves(standing_crowd: Crowd) -> None:
    member: Member = standing_crowd.senders["business"]

    assert verdict_for(member, member, at=AT).code == "self"


def _words(answer: Any) -> str:
    return " ".join(unescape(strip_tags(answer.content.decode())).split())
