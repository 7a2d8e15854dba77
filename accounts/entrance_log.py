"""A line in the log for whatever happens at the entrance: who came in how, who failed, who changed a key.

What was typed is never in it: a password typed into the wrong field would be.
"""

from functools import partial
from typing import Any

import structlog
from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import PermissionDenied
from django.dispatch import Signal
from django.http import HttpRequest

from accounts.models import Member

logger = structlog.get_logger("postern.entrance")

EVENTS: dict[str, Signal] = {
    "signed in": account.user_logged_in,
    "signed out": account.user_logged_out,
    "signed up": account.user_signed_up,
    "step passed": account.authentication_step_completed,
    "wrong password": user_login_failed,
    "wrong code by mail": account.login_code_rejected,
    "wrong code of the address": account.email_verification_code_rejected,
    "wrong second factor": mfa.authentication_failed,
    "second factor added": mfa.authenticator_added,
    "second factor removed": mfa.authenticator_removed,
    "second factor renewed": mfa.authenticator_reset,
    "password set": account.password_set,
    "password changed": account.password_changed,
    "password reset": account.password_reset,
    "address changed": account.email_changed,
}


def listen() -> None:
    """Once, when the app is ready."""
    for event, signal in EVENTS.items():
        signal.connect(partial(_note, event), weak=False, dispatch_uid=f"accounts.entrance_log.{event}")


def _note(event: str, *, request: HttpRequest | None = None, user: Member | None = None, **_facts: Any) -> None:
    told: dict[str, Any] = {"member": user.pk} if user is not None else {}
    if request is not None:
        told |= {"ip": _ip(request), "ways": [record["method"] for record in get_authentication_records(request, user)]}
    logger.info(event, **told)


def _ip(request: HttpRequest) -> str:
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:  # behind a socket that names nobody
        return ""
