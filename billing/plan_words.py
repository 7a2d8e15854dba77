"""A preview of a change of plan in words: what happens to the credits, what may be lost, what is paid."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.postern import deadline_words, money

from .models import Lot, PlanVersion, Subscription
from .plan_money import monthly_price
from .plan_preview import Bill, Change, Line
from .words import day, is_without_end, life


class Row(NamedTuple):
    """A line of a list or table: what, and the figure beside it."""

    words: str
    figure: str


class Warned(NamedTuple):
    """A loss: the sentence that matters, and the arithmetic behind it."""

    lead: str
    arithmetic: str


class Compared(NamedTuple):
    """One term of two plans."""

    label: str
    before: str
    after: str


# --- Before and after ---------------------------------------------------------------------------


def compared(before: PlanVersion, interval: str, change: Change) -> list[Compared]:
    """What differs, and what matters also if it does not."""
    after = change.version
    assert after is not None
    pairs = [
        (_("Price"), price(before, interval), price(after, change.interval)),
        (_("Monthly credits"), _credits(before), _credits(after)),
        (_("Bonus credits a year"), _bonus(before, interval), _bonus(after, change.interval)),
        (_("Most you can hold"), _cap(before), _cap(after)),
        (_("InMail a day"), str(before.inmail_daily_cap), str(after.inmail_daily_cap)),
        (_("Open Profile"), _yes(before.allows_open_profile), _yes(after.allows_open_profile)),
    ]
    unless_equal = {_("Bonus credits a year"), _("Open Profile")}
    if after.renewal == PlanVersion.Renewal.RESET:
        unless_equal.add(_("Most you can hold"))
    return [Compared(*pair) for pair in pairs if pair[0] not in unless_equal or pair[1] != pair[2]]


def compared_for_team(held: Subscription, change: Change) -> list[Compared]:
    """The same for a team, whose figures are those of one licence."""
    licences = Compared(_("Licences"), str(held.seats), str(change.seats))
    named = {
        _("Price"): _("Price of a licence"),
        _("Monthly credits"): _("Monthly credits a seat"),
        _("Most you can hold"): _("Most the pool holds, a seat"),
        _("InMail a day"): _("InMail a day and seat"),
    }
    rows = compared(held.plan_version, held.interval, change)
    return [licences, *(row._replace(label=named.get(row.label, row.label)) for row in rows)]


def price(version: PlanVersion, interval: str) -> str:
    """ "$44.99 a month, billed yearly"."""
    values = {"price": money(monthly_price(version, interval), version.currency)}
    if interval == "year":
        return _("%(price)s a month, billed yearly") % values
    return _("%(price)s a month") % values


def _credits(version: PlanVersion) -> str:
    if not version.allotment:
        return "0"
    return _("%(n)s, kept %(life)s") % {"n": version.allotment, "life": life(version)}


def _bonus(version: PlanVersion, interval: str) -> str:
    return str(version.annual_bonus_credits if interval == "year" else 0)


def _cap(version: PlanVersion) -> str:
    return _("no limit") if version.cap is None else str(version.cap)


def _yes(allowed: bool) -> str:
    return _("yes") if allowed else _("no")


# --- Credits ------------------------------------------------------------------------------------


def credit_rows(change: Change) -> Iterator[Row]:
    """What each lot does, then what is new, then what may come back."""
    for line in change.kept:
        yield Row(_stays(line), str(line.amount))
    for line in change.ended:
        yield Row(_("%(n)s %(credits)s end on %(day)s, before it") % _of(line), str(line.amount))
    for line in change.lost:
        words = _("%(n)s %(credits)s of %(since)s are lost on %(day)s")
        if change.is_at_once:
            words = _("%(n)s %(credits)s of %(since)s are lost now")
        yield Row(words % _of(line), str(line.amount))
    if change.also_lost:
        words = _("%(n)s that arrive until then are lost with them")
        yield Row(words % {"n": change.also_lost}, str(change.also_lost))
    for line in change.gained:
        words = _("%(n)s %(credits)s arrive on %(day)s")
        if change.is_at_once:
            words = _("%(n)s %(credits)s arrive at once")
        until = _("and stay %(until)s") % {"until": _until(line)}
        begins = _of(line) | {"day": day(change.takes_effect_at)}
        yield Row(f"{words % begins} {until}", str(line.amount))
    if change.may_come_back:
        words = _("%(n)s may still come back")
        yield Row(words % {"n": change.may_come_back}, str(change.may_come_back))


def _stays(line: Line) -> str:
    return _("%(n)s %(credits)s stay %(until)s") % (_of(line) | {"until": _until(line)})


def _until(line: Line) -> str:
    return _("without limit") if is_without_end(line.at) else _("until %(day)s") % {"day": day(line.at)}


def _of(line: Line) -> dict[str, str | int]:
    lot = line.lot
    return {"n": line.amount, "credits": kind_of_credits(lot), "since": day(lot.effective_at), "day": day(line.at)}


def kind_of_credits(lot: Lot) -> str:
    """One word in a sentence: "monthly", "bought"."""
    words = {
        Lot.Source.PLAN: _("monthly"),
        Lot.Source.BONUS: _("bonus"),
        Lot.Source.PURCHASE: _("bought"),
        Lot.Source.RETURN: _("returned"),
    }
    return words.get(Lot.Source(lot.source), _("given"))


# --- Losses -------------------------------------------------------------------------------------


def warnings(change: Change) -> Iterator[Warned]:
    """Every possible loss (interface 5.4)."""
    if change.kind == "downgrade":
        if change.could_lose:
            yield _trimmed(change)
        return
    plan_credits = sum(line.amount for line in change.lost if line.lot.priority == Lot.Priority.PLAN)
    if plan_credits:
        yield Warned(_forfeited(change, plan_credits), _parts(change))
    if others := change.lost_total - plan_credits:
        lead = ngettext("%(n)s bought credit is lost too.", "%(n)s bought credits are lost too.", others)
        yield Warned(lead % {"n": others}, _("By the rules of this site they end with the plan."))


def _trimmed(change: Change) -> Warned:
    lead = _("You could lose up to %(n)s on %(day)s.")
    values = {
        "n": change.could_lose,
        "day": day(change.takes_effect_at),
        "held": change.plan_then,
        "back": change.may_return,
        "new": change.new,
        "sum": change.plan_then + change.may_return + change.new,
        "plan": change.version and change.version.plan,
        "cap": change.cap,
    }
    if change.is_at_once:
        lead = _("You could lose up to %(n)s now.")
    sum_of = _("%(held)s monthly and %(new)s new make %(sum)s; %(plan)s holds %(cap)s.")
    if change.may_return:
        sum_of = _(
            "%(held)s monthly, %(back)s that may come back and %(new)s new make %(sum)s; %(plan)s holds %(cap)s."
        )
    return Warned(lead % values, " ".join([sum_of % values, _("Other credits do not count.")]))


def _forfeited(change: Change, credits: int) -> str:
    values = {"n": credits, "instant": deadline_words(change.takes_effect_at)}
    if change.is_at_once:
        return ngettext("%(n)s plan credit is lost now.", "%(n)s plan credits are lost now.", credits) % values
    words = ngettext(
        "%(n)s plan credit is lost on %(instant)s, unless you use it before.",
        "%(n)s plan credits are lost on %(instant)s, unless you use them before.",
        credits,
    )
    return words % values


def _parts(change: Change) -> str:
    """ "5 of 15 Mar 2026 and 5 of 15 Apr 2026. 10 other credits stay." """
    lost = [line for line in change.lost if line.lot.priority == Lot.Priority.PLAN]
    parts = [_("%(n)s of %(day)s") % {"n": line.amount, "day": day(line.lot.effective_at)} for line in lost]
    said = [_("%(parts)s.") % {"parts": " + ".join(parts)}] if len(parts) > 1 else []
    if change.kept_total:
        words = ngettext("%(n)s other credit stays.", "%(n)s other credits stay.", change.kept_total)
        said.append(words % {"n": change.kept_total})
    return " ".join(said)


# --- Money --------------------------------------------------------------------------------------


def bill_rows(change: Change) -> Iterator[Row]:
    """Today, next, then."""
    bill, version = change.bill, change.version
    assert bill is not None and version is not None
    term = _("a year") if change.interval == "year" else _("a month")
    every = {"price": money(bill.price, bill.currency), "term": term}
    if change.kind == "upgrade":
        yield from _due_now(bill, term)
    else:
        yield Row(_("Today"), money(0, bill.currency))
        yield Row(day(bill.price_at), money(bill.price, bill.currency))
    if bill.credit_after:
        yield Row(_("Owed to you, for plans and credits"), money(bill.credit_after, bill.currency))
    since = _("Then, from %(day)s") % {"day": day(bill.next_price_at)} if bill.next_price_at else _("Then")
    yield Row(since, _("%(price)s %(term)s, cancel at any time") % every)


def _due_now(bill: Bill, term: str) -> Iterator[Row]:
    yield Row(_("New plan, %(term)s") % {"term": term}, money(bill.price, bill.currency))
    if bill.unused:
        words = ngettext("%(n)s unused day of your plan", "%(n)s unused days of your plan", bill.days_left)
        yield Row(words % {"n": bill.days_left}, money(-bill.unused, bill.currency))
    if bill.credit_used:
        yield Row(_("Of what is owed to you"), money(-bill.credit_used, bill.currency))
    yield Row(_("Today"), money(bill.due, bill.currency))
