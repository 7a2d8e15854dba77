"""What was between two members, in figures: for the profile and beside a conversation."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet, Sum

from accounts.models import Member
from billing.models import Entry
from messaging.models import Message, Participation


@dataclass(frozen=True, kw_only=True)
class History:
    """`used` and `back` are this member's own credits; what was undone counts for neither."""

    url: str
    first_at: datetime
    messages: int
    used: int
    back: int


def history_of(side: Participation, *, at: datetime) -> History | None:
    """The past as the member of this side knows it at `at`; None while there is nothing."""
    known = _visible(side, at=at).aggregate(messages=Count("pk"), first_at=Min("sent_at"))
    if not known["messages"]:
        return None
    credits = _credits(side)
    return History(
        url=side.conversation.get_absolute_url(),
        first_at=known["first_at"],
        messages=known["messages"],
        used=-credits.get(Entry.Kind.CHARGE, 0) - credits.get(Entry.Kind.REVERSE, 0),
        back=credits.get(Entry.Kind.REFUND, 0),
    )


def _visible(side: Participation, *, at: datetime) -> QuerySet[Message]:
    mine = Q(sender_id=side.member_id)
    return Message.objects.filter(mine | Q(deliver_at__lte=at), conversation=side.conversation_id, undone_at=None)


def _credits(side: Participation) -> dict[str, int]:
    rows = Entry.objects.filter(
        charge__outreach__message__conversation=side.conversation_id, charge__payer=side.member_id
    )
    return dict(rows.order_by().values_list("kind").annotate(total=Sum("delta")))


def side_with(member: Member, other: Member) -> Participation | None:
    """The member's side of the conversation with `other`, if there is one."""
    return Participation.objects.filter(member=member, other=other).select_related("conversation").first()
