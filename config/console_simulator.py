"""The simulator: what a member's composer would say, row by row, under any policy; and the replay of what was sent.

Both ask the same decision as the composer and write nothing (M4, M19).
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _

from accounts.clock import now
from accounts.models import PolicyVersion
from accounts.site_policy import NoPolicyInForce, policy_in_force, read_policy
from config.console_pages import need, page
from config.console_simulator_forms import ReplayForm, SimulateForm
from messaging import replaying, simulating
from messaging.verdict import TraceRow, Verdict

VERSIONS_SHOWN = 30


def simulator(request: HttpRequest) -> HttpResponse:
    """One pair, one purpose, one time, one policy: the strip, the code, and each row that was looked at."""
    need(request, "accounts.view_member")
    at = now()
    form = SimulateForm(request.POST if request.method == "POST" else None, initial=request.GET.dict())
    form.fields["version"].offer(_versions(at))  # type: ignore[attr-defined]
    context = {"title": _("Simulator"), "form": form}
    if not (form.is_bound and form.is_valid()):
        return page(request, "simulator", context)
    try:
        answered = _answered(form.cleaned_data, at=at)
    except NoPolicyInForce:
        form.add_error("at", _("No policy was in force then."))
        return page(request, "simulator", context)
    return _shown(request, "simulator", {**context, **answered})


def replay(request: HttpRequest) -> HttpResponse:
    """What the messages of the last days would have met under other rules."""
    need(request, "accounts.view_member")
    at = now()
    form = ReplayForm(request.POST if request.method == "POST" else None)
    form.fields["version"].offer(_versions(at))  # type: ignore[attr-defined]
    context = {"title": _("Replay"), "form": form, "most": replaying.MOST}
    if not (form.is_bound and form.is_valid()):
        return page(request, "simulator_replay", context)
    version, days = form.cleaned_data["version"], form.cleaned_data["days"]
    found = replaying.replay(policy=read_policy(version), since=at - timedelta(days=days), until=at)
    return _shown(request, "simulator_replay", {**context, "version": version, "found": found})


PAGES: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
    "simulator": ("simulator/", simulator),
    "simulator_replay": ("simulator/replay/", replay),
}


def _shown(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """The answer to a question: nothing was refused, and there is nothing to go back to."""
    shown = page(request, name, context)
    shown.status_code = 200
    return shown


def _answered(asked: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    instant = asked["at"] or at
    version = asked["version"]
    verdict = simulating.simulate(
        **{name: asked[name] for name in ("sender", "recipient", "purpose", "text", "sending_for", "wants_inmail")},
        at=instant,
        policy=read_policy(version) if version else policy_in_force(instant),
    )
    return {
        "verdict": verdict,
        "instant": instant,
        "ruled_by": PolicyVersion.objects.get(pk=verdict.policy_version),
        "trace": [(row, _result(row, verdict), _facts(row)) for row in verdict.trace],
    }


def _versions(at: datetime) -> list[tuple[str, PolicyVersion]]:
    """Drafts first, then what comes, rules and ruled, the newest first."""
    newest = PolicyVersion.objects.order_by("-in_force_from")[:VERSIONS_SHOWN]
    ruling = _ruling(at)
    named = [(_state(version, ruling, at=at), version) for version in newest]
    return sorted(named, key=lambda one: one[1].approved_at is not None)


def _ruling(at: datetime) -> int:
    try:
        return policy_in_force(at).version
    except NoPolicyInForce:
        return 0


def _state(version: PolicyVersion, ruling: int, *, at: datetime) -> str:
    if version.approved_at is None:
        return _("draft")
    if version.in_force_from > at:
        return _("scheduled")
    return _("in force") if version.pk == ruling else _("past")


def _result(row: TraceRow, verdict: Verdict) -> str:
    """no = does not apply; pass = decides, and lets through; stop = decides, and refuses."""
    if not row.matched:
        return "no"
    return "pass" if verdict.sends else "stop"


def _facts(row: TraceRow) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), _words(value)) for name, value in row.facts.items()]


def _words(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return dateformat.format(timezone.localtime(value), "j M Y, H:i")
    if isinstance(value, frozenset | tuple):
        return ", ".join(sorted(map(str, value))) or "–"
    return "–" if value is None or value == "" else str(value)
