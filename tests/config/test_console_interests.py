"""Who reported or blocked whom: not for support, and for nobody in staff about themselves (domain 8.6)."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from accounts.models import Member
from messaging import reporting
from messaging.models import Case, Participation
from tests.config.test_console import make_staff
from tests.config.test_console_moderation import COPIED, Browse, MakeMember, case, page_of, write

__all__ = ["case"]

pytestmark = pytest.mark.django_db


def test_support_opens_a_reported_text_and_does_not_learn_who_reported_it(
    case: Case, sender: Member, recipient: Member, make_member: MakeMember, browse: Browse
) -> None:
    client = browse(make_staff(make_member("Sven Holm"), "Support"))
    shown = client.post(page_of(case), {"act": "show", "reason": "report", "note": "Asked by phone"}).content.decode()
    assert COPIED in shown and recipient.name not in shown and "who reported" in shown
    participations = reverse("admin:messaging_participation_changelist")
    assert "Spam" not in client.get(participations).content.decode()
    assert client.get(participations, {"tray__exact": "spam"}).status_code == 400
    side = Participation.objects.get(member=recipient)
    detail = client.get(reverse("admin:messaging_participation_change", args=[side.pk])).content.decode()
    assert "Spam" not in detail


def test_staff_do_not_look_up_who_reported_or_blocked_them(
    make_member: MakeMember, recipient: Member, browse: Browse, clock: datetime
) -> None:
    moderator = make_staff(make_member("Mara Ek", plan="premium-business"), "Moderator")
    message = write(moderator, recipient, at=clock - timedelta(hours=1))
    reporting.report(message=message, reporter=recipient, reason="spam", also_block=True, at=clock)
    for page, theirs in (("messaging_participation", "member"), ("accounts_block", "blocker")):
        found = browse(moderator).get(reverse(f"admin:{page}_changelist")).context["cl"].queryset
        assert not found.filter(**{theirs: recipient}).exists()


@pytest.mark.parametrize(
    ("page", "guess"),
    [
        ("messaging_message", {"body__startswith": "The words"}),
        ("messaging_message", {"subject__icontains": "rare"}),
        ("messaging_report", {"body__contains": "words"}),
        ("accounts_member", {"password__startswith": "argon2"}),
        ("accounts_notice", {"context__icontains": "code"}),
    ],
)
def test_no_text_or_secret_is_guessed_letter_by_letter_in_the_address_of_a_list(
    page: str, guess: dict[str, str], case: Case, make_member: MakeMember, browse: Browse
) -> None:
    client = browse(make_staff(make_member("Mara Ek"), "Moderator"))
    assert client.get(reverse(f"admin:{page}_changelist"), guess).status_code == 400
