"""The directory, profiles and the settings of reach."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.connections import invite
from accounts.models import Block, Member, Profile, Reach
from accounts.search_words import search_columns

pytestmark = pytest.mark.usefixtures("clock")

Browse = Callable[[Member], Client]


def people(client: Client, **query: Any) -> list[str]:
    """Whom the directory lists."""
    response = client.get(reverse("messaging:people"), query)
    assert response.status_code == 200
    return [line.member.name for line in response.context["listed"]]


def profile(client: Client, member: Member) -> str:
    return client.get(member.get_absolute_url()).content.decode()


def describe(member: Member, **fields: str) -> None:
    words = {
        "headline": fields.get("headline", ""),
        "company": fields.get("company", ""),
        "place": fields.get("location", ""),
    }
    Profile.objects.filter(member=member).update(**fields, **search_columns(name=member.name, **words))


def test_people_are_found_by_words_company_place_and_what_they_take(
    sender: Member, recipient: Member, outsider: Member, browse: Browse
) -> None:
    describe(recipient, headline="Designer", company="Northwind", location="Oslo")
    describe(outsider, headline="Engineer", company="Cedar", location="Beirut")
    outsider.refused_purposes.create(purpose="sales")
    client = browse(sender)

    assert people(client) == ["Tomas Lind", "Vera Kranz"]
    assert people(client, q="desig") == ["Tomas Lind"]
    assert people(client, company="cedar") == ["Vera Kranz"]
    assert people(client, place="oslo") == ["Tomas Lind"]
    assert people(client, purpose="sales") == ["Tomas Lind"]
    assert people(client, q="nobody here") == []


def test_a_line_says_the_price_and_the_degree(
    sender: Member, recipient: Member, outsider: Member, connect: Callable[..., None], browse: Browse, at: datetime
) -> None:
    connect(sender, recipient, at=at)
    connect(recipient, outsider, at=at)
    page = browse(sender).get(reverse("messaging:people")).content.decode()

    assert "Free" in page
    assert "1 credit" in page
    assert "2nd degree · 1 shared contact" in page
    assert people(browse(sender), degree="2") == ["Vera Kranz"]


def test_only_an_open_profile_whose_plan_allows_it_is_listed_as_one(
    sender: Member, recipient: Member, make_member: Callable[..., Member], browse: Browse
) -> None:
    Reach.objects.filter(member=recipient).update(wants_open_profile=True)
    make_member("Olga Prem", plan="premium-career", wants_open_profile=True)

    assert people(browse(sender), open_profile="on") == ["Olga Prem"]


def test_a_page_ends_at_fifty_and_the_next_goes_on(
    sender: Member, make_member: Callable[..., Member], browse: Browse
) -> None:
    for number in range(51):
        make_member(f"Person {number:02}")
    client = browse(sender)
    response = client.get(reverse("messaging:people"))

    assert len(response.context["listed"]) == 50
    assert people(client, after=response.context["next"]) == ["Person 50"]


def test_a_profile_says_how_near_what_it_costs_and_what_was_between(
    sender: Member, recipient: Member, outsider: Member, connect: Callable[..., None], browse: Browse, at: datetime
) -> None:
    connect(sender, outsider, at=at)
    connect(outsider, recipient, at=at)

    page = profile(browse(sender), recipient)

    assert "2nd degree" in page
    assert "Vera Kranz" in page
    assert "Message for 1 credit" in page
    assert "Connect, free" in page
    assert "It comes back if Tomas answers, even" in page
    assert "You and Tomas have not written to each other." in page


def test_a_sent_request_to_connect_is_said(sender: Member, recipient: Member, browse: Browse, at: datetime) -> None:
    invite(sender=sender, recipient=recipient, note="", at=at)

    assert "Your connection request is waiting." in profile(browse(sender), recipient)
    assert "Accept the invitation" in profile(browse(recipient), sender)


def test_whom_i_blocked_i_can_unblock(sender: Member, recipient: Member, browse: Browse, at: datetime) -> None:
    Block.objects.create(blocker=sender, blocked=recipient, blocked_at=at)

    page = profile(browse(sender), recipient)

    assert "You blocked Tomas." in page
    assert "Unblock Tomas" in page
    assert "Message for" not in page
    assert "Connect, free" not in page


def test_my_own_profile_can_be_edited(sender: Member, browse: Browse) -> None:
    page = profile(browse(sender), sender)

    assert "This is you." in page
    assert reverse("accounts:settings_profile") in page


def test_a_handle_that_never_was_is_404(sender: Member, browse: Browse) -> None:
    assert browse(sender).get(reverse("messaging:profile", args=["no-such-member"])).status_code == 404


def test_reach_is_saved_and_said(sender: Member, recipient: Member, browse: Browse) -> None:
    client = browse(recipient)
    choices = {"who": "premium", "purposes_taken": ["job_offer", "press"], "first_contacts_land": "inbox"}
    choices["requests_mail"] = "each"

    meant = client.get(reverse("messaging:reach_summary"), choices).content.decode()
    assert "<b>Premium members may write to you first about job offers, press, for a credit.</b>" in meant
    assert Reach.objects.get(member=recipient).who == "everyone"

    page = client.post(reverse("messaging:settings_reach"), choices, follow=True).content.decode()
    assert "Saved." in page
    assert "about job offers, press" in page
    saved = Reach.objects.get(member=recipient)
    assert (saved.who, saved.first_contacts_land, saved.wants_open_profile) == ("premium", "inbox", False)
    assert (
        "Tomas takes: job offers, press."
        in browse(sender).get(reverse("messaging:compose", args=[recipient.handle])).content.decode()
    )


def test_a_choice_that_is_not_offered_is_422(recipient: Member, browse: Browse) -> None:
    response = browse(recipient).post(
        reverse("messaging:settings_reach"), {"who": "friends", "purposes_taken": ["x"], "first_contacts_land": "inbox"}
    )

    assert response.status_code == 422
    assert Reach.objects.get(member=recipient).who == "everyone"


def test_open_profile_needs_a_plan(sender: Member, recipient: Member, browse: Browse) -> None:
    choices = {"who": "everyone", "first_contacts_land": "requests", "wants_open_profile": "on"}
    choices["requests_mail"] = "each"
    for member in (sender, recipient):
        browse(member).post(reverse("messaging:settings_reach"), choices)

    assert Reach.objects.get(member=sender).wants_open_profile
    assert not Reach.objects.get(member=recipient).wants_open_profile


def test_a_new_message_begins_with_connections_and_finds_anybody(
    sender: Member, recipient: Member, outsider: Member, connect: Callable[..., None], browse: Browse, at: datetime
) -> None:
    connect(sender, outsider, at=at)
    for member in (recipient, outsider):
        describe(member, company="Acme")
    client = browse(sender)

    def found(**query: str) -> list[str]:
        response = client.get(reverse("messaging:compose_choose"), query)
        return [line.member.name for line in response.context["listed"]]

    assert found() == ["Vera Kranz"]
    assert found(q="acme") == ["Vera Kranz", "Tomas Lind"]
