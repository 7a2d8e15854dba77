"""What stands under the composer's strip: texts that are like this one, a colleague who wrote, the day's limit.

Nothing here decides: `decide` held or let pass already, from the same figures.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Member, Seat
from accounts.site_policy import SitePolicy
from billing.entitlements import entitlements
from messaging import similarity
from messaging.dates import day_words, zone_of
from messaging.models import Outreach
from messaging.names import first_name
from messaging.sender_facts import caps_of
from messaging.similarity import Piece
from messaging.verdict import Verdict

COLLEAGUE_FOR = timedelta(days=30)
A_WEEK = 7
# Shares of own words from which a text is called mostly or partly one's own.
MOSTLY, PARTLY = 70, 35


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One sentence. `kind`: warn or note; `url` with its `label` is the way on."""

    code: str
    kind: str
    text: str
    url: str = ""
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class OwnWords:
    """How much of a text the sender wrote for this person alone, and what repeats."""

    percent: int
    words: str
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Notices:
    lines: tuple[Notice, ...] = ()
    own: OwnWords | None = None


def notices_for(
    member: Member,
    recipient: Member,
    verdict: Verdict,
    text: str,
    *,
    seat: Seat | None,
    at: datetime,
    policy: SitePolicy,
) -> Notices:
    """What helps before this text goes as outreach; nothing where no outreach can."""
    if not (verdict.counts_for_cap or verdict.once_passed):
        return Notices()
    week = similarity.week_of(member, recipient, text, at=at, policy=policy) if text else []
    found = (
        _similar(verdict, len(similarity.alike(week, policy=policy)), policy=policy),
        _colleague(member, recipient, seat, at=at),
        _from_half(member, at=at, policy=policy),
    )
    return Notices(lines=tuple(filter(None, found)), own=_own_words(recipient, text, week, policy=policy))


def _similar(verdict: Verdict, count: int, *, policy: SitePolicy) -> Notice | None:
    """Not where the strip says already that it is held."""
    if verdict.once_passed or count < policy.duplicate_warn_at:
        return None
    if policy.duplicate_window_days == A_WEEK:
        words = ngettext(
            "This text is like %(count)s other you sent this week.",
            "This text is like %(count)s others you sent this week.",
            count,
        )
    else:
        words = ngettext(
            "This text is like %(count)s other you sent in the last %(days)s days.",
            "This text is like %(count)s others you sent in the last %(days)s days.",
            count,
        )
    return Notice(code="similar_warn", kind="warn", text=words % {"count": count, "days": policy.duplicate_window_days})


def _own_words(recipient: Member, text: str, week: list[similarity.Alike], *, policy: SitePolicy) -> OwnWords | None:
    if not week:
        return None
    personal = similarity.personal_words(recipient)
    pieces = similarity.pieces(text, week, without=personal)
    percent = similarity.own_percent(pieces)
    if percent >= MOSTLY:
        words = _("Mostly your own words for this person: %(percent)s%%.")
    elif percent >= PARTLY:
        words = _("Partly your own words for this person: %(percent)s%%. The rest stands in other messages of yours.")
    else:
        words = _("Hardly your own words for this person: %(percent)s%%. The rest stands in other messages of yours.")
    shows = any(one.likeness * 100 >= policy.duplicate_similarity_percent for one in week)
    return OwnWords(percent=percent, words=words % {"percent": percent}, pieces=tuple(pieces) if shows else ())


def _colleague(member: Member, recipient: Member, seat: Seat | None, *, at: datetime) -> Notice | None:
    """Who of the team wrote for the team last; what a colleague wrote for themselves is theirs."""
    if seat is None:
        return None
    written = Outreach.objects.filter(team=seat.team_id, message__recipient=recipient, message__undone_at=None)
    recent = written.filter(message__sent_at__gt=at - COLLEAGUE_FOR).exclude(message__sender=member)
    newest = recent.select_related("message__sender").order_by("-message__sent_at").first()
    if newest is None:
        return None
    colleague = newest.message.sender
    values = {
        "colleague": colleague.name,
        "name": first_name(recipient.name),
        "date": day_words(newest.message.sent_at, zone_of(member)),
    }
    return Notice(
        code="colleague_wrote",
        kind="warn",
        text=_("%(colleague)s, on your team, wrote to %(name)s on %(date)s.") % values,
        url=reverse("messaging:compose", args=[colleague.handle]),
        label=_("Ask %(name)s") % {"name": first_name(colleague.name)},
    )


def _from_half(member: Member, *, at: datetime, policy: SitePolicy) -> Notice | None:
    caps = caps_of(member, entitlements(member, at=at), at=at, policy=policy)
    used, limit = caps["sent_today"], caps["daily_cap"]
    if not limit or 2 * used < limit:
        return None
    text = _("%(used)s of %(limit)s today.") % {"used": used, "limit": limit}
    if caps["new_until"] is not None:
        lifts = _("%(used)s of %(limit)s today. Your account is new; the limit rises on %(date)s.")
        text = lifts % {"used": used, "limit": limit, "date": day_words(caps["new_until"], zone_of(member))}
    return Notice(code="from_half", kind="note", text=text)
