"""The forms of accounts. allauth finds its two by the names given here."""

from accounts.forms.settings import AppearanceForm, NoticesForm, ProfileForm, ShortcutsForm
from accounts.forms.signup import ChangeEmailForm, SignupForm

__all__ = ["AppearanceForm", "ChangeEmailForm", "NoticesForm", "ProfileForm", "ShortcutsForm", "SignupForm"]
