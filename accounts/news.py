"""News for members, by mail and on the page "Notices", as each of them chose; the same words in both places."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.template import Context
from django.template.loader import get_template

from accounts import live
from accounts.models import Member, Notice, NoticeKind, PageNotice
from accounts.preferences import Told, choices_of_all

# News that is three days old is no news, nor is the mail of a restored backup.
NEWS_FOR = timedelta(days=3)
PAGE_KEPT = timedelta(days=365)
CHUNK = 500


@dataclass(frozen=True, kw_only=True)
class News:
    """One thing to tell one member, once: `key` is permanent. `context` holds the words' values and `path`."""

    member_id: int
    kind: NoticeKind
    key: str
    context: dict[str, Any]
    happened_at: datetime


def tell(news: Iterable[News], *, at: datetime) -> int:
    """Tell what was not told before, to active members who take it; counts what was new. Ten statements for 500.

    Mails go to the outbox and leave with its next sweep; pages that are open learn at once.
    """
    fresh = [one for one in news if one.happened_at > at - NEWS_FOR]
    return sum(_tell(fresh[start : start + CHUNK], at=at) for start in range(0, len(fresh), CHUNK))


def _tell(news: Collection[News], *, at: datetime) -> int:
    choices = _choices({one.member_id for one in news})
    told = _told_before({one.key for one in news})
    new = {one.key: one for one in news if one.member_id in choices and one.key not in told}
    on_page = [one for one in new.values() if choices[one.member_id][one.kind].on_page]
    by_mail = [one for one in new.values() if choices[one.member_id][one.kind].by_mail]
    with transaction.atomic():
        # Another worker may tell the same: the key decides.
        PageNotice.objects.bulk_create([_page_notice(one, at=at) for one in on_page], ignore_conflicts=True)
        Notice.objects.bulk_create([_mail(one, at=at) for one in by_mail], ignore_conflicts=True)
        for member_id in {one.member_id for one in on_page}:
            live.tell(member_id, changed="notices")
    return len(new)


def _choices(member_ids: Collection[int]) -> dict[int, dict[NoticeKind, Told]]:
    active = Member.objects.active().filter(pk__in=member_ids)
    return choices_of_all(list(active.values_list("pk", flat=True)))


def _told_before(keys: Collection[str]) -> set[str]:
    on_page = PageNotice.objects.filter(key__in=keys).values_list("key", flat=True)
    return {*on_page, *Notice.objects.filter(key__in=keys).values_list("key", flat=True)}


def _page_notice(news: News, *, at: datetime) -> PageNotice:
    return PageNotice(member_id=news.member_id, kind=news.kind, key=news.key, context=news.context, told_at=at)


def _mail(news: News, *, at: datetime) -> Notice:
    times = {"due_at": at, "next_try_at": at, "not_after": news.happened_at + NEWS_FOR}
    return Notice(member_id=news.member_id, kind=news.kind, key=news.key, context=news.context, **times)


# --- The page -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Line:
    """A notice in words; `path` leads to what it is about."""

    notice: PageNotice
    title: str
    text: str
    path: str


def line(notice: PageNotice) -> Line:
    """The mail's subject and first paragraph, as plain text."""
    title, text = (_words(f"mail/{name}.txt", notice) for name in (f"{notice.kind}_subject", f"_{notice.kind}"))
    return Line(notice=notice, title=title, text=text, path=notice.context.get("path", ""))


def _words(template: str, notice: PageNotice) -> str:
    context = Context(notice.context, autoescape=False)
    rendered: str = get_template(template).template.render(context)  # type: ignore[attr-defined]
    return " ".join(rendered.split())


def read(*, notice: PageNotice, at: datetime) -> None:
    PageNotice.objects.unread().filter(pk=notice.pk).update(read_at=at)
    live.tell(notice.member_id, changed="notices")


def read_all(*, member: Member, through: int, at: datetime) -> int:
    """Mark what the member saw as read: notices up to the one of this id, not those that came meanwhile."""
    marked = PageNotice.objects.unread().filter(member=member, pk__lte=through).update(read_at=at)
    live.tell(member.pk, changed="notices")
    return marked


def unread_count(member: Member) -> int:
    return PageNotice.objects.unread().filter(member=member).count()


def forget_old(*, at: datetime) -> int:
    """Delete what was told on the page more than a year ago; counts it."""
    return PageNotice.objects.filter(told_at__lt=at - PAGE_KEPT).delete()[0]
