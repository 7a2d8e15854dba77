"""Without a mail server a newcomer still finishes a sign-up: the mail is a page of the site."""

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import override_settings
from django.urls import include, path

from config import devmail

urlpatterns = [
    path("dev/mail/", devmail.mails, name="devmails"),
    path("dev/mail/<slug:name>/", devmail.mail, name="devmail"),
    path("", include("config.urls")),
]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalog")]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(devmail, "FOLDER", tmp_path)


@pytest.fixture
def sent():
    with override_settings(EMAIL_BACKEND="config.devmail.Backend"):
        mail = EmailMultiAlternatives("Your code <b>", "It is 4711.\nhttps://post.example/x", to=["ada@example.org"])
        mail.attach_alternative("<p>It is 4711.</p>", "text/html")
        mail.send()


@pytest.mark.urls(__name__)
def test_what_was_sent_can_be_read_signed_out(client, sent):
    listed = client.get("/dev/mail/").content.decode()
    assert "Your code &lt;b&gt;" in listed
    assert "ada@example.org" in listed

    [name] = [path.stem for path in devmail.FOLDER.glob("*.eml")]
    page = client.get(f"/dev/mail/{name}/").content.decode()
    assert "It is 4711." in page
    assert 'href="https://post.example/x"' in page


@pytest.mark.urls(__name__)
def test_a_mail_that_is_not_there_is_a_404(client):
    assert client.get("/dev/mail/nothing/").status_code == 404


def test_a_site_in_production_has_no_such_page(client, sent):
    assert client.get("/dev/mail/").status_code == 404
