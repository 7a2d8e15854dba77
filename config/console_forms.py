"""Forms of the console's own pages."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import FOREVER
from accounts.forms.fields import InstantField, LineField
from accounts.models import Member
from accounts.text import is_blank
from billing import terms
from billing.models import PlanVersion
from billing.models.subscription import Interval

# Typed amounts stay below this (no balance comes near it).
AMOUNT_MAX = 999_999
LICENCES_MOST = 10_000
SURVEY_MOST = 2_000


class SaidField(LineField):
    """One line that says something: invisible characters do not."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if is_blank(value):
            raise forms.ValidationError(self.error_messages["required"], code="required")


class AdjustForm(forms.Form):
    """`form_key`: the same page posted twice posts once."""

    amount = forms.IntegerField(
        label=_("Credits"),
        min_value=-AMOUNT_MAX,
        max_value=AMOUNT_MAX,
        help_text=_("Positive gives, negative takes from the credits that expire first."),
    )
    life_days = forms.IntegerField(
        label=_("Days they live"),
        min_value=1,
        max_value=3_650,
        required=False,
        help_text=_("Empty: without limit. Only for credits you give."),
    )
    reason = SaidField(
        label=_("Reason"),
        max_length=200,
        help_text=_("The member reads it in the ledger, in these words."),
        widget=forms.TextInput(attrs={"size": 60}),
    )

    evidence = LineField(
        label=_("Evidence"),
        max_length=500,
        required=False,
        help_text=_("For colleagues only: a ticket, an address, what you checked."),
        widget=forms.TextInput(attrs={"size": 60}),
    )

    form_key = forms.RegexField(r"^[a-z0-9]{14}$", widget=forms.HiddenInput)

    def clean_amount(self) -> int:
        amount: int = self.cleaned_data["amount"]
        if amount == 0:
            raise forms.ValidationError(_("Zero changes nothing."))
        return amount


class WriteOffForm(forms.Form):
    """Why the site bears what a buyer took back."""

    reason = SaidField(label=_("Reason"), max_length=200, widget=forms.TextInput(attrs={"size": 60}))
    evidence = LineField(label=_("Evidence"), max_length=500, required=False)
    form_key = forms.RegexField(r"^[a-z0-9]{14}$", widget=forms.HiddenInput)


class RepayForm(forms.Form):
    """Money back to the buyer, in units of the currency."""

    amount = forms.DecimalField(label=_("Amount"), min_value=Decimal("0.01"), max_digits=9, decimal_places=2)
    reason = SaidField(label=_("Reason"), max_length=200, widget=forms.TextInput(attrs={"size": 60}))
    form_key = forms.RegexField(r"^[a-z0-9]{14}$", widget=forms.HiddenInput)


class MarkPaidForm(forms.Form):
    reference = SaidField(
        label=_("The bank’s reference"),
        max_length=100,
        help_text=_("As the statement says it. One payment pays one invoice."),
        widget=forms.TextInput(attrs={"size": 40}),
    )


class SurveyForm(forms.Form):
    """Who answered: addresses, one a line or with commas between them."""

    addresses = forms.CharField(
        label=_("Addresses"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 12, "cols": 60}),
        help_text=_("One a line, at most 2,000. Who has it already gets nothing more."),
    )

    def clean_addresses(self) -> list[str]:
        typed = self.cleaned_data["addresses"].replace(",", "\n").replace(";", "\n")
        addresses = [line.strip() for line in typed.splitlines() if line.strip()]
        if len(addresses) > SURVEY_MOST:
            raise forms.ValidationError(_("%(n)s are too many at once.") % {"n": f"{len(addresses):,}"})
        return addresses


class TermsForm(forms.ModelForm):  # type: ignore[type-arg]
    """A plan's next terms, beginning from those in force; prices in minor units, as the catalog has them."""

    in_force_from = InstantField(label=_("In force from"))
    note = SaidField(label=_("Why"), max_length=200)

    class Meta:
        model = PlanVersion
        fields = tuple(name for name in terms.TERMS if name != "currency")

    @property
    def figures(self) -> dict[str, Any]:
        """The terms by name, as typed."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}

    def _post_clean(self) -> None:
        """The terms' own rules are asked by the verb, which says which field is at fault."""


class DecideForm(forms.Form):
    """A second person's decision; whoever returns or rejects says why."""

    act = forms.ChoiceField(choices=[("approve", ""), ("return", ""), ("reject", "")], widget=forms.HiddenInput)
    comment = LineField(label=_("Comment"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if facts.get("act") in {"return", "reject"} and is_blank(facts.get("comment", "")):
            self.add_error("comment", _("Say why, for your colleague."))
        return facts


class PaidThroughField(forms.DateField):
    """A day; the plan runs to its end in UTC. Empty = without end."""

    widget = forms.DateInput(attrs={"type": "date"})

    def clean(self, value: Any) -> datetime:  # type: ignore[override]
        day = super().clean(value)
        return datetime.combine(day, time.min, UTC) + timedelta(days=1) if day else FOREVER


class DayField(forms.DateField):
    """The start of a day in UTC; None when empty."""

    widget = forms.DateInput(attrs={"type": "date"})

    def clean(self, value: Any) -> datetime | None:  # type: ignore[override]
        day = super().clean(value)
        return datetime.combine(day, time.min, UTC) if day else None


class SubscribeForm(forms.Form):
    plan_version = forms.ModelChoiceField(label=_("Plan"), queryset=PlanVersion.objects.none(), empty_label=None)
    interval = forms.ChoiceField(label=_("Billed"), choices=Interval.choices)
    paid_through = PaidThroughField(label=_("Paid through"), required=False, help_text=_("Empty: without end."))
    contract_allotment = forms.IntegerField(
        label=_("Credits a seat by contract"),
        min_value=1,
        max_value=AMOUNT_MAX,
        required=False,
        help_text=_("Empty: what the plan says. Only plans with contracts take a figure."),
    )
    anchor_at = DayField(
        label=_("Contract’s date"),
        required=False,
        help_text=_("From when months count, where a contract says so; not in the future. Empty: now."),
    )

    def __init__(self, *args: Any, plan_versions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plan_version"].queryset = plan_versions  # type: ignore[attr-defined]


class TeamSubscribeForm(SubscribeForm):
    """A per-seat plan with its licences."""

    seats = forms.IntegerField(
        label=_("Licences"),
        min_value=1,
        max_value=LICENCES_MOST,
        help_text=_("As many seats as the team may give out."),
    )


class FoundTeamForm(forms.Form):
    name = SaidField(label=_("Name"), max_length=80)
    admin = LineField(
        label=_("First admin"), max_length=254, help_text=_("The exact address, or the handle, of a member.")
    )

    def clean_admin(self) -> Member:
        typed = self.cleaned_data["admin"].strip().lower()
        found = Member.objects.active().filter(Q(email=typed) | Q(handle=typed)).first()
        if found is None:
            raise forms.ValidationError(_("No active member has this address or handle."))
        return found


class PaidThroughForm(forms.Form):
    paid_through = PaidThroughField(label=_("Paid through"), required=False, help_text=_("Empty: without end."))
