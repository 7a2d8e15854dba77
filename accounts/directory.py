"""The directory: finding members by words and filters, and turning its pages.

A member who blocked the one who searches stays listed, and passes for one whose reach is nobody
(domain 6.2): the filters for what somebody takes leave out both.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import lookups  # noqa: F401  (registers `has_words`)
from accounts.degrees import at_degree
from accounts.models import Block, Member, Reach, RefusedPurpose
from accounts.search_words import too_few_letters, words_of

PAGE_SIZE = 50

__all__ = ["PAGE_SIZE", "Page", "page", "search", "too_few_letters", "with_words"]


@dataclass(frozen=True)
class Page:
    """`previous` and `next` are what to pass as `before` and `after`; empty = there is no such page."""

    members: list[Member]
    previous: str
    next: str


def search(
    member: Member,
    *,
    words: str = "",
    company: str = "",
    place: str = "",
    purpose: str = "",
    degree: int | None = None,
    open_profile: bool = False,
) -> QuerySet[Member]:
    """Active members other than this one, by name. Words too short to search by find nobody.

    `purpose` and `open_profile` ask for what strangers may do: whose plan allows an Open Profile is
    the caller's to narrow down.
    """
    found = Member.objects.active().exclude(pk=member.pk).select_related("profile", "reach")
    for column, text in (("search_text", words), ("company_words", company), ("place_words", place)):
        found = with_words(found, text, column=f"profile__{column}")
    if purpose:
        found = _open_to(found, member).exclude(
            Exists(RefusedPurpose.objects.filter(member=OuterRef("pk"), purpose=purpose))
        )
    if open_profile:
        found = _open_to(found, member).filter(reach__wants_open_profile=True)
    if degree:
        found = at_degree(found, member, degree)
    return found.order_by("name_folded", "pk")


def with_words(members: QuerySet[Member], text: str, *, column: str = "profile__search_text") -> QuerySet[Member]:
    """Those whose column has every word, or a word that begins so; words may stand in any order.

    What is typed as one word is looked for as one, "anne-m" or a name in a script without spaces too.
    """
    if too_few_letters(text):
        return members.none()
    for typed in text.split():
        pieces = words_of(typed)
        if pieces:
            members = members.filter(**{f"{column}__has_words": pieces})
    return members


def page(members: QuerySet[Member], *, after: str = "", before: str = "") -> Page:
    """One page of fifty by (folded name, id). The keys are handles; an unknown one is the first page."""
    members = members.order_by("name_folded", "pk")
    anchor = Member.objects.filter(handle=before or after).first() if before or after else None
    if before and anchor:
        backwards = members.filter(_sorts_before(anchor)).reverse()[: PAGE_SIZE + 1]
        rows = list(backwards)[::-1]
        more, shown = len(rows) > PAGE_SIZE, rows[-PAGE_SIZE:]
        return Page(shown, previous=_key(shown[:1]) if more else "", next=_key(shown[-1:]))
    rows = list((members.filter(_sorts_after(anchor)) if anchor else members)[: PAGE_SIZE + 1])
    more, shown = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    return Page(shown, previous=_key(shown[:1]) if anchor else "", next=_key(shown[-1:]) if more else "")


def _open_to(members: QuerySet[Member], member: Member) -> QuerySet[Member]:
    """Without those who take nothing from new people, and those who look so to this member."""
    blocked_me = Block.objects.filter(blocker=OuterRef("pk"), blocked=member)
    return members.exclude(reach__who=Reach.Who.NOBODY).exclude(Exists(blocked_me))


# The first condition alone lets both databases start in the index; the second one cuts the ties.


def _sorts_after(anchor: Member) -> Q:
    return Q(name_folded__gte=anchor.name_folded) & (Q(name_folded__gt=anchor.name_folded) | Q(pk__gt=anchor.pk))


def _sorts_before(anchor: Member) -> Q:
    return Q(name_folded__lte=anchor.name_folded) & (Q(name_folded__lt=anchor.name_folded) | Q(pk__lt=anchor.pk))


def _key(edge: Collection[Member]) -> str:
    return next((member.handle for member in edge), "")
