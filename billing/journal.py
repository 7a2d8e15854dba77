"""A member's journal as people read it: newest first, each line saying when, what, why, change and balance.

A page and the CSV are the same lines. Any number of lines needs the same number of queries.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import Member

from .ledger import NOT_DELIVERED, RECIPIENT_GONE
from .line_names import NAMES, name_of
from .models import Charge, Entry, Lot, Shortfall
from .months import Month
from .references import Meaning, describe
from .words import day

PAGE = 50
CSV_CHUNK = 1_000
Kind = Entry.Kind


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One sentence with its values; `who` is a name and kept apart from the direction of the text around it."""

    sentence: str
    values: Mapping[str, Any]
    url: str = ""

    def __str__(self) -> str:
        return self.sentence.format(**self.values)

    @property
    def html(self) -> SafeString:
        who = self.values.get("who")
        marked = {"who": format_html('<bdi dir="auto">{}</bdi>', who)} if who else {}
        return format_html(self.sentence, **{**self.values, **marked})


@dataclass(frozen=True, kw_only=True)
class Line:
    at: datetime
    what: str
    why: Reason
    delta: int
    balance: int


@dataclass(frozen=True, kw_only=True)
class Page:
    """`older` and `newer` are the places to go on from; empty = nothing there."""

    lines: list[Line]
    older: int | None = None
    newer: int | None = None


def entries_of(member: Member, *, kind: str = "", month: Month | None = None) -> QuerySet[Entry]:
    """The member's own journal, newest first: all of it, or the lines of one name, or of one month."""
    own = Entry.objects.filter(wallet__member=member).order_by("-seq")
    own = own.filter(NAMES[kind].which) if kind else own
    return own if month is None else in_month(own, month)


def in_month(entries: QuerySet[Entry], month: Month) -> QuerySet[Entry]:
    return entries.filter(occurred_at__gte=month.starts_at, occurred_at__lt=month.ends_at)


def page(entries: QuerySet[Entry], *, before: int | None = None, after: int | None = None, at: datetime) -> Page:
    """Fifty lines: the newest, those older than `before`, or the next newer than `after` (numbers of entries)."""
    if after is not None:
        found = list(with_facts(entries.filter(seq__gt=after).reverse())[: PAGE + 1])
        shown = found[:PAGE][::-1]
        return Page(lines=read(shown, at=at), newer=_edge(shown, 0, len(found) > PAGE), older=_edge(shown, -1, True))
    older = entries if before is None else entries.filter(seq__lt=before)
    found = list(with_facts(older)[: PAGE + 1])
    shown = found[:PAGE]
    newer = _edge(shown, 0, before is not None)
    return Page(lines=read(shown, at=at), newer=newer, older=_edge(shown, -1, len(found) > PAGE))


def _edge(shown: list[Entry], place: int, is_there: bool) -> int | None:
    return shown[place].seq if shown and is_there else None


def in_chunks(entries: QuerySet[Entry], *, at: datetime) -> Iterator[list[Line]]:
    """All lines, a thousand at a time, so that memory does not grow with the journal."""
    before: int | None = None
    while True:
        rest = entries if before is None else entries.filter(seq__lt=before)
        chunk = list(with_facts(rest)[:CSV_CHUNK])
        if not chunk:
            return
        yield read(chunk, at=at)
        before = chunk[-1].seq


