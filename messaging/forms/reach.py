"""Who may write first, about what, how many of them, and what is told of it."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member, Purpose, Reach
from accounts.site_policy import SitePolicy


class CapField(forms.IntegerField):
    """New people, at most; empty = as many as the site allows anybody."""

    def __init__(self, *, site: int, **kwargs: Any) -> None:
        refusals = {
            "max_value": _("At most %(limit_value)s."),
            "min_value": _("At least 1; above you can take nobody."),
        }
        super().__init__(
            min_value=1,
            max_value=site,
            required=False,
            help_text=_("Empty: as many as this site allows, %(n)s.") % {"n": site},
            error_messages=refusals | {"invalid": _("Type a whole number, or nothing.")},
            **kwargs,
        )


class ReachForm(forms.Form):
    """Who may write first, about what, how many of them, where it waits, and what is told of it."""

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
    hides_caps = forms.BooleanField(
        label=gettext_lazy("Do not say that it is full"),
        help_text=gettext_lazy("Others then read the same as if you took nobody new, until there is room again."),
        required=False,
    )
    requests_mail = forms.ChoiceField(
        label=gettext_lazy("Mail about requests"), choices=Reach.RequestsMail, widget=forms.RadioSelect
    )
    shares_receipts = forms.BooleanField(
        label=gettext_lazy("Count me when I open a message"),
        help_text=gettext_lazy(
            "Nobody is told who opened what. A sender learns only which share of at least ten messages was opened, by "
            "all who are counted; if you are not, you see yours all the same."
        ),
        required=False,
    )

    def __init__(self, *args: Any, policy: SitePolicy, allows_open_profile: bool, held: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [choice for choice in Reach.Who.choices if choice[0] in policy.reach_choices or choice[0] == held]
        self.fields["who"].choices = offered  # type: ignore[attr-defined]
        self.fields["purposes_taken"].choices = [  # type: ignore[attr-defined]
            (value, capfirst(label)) for value, label in Purpose.choices if value in policy.purposes
        ]
        self.fields["cap_day"] = CapField(label=_("New people a day"), site=policy.recipient_cap_day)
        self.fields["cap_week"] = CapField(label=_("New people a week"), site=policy.recipient_cap_week)
        if not allows_open_profile:
            del self.fields["wants_open_profile"]

    @classmethod
    def initial_of(cls, member: Member, refused: set[str], *, policy: SitePolicy) -> dict[str, Any]:
        """What is saved; a cap above what the site allows by now is that."""
        reach = member.reach
        own = ("who", "first_contacts_land", "hides_caps", "shares_receipts", "requests_mail")
        return {name: getattr(reach, name) for name in own} | {
            "cap_day": reach.cap_day and min(reach.cap_day, policy.recipient_cap_day),
            "cap_week": reach.cap_week and min(reach.cap_week, policy.recipient_cap_week),
            "purposes_taken": [value for value in Purpose.values if value not in refused],
            "wants_open_profile": "on" if reach.wants_open_profile else "off",
        }
