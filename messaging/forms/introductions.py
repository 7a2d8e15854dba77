"""Asking for an introduction, and passing one on."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from messaging.forms.fields import TypedText

WORDS_MAX = 500


class IntroduceForm(forms.Form):
    """Through whom, and what the asker would say to both."""

    use_required_attribute = False

    through = forms.ChoiceField(label=_("Through"), widget=forms.RadioSelect)
    context = TypedText(
        label=_("Why you would like to meet"),
        help_text=_("Both read it. If it is accepted, your conversation begins with it."),
        most=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, shared: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(member.handle, member.name) for member in shared]
        self.fields["through"].choices = choices  # type: ignore[attr-defined]
        self.fields["through"].initial = choices[0][0] if choices else None


class ForwardForm(forms.Form):
    """What the shared connection adds."""

    use_required_attribute = False

    words = TypedText(
        label=_("A few words of yours"),
        help_text=_("How you know each other, or why it may be worth meeting. You may leave it empty."),
        most=WORDS_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
