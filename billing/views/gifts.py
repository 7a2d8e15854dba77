"""Gifts: the field for a code, the member's own link, and where such a link leads."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import now
from accounts.site_policy import policy_in_force
from accounts.views import MemberRequest
from billing import joining, promotions, referrals
from billing.forms import CodeForm
from billing.models import Referral
from billing.promotions import PromotionRefused

TRIES_AN_HOUR = 20


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: MemberRequest) -> HttpResponse:
    """The field for a promotion's code, on its own page; a refused code stays in it with the reason."""
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            return _used(request, form.cleaned_data["code"])
        except PromotionRefused as refusal:
            form.add_error("code", str(refusal))
    return render(request, "billing/code.html", {"form": form}, status=422 if form.errors else 200)


def _used(request: MemberRequest, typed: str) -> HttpResponse:
    """Guessing is slow: after twenty refusals in an hour no code is looked at."""
    tries = f"billing.code:{request.user.pk}"
    if cache.get(tries, 0) >= TRIES_AN_HOUR:
        raise PromotionRefused(_("You tried many codes. Try again in an hour."))
    try:
        promotion = promotions.use_code(member=request.user, code=typed, at=now()).promotion
    except PromotionRefused:
        cache.set(tries, cache.get(tries, 0) + 1, timeout=3600)
        raise
    given = ngettext("%(name)s: %(n)s credit is yours.", "%(name)s: %(n)s credits are yours.", promotion.credits)
    messages.success(request, given % {"name": promotion.name, "n": promotion.credits})
    return redirect("billing:credits")


@require_safe
def refer(request: MemberRequest) -> HttpResponse:
    """The member's link, what it gives, and what came of it; where bringing people gives nothing there is no page."""
    policy = policy_in_force(now())
    if not referrals.are_rewarded(policy):
        raise Http404
    link = referrals.link_of(request.user)
    own = Referral.objects.filter(referrer=request.user)
    context = {
        "address": f"{settings.SITE_URL}{reverse('billing:come', args=[link.code])}" if link else "",
        "bonus": policy.referral_bonus,
        "life_days": policy.promo_life_days,
        "joined": own.count(),
        "earned": own.filter(earned_at__isnull=False, clawed_back_at=None).count(),
    }
    return render(request, "billing/refer.html", context)


@require_POST
def make_link(request: MemberRequest) -> HttpResponse:
    """A link of one's own; asked for twice it is the same."""
    if not referrals.are_rewarded(policy_in_force(now())):
        raise Http404
    referrals.make_link(member=request.user)
    return redirect("billing:refer")


@login_not_required
@require_safe
def come(request: HttpRequest, code: str) -> HttpResponse:
    """By a member's link to the sign-up; nothing is written but the visitor's own cookie. Members go to their inbox."""
    if referrals.referrer_of(code) is None:
        raise Http404
    if request.user.is_authenticated:
        return redirect("messaging:inbox")
    response = redirect("account_signup")
    joining.remember(response, code=code)
    return response
