"""Members order: credits, a plan, a change of plan; the next term of a plan is ordered for them.

What it costs is read from our own rows. The same form key orders once. Order first, then wallet:
the one order of locks.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import live
from accounts.busy import short_wait
from accounts.models import Member, Team
from billing import ledger, packs, subscriptions
from billing.conditions import check_licences, check_terms
from billing.ledger import KeyReused
from billing.models import Order, OrderLine, Pack, Period, PlanVersion, Subscription, Wallet
from billing.payments import Provider, provider
from billing.plan_money import upgrade_price
from billing.prices import owed, part_paid_by_credit, post_bill_credit, term_price
from billing.words import day

from .paying import OPEN, grant_free
from .refusals import NotForSale, OrderRefused

# Each opens a page at the gateway: nobody needs more of them at a time.
MOST_OPEN = 10
# A plan that is changed at once brings a whole allotment and is paid by the day: nobody changes it for the credits.
MOST_BEGINNINGS, BEGINNINGS_SPAN = 5, timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """What is ordered; `due` in minor units is what the price comes to before bill credit."""

    kind: Order.Kind
    buyer: Member
    team: Team | None = None
    form_key: str
    currency: str
    due: int
    line: OrderLine

    @property
    def holder(self) -> Member | Team:
        return self.team or self.buyer


def order_pack(*, buyer: Member, pack: Pack, team: Team | None = None, form_key: str, at: datetime) -> Order:
    """Order credits for oneself, or for a team's pool.

    Raises NotForSale, and KeyReused for a key that ordered something else.
    """
    if not pack.is_offered or not packs.may_buy(team or buyer, at=at):
        raise NotForSale(_("These credits are not for sale."))
    line = OrderLine(pack=pack, credits=pack.credits, price=pack.price)
    purchase = Purchase(
        kind=Order.Kind.PACK,
        buyer=buyer,
        team=team,
        form_key=form_key,
        currency=pack.currency,
        due=pack.price,
        line=line,
    )
    return _place(purchase, at=at)


def order_plan(
    *,
    buyer: Member,
    version: PlanVersion,
    interval: str,
    seats: int = 1,
    team: Team | None = None,
    form_key: str,
    at: datetime,
) -> Order:
    """Order the first term of a plan, for oneself or a team. Another plan that waits to be paid is given up.

    Raises OrderRefused for who holds a plan, NotForSale, KeyReused, SubscriptionRefused (licences).
    """
    if not version.is_paid or not term_price(version, interval):
        raise NotForSale(_("%(plan)s cannot be bought.") % {"plan": version.plan})
    if held := subscriptions.running(team or buyer, at=at):
        raise OrderRefused(_("You already hold %(plan)s.") % {"plan": held.plan_version.plan})
    check_terms(team or buyer, version, seats=seats, contract_allotment=None)
    check_licences(team or buyer, seats=seats)
    price = term_price(version, interval, seats=seats)
    line = OrderLine(plan_version=version, interval=interval, seats=seats, price=price)
    return _place(
        Purchase(
            kind=Order.Kind.PLAN,
            buyer=buyer,
            team=team,
            form_key=form_key,
            currency=version.currency,
            due=price,
            line=line,
        ),
        at=at,
    )


def order_upgrade(
    *,
    buyer: Member,
    subscription: Subscription,
    version: PlanVersion,
    interval: str,
    seats: int | None = None,
    form_key: str,
    at: datetime,
) -> Order:
    """Order the change to a dearer plan: its first term, with the unused share of the old one taken off.

    `seats` None = as many licences as now. Raises OrderRefused for a plan that has ended, or began anew too often,
    NotForSale, KeyReused, TooFewLicences.
    """
    if subscription.ended_at is not None:
        raise OrderRefused(_("This plan has ended."))
    wallet, seats = subscription.wallet, seats or subscription.seats
    check_licences(subscriptions.holder_of(wallet), seats=seats)
    if (subscription.plan_version_id, subscription.interval) != (version.pk, interval):
        _refuse_too_often(wallet, at=at)
    price = term_price(version, interval, seats=seats)
    line = OrderLine(plan_version=version, interval=interval, seats=seats, price=price, changes=subscription)
    return _place(
        Purchase(
            kind=Order.Kind.UPGRADE,
            buyer=buyer,
            team=wallet.team,
            form_key=form_key,
            currency=version.currency,
            due=upgrade_price(subscription, version, interval, seats=seats, at=at),
            line=line,
        ),
        at=at,
    )


def _place(purchase: Purchase, *, at: datetime) -> Order:
    collector = provider()
    if collector is None:
        raise NotForSale(_("Nothing is sold on this site."))
    with short_wait():
        order, is_new = _one_of(purchase, collector, at=at)
        if not is_new:
            return order
        _refuse_too_many(purchase.buyer)
        collector.begin(order, at=at)
        wallet = ledger.lock_wallet(purchase.holder, at=at)
        if purchase.kind != Order.Kind.PACK:
            _refuse_overtaken(purchase, at=at)
            _give_up_others(wallet, order, at=at)
        _set_against(wallet, order, collector, at=at)
        _write_line(order, purchase, wallet)
        if not order.amount and not _has_to_be_told(order, collector):
            grant_free(order, at=at)
        else:
            collector.announce(order, at=at)
    live.tell(purchase.buyer.pk, changed="order", id=order.public_id)
    order.refresh_from_db()
    return order


def _refuse_too_many(buyer: Member) -> None:
    if Order.objects.filter(buyer=buyer, state__in=OPEN).count() > MOST_OPEN:
        raise OrderRefused(_("Other orders of yours wait to be paid. Pay them, or let them lapse."))


def _refuse_too_often(wallet: Wallet, *, at: datetime) -> None:
    """More licences of the same plan bring no credits before the next allotment, and do not count."""
    first = Period.objects.filter(subscription__wallet=wallet, n=0, lot__isnull=False)
    began = first.filter(starts_at__gt=at - BEGINNINGS_SPAN).order_by("-starts_at").values_list("starts_at", flat=True)
    newest = list(began[:MOST_BEGINNINGS])
    if len(newest) == MOST_BEGINNINGS:
        words = _("The plan began anew %(n)s times in 30 days. It can change again from %(day)s.")
        raise OrderRefused(words % {"n": MOST_BEGINNINGS, "day": day(newest[-1] + BEGINNINGS_SPAN)})


def _refuse_overtaken(purchase: Purchase, *, at: datetime) -> None:
    """Under the wallet's lock: what another tab ordered meanwhile was not there when the price was reckoned."""
    held, changes = subscriptions.running(purchase.holder, at=at), purchase.line.changes
    if changes is None:
        if held is not None:
            raise OrderRefused(_("You already hold %(plan)s.") % {"plan": held.plan_version.plan})
    elif held is None or (held.pk, held.paid_through) != (changes.pk, changes.paid_through):
        raise OrderRefused(_("Your plan changed meanwhile. Look again."))


