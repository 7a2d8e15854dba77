"""The composer's notices, Send for review, and the pages of what goes later (interface 3.2, stories 14 to 17, 22)."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.clock import set_to
from accounts.models import Notice, Reach
from messaging import dispatching
from messaging.drafts import new_send_key, save_draft
from messaging.models import Case, Draft, Reminder, SendingDay
from tests.teams import give_credits, give_seat, make_team

pytestmark = pytest.mark.usefixtures("clock")

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BODY = "Would you talk to us about the platform that we build for hospitals in the north?"
WORDS = {"purpose": "job_offer", "subject": "Platform lead", "body": BODY}


def url(name, member):
    return reverse(f"messaging:{name}", args=[member.handle])


def hidden(client, address):
    page = client.get(address).content.decode()
    return dict(re.findall(r'<input type="hidden" name="((?:quote_|send_key)\w*)" value="([^"]*)"', page))


@pytest.fixture
def write(sender, recipient, at):
    return lambda **text: save_draft(member=sender, recipient=recipient, at=at, send_key=new_send_key(), **WORDS | text)


@pytest.fixture
def repeat(sender, make_member, send, at):
    def times(count):
        for number in range(count):
            send(sender, make_member(f"Person {number}"), body=BODY, at=at - HOUR)

    return times


def test_five_like_texts_warn_and_show_what_repeats(sender, recipient, write, repeat, browse):
    repeat(5)
    write(body=f"{BODY} Yours, Nadia")

    page = browse(sender).get(url("quote", recipient)).content.decode()

    assert "This text is like 5 others you sent this week." in page
    assert f"<mark>{BODY[:-1]}</mark>" in page
    assert "Hardly your own words for this person: " in page
    assert "Send for 1 credit" in page


def test_ten_like_texts_are_sent_for_review(sender, recipient, write, repeat, browse, balance):
    repeat(10)
    write()
    client = browse(sender)
    page = client.get(url("compose", recipient)).content.decode()
    assert "This text repeats 10 others." in page
    assert "If it passes: Uses 1 of 5 credits." in page
    assert "Send for review" in page
    assert "10 of 15 today." in page

    answer = client.post(url("compose", recipient), WORDS | hidden(client, url("compose", recipient)), follow=True)

    assert "In review." in answer.content.decode()
    assert "Take it back" in answer.content.decode()
    assert balance(sender) == 5
    assert "In review" in client.get(reverse("messaging:drafts")).content.decode()
    client.post(url("review_take_back", recipient))
    assert Case.objects.get().closed_at is not None
    assert "Send for review" in client.get(url("compose", recipient)).content.decode()


def test_a_price_was_shown_and_the_text_is_held_by_now(sender, recipient, repeat, browse):
    repeat(9)
    client = browse(sender)
    shown = hidden(client, url("compose", recipient))
    assert shown["quote_code"] == "inmail"
    repeat(1)

    answer = client.post(url("compose", recipient), WORDS | shown)

    page = answer.content.decode()
    assert (answer.status_code, "Something changed while you were writing." in page) == (409, True)
    assert "Send for review" in page
    assert not Case.objects.exists()


def test_schedule_fills_scheduled_and_lists_it(sender, recipient, browse, at):
    SendingDay.objects.create(member=sender, day=at.date(), outreach=15)
    client = browse(sender)
    typed = WORDS | {"send_key": new_send_key()}
    assert "Schedule for tomorrow 09:00" in client.get(url("compose", recipient)).content.decode()

    page = client.post(f"{url('schedule', recipient)}?at=2026-11-23T09:00", typed, follow=True).content.decode()
    assert 'value="2026-11-23T09:00"' in page
    assert "Uses 1 of 15 credits." in page
    chosen = hidden(client, url("schedule", recipient)) | {"send_at": "2026-11-23T09:00"}
    page = client.post(url("schedule", recipient), chosen, follow=True).content.decode()

    assert "It goes to Tomas on 23 Nov 2026, 09:00." in page
    assert "For 1 credit, used when it goes." in page
    assert "Goes on" in client.get(url("compose", recipient)).content.decode()
    assert recipient.name not in client.get(reverse("messaging:drafts")).content.decode()
    client.post(url("unschedule", recipient))
    assert not Draft.objects.get().rests


@pytest.mark.parametrize(("send_at", "says"), [("2026-11-21T09:00", "Choose a time from"), ("soon", "Choose a day")])
def test_a_time_that_cannot_be_is_refused(sender, recipient, write, browse, send_at, says):
    write()
    client = browse(sender)

    fields = hidden(client, url("schedule", recipient)) | {"send_at": send_at}
    answer = client.post(url("schedule", recipient), fields)

    assert (answer.status_code, says in answer.content.decode()) == (422, True)


def test_without_a_text_there_is_nothing_to_schedule(sender, recipient, browse):
    answer = browse(sender).get(url("schedule", recipient))

    assert answer.headers["Location"] == url("compose", recipient)


def test_what_could_not_go_says_why_in_drafts_and_in_the_composer(sender, recipient, write, browse, balance, at):
    write()
    client = browse(sender)
    fields = hidden(client, url("schedule", recipient)) | {"send_at": "2026-11-23T09:00"}
    client.post(url("schedule", recipient), fields)
    Reach.objects.filter(pk=recipient.pk).update(who="nobody")
    with set_to(at + DAY):
        dispatching.send_due(at=at + DAY)
        page = client.get(reverse("messaging:drafts")).content.decode()

        assert "Came back: Tomas does not take messages from new people." in page
        assert "This message came back." in client.get(url("compose", recipient)).content.decode()
    assert Notice.objects.filter(kind="came_back").exists()
    assert balance(sender, at=at + DAY) == 15


def test_what_rests_is_not_saved_over_and_stays_when_a_reply_goes(sender, recipient, write, browse, connect, send, at):
    write()
    client = browse(sender)
    fields = hidden(client, url("schedule", recipient)) | {"send_at": "2026-11-23T09:00"}
    client.post(url("schedule", recipient), fields)

    other = {"body": "Another text", "send_key": new_send_key()}
    assert client.post(url("draft_save", recipient), other).status_code == 409
    connect(sender, recipient, at=at)
    send(sender, recipient, subject="", body="Another text", purpose="", at=at)

    assert Draft.objects.get().body == BODY


def test_asked_to_be_told(sender, recipient, send, browse, at):
    send(sender, recipient, at=at)
    client = browse(sender)
    assert "Remind me on 29 Nov 2026" in client.get(url("compose", recipient)).content.decode()

    page = client.post(url("remind", recipient), follow=True).content.decode()

    assert "We will tell you." in page
    assert Reminder.objects.get().about == recipient


def test_a_colleague_who_wrote_for_the_team_is_named(sender, recipient, make_member, send, browse, at):
    owen = make_member("Owen Hart")
    team = make_team(make_member("Lena Kruse"), licences=2, at=at)
    for member in (sender, owen):
        give_seat(team, member, at=at)
    give_credits(team, 5, at=at)
    send(owen, recipient, at=at)

    page = browse(sender).get(url("compose", recipient)).content.decode()

    assert "Owen Hart, on your team, wrote to Tomas on 22 Nov 2026." in page
    assert f'<a href="{url("compose", owen)}">Ask Owen</a>' in page
