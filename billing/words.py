"""How plans, lots and days are said, wherever billing writes a sentence."""

from datetime import datetime

from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.clock import FOREVER
from accounts.policy_settings import ANSWER_WORDS
from accounts.site_policy import ANSWERS, SitePolicy

from .models import Lot, PlanVersion


def day(instant: datetime) -> str:
    """ "20 Feb 2027" in the active zone."""
    return dateformat.format(timezone.localtime(instant), pgettext("date format", "j M Y"))


def lot_name(lot: Lot) -> str:
    """Where the credits of a lot come from: "Monthly, 1 Nov 2026"."""
    return _("%(source)s, %(day)s") % {"source": lot.get_source_display(), "day": day(lot.effective_at)}


def life(terms: PlanVersion) -> str:
    """How long monthly credits stay."""
    if not terms.allotment:
        return ""
    if terms.renewal == PlanVersion.Renewal.RESET:
        return _("until the next ones arrive")
    if terms.credit_life_days is None:
        return _("without limit")
    return ngettext("%(days)s day", "%(days)s days", terms.credit_life_days) % {"days": terms.credit_life_days}


def how_credits_work(policy: SitePolicy, terms: PlanVersion | None) -> list[str]:
    """The rules in force as sentences; `terms` are those of the plan held."""
    sentences = [f"{cost_rule(policy)} {return_rule(policy)}"]
    if terms is not None and terms.allotment:
        sentences += plan_rules(terms)
    sentences.append(_("Monthly credits are used before others, and of these the ones that end first."))
    return sentences


def cost_rule(policy: SitePolicy) -> str:
    """What an InMail costs, where its purpose says nothing else."""
    cost = ngettext("One InMail uses %(n)s credit.", "One InMail uses %(n)s credits.", policy.inmail_cost)
    return cost % {"n": policy.inmail_cost}


def unit_rules(policy: SitePolicy) -> list[str]:
    """What follows the first InMail of a conversation."""
    if policy.charge_unit == "conversation":
        return [_("It pays for the conversation: follow-ups are free, and so is everything after an answer.")]
    if policy.charge_unit == "message":
        return [
            _("Whoever starts a conversation pays for each message in it, after an answer too."),
            _("Answering is free, and so is writing to connections."),
        ]
    return [_("A follow-up uses another. Once there is an answer, messages are free in both directions.")]


def return_rule(policy: SitePolicy) -> str:
    """When its credits come back."""
    if not policy.return_enabled:
        return ngettext("It does not come back.", "They do not come back.", policy.inmail_cost)
    goes_on = policy.return_window_hours is not None
    values = {"how": answers_that_return(policy, goes_on=goes_on)}
    if policy.return_window_hours is None:
        words = ngettext(
            "It comes back when the other person %(how)s, whenever that is.",
            "They come back when the other person %(how)s, whenever that is.",
            policy.inmail_cost,
        )
        return words % values
    words = ngettext(
        "It comes back when the other person %(how)s within %(window)s.",
        "They come back when the other person %(how)s within %(window)s.",
        policy.inmail_cost,
    )
    return words % (values | {"window": window(policy.return_window_hours)})


def answers_that_return(policy: SitePolicy, *, goes_on: bool = False) -> str:
    """What the other person does: "answers, even “no thanks”"; `goes_on`: more of the sentence follows."""
    if set(policy.return_on) == set(ANSWERS):
        return _("answers, even “no thanks”,") if goes_on else _("answers, even “no thanks”")
    taps = ", ".join(str(ANSWER_WORDS[answer]) for answer in policy.return_on if answer != "reply")
    if not taps:
        return _("answers in words")
    if "reply" in policy.return_on:
        return _("answers in words or with one of: %(taps)s") % {"taps": taps}
    return _("answers with one of: %(taps)s") % {"taps": taps}


def window(hours: int) -> str:
    """A window in days where it is whole days."""
    days, rest = divmod(hours, 24)
    if rest:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": f"{hours:,}"}
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": f"{days:,}"}


def plan_rules(terms: PlanVersion) -> list[str]:
    """What a plan's credits do, by its terms; nothing for a plan without any."""
    if not terms.allotment:
        return []
    values = {"plan": terms.plan, "n": terms.allotment, "life": life(terms), "cap": terms.cap}
    rules = [_("%(plan)s brings %(n)s credits a month. They stay %(life)s.") % values]
    if terms.renewal == PlanVersion.Renewal.ACCUMULATE and terms.credit_life_days is not None:
        rules = [_("%(plan)s brings %(n)s credits a month. They stay for %(life)s.") % values]
    if terms.cap is not None:
        rules.append(_("You can hold %(cap)s of them: what is over goes when new ones arrive.") % values)
    if terms.annual_bonus_credits:
        bonus = {"n": terms.annual_bonus_credits}
        rules.append(_("Billed yearly, each year brings %(n)s more. They stay to the year's end.") % bonus)
    return [*rules, _("They end with the plan.")]


def is_without_end(instant: datetime) -> bool:
    """9999-12-31 means no limit and is never shown."""
    return instant >= FOREVER