def _one_of(purchase: Purchase, collector: Provider, *, at: datetime) -> tuple[Order, bool]:
    """The order of this form, made now or found."""
    try:
        with transaction.atomic():
            order = Order.objects.create(
                form_key=purchase.form_key,
                buyer=purchase.buyer,
                team=purchase.team,
                kind=purchase.kind,
                provider=collector.name,
                amount=purchase.due,
                currency=purchase.currency,
                is_live=collector.is_live,
                created_at=at,
                lapses_at=at + collector.open_for(),
            )
    except IntegrityError:
        return _earlier(purchase), False
    return order, True


def _earlier(purchase: Purchase) -> Order:
    earlier = Order.objects.get(form_key=purchase.form_key)
    line = earlier.lines.get()
    ordered = (line.pack_id, line.plan_version_id, line.interval, line.seats)
    wanted = purchase.line
    is_other_holder = (earlier.buyer_id, earlier.team_id) != (purchase.buyer.pk, purchase.team and purchase.team.pk)
    if is_other_holder or ordered != (
        wanted.pack_id,
        wanted.plan_version_id,
        wanted.interval,
        wanted.seats,
    ):
        raise KeyReused(purchase.form_key)
    return earlier


def _give_up_others(wallet: Wallet, order: Order, *, at: datetime) -> None:
    """Who orders another plan no longer wants the one before: the sweep closes its pay page, and then it lapses.

    What a gateway could not collect for the plan held goes on waiting: it is given up with the change, not before.
    """
    others = Order.objects.filter(lines__wallet=wallet, state__in=OPEN, lapses_at__gt=at).exclude(pk=order.pk)
    collected = Q(kind=Order.Kind.RENEWAL) & ~Q(provider="manual")
    waiting = list(others.exclude(kind=Order.Kind.PACK).exclude(collected).values_list("pk", flat=True))
    Order.objects.filter(pk__in=waiting).update(lapses_at=at)


def _set_against(wallet: Wallet, order: Order, collector: Provider, *, at: datetime) -> None:
    used = part_paid_by_credit(order.amount, owed(wallet, order.currency), least_amount=collector.least_amount)
    order.bill_credit_used, order.amount = used, order.amount - used
    order.save(update_fields=["bill_credit_used", "amount"])
    reason = f"Set against order {order.public_id}"
    key = f"order:{order.pk}"
    post_bill_credit(wallet=wallet, amount=-used, currency=order.currency, reason=reason, key=key, at=at)


def _write_line(order: Order, purchase: Purchase, wallet: Wallet) -> None:
    purchase.line.order, purchase.line.wallet = order, wallet
    purchase.line.save(force_insert=True)


def _has_to_be_told(order: Order, collector: Provider) -> bool:
    """A gateway that collects the further terms has to know of a plan whose first term costs nothing."""
    return order.kind != Order.Kind.PACK and collector.collects_terms
