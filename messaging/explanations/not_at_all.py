"""Refusals that only the other side, or a decision, can end."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.site_policy import SitePolicy
from messaging.explanations.explanation import Explanation


def _self(policy: SitePolicy) -> Explanation:
    return Explanation(title=_("This is you"), meaning=(_("Nobody writes messages to themselves here."),))


def _sender_suspended(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("You cannot send for now"),
        meaning=(
            _("A moderator suspended your sending. The decision names the rule, the facts and the day it ends."),
            _("Your credits stay, and answers to what you sent still bring credits back."),
        ),
        ways=(_("You can read everything, and appeal: another moderator looks at it."),),
    )


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


def _no_counts(policy: SitePolicy) -> str:
    if policy.return_enabled and "no_thanks" in policy.return_on:
        return _("The credit for an answered message comes back; “no thanks” is an answer.")
    return _("“No thanks” gives no credit back on this site.")


NOT_AT_ALL = {
    "self": _self,
    "sender_suspended": _sender_suspended,
    "you_blocked": _you_blocked,
    "stopped": _stopped,
    "unavailable": _unavailable,
    "not_accepting": _not_accepting,
    "declined": _declined,
    "unanswered_limit": _unanswered_limit,
}
