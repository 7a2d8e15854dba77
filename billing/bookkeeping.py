"""Opens the books of wallets and writes what was posted: the same few queries for one wallet and for hundreds.

The caller holds the locks of the wallets; nobody else writes their lots, entries and subscriptions meanwhile.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet

from accounts import live
from accounts.models import Seat
from accounts.site_policy import read_policy, timeline
from billing.book import Book, Due
from billing.models import Charge, Entry, Lot, Period, Shortfall, Subscription, Wallet


def open_books(wallets: Iterable[Wallet], *, until: datetime, recorded_at: datetime, lock: bool = True) -> list[Book]:
    """Books with all that is due by `until` (or by a wallet's later last entry). `lock=False` only to look."""
    policies = timeline()
    books = {wallet.pk: Book(wallet=wallet, recorded_at=recorded_at, policies=policies) for wallet in wallets}
    horizon = max((book.not_before_last_entry(until) for book in books.values()), default=until)
    due = Charge.objects.due(horizon).filter(wallet__in=books)
    dues = open_dues(due.select_for_update(no_key=True, of=("self",)) if lock else due)
    for lot in Lot.objects.filter(wallet__in=books, closed_at=None).order_by("priority", "expires_at", "id"):
        books[lot.wallet_id].lots.append(lot)
    for subscription in Subscription.objects.running().filter(wallet__in=books).select_related("plan_version"):
        books[subscription.wallet_id].subscription = subscription
    _count_seats(books.values())
    enter(books, dues)
    return list(books.values())


def _count_seats(books: Iterable[Book]) -> None:
    """By one query for all pools among them. Whoever changes seats settles the pool first, so today's number holds
    for all that is due."""
    pools = {book.wallet.team_id: book for book in books if book.wallet.team_id is not None}
    if not pools:
        return
    held = Seat.objects.held().filter(team__in=pools).order_by().values_list("team")
    active = dict(held.annotate(active=Count("pk", filter=Q(parked_at=None))))
    for team_id, book in pools.items():
        book.seats = active.get(team_id, _licences_at_the_start(book))


def _licences_at_the_start(book: Book) -> int:
    """In the first period every licence counts, as nobody could hold a seat before there was a plan."""
    begins = book.subscription is not None and book.subscription.next_n == 0
    return book.subscription.seats if begins and book.subscription else 0


def open_dues(charges: QuerySet[Charge]) -> list[Due]:
    """What these charges took and have not got back; charges locked in order of id, if they are."""
    found = list(charges.select_related("policy_version").order_by("id"))
    if not found:
        return []
    takings = _takings(found)
    return [
        Due(charge, tuple(takings[charge.pk]), timedelta(hours=read_policy(charge.policy_version).return_grace_hours))
        for charge in found
    ]


def enter(books: Mapping[int, Book], dues: Sequence[Due]) -> None:
    """Put due charges into the books of their wallets; takings point to a book's own lots, where these are open."""
    if not dues:
        return
    entered = {due.charge.wallet_id for due in dues}
    for wallet_id in entered:
        books[wallet_id].shortfalls = []
    for shortfall in Shortfall.objects.filter(wallet__in=entered, closed_at=None).order_by("id"):
        books[shortfall.wallet_id].shortfalls.append(shortfall)
    for due in dues:
        book = books[due.charge.wallet_id]
        own = {lot.pk: lot for lot in book.lots}
        takings = tuple((own.get(lot.pk, lot), amount) for lot, amount in due.takings)
        book.dues.append(replace(due, takings=takings))


def write(books: Sequence[Book]) -> list[Entry]:
    """Everything that was posted, table by table; answers the new entries."""
    lots = [lot for book in books for lot in book.changed_lots.values()]
    old_lots = [lot for lot in lots if lot.pk is not None]
    _write_subscriptions(books)
    Lot.objects.bulk_create([lot for lot in lots if lot.pk is None])
    entries = [entry for book in books for entry in _chained(book)]
    _insert(Entry, entries)
    Period.objects.bulk_create([period for book in books for period in book.periods])
    _write_changes(books, old_lots)
    return entries


def _takings(charges: list[Charge]) -> dict[int, list[tuple[Lot, int]]]:
    given_back = Entry.objects.giving_back().filter(charge=OuterRef("charge"), origin_lot=OuterRef("lot"))
    open_entries = (
        Entry.objects.filter(charge__in=charges, kind=Entry.Kind.CHARGE)
        .filter(~Exists(given_back))
        .select_related("lot")
        .order_by("charge", "seq")
    )
    takings: dict[int, list[tuple[Lot, int]]] = defaultdict(list)
    for charge_id, group in groupby(open_entries, key=lambda entry: entry.charge_id):
        takings[charge_id or 0] = [(entry.lot, -entry.delta) for entry in group]
    return takings


def _chained(book: Book) -> list[Entry]:
    """The entries with the ids of their lots in their keys, each hashed after the one before."""
    for entry in book.entries:
        # Lots and charges may have got their ids after the entry was posted.
        # Set as objects: a changed id alone would make Django forget the lot and fetch it again, one by one.
        entry.lot, entry.charge = entry.lot, entry.charge
        entry.key = entry.key.replace("{lot}", str(entry.lot.pk))
        for number, subscription in enumerate(book.opened):
            entry.key = entry.key.replace(f"{{subscription:{number}}}", str(subscription.pk))
        entry.hash = book.wallet.last_hash = entry.hash_after(book.wallet.last_hash)
    return book.entries


def _write_subscriptions(books: Sequence[Book]) -> None:
    """The ended ones first: a wallet has at most one that runs."""
    changed = [book.changed_subscription for book in books if book.changed_subscription]
    _rewrite(Subscription, changed, ["next_n", "renews_at", "ended_at", "next_term"])
    Subscription.objects.bulk_create([subscription for book in books for subscription in book.opened])


def _write_changes(books: Sequence[Book], lots: list[Lot]) -> None:
    _rewrite(Lot, lots, ["remaining", "closed_at"])
    owed = [shortfall for book in books for shortfall in book.changed_shortfalls.values()]
    _rewrite(Shortfall, owed, ["remaining", "closed_at"])
    moved = [book.wallet for book in books if book.entries]
    _rewrite(Wallet, moved, ["balance", "last_seq", "last_hash", "last_entry_at"])
    given_back = [charge.pk for book in books for charge in book.given_back]
    if given_back:
        Charge.objects.filter(pk__in=given_back).update(return_due_at=None)
    # Of a pool those see it who spent what came back.
    for payer_id in {charge.payer_id for book in books for charge in book.given_back}:
        live.tell(payer_id, changed="credits")


def _insert(model: type[Model], rows: Sequence[Model]) -> None:
    """One row by itself: most operations post one entry, and bulk_create takes its time to prepare many."""
    if len(rows) == 1:
        rows[0].save(force_insert=True)
    else:
        model._default_manager.bulk_create(rows)


def _rewrite(model: type[Model], rows: Sequence[Model], fields: list[str]) -> None:
    """Update many rows that exist in one statement: bulk_update's CASE per column grows with the square of the rows."""
    if len(rows) == 1:
        rows[0].save(update_fields=fields)
    elif rows:
        model._default_manager.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=fields)
