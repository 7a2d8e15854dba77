"""/healthz says the process lives; /readyz says whether pages can be served, and what is late."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts.clock import now
from accounts.models import JobRun, PolicyVersion
from billing.models import Charge

pytestmark = pytest.mark.django_db


@pytest.fixture
def heart() -> JobRun:
    return JobRun.objects.create(job="heartbeat", started_at=now(), finished_at=now(), succeeded=True)


def test_a_stranger_may_ask_whether_the_process_lives(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"ok\n", "text/plain; charset=utf-8")


def test_the_process_lives_without_its_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/healthz")


def test_a_site_where_all_is_well_is_ready(client, catalog, heart):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (200, b"ready\n")


def test_a_site_without_a_catalog_is_not_ready(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"not ready: catalog\n")


def test_a_site_with_a_missing_migration_is_not_ready(client, catalog, monkeypatch):
    monkeypatch.setattr("config.views._schema_is_current", False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'messaging'")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"not ready: migrations\n")


def test_a_site_without_its_broker_serves_pages_and_says_so(client, catalog, heart, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (200, b"ready\nbroker late\n")


def test_a_worker_silent_for_three_minutes_is_late(client, catalog, heart):
    JobRun.objects.update(started_at=now() - timedelta(minutes=3, seconds=1))

    assert client.get("/readyz").content == b"ready\nworker late\n"


def test_a_refund_three_minutes_overdue_is_late_and_nobody_learns_which(client, catalog, heart, sender):
    long_ago = now() - timedelta(minutes=4)
    Charge.objects.create(
        wallet=sender.wallet,
        payer=sender,
        cost=1,
        reference="opaque",
        charged_at=long_ago,
        returnable=True,
        answered_at=long_ago,
        return_due_at=long_ago,
        policy_version=PolicyVersion.objects.get(),
    )

    answer = client.get("/readyz")

    assert b"refunds late" in answer.content
    assert not any(character.isdigit() for character in answer.content.decode())
