"""A member's conduct in the console: what limits them, their cases, and opening one by hand."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from accounts.clock import now
from accounts.models import Member
from accounts.public_ids import new_public_id
from accounts.restrictions import limits_of
from config import console_evidence
from config.console_case_forms import OpenCaseForm
from config.console_pages import need, page
from messaging import conduct
from messaging.models import Case

CASES_SHOWN = 50


def cases(request: HttpRequest, member_id: int) -> HttpResponse:
    """Standing, record and cases; a moderator opens another by hand, with the reason."""
    need(request, "messaging.view_case")
    member = get_object_or_404(Member.objects.select_related("profile", "reach"), pk=member_id)
    form = OpenCaseForm(request.POST if request.method == "POST" else None, initial={"form_key": new_public_id()})
    if request.method == "POST":
        need(request, "messaging.change_case")
        if member.pk == request.user.pk:
            raise PermissionDenied
        if form.is_valid():
            case = _opened(member, form.cleaned_data, by=cast("Member", request.user))
            messages.success(request, _("It stands in the queue."))
            return redirect("admin:case_decide", case.pk)
    return page(request, "member_cases", {"form": form, **_facts(request, member)})


def _opened(member: Member, said: dict[str, Any], *, by: Member) -> Case:
    return conduct.open_case(
        about=member,
        source=Case.Source.STAFF,
        harm=Case.Harm(said["harm"]),
        key=f"staff:{by.pk}:{said['form_key']}",
        evidence={"why": said["why"], "opened_by": by.name},
        at=now(),
    )


def _facts(request: HttpRequest, member: Member) -> dict[str, Any]:
    at = now()
    return {
        "title": member.name,
        "member": member,
        "tab": "cases",
        "limits": limits_of(member, at=at),
        "record": console_evidence.record(member, at=at),
        "cases": Case.objects.filter(about=member).order_by("-opened_at", "-pk")[:CASES_SHOWN],
        "may_open": request.user.has_perm("messaging.change_case") and member.pk != request.user.pk,
    }
