"""Everything `decide` needs, read by the same queries for one recipient or fifty, for a friend or a blocker."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from accounts import restrictions, stops
from accounts.degrees import first_between
from accounts.models import Block, Connection, Member, Reach, Seat
from accounts.reach import refused_purposes_of
from accounts.site_policy import SitePolicy
from billing.entitlements import Entitlements, entitlements_of
from messaging import reception
from messaging.models import Message, Outreach, Participation
from messaging.names import first_name
from messaging.sender_facts import of_sender
from messaging.similarity import count_repeats
from messaging.verdict import Facts

CLOSING = Q(answer=Message.Answer.STOP) | Q(answer=Message.Answer.NO_THANKS, body="")


def load(
    sender: Member,
    recipients: Iterable[Member],
    *,
    purpose: str = "",
    reason: str = "",
    text: str = "",
    passed_review: bool = False,
    wants_inmail: bool = False,
    at: datetime,
    policy: SitePolicy,
    is_sending: bool = False,
    seat: Seat | None = None,
) -> dict[int, Facts]:
    """The facts for writing to each of `recipients` at `at`, by recipient id; `seat` is the one that would pay.

    `text` is what would be sent, if it is written yet: then the sender's other texts are read too. Nothing is written.
    What only one cause of a refusal needs is read for all, so that neither the queries nor their number tell which
    cause it was (domain 6.2).
    """
    recipients = list(recipients)
    ids = [recipient.pk for recipient in recipients]
    allowed = entitlements_of({sender.pk, *ids}, at=at)
    written: dict[str, Any] = {"purpose": purpose, "reason": reason, "passed_review": passed_review}
    written |= {"wants_inmail": wants_inmail, "is_sending": is_sending}
    shared: dict[str, Any] = written | of_sender(sender, allowed[sender.pk], seat, at=at, policy=policy)
    pairs = _Pairs.read(sender, ids, at=at, policy=policy)
    reaches = Reach.objects.select_related("member").in_bulk(ids)
    counts = reception.counts_of(ids, at=at)
    # In a conversation that runs nothing is held: there no texts are compared.
    new = [one for one in recipients if text and not pairs.runs(one.pk, as_inmail=wants_inmail)]
    alike = {one.pk: count_repeats(sender, one, text, at=at, policy=policy) for one in new}
    return {
        pk: Facts(
            **shared,
            **of_recipient(reaches[pk], allowed[pk]),
            **reception.facts_of(reaches[pk], counts, at=at),
            **pairs.of(reaches[pk]),
            repeats=alike.get(pk, 0),
        )
        for pk in ids
    }


def of_recipient(reach: Reach, allowed: Entitlements) -> dict[str, Any]:
    """What the table asks about a recipient, whoever writes."""
    return {
        "recipient_id": reach.member_id,
        "recipient_name": first_name(reach.member.name),
        "recipient_handle": reach.member.handle,
        "reach": reach.who,
        "has_open_profile": reach.wants_open_profile and allowed.allows_open_profile,
        "recipient_is_premium": allowed.is_premium,
    }


@dataclass(frozen=True)
class _Pairs:
    """What stands between the sender and each recipient."""

    blocked: frozenset[int]
    blocked_by: frozenset[int]
    held: frozenset[int]
    waiting: frozenset[int]
    connected: frozenset[int]
    stopped_at: dict[int, datetime]
    sides: dict[int, Participation]
    outreach: dict[int, dict[str, Any]]
    started: frozenset[int]
    refused: dict[int, set[str]]
    between: dict[int, tuple[str, str]]

    @classmethod
    def read(cls, sender: Member, ids: list[int], *, at: datetime, policy: SitePolicy) -> "_Pairs":
        blocked, blocked_by = _blocks(sender.pk, ids)
        sides = Participation.objects.filter(other=sender, member_id__in=ids)
        return cls(
            blocked=blocked,
            blocked_by=blocked_by,
            held=restrictions.suspended_among(ids, at=at),
            waiting=_waiting_for(sender.pk, ids, at=at),
            connected=_connected(sender.pk, ids),
            stopped_at=_stopped_at(sender, ids, at=at),
            sides={side.member_id: side for side in sides},
            outreach=_outreach(sender.pk, ids, at=at),
            started=_started_by(sender.pk, ids) if policy.charge_unit == "message" else frozenset(),
            refused=refused_purposes_of(ids),
            between=first_between(sender, ids),
        )

    def of(self, reach: Reach) -> dict[str, Any]:
        pk = reach.member_id
        side, written = self.sides.get(pk), self.outreach.get(pk, {})
        name, handle = self.between.get(pk, ("", ""))
        return {
            "you_blocked": pk in self.blocked,
            "is_unavailable": pk in self.blocked_by or not reach.member.is_active or self._is_held(pk),
            "is_connected": pk in self.connected,
            "stopped_at": self.stopped_at.get(pk),
            "opened_at": side.opened_at if side else None,
            "closed_at": side.closed_at if side else None,
            "is_start": side is None or not (side.last_message_id or side.coming_message_id),
            "is_starter": pk in self.started,
            "is_first_contact": not written,
            "unanswered": written.get("unanswered", 0),
            "last_outreach_at": written.get("last_unanswered_at"),
            "refused_purposes": frozenset(self.refused.get(pk, ())),
            "introducer_name": first_name(name),
            "introducer_handle": handle,
        }

    def runs(self, pk: int, *, as_inmail: bool) -> bool:
        """A conversation under way, or of connections: what is written there is no outreach, and repeats nothing."""
        side = self.sides.get(pk)
        return (pk in self.connected and not as_inmail) or (side is not None and side.opened_at is not None)

    def _is_held(self, pk: int) -> bool:
        """Whom staff hold takes nothing, except the answers to what they had sent (domain E39)."""
        return pk in self.held and pk not in self.waiting


def _blocks(sender_id: int, ids: Collection[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Those whom the sender blocked, and those who blocked the sender."""
    either_way = Q(blocker=sender_id, blocked__in=ids) | Q(blocked=sender_id, blocker__in=ids)
    rows = list(Block.objects.filter(either_way).values_list("blocker_id", "blocked_id"))
    made = frozenset(blocked for blocker, blocked in rows if blocker == sender_id)
    suffered = frozenset(blocker for blocker, blocked in rows if blocked == sender_id)
    return made, suffered


