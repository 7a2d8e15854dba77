"""Which share of a member's messages was opened: of all who let themselves be counted, never of one (domain 9, M13)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from accounts.models import Member
from messaging.models import Outreach, Participation

# Under this a share could say who opened what (abuse case A74).
LEAST = 10


class Opened(NamedTuple):
    opened: int
    of: int

    @property
    def percent(self) -> float:
        return 100 * self.opened / self.of


def opened_share(member: Member, *, at: datetime, days: int = 90) -> Opened | None:
    """Of the outreach delivered in the last days to people who share receipts, how much was opened or answered.

    None under ten of them. Two queries.
    """
    counted = Outreach.objects.filter(
        message__sender=member,
        message__undone_at=None,
        message__deliver_at__gt=at - timedelta(days=days),
        message__deliver_at__lte=at,
        message__recipient__reach__shares_receipts=True,
    )
    read = Participation.objects.filter(
        conversation=OuterRef("message__conversation"),
        member=OuterRef("message__recipient"),
        read_through__gte=OuterRef("message__deliver_at"),
    )
    of = counted.count()
    return Opened(counted.filter(Exists(read)).count(), of) if of >= LEAST else None
