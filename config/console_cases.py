"""One case: what is known, the texts once they are opened, and one decision (domain 8.4, interface 7.3).

Texts are absent until somebody opens them with a reason, which is recorded and shown to their writer.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _

from accounts.clock import now
from accounts.models import Member, Step
from accounts.site_policy import policy_in_force
from config import console_evidence
from config.console_case_forms import ESCALATE, DecideCaseForm, ReadForm, RefuseForm, SendBackForm
from config.console_pages import need, page
from messaging import conduct, ladder, reading, reviewing
from messaging.conduct_refusals import ConductRefused, OwnMatter, SamePerson
from messaging.dates import deadline_words, zone_of
from messaging.models import Case, Decision, TextReading

REPORTS_SHOWN = 50
# Why a text is opened, unless it is said otherwise.
BECAUSE = {Case.Source.REPORT: TextReading.Reason.REPORT, Case.Source.HELD: TextReading.Reason.HELD}

Act = Callable[[HttpRequest, Case], HttpResponse]


def decide(request: HttpRequest, case_id: int) -> HttpResponse:
    """GET shows the case without any text; a POST names what is done."""
    need(request, "messaging.view_case")
    case = get_object_or_404(Case.objects.select_related("about__profile"), pk=case_id)
    if request.method != "POST":
        return _page(request, case)
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        messages.error(request, _("Say what to do."))
        return redirect("admin:case_decide", case.pk)
    try:
        return act(request, case)
    except (OwnMatter, SamePerson):
        raise PermissionDenied from None
    except ConductRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:case_decide", case.pk)


PAGES: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
    "case_decide": ("messaging/case/<int:case_id>/decide/", decide),
}


def _show(request: HttpRequest, case: Case) -> HttpResponse:
    """Open the texts: recorded first, then shown once. Loading the page again shows none."""
    need(request, "messaging.add_textreading")
    form = ReadForm(request.POST)
    if not form.is_valid():
        return _page(request, case, read_form=form)
    texts = reading.open_texts(case=case, reader=_staff(request), at=now(), **form.cleaned_data)
    return _page(request, case, texts=texts, status=200)


def _preview(request: HttpRequest, case: Case) -> HttpResponse:
    """The decision as the member will read it, and the button that makes it."""
    form = _decision_form(request, case)
    if not form.is_valid():
        return _page(request, case, form=form)
    return _previewed(request, case, form)


def _decide(request: HttpRequest, case: Case) -> HttpResponse:
    """Only what was previewed: another text or outcome is shown first."""
    form = _decision_form(request, case)
    if not form.is_valid():
        return _page(request, case, form=form)
    if not form.was_previewed:
        return _previewed(request, case, form)
    try:
        said = _decided(case, form.cleaned_data, by=_staff(request), at=now())
    except (OwnMatter, SamePerson):
        raise
    except ConductRefused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, case, form=form)
    messages.success(request, said)
    return redirect("admin:queue")


def _pass(request: HttpRequest, case: Case) -> HttpResponse:
    _need_part(request, case)
    gone = reviewing.let_pass(case=case, at=now()) is None
    messages.success(request, _("Its sender had taken it back.") if gone else _("It goes as soon as it may."))
    return redirect("admin:queue")


def _send_back(request: HttpRequest, case: Case) -> HttpResponse:
    _need_part(request, case)
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return _page(request, case, back_form=form)
    reviewing.send_back(case=case, why=form.cleaned_data["why"], at=now())
    messages.success(request, _("It is a draft again, and its sender reads why."))
    return redirect("admin:queue")


def _confirm(request: HttpRequest, case: Case) -> HttpResponse:
    need(request, "messaging.change_decision")
    conduct.confirm_closing(decision=_closing(case), by=_staff(request), at=now())
    messages.success(request, _("The account is closed."))
    return redirect("admin:queue")


def _refuse(request: HttpRequest, case: Case) -> HttpResponse:
    need(request, "messaging.change_decision")
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, case, refuse_form=form)
    conduct.refuse_closing(decision=_closing(case), by=_staff(request), note=form.cleaned_data["note"], at=now())
    messages.success(request, _("The case is open again."))
    return redirect("admin:case_decide", case.pk)


ACTS: dict[str, Act] = {
    "show": _show,
    "preview": _preview,
    "decide": _decide,
    "pass": _pass,
    "send_back": _send_back,
    "confirm": _confirm,
    "refuse": _refuse,
}


def _need_part(request: HttpRequest, case: Case) -> None:
    """Raises PermissionDenied for staff who decide nothing, and for whoever is part of the matter."""
    need(request, "messaging.add_decision")
    if not conduct.may_decide(case, _staff(request)):
        raise PermissionDenied


def _decision_form(request: HttpRequest, case: Case) -> DecideCaseForm:
    _need_part(request, case)
    return DecideCaseForm(request.POST)


def _closing(case: Case) -> Decision:
    return get_object_or_404(conduct.closings_waiting().select_related("case__about"), case=case)


def _decided(case: Case, said: dict[str, Any], *, by: Member, at: datetime) -> str:
    if said["outcome"] == ESCALATE:
        conduct.escalate(case=case, note=said["note"], by=by, at=at)
        return _("Escalated. It stays in the queue, first.")
    facts = {name: said[name] for name in ("outcome", "rule", "facts", "note", "is_grave", "days")}
    decision = conduct.decide_case(case=case, decided_by=by, at=at, **facts)
    if decision.outcome == Step.CLOSING:
        return _("Proposed. A second moderator confirms or refuses it.")
    return _("Decided: %(outcome)s.") % {"outcome": decision.get_outcome_display()}


def _previewed(request: HttpRequest, case: Case, form: DecideCaseForm) -> HttpResponse:
    """The same form again, behind the notice and with the button that names what it does."""
    said, at = form.cleaned_data, now()
    until = _until(said, at=at)
    again = DecideCaseForm({**request.POST.dict(), "previewed": form.digest})
    again.is_valid()
    preview = {
        "what": said["outcome"],
        "rule": dict(form.fields["rule"].choices).get(said["rule"], "") if said["rule"] else "",  # type: ignore[attr-defined]
        "facts": said["facts"],
        "until": deadline_words(until, zone_of(case.about), at=at) if until else "",
        "button": _button(said["outcome"], until),
        "is_told": said["outcome"] in Step.values,
    }
    return _page(request, case, form=again, preview=preview, status=200)


def _until(said: dict[str, Any], *, at: datetime) -> datetime | None:
    return ladder.ends_at(Step(said["outcome"]), at=at, days=said["days"]) if said["outcome"] in Step.values else None


def _button(outcome: str, until: datetime | None) -> str:
    """What pressing it does; times in the zone of whoever presses."""
    words = {
        Decision.NOTHING: _("Close the case: nothing wrong"),
        ESCALATE: _("Escalate"),
        Step.WARNING: _("Warn"),
        Step.CLOSING: _("Propose closing the account"),
    }
    if outcome in words or until is None:
        return words[outcome]
    values = {"date": dateformat.format(timezone.localtime(until), "j M, H:i")}
    return (_("Suspend until %(date)s") if outcome == Step.SUSPENDED else _("Restrict until %(date)s")) % values


def _page(request: HttpRequest, case: Case, *, status: int = 0, **shown: Any) -> HttpResponse:
    context = {"title": _("Case %(id)s") % {"id": case.public_id}, **_facts(request, case), **shown}
    response = page(request, "case_decide", context)
    response.status_code = status or response.status_code
    return response


def _facts(request: HttpRequest, case: Case) -> dict[str, Any]:
    """All about the case but its texts. Whom it is about learns nothing of it here."""
    at, me = now(), _staff(request)
    is_about_me = case.about_id == me.pk
    reports = case.reports.select_related("reporter").defer("subject", "body").order_by("-reported_at")
    closing = conduct.closings_waiting().filter(case=case).select_related("decided_by").first()
    is_open = case.closed_at is None
    may = is_open and conduct.may_decide(case, me)
    following = ladder.next_step(case.about, at=at, policy=policy_in_force(at))
    decides = may and closing is None and request.user.has_perm("messaging.add_decision")
    return {
        "case": case,
        "is_about_me": is_about_me,
        "is_part": not conduct.may_decide(case, me),
        "reports": () if is_about_me else reports[:REPORTS_SHOWN],
        "evidence": () if is_about_me else console_evidence.lines(case),
        "record": console_evidence.record(case.about, case=case, at=at),
        "readings": case.readings.select_related("reader").order_by("-read_at", "-pk")[:REPORTS_SHOWN],
        "decisions": case.decisions.select_related("decided_by", "confirmed_by").order_by("-decided_at"),
        "held": reviewing.draft_of(case) if is_open and case.source == Case.Source.HELD else None,
        "closing": closing,
        "following": following,
        "may_decide": decides,
        "may_confirm": may and closing is not None and closing.decided_by_id != me.pk and _is_second(request),
        "may_read": conduct.may_decide(case, me) and request.user.has_perm("messaging.add_textreading"),
        "form": DecideCaseForm(initial={"outcome": Decision.NOTHING}),
        "read_form": ReadForm(initial={"reason": BECAUSE.get(Case.Source(case.source), TextReading.Reason.ALARM)}),
        "back_form": SendBackForm(),
        "refuse_form": RefuseForm(),
    }


def _is_second(request: HttpRequest) -> bool:
    return request.user.has_perm("messaging.change_decision")


def _staff(request: HttpRequest) -> Member:
    return cast("Member", request.user)
