"""An appeal: the first decision, its evidence, the statement, and the second decision by somebody else (M14)."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from accounts.clock import now
from accounts.models import Member
from config import console_evidence
from config.console_case_forms import AppealForm
from config.console_pages import need, page
from messaging import appealing
from messaging.conduct_refusals import ConductRefused, OwnMatter
from messaging.models import Appeal


def decide(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Uphold or reverse with reasons; nothing to press for those who decided first."""
    need(request, "messaging.view_appeal")
    chosen = Appeal.objects.select_related(
        "decision__case__about__profile", "decision__restriction", "decision__decided_by", "decision__confirmed_by"
    )
    appeal = get_object_or_404(chosen, pk=appeal_id)
    form = AppealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        need(request, "messaging.change_appeal")
        if not appealing.may_decide_appeal(appeal, _staff(request)):
            raise PermissionDenied
        if form.is_valid() and _decided(request, appeal, form):
            return redirect("admin:queue")
    return page(request, "appeal_decide", {"form": form, **_facts(request, appeal)})


PAGES: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
    "appeal_decide": ("messaging/appeal/<int:appeal_id>/decide/", decide),
}


def _decided(request: HttpRequest, appeal: Appeal, form: AppealForm) -> bool:
    outcome = request.POST.get("act", "")
    if outcome not in Appeal.Outcome.values:
        form.add_error(None, _("Say what to do."))
        return False
    facts = {"outcome": outcome, "reasons": form.cleaned_data["reasons"], "decided_by": _staff(request)}
    try:
        done = appealing.decide_appeal(appeal=appeal, at=now(), **facts)
    except OwnMatter:
        raise PermissionDenied from None
    except ConductRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, _("Done: %(outcome)s.") % {"outcome": done.get_outcome_display()})
    return True


def _facts(request: HttpRequest, appeal: Appeal) -> dict[str, Any]:
    at, decision = now(), appeal.decision
    waits = appeal.decided_at is None
    may = request.user.has_perm("messaging.change_appeal")
    is_part = not appealing.may_decide_appeal(appeal, _staff(request))
    return {
        "title": _("Appeal"),
        "appeal": appeal,
        "decision": decision,
        "case": decision.case,
        "waits": waits,
        "is_part": is_part,
        "may_decide": waits and may and not is_part,
        "evidence": console_evidence.lines(decision.case),
        "comes_back": [(-entry.delta, entry.occurred_at) for entry in appealing.what_comes_back(decision, at=at)],
    }


def _staff(request: HttpRequest) -> Member:
    return cast("Member", request.user)
