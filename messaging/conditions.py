"""When each row of the table applies (domain 6.1): one question about the facts each."""

from messaging.verdict import Facts


def is_self(facts: Facts) -> bool:
    return facts.sender_id == facts.recipient_id


def is_suspended(facts: Facts) -> bool:
    return facts.suspended_until is not None


def is_unconfirmed(facts: Facts) -> bool:
    return facts.is_unconfirmed


def is_restricted(facts: Facts) -> bool:
    return facts.restricted_until is not None


def is_stopped(facts: Facts) -> bool:
    return facts.stopped_at is not None and facts.stopped_at <= facts.at


def is_unavailable(facts: Facts) -> bool:
    return facts.was_open and facts.is_unavailable


def is_open(facts: Facts) -> bool:
    return facts.is_open


def is_at_start_limit(facts: Facts) -> bool:
    limit = facts.policy.connection_starts_per_day
    return facts.is_linked and facts.is_start and limit is not None and facts.starts_today >= limit


def is_connection(facts: Facts) -> bool:
    return facts.is_linked


def is_not_accepting(facts: Facts) -> bool:
    # Who hides a full day looks like somebody who takes nobody new, whatever else may be said (domain 6.1).
    hides = facts.hides_caps and facts.recipient_full_until is not None
    return facts.reach == "nobody" or facts.is_unavailable or hides


def is_purpose_invalid(facts: Facts) -> bool:
    if not facts.purpose:
        return facts.is_sending
    if facts.purpose not in facts.policy.purposes:
        return True
    return facts.is_sending and facts.policy.context_required and not facts.has_reason


def is_awaiting(facts: Facts) -> bool:
    # At the maximum the gap promises nothing: row 15 says so.
    if not 0 < facts.unanswered < facts.policy.max_unanswered or facts.follow_up_at is None:
        return False
    return facts.at < facts.follow_up_at


def is_at_unanswered_limit(facts: Facts) -> bool:
    return facts.unanswered >= facts.policy.max_unanswered


def is_purpose_refused(facts: Facts) -> bool:
    # Only an InMail goes past the choice, and an Open Profile makes it free instead.
    goes_past = facts.skips_requests and not facts.has_open_profile
    return facts.purpose in facts.refused_purposes and not goes_past


def is_recipient_full(facts: Facts) -> bool:
    return facts.recipient_full_until is not None


def is_at_daily_limit(facts: Facts) -> bool:
    return facts.sent_today >= facts.daily_cap or facts.is_open_profile_full


def is_repeated(facts: Facts) -> bool:
    return facts.is_repeated


def is_repeated_to_open_profile(facts: Facts) -> bool:
    return facts.has_open_profile and facts.is_repeated


def is_premium_only(facts: Facts) -> bool:
    return facts.reach == "premium" and not facts.is_premium


def needs_a_plan(facts: Facts) -> bool:
    if not facts.cost or facts.has_plan:
        return False
    return facts.balance == 0 or not facts.policy.credits_without_plan


def is_wallet_held(facts: Facts) -> bool:
    return facts.is_wallet_frozen and facts.cost > 0


def is_over_allowance(facts: Facts) -> bool:
    return facts.allowance_left is not None and facts.cost > facts.allowance_left


def lacks_credits(facts: Facts) -> bool:
    return facts.balance < facts.cost
