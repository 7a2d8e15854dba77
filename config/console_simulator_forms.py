"""Forms of the simulator and of the replay."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.forms.fields import BlockField, InstantField, LineField
from accounts.models import Member, PolicyVersion, Purpose
from messaging.sending_for import SELF, TEAM

TEXT_MOST = 2_000
DAYS = ((1, _("24 hours")), (7, _("7 days")), (30, _("30 days")))


class MemberField(LineField):
    """A member by exact address or handle, deactivated ones too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, help_text=_("The exact address, or the handle."), **kwargs)

    def clean(self, value: Any) -> Member:  # type: ignore[override]
        typed = super().clean(value).strip().lower()
        known = Member.objects.select_related("profile", "reach")
        found = known.filter(Q(email=typed) | Q(handle=typed)).first()
        if found is None:
            raise forms.ValidationError(_("No member has this address or handle."))
        return found


class VersionField(forms.ModelChoiceField):
    """A policy, named with its state."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=PolicyVersion.objects.none(), **kwargs)

    def offer(self, states: Iterable[tuple[str, PolicyVersion]]) -> None:
        """`states`: versions with the words for their state."""
        named = list(states)
        self.queryset = PolicyVersion.objects.filter(pk__in=[version.pk for _words, version in named])
        empty = [] if self.required else [("", self.empty_label)]
        self.choices = [*empty, *((version.pk, f"{version}: {words}") for words, version in named)]


class SimulateForm(forms.Form):
    """One question to the decision."""

    sender = MemberField(label=_("Sender"))
    recipient = MemberField(label=_("Recipient"))
    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=[("", _("Not chosen yet")), *Purpose.choices], required=False
    )
    sending_for = forms.ChoiceField(
        label=_("Sends for"),
        choices=[("", _("What the composer chooses")), (TEAM, _("The team")), (SELF, _("Themselves"))],
        required=False,
    )
    at = InstantField(label=_("Time"), required=False)
    version = VersionField(label=_("Policy"), required=False, empty_label=_("The one in force at that time"))
    wants_inmail = forms.BooleanField(label=_("An InMail to a connection, where the site offers that"), required=False)
    text = BlockField(
        label=_("Text"),
        max_length=TEXT_MOST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "class": "input"}),
        help_text=_("Compared with what the sender wrote before. It is not kept."),
    )


class ReplayForm(forms.Form):
    """Which rules, over how many days."""

    version = VersionField(label=_("Policy"), empty_label=None)
    days = forms.TypedChoiceField(label=_("Messages of the last"), choices=DAYS, coerce=int, initial=7)
