"""Reporting a message, and appealing a decision."""

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging.forms.fields import TypedText
from messaging.models import Report

WORDS_MAX = 1_000
STATEMENT_MAX = 2_000
STATEMENT_LEAST = 20


class ReportForm(forms.Form):
    """Why, in a choice and in words; and whether to end the contact too."""

    use_required_attribute = False

    reason = forms.ChoiceField(
        label=_("What is wrong with it"),
        choices=Report.Reason,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is wrong with it.")},
    )
    words = TypedText(
        label=_("In your words"),
        help_text=_("What a moderator should know. You may leave it empty."),
        most=WORDS_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    also_stop = forms.BooleanField(label=_("Also ask them to stop writing; they are told of that"), required=False)
    also_block = forms.BooleanField(label=_("Also block them; they are not told"), required=False)


class AppealForm(forms.Form):
    """What the member says against a decision."""

    use_required_attribute = False

    statement = TypedText(
        label=_("Why it is wrong"),
        help_text=_("Facts help most. Whoever decides did not take the first decision."),
        most=STATEMENT_MAX,
        least=STATEMENT_LEAST,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