def with_facts(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """With what `read` asks of each entry."""
    return entries.select_related("charge", "lot__subscription__plan_version__plan", "lot__order_line__order")


def this_month(member: Member, *, at: datetime) -> tuple[int, int]:
    """Credits that came back, and credits spent and not undone, since the 1st of the month in the active zone."""
    first = timezone.localtime(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    since = Entry.objects.filter(wallet__member=member, occurred_at__gte=first)
    sums = dict(since.order_by().values_list("kind").annotate(Sum("delta")))
    return sums.get(Kind.REFUND, 0), -sums.get(Kind.CHARGE, 0) - sums.get(Kind.REVERSE, 0)


# --- Why ----------------------------------------------------------------------------------------


def read(entries: Iterable[Entry], *, at: datetime) -> list[Line]:
    """These entries as lines, in two queries more, and one if credits were taken."""
    entries = list(entries)
    charges = [entry.charge for entry in entries if entry.charge is not None]
    meanings = describe(sorted({charge.reference for charge in charges}))
    returned = Entry.objects.filter(kind__in=[Kind.REFUND, Kind.REVERSE], charge__in={charge.pk for charge in charges})
    settled = set(returned.values_list("charge_id", flat=True)) if charges else set()
    why = partial(_why, meanings=meanings, settled=settled, debts=_debts(entries), at=at)
    return [
        Line(
            at=entry.occurred_at,
            what=_what(entry),
            why=why(entry),
            delta=entry.delta,
            balance=entry.balance_after,
        )
        for entry in entries
    ]


def _what(entry: Entry) -> str:
    reasons = {NOT_DELIVERED: _("Not delivered"), RECIPIENT_GONE: _("Account closed")}
    return reasons.get(entry.reason) or str(NAMES[name_of(entry)].label)


def _debts(entries: Iterable[Entry]) -> dict[int, Shortfall]:
    """By entry: what was owed for other credits, and these paid."""
    taken = [entry for entry in entries if entry.kind == Kind.CLAWBACK and entry.charge is None]
    if not taken:
        return {}
    causes = {_cause(entry) for entry in taken}
    facts = Shortfall.objects.filter(cause__in=causes).select_related("lot__order_line__order")
    owed = {shortfall.cause: shortfall for shortfall in facts}
    paid = {entry.pk: owed[_cause(entry)] for entry in taken if _cause(entry) in owed}
    own = {entry.pk: (entry.lot_id, entry.lot.root_id) for entry in taken}
    return {pk: shortfall for pk, shortfall in paid.items() if shortfall.lot_id not in own[pk]}


def _cause(entry: Entry) -> str:
    return entry.key.split(":")[1]


def _why_of_debt(debt: Shortfall) -> Reason:
    if debt.lot.order_line is None:
        return Reason(sentence=_("Paid the debt of a gift that was taken back"), values={})
    order = debt.lot.order_line.order
    url = reverse("billing:order", args=[order.public_id])
    return Reason(sentence=_("Paid the debt of order {order}"), values={"order": order.public_id}, url=url)


def _why(
    entry: Entry,
    *,
    meanings: Mapping[str, Meaning],
    settled: set[int],
    debts: Mapping[int, Shortfall],
    at: datetime,
) -> Reason:
    if entry.pk in debts:
        return _why_of_debt(debts[entry.pk])
    if entry.charge is None or entry.kind == Kind.CLAWBACK:
        return _why_of_lot(entry)
    meaning = meanings.get(entry.charge.reference, Meaning(_("someone"), ""))
    sentence = _sentence_of_charge(entry, is_settled=entry.charge.pk in settled, at=at)
    until = entry.charge.refundable_until
    return Reason(sentence=sentence, values={"who": meaning.text, "day": day(until) if until else ""}, url=meaning.url)


def _sentence_of_charge(entry: Entry, *, is_settled: bool, at: datetime) -> str:
    if entry.kind == Kind.REFUND:
        return _("{who} answered")
    if entry.kind == Kind.REVERSE:
        reasons = {
            NOT_DELIVERED: _("To {who}, could not be delivered"),
            RECIPIENT_GONE: _("To {who}, who closed the account"),
        }
        return reasons.get(entry.reason) or _("To {who}, taken back before delivery")
    return _("To {who}") if is_settled else _sentence_of_open_charge(entry.charge, at=at)


def _sentence_of_open_charge(charge: Charge | None, *, at: datetime) -> str:
    if charge is None or not charge.returnable or charge.answered_at is not None:
        return _("To {who}")
    if charge.refundable_until is None:
        return _("To {who}, may come back")
    if charge.refundable_until <= at:
        return _("To {who}, no answer by {day}")
    return _("To {who}, may come back until {day}")


def _why_of_lot(entry: Entry) -> Reason:
    lot = entry.lot
    values: dict[str, Any] = {
        "from": day(lot.effective_at),
        "until": day(lot.expires_at),
        "reason": entry.reason,
        "n": lot.granted,
    }
    if lot.subscription is not None:
        terms = lot.subscription.plan_version
        values |= {"plan": terms.plan.name, "cap": terms.cap}
    return Reason(sentence=_sentence_of_lot(entry), values=values, url=_page_of(entry))


def _page_of(entry: Entry) -> str:
    """The order that was paid, or the plan."""
    if entry.lot.order_line is not None:
        return reverse("billing:order", args=[entry.lot.order_line.order.public_id])
    is_plans = entry.lot.subscription is not None and entry.kind in {Kind.GRANT, Kind.TRIM, Kind.FORFEIT}
    return reverse("billing:plan") if is_plans else ""


def _sentence_of_lot(entry: Entry) -> str:
    came_back_late = entry.lot.source == Lot.Source.RETURN and entry.lot.effective_at == entry.occurred_at
    sentences = {
        Kind.GRANT: _("{plan}, {from}"),
        Kind.EXPIRE: _("Not used by {until}"),
        Kind.TRIM: _("{plan} holds {cap}") if _trims_own_plan(entry) else _("Over what the plan holds"),
        Kind.FORFEIT: _("Came back after {plan} had ended") if came_back_late else _("{plan} ended"),
        Kind.ADJUST: "{reason}",
        Kind.CLAWBACK: _sentence_of_clawback(entry),
    }
    without_plan = {
        Kind.GRANT: _("Pack of {n}") if entry.lot.order_line else "{reason}",
        Kind.FORFEIT: _("The plan ended"),
    }
    if entry.kind == Kind.FORFEIT and entry.key.startswith("forfeit:closing-"):
        return _("The account was closed")
    if entry.lot.subscription is None and entry.kind in without_plan:
        return without_plan[Kind(entry.kind)]
    return sentences[Kind(entry.kind)]


def _trims_own_plan(entry: Entry) -> bool:
    """Not so for what an earlier plan gave and the present one has no room for."""
    return entry.key.startswith(f"trim:{entry.lot.subscription_id}:")


def _sentence_of_clawback(entry: Entry) -> str:
    """By the cause in its key; a line that names a charge pays with what came back of it."""
    if entry.kind == Kind.CLAWBACK and entry.charge is not None:
        return _("For credits taken back after they were used")
    cause = _cause(entry).partition("-")[0] if entry.kind == Kind.CLAWBACK else ""
    causes = {
        "repayment": _("The payment was paid back"),
        "dispute": _("The payment was disputed, and lost"),
        "referral": _("The payment that brought the gift was paid back"),
    }
    return causes.get(cause, _("Taken back"))
