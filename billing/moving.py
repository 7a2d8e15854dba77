"""Moving subscriptions to newer terms of their plan: by the operator, with notice, and not before the term ends.

Until then everybody keeps the terms they have; what changes is written to each in a mail (domain 3).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from accounts import notices
from accounts.busy import short_wait
from accounts.models import Member

from . import subscriptions, terms
from .models import Plan, PlanVersion, Subscription
from .subscriptions import NotRunning
from .succession import end_of_term
from .words import day

# The mail is no news any more when the terms it announces have begun for long.
NOTICE_FOR = timedelta(days=30)


def movable(plan: Plan, *, to_version: PlanVersion) -> QuerySet[Subscription]:
    """Who holds the plan on other terms and goes on: nobody cancelled, with a change waiting, or with a contract."""
    running = Subscription.objects.running().filter(plan_version__plan=plan).exclude(plan_version=to_version)
    return running.filter(cancel_at=None, next_version=None, contract_allotment=None)


def move_subscriptions(*, plan: Plan, to_version: PlanVersion, at: datetime) -> int:
    """Let each of them change to `to_version` when its term ends, and write to its holder; counts them.

    One transaction each, so that it can be run again after it was stopped. Credits held stay; the new cap trims. Whose
    payment is missing is left out: the change would begin now, and the days of the grace would be nobody's to pay.
    """
    waiting = movable(plan, to_version=to_version).values_list("pk", flat=True).order_by("pk")
    return sum(_move(pk, to_version, at=at) for pk in list(waiting))


def _move(subscription_id: int, to_version: PlanVersion, *, at: datetime) -> bool:
    subscription = Subscription.objects.select_related("wallet__member", "wallet__team").get(pk=subscription_id)
    with short_wait():
        try:
            held = subscriptions.lock(subscription, at=at)
        except NotRunning:
            return False
        if not movable(to_version.plan, to_version=to_version).filter(pk=held.pk, paid_through__gt=at).exists():
            return False
        held.next_version, held.next_interval = to_version, held.interval
        held.changes_at = end_of_term(held, at=at)
        subscriptions.store(held, "next_version", "next_interval", "changes_at")
        for member in _told(held):
            _tell(member, held, to_version, at=at)
    subscriptions.tell(held.wallet)
    return True


def _told(held: Subscription) -> Iterator[Member]:
    """The holder; for a team those who administer it."""
    wallet = held.wallet
    if wallet.member is not None:
        yield wallet.member
    elif wallet.team is not None:
        yield from Member.objects.filter(pk__in=wallet.team.admins.values("member"))


def _tell(member: Member, held: Subscription, to_version: PlanVersion, *, at: datetime) -> None:
    assert held.changes_at is not None
    notices.queue(
        member=member,
        kind="terms_change",
        context={
            "plan": to_version.plan.name,
            "day": day(held.changes_at),
            "changes": "\n".join(differences(held.plan_version, to_version)),
            "path": reverse("billing:plan"),
        },
        key=f"terms:{held.pk}:{to_version.pk}:{member.pk}",
        due_at=at,
        not_after=held.changes_at + NOTICE_FOR,
    )


def differences(was: PlanVersion, will_be: PlanVersion) -> list[str]:
    """Figure by figure, as people read them."""
    return [f"{one.label}: {one.was} → {one.will_be}" for one in terms.changed(was, will_be)]
