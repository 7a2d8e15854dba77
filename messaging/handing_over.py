"""What was scheduled for a team stays the team's: its writer's seat gone, it is the admin's draft (domain 5.8)."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts import teams
from accounts.models import Member, Team
from messaging.coming_back import come_back
from messaging.drafts import new_send_key
from messaging.models import Draft
from messaging.quotes import Quote
from messaging.sending_for import seat_for

CODE = "seat_gone"


def is_left_behind(draft: Draft, agreed: Quote) -> bool:
    """Whether a team was to pay for which its writer holds no seat any more."""
    seat = seat_for(draft.member, draft.sending_for)
    return agreed.wallet != "" and (seat is None or seat.team.public_id != agreed.wallet)


def hand_over(draft: Draft, agreed: Quote, *, at: datetime) -> Draft:
    """The text as a plain draft of whoever looks after the team longest and has none to this person; they are told.

    Without such an admin it comes back to its writer. Nothing was charged.
    """
    writer, team = draft.member, Team.objects.get(public_id=agreed.wallet)
    admin = _heir(draft, team)
    if admin is None:
        why = _("You write for %(team)s no longer.") % {"team": team.name}
        come_back(draft=draft, code=CODE, why=why, at=at)
        return draft
    draft.member, draft.send_key = admin, new_send_key()
    draft.save(update_fields=["member", "send_key"])
    why = _("%(name)s had scheduled it for %(team)s and holds no seat any more.")
    come_back(draft=draft, code=CODE, why=why % {"name": writer.name, "team": team.name}, at=at)
    return draft


def _heir(draft: Draft, team: Team) -> Member | None:
    busy = Draft.objects.filter(recipient=draft.recipient).values("member")
    found = teams.admins_of(team).exclude(member__in=busy).exclude(member__in=[draft.member_id, draft.recipient_id])
    admin = found.filter(member__is_active=True).first()
    return admin.member if admin else None
