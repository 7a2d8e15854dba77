"""Who may write to whom, and for how much: the table of domain 6.1, row by row.

Pure: `facts.load` reads what it needs before, for one pair or a page of fifty. Composer, profile,
directory and the send verb all print its verdict and restate nothing.
"""

from dataclasses import replace

from messaging import sentences
from messaging.table import LAST_BARRIER, OPEN_PAID, PAID_WHEN_OPEN, ROWS, Row
from messaging.verdict import Facts, TraceRow, Verdict, Way

__all__ = ["OPEN_PAID", "PAID_WHEN_OPEN", "ROWS", "Facts", "Row", "Verdict", "Way", "decide"]

# Outreach is sent for the sender or for a team, also where it costs nothing.
PAID_CHANNELS = ("open_profile", "inmail")


def decide(facts: Facts) -> Verdict:
    """The verdict of the first row that applies, with the way it was reached."""
    trace = []
    for row in PAID_WHEN_OPEN if facts.pays_when_open else ROWS:
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
        alternatives=tuple(way for make in row.ways if (way := make(facts)) is not None),
        policy_version=facts.policy.version,
        wallet=facts.wallet if is_paid or row.channel in PAID_CHANNELS else "",
        is_first_contact=facts.is_first_contact,
        continues=row.number > LAST_BARRIER and (facts.is_open or facts.is_linked),
        skips_requests=row.channel == "inmail" and facts.skips_requests,
        is_returnable=is_paid and facts.policy.return_enabled,
        refundable_until=facts.refundable_until if is_paid else None,
        return_rule=sentences.return_rule(facts) if is_paid else "",
        once_passed=decide(replace(facts, passed_review=True)) if row.kind == "review" else None,
        values={"balance": facts.balance, "after": facts.balance - facts.cost} if is_paid else {},
        trace=trace,
    )
