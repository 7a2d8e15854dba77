"""How credits work, made from the policy and the plan versions in force: the help page says nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Purpose
from accounts.policy_settings import REACH_WORDS
from accounts.site_policy import SitePolicy

from .models import PlanVersion
from .words import cost_rule, plan_rules, return_rule, unit_rules, window


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A heading of the help page and what stands under it."""

    code: str
    title: str
    sentences: list[str]


def rules_of(
    policy: SitePolicy, plans: Sequence[PlanVersion] = (), *, are_sold: bool = True, are_rewarded: bool = True
) -> list[Topic]:
    """Every rule about credits; `plans` are the terms in force of what is offered.

    `are_sold`: packs are sold; `are_rewarded`: whoever brings a paying member.
    """
    topics = [
        Topic(code="cost", title=_("What an InMail costs"), sentences=_cost(policy)),
        Topic(code="return", title=_("When a credit comes back"), sentences=_return(policy)),
        Topic(code="reach", title=_("Whom you can write to"), sentences=_reach(policy)),
        Topic(code="monthly", title=_("Monthly credits"), sentences=_monthly(plans)),
        Topic(code="bought", title=_("Bought credits"), sentences=_bought(policy, are_sold=are_sold)),
        Topic(code="given", title=_("Credits that are given"), sentences=_given(policy, are_rewarded=are_rewarded)),
        Topic(code="changes", title=_("When a plan changes or ends"), sentences=change_rules(policy)),
    ]
    return [topic for topic in topics if topic.sentences]


def _cost(policy: SitePolicy) -> list[str]:
    dear = [
        _("For %(purpose)s it is %(n)s.") % {"purpose": Purpose(purpose).label, "n": cost}
        for purpose, cost in policy.inmail_cost_by_purpose.items()
        if cost != policy.inmail_cost
    ]
    free = _(
        "Messages to connections and to Open Profiles are free, and so is every answer to somebody who wrote first."
    )
    # What else follows from the unit is said by the sentence on what is free.
    rules = [cost_rule(policy), *dear, unit_rules(policy)[0], free]
    if policy.inmail_to_connections:
        rules.append(_("To a connection you may send an InMail instead, if you choose to: free comes first."))
    return [*rules, _("What a message costs stands beside its button before you send it, and it never costs more.")]


def _return(policy: SitePolicy) -> list[str]:
    if not policy.return_enabled:
        return [return_rule(policy), *_gone(policy)]
    late = _("What comes back after its credit has ended lives for another %(window)s.")
    return [
        return_rule(policy),
        _("An automatic message, a block or a report is no answer and gives nothing back."),
        late % {"window": window(policy.return_grace_hours)},
        _("A monthly credit that comes back when its plan has ended is lost at once."),
        *_gone(policy),
    ]


def _gone(policy: SitePolicy) -> list[str]:
    if not (policy.return_when_recipient_gone and policy.return_enabled):
        return []
    return [_("It also comes back when the account of whom you wrote to is closed before there is an answer.")]


def _reach(policy: SitePolicy) -> list[str]:
    choices = ", ".join(str(REACH_WORDS[choice]) for choice in policy.reach_choices)
    offered = [str(Purpose(purpose).label) for purpose in policy.purposes]
    rules = [
        _("Everybody chooses who may write to them first: %(choices)s.") % {"choices": choices}
        if len(policy.reach_choices) > 1
        else _("First messages may be sent to: %(choices)s.") % {"choices": choices},
        _("A first message says what it is about: %(purposes)s.") % {"purposes": ", ".join(offered)},
    ]
    if policy.context_required:
        rules.append(_("It also gives a reason, which the other person reads first."))
    if policy.premium_reaches_premium:
        rules.append(_("Premium members reach one another in the Inbox, whatever purposes they refuse."))
    lands = _("the Inbox") if policy.first_contact_lands == "inbox" else _("Requests")
    rules.append(_("First messages land in %(tray)s, unless a member chose otherwise.") % {"tray": lands})
    return [*rules, *_follow_up(policy)]


def _follow_up(policy: SitePolicy) -> list[str]:
    if policy.max_unanswered == 1:
        return [_("Without an answer there is no second message.")]
    words = ngettext(
        "Without an answer you can write again after %(days)s day, %(k)s times in all.",
        "Without an answer you can write again after %(days)s days, %(k)s times in all.",
        policy.follow_up_gap_days,
    )
    return [words % {"days": policy.follow_up_gap_days, "k": policy.max_unanswered}]


def _monthly(plans: Sequence[PlanVersion]) -> list[str]:
    rules = [" ".join(plan_rules(version)) for version in plans if version.allotment]
    if not rules:
        return []
    return [*rules, _("Monthly credits are used before others, and among them the ones that end first.")]


def _bought(policy: SitePolicy, *, are_sold: bool) -> list[str]:
    if not (policy.packs_enabled and are_sold):
        return [_("Credits are not sold here.")]
    need = _("Members with a plan can buy credits.") if policy.packs_need_plan else _("Everybody can buy credits.")
    return [need, _pack_life(policy), _("They are used after all others.")]


def _pack_life(policy: SitePolicy) -> str:
    if policy.pack_life_months is not None:
        words = ngettext(
            "They stay for %(n)s calendar month.", "They stay for %(n)s calendar months.", policy.pack_life_months
        )
        return words % {"n": policy.pack_life_months}
    assert policy.pack_life_days is not None
    return _("They stay for %(window)s.") % {"window": window(policy.pack_life_days * 24)}


def rules_of_bought_credits(policy: SitePolicy) -> list[str]:
    """What to know before buying some: what becomes of them when a plan ends."""
    if policy.purchased_on_cancel == "forfeit":
        return [_("They end when the plan ends.")]
    return (
        [] if policy.credits_without_plan else [_("Without a plan they wait: they cannot be used until there is one.")]
    )


def _given(policy: SitePolicy, *, are_rewarded: bool) -> list[str]:
    rules = [_("Credits of a promotion stay for %(window)s.") % {"window": window(policy.promo_life_days * 24)}]
    if policy.referral_bonus and are_rewarded:
        words = ngettext(
            "Whoever brings a member gets %(n)s credit when that member first pays for a plan.",
            "Whoever brings a member gets %(n)s credits when that member first pays for a plan.",
            policy.referral_bonus,
        )
        rules.append(words % {"n": policy.referral_bonus})
    return rules


def change_rules(policy: SitePolicy) -> list[str]:
    """What happens to credits when a plan changes or ends."""
    forfeits, at_once = policy.on_upgrade == "forfeit", policy.cancel_effect == "at_once"
    bought_end = policy.purchased_on_cancel == "forfeit"
    return [
        _("An upgrade takes effect at once, and the monthly credits of the old plan end.")
        if forfeits
        else _("An upgrade takes effect at once, and the credits of the old plan stay."),
        _("A downgrade takes effect when the term ends."),
        _("A cancellation takes effect at once.") if at_once else _("A cancellation takes effect when the term ends."),
        _("When a plan ends, all monthly and bought credits end.")
        if bought_end
        else _("When a plan ends, its monthly credits end; bought and other credits stay."),
        _("Without a plan you can use the credits you hold.")
        if policy.credits_without_plan
        else _("Without a plan the credits you hold wait."),
        _("Unused credits are not paid out."),
    ]
