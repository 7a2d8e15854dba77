"""Teams in the console: founded with their first admin, given a plan with licences, extended or cancelled."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import teams
from accounts.clock import now
from accounts.models import Team
from config import console_plans
from config.console_forms import FoundTeamForm


def found(request: HttpRequest) -> HttpResponse:
    """A new team with its first admin, who then gives out the seats."""
    _need(request, "accounts.add_team")
    form = FoundTeamForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            team = teams.found(name=form.cleaned_data["name"], admin=form.cleaned_data["admin"], at=now())
        except teams.TeamRefused as refusal:
            form.add_error("admin", str(refusal))
        else:
            messages.success(request, _("%(team)s is founded. Now give it a plan.") % {"team": team})
            return redirect("admin:team_subscription", team.pk)
    return _page(request, "team_found", {"title": _("Found a team"), "form": form})


def subscription(request: HttpRequest, team_id: int) -> HttpResponse:
    """The team's plan: started with its licences, extended, cancelled, resumed."""
    _need(request, "billing.add_subscription")
    team = get_object_or_404(Team, pk=team_id)
    held = console_plans.running(team)
    form = console_plans.form_of(request, team, held)
    if request.method == "POST" and console_plans.acted(request, team, held, form):
        return redirect("admin:team_subscription", team.pk)
    return _page(request, "team_subscription", {"title": team.name, "team": team, "running": held, "form": form})


PAGES: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
    "team_found": ("accounts/team/found/", found),
    "team_subscription": ("accounts/team/<int:team_id>/plan/", subscription),
}


def _need(request: HttpRequest, right: str) -> None:
    if not request.user.has_perm(right):
        raise PermissionDenied


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, f"admin/{name}.html", {**admin.site.each_context(request), **context}, status=status)
