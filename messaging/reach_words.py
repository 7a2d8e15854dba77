"""What the choices about reach mean, in sentences: for the form before it is saved, and for what is saved."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Purpose, Reach
from accounts.site_policy import SitePolicy
from messaging.sentences import topics

MAIL_WORDS = {
    Reach.RequestsMail.EACH: lambda: _("A mail tells of each."),
    Reach.RequestsMail.DAILY: lambda: _("One mail a day lists who waits."),
    Reach.RequestsMail.NONE: lambda: _("No mail tells of them."),
}


def summary(chosen: Mapping[str, Any], policy: SitePolicy, *, with_open_profile: bool, is_premium: bool) -> list[str]:
    """The sentences for these choices, as a valid ReachForm cleans them; the first is who may write about what.

    `with_open_profile`: the member's plan allows one; `is_premium`: premium members pass by some of it (domain 6.3).
    """
    receipts = _receipts(shares=bool(chosen["shares_receipts"]))
    taken = tuple(value for value in Purpose.values if value in policy.purposes and value in chosen["purposes_taken"])
    if chosen["who"] == Reach.Who.NOBODY:
        return [_("Nobody new may write to you first."), _("Connections and open conversations go on."), receipts]
    passing_by = _passing_by(policy, is_premium=is_premium)
    if not taken and passing_by:
        return [_("You take messages from new people about nothing."), *passing_by, receipts]
    if not taken:
        return [_("You take messages from new people about nothing, so nobody new can write to you."), receipts]
    is_open = with_open_profile and chosen.get("wants_open_profile") in (True, "on")
    return [
        _first(chosen, taken, policy, is_open=is_open),
        *_when_full(chosen),
        _("First messages wait in %(tray)s.") % {"tray": Reach.Tray(chosen["first_contacts_land"]).label},
        *passing_by,
        *_mail(chosen),
        receipts,
    ]


def _passing_by(policy: SitePolicy, *, is_premium: bool) -> list[str]:
    if not (policy.premium_reaches_premium and is_premium):
        return []
    return [_("Premium members reach you in the Inbox, whatever purposes and numbers you choose here.")]


def _first(chosen: Mapping[str, Any], taken: tuple[str, ...], policy: SitePolicy, *, is_open: bool) -> str:
    values = {"people": _people(chosen, is_open=is_open), "topics": topics(taken)}
    takes_all = set(taken) == set(policy.purposes)
    if is_open:
        if takes_all:
            return _("%(people)s may write to you first about anything, free of charge.") % values
        return _("%(people)s may write to you first about %(topics)s, free of charge.") % values
    if takes_all:
        return _("%(people)s may write to you first about anything, for a credit.") % values
    return _("%(people)s may write to you first about %(topics)s, for a credit.") % values


def _people(chosen: Mapping[str, Any], *, is_open: bool) -> str:
    """Who, and up to how many of them; an Open Profile is open to premium members and others alike."""
    day, week = chosen["cap_day"], chosen["cap_week"]
    is_premium = chosen["who"] == Reach.Who.PREMIUM and not is_open
    if day and week:
        if is_premium:
            return _("Up to %(day)s new premium members a day and %(week)s a week") % {"day": day, "week": week}
        return _("Up to %(day)s new people a day and %(week)s a week") % {"day": day, "week": week}
    if week:
        return _a_week(week, is_premium=is_premium)
    if day:
        return _a_day(day, is_premium=is_premium)
    return _("Premium members") if is_premium else _("Any member")


def _a_week(most: int, *, is_premium: bool) -> str:
    if is_premium:
        words = ngettext("Up to %(n)s new premium member a week", "Up to %(n)s new premium members a week", most)
    else:
        words = ngettext("Up to %(n)s new person a week", "Up to %(n)s new people a week", most)
    return words % {"n": most}


def _a_day(most: int, *, is_premium: bool) -> str:
    if is_premium:
        words = ngettext("Up to %(n)s new premium member a day", "Up to %(n)s new premium members a day", most)
    else:
        words = ngettext("Up to %(n)s new person a day", "Up to %(n)s new people a day", most)
    return words % {"n": most}


def _when_full(chosen: Mapping[str, Any]) -> list[str]:
    """Full by one's own cap or by the site's, which counts for everybody."""
    if chosen["hides_caps"]:
        return [_("When that is full, it looks as if you took nobody new.")]
    if chosen["cap_day"] or chosen["cap_week"]:
        return [_("When that is full, others are told from when you take new people again.")]
    return []


def _mail(chosen: Mapping[str, Any]) -> list[str]:
    is_of_requests = chosen["first_contacts_land"] == Reach.Tray.REQUESTS
    return [MAIL_WORDS[Reach.RequestsMail(chosen["requests_mail"])]()] if is_of_requests else []


def _receipts(*, shares: bool) -> str:
    if shares:
        return _("That you opened a message is counted, never with your name.")
    return _("That you opened a message is not counted.")
