"""The lists of conversations, and of what waits for an answer: keyset pages of fifty."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.clock import now
from accounts.models import Member
from accounts.site_policy import SitePolicy, policy_in_force
from billing.words import answers_that_return
from messaging import trays
from messaging.forms import InboxForm, PageForm, asked
from messaging.models import Message, Outreach
from messaging.pages import older_than, page_of
from messaging.rows import State, rows_of, waiting_state
from messaging.verdict import Verdict
from messaging.verdicts import verdicts_for
from messaging.views import MemberRequest

Before = tuple[datetime, int] | None


@require_safe
def inbox(request: MemberRequest) -> HttpResponse:
    """Conversations taken up, newest first; those of strangers are one quiet line."""
    query = asked(InboxForm(request.GET))
    context = inbox_context(request.user, view=query["view"], before=query["before"], at=now())
    return render(request, "messaging/inbox.html", context)


def inbox_context(member: Member, *, at: datetime, view: str = "", before: Before = None) -> dict[str, Any]:
    """The list column, alone or beside a conversation."""
    sides = trays.inbox(member, at)
    if view == "unread":
        sides = sides.unread()
    elif view == "inmail":
        sides = trays.with_inmail(sides, at)
    context = _conversations(member, sides, before=before, at=at)
    return context | {
        "view": view,
        "is_later_page": before is not None,
        "strangers": trays.requests(member, at).count(),
        "has_archive": not context["rows"] and trays.archive(member, at).exists(),
    }


@require_safe
def archive(request: MemberRequest) -> HttpResponse:
    """What was put away or said no to, and what waited in Requests for too long."""
    at = now()
    before = asked(PageForm(request.GET))["before"]
    context = _conversations(request.user, trays.archive(request.user, at), before=before, at=at)
    return render(request, "messaging/archive.html", context)


@require_safe
def sent(request: MemberRequest) -> HttpResponse:
    """Every message that the member wrote."""
    at = now()
    before = asked(PageForm(request.GET))["before"]
    page = page_of(older_than(trays.sent(request.user, at), before, by="sent_at"), by="sent_at")
    return render(request, "messaging/sent.html", {"messages_sent": page.rows, "older": page.older, "at": at})


@require_safe
def awaiting(request: MemberRequest) -> HttpResponse:
    """Outreach without an answer: how old, until when the credit can come back, whether a follow-up can be sent."""
    at = now()
    before = asked(PageForm(request.GET))["before"]
    page = page_of(older_than(trays.awaiting(request.user, at), before, by="sent_at"), by="sent_at")
    verdicts = verdicts_for(request.user, [outreach.message.recipient for outreach in page.rows], at=at)
    policy = policy_in_force(at)
    lines = [
        Waiting(outreach=outreach, verdict=verdicts[outreach.message.recipient_id], at=at, policy=policy)
        for outreach in page.rows
    ]
    context = {"lines": lines, "older": page.older, "at": at, "may_return": policy.return_enabled}
    return render(request, "messaging/awaiting.html", context)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Outreach without an answer."""

    outreach: Outreach
    verdict: Verdict
    at: datetime
    policy: SitePolicy

    @property
    def message(self) -> Message:
        return self.outreach.message

    @property
    def other(self) -> Member:
        return self.outreach.message.recipient

    @property
    def age(self) -> str:
        days = (self.at - self.message.sent_at) // timedelta(days=1)
        if not days:
            return _("Sent within a day")
        return ngettext("Sent %(days)s day ago", "Sent %(days)s days ago", days) % {"days": days}

    @property
    def state(self) -> State | None:
        return waiting_state(self.outreach, at=self.at, policy=self.policy)

    @property
    def deadline(self) -> datetime | None:
        """Until when an answer gives the credit back; None = there is no such instant any more."""
        charge = self.outreach.charge
        until = charge.refundable_until if charge and charge.returnable else None
        return until if until and until > self.at else None

    @property
    def comes_back(self) -> str:
        """Where no instant ends it: what brings the credit back; "" where there is a deadline or nothing comes."""
        charge = self.outreach.charge
        if charge is None or not charge.returnable or charge.refundable_until is not None:
            return ""
        return _("comes back when the other person %(how)s") % {"how": answers_that_return(self.policy)}

    @property
    def is_closed(self) -> bool:
        """A credit was used, and an answer would come too late."""
        charge = self.outreach.charge
        return bool(charge and charge.returnable and charge.refundable_until and charge.refundable_until <= self.at)


def _conversations(member: Member, sides: Any, *, before: Before, at: datetime) -> dict[str, Any]:
    page = page_of(older_than(sides, before, by="shown_at"), by="shown_at")
    rows = rows_of(member, page.rows, at=at, policy=policy_in_force(at))
    return {"rows": rows, "older": page.older, "at": at}
