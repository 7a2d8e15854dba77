"""The pages of accounts: fetch through the person, call one verb, show or redirect."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import pace
from accounts.clock import now
from accounts.models import Member


class MemberRequest(HttpRequest):
    """A request behind LoginRequiredMiddleware: there is a member."""

    user: Member  # type: ignore[assignment]


def paced(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page about people: 429 to whoever opens more of them than anybody reads."""

    @wraps(view)
    def walking(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not pace.is_too_fast(member_id=request.user.pk, at=now()):
            return view(request, *args, **kwargs)
        response = render(request, "429.html", status=429)
        response.headers["Retry-After"] = str(int(pace.WINDOW.total_seconds()))
        return response

    return walking
