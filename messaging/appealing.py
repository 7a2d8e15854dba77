"""A member's appeal against a decision, and the second decision by somebody else (domain 8.4, M14)."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.busy import short_wait
from accounts.models import Member, Restriction, Step
from billing import forfeiting
from billing.models import Entry
from messaging import conduct_news, leaving
from messaging.conduct import FACTS_LEAST, may_decide
from messaging.conduct_refusals import AlreadyDecided, NothingToAppeal, OwnMatter, ReasonsMissing, TooLateToAppeal
from messaging.models import Appeal, Decision

# Six calendar months are never longer.
APPEAL_FOR = timedelta(days=184)
Outcome = Appeal.Outcome


def appeal(*, decision: Decision, member: Member, statement: str, at: datetime) -> Appeal:
    """Ask for a second decision, once and within six months; a second time answers with the appeal that stands.

    Raises NothingToAppeal for what is not about this member or took no effect, TooLateToAppeal.
    """
    found = Decision.objects.filter(pk=decision.pk, case__about=member, restriction__isnull=False).first()
    if found is None:
        raise NothingToAppeal
    stands = Appeal.objects.filter(decision=found).first()
    if stands is not None:
        return stands
    if at >= appealable_until(found):
        raise TooLateToAppeal
    facts = {
        "statement": statement,
        "asked_at": at,
        "first_decided_by": found.decided_by,
        "first_confirmed_by": found.confirmed_by,
    }
    return Appeal.objects.get_or_create(decision=found, defaults=facts)[0]


def decide_appeal(*, appeal: Appeal, outcome: str, reasons: str, decided_by: Member, at: datetime) -> Appeal:
    """Uphold, or reverse: standing comes back, and anew what credits were lost meanwhile. The member hears why.

    Raises OwnMatter for those who decided first, the member, or who reported it; ReasonsMissing; AlreadyDecided.
    """
    if not may_decide_appeal(appeal, decided_by):
        raise OwnMatter
    if len(reasons.strip()) < FACTS_LEAST:
        raise ReasonsMissing
    with short_wait():
        # Wallet before member, as everywhere: what comes back is granted under the same locks.
        restored = _restore(appeal, decided_by, at=at) if outcome == Outcome.REVERSED else 0
        changes = {"outcome": outcome, "reasons": reasons.strip(), "decided_by": decided_by, "decided_at": at}
        if not waiting().filter(pk=appeal.pk).update(**changes):
            raise AlreadyDecided
        if outcome == Outcome.REVERSED:
            _lift(appeal.decision, at=at)
        appeal = Appeal.objects.select_related("decision__case__about", "decision__restriction").get(pk=appeal.pk)
        conduct_news.tell_of_appeal(appeal, restored=restored, at=at)
        return appeal


def waiting() -> QuerySet[Appeal]:
    """Oldest first."""
    return Appeal.objects.filter(decided_at=None).order_by("asked_at", "pk")


def appealable_until(decision: Decision) -> datetime:
    """A closing counts from the second moderator's word."""
    return (decision.confirmed_at or decision.decided_at) + APPEAL_FOR


def may_decide_appeal(appeal: Appeal, by: Member) -> bool:
    """Not who decided first or confirmed it, nor who is part of the matter."""
    first = (appeal.first_decided_by_id, appeal.first_confirmed_by_id)
    return by.pk not in first and may_decide(appeal.decision.case, by)


def what_comes_back(decision: Decision, *, at: datetime) -> list[Entry]:
    """The journal's lines of credits that a reversal at `at` would give anew: each with its lot."""
    restriction = decision.restriction
    if restriction is None or restriction.step == Step.WARNING:
        return []
    return list(forfeiting.lost(member=restriction.member, **_span(restriction, at=at)))


def _span(restriction: Restriction, *, at: datetime) -> dict[str, Any]:
    """While it limited the member: what expired after its end it did not cost."""
    until = at if restriction.ends_at is None else min(at, restriction.ends_at)
    return {"since": restriction.starts_at, "until": until, "cause": f"closing-{restriction.reference}"}


def _restore(appeal: Appeal, decided_by: Member, *, at: datetime) -> int:
    restriction = appeal.decision.restriction
    if restriction is None or restriction.step == Step.WARNING:
        return 0
    span = _span(restriction, at=at)
    lots = forfeiting.restore(member=restriction.member, actor=decided_by, at=at, **span)
    return sum(lot.granted for lot in lots)


def _lift(decision: Decision, *, at: datetime) -> None:
    restriction = decision.restriction
    assert restriction is not None
    Restriction.objects.filter(pk=restriction.pk, reversed_at=None).update(reversed_at=at)
    if restriction.step == Step.CLOSING:
        leaving.reactivate(member=restriction.member)
