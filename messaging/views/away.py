"""The away message: what is sent by itself while one is away, and when."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.clock import now
from accounts.site_policy import policy_in_force
from messaging.away import end_away, save_away
from messaging.dates import day_words, zone_of
from messaging.forms import AwayForm
from messaging.models import Away
from messaging.sides import TICK
from messaging.views import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
def away(request: MemberRequest) -> HttpResponse:
    """On with text and days, or off; 422 with what was typed."""
    at, zone = now(), zone_of(request.user)
    policy, held = policy_in_force(at), Away.objects.filter(member=request.user).first()
    typed = request.POST if request.method == "POST" else None
    initial = AwayForm.initial_of(held, zone=zone, at=at)
    form = AwayForm(typed, initial=initial, policy=policy, zone=zone, at=at)
    if form.is_bound and form.is_valid():
        messages.success(request, _save(request, form, at=at))
        return redirect("messaging:settings_away")
    context = {"form": form, "policy": policy, "standing": _standing(request, held, at=at)}
    return render(request, "messaging/away.html", context, status=422 if form.is_bound else 200)


def _save(request: MemberRequest, form: AwayForm, *, at: datetime) -> str:
    body = form.cleaned_data["body"]
    if form.turns_on:
        save_away(member=request.user, body=body, **form.span())
        return _("Saved.")
    end_away(member=request.user, body=body, at=at)
    return _("Off. The text is kept for the next time.") if body else _("Off.")


def _standing(request: MemberRequest, held: Away | None, *, at: datetime) -> str:
    """Whether it goes now, in a sentence."""
    if held is None or held.ends_at <= at:
        return _("It is off: nothing is sent by itself.")
    zone = zone_of(request.user)
    days = {"first": day_words(held.starts_at, zone), "last": day_words(held.ends_at - TICK, zone)}
    if held.starts_at > at:
        return _("It is set: it goes from %(first)s to %(last)s.") % days
    return _("It is on: it goes until %(last)s.") % days
