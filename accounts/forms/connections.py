"""What members type on the pages about connections."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.fields import BlockField, LineField
from accounts.models import Invitation
from accounts.text import is_blank

NOTE_MAX = Invitation._meta.get_field("note").max_length or 0
LONGEST_SEARCH = 100


class InvitationForm(forms.Form):
    """The note that may go with an invitation."""

    use_required_attribute = False

    note = BlockField(
        label=_("Note"),
        help_text=_("Who you are to each other, or why you would like to connect."),
        max_length=NOTE_MAX,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )

    def clean_note(self) -> str:
        note: str = self.cleaned_data["note"]
        return "" if is_blank(note) else note


class PageForm(forms.Form):
    """Where a page of a list begins or ends: somebody's handle."""

    after = forms.SlugField(required=False)
    before = forms.SlugField(required=False)


class ConnectionSearchForm(PageForm):
    """The query of the list of connections."""

    q = LineField(label=_("Name, company or place"), max_length=LONGEST_SEARCH, required=False)
