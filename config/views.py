"""Pages of the house itself: health for machines, and what a visitor reads when something went wrong."""

import json
import sys
from datetime import timedelta

import redis
import structlog
from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import now
from accounts.jobs import last_success
from accounts.site_policy import NoPolicyInForce, policy_in_force
from billing.models import Charge, Subscription
from config.outages import busy, is_passing, request_name

logger = structlog.get_logger("postern.browser")

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
PLAIN = "text/plain; charset=utf-8"
# The heartbeat comes each minute, refunds and renewals are swept each minute: three rounds are a fault.
LATE_AFTER = timedelta(minutes=3)


# --- Health ---------------------------------------------------------------------------------------------


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: this process answers. It asks nobody else."""
    return HttpResponse("ok\n", content_type=PLAIN)


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """503 until pages can be served; 200 with the names of what is late, because pages go on without it.

    Names only: a stranger learns no figure.
    """
    missing = _missing()
    if missing:
        return HttpResponse(f"not ready: {missing}\n", content_type=PLAIN, status=503)
    late = [f"{name} late" for name, is_late in _late().items() if is_late]
    return HttpResponse("\n".join(["ready", *late, ""]), content_type=PLAIN)


def _missing() -> str:
    try:
        if _migrations_missing():
            return "migrations"
        policy_in_force(now())
    except DatabaseError:
        return "database"
    except NoPolicyInForce:
        return "catalog"
    return ""


_schema_is_current = False


def _migrations_missing() -> bool:
    """Reads the plan until it is empty once: a running process cannot get new migrations."""
    global _schema_is_current
    if not _schema_is_current:
        executor = MigrationExecutor(connection)
        _schema_is_current = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return not _schema_is_current


def _late() -> dict[str, bool]:
    line = now() - LATE_AFTER
    heartbeat = last_success("heartbeat")
    return {
        "broker": not _broker_answers(),
        "worker": heartbeat is None or heartbeat.started_at < line,
        "refunds": Charge.objects.due(line).exists(),
        "renewals": Subscription.objects.running().filter(renews_at__lt=line).exists(),
    }


def _broker_answers() -> bool:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, retry=None
        ) as broker:
            return bool(broker.ping())
    except (redis.RedisError, OSError):
        return False


# --- What a browser refused -------------------------------------------------------------------------------


@csrf_exempt
@login_not_required
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """One line in the log, a few a minute and network: extensions of browsers cause most of them. No page, no words."""
    if ratelimit.consume(request, action="csp_report"):
        logger.warning("refused by a browser", **_refused(request.body))
    return HttpResponse(status=204)


def _refused(body: bytes) -> dict[str, str]:
    try:
        report = json.loads(body)["csp-report"]
        directive, blocked = str(report["effective-directive"]), str(report["blocked-uri"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"directive": "unreadable"}
    # Of an address its host: the rest may be somebody's.
    return {"directive": directive[:100], "blocked": "/".join(blocked.split("/")[:3])[:100]}


# --- When something went wrong ----------------------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, or 413 for what is too large: the form was never read."""
    if isinstance(exception, TOO_LARGE):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 that keeps the typed text reachable: the visitor goes back, reloads and sends again."""
    return render(request, "403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The very same page for what never existed and for what is somebody else's."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 from a page that asks nobody. A database that was away before any view began is a 503 here."""
    if is_passing(sys.exc_info()[1]):
        return busy(request, certain=False)
    return HttpResponse(render_to_string("500.html", {"request_id": request_name()}), status=500)
