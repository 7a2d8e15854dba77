"""What the codes of messages that go mean: free or paid."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.site_policy import SitePolicy
from billing.words import return_rule, unit_rules
from messaging.explanations.explanation import Explanation


def _open(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Free: this conversation is open"),
        meaning=(
            _("This person has written to you, or has answered you. From then on messages between you are free."),
        ),
    )


def _connection(policy: SitePolicy) -> Explanation:
    chosen = [_("You may send an InMail instead, if you choose to.")] if policy.inmail_to_connections else []
    return Explanation(
        title=_("Free: you are connected"),
        meaning=(_("Messages between connected members are free and go straight to the Inbox."), *chosen),
    )


def _open_profile(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("Free: Open Profile"),
        meaning=(_("Members with an Open Profile let anyone write to them first, free of charge."),),
        ways=(_("With a paid plan you can have an Open Profile too: Settings, Reach."),),
    )


def _follow_up(policy: SitePolicy) -> Explanation:
    return Explanation(title=_("Free: a follow-up"), meaning=tuple(unit_rules(policy)))


def _open_paid(policy: SitePolicy) -> Explanation:
    return Explanation(
        title=_("A paid message"),
        meaning=(*unit_rules(policy), return_rule(policy)),
        ways=(_("Messages between connected members are free."),),
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


FREE = {
    "open": _open,
    "connection": _connection,
    "open_profile": _open_profile,
    "follow_up": _follow_up,
    "open_paid": _open_paid,
    "inmail": _inmail,
}
