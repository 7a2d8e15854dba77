"""What each verdict means, in the words of the policy in force (the pages /help/why/<code>/)."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.site_policy import SitePolicy
from billing.words import return_rule, unit_rules


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """`title` names the case, `meaning` says what it is, `ways` what the reader can do."""

    title: str
    meaning: tuple[str, ...]
    ways: tuple[str, ...] = ()


def explain(code: str, policy: SitePolicy) -> Explanation | None:
    """The help of one verdict's code; None for a code that no verdict here has."""
    explained = _FREE.get(code) or _NOT_NOW.get(code) or _NOT_AT_ALL.get(code)
    return explained(policy) if explained else None


def _open(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Free: this conversation is open"),
        meaning=(
            _("This person has written to you, or has answered you. From then on messages between you are free."),
        ),
    )


def _open_paid(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("A paid message"),
        meaning=(*unit_rules(policy), return_rule(policy)),
        ways=(_("Messages between connected members are free."),),
    )


def _follow_up(policy: SitePolicy) -> Explanation:
    return Explanation(title=_("Free: a follow-up"), meaning=tuple(unit_rules(policy)))


def _connection(policy: SitePolicy) -> Explanation:
    chosen = [_("You may send an InMail instead, if you choose to.")] if policy.inmail_to_connections else []
    return Explanation(
        title=_("Free: you are connected"),
        meaning=(_("Messages between connected members are free and go straight to the Inbox."), *chosen),
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


def _open_profile(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Free: Open Profile"),
        meaning=(_("Members with an Open Profile let anyone write to them first, free of charge."),),
        ways=(_("With a paid plan you can have an Open Profile too: Settings, Reach."),),
    )


def _inmail(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("InMail"),
        meaning=(
            ngettext(
                "A first message to somebody you are not connected with uses %(cost)s credit.",
                "A first message to somebody you are not connected with uses %(cost)s credits.",
                policy.inmail_cost,
            )
            % {"cost": policy.inmail_cost},
            return_rule(policy),
            *unit_rules(policy),
        ),
        ways=(_("A connection request is free, and so is every message once it is accepted."),),
    )


def _self(policy: SitePolicy) -> Explanation:
    return Explanation(title=_("This is you"), meaning=(_("Nobody writes messages to themselves here."),))


def _you_blocked(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("You blocked this person"),
        meaning=(_("While a block stands neither of you can write to the other. The other person is not told."),),
        ways=(_("Unblock the person in Settings, Blocked people."),),
    )


def _stopped(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Asked not to write again"),
        meaning=(_("This person asked you to stop writing. That holds until they lift it or write to you."),),
    )


def _unavailable(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("This person can’t be messaged"),
        meaning=(
            _("Somebody you wrote with before may leave, be away for good, or choose to end a conversation."),
            _("We don’t say which, to you or to anybody. No credit is used for a message that cannot be delivered."),
        ),
        ways=(_("What you wrote to each other stays where it is."),),
    )


def _not_accepting(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("No messages from new people"),
        meaning=(_("This person does not take messages from people they don’t know. No credit is used."),),
        ways=(_("You can send a connection request; it is free."),),
    )


def _declined(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("This person said no"),
        meaning=(
            _("Your message was answered with “no thanks”. You can write again if the person writes or connects."),
        ),
        ways=(_no_counts(policy),),
    )


def _no_counts(policy: SitePolicy) -> str:
    if policy.return_enabled and "no_thanks" in policy.return_on:
        return _("The credit for an answered message comes back; “no thanks” is an answer.")
    return _("“No thanks” gives no credit back on this site.")


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


def _unanswered_limit(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Written often enough"),
        meaning=(
            ngettext(
                "To somebody who does not answer you can write %(k)s time.",
                "To somebody who does not answer you can write %(k)s times.",
                policy.max_unanswered,
            )
            % {"k": policy.max_unanswered},
        ),
        ways=(_("You can send a connection request; it is free."),),
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


_FREE = {
    "open": _open,
    "connection": _connection,
    "open_profile": _open_profile,
    "follow_up": _follow_up,
    "open_paid": _open_paid,
    "inmail": _inmail,
}
_NOT_NOW = {
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
_NOT_AT_ALL = {
    "self": _self,
    "you_blocked": _you_blocked,
    "stopped": _stopped,
    "unavailable": _unavailable,
    "not_accepting": _not_accepting,
    "declined": _declined,
    "unanswered_limit": _unanswered_limit,
}
