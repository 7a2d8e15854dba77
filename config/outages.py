"""Which errors of the database pass by themselves, and the page that says to try again."""

import sqlite3

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from accounts.busy import Busy

RETRY_SECONDS = 5
# PostgreSQL: connection lost, out of room, shutdown or statement timeout, lock timeout, deadlock, serialization.
PASSING_STATES = ("08", "53", "57", "55P03", "40P01", "40001")
PASSING_SQLITE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")


def is_passing(error: BaseException | None) -> bool:
    """Whether trying again later may succeed without anybody mending code."""
    if isinstance(error, Busy | InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return cause.sqlite_errorname.startswith(PASSING_SQLITE)
    # Without a state the server was never reached, or the pool had no connection to give.
    state = getattr(cause, "sqlstate", None)
    return state is None or state.startswith(PASSING_STATES)


def request_name() -> str:
    """What the logs call the request in hand; the failure pages show it."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def busy(request: HttpRequest, *, certain: bool) -> HttpResponse:
    """503. `certain`: nothing was written; else the connection was lost, and only a reload can tell."""
    response = HttpResponse(
        render_to_string("503.html", {"certain": certain, "request_id": request_name()}), status=503
    )
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
