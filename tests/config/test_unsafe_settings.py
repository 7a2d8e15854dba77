"""Production refuses to start unsafe: every rule has an id, a sentence and a hint."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.checks import Tags, run_checks

pytestmark = pytest.mark.once

SAFE = {
    "DEBUG": False,
    "SECRET_KEY": "k" * 60,
    "ALLOWED_HOSTS": ["post.example"],
    "SITE_URL": "https://post.example",
    "EMAIL_URL": "smtp+tls://u:p@mail.example:587",
    "REDIS_URL": "redis://:secret@queue.example:6379/0",
}
STRIPE = {
    "PAYMENT_PROVIDER": "stripe",
    "STRIPE_SECRET_KEY": "sk_live_0123456789",
    "STRIPE_WEBHOOK_SECRETS": ["whsec_0123456789"],
}


def _ids(override, **changed):
    for name, value in {**SAFE, **changed}.items():
        setattr(override, name, value)
    return {problem.id for problem in run_checks(tags=[Tags.security]) if problem.id.startswith("postern.")}


def test_a_safe_site_has_nothing_to_mend(settings):
    assert _ids(settings) == set()
    assert _ids(settings, **STRIPE) == set()


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
@pytest.mark.parametrize(
    ("problem", "changed"),
    [
        ("postern.E001", {"DEBUG": True}),
        ("postern.E002", {"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}}}}),
        ("postern.E003", {"SECRET_KEY": ""}),
        ("postern.E004", {"ALLOWED_HOSTS": ["*"]}),
        ("postern.E005", {"EMAIL_URL": ""}),
        ("postern.E006", {"SITE_URL": "http://post.example"}),
        ("postern.E007", {"ALLOWED_HOSTS": ["other.example"]}),
        ("postern.E008", {"PAYMENT_PROVIDER": "paypal"}),
        ("postern.E009", {**STRIPE, "STRIPE_SECRET_KEY": "pk_live_1"}),
        ("postern.E010", {**STRIPE, "STRIPE_WEBHOOK_SECRETS": []}),
        ("postern.E010", {**STRIPE, "STRIPE_WEBHOOK_SECRETS": ["whsec_0123456789", ""]}),
        ("postern.E011", {"PAYMENT_PROVIDER": "manual", "INVOICE_SELLER": "Elbe e.V.", "INVOICE_BANK_DETAILS": ""}),
        ("postern.W001", {"REDIS_URL": "redis://queue.example:6379/0"}),
        ("postern.W002", {"EMAIL_URL": "smtp://u:p@mail.example:25"}),
        ("postern.W003", {"DATABASES": {"default": {"ENGINE": "postgresql", "HOST": "db.example", "OPTIONS": {}}}}),
    ],
)
def test_an_unsafe_setting_is_named(settings, problem, changed):
    assert _ids(settings, **changed) == {problem}


def test_a_wildcard_of_our_own_domain_is_enough(settings):
    assert _ids(settings, ALLOWED_HOSTS=[".example"]) == set()


def test_trying_out_on_this_machine_needs_nothing(settings):
    local = {"ALLOWED_HOSTS": ["localhost"], "SITE_URL": "http://localhost:8000", "EMAIL_URL": ""}
    assert _ids(settings, DEBUG=True, REDIS_URL="redis://127.0.0.1:6379/0", **local) == set()


@pytest.mark.slow
def test_the_web_process_itself_refuses_to_start():
    unsafe = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "ALLOWED_HOSTS": "*", "EMAIL_URL": ""}

    tried = subprocess.run(
        [sys.executable, "-c", "import config.asgi"],
        env=unsafe,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert tried.returncode == 1
    assert "postern.E004: ALLOWED_HOSTS is *" in tried.stderr
    assert "postern.E005" in tried.stderr
    assert "Traceback" not in tried.stderr
