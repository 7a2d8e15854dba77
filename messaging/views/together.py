"""Everybody in Requests answered at once: asked first, and with one Undo while nobody is told."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.clock import now
from accounts.site_policy import policy_in_force
from messaging import bulk
from messaging.forms import TogetherForm, asked, position_of
from messaging.models import Message
from messaging.views import MemberRequest

ANSWERS = {"accept": Message.Answer.ACCEPT, "decline": Message.Answer.NO_THANKS}
# The taps of the last batch, by public id: its Undo takes back these and no others.
BATCH = "answered_together"


@require_http_methods(["GET", "HEAD", "POST"])
def answer_all(request: MemberRequest, choice: str) -> HttpResponse:
    """Says what it does to how many, and does it; what came after the list was shown is not answered."""
    if choice not in ANSWERS:
        raise Http404
    if request.method == "POST":
        return _answer(request, ANSWERS[choice], asked(TogetherForm(request.POST))["through"])
    context = _question(request, choice, asked(TogetherForm(request.GET))["through"])
    return render(request, "messaging/requests_all.html", context)


@require_POST
def take_back_all(request: MemberRequest) -> HttpResponse:
    """Within ten seconds: nobody was told."""
    batch = request.session.pop(BATCH, [])
    taps = list(Message.objects.filter(sender=request.user, public_id__in=batch).select_related("conversation"))
    told = bulk.take_back_all(member=request.user, taps=taps, at=now())
    if taps and not told:
        messages.success(request, _("Taken back. Nobody was told."))
    else:
        words = ngettext(
            "It is too late to take back %(n)s answer: it was told.",
            "It is too late to take back %(n)s answers: they were told.",
            told,
        )
        messages.error(request, words % {"n": told} if told else _("There is nothing to take back."))
    return redirect("messaging:requests")


def _question(request: MemberRequest, choice: str, through: bulk.Position | None) -> dict[str, Any]:
    at, policy = now(), policy_in_force(now())
    through = through or bulk.newest(request.user, at=at)
    return {
        "choice": choice,
        "count": bulk.seen(request.user, up_to=through, at=at).count() if through else 0,
        "through": position_of(*through) if through else "",
        "gives_back": policy.return_enabled and ANSWERS[choice] in policy.return_on,
    }


def _answer(request: MemberRequest, answer: str, through: bulk.Position | None) -> HttpResponse:
    answered = bulk.Answered([], 0)
    if through is not None:
        answered = bulk.answer_all(member=request.user, answer=answer, up_to=through, at=now())
    if answered.taps:
        request.session[BATCH] = [tap.public_id for tap in answered.taps]
        messages.success(request, _said(answered, answer), extra_tags=f"undo:{reverse('messaging:take_back_all')}")
    if answered.left:
        words = ngettext(
            "%(n)s request could not be answered and waits here.",
            "%(n)s requests could not be answered and wait here.",
            answered.left,
        )
        messages.error(request, words % {"n": answered.left})
    return redirect("messaging:requests")


def _said(answered: bulk.Answered, answer: str) -> str:
    words = ngettext("Answered %(n)s request: %(answer)s.", "Answered %(n)s requests: %(answer)s.", len(answered.taps))
    return words % {"n": len(answered.taps), "answer": Message.Answer(answer).label}
