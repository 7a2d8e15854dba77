"""Who may write to whom, and for how much: the table of domain 6.1, row by row.

Pure: `facts.load` reads what it needs before, for one pair or a page of fifty. Composer, profile,
directory and the send verb all print its verdict and restate nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from messaging import sentences, ways
from messaging.verdict import Facts, TraceRow, Verdict, Way

__all__ = ["ROWS", "Facts", "Row", "Verdict", "Way", "decide"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row. `number` is its place in the table of the domain, `reads` what the trace shows."""

    number: int
    code: str
    applies: Callable[[Facts], bool]
    sentence: Callable[[Facts], str]
    kind: str = "blocked"
    channel: str = ""
    ways: tuple[Callable[[Facts], Way], ...] = ()
    reads: tuple[str, ...] = ()


def decide(facts: Facts) -> Verdict:
    """The verdict of the first row that applies, with the way it was reached."""
    trace = []
    for row in ROWS:
        matched = row.applies(facts)
        seen = {name: getattr(facts, name) for name in row.reads}
        trace.append(TraceRow(row.number, row.code, matched, seen))
        if matched:
            return _verdict(row, facts, tuple(trace))
    raise AssertionError("the last row always applies")


def _verdict(row: Row, facts: Facts, trace: tuple[TraceRow, ...]) -> Verdict:
    is_paid = row.kind == "credit"
    return Verdict(
        channel=row.channel,
        cost=facts.cost if is_paid else 0,
        code=row.code,
        kind=row.kind,
        sentence=row.sentence(facts),
        alternatives=tuple(way(facts) for way in row.ways),
        policy_version=facts.policy.version,
        is_first_contact=facts.is_first_contact,
        is_returnable=is_paid and facts.policy.return_enabled,
        refundable_until=facts.refundable_until if is_paid else None,
        values={"balance": facts.balance, "after": facts.balance - facts.cost} if is_paid else {},
        trace=trace,
    )


def _is_self(facts: Facts) -> bool:
    return facts.sender_id == facts.recipient_id


def _is_stopped(facts: Facts) -> bool:
    return facts.stopped_at is not None and facts.stopped_at <= facts.at


def _is_unavailable(facts: Facts) -> bool:
    return facts.was_open and facts.is_unavailable


def _is_open(facts: Facts) -> bool:
    return facts.was_open and not facts.is_closed


def _is_connection(facts: Facts) -> bool:
    return facts.is_connected and not facts.is_unavailable


def _is_not_accepting(facts: Facts) -> bool:
    return facts.reach == "nobody" or facts.is_unavailable


def _is_purpose_invalid(facts: Facts) -> bool:
    if not facts.purpose:
        return facts.is_sending
    return facts.purpose not in facts.policy.purposes


def _is_awaiting(facts: Facts) -> bool:
    # At the maximum the gap promises nothing: row 15 says so.
    if not 0 < facts.unanswered < facts.policy.max_unanswered or facts.follow_up_at is None:
        return False
    return facts.at < facts.follow_up_at


def _is_at_unanswered_limit(facts: Facts) -> bool:
    return facts.unanswered >= facts.policy.max_unanswered


def _is_purpose_refused(facts: Facts) -> bool:
    return facts.purpose in facts.refused_purposes


def _is_at_daily_limit(facts: Facts) -> bool:
    return facts.sent_today >= facts.daily_cap


def _is_premium_only(facts: Facts) -> bool:
    return facts.reach == "premium" and not facts.is_premium


def _needs_a_plan(facts: Facts) -> bool:
    return not facts.has_plan and (facts.balance == 0 or not facts.policy.credits_without_plan)


def _lacks_credits(facts: Facts) -> bool:
    return facts.balance < facts.cost


ROWS: tuple[Row, ...] = (
    Row(
        number=1,
        code="self",
        applies=_is_self,
        sentence=sentences.itself,
        reads=("sender_id", "recipient_id"),
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
        applies=_is_stopped,
        sentence=sentences.stopped,
        reads=("stopped_at",),
    ),
    Row(
        number=6,
        code="unavailable",
        applies=_is_unavailable,
        sentence=sentences.unavailable,
        ways=(ways.help_page,),
        reads=("opened_at", "is_unavailable"),
    ),
    Row(
        number=7,
        code="open",
        applies=_is_open,
        sentence=sentences.is_open,
        kind="free",
        channel="reply",
        reads=("opened_at", "closed_at"),
    ),
    Row(
        number=9,
        code="connection",
        applies=_is_connection,
        sentence=sentences.connection,
        kind="free",
        channel="connection",
        reads=("is_connected", "is_unavailable"),
    ),
    Row(
        number=10,
        code="not_accepting",
        applies=_is_not_accepting,
        sentence=sentences.not_accepting,
        ways=(ways.connect,),
        reads=("reach", "is_unavailable"),
    ),
    Row(
        number=11,
        code="declined",
        applies=lambda facts: facts.is_closed,
        sentence=sentences.declined,
        reads=("closed_at",),
    ),
    Row(
        number=13,
        code="purpose_invalid",
        applies=_is_purpose_invalid,
        sentence=sentences.purpose_invalid,
        kind="error",
        ways=(ways.purpose,),
        reads=("purpose", "is_sending"),
    ),
    Row(
        number=14,
        code="awaiting_answer",
        applies=_is_awaiting,
        sentence=sentences.awaiting_answer,
        reads=("unanswered", "last_outreach_at"),
    ),
    Row(
        number=15,
        code="unanswered_limit",
        applies=_is_at_unanswered_limit,
        sentence=sentences.unanswered_limit,
        ways=(ways.connect,),
        reads=("unanswered",),
    ),
    Row(
        number=16,
        code="purpose_refused",
        applies=_is_purpose_refused,
        sentence=sentences.purpose_refused,
        ways=(ways.other_purpose,),
        reads=("purpose", "refused_purposes"),
    ),
    Row(
        number=18,
        code="daily_limit",
        applies=_is_at_daily_limit,
        sentence=sentences.daily_limit,
        reads=("sent_today", "daily_cap"),
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
        applies=_is_premium_only,
        sentence=sentences.premium_only,
        ways=(ways.plans, ways.connect),
        reads=("reach", "is_premium"),
    ),
    Row(
        number=21,
        code="plan_required",
        applies=_needs_a_plan,
        sentence=sentences.plan_required,
        ways=(ways.plans, ways.connect),
        reads=("has_plan", "balance"),
    ),
    Row(
        number=22,
        code="wallet_held",
        applies=lambda facts: facts.is_wallet_frozen,
        sentence=sentences.wallet_held,
        ways=(ways.credits_page,),
        reads=("is_wallet_frozen",),
    ),
    Row(
        number=24,
        code="no_credits",
        applies=_lacks_credits,
        sentence=sentences.no_credits,
        ways=(ways.plans, ways.connect),
        reads=("balance", "cost"),
    ),
    Row(
        number=26,
        code="inmail",
        applies=lambda facts: True,
        sentence=sentences.inmail,
        kind="credit",
        channel="inmail",
        ways=(ways.connect,),
        reads=("balance", "cost"),
    ),
)
