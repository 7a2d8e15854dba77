"""A lock that does not come free is told calmly, with the text kept."""

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from billing.models import Wallet
from messaging.models import Message
from tests.messaging.test_pages_compose import WORDS, hidden


@pytest.fixture
def locked_wallet(sender: Member) -> Iterator[Callable[[], None]]:
    """Call it, and somebody else holds the sender's wallet until the test ends."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Wallet.objects.filter(member=sender).update(last_seq=0)
            held.set()
            done.wait(30)
            transaction.set_rollback(True)
        connections.close_all()

    thread = threading.Thread(target=hold)

    def start() -> None:
        thread.start()
        assert held.wait(10)

    yield start
    done.set()
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_busy_is_503_and_keeps_the_text(
    sender: Member, recipient: Member, browse: Callable[[Member], Client], locked_wallet: Callable[[], None]
) -> None:
    client = browse(sender)
    form = {**hidden(client, recipient), **WORDS}
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA busy_timeout = 100")
    locked_wallet()

    response = client.post(reverse("messaging:compose", args=[recipient.handle]), form)

    page = response.content.decode()
    assert response.status_code == 503
    assert "<strong>Busy.</strong> Nothing was sent and no credit was used. Try again." in page
    assert WORDS["body"] in page
    assert form["send_key"] in page
    assert not Message.objects.exists()
