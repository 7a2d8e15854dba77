"""What pages about orders take."""

from django import forms

from accounts.public_ids import new_public_id


class BuyForm(forms.Form):
    """The page's own key: pressing the button twice orders once."""

    form_key = forms.RegexField(r"\A[a-z0-9]{14}\Z", widget=forms.HiddenInput, initial=new_public_id)


class ReturnForm(forms.Form):
    """Where the gateway leads back to: the page then asks for nothing more to be paid."""

    returned = forms.BooleanField(required=False)


class OlderForm(forms.Form):
    """From which order, by its id, a page of the list goes on."""

    before = forms.SlugField(max_length=20, required=False)
