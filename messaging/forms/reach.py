"""Who may write first, and about what."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from accounts.models import Member, Purpose, Reach
from accounts.site_policy import SitePolicy


class ReachForm(forms.Form):
    """Who may write first, about what, and where it waits."""

    use_required_attribute = False

    who = forms.ChoiceField(label=gettext_lazy("Who may write first"), widget=forms.RadioSelect)
    purposes_taken = forms.MultipleChoiceField(
        label=gettext_lazy("Write to me about"), widget=forms.CheckboxSelectMultiple, required=False
    )
    first_contacts_land = forms.ChoiceField(
        label=gettext_lazy("Where they wait"), choices=Reach.Tray, widget=forms.RadioSelect
    )
    wants_open_profile = forms.TypedChoiceField(
        label=gettext_lazy("Open Profile"),
        choices=[("off", gettext_lazy("Off")), ("on", gettext_lazy("On"))],
        coerce=lambda choice: choice == "on",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, policy: SitePolicy, allows_open_profile: bool, held: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [choice for choice in Reach.Who.choices if choice[0] in policy.reach_choices or choice[0] == held]
        self.fields["who"].choices = offered  # type: ignore[attr-defined]
        self.fields["purposes_taken"].choices = [  # type: ignore[attr-defined]
            (value, capfirst(label)) for value, label in Purpose.choices if value in policy.purposes
        ]
        if not allows_open_profile:
            del self.fields["wants_open_profile"]

    @classmethod
    def initial_of(cls, member: Member, refused: set[str]) -> dict[str, Any]:
        return {
            "who": member.reach.who,
            "purposes_taken": [value for value in Purpose.values if value not in refused],
            "first_contacts_land": member.reach.first_contacts_land,
            "wants_open_profile": "on" if member.reach.wants_open_profile else "off",
        }
