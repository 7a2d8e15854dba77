"""Credits as a gift: for a code that a member types, to a campaign's whole audience, to those who answered a survey.

Once per member and once per person (an address without its +tag and dots), and never more members than the promotion
allows: judged under the promotion's lock, which is taken after the wallet's (domain 5.10, reliability A27).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import live, persons
from accounts.busy import Busy, try_whole
from accounts.models import Member, Seat
from accounts.site_policy import policy_in_force
from billing import ledger
from billing.entitlements import held_at
from billing.models import Lot, Promotion, PromotionUse, Wallet
from billing.words import day

Kind = Promotion.Kind
Audience = Promotion.Audience
# Members a transaction each; a run of the worker ends long before its time limit.
MEMBERS_A_RUN = 2_000


class PromotionRefused(Exception):
    """Nothing was given; the message says why, for the member."""


class Given(NamedTuple):
    """What came of a list of addresses: `unknown` are nobody's here."""

    given: int
    before: int
    unknown: int


def use_code(*, member: Member, code: str, at: datetime) -> PromotionUse:
    """Give the credits of the code that the member typed, once. Raises PromotionRefused with a sentence."""
    promotion = Promotion.objects.filter(code=fold(code)).exclude(kind=Kind.CAMPAIGN).first()
    if promotion is None:
        raise PromotionRefused(_("There is no code %(code)s.") % {"code": code.strip()})
    return try_whole(partial(_give, promotion, member, at=at))


def give_campaigns(*, at: datetime) -> int:
    """Give running campaigns to those of their audience who were members when they began; counts the gifts.

    Who has it already is not asked again, so that a run that was cut short goes on where it stopped.
    """
    running = Promotion.objects.filter(kind=Kind.CAMPAIGN, stopped_at=None, starts_at__lte=at, ends_at__gt=at)
    return sum(give_campaign(promotion=promotion, at=at) for promotion in running)


def give_campaign(*, promotion: Promotion, at: datetime) -> int:
    """One campaign, as far as one run gets."""
    return sum(_give_if_due(promotion, member, at=at) for member in _waiting_for(promotion, at=at)[:MEMBERS_A_RUN])


def give_survey(*, promotion: Promotion, addresses: Iterable[str], at: datetime) -> Given:
    """Give to the members with these addresses, once each; again with the same list gives nothing more.

    Raises PromotionRefused when nobody can have it now.
    """
    _check_window(promotion, at=at)
    wanted = {address.strip().lower() for address in addresses if address.strip()}
    found = list(Member.objects.active().filter(email__in=wanted))
    given = sum(_give_if_due(promotion, member, at=at) for member in found)
    return Given(given, len(found) - given, len(wanted) - len(found))


def fold(code: str) -> str:
    """As codes are stored: " autumn 26 " is "AUTUMN26"."""
    return "".join(code.split()).upper()


def _waiting_for(promotion: Promotion, *, at: datetime) -> QuerySet[Member]:
    used = PromotionUse.objects.filter(promotion=promotion, member=OuterRef("pk"))
    waiting = Member.objects.active().filter(~Exists(used), joined_at__lte=promotion.starts_at)
    if promotion.audience == Audience.EVERYONE:
        return waiting.order_by("pk")
    has_plan = _has_plan(at)
    return waiting.filter(has_plan if promotion.audience == Audience.PREMIUM else ~has_plan).order_by("pk")


def _has_plan(at: datetime) -> Q:
    """A running paid plan of one's own, or a seat in use on a team's."""
    paid = held_at(at).filter(plan_version__is_paid=True)
    seats = Seat.objects.active().filter(team__pool__subscriptions__in=paid)
    return Q(Exists(paid.filter(wallet__member=OuterRef("pk")))) | Q(Exists(seats.filter(member=OuterRef("pk"))))


def _give_if_due(promotion: Promotion, member: Member, *, at: datetime) -> bool:
    """Whether it was given. One that is busy, or may not have it, does not hold up the others."""
    try:
        try_whole(partial(_give, promotion, member, at=at))
    except (PromotionRefused, Busy):
        return False
    return True


def _give(promotion: Promotion, member: Member, *, at: datetime) -> PromotionUse:
    wallet = ledger.lock_wallet(member, at=at)
    ledger.settle(wallet, at=at)
    promotion = Promotion.objects.select_for_update(no_key=True).get(pk=promotion.pk)
    person = persons.person(member.email)
    _check_window(promotion, at=at)
    _check_member(promotion, member, person, at=at)
    use = PromotionUse.objects.create(promotion=promotion, member=member, person=person, used_at=at)
    promotion.taken += 1
    promotion.save(update_fields=["taken"])
    _grant(promotion, wallet, member, at=at)
    live.tell(member.pk, changed="credits")
    return use


def _check_window(promotion: Promotion, *, at: datetime) -> None:
    if promotion.stopped_at is not None or promotion.ends_at <= at:
        raise PromotionRefused(_("%(name)s is over.") % {"name": promotion.name})
    if at < promotion.starts_at:
        raise PromotionRefused(
            _("%(name)s begins on %(day)s.") % {"name": promotion.name, "day": day(promotion.starts_at)}
        )


def _check_member(promotion: Promotion, member: Member, person: str, *, at: datetime) -> None:
    """In this order: who has it already is told so even when it is all taken."""
    if promotion.uses.filter(Q(member=member) | Q(person=person)).exists():
        raise PromotionRefused(_("You have used %(name)s already.") % {"name": promotion.name})
    if promotion.total_limit is not None and promotion.taken >= promotion.total_limit:
        raise PromotionRefused(_("All credits of %(name)s are taken.") % {"name": promotion.name})
    if promotion.audience == Audience.EVERYONE:
        return
    has_plan = Member.objects.filter(_has_plan(at), pk=member.pk).exists()
    if has_plan and promotion.audience == Audience.FREE:
        raise PromotionRefused(_("%(name)s is for members without a plan.") % {"name": promotion.name})
    if not has_plan and promotion.audience == Audience.PREMIUM:
        raise PromotionRefused(_("%(name)s is for members with a plan.") % {"name": promotion.name})


def _grant(promotion: Promotion, wallet: Wallet, member: Member, *, at: datetime) -> None:
    life_days = promotion.life_days or policy_in_force(at).promo_life_days
    ledger.grant(
        wallet=wallet,
        amount=promotion.credits,
        source=Lot.Source.SURVEY if promotion.kind == Kind.SURVEY else Lot.Source.PROMO,
        priority=Lot.Priority.GIFT,
        expires_at=max(at, wallet.last_entry_at or at) + timedelta(days=life_days),
        key=f"promo:{promotion.pk}:{member.pk}",
        reason=promotion.name,
        at=at,
    )
