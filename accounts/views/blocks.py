"""Blocking: asked first, silent afterwards; and the list of whom the member blocked or asked to stop."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import blocks, connections, directory, stops
from accounts.clock import now
from accounts.forms.connections import PageForm
from accounts.views import MemberRequest
from accounts.views.people import go_on, other_member, page_query

# The latest ones; an older stop is lifted by writing.
STOPS_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
def block(request: MemberRequest, handle: str) -> HttpResponse:
    """Say what a block does and ask; then block."""
    other = other_member(request, handle)
    if request.method == "POST":
        blocks.block(blocker=request.user, blocked=other, at=now())
        messages.success(request, _("You blocked %(n)s.") % {"n": other.name})
        return go_on(request, other.get_absolute_url())
    is_connected = other.is_active and connections.connection_between(request.user.pk, other.pk) is not None
    return render(request, "accounts/block.html", {"other": other, "is_connected": is_connected})


@require_POST
def unblock(request: MemberRequest, handle: str) -> HttpResponse:
    """Take a block back; a second time does no harm."""
    other = other_member(request, handle)
    blocks.unblock(blocker=request.user, blocked=other)
    messages.success(request, _("%(n)s is no longer blocked.") % {"n": other.name})
    return go_on(request, other.get_absolute_url())


@require_POST
def lift_stop(request: MemberRequest, handle: str) -> HttpResponse:
    """Let somebody write again who was asked to stop."""
    other = other_member(request, handle)
    stops.lift(recipient=request.user, sender=other, at=now())
    messages.success(request, _("%(n)s can write to you again.") % {"n": other.name})
    return redirect("accounts:settings_blocked")


@require_safe
def settings_blocked(request: MemberRequest) -> HttpResponse:
    """Whom the member blocked, and whom the member asked to stop."""
    where = page_query(request, PageForm)
    context = {
        "page": directory.page(blocks.blocked_by(request.user).select_related("profile"), **where),
        "stops": stops.stops_made(request.user)[:STOPS_SHOWN],
    }
    return render(request, "accounts/settings_blocked.html", context)
