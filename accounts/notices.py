"""The one outbox of mails: `queue` promises a mail, the worker keeps the promise by `send`, a sweep by `send_due`.

A mail is at least once: it is sent before its row says so. A crash in between sends it again with the same
Message-ID, by which mail programs recognise it.
"""

import smtplib
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F

from accounts import letters
from accounts.hints import hint
from accounts.models import Member, Notice

# A claim outlives the hard limit of a task (120 s), so that nobody sends what a stuck worker may still send.
CLAIM = timedelta(seconds=150)
SERVER_AWAY_RETRY = timedelta(seconds=60)
BACKOFF_FIRST, BACKOFF_MAX = timedelta(minutes=1), timedelta(hours=1)
# A server that hangs costs ten seconds: after one such wait a process leaves it alone for a while.
SILENT_SECONDS = 30
SWEEP_SECONDS = 45

_silent_until = 0.0


class MailServerAway(Exception):
    """The mail server does not answer, or not us. No mail is to blame; all of them wait."""


class _Refused(Exception):
    def __init__(self, error: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> None:
        code, reply = _answer(error)
        self.is_final = code >= 500
        super().__init__(f"{code} {reply}")


def queue(
    *,
    member: Member | None = None,
    address: str = "",
    kind: str,
    context: Mapping[str, Any],
    key: str,
    due_at: datetime,
    not_after: datetime,
) -> Notice:
    """Promise one mail to a member (at the address in force when it is sent) or to an address.

    `kind` names the templates: mail/<kind>_subject.txt, mail/<kind>.txt and, if there is one, mail/<kind>.html.
    A second call with the same key changes nothing. After `not_after` it is not sent any more.
    """
    promised = {"member": member, "address": address, "kind": kind, "context": dict(context)}
    times = {"due_at": due_at, "next_try_at": due_at, "not_after": not_after}
    notice, is_new = Notice.objects.get_or_create(key=key, defaults=promised | times)
    if is_new:
        hint("accounts.tasks.send_notice", notice.pk, at=due_at)
    return notice


def send(notice_id: int, *, at: datetime, connection: BaseEmailBackend | None = None) -> Notice | None:
    """Send one mail if it is due and nobody else does: None if not. Raises MailServerAway.

    A temporary refusal is tried again after 1, 2, 4 … 60 minutes, a final one (5xx) never.
    """
    if time.monotonic() < _silent_until:
        raise MailServerAway
    notice = _claim(notice_id, at=at)
    if notice is None:
        return None
    if notice.not_after <= at:
        return _fail(notice, why="Too late to be news.", at=at)
    if not letters.is_wanted(notice):
        return _fail(notice, why="The member wants no such mail.", at=at)
    return _try(notice, at=at, connection=connection)


def send_due(*, at: datetime, limit: int = 1000) -> int:
    """Send what no hint has sent, oldest first, for at most 45 s; stops when the server is away. Counts the sent."""
    due = Notice.objects.filter(sent_at=None, failed_at=None, next_try_at__lte=at).order_by("next_try_at")
    waiting = list(due.values_list("pk", flat=True)[:limit])
    if not waiting:
        return 0
    connection = get_connection()
    try:
        _dial(connection)
        return _send_each(waiting, at=at, connection=connection)
    except MailServerAway:
        return 0
    finally:
        _hang_up(connection)


def _send_each(waiting: list[int], *, at: datetime, connection: BaseEmailBackend) -> int:
    stop, sent = time.monotonic() + SWEEP_SECONDS, 0
    with suppress(MailServerAway):
        for notice_id in waiting:
            notice = send(notice_id, at=at, connection=connection)
            sent += notice is not None and notice.sent_at is not None
            if time.monotonic() > stop:
                break
    return sent


def _claim(notice_id: int, *, at: datetime) -> Notice | None:
    unsent = Notice.objects.filter(pk=notice_id, sent_at=None, failed_at=None, next_try_at__lte=at)
    if not unsent.update(next_try_at=at + CLAIM, attempts=F("attempts") + 1):
        return None
    return Notice.objects.select_related("member__reach").get(pk=notice_id)


def _try(notice: Notice, *, at: datetime, connection: BaseEmailBackend | None) -> Notice:
    mail = letters.write(notice)
    try:
        _hand_over(mail, connection)
    except _Refused as refusal:
        return _fail(notice, why=str(refusal), at=at) if refusal.is_final else _postpone(notice, refusal, at=at)
    except MailServerAway:
        Notice.objects.filter(pk=notice.pk).update(
            next_try_at=at + SERVER_AWAY_RETRY, attempts=F("attempts") - 1, failure="The mail server is away."
        )
        raise
    return _close(notice, sent_at=at, failure="")


def _hand_over(mail: EmailMultiAlternatives, connection: BaseEmailBackend | None) -> None:
    line = connection or get_connection()
    try:
        if connection is None:
            _dial(line)
        line.send_messages([mail])
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
        raise _Refused(error) from error
    except OSError as error:
        raise _away() from error
    finally:
        if connection is None:
            _hang_up(line)


def _dial(connection: BaseEmailBackend) -> None:
    try:
        connection.open()
    except OSError as error:
        raise _away() from error


def _away() -> MailServerAway:
    """Refused connections, timeouts, TLS, a wrong password, a refused sender: no mail of ours can mend them."""
    global _silent_until
    _silent_until = time.monotonic() + SILENT_SECONDS
    return MailServerAway()


def _hang_up(connection: BaseEmailBackend) -> None:
    # What the server took is sent, even if it then hangs on the goodbye.
    with suppress(OSError):
        connection.close()


def _postpone(notice: Notice, refusal: _Refused, *, at: datetime) -> Notice:
    wait = min(BACKOFF_FIRST * 2 ** min(notice.attempts - 1, 10), BACKOFF_MAX)
    notice.next_try_at, notice.failure = at + wait, str(refusal)[:200]
    notice.save(update_fields=["next_try_at", "failure"])
    return notice


def _fail(notice: Notice, *, why: str, at: datetime) -> Notice:
    return _close(notice, failed_at=at, failure=why[:200])


def _close(notice: Notice, **ending: datetime | str) -> Notice:
    # The context held a code or a name, and whatever became of the mail, nobody needs them any more.
    notice.context = {}
    for field, value in ending.items():
        setattr(notice, field, value)
    notice.save(update_fields=[*ending, "context"])
    return notice


def _answer(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> tuple[int, str]:
    reply: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
    else:
        code, reply = error.smtp_code, error.smtp_error
    return code, letters.header(reply if isinstance(reply, str) else reply.decode(errors="replace"))
