"""The console: who gets in, what it shows, what it never shows, and what staff do there."""

from collections.abc import Callable
from datetime import datetime

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from billing.models import Entry, PlanRequest, Subscription, Wallet
from billing.plan_requests import ask_for_plan
from config.roles import ROLES
from messaging.models import Conversation, Message, Outreach

MakeMember = Callable[..., Member]
SECRET_WORDS = "the text that nobody in the console may read"


def make_staff(member: Member, *roles: str, superuser: bool = False) -> Member:
    member.is_staff, member.is_superuser = True, superuser
    member.save(update_fields=["is_staff", "is_superuser"])
    member.groups.set(Group.objects.filter(name__in=roles))
    Authenticator.objects.create(user=member, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return member


@pytest.fixture
def biller(make_member: MakeMember) -> Member:
    return make_staff(make_member("Rosa Silva"), "Billing operator")


@pytest.fixture
def supporter(make_member: MakeMember) -> Member:
    return make_staff(make_member("Sven Holm"), "Support")


@pytest.fixture
def chief(make_member: MakeMember) -> Member:
    return make_staff(make_member("Chi Ndlovu"), superuser=True)


@pytest.fixture
def written(sender: Member, recipient: Member, at: datetime) -> Message:
    low, high = sorted((sender, recipient), key=lambda member: member.pk)
    conversation = Conversation.objects.create(low=low, high=high, started_at=at)
    message = Message.objects.create(
        conversation=conversation,
        sender=sender,
        recipient=recipient,
        kind=Message.Kind.OPEN_PROFILE,
        subject=SECRET_WORDS,
        body=SECRET_WORDS,
        send_key="key",
        sent_at=at,
        deliver_at=at,
    )
    Outreach.objects.create(message=message, code="open_profile", purpose="advice", is_first=True)
    return message


class TestWhoGetsIn:
    def test_a_visitor_is_sent_to_sign_in(self, client: Client, catalog: None) -> None:
        answer = client.get(reverse("admin:index"), follow=True)
        assert reverse("account_login") in answer.redirect_chain[-1][0]

    def test_a_member_is_refused(self, sender: Member, browse: Callable[[Member], Client]) -> None:
        answer = browse(sender).get(reverse("admin:index"), follow=True)
        assert answer.status_code == 403

    def test_staff_without_a_second_factor_are_sent_to_set_one_up(
        self, sender: Member, browse: Callable[[Member], Client]
    ) -> None:
        sender.is_staff = sender.is_superuser = True
        sender.save(update_fields=["is_staff", "is_superuser"])
        answer = browse(sender).get(reverse("admin:accounts_member_changelist"), follow=True)
        assert answer.redirect_chain[-1][0].startswith(reverse("mfa_index"))
        assert "second factor" in answer.content.decode()

    @pytest.mark.parametrize("role", ROLES)
    def test_every_role_sees_today_and_its_own_lists(
        self, role: str, make_member: MakeMember, browse: Callable[[Member], Client]
    ) -> None:
        client = browse(make_staff(make_member("Some Staff"), role))
        assert client.get(reverse("admin:index")).status_code == 200
        can_see_members = client.get(reverse("admin:accounts_member_changelist")).status_code
        assert can_see_members == 200
        assert client.get(reverse("admin:auth_group_add")).status_code == 403


class TestWhatItShows:
    def test_every_list_and_every_row_opens(
        self, chief: Member, written: Message, browse: Callable[[Member], Client]
    ) -> None:
        client = browse(chief)
        for model in admin.site._registry:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            assert client.get(reverse(f"{name}_changelist")).status_code == 200, name
            row = model._default_manager.first()
            if row is not None:
                assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200, name

    def test_message_text_is_nowhere(
        self, chief: Member, sender: Member, written: Message, browse: Callable[[Member], Client]
    ) -> None:
        client = browse(chief)
        pages = [reverse("admin:index"), reverse("admin:member_overview", args=[sender.pk])]
        for model in (Message, Outreach, Conversation):
            name = f"admin:messaging_{model._meta.model_name}"
            pages += [reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[model._default_manager.get().pk])]
        for page in pages:
            assert SECRET_WORDS not in client.get(page).content.decode(), page

    def test_secrets_of_sign_in_have_no_page(self, chief: Member, browse: Callable[[Member], Client]) -> None:
        content = browse(chief).get(reverse("admin:index")).content.decode().lower()
        for word in ("authenticator", "session"):
            assert f"/admin/mfa/{word}" not in content and f"/admin/usersessions/{word}" not in content

    def test_a_list_counts_no_further_than_it_must(
        self, chief: Member, make_member: MakeMember, browse: Callable[[Member], Client], django_assert_max_num_queries
    ) -> None:
        client = browse(chief)
        for number in range(20):
            make_member(f"Member {number}", plan="premium-career")
        with django_assert_max_num_queries(10):
            client.get(reverse("admin:billing_entry_changelist"))

    def test_a_search_finds_by_address_and_survives_a_null(
        self, chief: Member, sender: Member, browse: Callable[[Member], Client]
    ) -> None:
        client = browse(chief)
        found = client.get(reverse("admin:billing_entry_changelist"), {"q": sender.email}).content.decode()
        assert sender.name in found
        assert client.get(reverse("admin:billing_entry_changelist"), {"q": "a b@"}).status_code == 200


