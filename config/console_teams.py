"""Teams in the console: founded with their first admin, given a plan with licences, extended or cancelled."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from accounts import teams
from accounts.clock import now
from accounts.models import Team
from billing import subscriptions
from billing.catalog import versions_on_offer
from config import console_plans
from config.console_forms import FoundTeamForm
from config.console_pages import need, page


def found(request: HttpRequest) -> HttpResponse:
    """A new team with its first admin, who then gives out the seats."""
    need(request, "accounts.add_team")
    form = FoundTeamForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            team = teams.found(name=form.cleaned_data["name"], admin=form.cleaned_data["admin"], at=now())
        except teams.TeamRefused as refusal:
            form.add_error("admin", str(refusal))
        else:
            messages.success(request, _("%(team)s is founded. Now give it a plan.") % {"team": team})
            return redirect("admin:team_subscription", team.pk)
    has_plans = versions_on_offer(at=now()).filter(is_per_seat=True).exists()
    return page(request, "team_found", {"title": _("Found a team"), "form": form, "has_plans": has_plans})


def subscription(request: HttpRequest, team_id: int) -> HttpResponse:
    """The team's plan: started with its licences, extended, cancelled, resumed."""
    need(request, "billing.add_subscription")
    team = get_object_or_404(Team, pk=team_id)
    held = subscriptions.running(team, at=now())
    form = console_plans.form_of(request, team, held)
    if request.method == "POST" and console_plans.acted(request, team, held, form):
        return redirect("admin:team_subscription", team.pk)
    return page(request, "team_subscription", {"title": team.name, "team": team, "running": held, "form": form})


PAGES: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
    "team_found": ("accounts/team/found/", found),
    "team_subscription": ("accounts/team/<int:team_id>/plan/", subscription),
}
