"""Survey credits in the console: a list of addresses, and what came of it."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.clock import now
from billing import promotions
from billing.models import Promotion
from config.console_forms import SurveyForm


def survey_give(request: HttpRequest, promotion_id: int) -> HttpResponse:
    """Give a survey's credits to those who answered it; the same list again gives nothing more."""
    if not request.user.has_perm("billing.change_promotion"):
        raise PermissionDenied
    promotion = get_object_or_404(Promotion, pk=promotion_id, kind=Promotion.Kind.SURVEY)
    form = SurveyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _given(request, promotion, form):
        return redirect("admin:survey_give", promotion.pk)
    context = {**admin.site.each_context(request), "title": promotion.name, "promotion": promotion, "form": form}
    return render(request, "admin/survey_give.html", context, status=422 if request.method == "POST" else 200)


PAGES: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
    "survey_give": ("billing/promotion/<int:promotion_id>/give/", survey_give),
}


def _given(request: HttpRequest, promotion: Promotion, form: SurveyForm) -> bool:
    try:
        given = promotions.give_survey(promotion=promotion, addresses=form.cleaned_data["addresses"], at=now())
    except promotions.PromotionRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    said = _("Given to %(given)s. %(before)s had it already or may not have it; %(unknown)s are nobody’s here.")
    messages.success(request, said % given._asdict())
    return True
