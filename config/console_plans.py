"""A plan given, extended, cancelled or resumed by staff, for a member or a team, by the verbs that members use."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.clock import now
from accounts.models import Member, Team
from billing import subscriptions
from billing.catalog import versions_on_offer
from billing.models import Subscription
from config.console_forms import PaidThroughForm, SubscribeForm, TeamSubscribeForm

PlanForm = SubscribeForm | PaidThroughForm


def form_of(request: HttpRequest, holder: Member | Team, held: Subscription | None) -> PlanForm:
    """To extend what runs, or to start a plan; bound when its button was pressed."""
    act = request.POST.get("act")
    if held:
        return PaidThroughForm(request.POST if act == "extend" else None)
    posted = request.POST if act == "subscribe" else None
    offered = versions_on_offer(at=now())
    if isinstance(holder, Team):
        return TeamSubscribeForm(posted, plan_versions=offered.filter(is_per_seat=True))
    return SubscribeForm(posted, plan_versions=offered)


def acted(request: HttpRequest, holder: Member | Team, held: Subscription | None, form: PlanForm) -> bool:
    """Do what the pressed button says; False when the form has to be shown again."""
    if form.is_bound and not form.is_valid():
        return False
    try:
        said = _do(request.POST.get("act", ""), cast("Member", request.user), holder, held, form)
    except subscriptions.SubscriptionRefused as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(request, said)
    return True


def _do(act: str, staff: Member, holder: Member | Team, held: Subscription | None, form: Any) -> str:
    """Raises SubscriptionRefused, also when the page showed a plan that has started or ended since."""
    at = now()
    if act == "subscribe" and isinstance(form, SubscribeForm):
        subscriptions.subscribe(member=holder, started_by=staff, at=at, **form.cleaned_data)
        return _("The plan runs from now.")
    if act == "extend" and held:
        subscriptions.pay_through(subscription=held, actor=staff, at=at, until=form.cleaned_data["paid_through"])
        return _("Saved.")
    if act == "cancel" and held:
        ends_at = localtime(subscriptions.cancel(subscription=held, at=at))
        return _("The plan ends on %(instant)s.") % {"instant": date_format(ends_at, "j M Y, H:i e")}
    if act == "resume" and held:
        subscriptions.resume(subscription=held, at=at)
        return _("The cancellation is taken back.")
    raise subscriptions.SubscriptionRefused(_("The plan has changed meanwhile. Look again."))