def _connected(sender_id: int, ids: Collection[int]) -> frozenset[int]:
    either_end = Q(low=sender_id, high__in=ids) | Q(high=sender_id, low__in=ids)
    rows = Connection.objects.filter(either_end).values_list("low_id", "high_id")
    return frozenset(low + high - sender_id for low, high in rows)


def _outreach(sender_id: int, ids: Collection[int], *, at: datetime) -> dict[int, dict[str, Any]]:
    """Earlier outreach by recipient. An answer that is not delivered yet is not known to the sender yet."""
    open_still = Q(answered_at=None) | Q(answered_at__gt=at)
    rows = (
        Outreach.objects.filter(message__sender=sender_id, message__recipient__in=ids, message__undone_at=None)
        .values("message__recipient")
        .annotate(
            unanswered=Count("message", filter=open_still),
            last_unanswered_at=Max("message__sent_at", filter=open_still),
        )
    )
    return {row["message__recipient"]: dict(row) for row in rows}


def _waiting_for(sender_id: int, ids: Collection[int], *, at: datetime) -> frozenset[int]:
    """Those whose outreach to the sender has no answer yet."""
    written = Outreach.objects.filter(message__sender__in=ids, message__recipient=sender_id, answered_at=None)
    delivered = written.filter(message__undone_at=None, message__deliver_at__lte=at)
    return frozenset(delivered.values_list("message__sender_id", flat=True))


def _stopped_at(sender: Member, ids: Collection[int], *, at: datetime) -> dict[int, datetime]:
    asked = stops.standing_stops(sender=sender, recipient_ids=ids)
    with_team = {request.recipient_id for request in asked if request.team_id is not None}
    return stops.binding(asked, wrote_at=_wrote_at(sender.pk, with_team, at=at) if with_team else {})


def _wrote_at(sender_id: int, ids: Collection[int], *, at: datetime) -> dict[int, datetime]:
    """When each of them last wrote to the sender, of those whose last words neither stop nor close."""
    rows = (
        Message.objects.filter(sender__in=ids, recipient=sender_id, undone_at=None, deliver_at__lte=at)
        .exclude(kind=Message.Kind.AWAY)
        .values("sender")
        .annotate(opened_at=Max("deliver_at", filter=~CLOSING), closed_at=Max("deliver_at", filter=CLOSING))
        .values_list("sender", "opened_at", "closed_at")
    )
    return {pk: opened for pk, opened, closed in rows if opened and (closed is None or closed < opened)}


def _started_by(sender_id: int, ids: list[int]) -> frozenset[int]:
    """Those between whom and the sender the first outreach was the sender's."""
    either_way = Q(message__sender=sender_id, message__recipient__in=ids)
    either_way |= Q(message__sender__in=ids, message__recipient=sender_id)
    firsts = Outreach.objects.filter(either_way, is_first=True, message__undone_at=None)
    newest_first = firsts.order_by("-message__sent_at", "-message").values_list("message__sender", "message__recipient")
    starter_with = {to if by == sender_id else by: by for by, to in newest_first}
    return frozenset(other for other, by in starter_with.items() if by == sender_id)
