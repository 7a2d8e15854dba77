"""Who may write to a member first, and about what."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.models import Member, Reach, RefusedPurpose
from accounts.site_policy import policy_in_force


class ReachNotOffered(Exception):
    """The site's policy does not offer this choice, and the member did not hold it before."""


class CapAboveSite(Exception):
    """More new people than the site lets write to anybody."""


def save_reach(
    *,
    member: Member,
    who: str,
    purposes_taken: Collection[str],
    first_contacts_land: str,
    wants_open_profile: bool,
    cap_day: int | None,
    cap_week: int | None,
    hides_caps: bool,
    shares_receipts: bool,
    requests_mail: str,
    at: datetime,
) -> Reach:
    """Store the choices. Raises ReachNotOffered or CapAboveSite, with nothing written.

    Of the purposes that the site offers, those not taken are refused; refusals of others stay as they are. A cap is
    in new people, 1 or more; None = as many as the site allows anybody.
    """
    policy = policy_in_force(at)
    _refuse_above(cap_day, policy.recipient_cap_day)
    _refuse_above(cap_week, policy.recipient_cap_week)
    choices = {
        "who": who,
        "first_contacts_land": first_contacts_land,
        "wants_open_profile": wants_open_profile,
        "cap_day": cap_day,
        "cap_week": cap_week,
        "hides_caps": hides_caps,
        "shares_receipts": shares_receipts,
        "requests_mail": requests_mail,
    }
    with transaction.atomic():
        reach = Reach.objects.select_for_update(no_key=True).get(member=member)
        if who not in {*policy.reach_choices, reach.who}:
            raise ReachNotOffered(who)
        for name, chosen in choices.items():
            setattr(reach, name, chosen)
        reach.save(update_fields=list(choices))
        _refuse(member, set(policy.purposes) - set(purposes_taken), offered=policy.purposes)
    return reach


def _refuse_above(cap: int | None, site: int) -> None:
    if cap is not None and not 0 < cap <= site:
        raise CapAboveSite(cap)


def refused_purposes_of(member_ids: Collection[int]) -> dict[int, set[str]]:
    """What each of the members refuses, in one query; who refuses nothing is left out."""
    refused: dict[int, set[str]] = defaultdict(set)
    rows = RefusedPurpose.objects.filter(member_id__in=member_ids).values_list("member_id", "purpose")
    for member_id, purpose in rows:
        refused[member_id].add(purpose)
    return dict(refused)


def _refuse(member: Member, purposes: set[str], *, offered: Collection[str]) -> None:
    held = RefusedPurpose.objects.filter(member=member)
    held.filter(purpose__in=set(offered) - purposes).delete()
    rows = [RefusedPurpose(member=member, purpose=purpose) for purpose in sorted(purposes)]
    RefusedPurpose.objects.bulk_create(rows, ignore_conflicts=True)
