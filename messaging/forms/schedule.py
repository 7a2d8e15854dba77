"""When a text is to go."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy

from accounts.forms.fields import InstantField
from messaging.forms.compose import ChannelForm


class ScheduleForm(ChannelForm):
    """A day and a time in the sender's own zone, and for whom and over which channel it is sent."""

    send_at = InstantField(
        label=gettext_lazy("Scheduled"),
        error_messages={
            "required": gettext_lazy("Choose a day and a time."),
            "invalid": gettext_lazy("Choose a day and a time."),
        },
    )


class SuggestedForm(ChannelForm):
    """The page's address may name a time to begin with."""

    at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M"], required=False)

    def clean_at(self) -> datetime | None:
        """The ends of the calendar exist in no time zone."""
        at: datetime | None = self.cleaned_data["at"]
        return at if at is not None and 2000 < at.year < 3000 else None
