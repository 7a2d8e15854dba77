"""The demo's money: a team with seats, a bought pack, a code, and a proposal that waits for a second person."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from accounts import teams
from accounts.clock import FOREVER
from accounts.models import Member
from billing import adjusting, ledger, pools, promotions, subscriptions
from billing.catalog import version_in_force
from billing.models import Pack, Promotion
from billing.orders import order_pack
from billing.orders.paying import mark_paid

TEAM = "Brightline"
LICENCES = 4
CODE = "WELCOME26"


def found_team(people: dict[str, Member], *, at: datetime) -> None:
    """Four licences: three are given, one of them waits for somebody's answer."""
    team = teams.found(name=TEAM, admin=people["lena"], at=at)
    terms = version_in_force("sales-navigator-team", at=at)
    subscriptions.subscribe(
        member=team,
        plan_version=terms,
        interval="month",
        paid_through=FOREVER,
        started_by=None,
        at=at,
        seats=LICENCES,
    )
    for key in ("owen", "dev"):
        offer = pools.invite(team=team, address=people[key].email, actor=people["lena"], at=at)
        pools.take(invitation=offer, member=people[key], at=at)


def offer_seat(people: dict[str, Member], *, at: datetime) -> None:
    """One more colleague was asked a short while ago."""
    team = teams.administered_by(people["lena"])
    assert team is not None
    pools.invite(team=team, address="ines@demo.example", actor=people["lena"], at=at)


def buy_pack(buyer: Member, staff: Member, *, at: datetime) -> None:
    """By invoice, the money arrived the next morning; only where the site sends invoices."""
    if settings.PAYMENT_PROVIDER != "manual":
        return
    pack = Pack.objects.filter(is_offered=True).order_by("credits").first()
    assert pack is not None
    order = order_pack(buyer=buyer, pack=pack, form_key=uuid4().hex[:14], at=at)
    mark_paid(order=order, reference="SEPA 2026-0417", actor=staff, at=at + timedelta(hours=16))


def give_code(taker: Member, staff: Member, *, at: datetime) -> None:
    """A code that still works: anybody may try it."""
    Promotion.objects.create(
        name="Welcome",
        code=CODE,
        credits=3,
        starts_at=at - timedelta(days=30),
        ends_at=at + timedelta(days=300),
        total_limit=500,
        made_by=staff,
    )
    promotions.use_code(member=taker, code=CODE, at=at)


def propose(member: Member, staff: Member, *, at: datetime) -> None:
    """More than one person may give: it waits in the console."""
    with transaction.atomic():
        wallet = ledger.lock_wallet(member, at=at)
        adjusting.propose(
            wallet=wallet,
            amount=25,
            life_days=365,
            reason="Moved over from the old system",
            evidence="List of 14 November, line 212",
            actor=staff,
            at=at,
        )
