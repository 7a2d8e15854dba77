"""A member's own settings. A refused form answers 422 with what was typed and a sentence beside each field."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts import letters, preferences, profiles
from accounts.forms import AppearanceForm, NoticesForm, ProfileForm, ShortcutsForm
from accounts.forms.settings import THEMES
from accounts.models import NoticeKind
from accounts.time_zones import time_zones
from accounts.views import MemberRequest

THEME_COOKIE_AGE = timedelta(days=365)


@require_safe
def settings_index(request: MemberRequest) -> HttpResponse:
    """The first of the settings."""
    return redirect("accounts:settings_profile")


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: MemberRequest) -> HttpResponse:
    """Name, handle, what others read, zone and language."""
    form = ProfileForm(_typed(request), initial=ProfileForm.initial_of(request.user))
    if form.is_valid():
        try:
            profiles.save_profile(member=request.user, **form.cleaned_data)
        except profiles.HandleTaken:
            form.add_error("handle", _("Somebody else has this handle."))
        else:
            return _saved(request, "accounts:settings_profile")
    return _page(request, "profile", form, zones=time_zones())


@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: MemberRequest) -> HttpResponse:
    """Mail about new messages, and news about credits by mail and on the page: each on or off."""
    form = NoticesForm(_typed(request), initial=NoticesForm.initial_of(request.user))
    if form.is_valid():
        preferences.save_message_mail(member=request.user, wanted=form.cleaned_data["wants_message_mail"])
        preferences.save_choices(member=request.user, choices=form.choices())
        return _saved(request, "accounts:settings_notices")
    return _page(request, "notices", form)


@require_http_methods(["GET", "HEAD", "POST"])
def shortcuts(request: MemberRequest) -> HttpResponse:
    """Single keys, on or off, and what they do."""
    form = ShortcutsForm(_typed(request), initial={"uses_shortcuts": request.user.reach.uses_shortcuts})
    if form.is_valid():
        preferences.save_shortcuts(member=request.user, used=form.cleaned_data["uses_shortcuts"])
        return _saved(request, "accounts:settings_shortcuts")
    return _page(request, "shortcuts", form)


@require_http_methods(["GET", "HEAD", "POST"])
def appearance(request: MemberRequest) -> HttpResponse:
    """Light or dark, as a cookie of this browser: the server prints it, so that no page flashes."""
    chosen = request.COOKIES.get(settings.THEME_COOKIE_NAME)
    form = AppearanceForm(_typed(request), initial={"theme": chosen if chosen in THEMES else "system"})
    if not form.is_valid():
        return _page(request, "appearance", form)
    response = _saved(request, "accounts:settings_appearance")
    response.set_cookie(
        settings.THEME_COOKIE_NAME,
        form.cleaned_data["theme"],
        max_age=THEME_COOKIE_AGE,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


# One click in a mail program posts here without our cookies (RFC 8058): the signature in the address is the proof.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End mail of one kind, signed in or not. GET only asks: scanners follow every link of a mail."""
    found = letters.unsubscribing(token)
    if found is None:
        raise Http404
    member, kind = found
    if request.method == "POST":
        preferences.end_mail(member=member, kind=kind)
    context = {"is_done": request.method == "POST", "label": _name_of(kind), "kind": kind}
    return render(request, "accounts/unsubscribe.html", context)


def _name_of(kind: str) -> str:
    """Of a kind of mail, in a sentence; empty for mail about messages, which has sentences of its own."""
    own = {preferences.MESSAGE: "", preferences.REQUESTS: _("The daily list of requests")}
    return own[kind] if kind in own else str(NoticeKind(kind).label)


def _typed(request: MemberRequest) -> dict[str, str] | None:
    """An unticked box posts nothing, so an empty form is still one that was sent."""
    return request.POST.dict() if request.method == "POST" else None


def _saved(request: MemberRequest, page: str) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect(page)


def _page(request: MemberRequest, name: str, form: forms.Form, **context: object) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, f"accounts/settings_{name}.html", {"form": form, **context}, status=status)
