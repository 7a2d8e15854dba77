"""What goes later: choosing its time, the list of what is scheduled, calling off, taking back, reminders."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.busy import Busy
from accounts.clock import now
from accounts.models import Member
from messaging import drafts, reminding, reviewing, scheduling
from messaging.forms import ChannelForm, DraftForm, PageForm, ScheduleForm, SuggestedForm, asked
from messaging.models import Draft
from messaging.names import first_name
from messaging.pages import later_than, page_of
from messaging.refusals import VerdictChanged
from messaging.views import MemberRequest
from messaging.views.compose import chosen_way, get_recipient
from messaging.views.composer import shown_quote
from messaging.views.planner import Planner


@require_safe
def scheduled(request: MemberRequest) -> HttpResponse:
    """What is to go by itself, the next first."""
    before = asked(PageForm(request.GET))["before"]
    waiting = later_than(scheduling.scheduled(request.user), before, by="send_at")
    page = page_of(waiting, by="send_at", soonest_first=True)
    return render(request, "messaging/scheduled.html", {"drafts": page.rows, "later": page.older})


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: MemberRequest, handle: str) -> HttpResponse:
    """When the draft is to go. A POST of the composer's own fields keeps them first, and comes back as a page."""
    recipient, at = get_recipient(handle), now()
    if request.method == "POST" and "send_at" not in request.POST:
        return _keep(request, recipient, at=at)
    form = ScheduleForm(request.POST) if request.method == "POST" else None
    wanted = asked(SuggestedForm(request.GET))
    chosen = wanted if form is None else asked(ChannelForm(request.POST))
    planner = Planner.open(request.user, recipient, at=at, wanted=wanted["at"], **chosen_way(chosen))
    if planner is None:
        messages.info(request, _("Write the message first, then choose its time."))
        return redirect("messaging:compose", recipient.handle)
    if form is not None and form.is_valid():
        return _schedule(request, planner, form)
    return _page(request, planner, form, status=422 if form else 200)


@require_POST
def unschedule(request: MemberRequest, handle: str) -> HttpResponse:
    """It stays as a draft."""
    recipient = get_recipient(handle)
    if scheduling.unschedule(member=request.user, recipient=recipient, at=now()):
        messages.success(request, _("It will not be sent. The text is in Drafts."))
    return redirect("messaging:compose", recipient.handle)


@require_POST
def take_back(request: MemberRequest, handle: str) -> HttpResponse:
    """A text in review becomes a draft again."""
    recipient = get_recipient(handle)
    if reviewing.take_back(member=request.user, recipient=recipient, at=now()):
        messages.success(request, _("Taken back. The text is in Drafts."))
    return redirect("messaging:compose", recipient.handle)


@require_POST
def remind(request: MemberRequest, handle: str) -> HttpResponse:
    """Tell the member on the day that the composer names; where it names none, the composer says what holds."""
    recipient = get_recipient(handle)
    try:
        reminding.remind(member=request.user, about=recipient, at=now())
        messages.success(request, _("We will tell you."))
    except VerdictChanged:
        messages.info(request, _("There is nothing to wait for any more."))
    return redirect("messaging:compose", recipient.handle)


def _keep(request: MemberRequest, recipient: Member, *, at: datetime) -> HttpResponse:
    form = DraftForm(request.POST)
    if not form.is_valid():
        return HttpResponse(_("This text cannot be kept: it holds a character that no text may hold."), status=422)
    try:
        drafts.save_draft(member=request.user, recipient=recipient, at=at, **form.cleaned_data)
    except drafts.DraftRests:
        return redirect("messaging:compose", recipient.handle)
    query = request.GET.copy()
    query.update({name: value for name in ("channel", "sending_for") if (value := request.POST.get(name, ""))})
    return HttpResponseRedirect(f"{request.path}?{query.urlencode()}" if query else request.path)


def _schedule(request: MemberRequest, planner: Planner, form: ScheduleForm) -> HttpResponse:
    send_at = form.cleaned_data["send_at"]
    try:
        planner.schedule(send_at=send_at, shown=shown_quote(request.POST))
    except VerdictChanged as error:
        return _page(request, planner.facing(error.verdict), form, status=409, changed=True)
    except scheduling.NotAtThatTime as error:
        form.add_error("send_at", _between(error))
        return _page(request, planner, form, status=422)
    except (Busy, drafts.DraftRests, Draft.DoesNotExist):
        return _page(request, planner, form, status=503, busy=True)
    values = {"name": first_name(planner.recipient.name), "when": _words(send_at)}
    messages.success(request, _("It goes to %(name)s on %(when)s.") % values)
    return redirect("messaging:scheduled")


def _page(
    request: MemberRequest, planner: Planner, form: ScheduleForm | None, *, status: int = 200, **why: Any
) -> HttpResponse:
    return render(request, "messaging/schedule.html", planner.context(form) | why, status=status)


def _between(error: scheduling.NotAtThatTime) -> str:
    values = {"earliest": _words(error.earliest), "latest": _words(error.latest)}
    return _("Choose a time from %(earliest)s to %(latest)s.") % values


def _words(instant: datetime) -> str:
    return date_format(localtime(instant), "j M Y, H:i")
