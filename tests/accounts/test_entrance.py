"""Coming in and keeping the keys: every page of allauth works under our rules, whatever else is away."""

import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import letters, notices
from accounts.models import Member, Notice

pytestmark = pytest.mark.django_db

PASSWORD = "a long walk home 7"
FOR_VISITORS = ["account_login", "account_signup", "account_request_login_code", "account_reset_password"]
FOR_MEMBERS = ["account_email", "account_change_password", "account_logout", "mfa_index", "usersessions_list"]
AFTER_A_SECOND_LOOK = ["mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn"]


@pytest.fixture
def ada(person):
    member = person("Ada Okafor", password=PASSWORD)
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return member


def sign_in(client, member, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": member.email, "password": password})


@pytest.fixture
def signed_in(client, ada):
    sign_in(client, ada)
    return client


@pytest.fixture
def looked_at_twice(signed_in):
    signed_in.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return signed_in


def newest_code():
    return Notice.objects.latest("pk").context["code"]


def totp_code(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def is_clean(answer):
    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.count("<h1") == 1
    assert " style=" not in text
    assert "<script>" not in text
    assert " onclick" not in text
    assert "'unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", FOR_VISITORS)
def test_visitors_pages_open_without_anything_inline(client, rules, name):
    is_clean(client.get(reverse(name)))


@pytest.mark.parametrize("name", FOR_MEMBERS + AFTER_A_SECOND_LOOK)
def test_members_pages_open_without_anything_inline_and_ask_visitors_to_sign_in(looked_at_twice, name):
    is_clean(looked_at_twice.get(reverse(name)))
    answer = Client().get(reverse(name))
    assert answer.status_code == 302


def test_a_sign_in_from_a_new_browser_is_told_of_once(client, ada):
    def told():
        return list(Notice.objects.filter(kind="account/new_device", member=ada))

    sign_in(client, ada)
    assert len(told()) == 1
    client.post(reverse("account_logout"))
    sign_in(client, ada)
    assert len(told()) == 1
    cookie = client.cookies["device"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    other = Client(headers={"user-agent": "Quill 3\x0b"})
    # Another member's browser, and a list that nobody signed, know nobody.
    other.cookies["device"] = cookie.value.replace(":", "x:", 1)
    sign_in(other, ada)
    assert len(told()) == 2
    letter = letters.write(told()[1])
    assert letter.subject == "New sign-in to your account"
    assert "Browser: Quill 3" in letter.body and "end the other sessions" in letter.body


def test_the_browser_of_many_knows_the_latest_ten(client, person):
    members = [person(f"Person {number}", password=PASSWORD) for number in range(12)]
    for member in members:
        EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    for member in [*members, members[11], members[0]]:
        sign_in(client, member)
        client.post(reverse("account_logout"))
    told = Notice.objects.filter(kind="account/new_device")
    assert [told.filter(member=member).count() for member in (members[0], members[5], members[11])] == [2, 1, 1]


def test_sign_in_takes_the_address_in_any_case(client, ada):
    answer = client.post(reverse("account_login"), {"login": ada.email.upper(), "password": PASSWORD})

    assert answer.status_code == 302
    assert client.get(reverse("accounts:settings_profile")).status_code == 200


def test_a_wrong_password_and_an_unknown_address_read_the_same(ada):
    wrong = Client().post(reverse("account_login"), {"login": ada.email, "password": "wrong"})
    unknown = Client().post(reverse("account_login"), {"login": "nobody@example.org", "password": "wrong"})

    assert wrong.status_code == unknown.status_code
    assert wrong.context["form"].errors == unknown.context["form"].errors


def test_an_imported_member_comes_in_by_a_mailed_code(client, person):
    member = person("Ina Import")
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    assert not member.has_usable_password()

    client.post(reverse("account_request_login_code"), {"email": member.email.upper()})
    answer = client.post(reverse("account_confirm_login_code"), {"code": newest_code()})

    assert answer.status_code == 302
    assert client.get(reverse("accounts:settings_profile")).status_code == 200


def test_asking_for_a_code_reads_the_same_for_an_unknown_address(ada):
    answers = []
    for email in (ada.email, "nobody@example.org"):
        visitor = Client()
        answers.append(visitor.post(reverse("account_request_login_code"), {"email": email}).url)
        is_clean(visitor.get(reverse("account_confirm_login_code")))

    assert answers[0] == answers[1]
    assert Notice.objects.latest("pk").kind == "account/unknown_account"


def test_a_code_works_once_and_three_wrong_ones_end_it(client, ada):
    client.post(reverse("account_request_login_code"), {"email": ada.email})
    code = newest_code()
    for _attempt in range(3):
        client.post(reverse("account_confirm_login_code"), {"code": "XXXXXX"})

    client.post(reverse("account_confirm_login_code"), {"code": code})

    assert client.get(reverse("accounts:settings_profile")).status_code == 302


def test_a_deactivated_member_does_not_come_in_and_a_running_session_ends(signed_in, ada):
    Member.objects.filter(pk=ada.pk).update(is_active=False)

    assert signed_in.get(reverse("accounts:settings_profile")).status_code == 302
    sign_in(signed_in, ada)
    assert signed_in.get(reverse("accounts:settings_profile")).status_code == 302
    cache.clear()
    signed_in.post(reverse("account_request_login_code"), {"email": ada.email})
    assert Notice.objects.latest("pk").kind == "account/unknown_account"


def test_a_forgotten_password_is_replaced_by_a_link_to_our_own_site(client, ada, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    client.post(reverse("account_reset_password"), {"email": ada.email}, headers={"host": "other.example"})
    notice = Notice.objects.latest("pk")
    link = notice.context["password_reset_url"]
    assert link.startswith("http://localhost:8000/accounts/password/reset/key/")

    page = client.get(link.removeprefix("http://localhost:8000"), follow=True)
    is_clean(page)
    client.post(page.request["PATH_INFO"], {"password1": "another walk home 8", "password2": "another walk home 8"})

    assert sign_in(Client(), ada, "another walk home 8").status_code == 302
    ada.refresh_from_db()
    assert ada.check_password("another walk home 8")


def test_the_address_is_changed_by_a_code_to_the_new_one_and_the_old_one_hears_of_it(looked_at_twice, ada):
    answer = looked_at_twice.post(reverse("account_email"), {"action_add": "", "email": "New@Example.org"})
    assert answer.status_code == 302
    notice = Notice.objects.latest("pk")
    assert (notice.address, notice.kind) == ("new@example.org", "account/email_confirmation")

    looked_at_twice.post(reverse("account_email_verification_sent"), {"code": notice.context["code"]})

    ada.refresh_from_db()
    assert ada.email == "new@example.org"
    told = Notice.objects.latest("pk")
    assert (told.address, told.kind) == ("person0@example.org", "account/email_changed")


def test_an_unconfirmed_sign_up_does_not_stop_the_owner_from_taking_the_address(looked_at_twice, ada):
    form = {"name": "Mallory", "email": "new@example.org", "password1": "mallory was here 1"}
    looked_at_twice.post(reverse("account_email"), {"action_add": "", "email": "new@example.org"})
    code = newest_code()
    Client().post(reverse("account_signup"), form)
    assert Member.objects.filter(email="new@example.org").exists()

    looked_at_twice.post(reverse("account_email_verification_sent"), {"code": code})

    assert Member.objects.get(email="new@example.org") == ada


def test_a_changed_password_ends_the_other_sessions_and_is_told(signed_in, ada):
    elsewhere = Client()
    sign_in(elsewhere, ada)
    typed = {"oldpassword": PASSWORD, "password1": "another walk home 8", "password2": "another walk home 8"}

    signed_in.post(reverse("account_change_password"), typed)

    assert signed_in.get(reverse("accounts:settings_profile")).status_code == 200
    assert elsewhere.get(reverse("accounts:settings_profile")).status_code == 302
    assert Notice.objects.latest("pk").kind == "account/password_changed"


def test_sensitive_pages_ask_for_the_password_again_and_again_after_a_while(signed_in, settings):
    address = reverse("mfa_activate_totp")
    answer = signed_in.get(address)
    assert answer.url.startswith(reverse("account_reauthenticate"))
    is_clean(signed_in.get(answer.url))
    signed_in.post(reverse("account_reauthenticate"), {"password": "wrong"})
    assert signed_in.get(address).status_code == 302

    signed_in.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert signed_in.get(address).status_code == 200

    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    assert signed_in.get(address).status_code == 302


def test_an_authenticator_app_is_added_and_asked_for(looked_at_twice, ada):
    page = looked_at_twice.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    looked_at_twice.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
    assert Authenticator.objects.filter(user=ada, type="totp").exists()
    is_clean(looked_at_twice.get(reverse("mfa_view_recovery_codes")))
    is_clean(looked_at_twice.get(reverse("mfa_generate_recovery_codes")))
    is_clean(looked_at_twice.get(reverse("mfa_deactivate_totp")))

    elsewhere = Client()
    answer = sign_in(elsewhere, ada)
    assert answer.url == reverse("mfa_authenticate")
    is_clean(elsewhere.get(answer.url))
    assert elsewhere.get(reverse("accounts:settings_profile")).status_code == 302
    cache.clear()
    elsewhere.post(reverse("mfa_authenticate"), {"code": totp_code(secret)})
    assert elsewhere.get(reverse("accounts:settings_profile")).status_code == 200


def test_a_recovery_code_works_once(ada):
    TOTP.activate(ada, generate_totp_secret())
    code = RecoveryCodes.activate(ada).get_unused_codes()[0]
    signed_in = []
    for _attempt in range(2):
        visitor = Client()
        sign_in(visitor, ada)
        visitor.post(reverse("mfa_authenticate"), {"code": code})
        signed_in.append(visitor.get(reverse("accounts:settings_profile")).status_code == 200)

    assert signed_in == [True, False]


def test_a_session_elsewhere_is_listed_and_ended(looked_at_twice, ada):
    elsewhere = Client()
    sign_in(elsewhere, ada)

    looked_at_twice.post(reverse("usersessions_list"))

    assert elsewhere.get(reverse("accounts:settings_profile")).status_code == 302
    assert looked_at_twice.get(reverse("accounts:settings_profile")).status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_way_in_leads_to_another_site(client, ada, target):
    answer = client.post(f"{reverse('account_login')}?next={target}", {"login": ada.email, "password": PASSWORD})

    assert "evil" not in answer.url
    assert "javascript" not in answer.url


def test_nothing_is_sent_by_the_page_itself(client, ada, settings, monkeypatch):
    """Broker and mail server are away: the code lies in the outbox, and the page is there at once."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    started = time.perf_counter()

    answer = client.post(reverse("account_request_login_code"), {"email": ada.email})

    assert answer.status_code == 302
    assert time.perf_counter() - started < 1.5
    assert Notice.objects.get().sent_at is None
    assert mail.outbox == []


def test_every_mail_of_allauth_has_words_of_ours(signed_in, ada, at):
    """Both forms of each: what allauth may send under our settings."""
    facts = {
        "code": "AB12CD",
        "ip": "192.0.2.1",
        "user_agent": "<b>Browser</b> https://evil.example",
        "timestamp": "21 Nov 2026, 10:42 UTC",
        "from_email": "old@example.org",
        "to_email": "new@example.org",
        "deleted_email": "old@example.org",
        "password_reset_url": "http://localhost:8000/reset/",
        "signup_url": "http://localhost:8000/signup/",
    }
    kinds = [
        *(f"account/{name}" for name in ("login_code", "email_confirmation", "email_confirmation_signup")),
        *(f"account/{name}" for name in ("account_already_exists", "unknown_account", "password_reset_key")),
        *(f"account/{name}" for name in ("password_changed", "password_set", "password_reset", "email_changed")),
        *(f"mfa/{name}" for name in ("totp_activated", "totp_deactivated", "recovery_codes_generated")),
        *(f"mfa/{name}" for name in ("webauthn_added", "webauthn_removed")),
        "account/email_deleted",
    ]
    for kind in kinds:
        notice = notices.queue(
            address="ada@example.org", kind=kind, context=facts, key=kind, due_at=at, not_after=at.replace(year=2027)
        )
        assert notices.send(notice.pk, at=at).sent_at == at
        sent = mail.outbox[-1]
        html = sent.alternatives[0].content
        assert "Postern" in sent.body
        assert "<b>Browser" not in html
        assert 'href="https://evil' not in html
        assert "{{" not in sent.subject + sent.body + html
