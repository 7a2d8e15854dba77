"""On a site that collects no money members ask for a plan, or for a dearer one, and staff confirm it."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.busy import short_wait
from accounts.clock import FOREVER
from accounts.models import Member

from . import plan_changes, subscriptions
from .catalog import version_in_force
from .models import Plan, PlanRequest, PlanVersion, Subscription
from .subscriptions import AlreadySubscribed, NotOffered, SubscriptionRefused


class AlreadyAsked(SubscriptionRefused):
    """Another request of this member waits."""


class RequestDecided(SubscriptionRefused):
    """Somebody was quicker: the request no longer waits."""


def ask_for_plan(*, member: Member, plan: Plan, interval: str, at: datetime) -> PlanRequest:
    """Ask staff for a plan; who holds one may ask for an upgrade. The same request twice is one.

    Raises NotOffered, AlreadySubscribed (it is no upgrade: what costs less needs no staff), AlreadyAsked.
    """
    if not plan.is_offered or not version_in_force(plan.code, at=at).is_paid:
        raise NotOffered(_("%(plan)s cannot be asked for.") % {"plan": plan})
    held = subscriptions.running(member, at=at)
    if held is not None and not _is_upgrade(held, _terms(plan, held, at=at), interval):
        raise AlreadySubscribed(_("You already hold %(plan)s.") % {"plan": held.plan_version.plan})
    try:
        with transaction.atomic():
            return PlanRequest.objects.create(member=member, plan=plan, interval=interval, asked_at=at)
    except IntegrityError:
        waiting = waiting_request(member)
    if waiting is not None and (waiting.plan_id, waiting.interval) == (plan.pk, interval):
        return waiting
    raise AlreadyAsked(_("Another request waits. Withdraw it first."))


def waiting_request(member: Member) -> PlanRequest | None:
    """The one request of a member that staff have not decided."""
    return PlanRequest.objects.filter(member=member, state=PlanRequest.State.WAITING).select_related("plan").first()


def withdraw_request(*, request: PlanRequest, at: datetime) -> PlanRequest:
    """The member no longer asks. Raises RequestDecided."""
    return _decide(request, PlanRequest.State.WITHDRAWN, decided_by=request.member, at=at)


def decline_request(*, request: PlanRequest, actor: Member, at: datetime) -> PlanRequest:
    """Staff say no. Raises RequestDecided."""
    return _decide(request, PlanRequest.State.DECLINED, decided_by=actor, at=at)


def confirm_request(
    *, request: PlanRequest, actor: Member, at: datetime, paid_through: datetime = FOREVER
) -> Subscription:
    """Staff say yes: the plan starts or is changed now, on the terms the member saw.

    Raises RequestDecided, and AlreadySubscribed if the member came to hold a plan of which this is no upgrade.
    """
    with short_wait():
        _decide(request, PlanRequest.State.CONFIRMED, decided_by=actor, at=at)
        held = subscriptions.running(request.member, at=at)
        version = _terms(request.plan, held, at=request.asked_at)
        if held is not None and _is_upgrade(held, version, request.interval):
            return subscriptions.upgrade(
                subscription=held,
                version=version,
                interval=request.interval,
                paid_through=paid_through,
                started_by=actor,
                at=at,
            )
        return subscriptions.subscribe(
            member=request.member,
            plan_version=version,
            interval=request.interval,
            paid_through=paid_through,
            started_by=actor,
            at=at,
        )


def _terms(plan: Plan, held: Subscription | None, *, at: datetime) -> PlanVersion:
    """Those in force; who pays the plan held in another rhythm keeps its terms (domain 3)."""
    if held is not None and held.plan_version.plan_id == plan.pk:
        return held.plan_version
    return version_in_force(plan.code, at=at)


def _is_upgrade(held: Subscription, version: PlanVersion, interval: str) -> bool:
    return plan_changes.kind_of(held, version, interval) == plan_changes.Kind.UPGRADE


def _decide(request: PlanRequest, state: str, *, decided_by: Member, at: datetime) -> PlanRequest:
    """The first decision wins: claimed by a conditional update."""
    waiting = PlanRequest.objects.filter(pk=request.pk, state=PlanRequest.State.WAITING)
    if not waiting.update(state=state, decided_at=at, decided_by=decided_by):
        raise RequestDecided(_("This request was decided meanwhile."))
    request.refresh_from_db(fields=["state", "decided_at", "decided_by"])
    return request
