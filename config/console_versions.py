"""Versions of the site's policy and of plans' terms: what rules, what comes, whom it changes, and who approves."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import policy_versions
from accounts.clock import now
from accounts.forms.policy import SettingsForm
from accounts.models import Member, PolicyVersion
from accounts.policy_versions import SettingsInvalid, VersionRefused
from accounts.site_policy import policy_in_force
from billing import moving, terms, versions
from billing.catalog import version_in_force, warnings_at
from billing.models import Plan, PlanVersion
from config.console_forms import TermsForm
from config.console_pages import need, page

PAST_SHOWN = 10


def overview(request: HttpRequest) -> HttpResponse:
    """The policy and each plan's terms: in force, to come, waiting for a second person, past."""
    need(request, "accounts.view_policyversion")
    at = now()
    context = {
        "title": _("Rules and terms"),
        "at": at,
        "policies": _states(PolicyVersion.objects.select_related("proposed_by").order_by("-in_force_from"), at=at),
        "plans": [
            (plan, _states(plan.versions.order_by("-number"), at=at))
            for plan in Plan.objects.order_by("position", "pk")
        ],
        "warnings": warnings_at(at),
        "may_propose": request.user.has_perm("accounts.change_policyversion"),
    }
    return page(request, "versions", context)


def propose_policy(request: HttpRequest) -> HttpResponse:
    """A draft of the site's policy, beginning from the one in force."""
    need(request, "accounts.change_policyversion")
    at = now()
    form = SettingsForm(request.POST if request.method == "POST" else None, policy=policy_in_force(at))
    if request.method == "POST" and form.is_valid():
        facts = {"in_force_from": form.cleaned_data["in_force_from"], "note": form.cleaned_data["note"]}
        try:
            draft = policy_versions.propose(settings=form.settings, actor=_staff(request), at=at, **facts)
        except SettingsInvalid as invalid:
            _add_errors(form, invalid)
        except VersionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("admin:policy_compare", draft.pk)
    return page(request, "policy_propose", {"title": _("Propose a policy"), "form": form})


def propose_terms(request: HttpRequest, plan_id: int) -> HttpResponse:
    """A draft of a plan's next terms, beginning from those in force."""
    need(request, "accounts.change_policyversion")
    at, plan = now(), get_object_or_404(Plan, pk=plan_id)
    initial = terms.figures(version_in_force(plan.code, at=at))
    form = TermsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        facts = {"in_force_from": form.cleaned_data["in_force_from"], "note": form.cleaned_data["note"]}
        figures = {"currency": initial["currency"], **form.figures}
        try:
            draft = versions.propose_terms(plan=plan, figures=figures, actor=_staff(request), at=at, **facts)
        except SettingsInvalid as invalid:
            _add_errors(form, invalid)
        except VersionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("admin:terms_compare", draft.pk)
    return page(request, "terms_propose", {"title": _("Propose terms"), "plan": plan, "form": form})


def compare_policy(request: HttpRequest, version_id: int) -> HttpResponse:
    """What one policy changes, for whom and when; approved by somebody else, or withdrawn before it begins."""
    need(request, "accounts.view_policyversion")
    version = get_object_or_404(PolicyVersion.objects.select_related("proposed_by", "approved_by"), pk=version_id)
    verbs: dict[str, Callable[..., Any]] = {"approve": policy_versions.approve, "withdraw": policy_versions.withdraw}
    if request.method == "POST":
        return _decided(request, version, verbs, here="admin:policy_compare")
    return _compared(request, version, versions.difference_of_policy(version, at=now()), title=str(version))


