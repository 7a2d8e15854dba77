"""Who may write to me first: the settings, the sentences that say what they mean, and what strangers see."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clock import now
from accounts.reach import refused_purposes_of, save_reach
from accounts.site_policy import SitePolicy, policy_in_force
from billing.entitlements import entitlements
from messaging import reach_words
from messaging.forms import ReachForm
from messaging.previewing import as_strangers_see
from messaging.views import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
def reach(request: MemberRequest) -> HttpResponse:
    """The settings; 422 with the choices as made when one of them is not offered."""
    at = now()
    policy = policy_in_force(at)
    form = _form(request, policy, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        choices = {"wants_open_profile": request.user.reach.wants_open_profile, **form.cleaned_data}
        save_reach(member=request.user, at=at, **choices)
        messages.success(request, _("Saved."))
        return redirect("messaging:settings_reach")
    sentences = _summary(request, _saved(request, policy).initial, policy, form)
    context = {"form": form, "summary": sentences, "views": as_strangers_see(request.user, at=at)}
    return render(request, "messaging/reach.html", context, status=422 if form.is_bound else 200)


@require_safe
def summary(request: MemberRequest) -> HttpResponse:
    """What the choices in the query would mean. Saves nothing; choices that make no sense mean what is saved."""
    policy = policy_in_force(now())
    form = _form(request, policy, request.GET)
    chosen = form.cleaned_data if form.is_valid() else _saved(request, policy).initial
    context = {"summary": _summary(request, chosen, policy, form)}
    return render(request, "messaging/_reach_summary.html", context)


def _summary(request: MemberRequest, chosen: Mapping[str, Any], policy: SitePolicy, form: ReachForm) -> list[str]:
    is_premium = entitlements(request.user, at=now()).is_premium
    return reach_words.summary(chosen, policy, with_open_profile=_may_open(form), is_premium=is_premium)


def _form(request: MemberRequest, policy: SitePolicy, choices: QueryDict | None) -> ReachForm:
    member = request.user
    allows_open_profile = entitlements(member, at=now()).allows_open_profile
    refused = refused_purposes_of([member.pk]).get(member.pk, set())
    initial = ReachForm.initial_of(member, refused, policy=policy)
    return ReachForm(
        choices, initial=initial, policy=policy, allows_open_profile=allows_open_profile, held=member.reach.who
    )


def _saved(request: MemberRequest, policy: SitePolicy) -> ReachForm:
    return _form(request, policy, None)


def _may_open(form: ReachForm) -> bool:
    return "wants_open_profile" in form.fields
