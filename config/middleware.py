"""Around every page: a name for the request, headers, a session's end, the member's clock, a calm answer when busy.

The functions are synchronous; Django runs them beside asynchronous views as well.
"""

import re
import time
import zoneinfo
from collections.abc import Callable

import structlog
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts.busy import Busy
from accounts.clock import now
from config.outages import busy, is_passing

GetResponse = Callable[[HttpRequest], HttpResponseBase]

logger = structlog.get_logger("postern.web")

A_NAME_FROM_THE_PROXY = re.compile(r"[0-9A-Za-z-]{8,64}")
# NUL, and halves of surrogate pairs: PostgreSQL stores neither, so no address of ours holds one.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Parts of addresses that are keys by themselves.
OPENING = {"key", "token"}
# Where members change how they come in.
CHANGES_KEYS = {"account_email", "account_set_password", "mfa_activate_totp", "mfa_add_webauthn"}
# What the way to a second factor needs, and what asks nobody who they are.
AT_THE_ENTRANCE = ("/accounts/", "/events/", "/unsubscribe/", "/appeal/", "/csp-report/")
NO_FEATURES = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)


# --- A name for the request ------------------------------------------------------------------------


def request_id(get_response: GetResponse) -> GetResponse:
    """Name every request, put the name into each of its log lines, and log one line when it is answered.

    The line holds no query string, which may hold the words of a search, and no key that stands in the path.
    Health checks are not logged.
    """

    def named(request: HttpRequest) -> HttpResponseBase:
        name = _name(request)
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=name):
            response = get_response(request)
            response.headers["X-Request-ID"] = name
            if not request.path.startswith((settings.STATIC_URL, "/healthz", "/readyz")):
                took = round((time.perf_counter() - started) * 1000)
                logger.info(
                    request.method, path=_path(request), status=response.status_code, ms=took, **_asked_by(request)
                )
        return response

    return named


def _path(request: HttpRequest) -> str:
    """Without what opens something to whoever holds it: signed links of mails, keys of a new password."""
    path, match = request.path, request.resolver_match
    for name in OPENING & match.kwargs.keys() if match else ():
        path = path.replace(str(match.kwargs[name]), "…")  # type: ignore[union-attr]
    return path


def _asked_by(request: HttpRequest) -> dict[str, int]:
    """Only who has been looked up already: a line in the log is worth no query, and no second failure."""
    user = getattr(request, "_cached_user", None)
    return {"member": user.pk} if user is not None and user.is_authenticated else {}


def _name(request: HttpRequest) -> str:
    given = request.headers.get("X-Request-ID", "") if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ""
    return given if A_NAME_FROM_THE_PROXY.fullmatch(given) else get_random_string(16)


# --- Headers ------------------------------------------------------------------------------------------


def response_headers(get_response: GetResponse) -> GetResponse:
    """Refuse what no page of ours asks, and keep answers from other sites and from shared caches."""

    def guarded(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers["Permissions-Policy"] = NO_FEATURES
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if _is_personal(request, response):
            response.headers["Cache-Control"] = "no-store, private"
            patch_vary_headers(response, ["Cookie"])
        if _signs_out(request, response):
            # Storage holds words not saved yet; cookies stay, as they hold the theme.
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return guarded


def refuse_misuse(get_response: GetResponse) -> GetResponse:
    """413 for a body that no form of ours has, 400 for an address that no database could store, 403 for a request
    that another site's page made for itself.
    """

    def refusing(request: HttpRequest) -> HttpResponseBase:
        _refuse_excess(request)
        words = [request.path, *request.GET, *(value for values in request.GET.lists() for value in values[1])]
        if any(UNSTORABLE.search(word) for word in words):
            raise BadRequest("The address holds a character that no text may hold.")
        if _is_from_elsewhere(request):
            raise PermissionDenied("Another site's page may link here, but not load from here.")
        return get_response(request)

    return refusing


def _refuse_excess(request: HttpRequest) -> None:
    """Django measures forms only where they say their length, and no files; ours take none."""
    length = request.headers.get("Content-Length") or "0"
    if "Transfer-Encoding" in request.headers or not length.isdecimal():
        raise BadRequest("A form says how long it is.")
    if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise RequestDataTooBig("No form of ours is as long.")


def _is_personal(request: HttpRequest, response: HttpResponseBase) -> bool:
    """By the session cookie, in or out: asking the session itself would cost every public page a query."""
    if request.path.startswith(settings.STATIC_URL):
        return False
    return settings.SESSION_COOKIE_NAME in request.COOKIES or settings.SESSION_COOKIE_NAME in response.cookies


def _signs_out(request: HttpRequest, response: HttpResponseBase) -> bool:
    match = request.resolver_match
    is_sign_out = request.method == "POST" and match is not None and match.url_name == "account_logout"
    return is_sign_out and response.status_code == 302


def _is_from_elsewhere(request: HttpRequest) -> bool:
    elsewhere = request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}
    return elsewhere and request.headers.get("Sec-Fetch-Mode") != "navigate"


