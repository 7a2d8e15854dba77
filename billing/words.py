"""How plans, lots and days are said, wherever billing writes a sentence."""

from datetime import datetime

from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.clock import FOREVER
from accounts.site_policy import SitePolicy

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
    sentences = [_return_rule(policy)]
    if terms is not None and terms.allotment:
        sentences += _plan_rules(terms)
    sentences.append(_("Monthly credits are used before others, and of these the ones that end first."))
    return sentences


def _return_rule(policy: SitePolicy) -> str:
    cost = ngettext("One InMail uses %(n)s credit.", "One InMail uses %(n)s credits.", policy.inmail_cost)
    cost %= {"n": policy.inmail_cost}
    if not policy.return_enabled:
        return _("%(cost)s It does not come back.") % {"cost": cost}
    even = _("answers, even “no thanks”") if "no_thanks" in policy.return_on else _("answers in text")
    if policy.return_window_hours is None:
        return _("%(cost)s It comes back when the other person %(answers)s.") % {"cost": cost, "answers": even}
    return _("%(cost)s It comes back when the other person %(answers)s, within %(window)s.") % {
        "cost": cost,
        "answers": even,
        "window": window(policy.return_window_hours),
    }


def window(hours: int) -> str:
    """A window in days where it is whole days."""
    days, rest = divmod(hours, 24)
    if rest:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": f"{hours:,}"}
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": f"{days:,}"}


def _plan_rules(terms: PlanVersion) -> list[str]:
    values = {"plan": terms.plan, "n": terms.allotment, "life": life(terms), "cap": terms.cap}
    rules = [_("%(plan)s brings %(n)s credits a month. They stay %(life)s.") % values]
    if terms.renewal == PlanVersion.Renewal.ACCUMULATE and terms.credit_life_days is not None:
        rules = [_("%(plan)s brings %(n)s credits a month. They stay for %(life)s.") % values]
    if terms.cap is not None:
        rules.append(_("You can hold %(cap)s of them: what is over goes when new ones arrive.") % values)
    return [*rules, _("They end with the plan.")]


def is_without_end(instant: datetime) -> bool:
    """9999-12-31 means no limit and is never shown."""
    return instant >= FOREVER
