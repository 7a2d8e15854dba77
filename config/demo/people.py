"""Brings the demo's members in: three hundred from files, and the cast with sign-ins."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction

from accounts import profiles, reach
from accounts.clock import FOREVER
from accounts.models import Connection, Member, Purpose
from billing import subscriptions
from billing.catalog import version_in_force
from config.demo.cast import CAST, COLLEAGUE, CONNECTED, STAFF, Role

FILES = Path(__file__).parent
JOINED_AGO = timedelta(days=110)
SUBSCRIBED_AGO = timedelta(days=100)


@dataclass(frozen=True)
class SignIn:
    who: str
    email: str
    password: str
    note: str = ""


@transaction.atomic
def bring_in(role: Role, *, password: str | None, now: datetime) -> Member:
    """One of the cast, with profile, reach and plan. Without a password: nobody signs in as them."""
    member = Member.objects.create_user(
        email=role.email,
        name=role.name,
        password=password,
        time_zone=role.time_zone,
        joined_at=now - JOINED_AGO,
        handle=role.name.lower().replace(" ", "-"),
    )
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    profiles.save_profile(
        member=member,
        name=role.name,
        handle=member.handle,
        headline=role.headline,
        company=role.company,
        location=role.location,
        about=role.about,
        time_zone=role.time_zone,
        language="en",
    )
    _subscribe(member, role, now=now)
    taken = role.takes or tuple(Purpose.values)
    reach.save_reach(
        member=member,
        who=role.who,
        purposes_taken=taken,
        first_contacts_land="requests",
        wants_open_profile=role.open_profile,
        cap_day=None,
        cap_week=None,
        hides_caps=False,
        shares_receipts=True,
        requests_mail="each",
        at=now,
    )
    return member


def _subscribe(member: Member, role: Role, *, now: datetime) -> None:
    at = now - SUBSCRIBED_AGO
    if role.plan:
        version = version_in_force(role.plan, at=at)
        subscriptions.subscribe(
            member=member, plan_version=version, interval="month", paid_through=FOREVER, started_by=None, at=at
        )


def cast(*, now: datetime) -> tuple[dict[str, Member], list[SignIn]]:
    """The people of the story by key, the two of staff among them, and how to sign in as some of them."""
    password = {key: secrets.token_hex(5) for key in ("karim", "mei", "sam", "lena", "viktor", "rosa", "jo")}
    people = {role.key: bring_in(role, password=password.get(role.key), now=now) for role in CAST}
    staff = bring_in(STAFF, password=password[STAFF.key], now=now)
    codes = make_staff(staff)
    colleague = bring_in(COLLEAGUE, password=password[COLLEAGUE.key], now=now)
    her_codes = make_staff(colleague)
    for one, other in CONNECTED:
        low, high = sorted((people[one], people[other]), key=lambda member: member.pk)
        Connection.objects.create(low=low, high=high, connected_at=now - SUBSCRIBED_AGO)
    shown = [
        SignIn("Karim, who writes", people["karim"].email, password["karim"]),
        SignIn("Mei, a stranger to Karim", people["mei"].email, password["mei"]),
        SignIn("Sam, without credits", people["sam"].email, password["sam"]),
        SignIn("Lena, who runs a team", people["lena"].email, password["lena"]),
        SignIn("Viktor, who was warned", people["viktor"].email, password["viktor"]),
        SignIn("Rosa, staff", staff.email, password["rosa"], note="Rosa's console codes: " + " ".join(codes)),
        SignIn(
            "Jo, a second in staff",
            colleague.email,
            password["jo"],
            note="Jo's console codes: " + " ".join(her_codes),
        ),
    ]
    return people | {STAFF.key: staff, COLLEAGUE.key: colleague}, shown


def make_staff(member: Member) -> list[str]:
    """Every right, and a second factor whose recovery codes open the console without a phone."""
    Member.objects.filter(pk=member.pk).update(is_staff=True, is_superuser=True)
    member.is_staff = member.is_superuser = True
    TOTP.activate(member, generate_totp_secret())
    return list(RecoveryCodes.activate(member).get_unused_codes())[:5]
