"""The bar of a wallet: monthly credits, others, and those that may come back, as parts of a hundred."""

from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import Lot
from .standing import Standing


class Parts(NamedTuple):
    """Credits: the plan's, all others, and those out with unanswered InMail."""

    monthly: int
    other: int
    back: int


def parts(standing: Standing) -> Parts:
    monthly = sum(lot.remaining for lot in standing.lots if lot.priority == Lot.Priority.PLAN)
    return Parts(monthly, standing.balance - monthly, standing.may_come_back)


def meter(standing: Standing) -> list[tuple[str, int, int]]:
    """(class, x, width) of each part that is not empty, for components/_meter.html."""
    sizes = parts(standing)
    total = sum(sizes)
    drawn, start = [], 0
    for name, end in zip("abc", (sizes.monthly, sizes.monthly + sizes.other, total), strict=True):
        x, until = start * 100 // max(total, 1), end * 100 // max(total, 1)
        if until > x:
            drawn.append((name, x, until - x))
        start = end
    return drawn


def sentence(standing: Standing) -> str:
    """The whole bar in words."""
    sizes = parts(standing)
    said = ngettext("%(balance)s credit", "%(balance)s credits", standing.balance) % {"balance": standing.balance}
    values = {"credits": said, "monthly": sizes.monthly, "other": sizes.other, "back": sizes.back}
    if sizes.other:
        return _("%(credits)s: %(monthly)s monthly, %(other)s others; %(back)s more may come back") % values
    return _("%(credits)s; %(back)s more may come back") % values
