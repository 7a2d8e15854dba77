"""Each catalog as a site of its own: loaded, subscribed, sent, answered, renewed, and the ledger holds. What members
read says what happens.
"""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.core.management import call_command

from accounts.models import Purpose
from accounts.site_policy import policy_in_force
from billing import ledger
from billing.models import Charge, Entry, PlanVersion
from billing.rules import change_rules, rules_of
from billing.subscriptions import subscribe
from messaging import answering
from messaging.models import Participation
from messaging.verdicts import verdict_for

pytestmark = pytest.mark.django_db

FREE = {"purpose": "", "subject": ""}
REASON = "We met at the fair in Lisbon"


@dataclass(frozen=True, kw_only=True)
class Site:
    """What a catalog promises: the sentences, and the balances after each step of one story."""

    allotment: int
    cost_words: str
    # Tapping "No thanks" to the first InMail, and answering the second in words, gives back so much.
    for_a_no: int
    for_words: int
    # What the sender pays for a further message after an answer.
    after_answer: int = 0
    # What a follow-up costs.
    follow_up: int = 1
    lands: str = "requests"
    # After the second allotment, when `spent` credits of the first were used.
    adds_up: bool = True
    says: tuple[str, ...] = ()
    says_not: tuple[str, ...] = ()
    offers: frozenset[str] = field(default=frozenset(Purpose.values))


BACK = "It comes back when the other person answers, even “no thanks”, within 90 days."
SITES = {
    "standard": Site(allotment=15, cost_words="even “no thanks”, by", for_a_no=1, for_words=1, says=(BACK,)),
    "s0": Site(
        allotment=15,
        cost_words="even “no thanks”, by",
        for_a_no=1,
        for_words=1,
        adds_up=False,
        says=(BACK, "They stay until the next ones arrive.", "Credits are not sold here."),
    ),
    "s1": Site(
        allotment=25,
        cost_words="even “no thanks”, by",
        for_a_no=1,
        for_words=1,
        adds_up=False,
        says=(
            BACK,
            "Billed yearly, each year brings 10 more.",
            "Without a plan the credits you hold wait.",
            "To a connection you may send an InMail instead, if you choose to: free comes first.",
        ),
    ),
    "s2": Site(
        allotment=15,
        cost_words="It does not come back.",
        for_a_no=0,
        for_words=0,
        after_answer=1,
        says=(
            "It does not come back.",
            "Whoever starts a conversation pays for each message in it, after an answer too.",
            "An upgrade takes effect at once, and the credits of the old plan stay.",
            "When a plan ends, all monthly and bought credits end.",
            "First messages may be sent to: everyone.",
        ),
        says_not=("comes back when",),
    ),
    "s3": Site(
        allotment=15,
        cost_words="even “no thanks”, by",
        for_a_no=1,
        for_words=1,
        lands="inbox",
        says=(
            BACK,
            "It also gives a reason, which the other person reads first.",
            "Premium members reach one another in the Inbox, whatever purposes they refuse.",
            "First messages land in the Inbox, unless a member chose otherwise.",
        ),
        says_not=("sales", "promotion,"),
        offers=frozenset(Purpose.values) - {"sales", "promotion"},
    ),
    "s4": Site(
        allotment=15,
        cost_words="It comes back if Tomas answers in words.",
        for_a_no=0,
        for_words=1,
        follow_up=0,
        says=(
            "It comes back when the other person answers in words, whenever that is.",
            "It pays for the conversation: follow-ups are free, and so is everything after an answer.",
        ),
        says_not=("no thanks", "within 90 days", "A follow-up uses another"),
    ),
}
PLAN = {"s1": "sales-navigator-core"}


@pytest.mark.parametrize("name", SITES)
def test_a_site_of_each_catalog_does_what_it_says(name, make_member, send, balance, browse, clock, at):
    site = SITES[name]
    call_command("load_catalog", name, "--apply")
    policy = policy_in_force(at)
    sender, tomas, ines = make_member("Nadia Osei"), *_strangers(make_member, policy)
    version = PlanVersion.objects.filter(plan__code=PLAN.get(name, "premium-business")).latest("number")
    subscription = subscribe(
        member=sender,
        plan_version=version,
        interval="month",
        paid_through=at + timedelta(days=400),
        started_by=None,
        at=at,
        paid_at=at,
    )
    now = subscription.anchor_at + timedelta(hours=1)
    assert balance(sender, at=now) == site.allotment

    _judge_texts(site, policy, browse(sender), tomas)
    quote = verdict_for(sender, tomas, purpose="press", at=now)
    assert (quote.code, quote.cost, quote.is_returnable) == ("inmail", 1, policy.return_enabled)
    assert site.cost_words in quote.sentence

    first = send(sender, tomas, at=now, purpose="press", reason=REASON).message
    send(sender, ines, at=now, purpose="press", reason=REASON)
    assert Participation.objects.filter(member=tomas).shown(first.deliver_at).get().shown_tray == site.lands
    assert balance(sender, at=now) == site.allotment - 2

    later = now + timedelta(days=8)
    assert send(sender, ines, at=later, purpose="press", reason=REASON, subject="").cost == site.follow_up
    held = balance(sender, at=later)
    answering.answer(conversation=first.conversation, member=tomas, answer="no_thanks", at=later)
    assert _returned(sender, balance, at=later + timedelta(minutes=1)) - held == site.for_a_no

    held = balance(sender, at=later + timedelta(minutes=1))
    soon = later + timedelta(hours=2)
    answer = send(ines, sender, at=soon, **FREE)
    assert answer.cost == 0
    back = site.for_words * (1 + site.follow_up)
    assert _returned(sender, balance, at=soon + timedelta(minutes=1)) - held == back
    assert send(sender, ines, at=soon + timedelta(hours=1), **FREE).cost == site.after_answer

    _judge_renewal(site, sender, subscription, balance)
    call_command("verify_ledger", "--strict")


def _strangers(make_member, policy):
    return [make_member(name, first_contacts_land=policy.first_contact_lands) for name in ("Tomas Lind", "Ines Duarte")]


def _judge_texts(site, policy, client, tomas):
    page = client.get("/help/credits/").content.decode()
    plan = client.get("/plan/").content.decode()
    composer = client.get(f"/new/{tomas.handle}/")
    from_rules = [sentence for topic in rules_of(policy) for sentence in topic.sentences]
    for words in site.says:
        assert words in page, words
    assert all(sentence in plan for sentence in change_rules(policy))
    for words in site.says_not:
        assert not any(words in sentence for sentence in from_rules), words
    offered = {value for value, _label in composer.context["form"].fields["purpose"].choices if value}
    assert offered == site.offers
    assert ("reason" in composer.context["form"].fields) == policy.context_required


def _returned(member, balance, *, at):
    """The balance once everything that is due was posted, as the worker does it."""
    for charge in Charge.objects.due(at):
        ledger.refund(charge_id=charge.pk, at=at)
    return balance(member, at=at)


def _judge_renewal(site, member, subscription, balance):
    subscription.refresh_from_db()
    due = subscription.renews_at
    before = balance(member, at=due - timedelta(microseconds=1))
    after = balance(member, at=due)
    ledger.settle(ledger.lock_wallet(member, at=due), at=due)

    grants = Entry.objects.filter(kind="grant", key__startswith=f"grant:{subscription.pk}:")
    assert list(grants.values_list("delta", flat=True)) == [site.allotment] * 2
    expected = before + site.allotment if site.adds_up else site.allotment
    assert after == balance(member, at=due) == expected
