"""Reporting a message, the Spam list, and taking a conversation out of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import now
from accounts.site_policy import policy_in_force
from messaging import reporting, trays
from messaging.forms import PageForm, ReportForm, asked
from messaging.models import Message, Report
from messaging.names import first_name
from messaging.pages import older_than, page_of
from messaging.rows import rows_of
from messaging.views import MemberRequest
from messaging.views.conversation import side_of


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: MemberRequest, public_id: str) -> HttpResponse:
    """The recipient's alone; a message that was reported before says so."""
    message = _delivered(request, public_id)
    stands = Report.objects.filter(message=message).first()
    form = ReportForm(request.POST if request.method == "POST" and stands is None else None)
    if form.is_bound and form.is_valid():
        reporting.report(message=message, reporter=request.user, at=now(), **form.cleaned_data)
        messages.success(request, _("Reported. The conversation is in Spam, and you hear what becomes of it."))
        return redirect("messaging:spam")
    context = {"form": form, "message": message, "other": message.sender, "report": stands}
    return render(request, "messaging/report.html", context, status=422 if form.is_bound else 200)


@require_safe
def spam(request: MemberRequest) -> HttpResponse:
    """What the member reported; nothing is lost."""
    at = now()
    page = page_of(
        older_than(trays.spam(request.user, at), asked(PageForm(request.GET))["before"], by="shown_at"), by="shown_at"
    )
    rows = rows_of(request.user, page.rows, at=at, policy=policy_in_force(at))
    return render(request, "messaging/spam.html", {"rows": rows, "older": page.older, "at": at})


@require_POST
def not_spam(request: MemberRequest, public_id: str) -> HttpResponse:
    """Back to the Inbox; a report stands."""
    side = side_of(request.user, public_id, at=now())
    reporting.not_spam(side=side)
    messages.success(request, _("The conversation with %(name)s is back.") % {"name": first_name(side.other.name)})
    return redirect(side.conversation)


def _delivered(request: MemberRequest, public_id: str) -> Message:
    messages_of = reporting.reportable(request.user, at=now()).select_related("sender__profile", "conversation")
    return get_object_or_404(messages_of, public_id=public_id)
