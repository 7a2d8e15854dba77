"""What the lines of a journal are called, and which entries bear each name: one list for page, filter and statement."""

from typing import NamedTuple

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Entry, Lot

Kind = Entry.Kind
Source = Lot.Source
GIFTS = [Source.PROMO, Source.SURVEY, Source.REFERRAL]


class Name(NamedTuple):
    """`which` finds the entries that bear it."""

    label: str | Promise
    which: Q


NAMES = {
    "grant": Name(_("Granted"), Q(kind=Kind.GRANT) & ~Q(lot__source__in=[Source.BONUS, Source.PURCHASE, *GIFTS])),
    "bonus": Name(_("Bonus"), Q(kind=Kind.GRANT, lot__source=Source.BONUS)),
    "bought": Name(_("Bought"), Q(kind=Kind.GRANT, lot__source=Source.PURCHASE)),
    "gift": Name(_("Gift"), Q(kind=Kind.GRANT, lot__source__in=GIFTS)),
    **{kind.value: Name(kind.label, Q(kind=kind)) for kind in Kind if kind != Kind.GRANT},
}
CHOICES = [(value, name.label) for value, name in NAMES.items()]


def name_of(entry: Entry) -> str:
    """The key in NAMES of an entry."""
    if entry.kind != Kind.GRANT:
        return entry.kind
    named = {Source.BONUS: "bonus", Source.PURCHASE: "bought"} | dict.fromkeys(GIFTS, "gift")
    return named.get(Source(entry.lot.source), "grant")
