"""One month's renewal as one would write it by hand for this one plan: no months to catch up, no caps, no returns."""

CHAIN = """encode(sha256(convert_to(concat_ws('|', {previous}, wallet_id, {seq}, {lot}, {kind}, {delta}, {balance},
    {remaining}, 'None', 'None', {at}, {at}), 'UTF8')), 'hex')"""
AT = """to_char(%(at)s::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00'"""

EXPIRE_HASH = CHAIN.format(
    previous="last_hash", seq="last_seq + 1", lot="old_lot", kind="'expire'", delta="-remaining",
    balance="balance - remaining", remaining="0", at=AT,
)  # fmt: skip
GRANT_HASH = CHAIN.format(
    previous="expire_hash", seq="last_seq + 2", lot="new_lot", kind="'grant'", delta="allotment",
    balance="balance - remaining + allotment", remaining="allotment", at=AT,
)  # fmt: skip

STATEMENTS = [
    """CREATE TEMPORARY TABLE due ON COMMIT DROP AS
    SELECT w.id AS wallet_id, s.id AS subscription_id, s.plan_version_id, s.next_n, p.allotment, w.balance, w.last_seq,
           w.last_hash, s.anchor_at + make_interval(months => s.next_n) AS starts_at,
           s.anchor_at + make_interval(months => s.next_n + 1) AS ends_at,
           l.id AS old_lot, l.remaining, nextval(pg_get_serial_sequence('billing_lot', 'id')) AS new_lot
    FROM billing_wallet w
    JOIN billing_subscription s ON s.wallet_id = w.id AND s.ended_at IS NULL AND s.renews_at <= %(at)s
    JOIN billing_planversion p ON p.id = s.plan_version_id
    JOIN billing_lot l ON l.wallet_id = w.id AND l.closed_at IS NULL AND l.expires_at <= %(at)s
    ORDER BY w.id FOR NO KEY UPDATE OF w""",
    "ALTER TABLE due ADD COLUMN expire_hash text, ADD COLUMN grant_hash text",
    f"UPDATE due SET expire_hash = {EXPIRE_HASH}",
    f"UPDATE due SET grant_hash = {GRANT_HASH}",
    """INSERT INTO billing_lot (id, wallet_id, source, priority, granted, remaining, effective_at, expires_at,
                                subscription_id, policy_version_id)
    SELECT new_lot, wallet_id, 'plan', 10, allotment, allotment, starts_at, ends_at, subscription_id,
           (SELECT max(id) FROM accounts_policyversion)
    FROM due""",
    """INSERT INTO billing_entry (wallet_id, seq, lot_id, kind, delta, balance_after, lot_remaining_after, reason,
                                  occurred_at, recorded_at, key, hash)
    SELECT wallet_id, last_seq + 1, old_lot, 'expire', -remaining, balance - remaining, 0, '', %(at)s, %(at)s,
           'expire:' || old_lot, expire_hash FROM due
    UNION ALL
    SELECT wallet_id, last_seq + 2, new_lot, 'grant', allotment, balance - remaining + allotment, allotment, '', %(at)s,
           %(at)s, 'grant:' || subscription_id || ':' || next_n, grant_hash FROM due""",
    """INSERT INTO billing_period (subscription_id, plan_version_id, n, seats, starts_at, ends_at, lot_id)
    SELECT subscription_id, plan_version_id, next_n, 1, starts_at, ends_at, new_lot FROM due""",
    "UPDATE billing_lot l SET remaining = 0, closed_at = %(at)s FROM due WHERE l.id = due.old_lot",
    """UPDATE billing_wallet w SET balance = due.balance - due.remaining + due.allotment, last_seq = due.last_seq + 2,
           last_hash = due.grant_hash, last_entry_at = %(at)s FROM due WHERE w.id = due.wallet_id""",
    """UPDATE billing_subscription s SET next_n = due.next_n + 1, renews_at = due.ends_at
    FROM due WHERE s.id = due.subscription_id""",
]
