"""The queries of lists and of the directory."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.site_policy import SitePolicy
from messaging.forms.fields import Position, TypedText, purpose_choices


class PageForm(forms.Form):
    """A list's page: everything older than `before`."""

    before = Position()


class InboxForm(PageForm):
    view = forms.ChoiceField(choices=[("unread", ""), ("inmail", "")], required=False)


class ThroughForm(forms.Form):
    """Up to where a conversation was seen."""

    through = Position(required=True)


class TogetherForm(forms.Form):
    """Up to where the list was seen that is answered at once."""

    through = Position()


class PeopleForm(forms.Form):
    """The directory's filters; `after` and `before` are handles at a page's edge."""

    use_required_attribute = False

    q = TypedText(label=gettext_lazy("Name or words"), most=100, single_line=True, required=False)
    company = TypedText(label=gettext_lazy("Company"), most=100, single_line=True, required=False)
    place = TypedText(label=gettext_lazy("Place"), most=100, single_line=True, required=False)
    purpose = forms.ChoiceField(label=gettext_lazy("Takes"), required=False)
    degree = forms.TypedChoiceField(
        label=gettext_lazy("Degree"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", gettext_lazy("Any")),
            (1, gettext_lazy("1st")),
            (2, gettext_lazy("2nd")),
            (3, gettext_lazy("3rd")),
        ],
    )
    open_profile = forms.BooleanField(label=gettext_lazy("Open Profile"), required=False)
    after = forms.SlugField(required=False, max_length=40)
    before = forms.SlugField(required=False, max_length=40)

    def __init__(self, *args: Any, policy: SitePolicy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = purpose_choices(policy, empty=_("Any purpose"))  # type: ignore[attr-defined]
