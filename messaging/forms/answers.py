"""Answers of one tap, with or without words."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.site_policy import SitePolicy
from messaging.forms.fields import TypedText
from messaging.models import Message


class StopForm(forms.Form):
    """Words that may go with an answer."""

    def __init__(self, *args: Any, policy: SitePolicy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policy = policy
        self.fields["body"] = TypedText(
            label=_("A few words with your answer"),
            most=policy.body_max,
            most_bytes=policy.body_max_bytes,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
        )


class ChangeForm(forms.Form):
    """Another one-tap answer."""

    use_required_attribute = False

    answer = forms.ChoiceField(label=gettext_lazy("Your answer"), choices=Message.Answer, widget=forms.RadioSelect)


class AnswerForm(ChangeForm, StopForm):
    """One tap, which may carry words."""
