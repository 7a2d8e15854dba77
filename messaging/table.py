"""The table of domain 6.1: each row says when it applies, with which sentence, and which other ways there are."""

from collections.abc import Callable
from dataclasses import dataclass

from messaging import conditions, sentences, ways
from messaging.verdict import Facts, Way

# Up to this row two people are kept apart; after it the conversation may run.
LAST_BARRIER = 6


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row. `number` is its place in the table of the domain, `reads` what the trace shows."""

    number: int
    code: str
    applies: Callable[[Facts], bool]
    sentence: Callable[[Facts], str]
    kind: str = "blocked"
    channel: str = ""
    ways: tuple[Callable[[Facts], Way | None], ...] = ()
    reads: tuple[str, ...] = ()


ROWS: tuple[Row, ...] = (
    Row(
        number=1,
        code="self",
        applies=conditions.is_self,
        sentence=sentences.itself,
        reads=("sender_id", "recipient_id"),
    ),
    Row(
        number=2,
        code="sender_suspended",
        applies=conditions.is_suspended,
        sentence=sentences.sender_suspended,
        ways=(ways.decision, ways.appeal),
        reads=("suspended_until", "rule_broken"),
    ),
    Row(
        number=3,
        code="sender_unverified",
        applies=conditions.is_unconfirmed,
        sentence=sentences.sender_unverified,
        ways=(ways.confirm_address,),
        reads=("is_unconfirmed",),
    ),
    Row(
        number=4,
        code="you_blocked",
        applies=lambda facts: facts.you_blocked,
        sentence=sentences.you_blocked,
        ways=(ways.unblock,),
        reads=("you_blocked",),
    ),
    Row(
        number=5,
        code="stopped",
        applies=conditions.is_stopped,
        sentence=sentences.stopped,
        reads=("stopped_at",),
    ),
    Row(
        number=6,
        code="unavailable",
        applies=conditions.is_unavailable,
        sentence=sentences.unavailable,
        ways=(ways.help_page,),
        reads=("opened_at", "is_unavailable"),
    ),
    Row(
        number=7,
        code="open",
        applies=conditions.is_open,
        sentence=sentences.is_open,
        kind="free",
        channel="reply",
        reads=("opened_at", "closed_at"),
    ),
    Row(
        number=8,
        code="connection_limit",
        applies=conditions.is_at_start_limit,
        sentence=sentences.connection_limit,
        ways=(ways.schedule_tomorrow, ways.as_inmail),
        reads=("is_connected", "is_start", "starts_today"),
    ),
    Row(
        number=9,
        code="connection",
        applies=conditions.is_connection,
        sentence=sentences.connection,
        kind="free",
        channel="connection",
        ways=(ways.as_inmail,),
        reads=("is_connected", "is_unavailable"),
    ),
    Row(
        number=10,
        code="not_accepting",
        applies=conditions.is_not_accepting,
        sentence=sentences.not_accepting,
        ways=(ways.connect, ways.introduce),
        reads=("reach", "is_unavailable", "hides_caps", "recipient_full_until"),
    ),
    Row(
        number=11,
        code="declined",
        applies=lambda facts: facts.is_closed,
        sentence=sentences.declined,
        reads=("closed_at",),
    ),
    Row(
        number=12,
        code="sender_restricted",
        applies=conditions.is_restricted,
        sentence=sentences.sender_restricted,
        ways=(ways.decision, ways.appeal),
        reads=("restricted_until", "rule_broken"),
    ),
    Row(
        number=13,
        code="purpose_invalid",
        applies=conditions.is_purpose_invalid,
        sentence=sentences.purpose_invalid,
        kind="error",
        ways=(ways.purpose,),
        reads=("purpose", "is_sending", "has_reason"),
    ),
    Row(
        number=14,
        code="awaiting_answer",
        applies=conditions.is_awaiting,
        sentence=sentences.awaiting_answer,
        ways=(ways.remind, ways.schedule_follow_up),
        reads=("unanswered", "last_outreach_at"),
    ),
    Row(
        number=15,
        code="unanswered_limit",
        applies=conditions.is_at_unanswered_limit,
        sentence=sentences.unanswered_limit,
        ways=(ways.connect, ways.introduce),
        reads=("unanswered",),
    ),
    Row(
        number=16,
        code="purpose_refused",
        applies=conditions.is_purpose_refused,
        sentence=sentences.purpose_refused,
        ways=(ways.other_purpose,),
        reads=("purpose", "refused_purposes", "skips_requests"),
    ),
    Row(
        number=17,
        code="recipient_full",
        applies=conditions.is_recipient_full,
        sentence=sentences.recipient_full,
        ways=(ways.tell_me, ways.introduce),
        reads=("received_today", "received_this_week", "recipient_cap_day", "recipient_cap_week"),
    ),
    Row(
        number=18,
        code="daily_limit",
        applies=conditions.is_at_daily_limit,
        sentence=sentences.daily_limit,
        ways=(ways.schedule_tomorrow,),
        reads=("sent_today", "daily_cap", "open_profile_today"),
    ),
    # What is free is looked at too, before it goes: an Open Profile is no hole for bulk (abuse case A71).
    Row(
        number=25,
        code="held_for_review",
        applies=conditions.is_repeated_to_open_profile,
        sentence=sentences.held_for_review,
        kind="review",
        reads=("has_open_profile", "repeats"),
    ),
    Row(
        number=19,
        code="open_profile",
        applies=lambda facts: facts.has_open_profile,
        sentence=sentences.open_profile,
        kind="free",
        channel="open_profile",
        reads=("has_open_profile",),
    ),
    Row(
        number=20,
        code="premium_only",
        applies=conditions.is_premium_only,
        sentence=sentences.premium_only,
        ways=(ways.plans, ways.connect),
        reads=("reach", "is_premium"),
    ),
    Row(
        number=21,
        code="plan_required",
        applies=conditions.needs_a_plan,
        sentence=sentences.plan_required,
        ways=(ways.plans, ways.connect, ways.introduce),
        reads=("has_plan", "balance"),
    ),
    Row(
        number=22,
        code="wallet_held",
        applies=conditions.is_wallet_held,
        sentence=sentences.wallet_held,
        ways=(ways.credits_page,),
        reads=("is_wallet_frozen",),
    ),
    Row(
        number=23,
        code="seat_limit",
        applies=conditions.is_over_allowance,
        sentence=sentences.seat_limit,
        ways=(ways.ask_team_admin,),
        reads=("allowance", "allowance_left", "cost"),
    ),
    Row(
        number=24,
        code="no_credits",
        applies=conditions.lacks_credits,
        sentence=sentences.no_credits,
        ways=(ways.schedule_with_credits, ways.buy, ways.plans, ways.connect),
        reads=("balance", "cost"),
    ),
    Row(
        number=25,
        code="held_for_review",
        applies=conditions.is_repeated,
        sentence=sentences.held_for_review,
        kind="review",
        reads=("repeats", "passed_review"),
    ),
    Row(
        number=26,
        code="follow_up",
        applies=lambda facts: facts.is_free_follow_up,
        sentence=sentences.follow_up,
        kind="free",
        channel="inmail",
        ways=(ways.connect,),
        reads=("unanswered",),
    ),
    Row(
        number=26,
        code="inmail",
        applies=lambda facts: True,
        sentence=sentences.inmail,
        kind="credit",
        channel="inmail",
        ways=(ways.schedule, ways.connect),
        reads=("balance", "cost"),
    ),
)

# Row 7 where each message is paid for and the sender started: only what keeps two people apart (rows 1 to 6) and what
# stands against paying (22 to 24) is asked.
OPEN_PAID = Row(
    number=7,
    code="open_paid",
    applies=lambda facts: True,
    sentence=sentences.open_paid,
    kind="credit",
    channel="reply",
    reads=("opened_at", "is_starter", "cost"),
)
PAID_WHEN_OPEN = (*(row for row in ROWS if row.number <= LAST_BARRIER or row.number in (22, 23, 24)), OPEN_PAID)
