"""Sending at a chosen time: decided then, at no more than was agreed, exactly once (domain 7.7, story 22)."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import seats
from accounts.models import Member, Notice, Reach
from messaging import answering, dispatching, drafts, leaving, scheduling
from messaging.drafts import save_draft
from messaging.models import Case, Draft, Message, SendingDay
from messaging.quotes import Quote
from messaging.refusals import VerdictChanged
from tests.teams import give_credits, give_seat, make_team

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
WORDS = {"purpose": "job_offer", "subject": "Platform lead", "body": "Would you talk to us?"}


@pytest.fixture
def plan(at):
    """Schedule a text with the quote that the page shows."""

    def make(sender, recipient, *, send_at, at=at, **changes):
        draft = save_draft(
            member=sender, recipient=recipient, at=at, send_key=drafts.new_send_key(), **WORDS | changes.pop("text", {})
        )
        found = scheduling.plan_for(sender, recipient, draft, at=at)
        shown = changes.pop("shown", Quote.of(found.verdict))
        return scheduling.schedule(sender=sender, recipient=recipient, send_at=send_at, shown=shown, at=at)

    return make


def test_it_goes_at_its_time_once_and_is_charged_then(sender, recipient, plan, balance, at):
    draft = plan(sender, recipient, send_at=at + DAY)
    assert (balance(sender), dispatching.send_due(at=at + DAY - MINUTE)) == (15, 0)

    assert dispatching.send_due(at=at + DAY) == 1
    assert not dispatching.send_waiting(draft.pk, at=at + DAY)

    message = Message.objects.get()
    assert (message.sent_at, message.send_key, balance(sender, at=at + DAY)) == (at + DAY, draft.send_key, 14)
    assert not Draft.objects.exists()


def test_refused_at_its_time_it_is_a_draft_with_the_reason(sender, recipient, plan, balance, at):
    plan(sender, recipient, send_at=at + DAY)
    Reach.objects.filter(pk=recipient.pk).update(who="nobody")

    dispatching.send_due(at=at + DAY)

    draft = Draft.objects.get()
    assert (draft.rests, draft.came_back, draft.body) == (False, "not_accepting", WORDS["body"])
    assert draft.came_back_why == "Tomas does not take messages from new people."
    assert balance(sender, at=at + DAY) == 15
    notice = Notice.objects.get(kind="came_back")
    assert notice.context["path"] == f"/new/{recipient.handle}/"


def test_called_off_it_does_not_go(sender, recipient, plan, at):
    plan(sender, recipient, send_at=at + DAY)

    scheduling.unschedule(member=sender, recipient=recipient, at=at)

    assert dispatching.send_due(at=at + DAY) == 0
    assert not Draft.objects.get().rests


@pytest.mark.parametrize("send_at", [-MINUTE, timedelta(0), timedelta(days=91)])
def test_a_time_that_is_past_or_too_far_is_refused(sender, recipient, plan, at, send_at):
    with pytest.raises(scheduling.NotAtThatTime):
        plan(sender, recipient, send_at=at + send_at)


def test_a_price_that_was_not_shown_is_not_agreed_to(sender, recipient, plan, at):
    with pytest.raises(VerdictChanged):
        plan(sender, recipient, send_at=at + DAY, shown=Quote())

    assert not Draft.objects.get().rests


def test_a_full_day_can_be_planned_past(sender, recipient, plan, at):
    SendingDay.objects.create(member=sender, day=at.date(), outreach=15)

    plan(sender, recipient, send_at=at + DAY)

    assert dispatching.send_due(at=at + DAY) == 1
    assert Message.objects.exists()


def test_a_first_message_at_a_full_day_comes_back(sender, recipient, plan, at):
    plan(sender, recipient, send_at=at + DAY)
    SendingDay.objects.create(member=sender, day=(at + DAY).date(), outreach=15)

    dispatching.send_due(at=at + DAY)

    assert Draft.objects.get().came_back == "daily_limit"


def test_a_planned_follow_up_waits_a_day_for_a_free_place(sender, recipient, plan, send, at):
    send(sender, recipient, at=at)
    plan(sender, recipient, send_at=at + 7 * DAY, at=at + DAY)
    SendingDay.objects.create(member=sender, day=(at + 7 * DAY).date(), outreach=15)

    dispatching.send_due(at=at + 7 * DAY)

    assert Draft.objects.get().send_at == at + 8 * DAY
    dispatching.send_due(at=at + 8 * DAY)
    assert Message.objects.count() == 2


def test_a_follow_up_is_not_planned_before_the_gap_ends(sender, recipient, plan, send, at):
    send(sender, recipient, at=at)

    with pytest.raises(scheduling.NotAtThatTime) as refused:
        plan(sender, recipient, send_at=at + 7 * DAY - MINUTE, at=at + DAY)

    assert refused.value.earliest == at + 7 * DAY


def test_a_planned_follow_up_ends_with_an_answer(sender, recipient, plan, send, at):
    inmail = send(sender, recipient, at=at).message
    plan(sender, recipient, send_at=at + 7 * DAY, at=at + DAY)
    answering.answer(conversation=inmail.conversation, member=recipient, answer="later", at=at + 2 * DAY)

    dispatching.send_due(at=at + 7 * DAY)

    draft = Draft.objects.get()
    assert (draft.came_back, "ends with that" in draft.came_back_why) == ("open", True)
    assert Message.objects.filter(sender=sender).count() == 1


def test_too_few_credits_are_planned_past_and_asked_for_again_then(make_member, recipient, plan, at):
    poor = make_member("Paul Poor", plan="premium-career")
    for number in range(5):
        plan(poor, make_member(f"Person {number}"), send_at=at + MINUTE, text={"body": f"Number {number}"})
    dispatching.send_due(at=at + MINUTE)

    plan(poor, recipient, send_at=at + DAY, at=at + 2 * MINUTE)
    dispatching.send_due(at=at + DAY)

    assert Draft.objects.get().came_back == "no_credits"


def test_a_restriction_makes_drafts_of_all_that_waits(sender, recipient, outsider, plan, at):
    plan(sender, recipient, send_at=at + DAY)
    held = save_draft(member=sender, recipient=outsider, at=at, send_key="a-key-of-8", **WORDS)
    Draft.objects.filter(pk=held.pk).update(in_review_since=at)
    Case.objects.create(about=sender, source="held", harm=1, key="held:a-key-of-8", opened_at=at)

    assert scheduling.unschedule_all(member=sender, why="Rule: no identical bulk.", at=at) == 2

    assert not any(draft.rests for draft in Draft.objects.all())
    assert set(Draft.objects.values_list("came_back_why", flat=True)) == {"Rule: no identical bulk."}
    assert Case.objects.get().closed_at == at


def test_nothing_goes_for_who_has_left(sender, recipient, plan, at):
    plan(sender, recipient, send_at=at + DAY)
    leaving.deactivate(member=sender, at=at)

    assert dispatching.send_due(at=at + DAY) == 0
    assert Draft.objects.get().send_at is None


def test_the_morning_is_the_senders_own(sender, recipient, at):
    Member.objects.filter(pk=sender.pk).update(time_zone="America/New_York")
    sender.refresh_from_db()
    draft = drafts.draft_for(sender, recipient)

    found = scheduling.plan_for(sender, recipient, draft, at=at)

    assert found.suggested == datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def test_what_was_scheduled_for_a_team_is_its_admins_draft_once_the_seat_is_gone(make_member, recipient, plan, at):
    admin, writer = make_member("Ada Lang"), make_member("Ben Ort")
    team = make_team(admin, licences=2, at=at)
    seat = give_seat(team, writer, at=at)
    give_credits(team, 5, at=at)
    plan(writer, recipient, send_at=at + DAY)

    seats.remove(seat=seat, actor=admin, at=at + MINUTE)
    dispatching.send_due(at=at + DAY)

    draft = Draft.objects.get()
    assert (draft.member, draft.rests, draft.body) == (admin, False, WORDS["body"])
    assert draft.came_back_why == "Ben Ort had scheduled it for Elbe Talent and holds no seat any more."
    assert not Message.objects.exists()


def test_an_admin_who_writes_to_the_same_person_keeps_their_own_draft(make_member, recipient, plan, at):
    admin, writer = make_member("Ada Lang"), make_member("Ben Ort")
    team = make_team(admin, licences=2, at=at)
    seat = give_seat(team, writer, at=at)
    give_credits(team, 5, at=at)
    plan(writer, recipient, send_at=at + DAY)
    save_draft(member=admin, recipient=recipient, at=at, send_key=drafts.new_send_key(), **WORDS | {"body": "Mine."})

    seats.remove(seat=seat, actor=admin, at=at + MINUTE)
    dispatching.send_due(at=at + DAY)

    assert Draft.objects.get(member=admin).body == "Mine."
    assert Draft.objects.get(member=writer).came_back_why == "You write for Elbe Talent no longer."
