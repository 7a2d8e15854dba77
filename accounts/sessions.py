"""A session's key and its end: allauth begins sessions and lists them, these are the rules that it leaves to us."""

from typing import Any

from allauth.account.signals import authentication_step_completed
from allauth.usersessions.models import UserSession
from django.http import HttpRequest


def end_all(*, member_id: int) -> None:
    """Sign the member out everywhere for good: an account that is opened again does not open old sessions."""
    for session in UserSession.objects.filter(user_id=member_id):
        session.end()


def renew_key(*, request: HttpRequest) -> None:
    """Another key for the same session, where more is allowed from now on: who knew the old one is out."""
    old = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)


def listen() -> None:
    """Once, when the app is ready."""
    authentication_step_completed.connect(_on_step, dispatch_uid="accounts.sessions")


def _on_step(*, request: HttpRequest, reauthenticated: bool = False, **_facts: Any) -> None:
    """allauth renews the key at sign-in, and not when a member proves again who they are."""
    if reauthenticated:
        renew_key(request=request)
