"""Who may hold which plan, for how many seats, on which contract; and the refusals of the verbs of subscriptions."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Member, Seat, Team

from .models import PlanVersion


class SubscriptionRefused(Exception):
    """Nothing was changed; the text is a sentence for whoever asked."""


class AlreadySubscribed(SubscriptionRefused):
    """A wallet has at most one running subscription (domain 5.6)."""


class NotRunning(SubscriptionRefused):
    """The plan has ended meanwhile."""


class NotOffered(SubscriptionRefused):
    """A plan that cannot be had, or not on these terms."""


class TooFewLicences(SubscriptionRefused):
    """More seats are held than that."""


def check_terms(holder: Member | Team, version: PlanVersion, *, seats: int, contract_allotment: int | None) -> None:
    """Raises NotOffered."""
    if not version.is_paid:
        raise NotOffered(_("%(plan)s is what every member has.") % {"plan": version.plan})
    if isinstance(holder, Team) and not version.is_per_seat:
        raise NotOffered(_("%(plan)s is not a plan for teams.") % {"plan": version.plan})
    if seats < 1 or (seats > 1 and not isinstance(holder, Team)):
        raise NotOffered(_("A member holds one seat of %(plan)s.") % {"plan": version.plan})
    if contract_allotment is not None:
        _check_contract(version, contract_allotment)


def _check_contract(version: PlanVersion, credits: int) -> None:
    least, most = version.contract_least, version.contract_most
    if least is None or most is None:
        raise NotOffered(_("%(plan)s has no contracts.") % {"plan": version.plan})
    if not least <= credits <= most:
        raise NotOffered(
            _("A contract for %(plan)s says %(least)s to %(most)s credits.")
            % {"plan": version.plan, "least": least, "most": most}
        )


def check_licences(holder: Member | Team, *, seats: int) -> None:
    """Each seat that is held has a licence. Raises TooFewLicences."""
    held = Seat.objects.held().filter(team=holder).count() if isinstance(holder, Team) else 0
    if seats < held:
        words = ngettext(
            "%(team)s holds %(n)s seat. Take it back first, or choose at least %(n)s licence.",
            "%(team)s holds %(n)s seats. Take some back first, or choose at least %(n)s licences.",
            held,
        )
        raise TooFewLicences(words % {"team": holder, "n": held})


def check_anchor(version: PlanVersion, anchor_at: datetime | None, *, at: datetime) -> None:
    """Periods before today are granted with their true dates; a day to come is none yet.

    Raises NotOffered, SubscriptionRefused.
    """
    if anchor_at is None:
        return
    if version.allotment_clock != PlanVersion.Clock.CONTRACT:
        raise NotOffered(_("%(plan)s counts from the day on which it starts.") % {"plan": version.plan})
    if anchor_at > at:
        raise SubscriptionRefused(_("A contract is entered from the day on which it begins."))
