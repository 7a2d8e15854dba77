"""R7 and R8: every subscription's periods and what they gave."""

from collections import defaultdict
from collections.abc import Iterator

from billing import allotments, periods
from billing.audit.breach import Breach
from billing.models import Entry, Lot, Period, Subscription
from billing.models.subscription import Interval


def breaches_of_plans(wallet_ids: list[int]) -> list[Breach]:
    subscriptions = Subscription.objects.filter(wallet__in=wallet_ids).select_related("plan_version")
    held: dict[int, list[Period]] = defaultdict(list)
    found = Period.objects.filter(subscription__wallet__in=wallet_ids).select_related("plan_version", "lot")
    for period in found.order_by("subscription", "n"):
        held[period.subscription_id].append(period)
    keys = _keys_of_grants(wallet_ids)
    bonuses = _bonuses(wallet_ids)
    breaches = [
        Breach(rule, subscription.wallet_id, f"subscription {subscription.pk} {sentence}")
        for subscription in subscriptions
        for rule, sentence in _faults_of(subscription, held[subscription.pk], keys)
    ]
    wrong = [
        Breach("R7", subscription.wallet_id, f"subscription {subscription.pk} {sentence}")
        for subscription in subscriptions
        for sentence in _faults_of_bonus(subscription, held[subscription.pk], bonuses)
    ]
    unknown = [Breach("R7", wallet_id, f"{key} is the bonus of no term") for key, (wallet_id, _) in bonuses.items()]
    return [*breaches, *wrong, *unknown, *_lots_without_period(wallet_ids)]


def _faults_of(subscription: Subscription, held: list[Period], keys: dict[int, str]) -> Iterator[tuple[str, str]]:
    if [period.n for period in held] != list(range(subscription.next_n)):
        yield "R8", f"has periods {[period.n for period in held][:24]}, not 0 to {subscription.next_n - 1}"
    if subscription.renews_at != allotments.next_renewal(subscription):
        yield "R7", f"is to renew at {subscription.renews_at}, which is not when its next paid period starts"
    for period in held:
        if not _is_in_place(subscription, period):
            yield "R8", f"has period {period.n} at {period.starts_at}, off its anchor"
        if period.starts_at >= subscription.paid_through:
            yield "R7", f"has an unpaid period {period.n}"
        if not _gave_what_it_should(subscription, period, keys):
            yield "R7", f"has a period {period.n} that did not give what its terms say"


def _faults_of_bonus(
    subscription: Subscription, held: list[Period], bonuses: dict[str, tuple[int, int]]
) -> Iterator[str]:
    """Takes out of `bonuses` what is explained: one for each yearly term that began, for each seat of that day."""
    for term in range(subscription.next_term):
        _, given = bonuses.pop(f"bonus:{subscription.pk}:{term}", (0, 0))
        starts_at, _ = allotments.term_bounds(subscription, term)
        period = next((one for one in held if one.starts_at <= starts_at < one.ends_at), None)
        if period is not None and given != _bonus_of(subscription, period):
            yield f"has a yearly term {term} whose bonus was {given}, not {_bonus_of(subscription, period)}"
        if starts_at >= subscription.paid_through:
            yield f"has a bonus for the unpaid term {term}"


def _bonus_of(subscription: Subscription, period: Period) -> int:
    is_yearly = subscription.interval == Interval.YEAR
    return period.plan_version.annual_bonus_credits * period.seats if is_yearly else 0


def _bonuses(wallet_ids: list[int]) -> dict[str, tuple[int, int]]:
    """Wallet and amount of each grant of a bonus, by its key."""
    grants = Entry.objects.filter(wallet__in=wallet_ids, kind=Entry.Kind.GRANT, lot__source=Lot.Source.BONUS)
    return {entry.key: (entry.wallet_id, entry.delta) for entry in grants}


def _is_in_place(subscription: Subscription, period: Period) -> bool:
    clock = period.plan_version.allotment_clock
    bounds = periods.period_bounds(anchor_at=subscription.anchor_at, clock=clock, n=period.n)
    return bounds == (period.starts_at, period.ends_at)


def _gave_what_it_should(subscription: Subscription, period: Period, keys: dict[int, str]) -> bool:
    amount = allotments.amount(
        period.plan_version,
        anchor_at=subscription.anchor_at,
        n=period.n,
        contract=subscription.contract_allotment,
        seats=period.seats,
    )
    lot = period.lot
    if lot is None:
        return amount == 0
    is_its_grant = keys.get(lot.pk) == f"grant:{subscription.pk}:{period.n}"
    return is_its_grant and (lot.granted, lot.subscription_id) == (amount, subscription.pk)


def _keys_of_grants(wallet_ids: list[int]) -> dict[int, str]:
    grants = Entry.objects.filter(wallet__in=wallet_ids, kind=Entry.Kind.GRANT)
    return dict(grants.values_list("lot_id", "key"))


def _lots_without_period(wallet_ids: list[int]) -> list[Breach]:
    stray = Lot.objects.filter(wallet__in=wallet_ids, source=Lot.Source.PLAN, period=None)
    return [Breach("R7", lot.wallet_id, f"lot {lot.pk} is a plan's, but of no period") for lot in stray]
