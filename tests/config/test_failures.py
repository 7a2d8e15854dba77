"""What a visitor reads when something went wrong: a calm page, the right status, and never somebody else's secret."""

import sqlite3

import psycopg
import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path

from accounts.busy import Busy


def _from(cause):
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


def _sqlite(name):
    cause = sqlite3.OperationalError("from SQLite")
    cause.sqlite_errorname = name
    return cause


FAILURES = {
    "busy": Busy(),
    "locked": _from(_sqlite("SQLITE_BUSY")),
    "full": _from(_sqlite("SQLITE_FULL")),
    "mistyped": _from(_sqlite("SQLITE_ERROR")),
    "lost": _from(psycopg.OperationalError("server closed the connection")),
    "late": _from(psycopg.errors.LockNotAvailable()),
    "no-room": _from(psycopg.errors.DiskFull()),
    "bug": ZeroDivisionError("a secret of the code"),
}


@login_not_required
def fail(request, how):
    raise FAILURES[how]


@login_not_required
def take(request):
    return HttpResponse(request.POST.get("text", ""))


urlpatterns = [path("fail/<how>/", fail), path("take/", take), path("", include("config.urls"))]
handler400 = "config.views.bad_request"
handler403 = "config.views.forbidden"
handler404 = "config.views.not_found"
handler500 = "config.views.server_error"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("how", ["busy", "locked", "full", "lost", "late", "no-room"])
def test_a_database_that_is_busy_full_or_away_is_a_503_that_says_when_to_come_back(visitor, how):
    answer = visitor.get(f"/fail/{how}/")

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "Busy" in answer.content.decode()


def test_only_a_lock_that_did_not_come_free_promises_that_nothing_was_written(visitor):
    assert "Nothing was sent" in visitor.get("/fail/busy/").content.decode()
    assert "Nothing was sent" not in visitor.get("/fail/lost/").content.decode()


@pytest.mark.parametrize("how", ["bug", "mistyped"])
def test_our_own_mistake_is_a_500_that_tells_nothing_but_its_number(visitor, how):
    answer = visitor.get(f"/fail/{how}/")

    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()
    assert answer["X-Request-ID"] in answer.content.decode()


def test_what_is_not_there_is_a_404(visitor, catalog, sender, browse):
    assert visitor.get("/nowhere/").status_code == 404
    assert browse(sender).get("/nowhere/").status_code == 404


def test_a_post_without_its_token_is_refused(catalog):
    answer = Client(enforce_csrf_checks=True).post("/take/", {"text": "hello"})

    assert answer.status_code == 403


def test_a_body_over_256_kilobytes_is_a_413(visitor):
    assert visitor.post("/take/", {"text": "a" * 300_000}).status_code in {200, 413}
    urlencoded = visitor.post("/take/", "text=" + "a" * 300_000, content_type="application/x-www-form-urlencoded")
    assert urlencoded.status_code == 413


def test_a_thousand_and_one_fields_are_a_413(visitor):
    fields = "&".join(f"field{number}=1" for number in range(1_001))

    assert visitor.post("/take/", fields, content_type="application/x-www-form-urlencoded").status_code == 413
