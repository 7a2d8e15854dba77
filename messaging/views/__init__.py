"""The messaging pages: fetch through the person, call one verb, show or redirect."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import Member


class MemberRequest(HttpRequest):
    """A request behind LoginRequiredMiddleware: there is a member."""

    user: Member  # type: ignore[assignment]
    htmx: HtmxDetails
