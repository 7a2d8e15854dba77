"""Moderation in the console: the queue, a case and its texts, one decision, appeals, and who may do what."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member, PolicyVersion, Restriction, Step
from messaging import appealing, conduct, reporting, reviewing
from messaging.drafts import new_send_key
from messaging.models import Appeal, Case, Decision, Draft, Message, TextReading
from messaging.quotes import Quote
from messaging.sending import send
from messaging.verdicts import verdict_for
from tests.config.test_console import make_staff, supporter

__all__ = ["supporter"]

MakeMember = Callable[..., Member]
Browse = Callable[[Member], Client]

SUBJECT, BODY = "A rare opportunity", "The words that nobody opens without a reason."
COPIED = "The words as they were when they were reported."
FACTS = "You wrote the same text to forty people within one day."


@pytest.fixture
def moderator(make_member: MakeMember) -> Member:
    return make_staff(make_member("Mara Ek"), "Moderator")


@pytest.fixture
def second(make_member: MakeMember) -> Member:
    return make_staff(make_member("Otto Ramm"), "Moderator")


def write(sender: Member, recipient: Member, *, at: datetime, body: str = BODY) -> Message:
    shown = Quote.of(verdict_for(sender, recipient, purpose="sales", at=at))
    words: dict[str, Any] = {"subject": SUBJECT, "body": body, "purpose": "sales", "send_key": new_send_key()}
    return send(sender=sender, recipient=recipient, shown=shown, at=at, **words).message


@pytest.fixture
def case(sender: Member, recipient: Member, at: datetime) -> Case:
    """The recipient reported what the sender wrote an hour ago."""
    message = write(sender, recipient, at=at - timedelta(hours=1), body=COPIED)
    reported = reporting.report(message=message, reporter=recipient, reason="spam", words="Spam again", at=at)
    # Only the copy is what was reported.
    Message.objects.filter(pk=message.pk).update(body="Something else by now.")
    return reported.case


def page_of(case: Case) -> str:
    return reverse("admin:case_decide", args=[case.pk])


def decision(**changed: str) -> dict[str, str]:
    form = {"outcome": "warning", "rule": "bulk", "days": "", "facts": FACTS, "note": "Seen twice."}
    return form | changed


def decide(client: Client, case: Case, **changed: str) -> Any:
    """As the page does it: preview, then the button that names what it does."""
    shown = client.post(page_of(case), decision(**changed) | {"act": "preview"})
    assert shown.status_code == 200, shown.context["form"].errors
    seen = shown.context["form"].data["previewed"]
    return client.post(page_of(case), decision(**changed) | {"act": "decide", "previewed": seen})


def test_no_text_is_in_the_page_before_it_is_opened_and_the_member_sees_who_did(
    case: Case, moderator: Member, sender: Member, recipient: Member, browse: Browse, clock: datetime
) -> None:
    client = browse(moderator)
    before = client.get(page_of(case)).content.decode()
    assert COPIED not in before and SUBJECT not in before and "Spam again" in before
    without_reason = client.post(page_of(case), {"act": "show", "reason": "report", "note": " "})
    assert without_reason.status_code == 422 and COPIED not in without_reason.content.decode()
    assert not TextReading.objects.exists()
    opened = client.post(page_of(case), {"act": "show", "reason": "report", "note": "Is it bulk?"})
    assert COPIED in opened.content.decode() and SUBJECT in opened.content.decode()
    assert COPIED not in client.get(page_of(case)).content.decode()
    reading = TextReading.objects.get()
    assert (reading.reader, reading.writer, reading.case, reading.note) == (moderator, sender, case, "Is it bulk?")
    privacy = browse(sender).get(reverse("messaging:settings_privacy")).content.decode()
    assert "Mara Ek" in privacy and "a report" in privacy and "22 Nov, 11:00" in privacy
    assert "Is it bulk?" not in privacy and recipient.name not in privacy
    assert "Nobody opened" in browse(recipient).get(reverse("messaging:settings_privacy")).content.decode()


def test_every_box_of_a_case_has_its_own_label(case: Case, moderator: Member, browse: Browse) -> None:
    page = browse(moderator).get(page_of(case)).content.decode()
    ids = re.findall(r' id="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
    assert {"read_note", "id_note"} <= set(ids)


def test_nobody_reads_what_others_got_by_reporting_who_wrote_it(
    sender: Member, moderator: Member, browse: Browse, clock: datetime
) -> None:
    message = write(sender, moderator, at=clock - timedelta(hours=1), body=COPIED)
    own = reporting.report(message=message, reporter=moderator, reason="spam", at=clock).case
    client = browse(moderator)
    assert "Show text" not in client.get(page_of(own)).content.decode()
    assert client.post(page_of(own), {"act": "show", "reason": "report", "note": "Curious"}).status_code == 403
    assert not TextReading.objects.exists()


def test_what_stood_before_the_reported_message_and_what_is_like_it_is_opened_and_recorded_too(
    sender: Member, recipient: Member, make_member: MakeMember, moderator: Member, browse: Browse, clock: datetime
) -> None:
    first = write(sender, recipient, at=clock - timedelta(minutes=50), body="An earlier word to the same person.")
    long_ago = clock - timedelta(days=8)
    Message.objects.filter(pk=first.pk).update(sent_at=long_ago, deliver_at=long_ago)
    text = "We build the tool that every team of your kind was waiting for so long."
    again = write(sender, recipient, at=clock - timedelta(minutes=30), body=text)
    write(sender, make_member("Ines Duarte"), at=clock - timedelta(minutes=40), body=f"{text} Truly.")
    made = reporting.report(message=again, reporter=recipient, reason="repeated", at=clock)
    show = {"act": "show", "reason": "report", "note": "Context"}
    page = browse(moderator).post(page_of(made.case), show)
    roles = [text.role for text in page.context["texts"]]
    assert roles == ["reported", "before", "like"]
    assert TextReading.objects.filter(writer=sender, message=first).exists() and TextReading.objects.count() == 3


def test_a_decision_is_previewed_then_made_and_the_member_is_limited(
    case: Case, moderator: Member, sender: Member, browse: Browse, clock: datetime
) -> None:
    client = browse(moderator)
    assert decide(client, case).status_code == 302
    again = conduct.open_case(
        about=sender, source=Case.Source.STAFF, harm=Case.Harm.HIGH, key="again", evidence={}, at=clock
    )
    shown = client.post(page_of(again), decision(outcome="day") | {"act": "preview"})
    words = shown.content.decode()
    assert "Restrict until 23 Nov, 11:00" in words and "You cannot start conversations until" in words
    assert Decision.objects.count() == 1
    forged = client.post(page_of(again), decision(outcome="day") | {"act": "decide", "previewed": "x" * 16})
    assert forged.status_code == 200 and Decision.objects.count() == 1
    assert decide(client, again, outcome="day").status_code == 302
    restriction = Restriction.objects.get(step=Step.DAY)
    assert (restriction.member, restriction.facts, restriction.decided_by) == (sender, FACTS, moderator)
    assert client.get(reverse("admin:queue")).context["count"] == 0


@pytest.mark.parametrize(
    "changed", [{"facts": "Too short."}, {"rule": ""}, {"outcome": "escalate", "note": ""}, {"outcome": "x"}]
)
def test_a_decision_without_its_grounds_is_refused(
    changed: dict[str, str], case: Case, moderator: Member, browse: Browse, clock: datetime
) -> None:
    answer = browse(moderator).post(page_of(case), decision(**changed) | {"act": "preview"})
    assert answer.status_code == 422 and 'class="error"' in answer.content.decode()
    skipping = browse(moderator)
    assert decide(skipping, case, outcome="week").status_code == 422
    assert not Decision.objects.exists()


def test_support_reads_for_a_case_and_decides_nothing(
    case: Case, supporter: Member, recipient: Member, browse: Browse, clock: datetime
) -> None:
    client = browse(supporter)
    page = client.get(page_of(case)).content.decode()
    assert recipient.name not in page and "Spam again" not in page and 'value="preview"' not in page
    for act in ("preview", "decide", "pass", "send_back", "confirm", "refuse"):
        assert client.post(page_of(case), decision() | {"act": act}).status_code == 403, act
    assert client.post(page_of(case), {"act": "show", "reason": "report", "note": "Asked"}).status_code == 200
    assert not Decision.objects.exists()


def test_nobody_decides_what_is_about_them_or_what_they_reported(
    moderator: Member, sender: Member, recipient: Member, case: Case, browse: Browse, clock: datetime
) -> None:
    for member in (sender, recipient):
        make_staff(member, "Moderator")
        client = browse(member)
        page = client.get(page_of(case)).content.decode()
        assert "Somebody else decides" in page and 'value="preview"' not in page
        assert client.post(page_of(case), decision() | {"act": "preview"}).status_code == 403
        assert client.post(page_of(case), decision() | {"act": "decide"}).status_code == 403
    about_me = browse(sender)
    assert recipient.name not in about_me.get(page_of(case)).content.decode()
    assert about_me.post(page_of(case), {"act": "show", "reason": "report", "note": "Mine"}).status_code == 403
    lists = [reverse(f"admin:messaging_{name}_changelist") for name in ("report", "case")]
    assert all(recipient.name not in about_me.get(address).content.decode() for address in lists)


def test_a_closing_takes_a_second_moderator(
    case: Case, moderator: Member, second: Member, sender: Member, browse: Browse, clock: datetime
) -> None:
    first = browse(moderator)
    assert decide(first, case, outcome="closing", is_grave="on").status_code == 302
    assert Member.objects.get(pk=sender.pk).is_active
    assert first.post(page_of(case), {"act": "confirm"}).status_code == 403
    assert 'value="confirm"' not in first.get(page_of(case)).content.decode()
    other = browse(second)
    assert "Close the account" in other.get(reverse("admin:queue")).content.decode()
    assert other.post(page_of(case), {"act": "refuse", "note": "Not grave enough."}).status_code == 302
    assert decide(first, case, outcome="closing", is_grave="on").status_code == 302
    assert other.post(page_of(case), {"act": "confirm"}).status_code == 302
    assert not Member.objects.get(pk=sender.pk).is_active


def test_the_first_moderator_never_decides_the_appeal(
    case: Case, moderator: Member, second: Member, sender: Member, browse: Browse, clock: datetime
) -> None:
    made = conduct.decide_case(
        case=case, outcome="day", rule="bulk", facts=FACTS, note="-", is_grave=True, decided_by=moderator, at=clock
    )
    appeal = appealing.appeal(decision=made, member=sender, statement="It was one list of friends.", at=clock)
    page, form = reverse("admin:appeal_decide", args=[appeal.pk]), {"act": "reversed", "reasons": FACTS}
    first = browse(moderator)
    assert 'value="reversed"' not in first.get(page).content.decode()
    assert first.post(page, form).status_code == 403
    other = browse(second)
    shown = other.get(page).content.decode()
    assert "It was one list of friends." in shown and FACTS in shown and "standing" in shown
    assert other.post(page, form | {"reasons": "Short."}).status_code == 422
    assert other.post(page, form).status_code == 302
    assert Appeal.objects.get().outcome == "reversed"
    assert Restriction.objects.get().reversed_at == clock


def test_the_queue_is_ordered_by_harm_then_age_with_as_many_queries_for_thirty_as_for_one(
    make_member: MakeMember, moderator: Member, browse: Browse, clock: datetime, django_assert_max_num_queries: Any
) -> None:
    client = browse(moderator)
    members = [make_member(f"Mei Number{number}") for number in range(6)]
    for number in range(30):
        conduct.open_case(
            about=members[number % 6],
            source=Case.Source.STAFF,
            harm=Case.Harm(number % 4 + 1),
            key=f"case:{number}",
            evidence={},
            at=clock - timedelta(minutes=number),
        )
    with django_assert_max_num_queries(18):
        page = client.get(reverse("admin:queue"))
    cases = [case for case, _alarm in page.context["cases"]]
    assert [case.harm for case in cases] == sorted((case.harm for case in cases), reverse=True)
    assert cases[0].opened_at < cases[1].opened_at and page.context["count"] == 30
    today = client.get(reverse("admin:index")).content.decode()
    assert "30 cases wait for a decision" in today


def test_a_moderator_opens_a_case_by_hand_once(
    moderator: Member, supporter: Member, sender: Member, browse: Browse, clock: datetime
) -> None:
    address, form = reverse("admin:member_cases", args=[sender.pk]), {"harm": "3", "why": "Told by mail"}
    client = browse(moderator)
    key = client.get(address).context["form"]["form_key"].value()
    for _time in range(2):
        assert client.post(address, form | {"form_key": key}).status_code == 302
    made = Case.objects.get()
    assert (made.about, made.source, made.harm) == (sender, "staff", 3)
    assert "Told by mail" in client.get(page_of(made)).content.decode()
    assert browse(supporter).post(address, form | {"form_key": key}).status_code == 403


@pytest.fixture
def held(sender: Member, recipient: Member, make_member: MakeMember, clock: datetime) -> Draft:
    """The second text of its kind, on a site that holds it: it waits for a moderator."""
    begins = clock - timedelta(microseconds=1)
    settings = {"duplicate_hold_at": 1, "duplicate_warn_at": 1}
    PolicyVersion.objects.create(catalog="test", settings=settings, in_force_from=begins, approved_at=begins)
    write(sender, make_member("Ines Duarte"), at=clock)
    shown = Quote.of(verdict_for(sender, recipient, purpose="sales", text=BODY, at=clock))
    text = {"purpose": "sales", "reason": "", "subject": SUBJECT, "body": BODY, "send_key": new_send_key()}
    return reviewing.hold(sender=sender, recipient=recipient, text=text, shown=shown, at=clock)


def test_a_held_message_is_let_pass_or_sent_back_with_its_reason(
    held: Draft, moderator: Member, browse: Browse, clock: datetime
) -> None:
    case, client = Case.objects.get(source=Case.Source.HELD), browse(moderator)
    page = client.get(page_of(case)).content.decode()
    assert "Held message" in page and BODY not in page and SUBJECT not in page
    opened = client.post(page_of(case), {"act": "show", "reason": "held", "note": "To judge it"})
    assert [text.role for text in opened.context["texts"]] == ["held", "like"] and BODY in opened.content.decode()
    assert TextReading.objects.filter(message=None).count() == 1
    assert client.post(page_of(case), {"act": "send_back", "why": ""}).status_code == 422
    assert client.post(page_of(case), {"act": "send_back", "why": "Write to one person."}).status_code == 302
    held.refresh_from_db()
    assert held.in_review_since is None and held.came_back_why == "Write to one person."
    case.refresh_from_db()
    assert case.closed_at == clock


def test_a_held_message_that_passes_waits_for_nothing_more(
    held: Draft, moderator: Member, browse: Browse, clock: datetime
) -> None:
    case = Case.objects.get(source=Case.Source.HELD)
    assert browse(moderator).post(page_of(case), {"act": "pass"}).status_code == 302
    held.refresh_from_db()
    assert held.passed_review_at == clock


def test_an_alarm_stands_in_patterns_with_its_case_and_its_figures(
    moderator: Member, sender: Member, browse: Browse, clock: datetime
) -> None:
    rang = conduct.open_case(
        about=sender,
        source=Case.Source.SIGNAL,
        harm=Case.Harm.LOW,
        key="signal:returns",
        evidence={"signal": "returns", "charges": 24, "returned": 24},
        at=clock,
    )
    client = browse(moderator)
    page = client.get(reverse("admin:patterns")).content.decode()
    assert "Nearly every credit came back" in page and page_of(rang) in page
    words = client.get(page_of(rang)).content.decode()
    assert "Nearly every credit came back" in words and "Credits that came back" in words


def test_the_queue_goes_on_page_by_page_though_cases_are_decided_meanwhile(
    sender: Member, moderator: Member, browse: Browse, clock: datetime
) -> None:
    harms = [1 + number % 3 for number in range(104)]
    Case.objects.bulk_create(
        Case(about=sender, source="staff", harm=harm, key=f"staff:{number}", evidence={}, opened_at=clock)
        for number, harm in enumerate(harms)
    )
    Case.objects.filter(key="staff:3").update(escalated_at=clock)
    client, where, seen = browse(moderator), reverse("admin:queue"), []
    page = client.get(where)
    while True:
        seen += [case.pk for case, _alarm in page.context["cases"]]
        if not page.context["following"]:
            break
        Case.objects.filter(pk=seen[-1]).update(closed_at=clock)
        page = client.get(where, {"after": page.context["following"]})

    in_order = sorted(Case.objects.all(), key=lambda case: (case.escalated_at is None, -case.harm, case.pk))
    assert seen == [case.pk for case in in_order]
    assert "From the first" in page.content.decode()
    assert [client.get(where, {"after": after}).status_code for after in ("x", "-1", "99999999")] == [400, 400, 404]
