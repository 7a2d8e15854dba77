"""Credits that may still come back: to whom they went and until when an answer brings each of them back."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Member

from .models import Charge
from .references import Meaning, describe

SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Out:
    """`until` is empty where there is no deadline, and where the answer came and the credit is on its way."""

    who: str
    url: str
    credits: int
    until: datetime | None
    is_answered: bool


def on_the_way_back(member: Member, *, at: datetime) -> list[Out]:
    """The next five deadlines. Two queries."""
    charges = Charge.objects.filter(wallet__member=member).may_come_back(at).exclude(return_due_at__lte=at)
    shown = list(charges.order_by(F("refundable_until").asc(nulls_last=True), "pk")[:SHOWN])
    meanings = describe([charge.reference for charge in shown])
    return [_out(charge, meanings.get(charge.reference, Meaning(_("someone"), ""))) for charge in shown]


def _out(charge: Charge, meaning: Meaning) -> Out:
    is_answered = charge.answered_at is not None
    until = None if is_answered else charge.refundable_until
    return Out(who=meaning.text, url=meaning.url, credits=charge.cost, until=until, is_answered=is_answered)
