"""What is asked of a message: its text, its purpose, for whom and over which channel."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Purpose
from accounts.site_policy import SitePolicy
from messaging.forms.fields import TypedText, purpose_choices
from messaging.sending_for import SELF, TEAM
from messaging.verdict import REASON_LEAST, REASON_MOST

SEND_KEY = re.compile(r"[A-Za-z0-9_-]{8,40}")


class ComposeForm(forms.Form):
    """One message as typed. Outreach asks for a purpose, the first of a pair also for a subject.

    Whoever holds a seat of `team` is asked for whom it is sent.
    """

    use_required_attribute = False

    purpose = forms.ChoiceField(
        label=gettext_lazy("Purpose"),
        error_messages={
            "required": gettext_lazy("Choose a purpose."),
            "invalid_choice": gettext_lazy("Choose a purpose."),
        },
    )

    def __init__(
        self,
        *args: Any,
        policy: SitePolicy,
        asks_purpose: bool,
        asks_subject: bool,
        takes: str = "",
        team: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if team:
            choices = [(TEAM, team), (SELF, _("Yourself"))]
            self.fields["sending_for"] = forms.ChoiceField(label=_("Sending for"), choices=choices, required=False)
        if asks_purpose:
            self.fields["purpose"].choices = purpose_choices(policy)  # type: ignore[attr-defined]
            self.fields["purpose"].help_text = takes
            if policy.context_required:
                self.fields["reason"] = reason_field()
        else:
            del self.fields["purpose"]
        if asks_subject:
            self.fields["subject"] = TypedText(
                label=_("Subject"),
                most=policy.subject_max,
                single_line=True,
                help_text=_("A first message needs one"),
                error_messages={"required": _("A first message needs a subject.")},
            )
        self.fields["body"] = TypedText(
            label=_("Message"),
            most=policy.body_max,
            most_bytes=policy.body_max_bytes,
            widget=forms.Textarea(attrs={"rows": 8}),
            error_messages={"required": _("Write a message.")},
        )
        self.fields["send_key"] = forms.RegexField(SEND_KEY, widget=forms.HiddenInput, max_length=40)


def reason_field() -> TypedText:
    """One line that says why: the recipient reads it before the message (domain 4.1, `context_required`)."""
    return TypedText(
        label=_("Reason"),
        most=REASON_MOST,
        least=REASON_LEAST,
        single_line=True,
        help_text=_("Why you write to this person. They read it first."),
        error_messages={"required": _("Say why you write to this person.")},
    )


class DraftForm(forms.Form):
    """Text to keep as it is, too long or not; only what no database can store is refused."""

    purpose = forms.ChoiceField(choices=Purpose, required=False)
    reason = TypedText(most=20_000, required=False)
    subject = TypedText(most=20_000, required=False)
    body = TypedText(most=60_000, required=False)
    send_key = forms.RegexField(SEND_KEY)


class ChannelForm(forms.Form):
    """To a connection: an InMail instead of a free message, where the site offers it; and for whom it is sent."""

    channel = forms.ChoiceField(choices=[("inmail", "")], required=False)
    sending_for = forms.ChoiceField(choices=[(TEAM, ""), (SELF, "")], required=False)


class PurposeForm(ChannelForm):
    """What the price is asked for."""

    purpose = forms.ChoiceField(choices=Purpose, required=False)


class ChooseForm(forms.Form):
    q = TypedText(most=100, single_line=True, required=False)
