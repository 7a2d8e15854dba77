"""What the pages about other members share: whom an address means, and where to go afterwards."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.forms.connections import PageForm
from accounts.models import Member
from accounts.views import MemberRequest


def other_member(request: MemberRequest, handle: str) -> Member:
    """Whoever has this handle. 404 for nobody, and for oneself."""
    return get_object_or_404(Member.objects.select_related("profile").exclude(pk=request.user.pk), handle=handle)


def go_on(request: MemberRequest, default: str, *args: str) -> HttpResponse:
    """To the posted `next` if it is an address of this site, else to the default."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return HttpResponseRedirect(wanted)
    return redirect(default, *args)


def page_query(request: MemberRequest, form_class: type[PageForm]) -> dict[str, str]:
    """The cleaned query of a list. 400 for what no page of ours asks."""
    form = form_class(request.GET)
    if not form.is_valid():
        raise BadRequest
    return form.cleaned_data
