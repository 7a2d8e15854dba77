"""Forms of moderation: opening texts, deciding a case, a held message, a closing, an appeal."""

import hashlib
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.fields import BlockField, LineField
from accounts.models import Rule
from accounts.text import is_blank
from config.console_forms import SaidField
from messaging.conduct import FACTS_LEAST
from messaging.models import Case, Decision, TextReading

ESCALATE = "escalate"
# What asks for neither rule nor facts.
QUIET = {Decision.NOTHING, ESCALATE}
LONG = {"rows": 4, "cols": 70, "class": "input"}


class KeyedRadios(forms.RadioSelect):
    """Choices that the keys 1, 2, 3 … pick."""

    def create_option(self, name: str, value: Any, label: Any, selected: bool, index: int, **kwargs: Any) -> Any:  # type: ignore[override]
        option = super().create_option(name, value, label, selected, index, **kwargs)
        option["attrs"]["data-key"] = str(index + 1)
        return option


class SaidBlock(BlockField):
    """Several lines that say something: invisible characters do not."""

    def __init__(self, *, least: int = 1, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs=LONG), max_length=2_000, **kwargs)
        self.least = least

    def validate(self, value: Any) -> None:
        super().validate(value)
        if not self.required and not value:
            return
        if is_blank(value):
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(value.strip()) < self.least:
            raise forms.ValidationError(_("Write at least %(n)s characters."), params={"n": self.least})


class ReadForm(forms.Form):
    """Why texts are opened. Beside the form of the decision, which has a note too: each has ids of its own."""

    reason = forms.ChoiceField(
        label=_("Because of"), choices=TextReading.Reason, help_text=_("Whoever wrote the text reads this.")
    )
    note = SaidField(label=_("Why"), max_length=500, help_text=_("For the log alone."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "read_%s", **kwargs})


class DecideCaseForm(forms.Form):
    """One decision. `previewed` says which one the moderator has seen as the member will read it."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=[*Decision.OUTCOMES, (ESCALATE, _("Escalate"))], widget=KeyedRadios
    )
    rule = forms.ChoiceField(label=_("Rule"), choices=[("", _("Choose a rule")), *Rule.choices], required=False)
    days = forms.IntegerField(
        label=_("Days, of a suspension"), min_value=1, max_value=3_650, required=False, help_text=_("Empty: 30.")
    )
    facts = SaidBlock(
        label=_("Facts, for the member"),
        required=False,
        least=FACTS_LEAST,
        help_text=_("What was found, in plain words, at least 40 characters. Name nobody who complained."),
    )
    note = SaidBlock(label=_("Note, for colleagues"), required=False)
    is_grave = forms.BooleanField(label=_("Fraud or threats: steps may be skipped"), required=False)
    previewed = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("outcome") == ESCALATE and not said.get("note"):
            self.add_error("note", _("Say why, for your colleague."))
        if said.get("outcome") not in {None, *QUIET}:
            if not said.get("rule"):
                self.add_error("rule", _("Name the rule."))
            if not said.get("facts") and "facts" not in self.errors:
                self.add_error("facts", _("Tell the member what was found."))
        return said

    @property
    def digest(self) -> str:
        """Of what the member will read and of what follows."""
        seen = "\n".join(str(self.cleaned_data[name]) for name in ("outcome", "rule", "days", "facts"))
        return hashlib.sha256(seen.encode()).hexdigest()[:16]

    @property
    def was_previewed(self) -> bool:
        return self.cleaned_data["previewed"] == self.digest


class SendBackForm(forms.Form):
    why = LineField(label=_("Why it comes back"), max_length=200, help_text=_("The sender reads it beside the draft."))


class RefuseForm(forms.Form):
    note = SaidBlock(label=_("Why not, for colleagues"))


class AppealForm(forms.Form):
    reasons = SaidBlock(label=_("Reasons, for the member"), least=FACTS_LEAST, help_text=_("At least 40 characters."))


class OpenCaseForm(forms.Form):
    """A case by hand. `form_key`: the same page posted twice opens one."""

    harm = forms.TypedChoiceField(label=_("Harm"), choices=Case.Harm, coerce=int, initial=Case.Harm.MEDIUM)
    why = SaidField(label=_("Why"), max_length=200, help_text=_("For colleagues; it stands in the case."))
    form_key = forms.RegexField(r"^[a-z0-9]{14}$", widget=forms.HiddenInput)
