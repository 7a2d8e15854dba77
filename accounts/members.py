"""Joining: who signs up is no member for others, or for mail, until the address is confirmed.

Until then the row is inactive, and whoever signs up with the same address takes its place: an address that was
never confirmed belongs to nobody.
"""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Member, Reach
from accounts.site_policy import policy_in_force

UNCONFIRMED_KEPT = timedelta(days=1)


class AddressTaken(Exception):
    """Somebody has this address; visitors are not told."""


def join(*, email: str, name: str, password: str | None, at: datetime) -> Member:
    """A member to be, with the site's default reach. Raises AddressTaken."""
    policy = policy_in_force(at)
    try:
        with transaction.atomic():
            member = Member.objects.create_user(
                email=email, name=name, password=password, joined_at=at, is_active=False
            )
            Reach.objects.filter(member=member).update(
                who=policy.default_reach, first_contacts_land=policy.first_contact_lands
            )
    except IntegrityError as error:
        if not Member.objects.filter(email=email.lower()).exists():
            raise
        raise AddressTaken from error
    return member


def activate(*, member_id: int) -> None:
    """The address is theirs: from now on others can find and write to them."""
    Member.objects.filter(pk=member_id).update(is_active=True)


def unconfirmed() -> QuerySet[Member]:
    """Signed up, and never confirmed the address. A member whom staff deactivated has a confirmed one."""
    addresses = EmailAddress.objects.filter(user_id=OuterRef("pk"))
    return Member.objects.filter(
        Exists(addresses), ~Exists(addresses.filter(verified=True)), is_active=False, is_staff=False, last_login=None
    )


def is_unconfirmed(member: Member) -> bool:
    """Whether the address in use waits for its confirmation. Who was brought in by the operator has none to confirm."""
    return EmailAddress.objects.filter(user=member, email=member.email, verified=False).exists()


def forget_unconfirmed(*, email: str, except_for: int = 0) -> None:
    """Free an address for whoever can confirm it, so that nobody holds another's address by signing up with it."""
    unconfirmed().filter(email=email.lower()).exclude(pk=except_for).delete()


def forget_lapsed(*, at: datetime) -> int:
    """Delete sign-ups that nobody confirmed for a day; counts them."""
    lapsed = unconfirmed().filter(joined_at__lt=at - UNCONFIRMED_KEPT)
    return lapsed.delete()[1].get("accounts.Member", 0)
