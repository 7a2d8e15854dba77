"""What members tell about themselves, kept findable."""

from django.db import IntegrityError, transaction

from accounts.models import Member, Profile
from accounts.search_words import name_key, search_columns


class HandleTaken(Exception):
    """Another member has this handle."""


def save_profile(
    *,
    member: Member,
    name: str,
    handle: str,
    headline: str,
    company: str,
    location: str,
    about: str,
    time_zone: str,
    language: str,
) -> Member:
    """Store the cleaned texts and what the directory searches of them. Raises HandleTaken, with nothing written."""
    own = {"name": name, "name_folded": name_key(name), "handle": handle, "time_zone": time_zone, "language": language}
    told = {"headline": headline, "company": company, "location": location, "about": about}
    found = search_columns(name=name, headline=headline, company=company, place=location)
    try:
        with transaction.atomic():
            Member.objects.filter(pk=member.pk).update(**own)
            Profile.objects.filter(member=member).update(**told, **found)
    except IntegrityError as error:
        if not Member.objects.filter(handle=handle).exclude(pk=member.pk).exists():
            raise
        raise HandleTaken from error
    return Member.objects.select_related("profile").get(pk=member.pk)
