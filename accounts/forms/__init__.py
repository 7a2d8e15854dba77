"""The forms of accounts. allauth finds its three by the names given here."""

from accounts.forms.settings import AppearanceForm, NoticesForm, ProfileForm, ShortcutsForm
from accounts.forms.signup import ChangeEmailForm, ConfirmAddressForm, SignupForm

__all__ = [
    "AppearanceForm",
    "ChangeEmailForm",
    "ConfirmAddressForm",
    "NoticesForm",
    "ProfileForm",
    "ShortcutsForm",
    "SignupForm",
]
