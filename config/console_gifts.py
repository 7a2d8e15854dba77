"""Survey credits in the console: a list of addresses, and what came of it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from accounts.clock import now
from billing import promotions
from billing.models import Promotion
from config.console_forms import SurveyForm
from config.console_pages import need, page


def survey_give(request: HttpRequest, promotion_id: int) -> HttpResponse:
    """Give a survey's credits to those who answered it; the same list again gives nothing more."""
    need(request, "billing.change_promotion")
    promotion = get_object_or_404(Promotion, pk=promotion_id, kind=Promotion.Kind.SURVEY)
    form = SurveyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _given(request, promotion, form):
        return redirect("admin:survey_give", promotion.pk)
    return page(request, "survey_give", {"title": promotion.name, "promotion": promotion, "form": form})


PAGES: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
    "survey_give": ("billing/promotion/<int:promotion_id>/give/", survey_give),
}


def _given(request: HttpRequest, promotion: Promotion, form: SurveyForm) -> bool:
    try:
        given = promotions.give_survey(promotion=promotion, addresses=form.cleaned_data["addresses"], at=now())
    except promotions.PromotionRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    said = _("Given: %(given)s. Had it already, or may not have it: %(before)s. Nobody’s address here: %(unknown)s.")
    messages.success(request, said % given._asdict())
    return True
