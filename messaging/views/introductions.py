"""The pages about introductions: what one asked for, passes on, or is offered. Each is fetched through the member."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import now
from accounts.connections import mutual_connections
from accounts.models import Member
from messaging import introducing
from messaging.forms import ForwardForm, IntroduceForm, PageForm, asked
from messaging.forms.introductions import WORDS_MAX
from messaging.introducing import IntroductionRefused
from messaging.models import Introduction
from messaging.names import first_name
from messaging.pages import older_than, page_of
from messaging.views import MemberRequest
from messaging.views.compose import get_recipient

# Cards of each kind on one page, and shared connections to choose from.
SHOWN = 20

Act = Callable[[Introduction, datetime], str]


@require_safe
def introductions(request: MemberRequest) -> HttpResponse:
    """What waits for the member, and what the member waits for."""
    at = now()
    own = older_than(introducing.asked_by(request.user), asked(PageForm(request.GET))["before"], by="asked_at")
    page = page_of(own, by="asked_at")
    for_me = list(introducing.for_target(request.user, at=at)[: SHOWN + 1])
    to_pass_on = list(introducing.for_through(request.user, at=at)[: SHOWN + 1])
    context = {
        "at": at,
        "for_me": for_me[:SHOWN],
        "to_pass_on": to_pass_on[:SHOWN],
        "has_more": max(len(for_me), len(to_pass_on)) > SHOWN,
        "asked": page.rows,
        "older": page.older,
    }
    return render(request, "messaging/introductions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def introduce(request: MemberRequest, handle: str) -> HttpResponse:
    """Ask a shared connection. The same page for whoever is to be met, but for the name (domain 6.2)."""
    at, target = now(), get_recipient(handle)
    shared = mutual_connections(request.user, target, SHOWN)
    form = IntroduceForm(request.POST if request.method == "POST" else None, shared=shared)
    if form.is_valid():
        through = next(member for member in shared if member.handle == form.cleaned_data["through"])
        try:
            return _asked(request, through, target, form.cleaned_data["context"], at=at)
        except IntroductionRefused as refusal:
            form.add_error(None, str(refusal))
    context = {"target": target, "shared": shared, "form": form, "most": WORDS_MAX}
    context["why_not"] = "" if form.is_bound else introducing.why_not(request.user, target, at=at)
    return render(request, "messaging/introduce.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def forward(request: MemberRequest, public_id: str) -> HttpResponse:
    """Pass it on, with words of one's own."""
    at = now()
    through = Introduction.objects.filter(through=request.user)
    introduction = get_object_or_404(through.select_related("asker__profile", "target__profile"), public_id=public_id)
    form = ForwardForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return _forwarded(request, introduction, form.cleaned_data["words"], at=at)
        except IntroductionRefused as refusal:
            form.add_error(None, str(refusal))
    is_open = introducing.for_through(request.user, at=at).filter(pk=introduction.pk).exists()
    context = {"introduction": introduction, "form": form, "most": WORDS_MAX, "is_open": is_open, "at": at}
    return render(request, "messaging/introduction_forward.html", context, status=422 if form.is_bound else 200)


@require_POST
def keep_back(request: MemberRequest, public_id: str) -> HttpResponse:
    """Not passed on; nobody is told."""

    def kept_back(introduction: Introduction, at: datetime) -> str:
        introducing.keep_back(introduction=introduction, member=request.user, at=at)
        return _("Not passed on. Nobody is told.")

    return _decide(request, public_id, kept_back, through=request.user)


@require_POST
def accept(request: MemberRequest, public_id: str) -> HttpResponse:
    """Meet whoever asked: on to the conversation."""
    introduction = _own(public_id, target=request.user)
    try:
        conversation = introducing.accept(introduction=introduction, member=request.user, at=now())
    except IntroductionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("messaging:introductions")
    values = {"n": first_name(introduction.asker.name)}
    messages.success(request, _("You and %(n)s can write to each other free of charge.") % values)
    return redirect(conversation)


@require_POST
def decline(request: MemberRequest, public_id: str) -> HttpResponse:
    """No; nobody is told."""

    def declined(introduction: Introduction, at: datetime) -> str:
        introducing.decline(introduction=introduction, member=request.user, at=at)
        return _("Declined. Nobody is told.")

    return _decide(request, public_id, declined, target=request.user)


@require_POST
def withdraw(request: MemberRequest, public_id: str) -> HttpResponse:
    """Take one's own request back."""

    def withdrawn(introduction: Introduction, at: datetime) -> str:
        introducing.withdraw(introduction=introduction, member=request.user, at=at)
        return _("Withdrawn.")

    return _decide(request, public_id, withdrawn, asker=request.user)


def _asked(request: MemberRequest, through: Member, target: Member, context: str, *, at: datetime) -> HttpResponse:
    introducing.ask(asker=request.user, through=through, target=target, context=context, at=at)
    messages.success(request, _("%(n)s was asked to introduce you.") % {"n": first_name(through.name)})
    return redirect("messaging:introductions")


def _forwarded(request: MemberRequest, introduction: Introduction, words: str, *, at: datetime) -> HttpResponse:
    introducing.forward(introduction=introduction, member=request.user, words=words, at=at)
    messages.success(request, _("Passed on to %(n)s.") % {"n": first_name(introduction.target.name)})
    return redirect("messaging:introductions")


def _own(public_id: str, **whose: Member) -> Introduction:
    own = Introduction.objects.filter(**whose).select_related("asker", "through", "target")
    return get_object_or_404(own, public_id=public_id)


def _decide(request: MemberRequest, public_id: str, act: Act, **whose: Member) -> HttpResponse:
    try:
        messages.success(request, act(_own(public_id, **whose), now()))
    except IntroductionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("messaging:introductions")
