"""What the worker does with credits. The database says what is due; running any of these twice, late or side by side
changes nothing but the moment."""

from contextlib import suppress
from datetime import datetime
from functools import partial

from celery import shared_task

from accounts import jobs
from accounts.busy import try_whole
from accounts.clock import now
from accounts.hints import hint
from billing import adjusting, audit, clock_guard, credit_notices, ledger, promotions, referrals, refunds, sweeps
from billing.models import Order, PaymentEvent, ReconciliationRun, Repayment, Wallet
from billing.orders import events, following, portal, reconciling, renewing, working_off
from billing.payments import GatewayAway

# Money waits behind it: a slice is short.
SECONDS_A_SLICE = 20

# A doubtful clock is the operator's to confirm: trying again in a second makes it no surer.
money_sweep = partial(shared_task, base=jobs.PosternTask, dont_autoretry_for=(clock_guard.ClockGap,))


@jobs.task
def refund_charge(charge_id: int) -> None:
    """Twice is harmless: a return is posted once for each lot, by a unique key, and only when it is due."""
    try_whole(partial(ledger.refund, charge_id=charge_id, at=now()))


@money_sweep()
def refund_answered_charges() -> None:
    """Twice is harmless: a posted return is no longer due."""
    with clock_guard.sweep("refund_answered_charges") as (run, at):
        run.outcome = sweeps.words(refunds.return_due(at=at))


@money_sweep()
def renew_due_allotments() -> None:
    """Twice is harmless: the number of the next period moves with its grant, and (subscription, n) is unique."""
    with clock_guard.sweep("renew_due_allotments") as (run, at):
        run.outcome = sweeps.words(sweeps.renew(at=at))


@money_sweep()
def expire_lots() -> None:
    """Twice is harmless: an expired lot is closed, and no longer found."""
    with clock_guard.sweep("expire_lots") as (run, at):
        run.outcome = sweeps.words(sweeps.expire(at=at))


@jobs.task
def give_referral_bonuses() -> None:
    """Twice is harmless: a bonus is given, and taken back, once by its key."""
    with jobs.run("give_referral_bonuses") as run:
        run.outcome = f"{referrals.settle_due(at=now())} given or taken back"


@jobs.task
def give_campaigns() -> None:
    """Twice is harmless: a promotion is used once by each member, and by each person."""
    with jobs.run("give_campaigns") as run:
        run.outcome = f"{promotions.give_campaigns(at=now())} given"


@jobs.task
def lapse_adjustments() -> None:
    """Twice is harmless: what lapsed no longer waits, and no credit moves."""
    with jobs.run("lapse_adjustments") as run:
        run.outcome = f"{adjusting.lapse(at=now())} lapsed"


@jobs.task
def tell_of_credits(recorded_at: str = "", entry_id: int = 0) -> None:
    """Twice is harmless: a notice has a permanent key. What one run does not get through, the next goes on with."""
    at = now()
    since = datetime.fromisoformat(recorded_at) if recorded_at else credit_notices.since_last("tell_of_credits", at=at)
    told, rest = credit_notices.tell_of_entries(after=credit_notices.Place(since, entry_id), at=at)
    if rest is not None:
        hint(tell_of_credits, rest.recorded_at.isoformat(), rest.entry_id)
        return
    # Only a run that read everything counts as one: the next looks from it on.
    with jobs.run("tell_of_credits") as run:
        run.outcome = f"{told} told"


@jobs.task
def tell_of_ends() -> None:
    """Twice is harmless: one notice a wallet and day, by its key."""
    since = credit_notices.since_last("tell_of_ends", at=now())
    with jobs.run("tell_of_ends") as run:
        run.outcome = f"{credit_notices.tell_of_ends(since=since, at=now())} told"


@jobs.task
def verify_ledger(after_wallet: int = 0, breaches: int = 0, run_id: int | None = None) -> None:
    """Twice is harmless: it only reads, and a wallet is put on hold once. Long journals go slice by slice, which
    together are one run in the console."""
    at = now()
    books = audit.runs.begin(at=at) if run_id is None else ReconciliationRun.objects.get(pk=run_id)
    with jobs.run("verify_ledger") as run:
        seen = audit.verify(at=at, after=after_wallet, seconds=SECONDS_A_SLICE)
        run.outcome = f"{seen}; {breaches} breaches before wallet {after_wallet}" if after_wallet else str(seen)
    audit.runs.note(books, seen.breaches if run_id else [*seen.breaches, *audit.overdue(at=at)], seen=seen.wallets)
    if seen.rest_after is None:
        audit.runs.finish(books, at=now())
    else:
        hint(verify_ledger, seen.rest_after, breaches + len(seen.breaches), books.pk)


# --- What waits for a gateway: never in the queue of money that is ours to move ---------------------


@jobs.task
def gateway_collect(order_id: int) -> None:
    """Twice is harmless: the gateway knows the order by its key, and one of the two is written down."""
    with suppress(GatewayAway):
        following.collect(order=Order.objects.get(pk=order_id), at=now())


@jobs.task
def gateway_look(order_id: int) -> None:
    """Twice is harmless: an order advances once, under its lock."""
    with suppress(GatewayAway):
        following.advance(order=Order.objects.get(pk=order_id), at=now())


@jobs.task
def gateway_handle_event(event_id: int) -> None:
    """Twice is harmless: only the object's own state counts."""
    with suppress(GatewayAway):
        events.handle(event=PaymentEvent.objects.get(pk=event_id), at=now())


@jobs.task
def gateway_repay(repayment_id: int) -> None:
    """Twice is harmless: the gateway knows the repayment by its key."""
    with suppress(GatewayAway):
        following.repay(Repayment.objects.select_related("order").get(pk=repayment_id), at=now())


@jobs.task
def gateway_portal(wallet_id: int) -> None:
    """Twice opens a second page, which is as good."""
    portal.prepare(wallet=Wallet.objects.get(pk=wallet_id))


@jobs.task
def gateway_work_off() -> None:
    """Twice is harmless, as each of its steps is: what no hint has done."""
    with jobs.run("gateway_work_off") as run:
        run.outcome = working_off.work_off(at=now())


@jobs.task
def gateway_reconcile() -> None:
    """Twice is harmless: what was missed is made up once; a second run finds the same differences."""
    with jobs.run("reconcile_payments") as run, suppress(GatewayAway):
        found = reconciling.reconcile(at=now())
        run.outcome = f"{found.seen} looked at, {found.differences.count()} differences"


@jobs.task
def invoice_next_terms() -> None:
    """Twice is harmless: an invoice's key names its subscription and term."""
    with jobs.run("invoice_next_terms") as run:
        run.outcome = f"{renewing.invoice_next_terms(at=now())} invoices"
