"""News about credits is told once, by mail and on the page, as each member chose."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import letters, news, notices, preferences
from accounts.clock import set_to
from accounts.models import Member, Notice, NoticeKind, PageNotice
from accounts.preferences import Told

GRANTED = NoticeKind.CREDITS_GRANTED


def one(member, key="gift:1", *, at, kind=GRANTED, **context):
    facts = {"credits": 3, "source": "promo", "reason": "Autumn", "until": "20 Feb 2027", "path": "/credits/"}
    return news.News(member_id=member.pk, kind=kind, key=key, context=facts | context, happened_at=at)


@pytest.fixture
def opened(client, at):
    """The page of a member, in words."""

    def page(member):
        client.force_login(member)
        with set_to(at):
            return client.get(reverse("accounts:notices")).content.decode()

    return page


def test_the_same_words_come_by_mail_and_stand_on_the_page(ada, at, opened):
    assert news.tell([one(ada, at=at)], at=at) == 1

    mail = letters.write(Notice.objects.get())
    assert mail.subject == "3 credits arrived"
    assert "A gift: Autumn. Usable until 20 Feb 2027." in mail.body
    assert letters.unsubscribe_path(ada, GRANTED) in mail.body
    html = opened(ada)
    assert "3 credits arrived" in html
    assert "A gift: Autumn. Usable until 20 Feb 2027." in html


def test_it_is_told_once_whoever_tells_it(ada, at):
    news.tell([one(ada, at=at), one(ada, at=at)], at=at)
    assert news.tell([one(ada, at=at)], at=at + timedelta(hours=1)) == 0
    assert (PageNotice.objects.count(), Notice.objects.count()) == (1, 1)


def test_each_place_can_be_switched_off(ada, ben, at):
    preferences.save_choices(member=ada, choices={GRANTED: Told(by_mail=False, on_page=True)})
    preferences.save_choices(member=ben, choices={GRANTED: Told(by_mail=True, on_page=False)})
    news.tell([one(ada, "a", at=at), one(ben, "b", at=at), one(ben, "c", kind="credits_low", at=at, balance=1)], at=at)

    assert set(PageNotice.objects.values_list("key", flat=True)) == {"a", "c"}
    assert set(Notice.objects.values_list("key", flat=True)) == {"b", "c"}


def test_what_waits_in_the_outbox_obeys_the_switch(ada, at):
    news.tell([one(ada, at=at)], at=at)
    preferences.end_mail(member=ada, kind=GRANTED)

    assert notices.send(Notice.objects.get().pk, at=at).failed_at == at


def test_an_answers_credit_is_told_on_the_page_only_unless_asked_for(ada, at):
    news.tell([one(ada, kind=NoticeKind.CREDITS_RETURNED, who="Mei", balance=4, at=at)], at=at)
    assert (PageNotice.objects.count(), Notice.objects.count()) == (1, 0)


def test_old_news_and_members_who_left_are_told_nothing(ada, ben, at):
    Member.objects.filter(pk=ben.pk).update(is_active=False)
    assert news.tell([one(ada, at=at - timedelta(days=3)), one(ben, "b", at=at)], at=at) == 0
    assert PageNotice.objects.count() == 0


def test_opening_one_reads_it_and_leads_to_what_it_is_about(client, ada, ben, at):
    news.tell([one(ada, "a", at=at), one(ada, "b", at=at)], at=at)
    first, second = PageNotice.objects.order_by("pk")
    client.force_login(ada)

    answer = client.post(reverse("accounts:notice_open", args=[first.public_id]))

    assert (answer.status_code, answer["Location"]) == (302, "/credits/")
    assert news.unread_count(ada) == 1
    client.force_login(ben)
    assert client.post(reverse("accounts:notice_open", args=[second.public_id])).status_code == 404
    assert news.unread_count(ada) == 1


def test_marking_all_reads_what_was_shown_and_not_what_came_meanwhile(client, ada, ben, at):
    news.tell([one(ada, "a", at=at), one(ben, "b", at=at)], at=at)
    shown = PageNotice.objects.get(key="a").pk
    news.tell([one(ada, "c", at=at)], at=at)
    client.force_login(ada)

    client.post(reverse("accounts:notices_read"), {"through": PageNotice.objects.get(key="b").pk})

    assert set(PageNotice.objects.unread().values_list("key", flat=True)) == {"b", "c"}
    assert PageNotice.objects.get(pk=shown).read_at is not None
    assert client.post(reverse("accounts:notices_read"), {"through": "x"}).status_code == 400


def test_the_page_is_empty_then_long_and_costs_the_same(client, ada, at, opened, django_assert_max_num_queries):
    assert "Nothing to tell" in opened(ada)
    news.tell([one(ada, str(number), at=at) for number in range(51)], at=at)
    assert opened(ada).count('class="row notice"') == 50
    with django_assert_max_num_queries(13):
        html = client.get(reverse("accounts:notices")).content.decode()
    assert ">51<" in html
    older = PageNotice.objects.order_by("-pk")[49].pk
    assert client.get(reverse("accounts:notices"), {"before": older}).content.decode().count('class="row notice"') == 1


def test_five_hundred_are_told_with_a_constant_number_of_queries(ada, at, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        news.tell([one(ada, str(number), at=at) for number in range(400)], at=at)


def test_the_settings_keep_what_was_ticked(client, ada):
    client.force_login(ada)
    where = reverse("accounts:settings_notices")
    assert client.get(where).content.decode().count(" checked") == 2 * len(preferences.SWITCHABLE)
    client.post(where, {"wants_message_mail": "on", "credits_low_on_page": "on"})

    chosen = preferences.choices_of(ada)
    assert chosen[NoticeKind.CREDITS_LOW] == Told(by_mail=False, on_page=True)
    assert chosen[GRANTED] == Told(by_mail=False, on_page=False)
    assert client.get(where).content.decode().count(" checked") == 2


def test_after_a_year_the_page_forgets(ada, at):
    news.tell([one(ada, at=at)], at=at)
    assert news.forget_old(at=at + timedelta(days=365)) == 0
    assert news.forget_old(at=at + timedelta(days=365, seconds=1)) == 1
