"""A crowd for the matrix of the decision: every relation to every kind of recipient, for every kind of sender.

The relations are written as rows, many at once: what counts is what the decision reads from the database.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product

from allauth.account.models import EmailAddress
from django.db.models import Model

from accounts.models import Block, Connection, Member, Reach, RefusedPurpose, Restriction, Rule, StopRequest
from accounts.pairs import low_and_high
from billing import adjusting, ledger
from billing.models import Wallet
from messaging.models import Conversation, Message, Outreach, Participation, Reception, SendingDay
from tests.teams import give_credits, give_seat, make_team

DAY = timedelta(days=1)
RELATIONS = (
    "stranger",
    "connected",
    "i blocked them",
    "they blocked me",
    "they left",
    "they asked me to stop",
    "they wrote to me",
    "they wrote to me, then blocked me",
    "they answered me",
    "they said no",
    "unanswered since yesterday",
    "unanswered for eight days",
    "unanswered twice",
)
# Before these it does not matter what the recipient takes: nobody new is the strictest of it.
DECIDE_ALONE = {"i blocked them", "they asked me to stop", "they wrote to me", "they wrote to me, then blocked me"}
# How many days ago outreach was written, and answered.
WRITTEN = {
    "they answered me": [(9, 8)],
    "they said no": [(9, 8)],
    "unanswered since yesterday": [(1, None)],
    "unanswered for eight days": [(8, None)],
    "unanswered twice": [(20, None), (8, None)],
}
KINDS = ("takes everything", "no sales", "premium only", "nobody", "open profile", "full", "full and hides it")
SENDERS = (
    "business",
    "free",
    "free with credits",
    "spent",
    "on hold",
    "seat used up",
    "wrote fifteen today",
    "began two hundred today",
    "repeats one text",
    "restricted",
    "suspended",
    "unconfirmed",
)
TEXT = "We are looking for somebody who knows how to build a loom and would like to talk about it next week in Oslo."


@dataclass
class Crowd:
    senders: dict[str, Member] = field(default_factory=dict)
    recipients: dict[tuple[str, str], Member] = field(default_factory=dict)


def make_crowd(make_member: Callable[..., Member], *, at: datetime) -> Crowd:
    crowd = Crowd()
    for kind in SENDERS:
        crowd.senders[kind] = _sender(kind, make_member, at=at)
    for relation, kind in product(RELATIONS, KINDS):
        if relation in DECIDE_ALONE and kind not in ("takes everything", "nobody"):
            continue
        crowd.recipients[relation, kind] = _recipient(kind, make_member, at=at)
    ends = product(crowd.senders.values(), crowd.recipients.items())
    _save(_Pair(sender, one, at=at).relate(relation) for sender, ((relation, _kind), one) in ends)
    gone = [member.pk for (relation, _), member in crowd.recipients.items() if relation == "they left"]
    Member.objects.filter(pk__in=gone).update(is_active=False)
    crowd.recipients = {place: Member.objects.get(pk=member.pk) for place, member in crowd.recipients.items()}
    return crowd


# --- Senders --------------------------------------------------------------------------------------------


def _sender(kind: str, make_member: Callable[..., Member], *, at: datetime) -> Member:
    has_plan = kind not in ("free", "free with credits", "seat used up")
    plan = "premium-career" if kind == "spent" else "premium-business"
    member = make_member(f"Sam {kind.title()}", plan=plan if has_plan else None)
    if kind == "free with credits":
        _gift(member, 3, at=at)
    if kind == "spent":
        _spend_all(member, at=at)
    if kind == "on hold":
        Wallet.objects.filter(member=member).update(frozen_at=at - DAY)
    if kind == "seat used up":
        _seat_without_allowance(member, make_member, at=at)
    if kind == "unconfirmed":
        EmailAddress.objects.create(user=member, email=member.email, verified=False, primary=True)
    counts = {"wrote fifteen today": {"outreach": 15}, "began two hundred today": {"starts": 200}}
    if kind in counts:
        SendingDay.objects.create(member=member, day=at.date(), **counts[kind])
    if kind == "repeats one text":
        readers = [make_member(f"Reader {number}") for number in range(10)]
        _save(_Pair(member, reader, at=at).write(1, body=TEXT) for reader in readers)
    if kind in ("restricted", "suspended"):
        _limit(member, kind, make_member("Mo Derator"), at=at)
    return member


def _gift(member: Member, amount: int, *, at: datetime) -> None:
    wallet = ledger.lock_wallet(member, at=at)
    until = at + 90 * DAY
    ledger.grant(
        wallet=wallet, amount=amount, source="promo", priority=20, expires_at=until, key=f"gift:{member.pk}", at=at
    )


def _spend_all(member: Member, *, at: datetime) -> None:
    wallet = ledger.lock_wallet(member, at=at)
    ledger.settle(wallet, at=at)
    adjusting.propose(wallet=wallet, amount=-wallet.balance, life_days=None, reason="a test", actor=member, at=at)


def _seat_without_allowance(member: Member, make_member: Callable[..., Member], *, at: datetime) -> None:
    team = make_team(make_member("Lena Fuchs"), licences=2, at=at - DAY)
    seat = give_seat(team, member, at=at - DAY)
    seat.allowance = 0
    seat.save(update_fields=["allowance"])
    give_credits(team, 9, at=at)


def _limit(member: Member, kind: str, moderator: Member, *, at: datetime) -> None:
    Restriction.objects.create(
        member=member,
        step="week" if kind == "restricted" else "suspended",
        rule=Rule.values[0],
        facts="The same text forty times.",
        found_by="staff",
        reference=f"limit-{kind}",
        starts_at=at - DAY,
        ends_at=at + DAY,
        decided_by=moderator,
    )


# --- Recipients -----------------------------------------------------------------------------------------


def _recipient(kind: str, make_member: Callable[..., Member], *, at: datetime) -> Member:
    is_open = kind == "open profile"
    who = {"premium only": "premium", "nobody": "nobody"}.get(kind, "everyone")
    member = make_member("Rita Holm", plan="premium-career" if is_open else None, who=who, wants_open_profile=is_open)
    if kind == "no sales":
        RefusedPurpose.objects.create(member=member, purpose="sales")
    if kind.startswith("full"):
        Reception.objects.create(member=member, span="day", starts_on=at.date(), new_senders=10)
        Reach.objects.filter(member=member).update(hides_caps=kind == "full and hides it")
    return member


class _Pair:
    """What stands between a sender and a recipient, as rows that are written later, all pairs at once."""

    def __init__(self, sender: Member, recipient: Member, *, at: datetime) -> None:
        self.sender, self.recipient, self.at = sender, recipient, at
        self.rows: list[Model] = []
        self.conversation: Conversation | None = None

    def relate(self, relation: str) -> "_Pair":
        one, two, before = self.sender, self.recipient, self.at - DAY
        if relation == "connected":
            self.rows.append(Connection(**low_and_high(one.pk, two.pk), connected_at=before))
        if relation == "i blocked them":
            self.rows.append(Block(blocker=one, blocked=two, blocked_at=before))
        if relation.endswith("blocked me"):
            self.rows.append(Block(blocker=two, blocked=one, blocked_at=before))
        if relation == "they asked me to stop":
            self.rows.append(StopRequest(recipient=two, sender=one, asked_at=before))
        for days, answered_at in WRITTEN.get(relation, ()):
            self.write(days, answered_at=self.at - answered_at * DAY if answered_at else None)
        if relation.startswith(("they wrote", "they answered", "they said")):
            instant = "closed_at" if relation == "they said no" else "opened_at"
            side = {"member": two, "other": one, instant: self.at - 8 * DAY}
            self.rows.append(Participation(conversation=self._talk(), **side))
        return self

    def write(self, days: float, *, body: str = "Shall we talk?", answered_at: datetime | None = None) -> "_Pair":
        """Outreach of so many days ago."""
        is_first, at = self.conversation is None, self.at - days * DAY
        key = f"key-{self.sender.pk}-{self.recipient.pk}-{days}"
        ends = {"conversation": self._talk(), "sender": self.sender, "recipient": self.recipient, "send_key": key}
        message = Message(**ends, kind="open_profile", body=body, sent_at=at, deliver_at=at)
        facts = {"code": "open_profile", "purpose": "advice", "is_first": is_first, "answered_at": answered_at}
        self.rows += [message, Outreach(message=message, **facts)]
        return self

    def _talk(self) -> Conversation:
        if self.conversation is None:
            pair = low_and_high(self.sender.pk, self.recipient.pk)
            self.conversation = Conversation(**pair, started_at=self.at - 30 * DAY)
            self.rows.append(self.conversation)
        return self.conversation


def _save(pairs: Iterable[_Pair]) -> None:
    """Rows that others refer to come first: by then they have their ids."""
    rows = [row for pair in pairs for row in pair.rows]
    for model in (Connection, Block, StopRequest, Conversation, Participation, Message, Outreach):
        mine = [row for row in rows if type(row) is model]
        for row in mine:
            for name in {"conversation", "message"} & {column.name for column in model._meta.fields}:
                setattr(row, name, getattr(row, name))
        model.objects.bulk_create(mine)
