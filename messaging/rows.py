"""One line of a list for each conversation: who, when, subject, a snippet, and one quiet state.

The same number of queries for one conversation or fifty.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Member
from accounts.site_policy import SitePolicy
from billing.models import Entry
from messaging.models import Message, Outreach, Participation

SNIPPET = 140
ZERO_WIDTH_JOINER = "\u200d"
SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")


@dataclass(frozen=True, kw_only=True)
class State:
    """The quiet state of a line: colour, picture and words."""

    kind: str
    symbol: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """`shown_at` is when the newest message came, or went."""

    side: Participation
    message: Message
    shown_at: datetime
    subject: str
    is_unread: bool
    state: State | None

    @property
    def other(self) -> Member:
        return self.side.other

    @property
    def is_mine(self) -> bool:
        return self.message.sender_id == self.side.member_id

    @property
    def snippet(self) -> str:
        return snippet(self.message.body) or self.message.get_answer_display()


def rows_of(member: Member, sides: Sequence[Participation], *, at: datetime, policy: SitePolicy) -> list[Row]:
    """The lines of these conversations for `member`; sides come with `other` and both messages."""
    conversations = [side.conversation_id for side in sides]
    subjects = _subjects(member, conversations, at=at)
    outreach = _latest_outreach(member, conversations)
    returned = _returned(outreach.values())
    rows = []
    for side in sides:
        message, shown_at = newest(side, at=at)
        if message is None or shown_at is None:
            continue
        is_unread = is_new(side, message, shown_at)
        state = _state(outreach.get(side.conversation_id), returned, is_unread=is_unread, at=at, policy=policy)
        subject = subjects.get(side.conversation_id, "")
        rows.append(
            Row(side=side, message=message, shown_at=shown_at, subject=subject, is_unread=is_unread, state=state)
        )
    return rows


def newest(side: Participation, *, at: datetime) -> tuple[Message | None, datetime | None]:
    """The newest message that this side may know of, and since when."""
    if side.coming_message is not None and side.coming_at is not None and side.coming_at <= at:
        return side.coming_message, side.coming_at
    return side.last_message, side.last_message_at


def is_new(side: Participation, message: Message, shown_at: datetime) -> bool:
    """Whether this side has not seen its newest message."""
    if message.sender_id == side.member_id:
        return False
    return side.read_through is None or side.read_through < shown_at


def snippet(text: str, length: int = SNIPPET) -> str:
    """The beginning of a text in one line; never half of a character as people see it."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    end = length
    while end > 0 and _joins(line, end):
        end -= 1
    end = end or length
    space = line.rfind(" ", length // 2, end)
    return f"{line[: space if space > 0 else end]}…"


def _joins(line: str, index: int) -> bool:
    """Whether the character at `index` belongs to the one before it."""
    after = line[index]
    if ZERO_WIDTH_JOINER in (after, line[index - 1]) or unicodedata.category(after).startswith("M"):
        return True
    return SKIN_TONES[0] <= after <= SKIN_TONES[1] or "\U0001f1e6" <= after <= "\U0001f1ff"


def _subjects(member: Member, conversations: list[int], *, at: datetime) -> dict[int, str]:
    """The first subject of each conversation that the member may know of."""
    known = Q(sender=member) | Q(deliver_at__lte=at)
    rows = (
        Message.objects.filter(known, conversation__in=conversations, undone_at=None)
        .exclude(subject="")
        .order_by("-sent_at", "-pk")
        .values_list("conversation_id", "subject")
    )
    return dict(rows)


def _latest_outreach(member: Member, conversations: list[int]) -> dict[int, Outreach]:
    sent = Outreach.objects.filter(
        message__conversation__in=conversations, message__sender=member, message__undone_at=None
    ).exclude(charge__entries__kind=Entry.Kind.REVERSE)
    rows = sent.select_related("message", "charge").order_by("message__sent_at", "pk")
    return {outreach.message.conversation_id: outreach for outreach in rows}


def _returned(outreach: Iterable[Outreach]) -> set[int]:
    """Ids of the charges whose credits came back."""
    charges = [one.charge_id for one in outreach if one.charge_id]
    entries = Entry.objects.filter(charge__in=charges, kind=Entry.Kind.REFUND)
    return {charge for charge in entries.values_list("charge_id", flat=True) if charge is not None}


def _state(
    outreach: Outreach | None, returned: set[int], *, is_unread: bool, at: datetime, policy: SitePolicy
) -> State | None:
    if outreach is None:
        return None
    if outreach.answered_at is not None and outreach.answered_at <= at:
        came_back = is_unread and outreach.charge_id in returned
        return State(kind="ok", symbol="returned", label=_("Credit back")) if came_back else None
    return waiting_state(outreach, at=at, policy=policy)


def waiting_state(outreach: Outreach, *, at: datetime, policy: SitePolicy) -> State | None:
    """Of outreach without an answer: until when the credit can come back; later, that there is none yet."""
    if at >= outreach.message.sent_at + timedelta(days=policy.follow_up_gap_days):
        return State(kind="warn", symbol="clock", label=_("No answer yet"))
    until = outreach.charge.refundable_until if outreach.charge and outreach.charge.returnable else None
    if until is None or until <= at:
        return None
    day = dateformat.format(timezone.localtime(until), pgettext("date format", "j M"))
    return State(kind="credit", symbol="clock", label=_("Until %(date)s") % {"date": day})
