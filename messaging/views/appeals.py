"""A decision and its appeal by the link of the mail: who cannot sign in any more appeals like everybody else."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.clock import now
from messaging import appeal_links, appealing
from messaging.dates import zone_of
from messaging.forms import AppealForm
from messaging.models import Decision
from messaging.views.cases import appeal_of


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def appeal_by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """GET only shows: scanners follow every link of a mail. Too late or asked before, it says how that stands."""
    decision = appeal_links.decision_of(token)
    if decision is None:
        raise Http404
    known = appeal_of(decision)
    is_open = known["appeal"] is None and known["can_appeal"]
    form = AppealForm(request.POST if request.method == "POST" and is_open else None)
    if form.is_bound and form.is_valid():
        _ask(decision, form.cleaned_data["statement"])
        return redirect(request.path)
    context = {"decision": decision, "restriction": decision.restriction, "form": form, "at": now(), **known}
    # The dates of the mail: in the member's zone, though nobody is signed in.
    with timezone.override(zone_of(decision.case.about)):
        return render(request, "messaging/appeal_by_mail.html", context, status=422 if form.is_bound else 200)


def _ask(decision: Decision, statement: str) -> None:
    try:
        appealing.appeal(decision=decision, member=decision.case.about, statement=statement, at=now())
    except appealing.TooLateToAppeal:
        # The time ended in this moment; the page says so.
        return
