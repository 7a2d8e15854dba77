"""Drafts: what is kept on the server until it is sent."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import now
from messaging import drafts as kept
from messaging.forms import DraftForm, PageForm, asked
from messaging.models import Draft
from messaging.pages import older_than, page_of
from messaging.views import MemberRequest
from messaging.views.compose import get_recipient


@require_safe
def drafts(request: MemberRequest) -> HttpResponse:
    """What the member began to write, what is in review, and what came back; newest first."""
    before = asked(PageForm(request.GET))["before"]
    mine = Draft.objects.filter(member=request.user, send_at=None).select_related("recipient__profile")
    page = page_of(older_than(mine, before, by="saved_at"), by="saved_at")
    return render(request, "messaging/drafts.html", {"drafts": page.rows, "older": page.older})


@require_POST
def save(request: MemberRequest, handle: str) -> HttpResponse:
    """Keep the text as it is, too long or not. The script gets 204; without it the composer comes again."""
    recipient = get_recipient(handle)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return HttpResponse(_("This text cannot be kept: it holds a character that no text may hold."), status=422)
    try:
        kept.save_draft(member=request.user, recipient=recipient, at=now(), **form.cleaned_data)
    except kept.DraftRests:
        words = _("Another text to this person is scheduled or in review. Take it back first, or send this one.")
        return HttpResponse(words, status=409)
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        return HttpResponse(status=204)
    messages.success(request, _("Draft saved."))
    return redirect("messaging:compose", recipient.handle)


@require_POST
def discard(request: MemberRequest, handle: str) -> HttpResponse:
    kept.discard_draft(request.user, get_recipient(handle))
    messages.success(request, _("Draft discarded."))
    return redirect("messaging:drafts")
