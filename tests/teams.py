"""A team with a plan and seats, as the verbs of the product make it."""

from datetime import datetime

from allauth.account.models import EmailAddress

from accounts import teams
from accounts.busy import short_wait
from accounts.clock import FOREVER
from accounts.models import Member, Seat, Team
from billing import ledger, pools
from billing.catalog import version_in_force
from billing.models import Subscription


def make_team(
    admin: Member, *, licences: int, at: datetime, name: str = "Elbe Talent", plan: str = "sales-navigator-team"
) -> Team:
    """Paid for without end, with an empty pool."""
    team = teams.found(name=name, admin=admin, at=at)
    start_plan(team, licences=licences, at=at, plan=plan)
    return team


def start_plan(team: Team, *, licences: int, at: datetime, plan: str = "sales-navigator-team") -> Subscription:
    terms = version_in_force(plan, at=at)
    with short_wait():
        wallet = ledger.lock_wallet(team, at=at)
        subscription = Subscription.objects.create(
            wallet=wallet, plan_version=terms, anchor_at=at, paid_through=FOREVER, seats=licences, renews_at=at
        )
        # With a seat that rests the first period brings nothing: tests give the pool what they need.
        resting = Seat.objects.create(team=team, member=teams.admins_of(team)[0].member, assigned_at=at, parked_at=at)
        ledger.settle(wallet, at=at)
        resting.delete()
    return subscription


def give_seat(team: Team, member: Member, *, at: datetime) -> Seat:
    """Offered to the member's address and taken."""
    confirm_address(member)
    admin = teams.admins_of(team)[0].member
    offer = pools.invite(team=team, address=member.email, actor=admin, at=at)
    return pools.take(invitation=offer, member=member, at=at)


def give_credits(team: Team, amount: int, *, at: datetime) -> None:
    """By hand, so that a test does not wait for a renewal."""
    with short_wait():
        wallet = ledger.lock_wallet(team, at=at)
        ledger.settle(wallet, at=at)
        ledger.grant(
            wallet=wallet,
            amount=amount,
            source="admin",
            priority=20,
            expires_at=FOREVER,
            key=f"test:{team.pk}:{at}",
            at=at,
        )


def confirm_address(member: Member) -> None:
    EmailAddress.objects.get_or_create(user=member, email=member.email, defaults={"verified": True, "primary": True})