def compare_terms(request: HttpRequest, version_id: int) -> HttpResponse:
    """What one plan's version changes; once in force, those who hold the plan may be moved to it with notice."""
    need(request, "accounts.view_policyversion")
    chosen = PlanVersion.objects.select_related("plan", "proposed_by", "approved_by")
    version = get_object_or_404(chosen, pk=version_id)
    verbs: dict[str, Callable[..., Any]] = {
        "approve": versions.approve_terms,
        "withdraw": versions.withdraw_terms,
        "move": _move,
    }
    if request.method == "POST":
        return _decided(request, version, verbs, here="admin:terms_compare")
    is_newest = version_in_force(version.plan.code, at=now()).pk == version.pk
    movable = moving.movable(version.plan, to_version=version).count() if is_newest else 0
    difference = versions.difference_of_terms(version)
    return _compared(request, version, difference, title=str(version), movable=movable, plan=version.plan)


PAGES: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
    "versions": ("versions/", overview),
    "policy_propose": ("versions/policy/propose/", propose_policy),
    "policy_compare": ("versions/policy/<int:version_id>/", compare_policy),
    "terms_propose": ("versions/plan/<int:plan_id>/propose/", propose_terms),
    "terms_compare": ("versions/terms/<int:version_id>/", compare_terms),
}


def _states(found: QuerySet[Any], *, at: datetime) -> list[tuple[str, Any]]:
    """Newest first, each with its state: draft, scheduled, in force, or past; of the past the last few."""
    states: list[tuple[str, Any]] = []
    past = 0
    for version in found:
        state = _state(version, is_ruled=any(one == "in_force" for one, _other in states), at=at)
        past += state == "past"
        if past <= PAST_SHOWN:
            states.append((state, version))
    return states


def _state(version: Any, *, is_ruled: bool, at: datetime) -> str:
    if version.approved_at is None:
        return "draft"
    if version.in_force_from > at:
        return "scheduled"
    return "past" if is_ruled else "in_force"


def _decided(request: HttpRequest, version: Any, verbs: dict[str, Callable[..., Any]], *, here: str) -> HttpResponse:
    need(request, "accounts.change_policyversion")
    act = request.POST.get("act", "")
    verb = verbs.get(act)
    if verb is None:
        messages.error(request, _("Say what to do."))
        return redirect(here, version.pk)
    try:
        facts = {"actor": _staff(request)} if act == "approve" else {}
        verb(version=version, at=now(), **facts)
    except policy_versions.OwnProposal:
        raise PermissionDenied from None
    except VersionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(here, version.pk)
    if act == "withdraw":
        messages.success(request, _("Withdrawn. Nothing has changed."))
        return redirect("admin:versions")
    messages.success(request, _("Done."))
    return redirect(here, version.pk)


def _move(*, version: PlanVersion, at: datetime) -> None:
    """Raises VersionRefused when these terms do not rule, or nobody is left to be moved."""
    if version_in_force(version.plan.code, at=at).pk != version.pk:
        raise VersionRefused(_("Other terms are in force."))
    if not moving.move_subscriptions(plan=version.plan, to_version=version, at=at):
        raise VersionRefused(_("Nobody is left to be moved."))


def _compared(request: HttpRequest, version: Any, difference: versions.Difference, **facts: Any) -> HttpResponse:
    at = now()
    is_draft = version.approved_at is None
    may = request.user.has_perm("accounts.change_policyversion")
    is_own = version.proposed_by_id == request.user.pk
    context = {
        "version": version,
        "difference": difference,
        "is_draft": is_draft,
        "is_own": is_own,
        "may_approve": may and is_draft and not is_own,
        "may_withdraw": may and (is_draft or version.in_force_from > at),
        "movable_words": _movable_words(facts.get("movable", 0)) if may else "",
        **facts,
    }
    return page(request, "version_compare", context)


def _movable_words(count: int) -> str:
    if not count:
        return ""
    words = ngettext("Move %(n)s subscription to these terms", "Move %(n)s subscriptions to these terms", count)
    return words % {"n": count}


def _add_errors(form: Any, invalid: SettingsInvalid) -> None:
    for name, fault in invalid.faults.items():
        form.add_error(name if name in form.fields else None, fault)


def _staff(request: HttpRequest) -> Member:
    return cast("Member", request.user)
