"""The settings pages: one small form each."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.fields import BlockField, LineField, NameField
from accounts.handles import is_handle
from accounts.languages import LANGUAGE_NAMES
from accounts.models import Member, NoticeKind
from accounts.preferences import SWITCHABLE, Told, choices_of
from accounts.time_zones import is_time_zone

ABOUT_MAX = 2_000
THEMES = {"system": gettext_lazy("As the device"), "light": gettext_lazy("Light"), "dark": gettext_lazy("Dark")}


class ProfileForm(forms.Form):
    """What other members read, and how instants are shown."""

    use_required_attribute = False

    name = NameField(label=gettext_lazy("Name"), max_length=100, widget=forms.TextInput({"autocomplete": "name"}))
    handle = forms.CharField(
        label=gettext_lazy("Handle"),
        help_text=gettext_lazy("The end of your profile's address. It stays when your name changes."),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}),
    )
    headline = LineField(label=gettext_lazy("Headline"), max_length=160, required=False)
    company = LineField(
        label=gettext_lazy("Company"),
        max_length=100,
        required=False,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    location = LineField(label=gettext_lazy("Place"), max_length=100, required=False)
    about = BlockField(
        label=gettext_lazy("About"), max_length=ABOUT_MAX, required=False, widget=forms.Textarea({"rows": 6})
    )
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Type a city. Dates and deadlines are shown in it."),
        # With suggestions: searchable by any part of a name, without a script.
        widget=forms.TextInput({"autocomplete": "off", "list": "time-zones"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        help_text=gettext_lazy("The one you like to be written to in. Your profile shows it."),
        choices=lambda: sorted(LANGUAGE_NAMES.items(), key=lambda choice: str(choice[1])),
    )

    @staticmethod
    def initial_of(member: Member) -> dict[str, str]:
        profile = member.profile
        own = ("name", "handle", "time_zone", "language")
        told = ("headline", "company", "location", "about")
        return {name: getattr(member, name) for name in own} | {name: getattr(profile, name) for name in told}

    def clean_handle(self) -> str:
        handle: str = self.cleaned_data["handle"].lower()
        if not is_handle(handle):
            raise ValidationError(_("Use 3 to 40 letters a to z, digits and hyphens, and no name of the site's own."))
        return handle

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"].replace(" ", "_")
        if not is_time_zone(zone):
            raise ValidationError(_("Choose one of the list, such as Europe/Berlin."))
        return zone


class NoticesForm(forms.Form):
    """What is told by mail and on the page; two boxes for each kind of news about credits."""

    wants_message_mail = forms.BooleanField(
        label=gettext_lazy("Tell me by mail about new messages"),
        help_text=gettext_lazy("The mail says who wrote and why, never what."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in SWITCHABLE:
            self.fields[f"{kind}_by_mail"] = forms.BooleanField(label=gettext_lazy("Mail"), required=False)
            self.fields[f"{kind}_on_page"] = forms.BooleanField(label=gettext_lazy("Notices"), required=False)

    @staticmethod
    def initial_of(member: Member) -> dict[str, bool]:
        initial = {"wants_message_mail": member.reach.wants_message_mail}
        told_of = choices_of(member)
        for kind in SWITCHABLE:
            initial |= {f"{kind}_by_mail": told_of[kind].by_mail, f"{kind}_on_page": told_of[kind].on_page}
        return initial

    def rows(self) -> list[dict[str, Any]]:
        """Each kind with its two boxes, for the page."""
        return [
            {"label": kind.label, "mail": self[f"{kind}_by_mail"], "page": self[f"{kind}_on_page"]}
            for kind in SWITCHABLE
        ]

    def choices(self) -> dict[NoticeKind, Told]:
        """What was ticked. Only for a form that is valid."""
        ticked = self.cleaned_data
        return {kind: Told(ticked[f"{kind}_by_mail"], ticked[f"{kind}_on_page"]) for kind in SWITCHABLE}


class ShortcutsForm(forms.Form):
    """Whether single keys act."""

    uses_shortcuts = forms.BooleanField(
        label=gettext_lazy("Use keyboard shortcuts"),
        help_text=gettext_lazy("Off while you type, and without effect on anything that costs a credit."),
        required=False,
    )


class AppearanceForm(forms.Form):
    """Light or dark, for this browser."""

    theme = forms.ChoiceField(
        label=gettext_lazy("Appearance"), choices=list(THEMES.items()), widget=forms.RadioSelect, initial="system"
    )