# --- The end of a session --------------------------------------------------------------------------------


def end_old_sessions(get_response: GetResponse) -> GetResponse:
    """Sign out who came in too long ago. Django alone would prolong a session with whatever is written into it."""

    def ending(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated and _is_too_old(request):
            logout(request)
        return get_response(request)

    return ending


def _is_too_old(request: HttpRequest) -> bool:
    ways_in = get_authentication_records(request, request.user)
    return bool(ways_in) and now().timestamp() - ways_in[0]["at"] > settings.SESSION_ENDS_AFTER.total_seconds()


def second_factor_first(get_response: GetResponse) -> GetResponse:
    """Where the site requires a second factor, a member without one sees the pages of the entrance and no other."""

    def asking(request: HttpRequest) -> HttpResponseBase:
        if settings.REQUIRE_SECOND_FACTOR and request.user.is_authenticated and not _may_do_without(request):
            messages.warning(request, _("This site needs a second factor. Set one up first."))
            return redirect("mfa_index")
        return get_response(request)

    return asking


def _may_do_without(request: HttpRequest) -> bool:
    return request.path.startswith(AT_THE_ENTRANCE) or get_mfa_adapter().is_mfa_enabled(request.user)


def come_in_again_first(get_response: GetResponse) -> GetResponse:
    """Who comes in by codes alone has nothing to be asked for a second time: to change a key they come in anew."""

    def passing(request: HttpRequest) -> HttpResponseBase:
        return get_response(request)

    def process_view(request: HttpRequest, *_view: object) -> HttpResponse | None:
        is_about_keys = request.resolver_match is not None and request.resolver_match.url_name in CHANGES_KEYS
        if not is_about_keys or request.method != "POST" or not _came_in_long_ago(request):
            return None
        logout(request)
        messages.warning(request, _("You came in a while ago. Sign in again to change how you do."))
        return redirect_to_login(request.path)

    passing.process_view = process_view  # type: ignore[attr-defined]
    return passing


def _came_in_long_ago(request: HttpRequest) -> bool:
    """For members with a password or a second factor allauth asks for that instead."""
    user = request.user
    if not user.is_authenticated or get_adapter().get_reauthentication_methods(user):
        return False
    ways_in = get_authentication_records(request, user)
    came_in = ways_in[-1]["at"] if ways_in else user.last_login.timestamp() if user.last_login else 0
    return now().timestamp() - came_in > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


# --- The member's clock ----------------------------------------------------------------------------------


def member_time_zone(get_response: GetResponse) -> GetResponse:
    """Show instants in the member's own time zone, UTC to everybody else."""

    def in_zone(request: HttpRequest) -> HttpResponseBase:
        with timezone.override(_zone(request)):
            return get_response(request)

    return in_zone


def _zone(request: HttpRequest) -> zoneinfo.ZoneInfo:
    if not request.user.is_authenticated:
        return zoneinfo.ZoneInfo("UTC")
    try:
        return zoneinfo.ZoneInfo(request.user.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


# --- Busy ---------------------------------------------------------------------------------------------------


def busy_is_503(get_response: GetResponse) -> GetResponse:
    """Turn a database that is busy, full or away into a 503 that says so and when to try again."""

    def calm(request: HttpRequest) -> HttpResponseBase:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not is_passing(error):
            return None
        logger.warning("busy", error=f"{type(error).__name__}: {error}".strip())
        return busy(request, certain=isinstance(error, Busy))

    calm.process_exception = process_exception  # type: ignore[attr-defined]
    return calm
