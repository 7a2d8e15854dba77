"""The one door to credits: nothing else moves them.

The caller opens the transaction (`accounts.busy`), locks the wallet first, then whatever else it locks, then settles,
then posts. `reverse` and `refund` lock and settle by themselves, as do the verbs of `purchases` and `adjusting`. All
times are aware UTC instants; every verb moves `at` up to the wallet's last entry. Every posting has a permanent unique
key: doing it again answers what is there, with other content it raises KeyReused.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Member, Seat, Team
from accounts.site_policy import SitePolicy
from billing.book import Book, NotEnoughCredits
from billing.bookkeeping import enter, open_books, open_dues, write
from billing.due import is_anything_due, is_anything_owed
from billing.models import Charge, Entry, Lot, OrderLine, Wallet
from billing.settling import settle_book

__all__ = [
    "NOT_DELIVERED",
    "RECIPIENT_GONE",
    "UNDONE",
    "KeyReused",
    "NotEnoughCredits",
    "WalletHeld",
    "charge",
    "grant",
    "is_held",
    "lock_by_id",
    "lock_wallet",
    "refund",
    "reverse",
    "settle",
]

# Why a charge is reversed: the sender took it back, it could not reach anybody, or whom it reached closed the account.
UNDONE = "undone"
NOT_DELIVERED = "not delivered"
RECIPIENT_GONE = "recipient gone"


class KeyReused(Exception):
    """The same key with other content: an error, not a repeat."""


class WalletHeld(Exception):
    """No charges: reconciliation found a breach, or credits are owed whose payment went back (a shortfall)."""


def lock_wallet(holder: Member | Team, *, at: datetime) -> Wallet:
    """The wallet of a member or the pool of a team, made if missing, its row locked until the transaction ends.

    Of all locks it is the first; what it guards is read afterwards, in statements of their own.
    """
    whose = {"team" if isinstance(holder, Team) else "member": holder}
    wallet = _locked(whose)
    if wallet is None:
        try:
            with transaction.atomic():
                Wallet.objects.create(**whose, opened_at=at)
        except IntegrityError:
            # Another transaction made it meanwhile.
            pass
        wallet = _locked(whose)
    assert wallet is not None
    return wallet


def settle(wallet: Wallet, *, at: datetime) -> None:
    """Post what is due on a locked wallet by `at`: expiries, the plan's end, renewals, returns, in time order."""
    if not is_anything_due(wallet, until=at):
        return
    books = open_books([wallet], until=at, recorded_at=at)
    settle_book(books[0], until=at)
    write(books)


def charge(
    *,
    wallet: Wallet,
    payer: Member,
    cost: int,
    reference: str,
    policy: SitePolicy,
    at: datetime,
    seat: Seat | None = None,
) -> Charge:
    """Take `cost` credits of a locked and settled wallet for what `reference` names, in spend order (domain 5.4).

    `seat` is the payer's, when the wallet is a team's pool; its allowance is `billing.pools`' to check, under the same
    lock. Raises NotEnoughCredits, WalletHeld, or KeyReused when the reference was charged otherwise.
    """
    for earlier in Charge.objects.filter(reference=reference):
        return _same_charge(earlier, wallet=wallet, cost=cost)
    if is_held(wallet):
        raise WalletHeld
    book = Book(wallet=wallet, recorded_at=at, lots=list(wallet.lots.filter(closed_at=None)))
    at = book.not_before_last_entry(at)
    made = Charge(
        reference=reference,
        wallet=wallet,
        payer=payer,
        seat=seat,
        cost=cost,
        charged_at=at,
        returnable=policy.return_enabled,
        refundable_until=policy.refundable_until(at),
        policy_version_id=policy.version,
    )
    key = f"charge:{reference}:{{lot}}"
    book.take(cost, at=at, kind=Entry.Kind.CHARGE, key=key, lots=book.alive(at), charge=made)
    made.save(force_insert=True)
    write([book])
    return made


def is_held(wallet: Wallet) -> bool:
    """Nothing may be charged: a breach was found, or credits are owed that were taken back after they were spent."""
    return wallet.frozen_at is not None or is_anything_owed(wallet)


def reverse(*, reference: str, reason: str, at: datetime) -> list[Entry]:
    """Give a charge back because nothing was delivered; answers the entries, again if it was done before.

    A charge that was returned before has nothing left to reverse. Raises Charge.DoesNotExist.
    """
    charged = Charge.objects.get(reference=reference)
    wallet = lock_by_id(charged.wallet_id)
    settle(wallet, at=at)
    books = open_books([wallet], until=at, recorded_at=at)
    dues = open_dues(Charge.objects.select_for_update(no_key=True, of=("self",)).filter(pk=charged.pk))
    enter({wallet.pk: books[0]}, [due for due in dues if due.takings])
    for due in books[0].dues:
        books[0].give_back(due, at=at, kind=Entry.Kind.REVERSE, reason=reason)
    write(books)
    return list(charged.entries.filter(kind=Entry.Kind.REVERSE).order_by("seq"))


def refund(*, charge_id: int, at: datetime) -> list[Entry]:
    """Post the return of an answered charge, if it is due by `at`; answers its entries, again if it was done before.

    Settling is all there is to do: a return is one of the things that fall due on a wallet.
    """
    charged = Charge.objects.get(pk=charge_id)
    settle(lock_by_id(charged.wallet_id), at=at)
    return list(charged.entries.filter(kind=Entry.Kind.REFUND).order_by("seq"))


def grant(
    *,
    wallet: Wallet,
    amount: int,
    source: Lot.Source,
    priority: Lot.Priority,
    expires_at: datetime,
    key: str,
    kind: Entry.Kind = Entry.Kind.GRANT,
    actor: Member | None = None,
    reason: str = "",
    order_line: OrderLine | None = None,
    at: datetime,
) -> Lot:
    """A new lot in a locked and settled wallet; `order_line` is what was bought with it.

    Raises KeyReused when the key granted something else before.
    """
    earlier = Entry.objects.filter(key=key).select_related("lot").first()
    if earlier is not None:
        if (earlier.wallet_id, earlier.delta) != (wallet.pk, amount):
            raise KeyReused(key)
        return earlier.lot
    book = Book(wallet=wallet, recorded_at=at)
    at = book.not_before_last_entry(at)
    facts = {"actor": actor, "reason": reason}
    life = {"source": source, "priority": priority, "effective_at": at, "expires_at": expires_at}
    if order_line is not None:
        life["order_line"] = order_line
    lot = book.grant(amount=amount, at=at, key=key, kind=kind, facts=facts, **life)
    write([book])
    return lot


def _same_charge(earlier: Charge, *, wallet: Wallet, cost: int) -> Charge:
    if (earlier.wallet_id, earlier.cost) != (wallet.pk, cost):
        raise KeyReused(earlier.reference)
    return earlier


def lock_by_id(wallet_id: int) -> Wallet:
    """A wallet that is known to exist, its row locked until the transaction ends."""
    return Wallet.objects.select_for_update(no_key=True).get(pk=wallet_id)


def _locked(whose: dict[str, Any]) -> Wallet | None:
    return Wallet.objects.select_for_update(no_key=True).filter(**whose).first()
