"""The away message: its words, and the days on which it goes."""

from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.site_policy import SitePolicy
from messaging.dates import local_day
from messaging.forms.fields import TypedText
from messaging.models import Away
from messaging.sides import TICK

A_YEAR = timedelta(days=366)
OFF, ON = "off", "on"


class AwayForm(forms.Form):
    """Days of the member's own zone, both of them included."""

    use_required_attribute = False

    is_on = forms.ChoiceField(
        label=gettext_lazy("Away message"),
        choices=[(OFF, gettext_lazy("Off")), (ON, gettext_lazy("On"))],
        widget=forms.RadioSelect,
    )
    starts_on = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Until, that day included"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, policy: SitePolicy, zone: ZoneInfo, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.today = zone, local_day(at, zone)
        self.fields["body"] = TypedText(
            label=_("Message"),
            most=policy.body_max,
            most_bytes=policy.body_max_bytes,
            required=False,
            help_text=_("Shown as you type it."),
            widget=forms.Textarea(attrs={"rows": 4}),
        )

    @staticmethod
    def initial_of(away: Away | None, *, zone: ZoneInfo, at: datetime) -> dict[str, Any]:
        """What is saved; days that are over make room for the coming week."""
        today = local_day(at, zone)
        initial = {"is_on": OFF, "body": away.body if away else "", "starts_on": today}
        if away is None or away.ends_at <= at:
            return initial | {"ends_on": today + timedelta(days=7)}
        days = {"starts_on": local_day(away.starts_at, zone), "ends_on": local_day(away.ends_at - TICK, zone)}
        return initial | days | {"is_on": ON}

    @property
    def turns_on(self) -> bool:
        return self.cleaned_data["is_on"] == ON

    def span(self) -> dict[str, datetime]:
        """The two instants. Only for a valid form that turns it on."""
        ends_on = self.cleaned_data["ends_on"] + timedelta(days=1)
        return {"starts_at": self._midnight(self.cleaned_data["starts_on"]), "ends_at": self._midnight(ends_on)}

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("is_on") == ON:
            for name, refusal in self._refusals(typed):
                if name not in self.errors:
                    self.add_error(name, refusal)
        return typed

    def _refusals(self, typed: dict[str, Any]) -> list[tuple[str, str]]:
        starts_on, ends_on = typed.get("starts_on"), typed.get("ends_on")
        found = []
        if not typed.get("body"):
            found.append(("body", _("Write what is to be said.")))
        if starts_on is None or not self.today - A_YEAR <= starts_on <= self.today + A_YEAR:
            found.append(("starts_on", _("Choose a day, at most a year from today.")))
        if ends_on is None or not self.today <= ends_on <= self.today + A_YEAR:
            found.append(("ends_on", _("Choose today or a later day, at most a year ahead.")))
        elif starts_on is not None and ends_on < starts_on:
            found.append(("ends_on", _("It cannot end before it begins.")))
        return found

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time_of_day(), self.zone).astimezone(UTC)
