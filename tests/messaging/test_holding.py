"""A text that repeats ten others waits for a moderator, uncharged; it goes once, or comes back (domain 8.2, E36)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.models import Notice, Reach
from billing.models import Charge
from messaging import conduct, dispatching, drafts, reviewing
from messaging.models import Case, Draft, Message, SendingDay
from messaging.quotes import Quote
from messaging.refusals import VerdictChanged
from messaging.verdicts import verdict_for

HOUR = timedelta(hours=1)
BODY = "Would you talk to us about the platform that we build for hospitals in the north?"
WORDS = {"purpose": "job_offer", "subject": "Platform lead", "body": BODY, "reason": ""}


@pytest.fixture
def repeated(sender, make_member, send, at):
    """Ten others got the text already."""
    for number in range(10):
        send(sender, make_member(f"Person {number}"), body=BODY, at=at - HOUR)


@pytest.fixture
def hold(sender, recipient):
    def press(*, at, recipient=recipient, **changes):
        text = WORDS | {"send_key": drafts.new_send_key()} | changes.pop("text", {})
        verdict = verdict_for(sender, recipient, purpose="job_offer", text=text["body"], at=at)
        shown = changes.pop("shown", Quote.of(verdict))
        return reviewing.hold(sender=sender, recipient=recipient, text=text, shown=shown, at=at, **changes)

    return press


def test_five_like_texts_are_only_warned_about(sender, recipient, make_member, send, at):
    for number in range(9):
        send(sender, make_member(f"Person {number}"), body=BODY, at=at - HOUR)

    assert verdict_for(sender, recipient, purpose="job_offer", text=BODY, at=at).code == "inmail"


def test_what_repeats_ten_is_held_uncharged(sender, recipient, repeated, hold, send, balance, at):
    verdict = verdict_for(sender, recipient, purpose="job_offer", text=BODY, at=at)
    assert (verdict.code, verdict.kind, verdict.cost, verdict.once_passed.cost) == ("held_for_review", "review", 0, 1)
    with pytest.raises(VerdictChanged):
        send(sender, recipient, body=BODY, at=at)

    draft = hold(at=at)

    case = Case.objects.get()
    assert (case.about, case.source, case.key) == (sender, "held", f"held:{draft.send_key}")
    assert (case.evidence["repeats"], case.evidence["likeness_percent"]) == (10, 100)
    assert BODY not in str(case.evidence)
    assert reviewing.draft_of(case) == draft
    assert balance(sender) == 5
    assert SendingDay.objects.get(member=sender).outreach == 10
    assert not Message.objects.filter(recipient=recipient).exists()


def test_an_open_profile_is_no_hole_for_bulk(sender, make_member, repeated, at):
    open_one = make_member("Olga Open", plan="premium-business", wants_open_profile=True)

    verdict = verdict_for(sender, open_one, purpose="job_offer", text=BODY, at=at)

    assert (verdict.code, verdict.once_passed.code) == ("held_for_review", "open_profile")


def test_a_price_that_was_not_shown_is_not_agreed_to(repeated, hold, at):
    for shown in (Quote(), Quote(code="inmail", cost=1), Quote(code="held_for_review")):
        with pytest.raises(VerdictChanged):
            hold(shown=shown, at=at)

    assert not Draft.objects.exists()


def test_no_more_waits_for_moderators_than_a_day_may_send(repeated, hold, make_member, at):
    for number in range(5):
        hold(at=at, recipient=make_member(f"Reader {number}"))

    with pytest.raises(VerdictChanged) as refusal:
        hold(at=at)

    assert refusal.value.verdict.code == "daily_limit"
    assert Case.objects.count() == Draft.objects.count() == 5


def test_pressing_twice_holds_once(repeated, hold, at):
    draft = hold(at=at)

    assert hold(at=at, text={"send_key": draft.send_key}) == draft
    assert Case.objects.count() == 1


def test_what_rests_is_not_written_over(sender, recipient, repeated, hold, at):
    held = hold(at=at)
    with pytest.raises(drafts.DraftRests):
        drafts.save_draft(member=sender, recipient=recipient, at=at, **WORDS | {"body": "x", "send_key": held.send_key})
    drafts.discard_draft(sender, recipient)

    assert Draft.objects.get().body == BODY


def test_taken_back_it_is_a_draft_and_its_case_is_closed(sender, recipient, repeated, hold, at):
    held = hold(at=at)

    reviewing.take_back(member=sender, recipient=recipient, at=at + HOUR)

    assert Case.objects.get().closed_at == at + HOUR
    assert not Draft.objects.get().rests
    assert reviewing.let_pass(case=Case.objects.get(), at=at + HOUR) is None
    again = hold(at=at + HOUR, text={"send_key": held.send_key})
    assert Case.objects.filter(closed_at=None).get().key == f"held:{again.send_key}"


def test_let_pass_it_goes_once_and_is_charged_then(sender, recipient, repeated, hold, balance, at):
    hold(at=at)
    case = Case.objects.get()

    draft = reviewing.let_pass(case=case, at=at + HOUR)

    assert (balance(sender), Case.objects.get().closed_at) == (5, at + HOUR)
    assert dispatching.send_due(at=at + HOUR) == 1
    assert not dispatching.send_waiting(draft.pk, at=at + HOUR)
    assert Message.objects.get(recipient=recipient).body == BODY
    assert Charge.objects.count() == 11
    assert not Draft.objects.exists()


def test_let_pass_to_somebody_who_is_full_by_now_it_comes_back_uncharged(
    sender, recipient, repeated, hold, make_member, send, balance, at
):
    hold(at=at)
    Reach.objects.filter(pk=recipient.pk).update(cap_day=1)
    send(make_member("Other Sender", plan="premium-business"), recipient, at=at)
    reviewing.let_pass(case=Case.objects.get(), at=at + HOUR)

    dispatching.send_due(at=at + HOUR)

    draft = Draft.objects.get(member=sender)
    assert (draft.rests, draft.came_back, draft.body) == (False, "recipient_full", BODY)
    assert "takes no more new people" in draft.came_back_why
    assert balance(sender) == 5
    assert "takes no more new people" in Notice.objects.get(member=sender, kind="came_back").context["why"]


def test_sent_back_it_says_why(sender, recipient, repeated, hold, at):
    hold(at=at)

    reviewing.send_back(case=Case.objects.get(), why="It names a job that does not exist.", at=at + HOUR)

    draft = Draft.objects.get()
    assert (draft.rests, draft.came_back_why) == (False, "It names a job that does not exist.")
    assert Notice.objects.filter(member=sender, kind="came_back").count() == 1


@pytest.mark.parametrize(("outcome", "waits"), [("nothing", True), ("warning", False), ("day", False)])
def test_no_decision_leaves_the_text_waiting_for_a_case_that_is_closed(repeated, hold, make_member, outcome, waits, at):
    hold(at=at)
    facts = "" if outcome == "nothing" else "The same text to eleven people within a single hour."
    told = {"rule": "bulk" if facts else "", "facts": facts, "note": "Again.", "is_grave": True}

    conduct.decide_case(case=Case.objects.get(), outcome=outcome, **told, decided_by=make_member("Mo"), at=at + HOUR)

    draft = Draft.objects.get()
    assert (draft.rests, draft.passed_review_at is not None, bool(draft.came_back_why)) == (waits, waits, not waits)


def test_what_was_let_pass_at_one_price_does_not_go_at_another(sender, recipient, repeated, hold, rule, balance, at):
    hold(at=at)
    rule(since=at + HOUR, inmail_cost=2)
    reviewing.let_pass(case=Case.objects.get(), at=at + HOUR)

    dispatching.send_due(at=at + HOUR)

    assert "It would have used 2 credits now; you agreed to 1." in Draft.objects.get().came_back_why
    assert balance(sender, at=at + HOUR) == 5


def test_a_held_text_that_is_new_enough_by_now_simply_goes(sender, recipient, repeated, send, at):
    shown = Quote.of(verdict_for(sender, recipient, purpose="job_offer", text=BODY, at=at))

    sent = send(sender, recipient, body="Something quite different, for you alone.", shown=shown, at=at)

    assert sent.cost == 1
    assert replace(shown, cost=0) != shown
