"""The mail of a message, from the answer to a real SMTP server that was away: later, and once."""

import pytest
from django.utils import timezone

from accounts.models import Notice
from tests.accounts.mail_sink import RunningSink
from tests.processes import until
from tests.worker.conftest import inmail

pytestmark = [pytest.mark.slow, pytest.mark.worker, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sink():
    server = RunningSink()
    yield server
    server.stop()


def test_a_mail_server_that_is_down_when_a_message_comes_gets_its_mail_later_and_once(stage, sink, make_member, at):
    mail = {"EMAIL_URL": f"smtp://127.0.0.1:{sink.port}"}
    sender, recipient = make_member("Nadia Osei", plan="premium-business"), make_member("Tomas Lind")
    inmail(sender, recipient, at=at)
    worker = stage.start_worker(**mail)
    stage.start_beat(app="tests.worker.quick")
    notice = until(Notice.objects.filter(failure="The mail server is away.").first, seconds=30)
    assert notice.member == recipient

    # An hour later, told short: the server is back, and two workers at once look after what waits.
    worker.stop()
    sink.start()
    Notice.objects.filter(pk=notice.pk).update(next_try_at=timezone.now())
    stage.start_worker(**mail)
    stage.start_worker(**mail)

    until(lambda: sink.mails, seconds=60)
    until(lambda: Notice.objects.get(pk=notice.pk).sent_at)
    # The sender hears of credits by mail too, at a time of its own.
    told = [mail for mail in sink.mails if mail["To"] == recipient.email]
    assert [mail["Subject"] for mail in told if "Nadia Osei" in mail["Subject"]] == [told[0]["Subject"]]
    assert len(told) == 1
    assert "Would you talk to us?" not in told[0].as_string()
    assert Notice.objects.filter(member=recipient).count() == 1
