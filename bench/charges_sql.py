"""A charge and a return of one credit as one would write them by hand: the wallet locked first, then one statement.

Correct where nothing is due on the wallet, no lot is disputed and nothing is owed: the statement looks for that and
then writes nothing. Rows, keys and hashes are those of the product; `verify_ledger` judges them.
"""

from bench.renewal_sql import CHAIN

LOCK = "SELECT id FROM billing_wallet WHERE member_id = %(member)s FOR NO KEY UPDATE"
LOCK_OF_CHARGE = """SELECT id FROM billing_wallet
    WHERE id = (SELECT wallet_id FROM billing_charge WHERE id = %(charge)s) FOR NO KEY UPDATE"""

AT = """to_char(%(at)s::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00'"""
FACTS = {"previous": "last_hash", "seq": "last_seq + 1", "lot": "lot_id", "at": AT}

CHARGE_HASH = CHAIN.format(
    **FACTS, kind="'charge'", delta="-1", balance="balance - 1", remaining="remaining - 1"
).replace("'None', 'None'", "(SELECT id FROM charged), 'None'")

NOTHING_DUE = """NOT EXISTS (SELECT 1 FROM billing_lot l WHERE l.wallet_id = w.id AND l.closed_at IS NULL
            AND l.frozen_at IS NULL AND l.expires_at <= %(at)s)
      AND NOT EXISTS (SELECT 1 FROM billing_subscription s WHERE s.wallet_id = w.id AND s.ended_at IS NULL
            AND (s.renews_at <= %(at)s OR s.cancel_at <= %(at)s OR s.changes_at <= %(at)s
                 OR s.paid_through <= %(at)s))"""

CHARGE = f"""
WITH held AS (
    SELECT w.id AS wallet_id, w.balance, w.last_seq, w.last_hash, l.id AS lot_id, l.remaining
    FROM billing_wallet w JOIN LATERAL (
        SELECT id, remaining FROM billing_lot
        WHERE wallet_id = w.id AND closed_at IS NULL AND frozen_at IS NULL AND remaining > 0
          AND effective_at <= %(at)s AND expires_at > %(at)s
        ORDER BY priority, expires_at, id LIMIT 1) l ON true
    WHERE w.member_id = %(member)s AND w.frozen_at IS NULL AND w.last_entry_at <= %(at)s AND {NOTHING_DUE}
      AND NOT EXISTS (SELECT 1 FROM billing_charge c WHERE c.wallet_id = w.id AND c.return_due_at <= %(at)s)
      AND NOT EXISTS (SELECT 1 FROM billing_shortfall f WHERE f.wallet_id = w.id AND f.closed_at IS NULL)
), charged AS (
    INSERT INTO billing_charge (reference, wallet_id, payer_id, cost, charged_at, returnable, refundable_until,
                                policy_version_id)
    SELECT %(reference)s, wallet_id, %(member)s, 1, %(at)s, true, %(until)s, %(policy)s FROM held RETURNING id
), linked AS (SELECT held.*, {CHARGE_HASH} AS hash FROM held), posted AS (
    INSERT INTO billing_entry (wallet_id, seq, lot_id, kind, delta, balance_after, lot_remaining_after, charge_id,
                               reason, occurred_at, recorded_at, key, hash)
    SELECT wallet_id, last_seq + 1, lot_id, 'charge', -1, balance - 1, remaining - 1, (SELECT id FROM charged), '',
           %(at)s, %(at)s, 'charge:' || %(reference)s || ':' || lot_id, hash FROM linked
), taken AS (
    UPDATE billing_lot l SET remaining = l.remaining - 1 FROM linked WHERE l.id = linked.lot_id)
UPDATE billing_wallet w SET balance = linked.balance - 1, last_seq = linked.last_seq + 1, last_hash = linked.hash,
       last_entry_at = %(at)s FROM linked WHERE w.id = linked.wallet_id
"""

REFUND_HASH = CHAIN.format(
    **FACTS, kind="'refund'", delta="1", balance="balance + 1", remaining="remaining + 1"
).replace("'None', 'None'", "charge_id, lot_id")

REFUND = f"""
WITH due AS (
    SELECT w.id AS wallet_id, w.balance, w.last_seq, w.last_hash, l.id AS lot_id, l.remaining, c.id AS charge_id
    FROM billing_charge c JOIN billing_wallet w ON w.id = c.wallet_id
    JOIN billing_entry e ON e.charge_id = c.id AND e.kind = 'charge'
    JOIN billing_lot l ON l.id = e.lot_id AND l.closed_at IS NULL AND l.expires_at > %(at)s
    WHERE c.id = %(charge)s AND c.return_due_at <= %(at)s AND w.last_entry_at <= %(at)s AND {NOTHING_DUE}
), linked AS (SELECT due.*, {REFUND_HASH} AS hash FROM due), posted AS (
    INSERT INTO billing_entry (wallet_id, seq, lot_id, kind, delta, balance_after, lot_remaining_after, charge_id,
                               origin_lot_id, reason, occurred_at, recorded_at, key, hash)
    SELECT wallet_id, last_seq + 1, lot_id, 'refund', 1, balance + 1, remaining + 1, charge_id, lot_id, '', %(at)s,
           %(at)s, 'refund:' || charge_id || ':' || lot_id, hash FROM linked
), marked AS (
    UPDATE billing_charge c SET return_due_at = NULL FROM linked WHERE c.id = linked.charge_id
), given AS (
    UPDATE billing_lot l SET remaining = l.remaining + 1 FROM linked WHERE l.id = linked.lot_id)
UPDATE billing_wallet w SET balance = linked.balance + 1, last_seq = linked.last_seq + 1, last_hash = linked.hash,
       last_entry_at = %(at)s FROM linked WHERE w.id = linked.wallet_id
"""
