"""allauth's forms where ours say more: a name, and addresses that nobody confirmed."""

from typing import Any

from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import BaseConfirmCodeForm, ConfirmEmailVerificationCodeForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts import members
from accounts.forms.fields import NameField
from accounts.models import Member


class SignupForm(AllauthSignupForm):
    """Name, e-mail, password. Answers alike whether or not the address is taken, and in about the same time."""

    account_already_exists: bool
    field_order = ("name", "email", "password1")

    name = NameField(
        label=_("Name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Other members see it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")

    def clean_email(self) -> str:
        members.forget_unconfirmed(email=self.cleaned_data["email"])
        email: str = super().clean_email()
        return email

    def try_save(self, request: HttpRequest) -> tuple[Any, HttpResponse | None]:
        if not self.account_already_exists:
            try:
                return super().try_save(request)
            except members.AddressTaken:
                self.account_already_exists = True
        # A new member costs a password hash; without this one the clock tells who is here.
        Member().set_password(self.cleaned_data.get("password1"))
        return super().try_save(request)


class ChangeEmailForm(AllauthAddEmailForm):
    """A new address for a member; somebody's unconfirmed sign-up with it is no obstacle."""

    def clean_email(self) -> str:
        members.forget_unconfirmed(email=self.cleaned_data["email"])
        email: str = super().clean_email()
        return email


class ConfirmAddressForm(ConfirmEmailVerificationCodeForm):
    """The code that proves an address. Whoever else signed up with it, and could not prove it, makes way."""

    def clean_code(self) -> str:
        BaseConfirmCodeForm.clean_code(self)
        if self.user is not None:
            members.forget_unconfirmed(email=self.email, except_for=self.user.pk)
        return super().clean_code()
