"""A page that asked for what the policy forbids is told of by its browser, and leaves one plain line in the log."""

import json

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db

REPORT = {
    "effective-directive": "img-src",
    "blocked-uri": "https://evil.example/p?who=mei",
    "document-uri": "/x/secret/",
}


def report(body, **headers):
    kind = "application/csp-report"
    answer = Client(enforce_csrf_checks=True).post(reverse("csp_report"), body, content_type=kind, headers=headers)
    return answer.status_code


def lines(caplog):
    return [record.msg for record in caplog.records if record.name == "postern.browser"]


def test_a_report_is_one_line_without_the_page(caplog):
    assert report(json.dumps({"csp-report": REPORT})) == 204

    (line,) = lines(caplog)
    assert (line["directive"], line["blocked"]) == ("img-src", "https://evil.example")
    assert "secret" not in caplog.text
    assert "mei" not in caplog.text


def test_what_is_no_report_is_no_fault_and_a_flood_ends_in_ten_lines(caplog):
    bodies = [b"", b"\xff", b"[]", b"null", b'{"csp-report": []}', b'{"csp-report": {}}', b"[" * 50_000]
    assert {report(body) for body in bodies * 2} == {204}

    assert len(lines(caplog)) == 10
    assert {line["directive"] for line in lines(caplog)} == {"unreadable"}


def test_another_site_reports_nothing(caplog):
    assert report(json.dumps({"csp-report": REPORT}), **{"Sec-Fetch-Site": "cross-site"}) == 403
    assert lines(caplog) == []
