"""How Postern treats its member: what it tells, by mail and on the page, whether keys act. (The theme is a cookie.)"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.db import transaction

from accounts.models import Member, NoticeChoice, NoticeKind, Reach

# The kind of mail that tells of a message; its switch stands beside the others and is kept in Reach. So is the choice
# of mail about Requests: REQUESTS is their daily list. WAITING, the reminder of a message, obeys both.
MESSAGE, REQUESTS, WAITING = "message", "requests", "waiting"


class Told(NamedTuple):
    """Where a member wants to be told of one kind of news."""

    by_mail: bool
    on_page: bool


# What is decided about a member is always told to them.
ALWAYS = frozenset({NoticeKind.DECISION})
SWITCHABLE = tuple(kind for kind in NoticeKind if kind not in ALWAYS)

# An answer has a mail of its own, so that the credit it brings back is worth no second one.
DEFAULTS = dict.fromkeys(NoticeKind, Told(by_mail=True, on_page=True)) | {
    NoticeKind.CREDITS_RETURNED: Told(by_mail=False, on_page=True)
}


def save_message_mail(*, member: Member, wanted: bool) -> None:
    """Whether mail tells of new messages. Mails that wait in the outbox obey it too."""
    Reach.objects.filter(member=member).update(wants_message_mail=wanted)


def save_shortcuts(*, member: Member, used: bool) -> None:
    """Whether single keys act in lists and conversations."""
    Reach.objects.filter(member=member).update(uses_shortcuts=used)


def save_choices(*, member: Member, choices: Mapping[NoticeKind, Told]) -> None:
    """Where the member is told of these kinds, from now on and of what waits in the outbox."""
    with transaction.atomic():
        for kind, told in choices.items():
            NoticeChoice.objects.update_or_create(member=member, kind=kind, defaults=told._asdict())


def choices_of(member: Member) -> dict[NoticeKind, Told]:
    return choices_of_all([member.pk])[member.pk]


def choices_of_all(member_ids: Collection[int]) -> dict[int, dict[NoticeKind, Told]]:
    """What each of them chose, or the default, for every kind; in one query."""
    found = {member_id: dict(DEFAULTS) for member_id in member_ids}
    for row in NoticeChoice.objects.filter(member__in=found):
        found[row.member_id][NoticeKind(row.kind)] = Told(row.by_mail, row.on_page)
    return found


def is_switchable(kind: str) -> bool:
    """Whether members can end mail of this kind. Codes, receipts and news of their sign-in always come."""
    return kind in (MESSAGE, REQUESTS) or kind in SWITCHABLE


def switch_of(kind: str) -> str:
    """What ends mail of this kind: its own switch, but for the reminder of a message."""
    return MESSAGE if kind == WAITING else kind


def takes_mail(member: Member, kind: str, *, in_requests: bool = False) -> bool:
    """`in_requests`: the mail is about a message that waits there, and is subject to that choice too."""
    if kind == REQUESTS:
        return member.reach.requests_mail == Reach.RequestsMail.DAILY
    if kind in (MESSAGE, WAITING):
        return member.reach.wants_message_mail and not (in_requests and _keeps_quiet(member, kind))
    return kind not in SWITCHABLE or choices_of(member)[NoticeKind(kind)].by_mail


def _keeps_quiet(member: Member, kind: str) -> bool:
    """A list a day stands for the mail about each, not for the reminder."""
    chosen = member.reach.requests_mail
    return chosen == Reach.RequestsMail.NONE or (kind == MESSAGE and chosen == Reach.RequestsMail.DAILY)


def end_mail(*, member: Member, kind: str) -> None:
    """No more mail of this kind; on the page it goes on."""
    if kind == MESSAGE:
        save_message_mail(member=member, wanted=False)
    elif kind == REQUESTS:
        Reach.objects.filter(member=member).update(requests_mail=Reach.RequestsMail.NONE)
    else:
        chosen = NoticeKind(kind)
        save_choices(member=member, choices={chosen: choices_of(member)[chosen]._replace(by_mail=False)})
