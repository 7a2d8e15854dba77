"""Adjustments in the console: credits given or taken by hand, shortfalls written off; above a limit by two persons."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from accounts.busy import try_whole
from accounts.clock import now
from accounts.models import Member, Team
from accounts.public_ids import new_public_id
from accounts.site_policy import policy_in_force
from billing import adjusting, ledger
from billing.models import Adjustment, Shortfall, Wallet
from billing.standing import standing
from config.console_forms import AdjustForm, DecideForm, WriteOffForm
from config.console_pages import need, page


def decide(request: HttpRequest, adjustment_id: int) -> HttpResponse:
    """The facts of one adjustment; somebody else approves, returns or rejects it, who proposed it may withdraw it."""
    need(request, "billing.view_adjustment")
    chosen = Adjustment.objects.select_related(
        "wallet__member", "wallet__team", "posted_by", "decided_by", "writes_off"
    )
    adjustment = get_object_or_404(chosen, pk=adjustment_id)
    form = DecideForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        need(request, "billing.add_adjustment")
        if form.is_valid() and _decided(request, adjustment, form):
            return redirect("admin:adjustment_decide", adjustment.pk)
    return page(request, "adjustment_decide", {"form": form, **_facts(request, adjustment)})


def adjust_pool(request: HttpRequest, team_id: int) -> HttpResponse:
    """Give or take credits of a team's pool."""
    need(request, "billing.add_adjustment")
    team = get_object_or_404(Team, pk=team_id)
    form = AdjustForm(request.POST if request.method == "POST" else None, initial={"form_key": new_public_id()})
    if request.method == "POST" and form.is_valid() and propose(request, team, form):
        return redirect("admin:accounts_team_change", team.pk)
    context = {"title": team.name, "team": team, "form": form, "balance": standing(team, at=now()).balance}
    return page(request, "pool_adjust", context)


def write_off(request: HttpRequest, shortfall_id: int) -> HttpResponse:
    """Propose that the site bears credits that were taken back after they had been spent."""
    need(request, "billing.add_adjustment")
    found = Shortfall.objects.select_related("wallet__member", "wallet__team")
    shortfall = get_object_or_404(found, pk=shortfall_id, closed_at=None)
    form = WriteOffForm(request.POST if request.method == "POST" else None, initial={"form_key": new_public_id()})
    if request.method == "POST" and form.is_valid():
        made = try_whole(
            partial(
                adjusting.propose,
                wallet=shortfall.wallet,
                amount=0,
                life_days=None,
                writes_off=shortfall,
                actor=cast("Member", request.user),
                at=now(),
                **form.cleaned_data,
            )
        )
        return _told(request, made)
    return page(request, "write_off", {"title": _("Write off"), "shortfall": shortfall, "form": form})


def propose(request: HttpRequest, holder: Member | Team, form: AdjustForm) -> bool:
    """Post or propose what the form says; False when it has to be shown again, with the reason beside the field."""
    at = now()
    try:
        made = try_whole(partial(_propose, holder, actor=cast("Member", request.user), at=at, **form.cleaned_data))
    except ledger.NotEnoughCredits as refusal:
        form.add_error("amount", _("%(holder)s has %(k)s credits.") % {"holder": holder, "k": refusal.balance})
    except ledger.KeyReused:
        form.add_error(None, _("This form was posted already. Look at the ledger, then open it anew."))
    else:
        _told(request, made)
    return form.is_valid()


PAGES: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
    "adjustment_decide": ("billing/adjustment/<int:adjustment_id>/decide/", decide),
    "pool_adjust": ("accounts/team/<int:team_id>/adjust/", adjust_pool),
    "write_off": ("billing/shortfall/<int:shortfall_id>/write-off/", write_off),
}


def _propose(holder: Member | Team, *, actor: Member, at: datetime, **facts: Any) -> Adjustment:
    wallet = ledger.lock_wallet(holder, at=at)
    return adjusting.propose(wallet=wallet, actor=actor, at=at, **facts)


def _told(request: HttpRequest, made: Adjustment) -> HttpResponse:
    """Says what became of it."""
    if made.state == Adjustment.State.POSTED:
        messages.success(request, _("%(amount)+d posted.") % {"amount": made.amount})
    else:
        messages.success(request, _("It waits for a second person. Nothing has moved yet."))
    return redirect("admin:adjustment_decide", made.pk)


def _decided(request: HttpRequest, adjustment: Adjustment, form: DecideForm) -> bool:
    verbs: dict[str, Callable[..., Adjustment]] = {
        "approve": adjusting.approve,
        "return": partial(adjusting.send_back, comment=form.cleaned_data["comment"]),
        "reject": partial(adjusting.reject, comment=form.cleaned_data["comment"]),
    }
    verb = verbs[form.cleaned_data["act"]]
    try:
        decided = try_whole(partial(verb, adjustment=adjustment, actor=cast("Member", request.user), at=now()))
    except adjusting.OwnProposal:
        raise PermissionDenied from None
    except adjusting.NotWaiting:
        messages.error(request, _("It was decided meanwhile."))
    except ledger.NotEnoughCredits as refusal:
        form.add_error(None, _("Only %(k)s credits are left: it cannot be posted.") % {"k": refusal.balance})
        return False
    else:
        messages.success(request, _("Done: %(state)s.") % {"state": decided.get_state_display()})
    return True


def _facts(request: HttpRequest, adjustment: Adjustment) -> dict[str, object]:
    at = now()
    waits = adjustment.state == Adjustment.State.WAITING
    balance = standing(_holder(adjustment.wallet), at=at).balance
    is_own = adjustment.posted_by_id == request.user.pk
    is_given_to_oneself = not is_own and adjustment.wallet.member_id == request.user.pk
    return {
        "title": _("Adjustment"),
        "adjustment": adjustment,
        "balance": balance,
        "balance_after": balance + adjustment.amount,
        "is_own": is_own,
        "is_given_to_oneself": is_given_to_oneself,
        "waits": waits,
        "limit": policy_in_force(at).adjust_direct_limit,
        "may_decide": waits and not is_given_to_oneself and request.user.has_perm("billing.add_adjustment"),
    }


def _holder(wallet: Wallet) -> Member | Team:
    holder = wallet.member or wallet.team
    assert holder is not None
    return holder
