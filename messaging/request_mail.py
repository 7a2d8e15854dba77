"""Mail about what waits: a daily list of Requests, and one reminder of an InMail without an answer (domain 7.3, 7.9).

Both say who wrote and why, never what; their links open pages, and only a button there answers.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from datetime import time as time_of_day

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.urls import reverse

from accounts import notices, preferences
from accounts.models import Block, Member, Notice, Reach
from accounts.site_policy import policy_in_force
from billing.models import Entry
from messaging.dates import day_words, local_day, zone_of
from messaging.models import Message, Outreach, Participation
from messaging.notifications import NEWS_FOR, mail_context
from messaging.returns import gives_back

# The list leaves at this hour of the member's day.
HOUR = 8
A_DAY = timedelta(days=1)
CHUNK = 200
# More names make no better list; the page has them all.
NAMES_MOST = 30


def tell_of_requests(*, since: datetime, at: datetime) -> int:
    """List for each member who wants that, and whose hour came after `since`, who waits since the last list.

    Counts the lists. Twice is one list a day: the key holds the member's day.
    """
    wanting = Reach.objects.filter(requests_mail=Reach.RequestsMail.DAILY, member__is_active=True)
    members = (reach.member for reach in wanting.select_related("member").order_by("pk").iterator(CHUNK))
    due = [member for member in members if since < _hour_of(member, at=at) <= at]
    return sum(_list_for(due[start : start + CHUNK], at=at) for start in range(0, len(due), CHUNK))


def _hour_of(member: Member, *, at: datetime) -> datetime:
    zone = zone_of(member)
    return datetime.combine(local_day(at, zone), time_of_day(HOUR), zone)


def _list_for(members: Collection[Member], *, at: datetime) -> int:
    waiting = _waiting(members, at=at)
    told = 0
    for member in members:
        if people := waiting.get(member.pk):
            _queue_list(member, people, at=at)
            told += 1
    return told


def _waiting(members: Collection[Member], *, at: datetime) -> dict[int, list[dict[str, str]]]:
    """By member, who came to Requests since the last list, oldest first; of the first list, within a day."""
    ids = [member.pk for member in members]
    lists = (
        Notice.objects.filter(member__in=ids, kind=preferences.REQUESTS).values_list("member").annotate(Max("due_at"))
    )
    last = dict(lists.order_by())
    earliest = min([at - A_DAY, *last.values()])
    sides = Participation.objects.filter(member__in=ids).shown(at)
    sides = sides.filter(Q(shown_tray=Participation.Tray.REQUESTS, shown_at__gt=earliest, shown_at__lte=at))
    blocked = Block.objects.filter(blocker=OuterRef("member"), blocked=OuterRef("other"))
    new = [
        side
        for side in sides.exclude(Exists(blocked)).select_related("other").order_by(F("shown_at"))
        if side.shown_at > last.get(side.member_id, at - A_DAY)
    ]
    purposes = {one.pk: str(one.get_purpose_display()) for one in _outreach_of(new)}
    people: dict[int, list[dict[str, str]]] = defaultdict(list)
    for side in new:
        people[side.member_id].append({"name": side.other.name, "purpose": purposes.get(side.shown_id, "")})
    return people


def _outreach_of(sides: Collection[Participation]) -> QuerySet[Outreach]:
    return Outreach.objects.filter(pk__in=[side.shown_id for side in sides])


def _queue_list(member: Member, people: list[dict[str, str]], *, at: datetime) -> None:
    day = local_day(at, zone_of(member))
    notices.queue(
        member=member,
        kind=preferences.REQUESTS,
        context={
            "count": len(people),
            "people": people[:NAMES_MOST],
            "more": max(len(people) - NAMES_MOST, 0),
            "path": reverse("messaging:requests"),
        },
        key=f"requests:{member.pk}:{day:%Y-%m-%d}",
        due_at=at,
        not_after=at + A_DAY,
    )


# --- One reminder -----------------------------------------------------------------------------------------------------


def remind_recipients(*, at: datetime) -> int:
    """Remind of each InMail that has no answer for so many days, once, whoever takes mail of it; counts them."""
    return sum(_remind(outreach, at=at) for outreach in _unanswered(at=at))


def _unanswered(*, at: datetime) -> Iterator[Outreach]:
    """Delivered so long ago, and not so long that it is no news; not what a mail was promised for already."""
    until = at - timedelta(days=policy_in_force(at).reminder_after_days)
    key = Concat(Value("remind:"), OuterRef("message__public_id"))
    blocked = Block.objects.filter(blocker=OuterRef("message__recipient"), blocked=OuterRef("message__sender"))
    reported = Participation.objects.filter(
        conversation=OuterRef("message__conversation"), member=OuterRef("message__recipient"), tray="spam"
    )
    waiting = Outreach.objects.filter(
        message__kind=Message.Kind.INMAIL,
        message__undone_at=None,
        message__deliver_at__gt=until - NEWS_FOR,
        message__deliver_at__lte=until,
        message__recipient__is_active=True,
        message__recipient__reach__wants_message_mail=True,
        answered_at=None,
    )
    waiting = waiting.exclude(Exists(Notice.objects.filter(key=key))).exclude(Exists(blocked)).exclude(Exists(reported))
    waiting = waiting.exclude(charge__entries__kind=Entry.Kind.REVERSE).order_by("message__deliver_at")
    related = ("message__conversation", "message__sender", "message__recipient__reach", "charge__policy_version")
    return waiting.select_related(*related).iterator(CHUNK)


def _remind(outreach: Outreach, *, at: datetime) -> bool:
    message = outreach.message
    facts = mail_context(message, at=at)
    if not preferences.takes_mail(message.recipient, preferences.WAITING, in_requests=bool(facts["in_requests"])):
        return False
    written = {"day": day_words(message.deliver_at, zone_of(message.recipient))}
    notices.queue(
        member=message.recipient,
        kind=preferences.WAITING,
        context=facts | written | {"gives_back": gives_back([outreach.charge], message.sender)},
        key=f"remind:{message.public_id}",
        due_at=at,
        not_after=at + NEWS_FOR,
    )
    return True
