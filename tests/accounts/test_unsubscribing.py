"""One link in each mail about messages ends that mail, signed in or not, and opens nothing else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import letters, notices
from accounts.models import NoticeKind, Reach
from accounts.preferences import choices_of, takes_mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(ada):
    return letters.unsubscribe_path(ada)


def wants_mail(member):
    return Reach.objects.get(member=member).wants_message_mail


def test_the_page_only_asks(client, link, ada):
    """Mail scanners open every link."""
    answer = client.get(link)

    assert answer.status_code == 200
    assert "Stop this mail" in answer.content.decode()
    assert wants_mail(ada)
    assert client.head(link).status_code == 200
    assert wants_mail(ada)


def test_its_button_ends_the_mail_of_this_member_only(client, link, ada, ben):
    answer = client.post(link)

    assert answer.status_code == 200
    assert not wants_mail(ada)
    assert wants_mail(ben)
    assert "sessionid" not in answer.cookies


def test_one_click_in_a_mail_program_needs_no_cookie(link, ada):
    """RFC 8058: the program posts by itself; the signature in the address is the proof."""
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not wants_mail(ada)


def test_a_guessed_link_is_the_same_404_as_any(client, link, ada, ben):
    for guess in (link.replace(str(ada.pk), str(ben.pk), 1), f"{link[:-2]}/", "/unsubscribe/1/", "/unsubscribe/1:/"):
        assert client.post(guess).status_code == 404
    assert wants_mail(ada)
    assert wants_mail(ben)


def test_another_visitor_sees_nothing_of_the_member(client, link, ada):
    text = client.get(link).content.decode()

    assert ada.name not in text
    assert ada.email not in text


def test_a_members_mail_carries_the_link_for_people_and_for_programs(ada, at, settings):
    settings.SITE_URL = "https://post.example"
    notice = notices.queue(
        member=ada, kind="message", context={"sender_name": "Ben"}, key="k", due_at=at, not_after=at + timedelta(1)
    )

    mail = letters.write(notice)

    assert mail.extra_headers["List-Unsubscribe"] == f"<https://post.example{letters.unsubscribe_path(ada)}>"
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_it_can_be_turned_on_again(client, link, ada):
    client.post(link)
    client.force_login(ada)

    client.post(reverse("accounts:settings_notices"), {"wants_message_mail": "on"})

    assert wants_mail(ada)


def test_a_link_for_one_kind_of_news_ends_only_that(client, ada):
    link = letters.unsubscribe_path(ada, NoticeKind.CREDITS_LOW)

    assert "Few credits left" in client.get(link).content.decode()
    assert takes_mail(ada, NoticeKind.CREDITS_LOW)
    assert client.post(link).status_code == 200

    ada = type(ada).objects.get(pk=ada.pk)
    assert not takes_mail(ada, NoticeKind.CREDITS_LOW)
    assert choices_of(ada)[NoticeKind.CREDITS_LOW].on_page
    assert takes_mail(ada, NoticeKind.CREDITS_ENDING)
    assert wants_mail(ada)


def test_mail_that_nobody_can_end_has_no_such_link(ada, at):
    notice = notices.queue(
        member=ada, kind="account/login_code", context={}, key="k", due_at=at, not_after=at + timedelta(1)
    )

    assert "List-Unsubscribe" not in letters.write(notice).extra_headers
