"""Whether anything is due or owed on one wallet: the questions that every charge asks first.

Statements written out: to have them composed from the models each time takes longer than to answer them, and the
answer is nearly always no.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from billing.models import Wallet

DUE = """
SELECT EXISTS (SELECT 1 FROM billing_lot
               WHERE wallet_id = %(wallet)s AND closed_at IS NULL AND frozen_at IS NULL AND expires_at <= %(until)s)
    OR EXISTS (SELECT 1 FROM billing_charge WHERE wallet_id = %(wallet)s AND return_due_at <= %(until)s)
    OR EXISTS (SELECT 1 FROM billing_subscription s JOIN billing_planversion p ON p.id = s.plan_version_id
               WHERE s.wallet_id = %(wallet)s AND s.ended_at IS NULL
                 AND (s.renews_at <= %(until)s OR s.cancel_at <= %(until)s OR s.changes_at <= %(until)s
                      OR s.paid_through <= %(until)s OR (s."interval" = 'year' AND p.annual_bonus_credits > 0)))
"""
OWED = "SELECT EXISTS (SELECT 1 FROM billing_shortfall WHERE wallet_id = %(wallet)s AND closed_at IS NULL)"


def is_anything_due(wallet: Wallet, *, until: datetime) -> bool:
    """By `until`, or by the wallet's later last entry. It may say yes for nothing, but never no for something: a plan
    with a yearly bonus or a missing payment is always looked at."""
    until = until if wallet.last_entry_at is None else max(until, wallet.last_entry_at)
    return _answer(DUE, {"wallet": wallet.pk, "until": connection.ops.adapt_datetimefield_value(until)})


def is_anything_owed(wallet: Wallet) -> bool:
    """Credits that were taken back after they were spent, and have not been made up for."""
    return _answer(OWED, {"wallet": wallet.pk})


def _answer(question: str, facts: dict[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, facts)
        return bool(cursor.fetchone()[0])
