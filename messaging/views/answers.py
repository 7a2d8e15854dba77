"""Answering a first contact with one tap: now, taken back, exchanged, or asked twice about before it stops somebody."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.clock import now
from accounts.site_policy import policy_in_force
from messaging import answering
from messaging.forms import AnswerForm, ChangeForm, StopForm
from messaging.models import Message, Participation
from messaging.names import first_name
from messaging.views import MemberRequest
from messaging.views.conversation import side_of

REQUESTS = "requests"


@require_POST
def answer(request: MemberRequest, public_id: str) -> HttpResponse:
    """One tap, with or without words; 404 for who has nothing to answer."""
    side = side_of(request.user, public_id, at=now())
    form = AnswerForm(request.POST, policy=policy_in_force(now()))
    if not form.is_valid():
        return _refused(request, side, form)
    return _tap(request, side, **form.cleaned_data)


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: MemberRequest, public_id: str) -> HttpResponse:
    """Asks first, because it reaches the other person and lasts."""
    side = side_of(request.user, public_id, at=now())
    policy = policy_in_force(now())
    form = StopForm(request.POST if request.method == "POST" else None, policy=policy)
    if form.is_bound and form.is_valid():
        return _tap(request, side, answer=Message.Answer.STOP, body=form.cleaned_data["body"])
    context = {
        "form": form,
        "other": side.other,
        "conversation": side.conversation,
        "policy": policy,
        "team": answering.written_for(side.conversation, side.other),
        "gives_back": policy.return_enabled and Message.Answer.STOP in policy.return_on,
    }
    return render(request, "messaging/stop.html", context, status=422 if form.is_bound else 200)


@require_POST
def take_back(request: MemberRequest, public_id: str) -> HttpResponse:
    """Within ten seconds: nobody was told."""
    message = _own_tap(request, public_id)
    try:
        answering.take_back(message=message, member=request.user, at=now())
    except answering.TooLate:
        messages.error(request, _("It is too late to take the answer back: it was told."))
    else:
        messages.success(request, _("Taken back. Nobody was told."))
    return redirect(message.conversation)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: MemberRequest, public_id: str) -> HttpResponse:
    """Another answer than the one tapped, within ten minutes."""
    message = _own_tap(request, public_id)
    at = now()
    form = ChangeForm(request.POST if request.method == "POST" else None, initial={"answer": message.answer})
    if form.is_bound and form.is_valid():
        return _exchange(request, message, form.cleaned_data["answer"])
    context = {
        "form": form,
        "title": _("Change your answer"),
        "action": request.path,
        "conversation": message.conversation,
        "can_change": answering.can_change(message, policy=policy_in_force(at), at=at),
    }
    return render(request, "messaging/answer.html", context, status=422 if form.is_bound else 200)


def _own_tap(request: MemberRequest, public_id: str) -> Message:
    taps = Message.objects.filter(sender=request.user, kind=Message.Kind.ANSWER, undone_at=None)
    return get_object_or_404(taps.select_related("conversation", "recipient"), public_id=public_id)


def _tap(request: MemberRequest, side: Participation, *, answer: str, body: str) -> HttpResponse:
    try:
        message = answering.answer(
            conversation=side.conversation, member=request.user, answer=answer, body=body, at=now()
        )
    except answering.NothingToAnswer:
        raise Http404 from None
    except answering.VerdictChanged as error:
        messages.error(request, error.verdict.sentence)
        return redirect(side.conversation)
    _say_answered(request, message)
    return redirect("messaging:requests") if request.POST.get("origin") == REQUESTS else redirect(side.conversation)


def _say_answered(request: MemberRequest, message: Message) -> None:
    said = _("Answered: %(answer)s.") % {"answer": message.get_answer_display()}
    if message.closes:
        values = {"name": first_name(message.recipient.name)}
        said += " " + _("%(name)s can't write again unless you write or connect.") % values
    undoing = reverse("messaging:take_back", args=[message.public_id])
    messages.success(request, said, extra_tags=f"undo:{undoing}")


def _exchange(request: MemberRequest, message: Message, answer: str) -> HttpResponse:
    try:
        changed = answering.exchange(message=message, member=request.user, answer=answer, at=now())
    except answering.TooLate:
        messages.error(request, _("It is too late to change this answer."))
        return redirect(message.conversation)
    messages.success(request, _("Answered: %(answer)s.") % {"answer": changed.get_answer_display()})
    return redirect(message.conversation)


def _refused(request: MemberRequest, side: Participation, form: AnswerForm) -> HttpResponse:
    """422 with the words as typed."""
    title = _("Answer %(name)s") % {"name": side.other.name}
    context = {"form": form, "title": title, "action": request.path, "conversation": side.conversation}
    return render(request, "messaging/answer.html", context | {"policy": form.policy, "can_change": True}, status=422)
