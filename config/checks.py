"""System checks that teach the operator: what is unsafe or missing, and the variable that mends it.

`manage.py check` shows them; `config.asgi` and `manage.py up` refuse to start on the errors among them.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]", "::1", ".localhost", "testserver"}


@register(Tags.security)
def production_is_safe(app_configs: Sequence[AppConfig] | None, **_facts: Any) -> list[CheckMessage]:
    """What a site that strangers can reach must not run with (reliability.md, section 3)."""
    return [*_everywhere(), *_of_payments(), *([] if settings.DEBUG else _in_production())]


def _everywhere() -> Iterator[CheckMessage]:
    strangers = set(settings.ALLOWED_HOSTS) - LOCAL_HOSTS
    if settings.DEBUG and strangers:
        yield Error(
            f"DEBUG is on, and ALLOWED_HOSTS lets in more than this machine: {', '.join(sorted(strangers))}.",
            hint="Set DEBUG=false. Its error pages show settings and code to everybody.",
            id="postern.E001",
        )
    database = settings.DATABASES["default"]
    if "sqlite3" in database["ENGINE"] and database["OPTIONS"].get("transaction_mode") != "IMMEDIATE":
        yield Error(
            "SQLite does not begin its transactions with IMMEDIATE.",
            hint='Put transaction_mode="IMMEDIATE" back: without it, parallel writes fail with "database is locked".',
            id="postern.E002",
        )
    yield from _in_the_clear()
    broker = urlsplit(settings.REDIS_URL)
    if broker.scheme in {"redis", "rediss"} and broker.hostname not in LOCAL_HOSTS and not broker.password:
        yield Warning(
            f"The broker at {broker.hostname} is used without a password.",
            hint="Set REDIS_URL=redis://:PASSWORD@HOST:PORT/0, and let Redis listen on a private network only.",
            id="postern.W001",
        )


def _in_the_clear() -> Iterator[CheckMessage]:
    """To another host without TLS: whoever is between reads codes, or everything."""
    mail = urlsplit(settings.EMAIL_URL)
    if mail.scheme == "smtp" and mail.hostname not in LOCAL_HOSTS:
        yield Warning(
            f"Mail goes to {mail.hostname} in the clear, sign-in codes too.",
            hint="Set EMAIL_URL=smtp+tls://… (587) or smtp+ssl://… (465).",
            id="postern.W002",
        )
    database = settings.DATABASES["default"]
    is_remote = database.get("HOST", "") not in {"", *LOCAL_HOSTS} and not database["HOST"].startswith("/")
    if is_remote and database["OPTIONS"].get("sslmode") not in {"require", "verify-ca", "verify-full"}:
        yield Warning(
            f"The way to the database at {database['HOST']} may be in the clear.",
            hint="End DATABASE_URL with ?sslmode=verify-full, or require where you cannot give it a certificate.",
            id="postern.W003",
        )


def _of_payments() -> Iterator[CheckMessage]:
    """Half a provider would take money and grant nothing, or believe whoever posts."""
    if settings.PAYMENT_PROVIDER not in {"", "stripe", "manual"}:
        yield Error(
            f"PAYMENT_PROVIDER is {settings.PAYMENT_PROVIDER}, which is none we know.",
            hint="Set it to stripe or manual, or leave it out.",
            id="postern.E008",
        )
    if settings.PAYMENT_PROVIDER == "stripe":
        yield from _of_stripe()
    if settings.PAYMENT_PROVIDER == "manual" and not (settings.INVOICE_SELLER and settings.INVOICE_BANK_DETAILS):
        yield Error(
            "Invoices would not say who sends them, or where the money goes.",
            hint="Set INVOICE_SELLER and INVOICE_BANK_DETAILS; \\n in them begins a new line.",
            id="postern.E011",
        )


def _of_stripe() -> Iterator[CheckMessage]:
    if not settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_", "sk_test_", "rk_test_")):
        yield Error(
            "STRIPE_SECRET_KEY is none of Stripe's secret keys.",
            hint="Set it to the secret or restricted key of your account: sk_live_… or rk_live_….",
            id="postern.E009",
        )
    if not settings.STRIPE_WEBHOOK_SECRETS or not all(len(secret) > 8 for secret in settings.STRIPE_WEBHOOK_SECRETS):
        yield Error(
            "STRIPE_WEBHOOK_SECRET is empty or short: anybody could tell us that an order is paid.",
            hint="Set it to the signing secret of your webhook endpoint, whsec_….",
            id="postern.E010",
        )


def _in_production() -> Iterator[CheckMessage]:
    if not _has_secret_key():
        yield Error(
            "There is no SECRET_KEY.",
            hint="Set it to a long random text, for example from: openssl rand -base64 48. Or use bin/run to try out.",
            id="postern.E003",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS is *, so any Host header is believed.",
            hint="Set ALLOWED_HOSTS to the names of this site, separated by commas.",
            id="postern.E004",
        )
    if not settings.EMAIL_URL:
        yield Error(
            "There is no EMAIL_URL: nobody can sign up or learn of a message.",
            hint="Set EMAIL_URL=smtp+tls://USER:PASSWORD@HOST:587.",
            id="postern.E005",
        )
    site = urlsplit(settings.SITE_URL)
    if site.scheme != "https" and site.hostname not in LOCAL_HOSTS:
        yield Error(
            f"SITE_URL is {settings.SITE_URL}: sign-ins would travel in the clear.",
            hint="Set SITE_URL=https://… and let a proxy in front speak TLS.",
            id="postern.E006",
        )
    if site.hostname not in LOCAL_HOSTS and not _is_allowed(site.hostname):
        yield Error(
            f"ALLOWED_HOSTS leaves out {site.hostname}, the host of SITE_URL: every page would be a 400.",
            hint=f"Set ALLOWED_HOSTS={site.hostname}.",
            id="postern.E007",
        )


def _has_secret_key() -> bool:
    try:
        return bool(settings.SECRET_KEY)
    except ImproperlyConfigured:  # Django's own answer to an empty one
        return False


def _is_allowed(host: str | None) -> bool:
    return any(
        host == allowed or (allowed.startswith(".") and f".{host}".endswith(allowed)) or allowed == "*"
        for allowed in settings.ALLOWED_HOSTS
    )
