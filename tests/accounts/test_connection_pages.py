"""The pages about connections, invitations and blocks, as members use them."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts import blocks, clock, connections, stops
from accounts.models import Block, Connection, Invitation, Member


@pytest.fixture(autouse=True)
def _noon(at: datetime) -> object:
    with clock.set_to(at):
        yield


@pytest.fixture
def as_member() -> Callable[[Member], Client]:
    def signed_in(member: Member) -> Client:
        client = Client()
        client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


AsMember = Callable[[Member], Client]


def text(response: object) -> str:
    return re.sub(r"</?bdi[^>]*>", "", response.content.decode())  # type: ignore[attr-defined, no-any-return]


def test_an_invitation_with_a_note_is_accepted_in_the_browser(as_member: AsMember, ada: Member, ben: Member) -> None:
    page = as_member(ada).post(reverse("accounts:invite", args=[ben.handle]), {"note": "We met at\r\nFrontfest."})
    assert page.status_code == 302
    assert "We met at\nFrontfest." in text(as_member(ben).get(reverse("accounts:invitations")))
    as_member(ben).post(reverse("accounts:invitation_accept", args=[ada.handle]))
    assert "Ben Haddad" in text(as_member(ada).get(reverse("accounts:connections")))
    assert Connection.objects.count() == 1


def test_a_button_pressed_twice_says_the_same(as_member: AsMember, ada: Member, ben: Member, at: datetime) -> None:
    connections.invite(sender=ada, recipient=ben, note="", at=at)
    client = as_member(ben)
    for _press in range(2):
        page = client.post(reverse("accounts:invitation_accept", args=[ada.handle]), follow=True)
        assert "You and Ada Okafor are connected." in text(page)


def test_a_long_note_is_refused_with_its_text_kept(as_member: AsMember, ada: Member, ben: Member) -> None:
    address = reverse("accounts:invite", args=[ben.handle])
    page = as_member(ada).post(address, {"note": "é" * 301})
    assert page.status_code == 422
    assert "é" * 301 in text(page)
    assert not Invitation.objects.exists()
    assert as_member(ada).post(address, {"note": "e\u0301" * 300}).status_code == 302


def test_a_note_with_nul_is_refused(as_member: AsMember, ada: Member, ben: Member) -> None:
    page = as_member(ada).post(reverse("accounts:invite", args=[ben.handle]), {"note": "a\x00b"})
    assert page.status_code == 422
    assert not Invitation.objects.exists()


def test_a_note_of_invisible_characters_is_none(as_member: AsMember, ada: Member, ben: Member) -> None:
    as_member(ada).post(reverse("accounts:invite", args=[ben.handle]), {"note": "\u2800 \u200b"})
    assert Invitation.objects.get().note == ""


def test_ignoring_is_private_and_can_be_undone(as_member: AsMember, ada: Member, ben: Member, at: datetime) -> None:
    invitation = connections.invite(sender=ada, recipient=ben, note="", at=at)
    client = as_member(ben)
    page = client.post(reverse("accounts:invitation_ignore", args=[ada.handle]), follow=True)
    undo = reverse("accounts:invitation_restore", args=[ada.handle])
    assert undo in text(page)
    assert "Waiting" in text(as_member(ada).get(reverse("accounts:invitations")))
    client.post(undo)
    invitation.refresh_from_db()
    assert invitation.state == Invitation.State.PENDING


def test_withdrawing_takes_it_from_both_pages(as_member: AsMember, ada: Member, ben: Member, at: datetime) -> None:
    connections.invite(sender=ada, recipient=ben, note="", at=at)
    as_member(ada).post(reverse("accounts:invitation_withdraw", args=[ben.handle]))
    for member in (ada, ben):
        assert reverse("accounts:invitation_withdraw", args=[ben.handle]) not in text(
            as_member(member).get(reverse("accounts:invitations"))
        )
    page = as_member(ada).post(reverse("accounts:invite", args=[ben.handle]), {"note": "Again"})
    assert page.status_code == 422
    assert "You can invite again from 13 Dec 2026" in text(page)


def test_a_blocked_inviter_sees_what_an_ignored_one_sees(
    as_member: AsMember, ada: Member, ben: Member, cleo: Member, person: Callable[..., Member], at: datetime
) -> None:
    gone = person("Dana Levi", is_active=False)
    blocks.block(blocker=cleo, blocked=ada, at=at)
    client = as_member(ada)
    pages = []
    for other in (ben, cleo, gone):
        address = reverse("accounts:invite", args=[other.handle])
        before = text(client.get(address))
        client.post(address, {"note": "Hello"})
        list(client.get(reverse("accounts:settings_blocked")).context["messages"])
        pages.append([alike(page, other) for page in (before, text(client.get(address)))])
    connections.ignore(invitation=Invitation.objects.get(recipient=ben), member=ben, at=at)
    assert pages[0] == pages[1] == pages[2]
    listed = text(client.get(reverse("accounts:invitations")))
    assert listed.count("Waiting") == 3


def alike(page: str, other: Member) -> str:
    """The page without what must differ: the name, the handle, the colour, the token."""
    initials = "".join(word[0] for word in other.name.split())
    for own in (other.handle, other.name, other.name.split()[0], f">{initials}<"):
        page = page.replace(own, "~")
    return re.sub(r'data-hue="\d"|name="csrfmiddlewaretoken" value="\w+"|<time.*?</time>', "~", page)


def test_disconnecting_asks_first(as_member: AsMember, ada: Member, ben: Member, cleo: Member, at: datetime) -> None:
    Connection.objects.create(low=ada, high=ben, connected_at=at)
    address = reverse("accounts:disconnect", args=[ben.handle])
    assert "Disconnect from Ben Haddad?" in text(as_member(ada).get(address))
    assert Connection.objects.exists()
    assert as_member(cleo).get(address).status_code == 404
    as_member(cleo).post(address)
    assert Connection.objects.exists()
    as_member(ada).post(address)
    assert not Connection.objects.exists()


def test_blocking_asks_first_and_is_listed_and_lifted(as_member: AsMember, ada: Member, ben: Member) -> None:
    client = as_member(ada)
    address = reverse("accounts:block", args=[ben.handle])
    assert "Ben Haddad is not told." in text(client.get(address))
    assert not Block.objects.exists()
    client.post(address)
    assert "Ben Haddad" in text(client.get(reverse("accounts:settings_blocked")))
    assert "Unblock" in text(client.get(reverse("accounts:invite", args=[ben.handle])))
    client.post(reverse("accounts:unblock", args=[ben.handle]))
    assert not Block.objects.exists()


def test_a_stop_is_listed_and_lifted(as_member: AsMember, ada: Member, ben: Member, at: datetime) -> None:
    stops.stop(recipient=ada, sender=ben, at=at)
    client = as_member(ada)
    assert "Asked to stop writing" in text(client.get(reverse("accounts:settings_blocked")))
    client.post(reverse("accounts:lift_stop", args=[ben.handle]))
    assert not stops.stops_made(ada).exists()


def test_searching_connections(as_member: AsMember, ada: Member, ben: Member, cleo: Member, at: datetime) -> None:
    for other in (ben, cleo):
        Connection.objects.create(low=ada, high=other, connected_at=at)
    client = as_member(ada)
    address = reverse("accounts:connections")
    page = text(client.get(address, {"q": "clé"}))
    assert "Cleo Rossi" in page
    assert "Ben Haddad" not in page
    assert "Type at least two letters" in text(client.get(address, {"q": "c"}))
    assert "No connection matches" in text(client.get(address, {"q": "nobody"}))
    for query in ({"q": "\x00"}, {"q": "x" * 101}, {"after": "no handle!"}, {"before": "\x00"}):
        assert client.get(address, query).status_code == 400


def test_a_stranger_and_nobody_are_the_same_404(
    as_member: AsMember, ada: Member, ben: Member, cleo: Member, at: datetime
) -> None:
    connections.invite(sender=ada, recipient=ben, note="Private words", at=at)
    client = as_member(cleo)
    for name in ("invitation_accept", "invitation_ignore", "invitation_restore", "invitation_withdraw"):
        for handle in (ada.handle, ben.handle, "never-was"):
            assert client.post(reverse(f"accounts:{name}", args=[handle])).status_code == 404
    for name in ("invite", "block"):
        assert client.get(reverse(f"accounts:{name}", args=["never-was"])).status_code == 404
        assert client.get(reverse(f"accounts:{name}", args=[cleo.handle])).status_code == 404
    assert "Private words" not in text(client.get(reverse("accounts:invitations")))


def test_nothing_changes_by_get_or_without_the_token(ada: Member, ben: Member, at: datetime) -> None:
    connections.invite(sender=ben, recipient=ada, note="", at=at)
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    names = (
        "invitation_accept",
        "invitation_ignore",
        "invitation_restore",
        "invitation_withdraw",
        "unblock",
        "lift_stop",
    )
    for name in names:
        assert client.get(reverse(f"accounts:{name}", args=[ben.handle])).status_code == 405
    for name in (*names, "invite", "disconnect", "block"):
        assert client.post(reverse(f"accounts:{name}", args=[ben.handle])).status_code == 403
    assert not Block.objects.exists()
    assert not Connection.objects.exists()


def test_the_next_page_is_on_this_site(as_member: AsMember, ada: Member, ben: Member) -> None:
    address = reverse("accounts:unblock", args=[ben.handle])
    assert as_member(ada).post(address, {"next": "/settings/blocked/"})["Location"] == "/settings/blocked/"
    for evil in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert as_member(ada).post(address, {"next": evil})["Location"] == ben.get_absolute_url()


def test_the_pages_take_the_same_queries_at_any_length(
    as_member: AsMember,
    ada: Member,
    person: Callable[..., Member],
    at: datetime,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    client = as_member(ada)
    counts = []
    for _round in range(2):
        for number in range(6):
            Connection.objects.create(low=ada, high=person(f"Friend {number}"), connected_at=at)
            connections.invite(sender=person(f"Inviter {number}"), recipient=ada, note="", at=at)
            connections.invite(sender=ada, recipient=person(f"Invited {number}"), note="", at=at)
            blocks.block(blocker=ada, blocked=person(f"Blocked {number}"), at=at)
            stops.stop(recipient=ada, sender=person(f"Stopped {number}"), at=at)
        pages = ("accounts:connections", "accounts:invitations", "accounts:settings_blocked")
        counts.append([_queries(client, reverse(name), django_assert_max_num_queries) for name in pages])
    assert counts[0] == counts[1]


def _queries(client: Client, address: str, counter: Callable[..., object]) -> int:
    with counter(40) as captured:  # type: ignore[attr-defined]
        assert client.get(address).status_code == 200
    return len(captured)
