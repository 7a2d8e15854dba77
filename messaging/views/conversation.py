"""One conversation: read, marked, put away. What is written in it goes through the composer's own address."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import live
from accounts.clock import now
from accounts.models import Member
from messaging import thread, trays
from messaging.forms import PageForm, ThroughForm, asked, position_of
from messaging.history import history_of
from messaging.models import Outreach, Participation
from messaging.names import first_name
from messaging.returns import gives_back
from messaging.rows import is_new, newest
from messaging.views import MemberRequest
from messaging.views.composer import Composer
from messaging.views.lists import inbox_context
from messaging.views.profile import acquaintance


@require_safe
def conversation(request: MemberRequest, public_id: str) -> HttpResponse:
    """The messages, beside the list where there is room; opens at the first unread one."""
    at = now()
    side = side_of(request.user, public_id, at=at)
    before = asked(PageForm(request.GET))["before"]
    context = {
        **inbox_context(request.user, at=at),
        **_reading(side, at=at),
        **_messages(side, before=before, at=at),
        **_writing(side, at=at),
    }
    return render(request, "messaging/conversation.html", context)


@require_POST
def mark_read(request: MemberRequest, public_id: str) -> HttpResponse:
    """What stood on the page was seen; what came since then was not."""
    side = side_of(request.user, public_id, at=now())
    through = asked(ThroughForm(request.POST))["through"]
    trays.mark_read(conversation=side.conversation, member=request.user, at=min(through[0], now()))
    live.tell(request.user.pk, changed="inbox")
    if not request.htmx:
        return redirect(side.conversation)
    side.refresh_from_db(fields=["read_through"])
    return render(request, "messaging/_mark.html", {"side": side, **_mark(side, at=now())})


@require_POST
def mark_unread(request: MemberRequest, public_id: str) -> HttpResponse:
    side = side_of(request.user, public_id, at=now())
    trays.mark_unread(conversation=side.conversation, member=request.user, at=now())
    messages.success(request, _("Marked unread."))
    return redirect("messaging:inbox")


@require_POST
def archive(request: MemberRequest, public_id: str) -> HttpResponse:
    """Puts it away until something new comes."""
    side = side_of(request.user, public_id, at=now())
    trays.archive_conversation(conversation=side.conversation, member=request.user, at=now())
    undoing = reverse("messaging:restore_conversation", args=[public_id])
    said = _("Archived the conversation with %(name)s.") % {"name": first_name(side.other.name)}
    messages.success(request, said, extra_tags=f"undo:{undoing}")
    return redirect("messaging:inbox")


@require_POST
def restore(request: MemberRequest, public_id: str) -> HttpResponse:
    side = side_of(request.user, public_id, at=now())
    trays.restore_conversation(conversation=side.conversation, member=request.user, at=now())
    messages.success(request, _("The conversation with %(name)s is back.") % {"name": first_name(side.other.name)})
    return redirect(side.conversation)


def side_of(member: Member, public_id: str, *, at: datetime) -> Participation:
    """The member's own side, once there is something in it; 404 for everybody else's."""
    sides = Participation.objects.filter(member=member).shown(at)
    related = ("conversation", "member", "other__profile", "last_message", "coming_message")
    return get_object_or_404(sides.select_related(*related), conversation__public_id=public_id)


def _reading(side: Participation, *, at: datetime) -> dict[str, Any]:
    known = acquaintance(side.member, side.other)
    return {
        "side": side,
        "other": side.other,
        "acquaintance": known,
        "degree": known.degree,
        "history": history_of(side, at=at),
        "is_archived": side.shown_tray == Participation.Tray.ARCHIVE,  # type: ignore[attr-defined]
        "is_spam": side.shown_tray == Participation.Tray.SPAM,  # type: ignore[attr-defined]
        **_mark(side, at=at),
    }


def _mark(side: Participation, *, at: datetime) -> dict[str, Any]:
    message, shown_at = newest(side, at=at)
    assert message is not None
    assert shown_at is not None
    return {"is_unread": is_new(side, message, shown_at), "through": position_of(shown_at, message.pk)}


def _messages(side: Participation, *, before: tuple[datetime, int] | None, at: datetime) -> dict[str, Any]:
    page = thread.lines(side.conversation, side.member, at=at, before=before)
    newest_line = next((line.message for line in reversed(page.lines) if line.message), None)
    return {
        "lines": page.lines,
        "earlier": position_of(*page.earlier) if page.earlier else "",
        "is_earlier": before is not None,
        "newest_line": newest_line,
        "links_open": _has_answered(side),
    }


def _has_answered(side: Participation) -> bool:
    """Links of a stranger are text until the member accepts or answers (domain 7.1)."""
    return side.opened_at is not None


def _writing(side: Participation, *, at: datetime) -> dict[str, Any]:
    composer = Composer.open(side.member, side.other, at=at)
    open_outreach = _unanswered(side, at=at)
    return {
        **composer.quote_context(),
        "form": composer.form(),
        "draft": composer.draft if composer.draft.pk else None,
        "policy": composer.policy,
        "asks_answer": bool(open_outreach) and composer.verdict.continues,
        "gives_back": gives_back([one.charge for one in open_outreach], side.other),
    }


def _unanswered(side: Participation, *, at: datetime) -> list[Outreach]:
    """What the other side wrote and this one has not answered."""
    theirs = Outreach.objects.filter(
        message__conversation=side.conversation_id,
        message__sender=side.other_id,
        message__deliver_at__lte=at,
        message__undone_at=None,
        answered_at=None,
    )
    return list(theirs.select_related("charge__policy_version"))
