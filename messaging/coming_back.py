"""A text that was to go by itself and could not: a plain draft again, with the reason, and its writer is told."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import news
from accounts.models import NoticeKind
from messaging import drafts
from messaging.models import Draft
from messaging.names import first_name
from messaging.quotes import Quote
from messaging.verdict import Verdict


def come_back(*, draft: Draft, code: str, why: str, at: datetime) -> None:
    """Make it a plain draft that says why it did not go; nothing was charged. `why` is cut at 400 code points."""
    drafts.rest_no_more(draft, at=at, came_back=code, came_back_why=why[:400])
    news.tell([_news(draft, why[:400], at=at)], at=at)


def reason(*, agreed: Quote, verdict: Verdict, draft: Draft) -> str:
    """Why it did not go under `verdict`, in a sentence for its writer."""
    name = first_name(draft.recipient.name)
    if not verdict.sends:
        return verdict.sentence
    if agreed.ends_with_answer and verdict.continues:
        return _("%(name)s has answered or connected: a planned follow-up ends with that.") % {"name": name}
    if verdict.wallet != agreed.wallet:
        return _("Other credits would have paid for it than you agreed to.")
    if verdict.cost > agreed.cost:
        words = ngettext(
            "It would have used %(cost)s credit now; you agreed to %(agreed)s.",
            "It would have used %(cost)s credits now; you agreed to %(agreed)s.",
            verdict.cost,
        )
        return words % {"cost": verdict.cost, "agreed": agreed.cost}
    return _("The rules for it changed since you agreed to them.")


def _news(draft: Draft, why: str, *, at: datetime) -> news.News:
    return news.News(
        member_id=draft.member_id,
        kind=NoticeKind.CAME_BACK,
        key=f"came_back:{draft.send_key}:{at.timestamp():.0f}",
        context={
            "name": draft.recipient.name,
            "why": why,
            "path": reverse("messaging:compose", args=[draft.recipient.handle]),
        },
        happened_at=at,
    )
