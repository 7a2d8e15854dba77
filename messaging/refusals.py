"""Why a verb of messaging wrote nothing."""

from messaging.models import Message
from messaging.verdict import Verdict


class VerdictChanged(Exception):
    """Refused, dearer, or without the return that was shown. Nothing was sent and no credit was used."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.code)
        self.verdict = verdict


class KeyReused(Exception):
    """This form was sent before with another text, or its message was undone; `message` is what was stored."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.public_id)
        self.message = message


class TooLate(Exception):
    """The message is delivered, or the time to change it is over."""


class NothingToAnswer(Exception):
    """There is no outreach of the other side in this conversation: to a stranger the same as no conversation."""


class NothingToReport(Exception):
    """No such message was delivered to this member: to everybody else the same as no message."""
