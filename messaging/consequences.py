"""What a restriction does besides limiting: waiting texts become drafts; a closing ends the account (domain 8.4)."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Restriction, Step
from billing import forfeiting
from messaging import leaving, scheduling
from messaging.dates import deadline_words, zone_of
from messaging.models import Decision


def put_back_drafts(restriction: Restriction, *, at: datetime) -> None:
    """Scheduled and held texts wait as drafts again: they held no credit, and none goes out by itself later.

    The caller holds the member's wallet.
    """
    if restriction.step != Step.WARNING:
        is_suspended = restriction.step in {Step.SUSPENDED, Step.CLOSING}
        why = _why(restriction, is_suspended=is_suspended, at=at)
        code = "sender_suspended" if is_suspended else "sender_restricted"
        scheduling.unschedule_all(member=restriction.member, why=why, at=at, code=code)


def finish(*, decision: Decision, at: datetime) -> None:
    """Forfeit the wallet and close the account of a confirmed closing. Twice is once."""
    member = decision.case.about
    forfeiting.forfeit_wallet(member=member, cause=f"closing-{decision.public_id}", at=at)
    leaving.deactivate(member=member, at=at)


def finish_all(*, at: datetime) -> int:
    """Closings in force whose account is still open: a crash came between; counts them."""
    undone = Decision.objects.filter(
        outcome=Step.CLOSING, restriction__reversed_at=None, restriction__isnull=False, case__about__is_active=True
    )
    found = list(undone.select_related("case__about"))
    for decision in found:
        finish(decision=decision, at=at)
    return len(found)


def _why(restriction: Restriction, *, is_suspended: bool, at: datetime) -> str:
    if restriction.ends_at is None:
        return _("Your account is closed.")
    values = {
        "date": deadline_words(restriction.ends_at, zone_of(restriction.member), at=at),
        "rule": restriction.get_rule_display(),
    }
    if is_suspended:
        return _("You cannot send until %(date)s. Rule: %(rule)s.") % values
    return _("You cannot start conversations until %(date)s. Rule: %(rule)s. You can still answer.") % values
