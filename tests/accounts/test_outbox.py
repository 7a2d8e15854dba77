"""A promised mail is sent once: whatever the mail server does, and whoever else tries at the same time."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from accounts import clock, letters, notices, tasks
from accounts.models import FailedJob, JobRun, Notice
from tests.accounts.mail_sink import RunningSink

pytestmark = pytest.mark.django_db


@pytest.fixture
def sink(settings, monkeypatch):
    running = RunningSink()
    running.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
    settings.EMAIL_TIMEOUT = 1
    monkeypatch.setattr(notices, "_silent_until", 0.0)
    yield running
    running.stop()


@pytest.fixture
def server_is_asked_again(monkeypatch):
    """Lets the pause after a silent server pass."""
    return lambda: monkeypatch.setattr(notices, "_silent_until", 0.0)


@pytest.fixture
def promise(at):
    def make(*, key="code:1", address="ada@example.org", hours=1, kind="account/login_code", **facts):
        return notices.queue(
            address=address,
            kind=kind,
            context={"code": "AB12CD"},
            key=key,
            due_at=at,
            not_after=at + timedelta(hours=hours),
            **facts,
        )

    return make


def test_a_mail_is_sent_and_what_it_held_is_forgotten(sink, promise, at):
    notice = notices.send(promise().pk, at=at)

    assert sink.recipients == ["ada@example.org"]
    assert "AB12CD" in sink.mails[0].get_body(("plain",)).get_content()
    assert "AB12CD" in sink.mails[0].get_body(("html",)).get_content()
    notice.refresh_from_db()
    assert (notice.sent_at, notice.context, notice.failure) == (at, {}, "")


def test_sending_twice_mails_once(sink, promise, at):
    notice = promise()
    notices.send(notice.pk, at=at)

    assert notices.send(notice.pk, at=at + timedelta(minutes=10)) is None
    assert notices.send_due(at=at + timedelta(minutes=10)) == 0
    assert len(sink.mails) == 1


def test_a_mail_promised_twice_under_one_key_is_one_mail(sink, promise, at):
    assert promise() == promise()

    assert notices.send_due(at=at) == 1
    assert len(sink.mails) == 1


def test_nothing_is_sent_before_its_time(sink, promise, at):
    notice = promise()

    assert notices.send(notice.pk, at=at - timedelta(seconds=1)) is None
    assert notices.send_due(at=at - timedelta(seconds=1)) == 0
    assert sink.mails == []


@pytest.mark.parametrize("mode", ["later", "later_data"])
def test_a_refusal_for_now_is_tried_again_later_and_then_sent_once(sink, promise, at, mode):
    sink.mode = mode
    notice = notices.send(promise().pk, at=at)
    assert (notice.sent_at, notice.failed_at) == (None, None)
    assert notice.next_try_at == at + timedelta(minutes=1)
    assert notice.failure.startswith("45")

    sink.mode = "ok"
    assert notices.send_due(at=at + timedelta(seconds=59)) == 0
    assert notices.send_due(at=at + timedelta(seconds=60)) == 1
    assert len(sink.mails) == 1


def test_the_waits_between_tries_double_up_to_an_hour(sink, promise, at):
    sink.mode = "later"
    notice_id, moment, waits = promise(hours=24).pk, at, []
    for _round in range(9):
        notice = notices.send(notice_id, at=moment)
        waits.append((notice.next_try_at - moment).total_seconds() // 60)
        moment = notice.next_try_at

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize("mode", ["never", "never_data"])
def test_a_final_refusal_is_marked_and_never_tried_again(sink, promise, at, mode):
    sink.mode = mode
    notice = notices.send(promise().pk, at=at)

    assert notice.failed_at == at
    assert notice.failure.startswith("55")
    assert notice.context == {}
    sink.mode = "ok"
    assert notices.send_due(at=at + timedelta(minutes=30)) == 0
    assert sink.mails == []


def test_a_server_that_is_down_loses_nothing(sink, promise, at, server_is_asked_again):
    sink.stop()
    first, second = promise(key="1"), promise(key="2")
    with pytest.raises(notices.MailServerAway):
        notices.send(first.pk, at=at)
    assert notices.send_due(at=at) == 0

    sink.start()
    server_is_asked_again()
    assert notices.send_due(at=at + timedelta(minutes=1)) == 2
    assert len(sink.mails) == 2
    second.refresh_from_db()
    assert second.sent_at == at + timedelta(minutes=1)


def test_an_hour_without_a_server_costs_no_tries(sink, promise, at, server_is_asked_again):
    sink.stop()
    notice = promise(hours=5)
    for minute in range(60):
        server_is_asked_again()
        with pytest.raises(notices.MailServerAway):
            notices.send(notice.pk, at=at + timedelta(minutes=minute))

    notice.refresh_from_db()
    assert (notice.attempts, notice.next_try_at) == (0, at + timedelta(minutes=60))


@pytest.mark.slow
def test_a_server_that_hangs_is_left_after_the_time_limit(sink, promise, at, server_is_asked_again):
    sink.mode = "hang"
    notice = promise()
    with pytest.raises(notices.MailServerAway):
        notices.send(notice.pk, at=at)

    sink.mode = "ok"
    server_is_asked_again()
    assert notices.send_due(at=at + timedelta(minutes=1)) == 1
    assert len(sink.mails) == 1


def test_the_time_limit_of_the_product_is_ten_seconds():
    from config import settings as product

    assert product.EMAIL_TIMEOUT == 10


def test_after_a_silence_the_process_leaves_the_server_alone_for_a_while(sink, promise, at):
    sink.stop()
    with pytest.raises(notices.MailServerAway):
        notices.send(promise(key="1").pk, at=at)
    sink.start()

    with pytest.raises(notices.MailServerAway):
        notices.send(promise(key="2").pk, at=at)
    assert sink.mails == []


@pytest.mark.slow
def test_a_server_that_hangs_on_the_goodbye_got_the_mail(sink, promise, at):
    sink.mode = "hang_on_quit"

    assert notices.send(promise().pk, at=at).sent_at == at
    assert len(sink.mails) == 1


def test_a_crash_after_sending_mails_again_under_the_same_id(sink, promise, at, monkeypatch):
    notice = promise()
    monkeypatch.setattr(notices, "_close", _crash)
    with pytest.raises(KeyboardInterrupt):
        notices.send(notice.pk, at=at)
    monkeypatch.undo()

    assert notices.send(notice.pk, at=at + timedelta(seconds=120)) is None, "the claim still holds"
    assert notices.send_due(at=at + notices.CLAIM) == 1
    first, second = sink.mails
    assert first["Message-ID"] == second["Message-ID"]


def _crash(*_arguments, **_facts):
    raise KeyboardInterrupt


def test_news_that_is_too_old_is_not_sent(sink, promise, at):
    notice = notices.send(promise(hours=1).pk, at=at + timedelta(hours=1))

    assert (notice.failed_at, notice.context) == (at + timedelta(hours=1), {})
    assert sink.mails == []


def test_one_sweep_uses_one_connection_and_passes_over_who_is_refused(sink, promise, at):
    for number in range(5):
        promise(key=str(number))
    assert notices.send_due(at=at) == 5
    assert len(sink.mails) == 5


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_mail_once(sink, promise, at):
    notice = promise()
    start = threading.Barrier(4)

    def work():
        start.wait()
        try:
            notices.send(notice.pk, at=at)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(sink.mails) == 1


def test_the_tasks_send_and_leave_no_failure_when_the_server_is_away(sink, promise, at, server_is_asked_again):
    notice = promise()
    sink.stop()
    with clock.set_to(at):
        tasks.send_notice.apply(args=[notice.pk])
        tasks.send_due_notices.apply()
    assert not FailedJob.objects.exists()

    sink.start()
    server_is_asked_again()
    with clock.set_to(at + timedelta(minutes=1)):
        tasks.send_due_notices.apply()
    assert len(sink.mails) == 1
    assert JobRun.objects.filter(job="send_due_notices").last().outcome == "1 sent"


def test_a_mail_that_cannot_be_written_does_not_hold_up_the_others(sink, promise, at):
    broken = promise(key="broken")
    Notice.objects.filter(pk=broken.pk).update(kind="no/such/template")
    promise(key="whole")

    with clock.set_to(at):
        tasks.send_due_notices.apply()

    assert len(sink.mails) == 1
    assert Notice.objects.filter(sent_at=None).get() == broken


def test_a_member_gets_the_mail_at_the_address_in_force_when_it_is_sent(sink, promise, ada, at):
    notice = promise(member=ada, address="")
    ada.email = "new@example.org"
    ada.save(update_fields=["email"])

    notices.send(notice.pk, at=at)

    assert sink.recipients == ["new@example.org"]


@pytest.mark.parametrize("change", ["unsubscribed", "deactivated"])
def test_who_wants_no_mail_by_then_gets_none(sink, promise, ada, at, change):
    notice = promise(member=ada, address="", kind="message")
    if change == "unsubscribed":
        type(ada.reach).objects.filter(member=ada).update(wants_message_mail=False)
    else:
        type(ada).objects.filter(pk=ada.pk).update(is_active=False)

    assert notices.send(notice.pk, at=at).failed_at == at
    assert sink.mails == []


def test_every_mail_says_that_a_machine_wrote_it(sink, promise, at):
    notices.send(promise().pk, at=at)

    mail = sink.mails[0]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Message-ID"].endswith("@localhost>")
    assert "List-Unsubscribe" not in mail


def test_text_is_not_escaped_and_html_is(sink, promise, at, settings):
    settings.SITE_NAME = "Fish & <Chips>"
    notices.send(promise().pk, at=at)

    assert "Fish & <Chips>" in sink.mails[0].get_body(("plain",)).get_content()
    assert "Fish &amp; &lt;Chips&gt;" in sink.mails[0].get_body(("html",)).get_content()
    assert sink.mails[0]["Subject"] == "Your sign-in code for Fish & <Chips>"


def test_the_queries_of_one_mail_are_few(sink, promise, ada, at, django_assert_num_queries):
    notice = promise(member=ada, address="")

    with django_assert_num_queries(3):
        notices.send(notice.pk, at=at)


def test_letters_know_their_own_links_only(ada):
    token = letters.unsubscribe_path(ada).split("/")[-2]

    assert letters.unsubscribing(token) == (ada, "message")
    assert letters.unsubscribing(token[:-1]) is None
    assert letters.unsubscribing(f"{ada.pk + 1}{token[len(str(ada.pk)) :]}") is None
    assert letters.unsubscribing("") is None
