"""How many of a member's messages to new people are answered, and what follows from few (domain 8.3).

Judged are those that were delivered 21 to 7 days ago: old enough to be answered. Free ones count; what was sent by
itself is no answer. Below the floor a member is told; surely below it (the upper bound of Wilson's interval, 95 %)
the next step of the ladder follows by itself.
"""

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Member, PageNotice, Rule
from accounts.site_policy import SitePolicy, policy_in_force
from messaging import conduct, conduct_news, ladder
from messaging.conduct_refusals import AlreadyDecided
from messaging.dates import day_words, zone_of
from messaging.models import Case, Outreach

# Two-sided 95 %.
Z = 1.959964
# What is paid for in a running conversation waits for no first answer.
IN_CONVERSATION = Outreach.Code.OPEN_PAID


@dataclass(frozen=True, kw_only=True)
class Quality:
    """`answered` of `sent`, delivered from `since` until `until`; percentages are 0..100."""

    sent: int
    answered: int
    since: datetime
    until: datetime
    floor: int
    least: int

    @property
    def percent(self) -> float:
        return 100 * self.answered / self.sent if self.sent else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """What the share may be when chance is allowed for."""
        low, high = wilson(self.answered, self.sent)
        return 100 * low, 100 * high

    @property
    def is_judged(self) -> bool:
        return self.sent >= self.least

    @property
    def is_low(self) -> bool:
        return self.is_judged and 100 * self.answered < self.floor * self.sent

    @property
    def is_surely_low(self) -> bool:
        return self.is_judged and self.interval[1] < self.floor

    @property
    def lacking(self) -> int:
        """So many more answers to the same messages reach the floor."""
        return max(-(-self.floor * self.sent // 100) - self.answered, 0)


def wilson(answered: int, sent: int, z: float = Z) -> tuple[float, float]:
    """Both bounds of the score interval of a share."""
    if not sent:
        return 0.0, 1.0
    share, square = answered / sent, z * z
    middle = share + square / (2 * sent)
    spread = z * math.sqrt(share * (1 - share) / sent + square / (4 * sent * sent))
    return max((middle - spread) / (1 + square / sent), 0.0), min((middle + spread) / (1 + square / sent), 1.0)


def measure(member: Member, *, at: datetime, policy: SitePolicy) -> Quality:
    """The member's figures as of `at`."""
    judged = _judged(at=at, policy=policy).filter(message__sender=member)
    counted = judged.aggregate(sent=Count("pk"), answered=Count("pk", filter=Q(answered_at__lte=at)))
    return _quality(counted["sent"], counted["answered"], at=at, policy=policy)


def assess(*, at: datetime) -> int:
    """Look at every sender once: tell those who are low, restrict those who surely are; counts the steps taken.

    Twice is harmless: a notice comes once a window, and a step at most every 14 days.
    """
    policy = policy_in_force(at)
    return sum(_judge(member, found, at=at, policy=policy) for member, found in list(_low(at=at, policy=policy)))


def _judge(member: Member, found: Quality, *, at: datetime, policy: SitePolicy) -> bool:
    if not found.is_surely_low:
        _tell(member, found, at=at)
        return False
    if not ladder.may_a_rule_act(member, at=at) or _has_case(member, at=at):
        return False
    case = conduct.open_case(
        about=member,
        source=Case.Source.QUALITY,
        harm=Case.Harm.MEDIUM,
        key=f"quality:{member.pk}:{at:%Y-%m-%d}",
        evidence=_evidence(found),
        at=at,
    )
    step = ladder.next_step(member, at=at, policy=policy)
    if ladder.is_above(step, ladder.HIGHEST_OF_A_RULE):
        # A person goes on from here: the case waits in the queue.
        return False
    with suppress(AlreadyDecided):
        conduct.decide_case(
            case=case, outcome=step, rule=Rule.REASON, facts=facts_of(member, found), decided_by=None, at=at
        )
        return True
    return False


def facts_of(member: Member, found: Quality) -> str:
    """The figures as the member reads them."""
    words = _(
        "Of %(sent)s first messages that arrived from %(since)s to %(until)s, %(answered)s were answered:"
        " %(percent)s%%. Fewer than %(floor)s%% is too few for people you write to unasked."
    )
    zone = zone_of(member)
    return words % {
        "sent": found.sent,
        "answered": found.answered,
        "percent": f"{found.percent:.1f}",
        "floor": found.floor,
        "since": day_words(found.since, zone),
        "until": day_words(found.until, zone),
    }


def _judged(*, at: datetime, policy: SitePolicy) -> QuerySet[Outreach]:
    until = at - timedelta(days=policy.quality_maturity_days)
    since = until - timedelta(days=policy.quality_window_days)
    delivered = {"message__deliver_at__gt": since, "message__deliver_at__lte": until, "message__undone_at": None}
    return Outreach.objects.filter(**delivered).exclude(code=IN_CONVERSATION)


def _low(*, at: datetime, policy: SitePolicy) -> Iterator[tuple[Member, Quality]]:
    rows = (
        _judged(at=at, policy=policy)
        .values(sender=F("message__sender"))
        .annotate(sent=Count("pk"), answered=Count("pk", filter=Q(answered_at__lte=at)))
        .filter(sent__gte=policy.quality_min_sent)
        .order_by("sender")
    )
    found = {row["sender"]: _quality(row["sent"], row["answered"], at=at, policy=policy) for row in rows}
    low = {pk: quality for pk, quality in found.items() if quality.is_low}
    for member in Member.objects.active().filter(pk__in=low).order_by("pk"):
        yield member, low[member.pk]


def _quality(sent: int, answered: int, *, at: datetime, policy: SitePolicy) -> Quality:
    until = at - timedelta(days=policy.quality_maturity_days)
    return Quality(
        sent=sent,
        answered=answered,
        since=until - timedelta(days=policy.quality_window_days),
        until=until,
        floor=policy.quality_floor_percent,
        least=policy.quality_min_sent,
    )


def _tell(member: Member, found: Quality, *, at: datetime) -> None:
    """Once a window."""
    key = f"quality:{member.pk}:"
    told = PageNotice.objects.filter(member=member, key__startswith=key, told_at__gt=at - (found.until - found.since))
    if not told.exists():
        conduct_news.tell_of_quality(member, facts=facts_of(member, found), key=f"{key}{at:%Y-%m-%d}", at=at)


def _has_case(member: Member, *, at: datetime) -> bool:
    recent = Q(closed_at=None) | Q(opened_at__gt=at - ladder.BETWEEN_AUTOMATIC_STEPS)
    return Case.objects.filter(recent, about=member, source=Case.Source.QUALITY).exists()


def _evidence(found: Quality) -> dict[str, int | float]:
    low, high = found.interval
    figures = {"percent": found.percent, "low": low, "high": high}
    return {"sent": found.sent, "answered": found.answered} | {name: round(value, 1) for name, value in figures.items()}
