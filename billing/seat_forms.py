"""What team admins type about seats and licences."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Seat
from accounts.public_ids import new_public_id
from accounts.templatetags.postern import money

from .models import PlanVersion
from .models.subscription import Interval

MOST_CREDITS = 999_999
# A year of them at any price fits the column of an order's amount.
MOST_LICENCES = 1_000


class LicencesForm(forms.Form):
    """How many licences of a plan, and how they are paid."""

    use_required_attribute = False

    seats = forms.IntegerField(label=gettext_lazy("Licences"), min_value=1, max_value=MOST_LICENCES)
    interval = forms.ChoiceField(label=gettext_lazy("How you pay"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, terms: PlanVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        yearly = money(terms.price_billed_yearly, terms.currency)
        monthly = money(terms.price_billed_monthly, terms.currency)
        self.fields["interval"].choices = [  # type: ignore[attr-defined]
            (Interval.YEAR, _("Yearly: %(price)s a seat and month") % {"price": yearly}),
            (Interval.MONTH, _("Monthly: %(price)s a seat and month") % {"price": monthly}),
        ]


class TeamOrderForm(LicencesForm):
    """`form_key` is the page's own: pressing the button twice orders once."""

    form_key = forms.RegexField(r"\A[a-z0-9]{14}\Z", widget=forms.HiddenInput, initial=new_public_id)


class AddressForm(forms.Form):
    """Whom a seat is offered to."""

    use_required_attribute = False

    address = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        help_text=gettext_lazy("Whoever signs in with this address can take the seat."),
        error_messages={"required": gettext_lazy("Type an address.")},
    )


class AllowanceForm(forms.Form):
    """Most credits a seat may spend in a period: the allotment of one seat, a number, or no limit."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=gettext_lazy("Allowance"), widget=forms.RadioSelect)
    credits = forms.IntegerField(
        label=gettext_lazy("Credits a period"), min_value=0, max_value=MOST_CREDITS, required=False
    )

    def __init__(self, *args: Any, allotment: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = ngettext("%(n)s credit, as one seat brings", "%(n)s credits, as one seat brings", allotment)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            ("seat", own % {"n": allotment}),
            ("number", _("Another number")),
            ("unlimited", _("No limit")),
        ]

    @classmethod
    def initial_of(cls, seat: Seat) -> dict[str, Any]:
        if seat.is_unlimited:
            return {"kind": "unlimited"}
        return {"kind": "seat" if seat.allowance is None else "number", "credits": seat.allowance}

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("kind") == "number" and typed.get("credits") is None and "credits" not in self.errors:
            self.add_error("credits", _("Say how many credits."))
        return typed

    @property
    def chosen(self) -> dict[str, Any]:
        """As `pools.set_allowance` takes it."""
        kind = self.cleaned_data["kind"]
        return {
            "allowance": self.cleaned_data["credits"] if kind == "number" else None,
            "is_unlimited": kind == "unlimited",
        }
