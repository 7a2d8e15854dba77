"""To be told when somebody can be written to again: asked for beside the refusal that names the day (rows 14, 17)."""

from datetime import datetime

from django.urls import reverse

from accounts import news
from accounts.models import Member, NoticeKind
from accounts.site_policy import policy_in_force
from messaging import facts
from messaging.dates import day_words, zone_of
from messaging.models import Reminder
from messaging.policy import decide
from messaging.refusals import VerdictChanged
from messaging.sending_for import seat_for
from messaging.verdict import Facts, Verdict

A_SWEEP = 500


def remind(*, member: Member, about: Member, at: datetime) -> Reminder:
    """Remember to tell `member` when what is refused now may be asked again. Twice is one reminder, at the later time.

    Raises VerdictChanged where no refusal names a day: hidden causes have none (domain 6.2).
    """
    seat = seat_for(member)
    known = facts.load(member, [about], at=at, policy=policy_in_force(at), seat=seat)[about.pk]
    due_at = _due(known, verdict := decide(known))
    if due_at is None:
        raise VerdictChanged(verdict)
    return Reminder.objects.update_or_create(member=member, about=about, told_at=None, defaults={"due_at": due_at})[0]


def tell_due(*, at: datetime) -> int:
    """Tell of what is due, oldest first; counts it. Twice is harmless: a reminder is told under its own key."""
    due = Reminder.objects.filter(told_at=None, due_at__lte=at).select_related("member", "about").order_by("due_at")
    reminders = list(due[:A_SWEEP])
    news.tell([_news(reminder) for reminder in reminders], at=at)
    Reminder.objects.filter(pk__in=[reminder.pk for reminder in reminders]).update(told_at=at)
    return len(reminders)


def _due(known: Facts, verdict: Verdict) -> datetime | None:
    if verdict.code == "awaiting_answer":
        return known.follow_up_at
    return known.recipient_full_until if verdict.code == "recipient_full" else None


def _news(reminder: Reminder) -> news.News:
    """It promises nothing: whether a message can go is for the composer to say, at that time."""
    return news.News(
        member_id=reminder.member_id,
        kind=NoticeKind.REMINDER,
        key=f"reminder:{reminder.pk}",
        context={
            "name": reminder.about.name,
            "day": day_words(reminder.due_at, zone_of(reminder.member)),
            "path": reverse("messaging:compose", args=[reminder.about.handle]),
        },
        happened_at=reminder.due_at,
    )
