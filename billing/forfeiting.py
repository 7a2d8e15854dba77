"""What the end of an account does to its credits, and what a reversed decision gives anew (domain 8.4)."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.busy import short_wait
from accounts.models import Member
from accounts.site_policy import policy_in_force
from billing import ledger, subscriptions
from billing.book import Book, age
from billing.bookkeeping import write
from billing.models import Entry, Lot, Subscription


def forfeit_wallet(*, member: Member, cause: str, at: datetime) -> list[Entry]:
    """Let the plan end with its term and take every credit now; disputed ones wait for their decision. Twice is once.

    In one transaction; `cause` becomes part of the keys.
    """
    with short_wait():
        wallet = ledger.lock_wallet(member, at=at)
        for held in Subscription.objects.running().filter(wallet=wallet):
            subscriptions.cancel(subscription=held, at=at)
        wallet = ledger.lock_by_id(wallet.pk)
        ledger.settle(wallet, at=at)
        lots = wallet.lots.filter(closed_at=None, frozen_at=None)
        book = Book(wallet=wallet, recorded_at=at, lots=list(lots))
        for lot in sorted(book.lots, key=lambda lot: (lot.expires_at, age(lot))):
            book.forfeit(lot, at=at, cause=cause)
        return write([book])


def lost(*, member: Member, since: datetime, until: datetime, cause: str) -> QuerySet[Entry]:
    """Credits of a member that expired from `since` until `until`, and those forfeited for `cause`; oldest first."""
    expired = Q(kind=Entry.Kind.EXPIRE, occurred_at__gte=since, occurred_at__lt=until)
    forfeited = Q(kind=Entry.Kind.FORFEIT, key__startswith=f"forfeit:{cause}:")
    entries = Entry.objects.filter(expired | forfeited, wallet__member=member)
    return entries.select_related("lot").order_by("wallet", "seq")


def restore(*, member: Member, since: datetime, until: datetime, cause: str, actor: Member, at: datetime) -> list[Lot]:
    """Give anew what `lost` names, each as a lot of staff's that lives as long, at least the grace of a return.

    Twice is once.
    """
    with short_wait():
        wallet = ledger.lock_wallet(member, at=at)
        ledger.settle(wallet, at=at)
        least = at + timedelta(hours=policy_in_force(at).return_grace_hours)
        return [
            ledger.grant(
                wallet=wallet,
                amount=-entry.delta,
                source=Lot.Source.ADMIN,
                priority=Lot.Priority.GIFT,
                expires_at=max(entry.lot.expires_at, least),
                key=f"restore:{cause}:{entry.lot_id}",
                kind=Entry.Kind.ADJUST,
                actor=actor,
                reason=_("A decision about you was reversed"),
                at=at,
            )
            for entry in lost(member=member, since=since, until=until, cause=cause)
        ]
