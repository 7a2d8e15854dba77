"""Answered charges: marking them, taking the mark back, and posting the returns that are due (domain 5.5).

Messaging says what was answered, by reference, inside the answer's own transaction; it has locked the conversation
and needs no wallet. Charges are locked in order of id.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from accounts.site_policy import SitePolicy, read_policy
from billing import sweeps
from billing.models import Charge


def mark_answered(
    *,
    references: Iterable[str],
    answer: str,
    answered_at: datetime,
    due_at: datetime,
    policy: SitePolicy,
    in_words: bool = False,
) -> list[Charge]:
    """Make returns due at `due_at` for those charges that this answer returns; answers these.

    Left untouched: reversed or answered before, not returnable, answered at or after `refundable_until`, or with an
    `answer` that the charge's own terms do not reward; one tap with words (`in_words`) is a reply too. `policy` spares
    reading those terms where they are in force.
    """
    given = {answer, "reply"} if in_words else {answer}
    marked = [
        charge
        for charge in _locked(references)
        if charge.answered_at is None
        and _is_in_time(charge, answered_at)
        and not given.isdisjoint(_terms(charge, policy).return_on)
    ]
    for charge in marked:
        charge.answered_at, charge.return_due_at = answered_at, due_at
        charge.save(update_fields=["answered_at", "return_due_at"])
    return marked


def take_back(*, references: Iterable[str]) -> list[Charge]:
    """The answer was taken back: no return. One that is posted already stays. Answers the unmarked charges."""
    unmarked = [charge for charge in _locked(references) if charge.return_due_at is not None]
    for charge in unmarked:
        charge.answered_at = charge.return_due_at = None
        charge.save(update_fields=["answered_at", "return_due_at"])
    return unmarked


def return_due(*, at: datetime, limit: int = sweeps.WALLETS_A_RUN) -> Counter[str]:
    """Post the returns due by `at` of at most `limit` wallets; counts entries by kind."""
    return sweeps.settle_wallets(sweeps.wallets_of(Charge.objects.due(at), limit=limit), at=at, wait=True)


def _locked(references: Iterable[str]) -> list[Charge]:
    charges = Charge.objects.not_reversed().filter(reference__in=list(references), returnable=True)
    return list(charges.select_for_update(no_key=True, of=("self",)).select_related("policy_version").order_by("id"))


def _is_in_time(charge: Charge, answered_at: datetime) -> bool:
    return charge.refundable_until is None or answered_at < charge.refundable_until


def _terms(charge: Charge, policy: SitePolicy) -> SitePolicy:
    return policy if charge.policy_version_id == policy.version else read_policy(charge.policy_version)
