"""What the worker does for messages: tell of those that are delivered."""

from accounts import jobs
from accounts.clock import now
from messaging import notifications


@jobs.task
def announce(message_id: int) -> None:
    """Tell of one message. Twice is harmless: the first claims the row, the second finds nothing to claim."""
    notifications.announce(message_id, at=now())


@jobs.task
def announce_delivered() -> None:
    """Tell of what no hint has told of. Twice is harmless: each message is claimed."""
    with jobs.run("announce_delivered") as run:
        run.outcome = f"{notifications.announce_delivered(at=now())} announced"
