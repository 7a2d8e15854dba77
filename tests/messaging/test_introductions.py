"""Introductions: a shared connection brings two together; a no of anybody looks like silence (domain 7.11)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import blocks, letters, stops
from accounts.clock import set_to
from accounts.models import Member, Notice, PageNotice, Reach, Restriction
from billing.models import Charge
from messaging import introducing
from messaging.introducing import IntroductionGone, IntroductionRefused
from messaging.models import Introduction, Message, Outreach, Participation, SendingDay
from messaging.verdicts import verdict_for

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
WHY = "We both build looms, and I would like to hear how yours turned out."


@pytest.fixture
def through(make_member, sender, recipient, connect, at):
    member = make_member("Theo Brandt")
    for other in (sender, recipient):
        connect(member, other, at=at - DAY)
    return member


@pytest.fixture
def ask(sender, through, recipient, at):
    def asked(*, at=at, asker=sender, target=recipient, by=through):
        return introducing.ask(asker=asker, through=by, target=target, context=WHY, at=at)

    return asked


@pytest.fixture
def forwarded(ask, through, at):
    return introducing.forward(introduction=ask(), member=through, words="Do talk.", at=at)


def restrict(member, *, step="week", at):
    moderator = Member.objects.create_user(email=f"mod{member.pk}@example.org", name="Mo Derator")
    Restriction.objects.create(
        member=member,
        step=step,
        rule=Restriction._meta.get_field("rule").choices[0][0],
        facts="Ten alike.",
        found_by="staff",
        reference=f"case{member.pk}",
        starts_at=at - DAY,
        ends_at=at + DAY,
        decided_by=moderator,
    )


def test_forwarded_and_accepted_it_opens_a_free_conversation_in_both_inboxes(forwarded, sender, recipient, at):
    conversation = introducing.accept(introduction=forwarded, member=recipient, at=at)

    texts = list(Message.objects.order_by("sent_at").values_list("sender", "kind", "answer", "body"))
    assert texts == [(sender.pk, "text", "", WHY), (recipient.pk, "answer", "accept", "")]
    assert (Outreach.objects.count(), Charge.objects.count()) == (0, 0)
    assert set(Participation.objects.values_list("tray", flat=True)) == {"inbox"}
    later = at + timedelta(seconds=1)
    assert {verdict_for(*pair, at=later).code for pair in ((sender, recipient), (recipient, sender))} == {"open"}
    assert introducing.accept(introduction=forwarded, member=recipient, at=later) == conversation
    assert Message.objects.count() == 2


def test_a_refusal_still_counts_when_the_asker_takes_the_introduction_back(ask, forwarded, through, recipient, at):
    introducing.decline(introduction=forwarded, member=recipient, at=at)
    introducing.withdraw(introduction=forwarded, member=forwarded.asker, at=at)
    assert not introducing.asked_by(forwarded.asker).exists()

    later = at + 15 * DAY
    introducing.forward(introduction=ask(at=later), member=through, words="", at=later)

    assert not introducing.for_target(recipient, at=later).exists()


def test_whoever_asked_not_to_be_written_to_is_not_asked_to_introduce_either(ask, sender, through, at):
    stops.stop(recipient=through, sender=sender, at=at - DAY)

    with pytest.raises(IntroductionRefused, match="asked you not to write"):
        ask()

    assert not SendingDay.objects.exists()


def test_accepting_answers_an_inmail_of_the_asker_as_any_answer_does(forwarded, sender, recipient, send, at):
    send(sender, recipient, at=at)
    introducing.accept(introduction=forwarded, member=recipient, at=at + DAY)

    charge = Charge.objects.get()
    assert charge.answered_at is not None
    assert Outreach.objects.get().answered_at is not None


def test_each_is_told_when_something_waits_for_them_and_the_asker_by_the_answer_alone(ask, through, recipient, at):
    asked = ask()
    told = PageNotice.objects.get()
    assert (told.member, Notice.objects.get().member) == (through, through)
    assert letters.write(Notice.objects.get()).subject == "Nadia Osei asks you for an introduction"

    introducing.forward(introduction=asked, member=through, words="", at=at)
    mail = letters.write(Notice.objects.get(member=recipient))
    assert mail.subject == "Theo Brandt introduces Nadia Osei to you"
    assert "/introductions/" in mail.body
    assert WHY not in mail.body
    assert PageNotice.objects.count() == 2


def test_whoever_refuses_the_asker_sees_it_wait_until_it_expires(ask, make_member, connect, through, recipient, at):
    pages = []
    for end in ("wait", "kept", "declined", "blocked", "gone", "blocked before", "gone before"):
        asker = make_member("Nadia Osei")
        connect(asker, through, at=at)
        target = make_member("Mei Tanaka")
        connect(target, through, at=at)
        if end == "blocked before":
            blocks.block(blocker=target, blocked=asker, at=at)
        if end == "gone before":
            Member.objects.filter(pk=target.pk).update(is_active=False)
            target.refresh_from_db()
        one = ask(asker=asker, target=target)
        if end == "kept":
            introducing.keep_back(introduction=one, member=through, at=at)
        elif end != "wait":
            introducing.forward(introduction=one, member=through, words="", at=at)
        if end == "declined":
            introducing.decline(introduction=one, member=target, at=at)
        if end == "blocked":
            blocks.block(blocker=target, blocked=asker, at=at)
        if end == "gone":
            Member.objects.filter(pk=target.pk).update(is_active=False)
        pages.append(_asked_page(asker, at=at))
        with pytest.raises(IntroductionRefused, match="You can ask again on 6 Dec 2026"):
            ask(asker=asker, target=target, at=at + DAY)
        # Whoever is gone opens no page.
        assert end.startswith("gone") or not introducing.for_target(target, at=at).exists(), end

    assert set(pages) == {pages[0]}
    assert "Waiting until 6 Dec" in pages[0]


def _asked_page(member, *, at):
    client = Client()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    with set_to(at):
        html = client.get(reverse("messaging:introductions")).content.decode()
    html = html[html.index("<main") : html.index("</main>")]
    html = re.sub(r"<time[^>]*>|csrfmiddlewaretoken\" value=\"\w+", "", html)
    return re.sub(r"data-hue=\"\d+\"|/p/[\w-]+/|/introductions/[\w-]+/", "", html)


def test_what_a_blocked_asker_had_forwarded_cannot_be_accepted(forwarded, sender, recipient, at):
    blocks.block(blocker=recipient, blocked=sender, at=at)

    with pytest.raises(IntroductionGone):
        introducing.accept(introduction=forwarded, member=recipient, at=at)
    assert not Message.objects.exists()


def test_after_a_stop_or_a_no_nothing_of_the_asker_reaches_the_member_again(
    forwarded, ask, through, recipient, sender, at
):
    introducing.decline(introduction=forwarded, member=recipient, at=at)
    later = at + 15 * DAY
    again = introducing.forward(introduction=ask(at=later), member=through, words="", at=later)
    assert not introducing.for_target(recipient, at=later).exists()
    with pytest.raises(IntroductionGone):
        introducing.accept(introduction=again, member=recipient, at=later)

    stops.stop(recipient=recipient, sender=sender, at=later)
    with pytest.raises(IntroductionRefused, match="asked you not to write again"):
        ask(at=later + 15 * DAY)


def test_after_its_days_nobody_can_act_on_it_and_it_can_be_asked_again(forwarded, ask, through, recipient, at):
    late = at + 14 * DAY
    assert introducing.for_target(recipient, at=late - timedelta(seconds=1)).exists()
    for act in (
        lambda: introducing.accept(introduction=forwarded, member=recipient, at=late),
        lambda: introducing.decline(introduction=forwarded, member=recipient, at=late),
        lambda: introducing.withdraw(introduction=forwarded, member=forwarded.asker, at=late),
    ):
        with pytest.raises(IntroductionGone):
            act()
    assert ask(at=late).state == "asked"


def test_it_counts_in_the_askers_day_and_the_day_has_an_end(ask, sender, make_member, connect, through, at):
    ask()
    day = SendingDay.objects.get(member=sender)
    assert day.outreach == 1
    SendingDay.objects.filter(pk=day.pk).update(outreach=15)
    other = make_member("Olga Prem")
    connect(other, through, at=at)

    with pytest.raises(IntroductionRefused, match="You reached today's limit of 15"):
        ask(target=other)
    assert Introduction.objects.count() == 1


@pytest.mark.parametrize("step", ["week", "suspended"])
def test_who_is_limited_cannot_ask_and_what_they_asked_before_does_not_arrive(
    forwarded, ask, sender, recipient, step, at
):
    restrict(sender, step=step, at=at)

    assert not introducing.for_target(recipient, at=at).exists()
    with pytest.raises(IntroductionRefused, match="until 23 Nov 2026"):
        ask()


def test_only_somebody_connected_with_both_can_be_asked_or_pass_it_on(
    ask, make_member, connect, through, sender, recipient, at
):
    stranger = make_member("Stan Wolf")
    connect(stranger, sender, at=at)
    with pytest.raises(IntroductionRefused, match="not connected with both"):
        ask(by=stranger)

    asked = ask()
    blocks.block(blocker=through, blocked=recipient, at=at)
    with pytest.raises(IntroductionGone, match="no longer connected"):
        introducing.forward(introduction=asked, member=through, words="", at=at)
    asked.refresh_from_db()
    assert asked.state == "asked"


def test_who_can_write_already_needs_no_introduction(ask, sender, recipient, connect, at):
    connect(sender, recipient, at=at)

    with pytest.raises(IntroductionRefused, match="can write to each other already"):
        ask()


def test_nobody_else_decides(ask, make_member, sender, through, recipient, at):
    asked = ask()
    outsider = make_member("Vera Kranz")
    for act in (introducing.keep_back, introducing.decline, introducing.withdraw, introducing.accept):
        with pytest.raises(IntroductionGone):
            act(introduction=asked, member=outsider, at=at)
    with pytest.raises(IntroductionGone):
        introducing.forward(introduction=asked, member=recipient, words="", at=at)
    with pytest.raises(IntroductionGone):
        introducing.accept(introduction=asked, member=recipient, at=at)


@pytest.mark.usefixtures("clock")
def test_the_pages_lead_from_the_verdict_to_the_conversation(sender, through, recipient, browse):
    Reach.objects.filter(member=recipient).update(who="nobody")
    page = reverse("messaging:introduce", args=[recipient.handle])
    profile = browse(sender).get(recipient.get_absolute_url()).content.decode()
    assert f'<a href="{page}">Ask Theo for an introduction</a>' in profile

    form = {"through": through.handle, "context": WHY}
    assert browse(sender).post(page, form | {"context": "x" * 501}).status_code == 422
    browse(sender).post(page, form)
    assert "You can ask again on" in browse(sender).post(page, form).content.decode()

    asked = Introduction.objects.get()
    assert WHY in browse(through).get(reverse("messaging:introductions")).content.decode()
    browse(through).post(reverse("messaging:introduction_forward", args=[asked.public_id]), {"words": "Do talk."})
    offered = browse(recipient).get(reverse("messaging:introductions")).content.decode()
    assert "Do talk." in offered
    answer = browse(recipient).post(reverse("messaging:introduction_accept", args=[asked.public_id]), follow=True)
    assert answer.redirect_chain[-1][0].startswith("/inbox/c/")
    assert WHY in answer.content.decode()
