"""Members bring others: a link, who came by it, and the bonus once the newcomer's first plan is paid (domain 5.10).

The payment of the one only notes that the bonus of the other is due: the worker gives it in a transaction of its own,
so that no payment waits for, or deadlocks with, the wallet of somebody else.
"""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import CharField, Exists, OuterRef, Sum, Value
from django.db.models.functions import Cast, Concat

from accounts import persons
from accounts.busy import try_whole
from accounts.hints import hint
from accounts.models import Member
from accounts.site_policy import SitePolicy, policy_in_force
from billing import ledger, purchases
from billing.models import Dispute, Entry, Lot, Order, Referral, ReferralLink
from billing.payments import provider

# A payment that goes back within this time takes the bonus with it.
REPAID_WITHIN = timedelta(days=30)
# What a worker did not post for two days is for people to look at.
SWEPT_FOR = timedelta(days=2)
REASON = "A member you brought took a plan"


def are_rewarded(policy: SitePolicy) -> bool:
    """Whether bringing somebody can bring credits here: strangers may join and pay, and there is a bonus."""
    return bool(settings.SIGNUP_OPEN and policy.referral_bonus and provider() is not None)


def make_link(*, member: Member) -> ReferralLink:
    """The member's one link."""
    return ReferralLink.objects.get_or_create(member=member)[0]


def link_of(member: Member) -> ReferralLink | None:
    return ReferralLink.objects.filter(member=member).first()


def referrer_of(code: str) -> Member | None:
    """Whose link it is, while they are members here."""
    link = ReferralLink.objects.filter(code=code, member__is_active=True).select_related("member").first()
    return link.member if link else None


def join(*, code: str, member: Member, at: datetime) -> Referral | None:
    """Note who brought a member that has just confirmed their address: None for oneself under another address, for
    somebody whom the same member brought before, and for a link that is nobody's.
    """
    referrer = referrer_of(code)
    if referrer is None or _is_no_newcomer(referrer, member):
        return None
    try:
        with transaction.atomic():
            return Referral.objects.create(referrer=referrer, referred=member, joined_at=at)
    except IntegrityError:
        # Confirmed twice at once: one is enough.
        return Referral.objects.filter(referred=member).first()


def _is_no_newcomer(referrer: Member, member: Member) -> bool:
    brought = Referral.objects.filter(referrer=referrer).exclude(referred=member)
    known = [referrer.email, *brought.values_list("referred__email", flat=True)]
    return any(persons.is_same(member.email, address) for address in known)


# --- What payments do -------------------------------------------------------------------------------


def on_plan_paid(*, order: Order, at: datetime) -> None:
    """In the payment's transaction: the buyer's first paid plan earns the bonus, once, whatever comes twice."""
    earned = Referral.objects.filter(referred=order.buyer_id, earned_at=None).update(order=order, earned_at=at)
    if earned:
        hint("billing.tasks.give_referral_bonuses")


def on_repaid(*, order: Order, at: datetime) -> None:
    """In the repayment's transaction: all of the money is back within 30 days, so the bonus is too. Twice is once."""
    if order.paid_at is None or at >= order.paid_at + REPAID_WITHIN or not _is_all_back(order):
        return
    if Referral.objects.filter(order=order, clawed_back_at=None).update(clawed_back_at=at):
        hint("billing.tasks.give_referral_bonuses")


def _is_all_back(order: Order) -> bool:
    lost = order.disputes.filter(state=Dispute.State.LOST).aggregate(sum=Sum("amount"))["sum"] or 0
    return order.repaid + lost >= order.amount


# --- What the worker does ---------------------------------------------------------------------------


def settle_due(*, at: datetime) -> int:
    """Give what was earned, take back what was repaid; counts them. Each is posted once, by its key."""
    given = [try_whole(partial(_give, pk, at=at)) for pk in _earned(at)]
    taken = [try_whole(partial(_take_back, pk, at=at)) for pk in _repaid(at)]
    return sum(given) + sum(taken)


def _earned(at: datetime) -> list[int]:
    key = Concat(Value("referral:"), Cast(OuterRef("referred_id"), CharField()))
    due = Referral.objects.filter(earned_at__gt=at - SWEPT_FOR, clawed_back_at=None)
    return list(due.filter(~Exists(Entry.objects.filter(key=key))).values_list("pk", flat=True))


def _repaid(at: datetime) -> list[int]:
    return list(Referral.objects.filter(clawed_back_at__gt=at - SWEPT_FOR).values_list("pk", flat=True))


def _give(referral_id: int, *, at: datetime) -> bool:
    wallet = ledger.lock_wallet(_referrer(referral_id), at=at)
    ledger.settle(wallet, at=at)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=referral_id)
    policy = policy_in_force(referral.earned_at or at)
    if referral.clawed_back_at is not None or not policy.referral_bonus:
        return False
    ledger.grant(
        wallet=wallet,
        amount=policy.referral_bonus,
        source=Lot.Source.REFERRAL,
        priority=Lot.Priority.GIFT,
        expires_at=max(at, wallet.last_entry_at or at) + timedelta(days=policy.promo_life_days),
        key=_key(referral),
        reason=REASON,
        at=at,
    )
    return True


def _take_back(referral_id: int, *, at: datetime) -> bool:
    """Only what is left: nobody owes credits because somebody else's money went back."""
    wallet = ledger.lock_wallet(_referrer(referral_id), at=at)
    ledger.settle(wallet, at=at)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=referral_id)
    lot = Lot.objects.filter(entries__key=_key(referral), remaining__gt=0).first()
    if lot is None:
        return False
    purchases.claw_back(lot=lot, amount=lot.remaining, cause=f"referral-{referral.pk}", at=at)
    return True


def _referrer(referral_id: int) -> Member:
    return Referral.objects.select_related("referrer").get(pk=referral_id).referrer


def _key(referral: Referral) -> str:
    return f"referral:{referral.referred_id}"
