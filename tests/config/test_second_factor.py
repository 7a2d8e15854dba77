"""A site may require a second factor of every member: without one there is the way to it, and nothing else."""

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse


def test_a_member_without_one_sets_it_up_first(browse, sender, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    client = browse(sender)

    answer = client.get(reverse("messaging:inbox"))
    assert answer.url == reverse("mfa_index")
    assert "This site needs a second factor" in client.get(answer.url).content.decode()
    assert client.post(reverse("messaging:compose", args=[sender.handle])).status_code in (302, 403)

    TOTP.activate(sender, generate_totp_secret())
    assert client.get(reverse("messaging:inbox")).status_code == 200


def test_visitors_and_other_sites_are_asked_for_none(client, browse, sender, catalog, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    assert client.get(reverse("home")).status_code == 200
    settings.REQUIRE_SECOND_FACTOR = False
    assert browse(sender).get(reverse("messaging:inbox")).status_code == 200
