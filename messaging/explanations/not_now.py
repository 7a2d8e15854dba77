"""Refusals that may pass, by waiting or by another choice."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.site_policy import SitePolicy
from billing.words import return_rule
from messaging.explanations.explanation import Explanation


def _sender_unverified(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Confirm your e-mail"),
        meaning=(_("Members know that whoever writes to them can be reached. Your new address is not confirmed yet."),),
        ways=(_("Have the code sent again in Settings, e-mail."),),
    )


def _sender_restricted(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("You cannot start conversations for now"),
        meaning=(_("A decision limits you for a time. It names the rule, the facts and the hour at which it ends."),),
        ways=(
            _("Conversations that are under way go on, and you can answer everybody."),
            _("You can appeal: somebody else looks at it."),
        ),
    )


def _recipient_full(policy: SitePolicy) -> Explanation:
    values = {"day": policy.recipient_cap_day, "week": policy.recipient_cap_week}
    return Explanation(
        title=_("No more new people for now"),
        meaning=(
            _("At most %(day)s new people a day and %(week)s a week may write to a member; each may choose fewer.")
            % values,
            _("It starts anew at midnight, and on Monday, where that member lives. No credit is used."),
        ),
        ways=(_("You can write on the day that is named."),),
    )


def _held_for_review(policy: SitePolicy) -> Explanation:
    values = {"days": policy.duplicate_window_days, "hold": policy.duplicate_hold_at}
    return Explanation(
        title=_("A moderator looks first"),
        meaning=(
            _("Your text is like %(hold)s or more that you sent in %(days)s days. Names and companies do not count.")
            % values,
            _("It waits for a moderator. No credit is used unless it goes."),
        ),
        ways=(_("Write what is meant for this person alone, and it goes at once."),),
    )


def _connection_limit(policy: SitePolicy) -> Explanation:
    limit = policy.connection_starts_per_day or 0
    words = ngettext(
        "With connections you can start %(k)s conversation a day.",
        "With connections you can start %(k)s conversations a day.",
        limit,
    )
    return Explanation(
        title=_("Enough conversations for today"),
        meaning=(words % {"k": limit}, _("It starts anew at midnight in your time zone.")),
        ways=(_("Conversations that are under way go on, and answers are never limited."),),
    )


def _purpose_invalid(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Choose a purpose"),
        meaning=(
            _("A first message says why you write, so that people can refuse what they don’t want before you pay."),
            *([_("It gives the reason too, in 10 to 200 characters.")] if policy.context_required else []),
        ),
    )


def _awaiting_answer(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Waiting for an answer"),
        meaning=(
            ngettext(
                "There is no answer yet. You can write again after %(days)s day.",
                "There is no answer yet. You can write again after %(days)s days.",
                policy.follow_up_gap_days,
            )
            % {"days": policy.follow_up_gap_days},
            _("A follow-up is free.") if policy.charge_unit == "conversation" else _("It uses another credit."),
        ),
        ways=(_("Awaiting answer lists what you sent and until when the credit can come back."),),
    )


def _purpose_refused(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Not about this"),
        meaning=(_("Everybody chooses what they take first messages about. No credit is used for what is refused."),),
        ways=(_("Choose another purpose, if it is true. A false purpose is against the rules here."),),
    )


def _daily_limit(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Enough for today"),
        meaning=(_("Each plan has a limit of first messages a day. It starts anew at midnight in your time zone."),),
        ways=(_("Answers, and messages to connections, are not limited by it."),),
    )


def _premium_only(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Premium members only"),
        meaning=(_("This person takes first messages from members with a paid plan."),),
        ways=(_("You can choose a plan, or send a connection request; it is free."),),
    )


def _plan_required(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Your plan has no InMail"),
        meaning=(
            _("The Free plan has no credits. Messages to connections, to Open Profiles and answers are free."),
            *([] if policy.credits_without_plan else [_("Credits that you hold wait until you have a plan.")]),
        ),
        ways=(_("You can choose a plan, or send a connection request; it is free."),),
    )


def _wallet_held(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Your credits are on hold"),
        meaning=(_("A check of your credits found something to look into. Nothing is lost; staff were told."),),
        ways=(_("Answers and messages to connections go on."),),
    )


def _seat_limit(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Your share of the team’s credits is used"),
        meaning=(_("The team’s admin sets how many of the team’s credits a seat may use in a period."),),
        ways=(_("You can ask the team’s admin for more, or write for yourself with credits of your own."),),
    )


def _no_credits(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Not enough credits"),
        meaning=(_("Credits arrive with each period of your plan."), return_rule(policy)),
        ways=(_("The credits page says when the next ones arrive. What you wrote stays in Drafts."),),
    )


NOT_NOW = {
    "sender_unverified": _sender_unverified,
    "sender_restricted": _sender_restricted,
    "recipient_full": _recipient_full,
    "held_for_review": _held_for_review,
    "connection_limit": _connection_limit,
    "purpose_invalid": _purpose_invalid,
    "awaiting_answer": _awaiting_answer,
    "purpose_refused": _purpose_refused,
    "daily_limit": _daily_limit,
    "premium_only": _premium_only,
    "plan_required": _plan_required,
    "wallet_held": _wallet_held,
    "seat_limit": _seat_limit,
    "no_credits": _no_credits,
}
