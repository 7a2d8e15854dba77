"""What the worker does for messages: tell of those that are delivered, send what waits, remind."""

from celery import shared_task

from accounts import jobs
from accounts.clock import now
from billing import clock_guard
from billing.credit_notices import since_last
from messaging import consequences, dispatching, notifications, quality, reminding, request_mail, signals


@jobs.task
def assess_conduct() -> None:
    """Finish closings, judge response quality. Twice is harmless: a notice comes once a window, a step in 14 days."""
    with jobs.run("assess_conduct") as run:
        closed = consequences.finish_all(at=now())
        run.outcome = f"{quality.assess(at=now())} restricted, {closed} closed"


@jobs.task
def look_for_signals() -> None:
    """Twice is harmless: a case comes once a member, kind and month."""
    with jobs.run("look_for_signals") as run:
        run.outcome = f"{signals.look(at=now())} cases opened"


@jobs.task
def announce(message_id: int) -> None:
    """Tell of one message. Twice is harmless: the first claims the row, the second finds nothing to claim."""
    notifications.announce(message_id, at=now())


@jobs.task
def announce_delivered() -> None:
    """Tell of what no hint has told of. Twice is harmless: each message is claimed."""
    with jobs.run("announce_delivered") as run:
        run.outcome = f"{notifications.announce_delivered(at=now())} announced"


@jobs.task
def send_waiting(draft_id: int) -> None:
    """Send one text whose time has come, or that passed review. Twice is harmless: by its key it goes once."""
    dispatching.send_waiting(draft_id, at=now())


@shared_task(base=jobs.PosternTask, dont_autoretry_for=(clock_guard.ClockGap,))
def send_due() -> None:
    """Send what no hint has sent. Twice is harmless: what went, or came back, waits no more."""
    with clock_guard.sweep("send_due") as (run, at):
        run.outcome = f"{dispatching.send_due(at=at)} sent or given back"


@jobs.task
def tell_of_reminders() -> None:
    """Twice is harmless: each reminder is told under a key of its own."""
    with jobs.run("tell_of_reminders") as run:
        run.outcome = f"{reminding.tell_due(at=now())} told"


@jobs.task
def tell_of_requests() -> None:
    """Twice is harmless: one list a member and day, by its key."""
    since = since_last("tell_of_requests", at=now())
    with jobs.run("tell_of_requests") as run:
        run.outcome = f"{request_mail.tell_of_requests(since=since, at=now())} told"


@jobs.task
def remind_recipients() -> None:
    """Twice is harmless: one reminder a message, by its key."""
    with jobs.run("remind_recipients") as run:
        run.outcome = f"{request_mail.remind_recipients(at=now())} reminded"
