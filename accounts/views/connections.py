"""The pages about connections and invitations. Each is fetched through the member who asks."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import blocks, connections, directory
from accounts.clock import now
from accounts.forms.connections import NOTE_MAX, ConnectionSearchForm, InvitationForm, PageForm
from accounts.models import Invitation, Member
from accounts.views import MemberRequest
from accounts.views.people import go_on, other_member, page_query

Decision = Callable[[Invitation, datetime], None]

# Invitations that wait for the member, on one page.
SHOWN = 50


class Card(NamedTuple):
    """Somebody asks to connect; `shared` counts the contacts both have."""

    invitation: Invitation
    shared: int


@require_safe
def connections_page(request: MemberRequest) -> HttpResponse:
    """Whom the member is connected with, by name, fifty a page."""
    where = page_query(request, ConnectionSearchForm)
    words = where.pop("q")
    everybody = connections.connections_of(request.user)
    found = directory.with_words(everybody, words).select_related("profile")
    context = {
        "page": directory.page(found, **where),
        "words": words,
        "too_short": directory.too_few_letters(words),
        "count": everybody.count(),
        "waiting": connections.received(request.user).count(),
    }
    return render(request, "accounts/connections.html", context)


@require_safe
def invitations(request: MemberRequest) -> HttpResponse:
    """What waits for the member's decision, and what the member waits for."""
    inviters = list(connections.received(request.user)[: SHOWN + 1])
    invited = connections.invited(request.user).select_related("profile")
    context = {
        "received": _cards(request.user, inviters[:SHOWN]),
        "has_more_received": len(inviters) > SHOWN,
        "page": directory.page(invited, **page_query(request, PageForm)),
        "rest_days": connections.REST_DAYS,
    }
    return render(request, "accounts/invitations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: MemberRequest, handle: str) -> HttpResponse:
    """Ask somebody to connect, with a note if the member likes."""
    other = other_member(request, handle)
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return _invited(request, other, note=form.cleaned_data["note"])
        except connections.InvitationRefused as refusal:
            form.add_error(None, str(refusal))
    return render(
        request,
        "accounts/invite.html",
        {"other": other, "form": form, "note_max": NOTE_MAX, **_standing(request.user, other)},
        status=422 if form.is_bound else 200,
    )


@require_POST
def accept(request: MemberRequest, handle: str) -> HttpResponse:
    """Connect with whoever invited the member."""

    def accepted(invitation: Invitation, at: datetime) -> None:
        connections.accept(invitation=invitation, member=request.user, at=at)
        messages.success(request, _("You and %(n)s are connected.") % {"n": invitation.sender.name})

    return _decide(request, _received_from(request, handle), accepted)


@require_POST
def ignore(request: MemberRequest, handle: str) -> HttpResponse:
    """Put an invitation away, privately; it can be taken back at once."""

    def ignored(invitation: Invitation, at: datetime) -> None:
        connections.ignore(invitation=invitation, member=request.user, at=at)
        undo = reverse("accounts:invitation_restore", args=[handle])
        words = _("Ignored. %(n)s is not told.") % {"n": invitation.sender.name}
        messages.success(request, words, extra_tags=f"undo:{undo}")

    return _decide(request, _received_from(request, handle), ignored)


@require_POST
def restore(request: MemberRequest, handle: str) -> HttpResponse:
    """Take ignoring back."""

    def restored(invitation: Invitation, at: datetime) -> None:
        connections.restore(invitation=invitation, member=request.user)
        messages.success(request, _("The invitation of %(n)s waits again.") % {"n": invitation.sender.name})

    return _decide(request, _received_from(request, handle), restored)


@require_POST
def withdraw(request: MemberRequest, handle: str) -> HttpResponse:
    """Take an own invitation back."""

    def withdrawn(invitation: Invitation, at: datetime) -> None:
        connections.withdraw(invitation=invitation, member=request.user, at=at)
        messages.success(request, _("Your invitation to %(n)s is withdrawn.") % {"n": invitation.recipient.name})

    own = Invitation.objects.filter(sender=request.user, recipient__handle=handle)
    return _decide(request, _latest(own.select_related("recipient")), withdrawn)


@require_http_methods(["GET", "HEAD", "POST"])
def disconnect(request: MemberRequest, handle: str) -> HttpResponse:
    """Ask, then end a connection. A second POST does no harm."""
    if request.method == "POST":
        other = other_member(request, handle)
        connections.disconnect(member=request.user, other=other, at=now())
        messages.success(request, _("You and %(n)s are no longer connected.") % {"n": other.name})
        return redirect("accounts:connections")
    other = get_object_or_404(connections.connections_of(request.user).select_related("profile"), handle=handle)
    return render(request, "accounts/disconnect.html", {"other": other})


def _cards(member: Member, invitations: list[Invitation]) -> list[Card]:
    shared = connections.mutual_counts(member, [invitation.sender_id for invitation in invitations])
    return [Card(invitation, shared.get(invitation.sender_id, 0)) for invitation in invitations]


def _invited(request: MemberRequest, other: Member, *, note: str) -> HttpResponse:
    invitation = connections.invite(sender=request.user, recipient=other, note=note, at=now())
    if invitation.state == Invitation.State.ACCEPTED:
        messages.success(request, _("You and %(n)s are connected.") % {"n": other.name})
    else:
        messages.success(request, _("Your invitation to %(n)s is on its way.") % {"n": other.name})
    return go_on(request, other.get_absolute_url())


def _standing(member: Member, other: Member) -> dict[str, object]:
    """How the two stand, as far as this member may know."""
    theirs = connections.received(member).filter(sender=other).first()
    return {
        # Asked of the database in any case: a query less would tell who left.
        "is_connected": connections.connection_between(member.pk, other.pk) is not None and other.is_active,
        "is_blocked": blocks.blocked_by(member).filter(pk=other.pk).exists(),
        "theirs": theirs,
        "mine": connections.open_invitation(sender=member, recipient=other),
        "rest_days": connections.REST_DAYS,
    }


def _received_from(request: MemberRequest, handle: str) -> Invitation:
    return _latest(Invitation.objects.filter(recipient=request.user, sender__handle=handle).select_related("sender"))


def _latest(own: QuerySet[Invitation]) -> Invitation:
    """The one that a button on the member's own page meant, also when it is pressed twice."""
    invitation = own.order_by("-sent_at", "-pk").first()
    if invitation is None:
        raise Http404
    return invitation


def _decide(
    request: MemberRequest, invitation: Invitation, act: Callable[[Invitation, datetime], None]
) -> HttpResponse:
    try:
        act(invitation, now())
    except connections.InvitationRefused as refusal:
        messages.error(request, str(refusal))
    return go_on(request, "accounts:invitations")
