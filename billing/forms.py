"""What members choose on the pages about credits and plans."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms.fields import LineField
from accounts.public_ids import new_public_id
from accounts.templatetags.postern import money

from . import line_names
from .models import Entry, PlanVersion
from .models.subscription import Interval
from .months import Month, read_month

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

LARGEST_NUMBER = 2**31 - 1


class JournalFilter(forms.Form):
    """Which lines; `before` and `after` are the numbers of entries a page begins from."""

    kind = forms.ChoiceField(label=_("Show"), choices=[("", _("All lines")), *Entry.Kind.choices], required=False)
    before = forms.IntegerField(min_value=0, max_value=LARGEST_NUMBER, required=False, widget=forms.HiddenInput)
    after = forms.IntegerField(min_value=0, max_value=LARGEST_NUMBER, required=False, widget=forms.HiddenInput)


class CreditsFilter(JournalFilter):
    """Of a member's own lines: one name of the list, one month."""

    kind = forms.ChoiceField(label=_("Show"), choices=[("", _("All lines")), *line_names.CHOICES], required=False)
    month = forms.CharField(label=_("Month"), required=False, widget=forms.Select)

    def __init__(self, *args: Any, months: Sequence[Month], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = [("", _("All months")), *((str(month), month.name) for month in months)]
        self.fields["month"].widget.choices = listed  # type: ignore[attr-defined]

    def clean_month(self) -> Month | None:
        typed: str = self.cleaned_data["month"]
        try:
            return read_month(typed) if typed else None
        except ValueError as error:
            raise ValidationError(_("Choose a month of the list.")) from error


class AskForm(forms.Form):
    """`form_key` is the page's own: pressing the button twice orders once."""

    interval = forms.ChoiceField(label=_("How you pay"), widget=forms.RadioSelect)
    form_key = forms.RegexField(r"\A[a-z0-9]{14}\Z", required=False, widget=forms.HiddenInput, initial=new_public_id)

    def clean_form_key(self) -> str:
        return self.cleaned_data["form_key"] or new_public_id()

    def __init__(self, *args: Any, terms: PlanVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        yearly, monthly = terms.price_billed_yearly, terms.price_billed_monthly
        self.fields["interval"].choices = [  # type: ignore[attr-defined]
            (Interval.YEAR, _price(_("Yearly: {price} a month, {total} a year"), yearly, terms.currency)),
            (Interval.MONTH, _price(_("Monthly: {price} a month"), monthly, terms.currency)),
        ]


def _price(sentence: "StrPromise", minor_units: int, currency: str) -> str:
    return sentence.format(price=money(minor_units, currency), total=money(12 * minor_units, currency))


class IntervalForm(forms.Form):
    """In which rhythm the plan that is looked at would be paid."""

    interval = forms.ChoiceField(choices=Interval, required=False)


class ChangeForm(forms.Form):
    """Carries what the page showed, so that nobody confirms something else, and the key of the order it may make."""

    interval = forms.ChoiceField(choices=Interval, widget=forms.HiddenInput)
    shown = forms.CharField(max_length=200, widget=forms.HiddenInput)
    form_key = forms.RegexField(r"\A[a-z0-9]{14}\Z", widget=forms.HiddenInput, initial=new_public_id)


class CancelForm(forms.Form):
    """Carries what the page showed, so that nobody confirms something else."""

    shown = forms.CharField(max_length=200, widget=forms.HiddenInput)


class CodeForm(forms.Form):
    """A promotion's code, as somebody typed it."""

    code = LineField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
