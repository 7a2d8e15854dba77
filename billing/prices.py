"""What a term of a plan costs, and money that is owed to a member or team: minor units, integers, our own rows."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Sum

from billing.models import BillCredit, Dispute, PlanVersion, Wallet
from billing.models.subscription import Interval


def seat_price(version: PlanVersion, interval: str) -> int:
    """One seat for one term: a month, or twelve months at the price of yearly billing."""
    return 12 * version.price_billed_yearly if interval == Interval.YEAR else version.price_billed_monthly


def term_price(version: PlanVersion, interval: str, *, seats: int = 1) -> int:
    """All seats for one term."""
    return seats * seat_price(version, interval)


def owed(wallet: Wallet, currency: str) -> int:
    """Bill credit that may be set against a price in this currency; never below 0.

    None while a bank asks for money back that a plan was paid with: the credit may be what is left of that money.
    """
    asked_back = Dispute.objects.filter(order__lines__wallet=OuterRef("wallet"), state=Dispute.State.OPEN)
    of_plans = asked_back.filter(order__lines__plan_version__isnull=False)
    posted = BillCredit.objects.filter(wallet=wallet, currency=currency).exclude(Exists(of_plans))
    return max(posted.aggregate(total=Sum("amount"))["total"] or 0, 0)


def part_paid_by_credit(price: int, owed_to_buyer: int, *, least_amount: int) -> int:
    """How much of a price bill credit pays; what is left is nothing, or enough for the provider to collect."""
    used = min(price, owed_to_buyer)
    return used if used == price else min(used, max(price - least_amount, 0))


def post_bill_credit(*, wallet: Wallet, amount: int, currency: str, reason: str, key: str, at: datetime) -> None:
    """Under the wallet's lock: `amount` more (less) is owed. Nothing for 0 or a key that was posted before."""
    if amount:
        facts = {"wallet": wallet, "amount": amount, "currency": currency, "reason": reason, "posted_at": at}
        BillCredit.objects.get_or_create(key=key, defaults=facts)
