"""What each row of the decision says (domain 6.1, interface 3.2), made from the policy in force."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.clock import FOREVER
from accounts.models import Purpose
from accounts.policy_settings import ANSWER_WORDS
from accounts.site_policy import ANSWERS, SitePolicy
from billing.words import answers_that_return
from messaging.dates import day_words, deadline_words, next_midnight, time_words, wait_words
from messaging.verdict import Facts


def itself(facts: Facts) -> str:
    return _("This is you.")


def sender_suspended(facts: Facts) -> str:
    if facts.suspended_until == FOREVER:
        return _("You cannot send any more. Rule: %(rule)s.") % {"rule": facts.rule_broken}
    values = {"date": _hour(facts.suspended_until, facts), "rule": facts.rule_broken}
    return _("You cannot send until %(date)s. Rule: %(rule)s.") % values


def sender_restricted(facts: Facts) -> str:
    values = {"date": _hour(facts.restricted_until, facts), "rule": facts.rule_broken}
    return _("You cannot start conversations until %(date)s. Rule: %(rule)s. You can still answer.") % values


def sender_unverified(facts: Facts) -> str:
    return _("Confirm your e-mail to send.")


def recipient_full(facts: Facts) -> str:
    values = {**_name(facts), "date": _moment(facts.recipient_full_until, facts)}
    return _("%(name)s takes no more new people until %(date)s.") % values


def held_for_review(facts: Facts) -> str:
    words = ngettext(
        "This text repeats %(count)s other. It waits for review; no credit is used yet.",
        "This text repeats %(count)s others. It waits for review; no credit is used yet.",
        facts.repeats,
    )
    return words % {"count": facts.repeats}


def you_blocked(facts: Facts) -> str:
    return _("You blocked %(name)s.") % _name(facts)


def stopped(facts: Facts) -> str:
    values = {**_name(facts), "date": _day(facts.stopped_at, facts)}
    return _("%(name)s asked you not to write again (%(date)s).") % values


def unavailable(facts: Facts) -> str:
    return _("This person can't be messaged. No credit was used.")


def is_open(facts: Facts) -> str:
    return _("Free. %(name)s has written to you.") % _name(facts)


def connection(facts: Facts) -> str:
    return _("Free. You and %(name)s are connected.") % _name(facts)


def connection_limit(facts: Facts) -> str:
    words = ngettext(
        "You started %(count)s conversation today.", "You started %(count)s conversations today.", facts.starts_today
    )
    wait = _until_the_next_day(facts)
    return f"{words % {'count': facts.starts_today}} {_('You can start more in %(time)s.') % {'time': wait}}"


def not_accepting(facts: Facts) -> str:
    return _("%(name)s does not take messages from new people.") % _name(facts)


def declined(facts: Facts) -> str:
    return _("%(name)s said no. You can write if %(name)s writes or connects.") % _name(facts)


def purpose_invalid(facts: Facts) -> str:
    return _("Choose a purpose and say why you write.")


def awaiting_answer(facts: Facts) -> str:
    wrote = _("You wrote on %(date)s.") % {"date": _day(facts.last_outreach_at, facts)}
    return f"{wrote} {_write_again(facts)}"


def _write_again(facts: Facts) -> str:
    assert facts.follow_up_at is not None
    values = {"date": deadline_words(facts.follow_up_at, facts.zone, at=facts.at), "cost": facts.cost}
    if facts.has_open_profile or not facts.cost:
        return _("You can write again from %(date)s.") % values
    words = ngettext(
        "You can write again from %(date)s; it uses another credit.",
        "You can write again from %(date)s; it uses another %(cost)s credits.",
        facts.cost,
    )
    return words % values


def unanswered_limit(facts: Facts) -> str:
    words = ngettext(
        "You wrote %(count)s time without an answer.", "You wrote %(count)s times without an answer.", facts.unanswered
    )
    return words % {"count": facts.unanswered}


def purpose_refused(facts: Facts) -> str:
    refusal = _("%(name)s does not take %(purpose)s messages.") % {
        **_name(facts),
        "purpose": Purpose(facts.purpose).label,
    }
    if not facts.purposes_taken:
        return refusal
    takes = _("%(name)s takes: %(list)s.") % {**_name(facts), "list": topics(facts.purposes_taken)}
    return f"{refusal} {takes}"


def _until_the_next_day(facts: Facts) -> str:
    return wait_words((facts.day_ends_at or next_midnight(facts.at, facts.zone)) - facts.at)


def daily_limit(facts: Facts) -> str:
    wait = _until_the_next_day(facts)
    if facts.sent_today < facts.daily_cap:
        cap = facts.policy.open_profile_daily_cap
        words = _("You reached today's limit of %(cap)s messages to Open Profiles. It resets in %(time)s.")
        return words % {"cap": cap, "time": wait}
    limit = _("You reached today's limit of %(cap)s. It resets in %(time)s.") % {"cap": facts.daily_cap, "time": wait}
    if facts.new_until is None:
        return limit
    lifts = _("Your account is new; the limit rises on %(date)s.") % {"date": _day(facts.new_until, facts)}
    return f"{limit} {lifts}"


def open_profile(facts: Facts) -> str:
    return _("Free. %(name)s has an Open Profile.") % _name(facts)


def premium_only(facts: Facts) -> str:
    return _("%(name)s takes InMail from premium members only.") % _name(facts)


def plan_required(facts: Facts) -> str:
    return _("Your plan has no InMail.")


def wallet_held(facts: Facts) -> str:
    return _("Your credits are on hold.")


def seat_limit(facts: Facts) -> str:
    words = ngettext(
        "You used your %(allowance)s team credit for this period.",
        "You used your %(allowance)s team credits for this period.",
        facts.allowance or 0,
    )
    return words % {"allowance": facts.allowance}


def no_credits(facts: Facts) -> str:
    words = ngettext(
        "You have %(balance)s credit; this needs %(cost)s.",
        "You have %(balance)s credits; this needs %(cost)s.",
        facts.balance,
    )
    lacking = words % {"balance": facts.balance, "cost": facts.cost}
    if facts.next_at is None or not facts.next_amount:
        return lacking
    words = ngettext("%(amount)s arrives on %(date)s.", "%(amount)s arrive on %(date)s.", facts.next_amount)
    return f"{lacking} {words % {'amount': facts.next_amount, 'date': _day(facts.next_at, facts)}}"


def inmail(facts: Facts) -> str:
    return " ".join([_uses(facts), return_rule(facts), *_what_follows(facts), _left(facts)])


def open_paid(facts: Facts) -> str:
    return " ".join([_uses(facts), return_rule(facts), _left(facts)])


def follow_up(facts: Facts) -> str:
    return _("Free. You paid for this conversation with the first message.")


def _uses(facts: Facts) -> str:
    words = ngettext("Uses %(cost)s of %(balance)s credit.", "Uses %(cost)s of %(balance)s credits.", facts.balance)
    return words % {"cost": facts.cost, "balance": facts.balance}


def _left(facts: Facts) -> str:
    return _("You will have %(after)s left.") % {"after": facts.balance - facts.cost}


def _what_follows(facts: Facts) -> list[str]:
    """What later messages cost, where that is not simply: free after an answer."""
    if facts.policy.charge_unit == "message":
        return [_("Every message you write here uses credits, after an answer too.")]
    if facts.policy.charge_unit == "conversation":
        return [_("Follow-ups are free.")]
    return []


def return_rule(facts: Facts) -> str:
    """When the credit comes back, in the words of the policy in force."""
    if not facts.policy.return_enabled:
        return ngettext("It does not come back.", "They do not come back.", facts.cost)
    goes_on = facts.refundable_until is not None
    how = answers_that_return(facts.policy, goes_on=goes_on)
    values = {**_name(facts), "date": _day(facts.refundable_until, facts), "how": how}
    if facts.refundable_until is None:
        words = ngettext(
            "It comes back if %(name)s %(how)s.",
            "They come back if %(name)s %(how)s.",
            facts.cost,
        )
    else:
        words = ngettext(
            "It comes back if %(name)s %(how)s by %(date)s.",
            "They come back if %(name)s %(how)s by %(date)s.",
            facts.cost,
        )
    return words % values


def gives_back(policy: SitePolicy, name: str) -> str:
    """What an answer does, for its writer; `policy` are the terms of what is answered."""
    if set(policy.return_on) == set(ANSWERS):
        return _("Any answer, also no, gives %(name)s the credit back.") % {"name": name}
    values = {"name": name, "list": ", ".join(str(ANSWER_WORDS[answer]) for answer in policy.return_on)}
    return _("This gives %(name)s the credit back: %(list)s.") % values


def topics(purposes: tuple[str, ...]) -> str:
    """What somebody takes, as a list in a sentence: "job offers, press"."""
    words = {
        Purpose.JOB_OFFER: _("job offers"),
        Purpose.JOB_SEEKING: _("job seeking"),
        Purpose.SALES: _("sales"),
        Purpose.PROMOTION: _("promotions"),
        Purpose.PARTNERSHIP: _("partnerships"),
        Purpose.ADVICE: _("advice"),
        Purpose.PRESS: _("press"),
        Purpose.INTRODUCTION: _("introductions"),
        Purpose.RECONNECT: _("reconnecting"),
        Purpose.OTHER: _("other matters"),
    }
    return ", ".join(words[Purpose(purpose)] for purpose in purposes)


def _name(facts: Facts) -> dict[str, str]:
    return {"name": facts.recipient_name}


def _moment(instant: datetime | None, facts: Facts) -> str:
    """A day, or with the time of day when it is today."""
    return deadline_words(instant, facts.zone, at=facts.at) if instant is not None else ""


def _hour(instant: datetime | None, facts: Facts) -> str:
    """The end of a limit, to the minute: "23 Nov 2026, 12:00"."""
    return f"{day_words(instant, facts.zone)}, {time_words(instant, facts.zone)}" if instant is not None else ""


def _day(instant: datetime | None, facts: Facts) -> str:
    return day_words(instant, facts.zone) if instant is not None else ""
