"""A member hears by mail of a sign-in from a browser in which they never signed in before (reliability A17).

The browser remembers, by a signed list of whom it knows; no row says who used which. Whoever steals the list can spare
a member one mail, and nothing else.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string, salted_hmac

from accounts import notices
from accounts.models import Member
from accounts.templatetags.postern import deadline_words

SALT = "accounts.devices"
# Browsers keep a cookie no longer.
LIFE = timedelta(days=400)
# A computer in a library serves many; who came longest ago is forgotten first.
MOST_MEMBERS = 10
AGENT_MAX = 200


def greet(*, request: HttpRequest, response: HttpResponse, member: Member, ip: str, is_new: bool, at: datetime) -> None:
    """Remember the member in this browser; tell them if it is new to them. `is_new`: they have just joined in it."""
    known, name = _known(request), salted_hmac(SALT, str(member.pk)).hexdigest()[:16]
    if name not in known and not is_new:
        _tell(member, request, ip=ip, at=at)
    remembered = [*(other for other in known if other != name), name][-MOST_MEMBERS:]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(remembered, salt=SALT),
        max_age=LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known(request: HttpRequest) -> list[str]:
    """Whom the browser knows. A list that is not ours is no list."""
    try:
        return list(signing.loads(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT))
    except signing.BadSignature:
        return []


def _tell(member: Member, request: HttpRequest, *, ip: str, at: datetime) -> None:
    agent = request.headers.get("User-Agent", "")[:AGENT_MAX]
    notices.queue(
        member=member,
        kind="account/new_device",
        context={"timestamp": deadline_words(at), "ip": ip, "user_agent": agent},
        key=f"account/new_device:{get_random_string(22)}",
        due_at=at,
        not_after=at + timedelta(days=1),
    )
