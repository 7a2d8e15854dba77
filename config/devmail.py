"""Mail without a mail server, in DEBUG only: written to the log and to a folder, read at /dev/mail/."""

import email
import email.policy
import logging
from collections.abc import Iterator, Sequence
from email.message import EmailMessage as ParsedMail
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import get_random_string
from django.views.decorators.http import require_safe

from accounts.clock import now

logger = logging.getLogger(__name__)

FOLDER = settings.DATA_DIR / "mail"
SHOWN = 50


class Backend(BaseEmailBackend):
    """Keeps each mail as a file whose name sorts by time."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{now():%Y%m%d-%H%M%S-%f}-{get_random_string(6)}"
            (FOLDER / f"{name}.eml").write_bytes(message.message().as_bytes())
            logger.info("mail to %s: %s (read it at /dev/mail/)", ", ".join(message.to), message.subject)
        return len(email_messages)


@login_not_required
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """The newest mails first."""
    return render(request, "config/devmail.html", {"mails": list(_newest())})


@login_not_required
@require_safe
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail with its text."""
    path = FOLDER / f"{name}.eml"
    if not path.is_file():
        raise Http404
    return render(request, "config/devmail_one.html", {"mail": _read(path)})


def _newest() -> Iterator[dict[str, str]]:
    for path in sorted(FOLDER.glob("*.eml"), reverse=True)[:SHOWN]:
        yield _read(path)


def _read(path: Path) -> dict[str, str]:
    parsed = email.message_from_bytes(path.read_bytes(), _class=ParsedMail, policy=email.policy.default)
    text = parsed.get_body(preferencelist=("plain", "html"))
    return {
        "name": path.stem,
        "to": str(parsed["To"]),
        "subject": str(parsed["Subject"]),
        "date": str(parsed["Date"]),
        "text": text.get_content() if text else "",
    }
