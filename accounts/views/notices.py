"""What Postern has to tell a member: the list, what of it is new, and marking it as read."""

from django import forms
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import news
from accounts.clock import now
from accounts.models import PageNotice
from accounts.views import MemberRequest

PAGE = 50
LARGEST_ID = 2**63 - 1


class PlaceForm(forms.Form):
    """Where a page begins, or through which notice a member has read."""

    before = forms.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    through = forms.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)


@require_safe
def notices_page(request: MemberRequest) -> HttpResponse:
    """Fifty lines, newest first."""
    before = _place(request.GET.dict())["before"]
    own = PageNotice.objects.filter(member=request.user).order_by("-pk")
    found = list((own if before is None else own.filter(pk__lt=before))[: PAGE + 1])
    shown = found[:PAGE]
    context = {
        "lines": [news.line(notice) for notice in shown],
        "newest": shown[0].pk if shown and before is None else None,
        "older": shown[-1].pk if len(found) > PAGE else None,
        "has_unread": PageNotice.objects.unread().filter(member=request.user).exists(),
        "at": now(),
    }
    return render(request, "accounts/notices.html", context)


@require_POST
def read_all(request: MemberRequest) -> HttpResponse:
    """Everything the page showed is read; what came meanwhile is not."""
    through = _place(request.POST.dict())["through"]
    if through is not None:
        news.read_all(member=request.user, through=through, at=now())
    return redirect("accounts:notices")


@require_POST
def open_notice(request: MemberRequest, public_id: str) -> HttpResponse:
    """Read, and on to the page it is about."""
    notice = get_object_or_404(PageNotice, member=request.user, public_id=public_id)
    news.read(notice=notice, at=now())
    return redirect(news.line(notice).path or "accounts:notices")


def _place(typed: dict[str, str]) -> dict[str, int | None]:
    form = PlaceForm(typed)
    if not form.is_valid():
        raise BadRequest("no such place in the list")
    return form.cleaned_data
