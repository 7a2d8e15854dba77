"""How allauth's entrance becomes ours: members are made by our verbs, and its mails go through the outbox."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

from accounts import devices, members, notices
from accounts.clock import now
from accounts.models import Member
from accounts.templatetags.postern import deadline_words

# What a mail may say. allauth's context also holds the request and the member: neither belongs into a stored row.
MAIL_FACTS = ("code", "ip", "user_agent", "timestamp", "from_email", "to_email", "deleted_email")
# As long as the code or the link in it works; news of a change is worth a day.
LIVES = {
    "account/login_code": timedelta(minutes=10),
    "account/email_confirmation": timedelta(minutes=10),
    "account/email_confirmation_signup": timedelta(minutes=10),
    "account/password_reset_key": timedelta(hours=1),
}


class AccountAdapter(DefaultAccountAdapter):
    """allauth asks this object whatever it leaves to the site."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGNUP_OPEN)

    def is_safe_url(self, url: str | None) -> bool:
        """allauth's own stumbles over an address that nobody can read, such as //[elsewhere."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: BaseForm, commit: bool = True
    ) -> AbstractBaseUser:
        """The member to be. Raises AddressTaken when the same form won the race in another request."""
        typed = form.cleaned_data
        return members.join(email=typed["email"], name=typed["name"], password=typed.get("password1"), at=now())

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """The code was right: who was joining is a member now."""
        is_joining = members.unconfirmed().filter(pk=email_address.user_id).exists()
        is_confirmed = super().confirm_email(request, email_address)
        if is_joining and is_confirmed:
            members.activate(member_id=email_address.user_id)
        return is_confirmed

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **facts: Any) -> HttpResponse | None:
        """Who has yet to confirm the address may come as far as the page that asks for the code."""
        if members.unconfirmed().filter(pk=user.pk).exists():
            return None
        return super().pre_login(request, user, **facts)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, *, signup: bool, **facts: Any) -> HttpResponse:
        """By whatever key they came in: a browser that is new to them is told of by mail."""
        response = super().post_login(request, user, signup=signup, **facts)
        member = Member.objects.get(pk=user.pk)
        ip = self.get_client_ip(request)
        devices.greet(request=request, response=response, member=member, ip=ip, is_new=signup, at=now())
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox: a mail server that is slow or away costs no page anything."""
        kind = template_prefix.replace("/email/", "/")
        at = now()
        notices.queue(
            address=email,
            kind=kind,
            context=_facts(context) | {"email": email},
            key=f"{kind}:{get_random_string(22)}",
            due_at=at,
            not_after=at + LIVES.get(kind, timedelta(days=1)),
        )


def _facts(context: dict[str, Any]) -> dict[str, str]:
    links = {name: _on_our_site(value) for name, value in context.items() if name.endswith("_url")}
    return links | {name: _written(context[name]) for name in MAIL_FACTS if name in context}


def _on_our_site(url: str) -> str:
    """The same page under SITE_URL: the Host header of a request is no word to put into a mail."""
    return settings.SITE_URL + urlsplit(url)._replace(scheme="", netloc="").geturl()


def _written(value: str | datetime) -> str:
    return deadline_words(value) if isinstance(value, datetime) else str(value)