class TestNobodyEditsTheJournal:
    @pytest.mark.parametrize("name", ["entry", "lot", "charge", "wallet", "adjustment"])
    def test_not_even_a_superuser(self, name: str, chief: Member, sender: Member, browse) -> None:
        client = browse(chief)
        assert client.get(reverse(f"admin:billing_{name}_add")).status_code == 403
        entry = Entry.objects.first()
        assert entry is not None
        if name == "entry":
            url = reverse("admin:billing_entry_change", args=[entry.pk])
            assert client.post(url, {"delta": 500}).status_code == 403
            assert client.post(reverse("admin:billing_entry_delete", args=[entry.pk])).status_code == 403

    def test_support_cannot_raise_their_own_rights(self, supporter: Member, browse) -> None:
        url = reverse("admin:accounts_member_change", args=[supporter.pk])
        assert browse(supporter).post(url, {"is_active": "on", "is_superuser": "on"}).status_code == 403
        supporter.refresh_from_db()
        assert not supporter.is_superuser

    def test_support_cannot_appoint_staff(self, supporter: Member, sender: Member, browse) -> None:
        url, address = reverse("admin:accounts_member_change", args=[sender.pk]), sender.email
        browse(supporter).post(
            url, {"is_active": "on", "is_staff": "on", "is_superuser": "on", "email": "x@example.org"}
        )
        sender.refresh_from_db()
        assert (sender.is_staff, sender.is_superuser, sender.email) == (False, False, address)


class TestStanding:
    def test_support_deactivates_and_reactivates_after_being_asked(self, supporter, recipient, browse) -> None:
        client, url = browse(supporter), reverse("admin:member_standing", args=[recipient.pk])
        assert "Deactivate" in client.get(url).content.decode()
        recipient.refresh_from_db()
        assert recipient.is_active
        for is_active in (False, True):
            assert client.post(url).status_code == 302
            recipient.refresh_from_db()
            assert recipient.is_active is is_active
        assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == ["Deactivated", "Reactivated"]

    def test_a_biller_may_not(self, biller, recipient, browse) -> None:
        assert browse(biller).post(reverse("admin:member_standing", args=[recipient.pk])).status_code == 403

    def test_support_cannot_deactivate_a_superuser(self, supporter, chief, browse) -> None:
        assert browse(supporter).post(reverse("admin:member_standing", args=[chief.pk])).status_code == 403


class TestPlans:
    def test_staff_start_cancel_and_resume_a_plan(self, biller, recipient, browse) -> None:
        client, url = browse(biller), reverse("admin:member_subscription", args=[recipient.pk])
        version = client.get(url).context["form"].fields["plan_version"].queryset.get(plan__code="premium-business")
        facts = {"act": "subscribe", "plan_version": version.pk, "interval": "month", "paid_through": ""}
        assert client.post(url, facts).status_code == 302
        assert Wallet.objects.get(member=recipient).balance == 15
        assert client.post(url, {"act": "cancel"}).status_code == 302
        assert Subscription.objects.get(wallet__member=recipient).cancel_at > timezone.now()
        assert client.post(url, {"act": "resume"}).status_code == 302
        assert Subscription.objects.get(wallet__member=recipient).cancel_at is None

    def test_a_day_that_is_past_is_refused_and_kept(self, biller, recipient, browse) -> None:
        client, url = browse(biller), reverse("admin:member_subscription", args=[recipient.pk])
        version = client.get(url).context["form"].fields["plan_version"].queryset.first()
        facts = {"act": "subscribe", "plan_version": version.pk, "interval": "month", "paid_through": "2020-01-01"}
        refused = client.post(url, facts)
        assert refused.status_code == 422
        assert "past" in refused.content.decode() and "2020-01-01" in refused.content.decode()

    @pytest.mark.parametrize("act", ["cancel", "resume", "extend", "nonsense", ""])
    def test_a_page_that_is_out_of_date_changes_nothing(self, act, biller, recipient, browse) -> None:
        refused = browse(biller).post(reverse("admin:member_subscription", args=[recipient.pk]), {"act": act})
        assert refused.status_code == 422
        assert "changed meanwhile" in refused.content.decode()

    def test_a_second_plan_from_an_old_page_is_refused(self, biller, sender, browse) -> None:
        version = Subscription.objects.get(wallet__member=sender).plan_version
        facts = {"act": "subscribe", "plan_version": version.pk, "interval": "month", "paid_through": ""}
        assert browse(biller).post(reverse("admin:member_subscription", args=[sender.pk]), facts).status_code == 422
        assert Subscription.objects.filter(wallet__member=sender).count() == 1

    def test_a_request_is_confirmed_from_its_list(self, biller, recipient, at, browse) -> None:
        from billing.models import Plan

        asked = ask_for_plan(
            member=recipient, plan=Plan.objects.get(code="premium-career"), interval="month", at=timezone.now()
        )
        url = reverse("admin:billing_planrequest_changelist")
        browse(biller).post(url, {"action": "confirm", "_selected_action": [asked.pk]})
        assert PlanRequest.objects.get().state == PlanRequest.State.CONFIRMED
        assert Wallet.objects.get(member=recipient).balance == 5
