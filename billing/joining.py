"""How a newcomer's link is remembered: in a signed cookie of the browser, until the address is confirmed."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.clock import now
from accounts.signup import AccountAdapter
from billing import referrals

REMEMBERED = timedelta(days=30)
SALT = "billing.joining"


class ReferredAdapter(AccountAdapter):
    """The entrance, which also notes who brought the newcomer."""

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """The code was right. Only who joins with it was brought by somebody, not who changes an address."""
        is_joining = email_address.user.last_login is None and not email_address.user.is_active
        is_confirmed = super().confirm_email(request, email_address)
        if is_joining and is_confirmed and (code := _remembered(request)):
            referrals.join(code=code, member=email_address.user, at=now())
        return is_confirmed


def remember(response: HttpResponse, *, code: str) -> None:
    """The latest link counts, for 30 days."""
    response.set_signed_cookie(
        settings.REFERRAL_COOKIE_NAME,
        code,
        salt=SALT,
        max_age=REMEMBERED,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _remembered(request: HttpRequest) -> str:
    """Nothing for a cookie that is not ours, or older than it may be."""
    return request.get_signed_cookie(settings.REFERRAL_COOKIE_NAME, default="", salt=SALT, max_age=REMEMBERED) or ""
