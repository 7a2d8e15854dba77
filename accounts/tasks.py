"""What the worker does for people: mails, and the housekeeping of accounts."""

from contextlib import suppress

from django.contrib.sessions.models import Session

from accounts import jobs, members, news, notices
from accounts.clock import now


@jobs.task
def send_notice(notice_id: int) -> None:
    """Send one mail. Twice is harmless: the first claims the row, the second finds nothing to claim."""
    with suppress(notices.MailServerAway):
        notices.send(notice_id, at=now())


@jobs.task
def send_due_notices() -> None:
    """Send the mails whose hint was lost or whose retry is due. Twice is harmless: each mail is claimed."""
    with jobs.run("send_due_notices") as run:
        run.outcome = f"{notices.send_due(at=now())} sent"


@jobs.task
def heartbeat() -> None:
    """Show that scheduler, broker and worker are alive. Twice writes one more row, which says the same."""
    with jobs.run("heartbeat"):
        pass


@jobs.task
def clear_sessions() -> None:
    """Delete sessions, sign-ups, job runs and notices that are over. Twice is harmless: the second finds none."""
    with jobs.run("clear_sessions") as run:
        at = now()
        ended = Session.objects.filter(expire_date__lt=at).delete()[0]
        lapsed, old = members.forget_lapsed(at=at), jobs.forget_old_runs(at=at)
        told = news.forget_old(at=at)
        run.outcome = f"{ended} sessions, {lapsed} sign-ups, {old} job runs, {told} notices"
