"""The ladder of domain 8.4: how long each step lasts, and which comes next."""

from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import Member, Restriction, Step
from accounts.site_policy import SitePolicy

STEPS = tuple(Step)
# A closing has no end.
LASTS = {
    Step.WARNING: timedelta(),
    Step.DAY: timedelta(hours=24),
    Step.THREE_DAYS: timedelta(hours=72),
    Step.WEEK: timedelta(days=7),
    Step.SUSPENDED: timedelta(days=30),
}
# Beyond this a person decides.
HIGHEST_OF_A_RULE = Step.WEEK
BETWEEN_AUTOMATIC_STEPS = timedelta(days=14)


def next_step(member: Member, *, at: datetime, policy: SitePolicy) -> Step:
    """The step above the highest that was in force in the last days (ladder_reset_days); reversed ones do not count."""
    since = at - timedelta(days=policy.ladder_reset_days)
    known = Restriction.objects.filter(Q(ends_at=None) | Q(ends_at__gt=since), member=member, reversed_at=None)
    places = [STEPS.index(Step(step)) for step in known.values_list("step", flat=True)]
    return STEPS[min(max(places, default=-1) + 1, len(STEPS) - 1)]


def is_above(step: Step, other: Step) -> bool:
    return STEPS.index(step) > STEPS.index(other)


def ends_at(step: Step, *, at: datetime, days: int | None = None) -> datetime | None:
    """When a step that begins at `at` is over; `days` is for a suspension of another length. None = no end."""
    if step == Step.CLOSING:
        return None
    lasts = timedelta(days=days) if days and step == Step.SUSPENDED else LASTS[step]
    return at + lasts


def may_a_rule_act(member: Member, *, at: datetime) -> bool:
    """Whether the last step that a rule took by itself is long enough ago."""
    since = at - BETWEEN_AUTOMATIC_STEPS
    taken = Restriction.objects.filter(member=member, decided_by=None, reversed_at=None, starts_at__gt=since)
    return not taken.exists()
